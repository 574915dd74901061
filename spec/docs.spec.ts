// The documentation does what it says: each block of the README and each `@example` in lib/ runs as a test.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import * as library from '../lib/index.ts';
import * as kit from '../lib/testing/index.ts';
import {
  type Example,
  examplesInMarkdown,
  examplesInSource,
  methodsOf,
  ROOT,
  runExample,
  typeErrors,
} from './support/docs.ts';
import { drawingsInSource, expectDrawn } from './support/drawing.ts';
import { sources, stages, terminals } from './support/table.ts';

const { AsyncStream, collectors, limiter, retrying, StreamConsumedError } = library;
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const at = ({ file, line, name }: Example): string => `${file}:${line} ${name}`;

const README = read('README.md');
const inReadme = ['README.md', 'docs/rules.md', 'docs/testing.md'].flatMap((file) =>
  examplesInMarkdown(file, read(file)),
);
const inLib = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `lib/${file}`)
  .flatMap((file) => examplesInSource(file, read(file)));

describe('the examples of the README and the guides', () => {
  test.each(inReadme.map((example) => [at(example), example] as const))('%s', async (_name, example) => {
    await expect(runExample(example)).resolves.toBeUndefined();
  });

  test('type-check', () => {
    expect(typeErrors(inReadme)).toEqual([]);
  }, 60_000);
});

describe('the examples in lib/', () => {
  const scope = { AsyncStream, collectors, limiter, retrying, StreamConsumedError };
  const ofKit = (file: string) => file.startsWith('lib/testing/');

  test.each(inLib.map((example) => [at(example), example] as const))('%s', async (_name, example) => {
    await expect(runExample(example, ofKit(example.file) ? { ...kit } : scope)).resolves.toBeUndefined();
  });

  test('type-check', () => {
    // On the line of the first statement, so that the places in the messages are right.
    const imports = (file: string) =>
      ofKit(file)
        ? `import { ${Object.keys(kit).join()} } from 'asyncstream/testing'; `
        : `import { ${Object.keys(scope).join()} } from 'asyncstream'; `;
    const withScope = inLib.map((example) => ({ ...example, code: imports(example.file) + example.code }));
    // They are written as JavaScript, without types of their own.
    const loosely = { strict: false, exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: false };
    expect(typeErrors(withScope, loosely)).toEqual([]);
  }, 60_000);

  test.each(methodsOf('AsyncStream', read('lib/async-stream.ts')))('$name has one', ({ hasExample }) => {
    expect(hasExample).toBe(true);
  });
});

describe('the errors in the documentation', () => {
  const documented = new Map(
    methodsOf('AsyncStream', read('lib/async-stream.ts')).map((one) => [one.name, one.errors]),
  );
  const rows = [
    ...sources.map((row) => ({ ...row, name: `AsyncStream.${row.method}` })),
    ...[...stages, ...terminals].map((row) => ({ ...row, name: row.method })),
  ];
  const outOfRange = rows.filter(({ bad = [] }) => bad.some(([, error]) => error.startsWith('RangeError')));

  // An argument of a wrong kind is a TypeError everywhere, as the class says.
  test.each(Array.from(new Set(outOfRange.map(({ name }) => name))))('%s has a RangeError', (name) => {
    expect(documented.get(name) ?? documented.get(name.replace('AsyncStream.', ''))).toContain('RangeError');
  });
});

describe('the drawings in lib/', () => {
  const drawn = drawingsInSource(read('lib/async-stream.ts'));

  test.each(drawn.map((example) => [example.expression, example] as const))('%s', async (_expression, example) => {
    await expect(expectDrawn(example)).resolves.toBeUndefined();
  });
});

