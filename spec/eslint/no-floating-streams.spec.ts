// The rule as users run it: by each version of ESLint that it supports, over files whose types the compiler knows.
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Linter as Linter10 } from 'eslint';
import { Linter as Linter9 } from 'eslint-9';
import ts from 'typescript';
import { parser } from 'typescript-eslint';

import { asyncstream } from '../../lib/eslint/index.ts';
import { ROOT } from '../support/docs.ts';

/** Declares what the statements use. Each statement stands on a line of its own, so that a message tells which it is. */
const PRELUDE = [
  "import { AsyncStream } from 'asyncstream';",
  'declare const stream: AsyncStream<number>;',
  'declare const maybe: AsyncStream<number> | undefined;',
  'declare const flag: boolean;',
  'declare const promised: Promise<AsyncStream<number>>;',
  'declare const save: (x: number) => Promise<void>;',
  'let kept: AsyncStream<number>;',
];

const FLOATING = [
  'stream.map(save);',
  'stream;',
  'AsyncStream.of(1, 2).filter((x) => x > 1);',
  'flag && stream.map(save);',
  'flag || stream.map(save);',
  'flag ? stream.map(save) : save(1);',
  'save(1), stream.map(save);',
  'maybe?.map(save);',
  'async () => { await stream.map(save); };',
  'async () => { await promised; };',
  'function generic<S extends AsyncStream<number>>(given: S) { given; }',
  'for (const x of [1]) AsyncStream.of(x).forEach(save), AsyncStream.of(x).map(save);',
];

const FINE = [
  'stream.map(save).drain();',
  'async () => { await stream.forEach(save); };',
  'async () => { for await (const x of stream) await save(x); };',
  'kept = stream.map(save);',
  'const mapped = stream.map(save);',
  'void stream.map(save);',
  '() => stream.map(save);',
  'console.log(stream);',
  'flag && save(1);',
  'stream[Symbol.asyncIterator]();',
  'class AsyncStreams {} new AsyncStreams();',
  '{ class AsyncStream { readonly #of = 1; } new AsyncStream(); }',
  '[1, 2].map(save);',
  'any: { const any: any = 1; any.map(save); }',
];

const FILE = join(ROOT, 'spec/eslint/example.ts');
const CODE = [...PRELUDE, ...FLOATING, ...FINE].join('\n');

interface Message {
  readonly line: number;
  readonly messageId?: string;
  readonly message: string;
  readonly suggestions?: readonly {
    readonly fix: { readonly range: readonly [number, number]; readonly text: string };
  }[];
}
type AnyLinter = new (options: { cwd: string }) => {
  verify(code: string, config: never, file: string): readonly Message[];
};

/** A program of the file, which exists in memory only. */
function programOf(code: string): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === FILE || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === FILE ? ts.createSourceFile(name, code, version, true) : getSourceFile(name, version, ...rest);
  return ts.createProgram([FILE], options, host);
}
const program = programOf(CODE);

describe.each([
  ['9', Linter9 as unknown as AnyLinter],
  ['10', Linter10 as unknown as AnyLinter],
])('no-floating-streams, by ESLint %s', (_version, Linter) => {
  const lint = (parserOptions: object): readonly Message[] =>
    new Linter({ cwd: ROOT }).verify(
      CODE,
      [{ ...asyncstream.configs.recommended, files: ['**/*.ts'], languageOptions: { parser, parserOptions } }] as never,
      FILE,
    );
  const messages = lint({ programs: [program] });
  const of = (statement: string): readonly Message[] =>
    messages.filter(({ line }) => CODE.split('\n')[line - 1] === statement);

  test.each(FLOATING)('reports %s', (statement) => {
    expect(of(statement).map(({ messageId, message }) => messageId ?? message)).toEqual(['floating']);
  });

  test.each(FINE)('does not report %s', (statement) => {
    expect(of(statement)).toEqual([]);
  });

  test('reports nothing else', () => {
    expect(messages).toHaveLength(FLOATING.length);
  });

  test('says what to do, and offers to drain the stream', () => {
    const [{ message, suggestions }] = of('stream.map(save);') as [Message];
    expect(message).toBe(
      'This stream is never run, so it does nothing. Await a terminal such as `forEach()`, `toArray()` or `drain()`, ' +
        'loop over it with `for await`, or mark it with `void`.',
    );
    const { range, text } = suggestions![0]!.fix;
    const fixed = CODE.slice(0, range[0]) + text + CODE.slice(range[1]);
    expect(fixed).toBe(CODE.replace('\nstream.map(save);', '\nawait stream.map(save).drain();'));
  });

  test('says that it needs types', () => {
    expect(() => lint({})).toThrow(
      'asyncstream/no-floating-streams needs type information: use the parser of typescript-eslint',
    );
  });
});
