// The guides do what they say: each code block and each drawing of docs/ runs as a test, and each method that a table
// names exists.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';

import * as library from '../lib/index.ts';
import { timeline } from '../lib/testing/index.ts';
import { type Example, examplesInMarkdown, ROOT, runExample, typeErrors } from './support/docs.ts';
import { compiled } from './support/drawing.ts';

const { AsyncStream } = library;
const { tablesIn, codesIn, callsIn, nameIn } = (await import(
  pathToFileURL(join(ROOT, 'docs/build/tables.mjs')).href
)) as Tables;

interface Tables {
  tablesIn(text: string): { heading: string; header: string[]; rows: string[][] }[];
  codesIn(cell: string): string[];
  callsIn(code: string): string[];
  nameIn(code: string): string | undefined;
}

/** Checked by specs of their own. */
const NOT_GUIDES = ['testing.md', 'rules.md', 'eslint.md', 'asyncstream.api.md'];

const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !file.startsWith('site/') && !NOT_GUIDES.includes(file))
  .sort()
  .map((file) => ({ file: `docs/${file}`, text: readFileSync(join(ROOT, 'docs', file), 'utf8') }));

describe('the code on the pages', () => {
  const examples = pages.flatMap(({ file, text }) => examplesInMarkdown(file, text));
  const at = ({ file, line, name }: Example): string => `${file}:${line} ${name}`;

  test.each(examples.map((example) => [at(example), example] as const))('%s', async (_name, example) => {
    await expect(runExample(example)).resolves.toBeUndefined();
  });

  test('type-checks', () => {
    expect(typeErrors(examples)).toEqual([]);
  }, 60_000);
});

describe('the drawings', () => {
  const rows = pages
    .flatMap(({ text }) => Array.from(text.matchAll(/^```drawing\n(.*?)^```$/gms), ([, block]) => block!))
    .flatMap((block) => {
      const lines = Array.from(
        block.matchAll(/^(\S.*?) +(\S+)$/gm),
        ([, label, drawing]) => [label!, drawing!] as const,
      );
      const sources = Object.fromEntries(lines.filter(([label]) => /^\w+$/.test(label)));
      return lines
        .filter(([label]) => label.endsWith(')'))
        .map(([expression, drawn]) => [expression, { sources, drawn }] as const);
    });

  test.each(rows)('%s', async (expression, { sources, drawn }) => {
    const make = compiled(expression, Object.keys(sources));
    const build = (inputs: Record<string, AsyncIterable<string>>) =>
      make(Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, AsyncStream.from(input)])));
    // A diagram shows an error as a cross, whichever it is. Without an end, the consumer leaves.
    const ends = /[|^]\]?$/.test(drawn);
    const actual = await timeline(sources, build, ends ? undefined : drawn);
    expect(actual.replace(/\^\(.+\)$/, '^')).toBe(drawn);
  });
});

describe('the names in the tables', () => {
  const methods = [AsyncStream, AsyncStream.prototype, library, library.collectors].flatMap((object) =>
    Object.getOwnPropertyNames(object),
  );
  /** The last column of these tables is about ours, or the second one. */
  const tables = pages
    .filter(({ file }) => /migration|names|choose/.test(file))
    .flatMap(({ file, text }) => tablesIn(text).map((table) => ({ file, ...table })));

  test.each(tables.map((table) => [`${table.file} ${table.heading}`, table] as const))(
    '%s',
    (_name, { file, rows }) => {
      const ours = rows.flatMap((row) => row[file.includes('choose') ? 2 : 1]!);
      const called = ours.flatMap((cell) => codesIn(cell).flatMap(callsIn));
      expect(called.filter((name) => !methods.includes(name))).toEqual([]);
      expect(called.length).toBeGreaterThan(0);
    },
  );

  test('every public method has its place in the decisions', () => {
    const [decisions] = tablesIn(pages.find(({ file }) => file === 'docs/choose.md')!.text);
    const listed = decisions!.rows.flatMap((row) => codesIn(row[2]!).flatMap(callsIn));
    const own = [AsyncStream, AsyncStream.prototype].flatMap((object) =>
      Object.entries(Object.getOwnPropertyDescriptors(object))
        .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
        .map(([name]) => name),
    );
    expect(own.filter((name) => !listed.includes(name))).toEqual([]);
  });
});

describe('the reader of the tables', () => {
  test('takes cells apart', () => {
    expect(tablesIn('# A\n\n| x | `a \\| b` |\n| --- | :-: |\n| 1 | 2 |\n\n```\n| no | table |\n```\n')).toEqual([
      { heading: 'A', header: ['x', '`a | b`'], rows: [['1', '2']] },
    ]);
  });

  test.each([
    ['map', ['map']],
    ['AsyncStream.of(1).map((x) => x.trim()).take(2)', ['of', 'map', 'take']],
    ['.chunks(9, { within: 5 })', ['chunks']],
    ['{ concurrency: 4 }', []],
    ['yield', ['yield']],
    ['collectors.sum()', ['sum']],
  ])('finds the calls of %s', (code, calls) => {
    expect(callsIn(code)).toEqual(calls);
  });

  test.each([
    ['Stream.mapEffect(f, { concurrency: 4 })', 'mapEffect'],
    ['.pipe(mergeMap(fn))', 'pipe'],
    ['bufferTime(10)', 'bufferTime'],
    ['await it.aclose()', 'aclose'],
    ['[...array]', 'array'],
    ['+', undefined],
  ])('finds the name of %s', (code, name) => {
    expect(nameIn(code)).toBe(name);
  });
});
