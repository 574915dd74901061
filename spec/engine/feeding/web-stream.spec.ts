import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError } from '../../../lib/index.ts';
import { DONE } from '../../support/iterators.ts';
import { idle, outcomeOf, seenOf } from '../../support/turns.ts';

const wanted = new Error('wanted');
const promise = Promise.resolve(1);

type Controller = ReadableStreamDefaultController<unknown>;

/** Gives the chunks one by one, in a later turn each, and then does what comes last. */
function slowly(chunks: readonly unknown[], last: (controller: Controller) => void, cancel?: () => void) {
  const rest = [...chunks];
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        await idle();
        if (rest.length > 0) controller.enqueue(rest.shift());
        else last(controller);
      },
      ...(cancel && { cancel }),
    },
    { highWaterMark: 0 },
  );
}

/** Has the chunks in its queue, and then does what comes last. */
function atOnce(chunks: readonly unknown[], last: (controller: Controller) => void, cancel?: () => unknown) {
  return new ReadableStream<unknown>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      last(controller);
    },
    ...(cancel && { cancel: cancel as () => void }),
  });
}

const end = (controller: Controller) => controller.close();
const fail = (controller: Controller) => controller.error(wanted);
const goOn = () => {};

const bytes = (text: string) => new TextEncoder().encode(text);

/** Ways in which a stream may come to its end, or be left by its reader. */
const courses: Record<string, () => ReadableStream<unknown>> = {
  'no chunks': () => atOnce([], end),
  'no chunks, slowly': () => slowly([], end),
  'chunks from its queue': () => atOnce([1, 2, 3], end),
  'chunks that come slowly': () => slowly([1, 2, 3], end),
  'falsy chunks': () => slowly([undefined, null, 0, '', false, NaN], end),
  'promises as chunks': () => atOnce([promise], end),
  'an error after chunks': () => slowly([1, 2], fail),
  'an error while chunks are in its queue': () => atOnce([1, 2], fail),
  'an error at once': () => slowly([], fail),
  'an error that is undefined': () => slowly([1], (controller) => controller.error(undefined)),
  'an error from its pull()': () =>
    new ReadableStream({
      pull() {
        throw wanted;
      },
    }),
  'an error of being left': () =>
    slowly([1, 2], end, () => {
      throw wanted;
    }),
  'bytes from a byte stream': () =>
    new ReadableStream({
      type: 'bytes',
      pull(controller) {
        controller.enqueue(bytes('abc'));
        controller.enqueue(bytes('de'));
        controller.close();
      },
    }),
  'a blob': () => new Blob(['naïve', '数据流']).stream(),
  'a response': () => new Response('a\nb').body!,
  'a transform': () => new Blob(['naïve', '数据流']).stream().pipeThrough(new TextDecoderStream()),
};

async function firstOf(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const value of stream) return value;
  return 'nothing';
}

/** What comes of it, and whether it is locked then. */
async function courseOf(stream: ReadableStream<unknown>, outcome: Promise<object>) {
  const settled = await outcome;
  return { outcome: settled, isWanted: 'error' in settled && settled.error === wanted, locked: stream.locked };
}

