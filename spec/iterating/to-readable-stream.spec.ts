import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf, until } from '../support/turns.ts';

const wanted = new Error('wanted');
const bytes = (text: string) => new TextEncoder().encode(text);

describe('toReadableStream', () => {
  test('gives the elements one by one, in the order of the reads', async () => {
    const reader = AsyncStream.range(0, 2).toReadableStream().getReader();
    expect(await Promise.all([reader.read(), reader.read(), reader.read()])).toEqual([
      { done: false, value: 0 },
      { done: false, value: 1 },
      DONE,
    ]);
  });

  test('is the body of a Response', async () => {
    for (const type of [undefined, 'bytes'] as const) {
      const body = AsyncStream.of('a', 'b').map(bytes).toReadableStream({ type });
      expect(await new Response(body).text()).toBe('ab');
    }
  });

  test('runs nothing before the first read, and then as much as is read', async () => {
    const probe = new Probe();
    const reader = probe.stream.toReadableStream().getReader();
    await idle();
    expect(probe.log).toEqual([]);
    for (const pulled of [1, 2]) {
      await reader.read();
      await idle();
      expect(probe.pulled).toBe(pulled);
    }
    await reader.cancel();
  });

  test('reads ahead up to its high-water mark', async () => {
    const probe = new Probe();
    const stream = probe.stream.toReadableStream({ highWaterMark: 3 });
    await idle();
    expect(probe.pulled).toBe(3);
    const reader = stream.getReader();
    await reader.read();
    await idle();
    expect(probe.pulled).toBe(4);
    await reader.cancel();
  });

  test('fails with the very error, after the elements before it', async () => {
    for (const error of [wanted, undefined, 0]) {
      const stream = new Probe({ failAt: 2, error }).stream.toReadableStream();
      expect(await seenOf(stream)).toStrictEqual({ seen: [1], error });
    }
  });

  test.each([
    [undefined, 8],
    [undefined, Infinity],
    ['bytes', 8],
    ['bytes', Infinity],
  ] as const)('fails after the elements that were read ahead: %s, at most %s', async (type, highWaterMark) => {
    const probe = new Probe({ failAt: 4, error: wanted, element: (n) => new Uint8Array([n]) });
    const stream = probe.stream.toReadableStream({ type, highWaterMark });
    await idle();
    expect(probe.pulled).toBe(4);
    const { seen, ...outcome } = await seenOf(stream);
    expect([seen.map(([byte]: any) => byte), outcome]).toEqual([[1, 2, 3], { error: wanted }]);
  });

  test('fails at once when a signal aborts, whatever was read ahead', async () => {
    const controller = new AbortController();
    const stream = new Probe({ stuckAt: 4 }).stream
      .withSignal(controller.signal)
      .toReadableStream({ highWaterMark: 8 });
    await idle();
    controller.abort(wanted);
    await idle();
    expect(await seenOf(stream)).toEqual({ seen: [], error: wanted });
  });

  describe('that is cancelled', () => {
    test('closes the source at once, and waits until it is closed', async () => {
      const probe = new Probe({ close: () => idle().then(idle) });
      const reader = probe.stream.toReadableStream().getReader();
      await reader.read();
      await reader.cancel(wanted);
      expect(probe.log.slice(-2)).toEqual(['close', 'closed']);
      expect(probe.faults()).toEqual([]);
    });

    test('ends a read that is pending while the source is stuck', async () => {
      const probe = new Probe({ stuckAt: 1 });
      const reader = probe.stream.toReadableStream().getReader();
      const read = reader.read();
      await until(() => probe.stuck);
      await reader.cancel(wanted);
      expect(await read).toEqual(DONE);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
      probe.late!.reject(new Error('late'));
    });

    test('aborts the signal of callbacks with its reason', async () => {
      for (const reason of [wanted, 'reason']) {
        let signal!: AbortSignal;
        const stream = AsyncStream.of(1, 2).map((x, _, context) => {
          signal = context.signal as AbortSignal;
          return x;
        });
        const reader = stream.toReadableStream().getReader();
        await reader.read();
        await reader.cancel(reason);
        expect(signal.reason).toBe(reason);
      }
    });

    test('rejects with the error of closing the source', async () => {
      const probe = new Probe({ close: () => Promise.reject(wanted) });
      const reader = probe.stream.toReadableStream().getReader();
      await reader.read();
      expect(await outcomeOf(() => reader.cancel())).toStrictEqual({ error: wanted });
    });

    test('before its first read closes a given iterator, and opens nothing', async () => {
      const probe = new Probe({ kind: 'given async iterator' });
      await probe.stream.toReadableStream().cancel();
      expect(probe.log).toEqual(['close', 'closed']);
    });
  });

  test('ends when the stream is disposed of', async () => {
    const probe = new Probe({ stuckAt: 2 });
    const { stream } = probe;
    const reader = stream.toReadableStream().getReader();
    await reader.read();
    const read = reader.read();
    await until(() => probe.stuck);
    await stream[Symbol.asyncDispose]();
    expect(await read).toEqual(DONE);
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('takes reads that come while one is pending', async () => {
    const probe = new Probe({ stuckAt: 1 });
    const reader = probe.stream.take(2).toReadableStream().getReader();
    const reads = [reader.read(), reader.read()];
    await until(() => probe.stuck);
    await idle();
    expect(probe.pulled).toBe(1);
    probe.late!.resolve('first');
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: 'first' },
      { done: false, value: 2 },
    ]);
    expect(await reader.read()).toEqual(DONE);
    expect(probe.faults()).toEqual([]);
  });

  test('that has ended or was cancelled changes nothing when the stream is disposed of', async () => {
    const probe = new Probe({ length: 1 });
    const signals: AbortSignal[] = [];
    const stream = probe.stream.tap((_, __, { signal }) => void signals.push(signal as AbortSignal));
    const [ended, cancelled] = [stream.toReadableStream().getReader(), stream.toReadableStream().getReader()];
    await Promise.all([ended.read(), cancelled.read()]);
    await ended.read();
    await cancelled.cancel();
    const { opened, closed } = probe;
    await stream[Symbol.asyncDispose]();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    expect([opened, closed, probe.opened, probe.closed, probe.faults()]).toEqual([2, 1, 2, 1, []]);
  });

  describe('of bytes', () => {
    test('fills the buffers of BYOB readers, and gives the last one back', async () => {
      const chunks = AsyncStream.of(bytes('abc'), new Uint8Array(), bytes('d').buffer, Buffer.from('ef'));
      const reader = chunks.toReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
      let text = '';
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(2));
        if (done) {
          expect(value).toEqual(new Uint8Array());
          break;
        }
        text += Buffer.from(value).toString();
      }
      expect(text).toBe('abcdef');
    });

    test('leaves the buffers of the elements to their owner', async () => {
      const shared = bytes('abcdef');
      const body = AsyncStream.of(shared.subarray(0, 3), shared.subarray(3)).toReadableStream({ type: 'bytes' });
      expect(await new Response(body).text()).toBe('abcdef');
      expect(shared).toEqual(bytes('abcdef'));
    });

    test('ends a BYOB read that is pending when it is cancelled, or the stream disposed of', async () => {
      const probe = new Probe({ stuckAt: 1 });
      const { stream } = probe;
      const reader = stream.toReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
      const read = reader.read(new Uint8Array(2));
      await until(() => probe.stuck);
      await stream[Symbol.asyncDispose]();
      expect(await read).toMatchObject({ done: true });
      await reader.cancel();
    });

    test('fails with an element that is none, and closes the source', async () => {
      const probe = new Probe({ element: () => 'text' });
      const stream = probe.stream.toReadableStream({ type: 'bytes' });
      const error = new TypeError("toReadableStream: element must be a view or an ArrayBuffer, got 'text'");
      expect(await seenOf(stream)).toStrictEqual({ seen: [], error });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });
  });
});

describe('Readable.from', () => {
  test('makes a Node stream, at the pace of its reader', async () => {
    expect(await Readable.from(AsyncStream.range(0, 3)).toArray()).toEqual([0, 1, 2]);
  });

  test('closes the source when it is destroyed', async () => {
    const probe = new Probe();
    const readable = Readable.from(probe.stream);
    for await (const _chunk of readable) break;
    expect([readable.destroyed, probe.closed, probe.faults()]).toEqual([true, 1, []]);
  });

  test('fails with the very error', async () => {
    const readable = Readable.from(new Probe({ failAt: 2, error: wanted }).stream);
    expect(await seenOf(readable)).toStrictEqual({ seen: [1], error: wanted });
  });
});
