import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AsyncStream } from '../../../lib/index.ts';
import { soak } from '../../support/soak.ts';
import { outcomeOf, seenOf } from '../../support/turns.ts';
import { Watched } from '../../support/watched.ts';

const encoder = new TextEncoder();

/** What comes of a text that arrives in these chunks. */
const linesOf = (...chunks: string[]) => AsyncStream.from(chunks).lines().toArray();

/** Cuts anywhere, also between CR and LF and in the middle of a character. */
function cutAt<T extends { readonly length: number }>(
  whole: T,
  places: number[],
  slice: (start: number, end?: number) => T,
) {
  const starts = [0, ...places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b)];
  return starts.map((start, index) => slice(start, starts[index + 1]));
}

describe('lines', () => {
  test('ends lines at LF, at CRLF, and at CR', async () => {
    expect(await linesOf('a\nb\r\nc\rd')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('puts lines together that come in several chunks', async () => {
    expect(await linesOf('a', 'b', 'c\nd', '\ne')).toEqual(['abc', 'd', 'e']);
  });

  test('takes CR and LF for one end also in two chunks, with empty ones in between', async () => {
    expect(await linesOf('a\r', '\nb\r', '', '\n', '\nc')).toEqual(['a', 'b', '', 'c']);
  });

  test('takes LF and CR for two ends', async () => {
    expect(await linesOf('a\n\rb\n', '\rc')).toEqual(['a', '', 'b', '', 'c']);
  });

  test('gives empty lines', async () => {
    expect(await linesOf('\n\na\n\n')).toEqual(['', '', 'a', '']);
    expect(await linesOf('\r\r', '\r\n\r\n')).toEqual(['', '', '', '']);
  });

  test('gives the last line without an end, and nothing after the last end', async () => {
    expect(await linesOf('a\nb')).toEqual(['a', 'b']);
    expect(await linesOf('a\nb\n')).toEqual(['a', 'b']);
    expect(await linesOf('a\nb\r')).toEqual(['a', 'b']);
  });

  test('gives nothing of an empty stream, nor of empty chunks', async () => {
    expect(await linesOf()).toEqual([]);
    expect(await linesOf('', '')).toEqual([]);
  });

  test('ends lines at nothing else', async () => {
    const text = 'a\u2028b\u2029c\u0085d\ve\ff\0g';
    expect(await linesOf(text)).toEqual([text]);
  });

  test('gives a line that ends with CR before it asks for the next chunk', async () => {
    const source = new Watched('a\r', '\nb\r');
    const { log } = source;
    await AsyncStream.from(source)
      .lines()
      .forEach((line) => void log.push(line));
    expect(log).toEqual(['open', 'next', 'a', 'next', 'b', 'next']);
  });

  test('reads bytes as UTF-8, cut anywhere, without a byte order mark', async () => {
    const bytes = encoder.encode('\uFEFFnaïve\r\n数据流\n🚀');
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await AsyncStream.from(chunks).lines().toArray()).toEqual(['naïve', '数据流', '🚀']);
  });

  test('puts U+FFFD for a character that the end cuts off', async () => {
    expect(await AsyncStream.of(encoder.encode('a\n'), Uint8Array.of(0xf0, 0x9f)).lines().toArray()).toEqual([
      'a',
      '\uFFFD',
    ]);
  });

  test('reads ArrayBuffers and other views', async () => {
    const { buffer } = encoder.encode('a\nb\nc\n');
    const chunks = [buffer, new DataView(buffer, 2, 2)];
    expect(await AsyncStream.from(chunks).lines().toArray()).toEqual(['a', 'b', 'c', 'b']);
  });

  test('finds the same lines wherever strings and bytes are cut', async () => {
    const text = fc.string({ unit: fc.constantFrom('\n', '\r', '\r\n', 'a', 'é', '数', '🚀'), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 10 }), async (text, places) => {
        const bytes = encoder.encode(text);
        const expected = text.match(/[^\r\n]+(\r\n?|\n)?|\r\n?|\n/g)?.map((line) => line.replace(/[\r\n]+$/, '')) ?? [];
        const strings = cutAt(text, places, (start, end) => text.slice(start, end));
        const arrays = cutAt(bytes, places, (start, end) => bytes.slice(start, end));
        expect(await AsyncStream.from(strings).lines().toArray()).toEqual(expected);
        expect(await AsyncStream.from(arrays).lines().toArray()).toEqual(expected);
        expect(await seenOf(AsyncStream.from(arrays).lines())).toEqual({ seen: expected });
      }),
      { numRuns: 300 },
    );
  });

  test('goes on where it was when a later stage has to be waited for', async () => {
    const chunks = ['a\nb\r', '\nc\nd', 'd\n', 'e'];
    const waited = AsyncStream.from(chunks)
      .lines()
      .map(async (line) => {
        await Promise.resolve();
        return line;
      });
    expect(await waited.toArray()).toEqual(['a', 'b', 'c', 'dd', 'e']);
  });

  test('gives no more lines of a chunk than are wanted, and closes the source', async () => {
    const source = new Watched('a\nb\nc\nd', 'e');
    const { log } = source;
    const stream = AsyncStream.from(source)
      .lines()
      .tap((line) => void log.push(line));
    expect(await stream.take(2).toArray()).toEqual(['a', 'b']);
    expect(log).toEqual(['open', 'next', 'a', 'b', 'return']);
  });

  test('gives no unfinished line where nobody reads on', async () => {
    expect(await AsyncStream.of('a\nb').lines().take(1).toArray()).toEqual(['a']);
    expect(
      await AsyncStream.of(Uint8Array.of(0x61, 0x0a, 0xc3))
        .lines()
        .take(1)
        .toArray(),
    ).toEqual(['a']);
  });

  test('begins anew in each run', async () => {
    const stream = AsyncStream.of('\na\nb\r').lines();
    expect([await stream.toArray(), await stream.toArray()]).toEqual([
      ['', 'a', 'b'],
      ['', 'a', 'b'],
    ]);
  });

  describe('with maxLength', () => {
    const tooLong = new RangeError('lines: a line is longer than 3 characters');
    const upTo3 = (source: Iterable<string> | AsyncIterable<string>) =>
      AsyncStream.from(source).lines({ maxLength: 3 });

    test('gives lines up to that length', async () => {
      expect(await upTo3(['abc\nde', 'f\r', '\nghi']).toArray()).toEqual(['abc', 'def', 'ghi']);
    });

    test('refuses a longer line after it has given those before it, and closes the source', async () => {
      const source = new Watched('a\nb\nabcd\ne\n', 'f');
      expect(await seenOf(upTo3(source))).toEqual({ seen: ['a', 'b'], error: tooLong });
      expect(source.log).toEqual(['open', 'next', 'return']);
    });

    test('refuses a longer line as soon as that much of it has come', async () => {
      const source = new Watched('a\nb', 'cd', 'e', 'f\n');
      expect(await seenOf(upTo3(source))).toEqual({ seen: ['a'], error: tooLong });
      expect(source.log).toEqual(['open', 'next', 'next', 'next', 'return']);
    });

    test('refuses a longer line that ends in the chunk where it gets too long', async () => {
      expect(await seenOf(upTo3(['ab', 'cd\ne\n']))).toEqual({ seen: [], error: tooLong });
    });

    test('does not count the end of a line', async () => {
      expect(await upTo3(['abc\r\nabc', '\r', '\n']).toArray()).toEqual(['abc', 'abc']);
    });

    test('counts UTF-16 code units', async () => {
      const lines = (text: string) => AsyncStream.of(encoder.encode(text)).lines({ maxLength: 3 }).toArray();
      expect(await lines('ééé')).toEqual(['ééé']);
      expect(await outcomeOf(() => lines('🚀🚀'))).toEqual({ error: tooLong });
    });

    test('refuses what the end makes too long', async () => {
      const chunks = [encoder.encode('abc'), Uint8Array.of(0xc3)];
      expect(await outcomeOf(() => AsyncStream.from(chunks).lines({ maxLength: 3 }).toArray())).toEqual({
        error: tooLong,
      });
    });

    test('does not mind a longer line that nobody wants', async () => {
      expect(await upTo3(['a\nabcd']).take(1).toArray()).toEqual(['a']);
    });

    test('lets lines be as long as they are by default', async () => {
      const chunks = Array.from({ length: 1000 }, () => 'x'.repeat(1000));
      expect(await AsyncStream.from(chunks).lines({ maxLength: Infinity }).toArray()).toEqual(['x'.repeat(1_000_000)]);
    });
  });

  describe('over a file', () => {
    let folder: string;
    let file: string;
    const expected = Array.from({ length: soak(5000, 2000) }, (_, i) => `${i} ${'naïve 数据流 🚀 '.repeat(i % 5)}`);

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'asyncstream-lines-'));
      file = join(folder, 'lines.txt');
      await writeFile(file, expected.join('\r\n') + '\r\n');
    });

    afterAll(() => rm(folder, { recursive: true }));

    test.each([65536, 1000, 7])('gives its lines in chunks of %d bytes', async (highWaterMark) => {
      expect(await AsyncStream.from(createReadStream(file, { highWaterMark })).lines().toArray()).toEqual(expected);
    });

    test('closes it when enough lines have come', async () => {
      const stream = createReadStream(file);
      expect(await AsyncStream.from(stream).lines().first()).toBe(expected[0]);
      expect(stream.closed).toBe(true);
    });
  });

  test.each([
    [5, 'lines: each chunk must be a string or bytes, got 5'],
    [null, 'lines: each chunk must be a string or bytes, got null'],
    [{}, 'lines: each chunk must be a string or bytes, got [object Object]'],
  ])('refuses a chunk that is %p, and closes the source', async (chunk, message) => {
    const source = new Watched<any>('a\nb', chunk);
    expect(await seenOf(AsyncStream.from(source).lines())).toEqual({ seen: ['a'], error: new TypeError(message) });
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