describe('a web ReadableStream', () => {
  describe('gives what its own iterator gives, and is unlocked then', () => {
    test.each(Object.keys(courses))('of %s', async (course) => {
      const [theirs, ours] = [courses[course]!(), courses[course]!()];
      const expected = await courseOf(theirs, seenOf(theirs));
      expect(expected.locked).toBe(false);
      expect(await courseOf(ours, seenOf(AsyncStream.from(ours)))).toEqual(expected);
    });

    test.each(Object.keys(courses))('of %s, when only the first is wanted', async (course) => {
      const [theirs, ours] = [courses[course]!(), courses[course]!()];
      const first = (stream: AsyncIterable<unknown>) => outcomeOf(() => firstOf(stream));
      const expected = await courseOf(theirs, first(theirs));
      expect(expected.locked).toBe(false);
      expect(await courseOf(ours, first(AsyncStream.from(ours)))).toEqual(expected);
    });
  });

  test('is not touched before the run', async () => {
    const log: string[] = [];
    const stream = new ReadableStream({ pull: () => void log.push('pull') }, { highWaterMark: 0 });
    AsyncStream.from(stream).map((chunk) => chunk);
    await idle();
    expect([log, stream.locked]).toEqual([[], false]);
  });

  test('is asked for a chunk only when one is wanted', async () => {
    const log: unknown[] = [];
    let count = 0;
    const stream = new ReadableStream<number>(
      {
        pull(controller) {
          log.push('pull');
          controller.enqueue(count++);
        },
      },
      { highWaterMark: 0 },
    );
    await AsyncStream.from(stream)
      .take(2)
      .forEach(async (value) => {
        await idle();
        log.push(value);
      });
    expect(log).toEqual(['pull', 0, 'pull', 1]);
  });

  describe('that is left before its end', () => {
    test('is cancelled once, and waited for', async () => {
      const log: string[] = [];
      const stream = atOnce([1, 2], goOn, async () => {
        log.push('cancel');
        await idle();
        log.push('cancelled');
      });
      expect(await AsyncStream.from(stream).take(1).toArray()).toEqual([1]);
      log.push('done');
      expect(log).toEqual(['cancel', 'cancelled', 'done']);
      expect(stream.locked).toBe(false);
    });

    test('is cancelled when a callback throws, whose error counts', async () => {
      const log: string[] = [];
      const stream = atOnce([1, 2], goOn, () => {
        log.push('cancel');
        throw new Error('late');
      });
      const run = AsyncStream.from(stream).forEach(() => {
        throw wanted;
      });
      await expect(run).rejects.toBe(wanted);
      expect([log, stream.locked]).toEqual([['cancel'], false]);
    });

    test('makes the run fail when it fails to cancel', async () => {
      const stream = atOnce([1, 2], goOn, () => Promise.reject(wanted));
      await expect(AsyncStream.from(stream).first()).rejects.toBe(wanted);
      expect(stream.locked).toBe(false);
    });

    test('is cancelled at once while it is waited for, and what waits is told of the end', async () => {
      const log: string[] = [];
      const stream = atOnce([], goOn, () => void log.push('cancel'));
      const iterator = AsyncStream.from(stream)[Symbol.asyncIterator]();
      const next = iterator.next();
      await idle();
      expect(await iterator.return!()).toEqual(DONE);
      expect(await next).toEqual(DONE);
      expect([log, stream.locked]).toEqual([['cancel'], false]);
    });

    test('is not waited for when it is in the middle of a chunk and never done with cancelling', async () => {
      const stream = atOnce([], goOn, () => new Promise(() => {}));
      const iterator = AsyncStream.from(stream)[Symbol.asyncIterator]();
      void iterator.next();
      await idle();
      expect(await iterator.return!()).toEqual(DONE);
      expect(stream.locked).toBe(false);
    });

    test('is cancelled when the run never comes to reading it', async () => {
      const log: string[] = [];
      const make = () => atOnce([1], goOn, () => void log.push('cancel'));
      expect(await AsyncStream.from(make()).take(0).toArray()).toEqual([]);
      await AsyncStream.from(make())[Symbol.asyncIterator]().return!();
      expect(log).toEqual(['cancel', 'cancel']);
    });
  });

  test('is refused when something else reads it, which may go on', async () => {
    const stream = atOnce([1, 2], end);
    const reader = stream.getReader();
    await expect(AsyncStream.from(stream).toArray()).rejects.toEqual(
      new TypeError('the ReadableStream is locked: something else is reading it'),
    );
    expect(await AsyncStream.from(stream).take(0).toArray()).toEqual([]);
    expect(await reader.read()).toEqual({ done: false, value: 1 });
  });

  test('is refused when another run has read it', async () => {
    const stream = atOnce([1, 2], end);
    expect(await AsyncStream.from(stream).toArray()).toEqual([1, 2]);
    const run = AsyncStream.from(stream).toArray();
    await expect(run).rejects.toBeInstanceOf(StreamConsumedError);
    await expect(run).rejects.toMatchObject({ source: stream });
  });

  test('is refused while another run reads it', async () => {
    const stream = slowly([1, 2], end);
    const both = [AsyncStream.from(stream).toArray(), AsyncStream.from(stream).toArray()] as const;
    await expect(both[1]).rejects.toBeInstanceOf(StreamConsumedError);
    expect(await both[0]).toEqual([1, 2]);
  });

  test('needs nothing but getReader()', async () => {
    const chunks = [1, 2];
    const log: string[] = [];
    const reader = {
      read: async () => ({ done: chunks.length === 0, value: chunks.shift() }),
      cancel: async () => void log.push('cancel'),
      releaseLock: () => void log.push('releaseLock'),
    };
    const polyfill = { locked: false, getReader: () => reader, cancel: reader.cancel };
    expect(await AsyncStream.from<number>(polyfill).toArray()).toEqual([1, 2]);
    expect(log).toEqual(['releaseLock']);
  });
});
