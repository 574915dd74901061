import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, OverflowError } from '../../lib/index.ts';
import { DONE, iterate } from '../support/iterators.ts';
import { Probe, type ProbeOptions } from '../support/probe.ts';
import { soak } from '../support/soak.ts';
import { idle, outcomeOf, pause, seenOf } from '../support/turns.ts';
import { FALSY } from '../support/values.ts';

/** How many elements its source was asked for when each result has come, and the consumer takes its time. */
async function pulledAt(
  build: (stream: AsyncStream<any>) => AsyncStream<any>,
  options: ProbeOptions = {},
): Promise<number[]> {
  const probe = new Probe(options);
  const iterator = iterate(build(probe.stream));
  const pulled: number[] = [];
  for (let n = 0; n < 8; n++) {
    await iterator.next();
    await idle();
    pulled.push(probe.pulled);
  }
  await iterator.return!();
  expect([probe.closed, probe.faults()]).toEqual([1, []]);
  return pulled;
}

describe('buffer', () => {
  test.each(['async iterable', 'sync iterable'] as const)('holds as many elements as it says of a %s', async (kind) => {
    expect(await pulledAt((stream) => stream.buffer(1), { kind })).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await pulledAt((stream) => stream.buffer(3), { kind })).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test('is filled again when it is empty, with refillAt 0', async () => {
    const build = (stream: AsyncStream<any>) => stream.buffer(3, { refillAt: 0 });
    expect(await pulledAt(build)).toEqual([4, 4, 4, 7, 7, 7, 10, 10]);
    // There at once: full before the first element is taken.
    expect(await pulledAt(build, { kind: 'sync iterable' })).toEqual([3, 3, 6, 6, 6, 9, 9, 9]);
  });

  test('may be without bounds', async () => {
    const probe = new Probe({ length: 100 });
    const iterator = iterate(probe.stream.buffer(Infinity));
    await iterator.next();
    await idle();
    expect(probe.pulled).toBe(101);
    await iterator.return!();
    for await (const value of AsyncStream.range(0).buffer(Infinity)) {
      await idle();
      if (value === 3) break;
    }
  });

  test('is filled again when as many are left as refillAt says', async () => {
    expect(await pulledAt((stream) => stream.buffer(4, { refillAt: 2 }))).toEqual([5, 5, 7, 7, 9, 9, 11, 11]);
  });

  test('reads on while an element is consumed', async () => {
    const log: string[] = [];
    const stream = new Probe({ length: 3 }).stream.tap((n) => log.push(`read ${n}`)).buffer(2);
    await stream.forEach(async (n) => {
      await idle();
      log.push(`consumed ${n}`);
    });
    expect(log).toEqual(['read 1', 'read 2', 'read 3', 'consumed 1', 'consumed 2', 'consumed 3']);
  });

  test.each([new Error('source'), ...FALSY])(
    'passes on the very error %p, after what was read before it',
    async (error) => {
      const probe = new Probe({ failAt: 3, error });
      const iterator = iterate(probe.stream.buffer(5));
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      await idle();
      expect(await iterator.next()).toEqual({ done: false, value: 2 });
      expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error });
      expect(await iterator.next()).toEqual(DONE);
      expect([probe.closed, probe.faults()]).toEqual([0, []]);
    },
  );

  test('drops what callbacks after it reject with when one of them has left the stream', async () => {
    const iterator: AsyncIterator<unknown> = iterate(
      new Probe().stream.buffer(2).map(() => {
        void iterator.return!();
        return Promise.reject(new Error('late'));
      }),
    );
    expect(await iterator.next()).toEqual(DONE);
    await idle();
  });

  test('drops what a callback after it rejects with when one before it has left the stream', async () => {
    const iterator: AsyncIterator<unknown> = iterate(
      new Probe().stream
        .tap((n) => n === 3 && void iterator.return!())
        .buffer(2)
        .map((n) => (n === 1 ? n : Promise.reject(new Error('late')))),
    );
    await iterator.next();
    await iterator.next().catch(() => undefined);
    await idle();
  });

  test('calls what is before it in the context of the consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores: unknown[] = [];
    const stream = storage.run('builder', () =>
      new Probe({ length: 5 }).stream
        .tap(() => stores.push(storage.getStore()))
        .buffer(2)
        .tap(() => stores.push(storage.getStore())),
    );
    await storage.run('consumer', () => stream.forEach(idle));
    expect([stores.length, ...new Set(stores)]).toEqual([10, 'consumer']);
  });

  const MANY = soak(200_000, 20_000);

  test(`takes no stack for ${MANY} elements that are there at once`, async () => {
    expect(await AsyncStream.range(0, MANY).buffer(16).count()).toBe(MANY);
    expect(await AsyncStream.range(0, 20_000).buffer(Infinity).count()).toBe(20_000);
  });

  describe('with overflow', () => {
    /** Runs freely: gives its elements one in a turn, while the consumer waits for the end of them. */
    async function overflowing(overflow: 'error' | 'drop-oldest' | 'drop-newest') {
      const probe = new Probe({ length: 6 });
      const iterator = iterate(probe.stream.buffer(2, { overflow }));
      const first = await iterator.next();
      await pause(5);
      const rest = await seenOf({ [Symbol.asyncIterator]: () => iterator });
      return { probe, seen: [first.value, ...rest.seen], error: rest.error };
    }

    test('drop-oldest keeps the last ones', async () => {
      const { probe, seen, error } = await overflowing('drop-oldest');
      expect([seen, error, probe.faults()]).toEqual([[1, 5, 6], undefined, []]);
    });

    test('drop-newest keeps the first ones', async () => {
      const { probe, seen, error } = await overflowing('drop-newest');
      expect([seen, error, probe.faults()]).toEqual([[1, 2, 3], undefined, []]);
    });

    test('error fails after what it holds, and closes the source', async () => {
      const { probe, seen, error } = await overflowing('error');
      expect([seen, probe.pulled, probe.closed, probe.faults()]).toEqual([[1, 2, 3], 4, 1, []]);
      expect(error).toBeInstanceOf(OverflowError);
      expect(error).toMatchObject({ name: 'OverflowError', size: 2 });
    });

    test.each(['drop-oldest', 'drop-newest'] as const)(
      '%s drops nothing that is consumed in time',
      async (overflow) => {
        expect(await new Probe({ length: 50 }).stream.buffer(2, { overflow }).count()).toBe(50);
      },
    );

    test.each(['drop-oldest', 'drop-newest'] as const)(
      '%s lets timers have their turn beside an endless source that never waits',
      async (overflow) => {
        for (const source of [AsyncStream.range(0), new Probe().stream]) {
          const seen: number[] = [];
          for await (const value of source.buffer(2, { overflow })) {
            seen.push(value);
            if (seen.length === 5) break;
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          expect(seen).toHaveLength(5);
          expect(seen).toEqual(seen.toSorted((a, b) => a - b));
        }
      },
    );
  });
});
