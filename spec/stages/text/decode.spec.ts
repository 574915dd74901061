import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AsyncStream } from '../../../lib/index.ts';
import { outcomeOf } from '../../support/turns.ts';
import { Watched } from '../../support/watched.ts';

const encoder = new TextEncoder();

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Each byte of the text as a chunk of its own. */
const byteByByte = (text: string) => Array.from(encoder.encode(text), (byte) => bytes(byte));

describe('decode', () => {
  test('gives the text of the chunks', async () => {
    const chunks = [encoder.encode('naïve'), encoder.encode(' Straße'), encoder.encode(' plain')];
    expect(await AsyncStream.from(chunks).decode().toArray()).toEqual(['naïve', ' Straße', ' plain']);
  });

  test('gives characters whole that are cut anywhere, with the chunk that ends them', async () => {
    expect(await AsyncStream.from(byteByByte('aé数🚀b')).decode().toArray()).toEqual(['a', 'é', '数', '🚀', 'b']);
  });

  test('gives no empty strings', async () => {
    const chunks = [bytes(), bytes(0x61), bytes(), bytes(0xc3), bytes(), bytes(0xa9), bytes()];
    expect(await AsyncStream.from(chunks).decode().toArray()).toEqual(['a', 'é']);
  });

  test('takes ArrayBuffers, shared ones, and views of any kind for the bytes that they show', async () => {
    const { buffer } = bytes(0x61, 0x62, 0x63, 0x64, 0x65, 0x66);
    const shared = new SharedArrayBuffer(1);
    new Uint8Array(shared)[0] = 0x21;
    const chunks: (ArrayBufferLike | ArrayBufferView)[] = [
      buffer,
      new DataView(buffer, 1, 2),
      new Uint16Array(buffer, 2, 2),
      new Uint8Array(buffer).subarray(5),
      Buffer.from('xyz').subarray(1),
      shared,
    ];
    expect(await (AsyncStream.from(chunks) as AsyncStream<any>).decode().toArray()).toEqual([
      'abcdef',
      'bc',
      'cdef',
      'f',
      'yz',
      '!',
    ]);
  });

  test('keeps nothing of a chunk that the source writes to again', async () => {
    const chunk = bytes(0);
    const source = async function* () {
      for (const byte of encoder.encode('é🚀')) {
        chunk[0] = byte;
        yield chunk;
      }
    };
    expect(await AsyncStream.from(source()).decode().toArray()).toEqual(['é', '🚀']);
  });

  test('leaves out a byte order mark at the start only', async () => {
    const text = '\uFEFFa\uFEFF';
    expect(await AsyncStream.from(byteByByte(text)).decode().toArray()).toEqual(['a', '\uFEFF']);
    expect(await AsyncStream.of(encoder.encode('a'), encoder.encode('\uFEFFb')).decode().join('')).toBe('a\uFEFFb');
  });

  test('leaves the byte order mark in the text when asked to', async () => {
    const options = { ignoreBOM: true };
    expect(await AsyncStream.from(byteByByte('\uFEFFa')).decode('utf-8', options).toArray()).toEqual(['\uFEFF', 'a']);
  });

  test('puts U+FFFD for what is not valid', async () => {
    const chunks = [bytes(0x61, 0xff), bytes(0xc3), bytes(0x62)];
    expect(await AsyncStream.from(chunks).decode().toArray()).toEqual(['a\uFFFD', '\uFFFDb']);
  });

  test('puts U+FFFD for a character that the end cuts off', async () => {
    expect(
      await AsyncStream.of(bytes(0x61, 0xf0, 0x9f))
        .decode()
        .toArray(),
    ).toEqual(['a', '\uFFFD']);
  });

  test('refuses what is not valid under `fatal`, and closes the source', async () => {
    const source = new Watched(bytes(0x61), bytes(0x62, 0xff), bytes(0x63));
    const seen: string[] = [];
    const run = AsyncStream.from(source)
      .decode('utf-8', { fatal: true })
      .forEach((text) => void seen.push(text));
    await expect(run).rejects.toMatchObject({ name: 'TypeError', code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
    expect(seen).toEqual(['a']);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('refuses a character that the end cuts off under `fatal`', async () => {
    const run = AsyncStream.of(bytes(0x61, 0xc3)).decode('utf-8', { fatal: true }).toArray();
    await expect(run).rejects.toMatchObject({ name: 'TypeError' });
  });

  test('does not mind a character cut off where nobody reads on', async () => {
    const source = new Watched(bytes(0x61), bytes(0x62, 0xc3));
    expect(await AsyncStream.from(source).decode('utf-8', { fatal: true }).take(2).toArray()).toEqual(['a', 'b']);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test.each([
    ['latin1', [[0x61], [0xe9, 0x61]], 'aéa'],
    ['utf-16le', [[0x61], [0x00, 0x3d], [0xd8, 0x80], [0xde]], 'a🚀'],
    ['shift_jis', [[0x93], [0xfa, 0x96], [0x7b]], '日本'],
    ['UTF8', [[0xc3], [0xa9]], 'é'],
  ])('reads %s, cut anywhere', async (encoding, chunks, text) => {
    expect(
      await AsyncStream.from(chunks.map((chunk) => bytes(...chunk)))
        .decode(encoding)
        .join(''),
    ).toBe(text);
  });

  test('begins anew in each run', async () => {
    const cut = AsyncStream.of(encoder.encode('\uFEFFa'), bytes(0xc3)).decode();
    expect([await cut.toArray(), await cut.toArray()]).toEqual([
      ['a', '\uFFFD'],
      ['a', '\uFFFD'],
    ]);
  });

  test('says the same as a TextDecoder, whatever the bytes and wherever they are cut', async () => {
    const encoded = (text: string) => [...encoder.encode(text)];
    // Bytes that begin, continue and end characters, or are at the limits of what is valid.
    const telling = fc.constantFrom(
      ...[0x0a, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5],
    );
    const part = fc.oneof(
      fc.string({ maxLength: 4 }).map(encoded),
      fc.string({ unit: 'binary', maxLength: 3 }).map(encoded),
      fc.array(fc.oneof(telling, fc.nat(255)), { maxLength: 4 }),
      fc.constant(encoded('\uFEFF')),
    );
    const chunk = fc.array(part, { maxLength: 3 }).map((parts) => bytes(...parts.flat()));
    const options = fc.record({ fatal: fc.boolean(), ignoreBOM: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), options, async (chunks, options) => {
        const decoder = new TextDecoder('utf-8', options);
        const expected = await outcomeOf(
          () => chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode(),
        );
        expect(await outcomeOf(() => AsyncStream.from(chunks).decode('utf-8', options).join(''))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['abc', "decode: each chunk must be bytes, got 'abc'"],
    [5, 'decode: each chunk must be bytes, got 5'],
    [undefined, 'decode: each chunk must be bytes, got undefined'],
    [null, 'decode: each chunk must be bytes, got null'],
    [[97], 'decode: each chunk must be bytes, got [object Array]'],
  ])('refuses a chunk that is %p, and closes the source', async (chunk, message) => {
    const source = new Watched<any>(bytes(0x61), chunk);
    await expect(AsyncStream.from(source).decode().toArray()).rejects.toEqual(new TypeError(message));
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