test('the README lists the public methods, and nothing else', () => {
  const namesOf = (object: object): string[] =>
    Object.entries(Object.getOwnPropertyDescriptors(object))
      .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
      .map(([name]) => name);
  const sections = README.split(/^## /m)
    .find((section) => section.startsWith('Methods\n'))!
    .split(/^### /m);
  const listed = (ofSources: boolean): string[] =>
    sections
      .filter((section) => section.startsWith('Sources') === ofSources)
      .flatMap((section) =>
        Array.from(section.matchAll(/^\|[^|]*\| (`.*)$/gm), ([, cell]) => cell!).flatMap((cell) =>
          Array.from(cell.matchAll(/`(?:AsyncStream\.)?(\w+)(?:<T>)?\(/g), ([, name]) => name!),
        ),
      );
  expect({ sources: listed(true).sort(), methods: listed(false).sort() }).toEqual({
    sources: namesOf(AsyncStream)
      .filter((name) => name !== 'traceOf')
      .sort(),
    methods: [...namesOf(AsyncStream.prototype), 'traceOf'].sort(),
  });
});

test.each(['README.md', 'CONTRIBUTING.md', 'docs/rules.md', 'docs/eslint.md'])(
  'the links of %s lead to files',
  (file) => {
    const targets = Array.from(read(file).matchAll(/\]\((?!https?:)([^)#]+)/g), ([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
  },
);

describe('the runner of the examples', () => {
  const run = (code: string): Promise<void> =>
    runExample({ file: 'file.md', name: 'heading', line: 10, code }, { AsyncStream });

  test('takes what is right', async () => {
    await run(`
      import { StreamConsumedError } from 'asyncstream';
      const numbers: number[] = [1, 2];
      numbers.map((x) => x * 2); // => [2, 4]
      AsyncStream.from(numbers).toArray(); // => [1, 2]
      console.log(numbers.length); // => 2
      numbers
        .map((x) => ({ x, y: undefined }))
        .at(0);
      // => { x: 1, y: undefined }
      AsyncStream.range(0, 1, 0); // => throws RangeError
      new StreamConsumedError('message', numbers).name; // => 'StreamConsumedError'
      await Promise.reject(new TypeError('no: not this')); // => throws TypeError: no: not this
    `);
  });

  test.each([
    ['another value', '1 + 1; // => 3', /^file\.md:10: [^]*Expected: .*3[^]*Received: .*2/],
    ['a value of another kind', '\n[1]; // => { 0: 1 }', /^file\.md:11: /],
    ['a property too many', '({ x: 1, y: undefined }); // => { x: 1 }', /^file\.md:10: /],
    ['another value of a promise', 'AsyncStream.of(1).count(); // => 2', /^file\.md:10: /],
    ['another value than is printed', 'console.log(1); // => 2', /^file\.md:10: /],
    ['no error', '1; // => throws TypeError', /^file\.md:10: /],
    ['another error', 'null.x; // => throws RangeError', /^file\.md:10: /],
    ['another message', "Promise.reject(new Error('a')); // => throws Error: b", /^file\.md:10: /],
    ['an error that is not announced', "await Promise.reject(new Error('it failed'))", /^it failed$/],
    ['an expectation that belongs to nothing', 'const x = 1; // => 1', /follow no expression/],
    ['an expectation in a block', '{\n  1; // => 1\n}', /follow no expression/],
  ])('reports %s', async (_what, code, message) => {
    await expect(run(code)).rejects.toThrow(message);
  });

  test('finds the blocks of a README by their headings', () => {
    const text =
      '# A\n\n```ts\none();\n```\n\n```sh\n# no heading\n```\n\n```js\ntwo();\nthree();\n```\n## B\n```ts\nfour();\n```\n';
    expect(examplesInMarkdown('file.md', text)).toEqual([
      { file: 'file.md', name: 'A', line: 4, code: 'one();\n' },
      { file: 'file.md', name: 'A', line: 12, code: 'two();\nthree();\n' },
      { file: 'file.md', name: 'B', line: 17, code: 'four();\n' },
    ]);
  });

  test('finds the examples of a class by its members', () => {
    const text = `
/** @example */
export class C {
  /**
   * Text.
   *
   * @example
   * if (one) {
   *   two({ '@': 1 });
   * }
   * @throws {TypeError} never
   */
  static from(x: string): void;
  static from(x: unknown): void {}

  /** Nothing. */
  map() {}

  /**
   * @example
   * three();
   */
  [Symbol.asyncIterator]() {}

  private hidden() {}
  #hidden() {}
}`;
    expect(examplesInSource('file.ts', text)).toEqual([
      { file: 'file.ts', name: 'C.from', line: 8, code: "if (one) {\n  two({ '@': 1 });\n}" },
      { file: 'file.ts', name: '[Symbol.asyncIterator]', line: 21, code: 'three();' },
    ]);
    expect(methodsOf('C', text)).toEqual([
      { name: 'C.from', hasExample: true, errors: ['TypeError'] },
      { name: 'map', hasExample: false, errors: [] },
      { name: '[Symbol.asyncIterator]', hasExample: true, errors: [] },
    ]);
  });

  test('reports the places of type errors', () => {
    const code = "import { AsyncStream } from 'asyncstream';\nawait AsyncStream.of(1).lines();\n";
    expect(typeErrors([{ file: 'file.md', name: 'heading', line: 10, code }])).toEqual([
      expect.stringMatching(/^file\.md:11: The 'this' context of type 'AsyncStream<number>' is not assignable/),
    ]);
  }, 60_000);
});
