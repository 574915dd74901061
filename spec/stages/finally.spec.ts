import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { failures } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled, until } from '../support/turns.ts';

describe('finally', () => {
  test('passes the elements on, and pays no attention to what the function answers', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    for (const answer of [undefined, 'other', false, [1], Promise.resolve('other')]) {
      expect(
        await AsyncStream.from(values)
          .finally(() => answer)
          .toArray(),
      ).toEqual(values);
    }
  });

  const ways: Record<string, (stream: AsyncStream<unknown>) => unknown> = {
    'at its end': (stream) => stream.drain(),
    'at the end of a for await loop': seenOf,
    'on take': (stream) => stream.take(1).drain(),
    'on take(0)': (stream) => stream.take(0).drain(),
    'on first()': (stream) => stream.first(),
    'on break': async (stream) => {
      for await (const _value of stream) break;
    },
    'on return(), twice and at the same time': async (stream) => {
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      await Promise.all([iterator.return(), iterator.return()]);
      await iterator.return();
    },
    'when the body of the loop throws': (stream) =>
      outcomeOf(async () => {
        for await (const _value of stream) throw new Error('body');
      }),
    'when a later callback throws': (stream) =>
      outcomeOf(() => stream.forEach(() => Promise.reject(new Error('later')))),
    'inside of another stream': (stream) => AsyncStream.of(stream).flat().drain(),
    'inside of another stream that is left': (stream) => AsyncStream.of(stream).flat().first(),
  };

  test.each(Object.keys(ways))('calls the function once, with nothing: %s', async (way) => {
    const calls: unknown[][] = [];
    const source = new Probe({ length: 3 });
    await ways[way]!(source.stream.finally((...args: unknown[]) => calls.push(args)));
    expect(calls).toEqual([[]]);
    expect(source.faults()).toEqual([]);
  });

  test('calls the function once when the stream above fails', async () => {
    for (const error of [new Error('wanted'), undefined, 0]) {
      const log: string[] = [];
      const stream = new Probe({ log, failAt: 2, error }).stream.finally(() => log.push('finally'));
      expect(await seenOf(stream)).toStrictEqual({ seen: [1], error });
      expect(log).toEqual(['next', 'next', 'failed', 'finally']);
    }
  });

  test('calls the function of an empty stream', async () => {
    let calls = 0;
    await AsyncStream.of()
      .finally(() => calls++)
      .drain();
    expect(calls).toBe(1);
  });

  test.each(['at its end', 'on take', 'on break', 'when a later callback throws'])(
    'waits for the function, which comes after the closing of the source: %s',
    async (way) => {
      const log: string[] = [];
      const source = new Probe({ log, length: 2, close: idle });
      const stream = source.stream.finally(async () => {
        log.push('finally begins');
        await idle();
        log.push('finally is done');
      });
      await ways[way]!(stream);
      log.push('over');
      expect(log.slice(-4)).toEqual([
        way === 'at its end' ? 'exhausted' : 'closed',
        'finally begins',
        'finally is done',
        'over',
      ]);
    },
  );

  test.each(Object.keys(ways))('calls several from the source to the consumer: %s', async (way) => {
    const log: string[] = [];
    const stream = AsyncStream.of(1, 2)
      .finally(() => log.push('a'))
      .map((x) => x)
      .finally(() => log.push('b'))
      .finally(() => log.push('c'));
    await ways[way]!(stream);
    expect(log).toEqual(['a', 'b', 'c']);
  });

  test('calls the function before the stream goes on with something else', async () => {
    const log: unknown[] = [];
    const stream = AsyncStream.of(1, 2).finally(() => log.push('finally'));
    await stream.concat([3]).forEach((x) => log.push(x));
    await stream
      .take(1)
      .append(3)
      .forEach((x) => log.push(x));
    expect(log).toEqual([1, 2, 'finally', 3, 1, 'finally', 3]);
  });

  test('calls the function with what stages above still had to give', async () => {
    const log: unknown[] = [];
    await AsyncStream.of(1, 2, 3)
      .chunks(2)
      .finally(() => log.push('finally'))
      .forEach((x) => log.push(x));
    expect(log).toEqual([[1, 2], [3], 'finally']);
  });

  describe('where the function fails', () => {
    test.each(failures)('fails with the same error, after all elements: it %s', async (_how, fail, error) => {
      let calls = 0;
      const stream = AsyncStream.of(1, 2).finally(() => {
        calls++;
        return fail();
      });
      expect(await seenOf(stream)).toStrictEqual({ seen: [1, 2], error });
      expect(calls).toBe(1);
    });

    test.each(failures)('fails with the same error when the consumer leaves: it %s', async (_how, fail, error) => {
      const stream = AsyncStream.of(1, 2).finally(fail);
      expect(await outcomeOf(() => stream.first())).toStrictEqual({ error });
      expect(await outcomeOf(() => ways['on break']!(stream))).toStrictEqual({ error });
    });

    test.each(failures)('fails with an earlier error: it %s', async (_how, fail) => {
      for (const error of [new Error('first'), undefined]) {
        const failing = new Probe({ failAt: 1, error }).stream.finally(fail);
        expect(await outcomeOf(() => failing.drain())).toStrictEqual({ error });
        const later = AsyncStream.of(1).finally(fail);
        expect(await outcomeOf(() => later.forEach(() => Promise.reject(error)))).toStrictEqual({ error });
      }
    });

    test.each(Object.keys(ways))('calls the others all the same: %s', async (way) => {
      const log: string[] = [];
      const stream = AsyncStream.of(1)
        .finally(() => log.push('a'))
        .finally(() => Promise.reject(new Error('b')))
        .finally(() => log.push('c'));
      await outcomeOf(() => ways[way]!(stream));
      expect(log).toEqual(['a', 'c']);
    });
  });

  test('calls the function although the source is stuck', async () => {
    const probe = new Probe({ kind: 'async generator', stuckAt: 1 });
    let calls = 0;
    const iterator = probe.stream.finally(() => calls++)[Symbol.asyncIterator]();
    const pending = iterator.next();
    await until(() => probe.stuck);
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
    expect([await pending, calls, probe.closed]).toEqual([DONE, 1, 1]);
  });

  test.each<[how: string, never: (stream: AsyncStream<unknown>) => unknown]>([
    ['left before its start', (stream) => stream[Symbol.asyncIterator]().return()],
    [
      'left several times before its start',
      async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        await Promise.all([iterator.return(), iterator.return()]);
        await iterator.return();
      },
    ],
    ['put after another stream, and never reached', (stream) => AsyncStream.of(1).concat(stream).first()],
    ['put into a stage that does not open it', (stream) => stream.pipe(() => [1]).drain()],
    ['repeated 0 times', (stream) => stream.repeat(0).drain()],
  ])('does not call the function of a stream that was never started: %s', async (_how, never) => {
    const log: string[] = [];
    await never(AsyncStream.of(1).finally(() => log.push('finally')));
    await never(AsyncStream.of(1).tap({ start: () => log.push('start'), close: () => log.push('close') }));
    expect(log).toEqual([]);
  });
});
