import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AsyncStream } from '../../../lib/index.ts';
import { seenOf } from '../../support/turns.ts';
import { Watched } from '../../support/watched.ts';

const encoder = new TextEncoder();

/** What comes of a text that arrives in these chunks. */
const piecesOf = (delimiter: string, ...chunks: string[]) => AsyncStream.from(chunks).split(delimiter).toArray();

describe('split', () => {
  test('gives what stands between the delimiters', async () => {
    expect(await piecesOf(';', 'a;bc;d')).toEqual(['a', 'bc', 'd']);
  });

  test('puts pieces together that come in several chunks', async () => {
    expect(await piecesOf(';', 'a', 'b', 'c;d', ';e')).toEqual(['abc', 'd', 'e']);
  });

  test('finds delimiters that come in several chunks', async () => {
    expect(await piecesOf('---', 'a-', '-', '-b--', '-c--d-')).toEqual(['a', 'b', 'c--d-']);
  });

  test('takes no character for a part of two delimiters', async () => {
    expect(await piecesOf('aa', 'a', 'aa', 'a', 'a')).toEqual(['', '', 'a']);
  });

  test('gives the text before the first and after the last delimiter also if it is empty', async () => {
    expect(await piecesOf(';', ';a;;b;')).toEqual(['', 'a', '', 'b', '']);
  });

  test('gives a text without a delimiter as it is', async () => {
    expect(await piecesOf(';', 'a', 'b')).toEqual(['ab']);
  });

  test('gives nothing of an empty stream, nor of empty chunks', async () => {
    expect(await piecesOf(';')).toEqual([]);
    expect(await piecesOf(';', '', '')).toEqual([]);
  });

  test('takes the delimiter for text, and not for a pattern', async () => {
    expect(await piecesOf('.*', 'a.*b..*')).toEqual(['a', 'b.', '']);
  });

  test('leaves the ends of lines where they are', async () => {
    expect(await piecesOf(';', 'a\r', '\nb\rc;d\r\n')).toEqual(['a\r\nb\rc', 'd\r\n']);
    expect(await piecesOf('\n', 'a\r', '\nb')).toEqual(['a\r', 'b']);
  });

  test('gives a piece as soon as its delimiter has come', async () => {
    const source = new Watched('a-', '-b-', 'c');
    const { log } = source;
    await AsyncStream.from(source)
      .split('--')
      .forEach((piece) => void log.push(piece));
    expect(log).toEqual(['open', 'next', 'next', 'a', 'next', 'next', 'b-c']);
  });

  test('gives the pieces that String.prototype.split gives, wherever the text is cut', async () => {
    const chunk = fc.string({ unit: fc.constantFrom('a', 'b', '🚀'), maxLength: 5 });
    const delimiter = fc.string({ unit: fc.constantFrom('a', 'b', '🚀'), minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 8 }), delimiter, async (chunks, delimiter) => {
        const text = chunks.join('');
        const expected = text === '' ? [] : text.split(delimiter);
        expect(await piecesOf(delimiter, ...chunks)).toEqual(expected);
        expect(await seenOf(AsyncStream.from(chunks).split(delimiter))).toEqual({ seen: expected });
      }),
      { numRuns: 500 },
    );
  });

  test('reads bytes as UTF-8, cut anywhere, without a byte order mark', async () => {
    const chunks = Array.from(encoder.encode('\uFEFFé→数→🚀'), (byte) => Uint8Array.of(byte));
    expect(await (AsyncStream.from(chunks) as AsyncStream<any>).split('→').toArray()).toEqual(['é', '数', '🚀']);
  });

  test('goes on where it was when a later stage has to be waited for', async () => {
    const waited = AsyncStream.of('a;b', ';c;', 'd')
      .split(';')
      .map(async (piece) => {
        await Promise.resolve();
        return piece;
      });
    expect(await waited.toArray()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('gives no more pieces of a chunk than are wanted, and closes the source', async () => {
    const source = new Watched('a;b;c;d', 'e');
    const { log } = source;
    const stream = AsyncStream.from(source)
      .split(';')
      .tap((piece) => void log.push(piece));
    expect(await stream.take(2).toArray()).toEqual(['a', 'b']);
    expect(log).toEqual(['open', 'next', 'a', 'b', 'return']);
  });

  test('gives no unfinished piece where nobody reads on', async () => {
    expect(await AsyncStream.of('a;b').split(';').take(1).toArray()).toEqual(['a']);
  });

  test('begins anew in each run', async () => {
    const stream = AsyncStream.of('a--b-').split('--');
    expect([await stream.toArray(), await stream.toArray()]).toEqual([
      ['a', 'b-'],
      ['a', 'b-'],
    ]);
  });

  test('refuses a chunk that is neither a string nor bytes, and closes the source', async () => {
    const source = new Watched<any>('a;b', 5);
    const error = new TypeError('split: each chunk must be a string or bytes, got 5');
    expect(await seenOf(AsyncStream.from(source).split(';'))).toEqual({ seen: ['a'], error });
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
