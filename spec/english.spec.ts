// The comments of lib/ read like those of MDN or of the Node documentation, as far as a program can tell.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

import { ROOT } from './support/docs.ts';

interface Paragraph {
  readonly place: string;
  readonly text: string;
}

/** The paragraphs, list items and tags of all comments of a file, without examples, drawings, tables and code. */
function paragraphsOf(file: string, text: string): Paragraph[] {
  return commentsOf(text).flatMap(({ line, lines }) => {
    const prose = lines.join('\n').split(/^@example$/m)[0]!;
    return prose
      .split(/\n{2,}|\n(?=- |@)/)
      .filter((part) => !/^(?: {4}|\||```|-{5,}|\/ )/.test(part))
      .map((part) => ({
        place: `${file}:${line}`,
        text: part
          .replace(/\s+/g, ' ')
          .replace(/^(?:- |@\w+ (?:\{\w+\} )?)/, '')
          .replace(/\{@link [^}|]*\| ([^}]*)\}/g, '$1')
          .replace(/`[^`]*`/g, 'code')
          .trim(),
      }))
      .filter((part) => part.text !== '');
  });
}

/** Comments, of which `//` on adjacent lines are one. */
function commentsOf(text: string): { line: number; lines: string[] }[] {
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2022, true);
  const found = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ];
    for (const range of ranges) found.set(range.pos, range);
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  const isTrailing = (pos: number): boolean => text.slice(text.lastIndexOf('\n', pos) + 1, pos).trim() !== '';
  const comments: { line: number; end: number; lines: string[] }[] = [];
  for (const { pos, end } of [...found.values()].sort((a, b) => a.pos - b.pos)) {
    const comment = text.slice(pos, end);
    const line = file.getLineAndCharacterOfPosition(pos).line + 1;
    const last = comments.at(-1);
    if (!comment.startsWith('//')) {
      const inner = comment.slice(2, -2).replace(/^\*/, '');
      comments.push({ line, end: 0, lines: inner.split('\n').map((part) => part.replace(/^\s*\* ?/, '')) });
    } else if (last?.end === line - 1) {
      last.lines.push(comment.replace(/^\/\/ ?/, ''));
      last.end = line;
    } else comments.push({ line, end: isTrailing(pos) ? 0 : line, lines: [comment.replace(/^\/\/ ?/, '')] });
  }
  return comments;
}

const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((name) => ({ file: `lib/${name}`, text: readFileSync(join(ROOT, 'lib', name), 'utf8') }));

const paragraphs = files.flatMap(({ file, text }) => paragraphsOf(file, text));

const places = (wrong: (text: string) => boolean): string[] =>
  paragraphs.filter(({ text }) => wrong(text)).map(({ place, text }) => `${place}: ${text}`);

describe('the comments of lib/', () => {
  test('are found', () => {
    expect(paragraphs.length).toBeGreaterThan(1000);
  });

  test.each([
    ['begin with a noun or a verb', /^(?:What|Where|Whoever|Of|Those|Apart|Else|Answers)\b/],
    ['name the actor', /\b(?:nobody|somebody|anybody|everybody|whoever)\b/i],
    ['name a number', /\bso many\b/i],
    ['point at no group by a pronoun', /\bthose (?:that|which|who)\b/i],
    ['use the verbs of the field', /\b(?:makes of|comes? of it|gives? out|is to be|are to be)\b/i],
    ['say except', /\bbut for\b/i],
    ['say ignored', /\bnothing to (?:anybody|anyone)\b|\baffair\b/i],
  ])('%s', (_rule, phrase) => {
    expect(places((text) => phrase.test(text))).toEqual([]);
  });

  test('have each link on one line: an editor shows the star of the next line in it', () => {
    const broken = files.flatMap(({ file, text }) =>
      text.split('\n').flatMap((line, index) => (/\{@link(?![^}]*\})/.test(line) ? [`${file}:${index + 1}`] : [])),
    );
    expect(broken).toEqual([]);
  });

  test('have sentences of at most 40 words', () => {
    const long = (text: string): boolean =>
      text.split(/(?<=[.!?:;]) /).some((sentence) => sentence.split(' ').length > 40);
    expect(places(long)).toEqual([]);
  });
});

test('finds each kind of comment', () => {
  const text = `
    /** One. */
    const a = 1; // two
    // three
    // and four
    /*
     * Five {@link x | six}.
     *
     * @throws {TypeError} seven
     * @example
     * What is this?
     */
    const b = () => { /* eight */ };`;
  expect(paragraphsOf('f', text).map((paragraph) => paragraph.text)).toEqual([
    'One.',
    'two',
    'three and four',
    'Five six.',
    'seven',
    'eight',
  ]);
});
