// What the concurrency option says, asked of every stage that takes it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Concurrency } from '../../lib/index.ts';
import { DONE, iterate, thrown } from './iterators.ts';
import { Probe } from './probe.ts';
import { soak } from './soak.ts';
import { collecting, Permits, Tasks } from './tasks.ts';
import { idle, outcomeOf, pause, seenOf, turnsUntilSettled } from './turns.ts';
import { FALSY } from './values.ts';

const ERRORS = [new Error('callback'), ...FALSY];

type Callback = (value: any, index: number, context: { readonly signal: AbortSignal }) => any;

export interface Concurrent {
  /** Puts the stage on, so that it gives the elements that `fn` answers, which are truthy. */
  readonly put: (stream: AsyncStream<any>, fn: Callback, options: Concurrency<any>) => AsyncStream<any>;
  /** Its callbacks make streams, which run until they are consumed. */
  readonly makesStreams?: true;
}

/** No promise, and not bound by what holds for one. */
const thenable = (then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => unknown) =>
  ({ then }) as PromiseLike<any>;

/** Which elements have callbacks that are called now: `[1, 2, 3]` up to 3. */
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

export function concurrencyLaws({ put, makesStreams }: Concurrent): void {
  /** A run with callbacks that are settled by hand. */
  function running(options: Concurrency<any>, probe = new Probe()) {
    const tasks = new Tasks();
    const stream = put(probe.stream, tasks.fn, options);
    return { tasks, probe, stream };
  }

  describe('with concurrency', () => {
    test('touches nothing before the first pull', async () => {
      const { tasks, probe, stream } = running({ concurrency: 3 });
      iterate(stream);
      await idle();
      expect([probe.log, tasks.started]).toEqual([[], []]);
    });

    test.each([true, false])(
      'runs as many callbacks at once as it says, and no more (ordered: %p)',
      async (ordered) => {
        const { tasks, probe, stream } = running({ concurrency: 3, ordered }, new Probe({ length: 20 }));
        const { seen, outcome } = collecting(stream);
        await idle();
        expect(tasks.started).toEqual([1, 2, 3]);
        for (let n = 0; tasks.open.length > 0; n++) await tasks.resolve(tasks.open[(n * 7) % tasks.open.length]);
        expect([await outcome, tasks.most]).toEqual(['ended', 3]);
        expect(seen.toSorted((a: any, b: any) => a - b)).toEqual(upTo(20));
        expect(probe.faults()).toEqual([]);
      },
    );

    test('reads the next element while callbacks run, and never two at once', async () => {
      const probe = new Probe({ length: 4, element: (n) => n });
      const { tasks, stream } = running({ concurrency: 2 }, probe);
      const { outcome } = collecting(stream);
      await idle();
      expect([tasks.running, probe.pulled]).toEqual([2, 2]);
      await tasks.resolve(1);
      expect([tasks.running, probe.pulled]).toEqual([2, 3]);
      await tasks.resolve(2, 3);
      await tasks.resolve(4);
      expect([await outcome, probe.faults()]).toEqual(['ended', []]);
    });

    test('gives results in the order of the elements', async () => {
      const { tasks, stream } = running({ concurrency: 3 }, new Probe({ length: 3 }));
      const { seen, outcome } = collecting(stream);
      await idle();
      const seenThen: unknown[] = [];
      for (const value of [3, 2, 1]) {
        await tasks.resolve(value);
        seenThen.push([...seen]);
      }
      expect([seenThen, await outcome]).toEqual([[[], [], [1, 2, 3]], 'ended']);
    });

    test('gives results as they come where they need no order', async () => {
      const { tasks, stream } = running({ concurrency: 3, ordered: false }, new Probe({ length: 3 }));
      const { seen, outcome } = collecting(stream);
      await idle();
      const seenThen: unknown[] = [];
      for (const value of [3, 1, 2]) {
        await tasks.resolve(value);
        seenThen.push([...seen]);
      }
      expect([seenThen, await outcome]).toEqual([[[3], [3, 1], [3, 1, 2]], 'ended']);
    });

    describe.each([true, false])('reads ahead of a consumer that takes its time (ordered: %p)', (ordered) => {
      test.each([
        [2, 0],
        [2, 1],
        [3, 5],
        [8, 2],
        [4, undefined],
      ])('with concurrency %d and a buffer of %p', async (concurrency, buffer = concurrency) => {
        const probe = new Probe();
        const iterator = iterate(
          put(probe.stream, (value) => idle().then(() => value), { concurrency, ordered, buffer }),
        );
        const ahead: number[] = [];
        for (let taken = 1; taken <= 4; taken++) {
          expect((await iterator.next()).value).toBe(taken);
          await pause(20);
          ahead.push(probe.pulled - taken);
        }
        expect(Math.max(...ahead)).toBeLessThanOrEqual(concurrency + buffer);
        if (!makesStreams) expect(ahead[0]).toBe(concurrency + buffer);
        await iterator.return!();
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      });
    });

    test('goes on behind a slow head, as far as the buffer goes', async () => {
      const { tasks, stream, probe } = running({ concurrency: 2, buffer: 3 });
      const { seen } = collecting(stream.take(8));
      await idle();
      while (tasks.open.length > 1) await tasks.resolve(tasks.open.at(-1));
      expect([seen, tasks.open]).toEqual([[], [1]]);
      const ahead = tasks.started.length;
      expect(ahead).toBeLessThanOrEqual(2 + 3);
      if (!makesStreams) expect(ahead).toBe(2 + 3);
      await tasks.resolve(1);
      expect(seen.slice(0, ahead)).toEqual(upTo(ahead));
      while (seen.length < 8) await tasks.resolve(...tasks.open);
      await idle();
      expect([seen, probe.closed, probe.faults()]).toEqual([upTo(8), 1, []]);
    });

    test('gives the same for callbacks that answer at once', async () => {
      for (const options of [{ concurrency: 3 }, { concurrency: 3, ordered: false }, { concurrency: 1, buffer: 2 }]) {
        const probe = new Probe({ length: 20 });
        expect(await put(probe.stream, (value) => value, options).toArray()).toEqual(upTo(20));
        expect(probe.faults()).toEqual([]);
      }
    });

    // Half a million of streams would take their time.
    const count = makesStreams ? 20_000 : soak(500_000, 50_000);

    test.each([true, false])(
      `takes no stack for ${count} elements that are there at once (ordered: %p)`,
      async (ordered) => {
        const stream = put(AsyncStream.range(1, count + 1), (value) => value, { concurrency: 4, ordered });
        expect(await stream.reduce((sum, value) => sum + Number(value), 0)).toBe((count / 2) * (count + 1));
      },
    );

    test.each([true, false])(
      'takes no stack for callbacks that answer in the next turn (ordered: %p)',
      async (ordered) => {
        const stream = put(AsyncStream.range(1, 20_001), async (value) => value, { concurrency: 4, ordered });
        expect(await stream.count()).toBe(20_000);
      },
    );

    test('ends with a later take over an endless source that is there at once', async () => {
      for (const ordered of [true, false]) {
        for (const fn of [(value: any) => value, async (value: any) => value]) {
          expect(await put(AsyncStream.range(1), fn, { concurrency: 4, ordered }).take(3).toArray()).toEqual([1, 2, 3]);
        }
      }
    });

    test('ends with a later take also where it is Infinity', async () => {
      const fns: Callback[] = [(value) => value, async (value) => value, (value) => idle().then(() => value)];
      for (const concurrency of [Infinity, { acquire: () => () => undefined }]) {
        for (const fn of fns) {
          const stream = put(AsyncStream.range(1), fn, { concurrency });
          expect(await stream.take(3).toArray()).toEqual([1, 2, 3]);
        }
      }
    });

    test('runs all at once where it is Infinity', async () => {
      const { tasks, stream } = running({ concurrency: Infinity }, new Probe({ length: 50 }));
      const { outcome } = collecting(stream);
      await idle();
      expect(tasks.running).toBe(50);
      await tasks.resolve(...tasks.open);
      expect(await outcome).toBe('ended');
    });

    test('calls with element, index, and a context that is the same for all', async () => {
      const calls: unknown[][] = [];
      const fn: Callback = (value, index, { signal }) => {
        calls.push([value, index, signal.aborted]);
        return idle().then(() => value);
      };
      const { tasks, stream } = running({ concurrency: 2 }, new Probe({ length: 3 }));
      const { outcome } = collecting(stream);
      await idle();
      await tasks.resolve(1, 2);
      await tasks.resolve(3);
      await outcome;
      expect(new Set(tasks.signals).size).toBe(1);
      expect(tasks.signals[0]!.aborted).toBe(false);
      await put(new Probe({ length: 3 }).stream, fn, { concurrency: 2 }).toArray();
      expect(calls).toEqual([
        [1, 0, false],
        [2, 1, false],
        [3, 2, false],
      ]);
    });

    test('calls in the context of the consumer', async () => {
      const storage = new AsyncLocalStorage<string>();
      const stores: unknown[] = [];
      const fn = async (value: any) => {
        stores.push(storage.getStore());
        await idle();
        stores.push(storage.getStore());
        return value;
      };
      const stream = storage.run('builder', () => put(new Probe({ length: 6 }).stream, fn, { concurrency: 2 }));
      const limited = put(stream, fn, { concurrency: new Permits(2) });
      await storage.run('consumer', () => limited.toArray());
      expect([stores.length, ...new Set(stores)]).toEqual([24, 'consumer']);
    });

    test('may be run again, and by several at once', async () => {
      const stream = put(new Probe({ length: 5 }).stream, (value) => idle().then(() => value), { concurrency: 2 });
      expect(await Promise.all([stream.toArray(), stream.toArray()])).toEqual([upTo(5), upTo(5)]);
    });
  });

  describe('with concurrency, when a callback fails', () => {
    const ways: Record<string, (error: unknown) => unknown> = {
      throws: thrown,
      rejects: (error) => Promise.reject(error),
      'rejects later': (error) => idle().then(() => thrown(error)),
    };

    for (const [how, fail] of Object.entries(ways)) {
      test.each(ERRORS)(`and ${how} with %p: passes on that very error, after the results before it`, async (error) => {
        for (const ordered of [true, false]) {
          const probe = new Probe();
          const fn: Callback = (value) =>
            value < 3 ? value : value === 3 ? fail(error) : new Promise(() => undefined);
          expect(await seenOf(put(probe.stream, fn, { concurrency: 2, ordered }))).toStrictEqual({
            seen: [1, 2],
            error,
          });
          expect([probe.closed, probe.faults()]).toEqual([1, []]);
        }
      });
    }

    test('waits in order for the results before it, and calls and reads no more', async () => {
      const { tasks, stream, probe } = running({ concurrency: 3 });
      const { seen, outcome } = collecting(stream);
      await idle();
      await tasks.reject(2, 'failed');
      expect([seen, tasks.started, probe.pulled, probe.closed]).toEqual([[], [1, 2, 3], 3, 0]);
      await tasks.resolve(1);
      expect([seen, await outcome]).toEqual([[1], { error: 'failed' }]);
      expect([tasks.started, probe.pulled, probe.closed, probe.faults()]).toEqual([[1, 2, 3], 3, 1, []]);
      expect(tasks.signals[0]!.reason).toBe('failed');
      await tasks.resolve(3);
      expect(seen).toEqual([1]);
    });

    test('does not wait for others where it needs no order', async () => {
      const { tasks, stream, probe } = running({ concurrency: 3, ordered: false });
      const { seen, outcome } = collecting(stream);
      await idle();
      await tasks.reject(2, 'failed');
      expect([seen, await outcome]).toEqual([[], { error: 'failed' }]);
      expect([tasks.started, probe.pulled, probe.closed, probe.faults()]).toEqual([[1, 2, 3], 3, 1, []]);
      await tasks.resolve(1);
      await tasks.reject(3, 'late');
      expect(tasks.started).toEqual([1, 2, 3]);
    });

    test.each([true, false])(
      'gives the first error, and drops all that fail after it (ordered: %p)',
      async (ordered) => {
        for (const first of [1, 2, 3, 4]) {
          const { tasks, stream, probe } = running({ concurrency: 4, ordered });
          const { seen, outcome } = collecting(stream);
          await idle();
          const others = [1, 2, 3, 4].filter((value) => value !== first);
          await tasks.reject(first, first);
          for (const value of others) await tasks.reject(value, value);
          expect([seen, await outcome]).toEqual([[], { error: ordered ? 1 : first }]);
          expect([probe.closed, probe.faults()]).toEqual([1, []]);
        }
      },
    );

    test.each([true, false])(
      'calls no more once one has thrown, also for what is there at once (ordered: %p)',
      async (ordered) => {
        let calls = 0;
        const fn = () => {
          calls++;
          return thrown('failed');
        };
        const stream = put(AsyncStream.range(1), fn, { concurrency: 4, ordered });
        expect(await outcomeOf(() => stream.toArray())).toEqual({ error: 'failed' });
        expect(calls).toBe(1);
      },
    );
  });

  describe('with settle, the run ends after every callback in flight has settled, whose signal has aborted,', () => {
    const OPTIONS: Record<string, Concurrency<any>> = {
      'in order': { concurrency: 3 },
      unordered: { concurrency: 3, ordered: false },
      'under a limiter': { concurrency: new Permits(3) },
      'by key': { concurrency: 3, key: (value) => value },
    };

    /** Ends the run while 1 has an error or a result, and 2 and 3 are in flight. */
    const ends: Record<string, (run: ReturnType<typeof started>) => Promise<unknown>> = {
      'an error': async ({ tasks, drained }) => {
        const outcome = drained();
        await idle();
        await tasks.reject(1, 'failed');
        return outcome;
      },
      'an early exit': async ({ tasks, stream }) => {
        const first = outcomeOf(() => stream.first());
        await idle();
        await tasks.resolve(1);
        return first;
      },
      'a return()': async ({ tasks, stream }) => {
        const iterator = iterate(stream);
        const first = iterator.next();
        await idle();
        await tasks.resolve(1);
        await first;
        return outcomeOf(() => iterator.return!());
      },
      'an abort': async ({ tasks, drained }) => {
        const controller = new AbortController();
        const outcome = drained(controller.signal);
        await idle();
        await tasks.resolve(1);
        controller.abort('stop');
        return outcome;
      },
    };
    const OUTCOMES = [{ error: 'failed' }, { value: 1 }, { value: DONE }, { error: 'stop' }];

    function started(options: Concurrency<any>, probe: Probe) {
      const tasks = new Tasks();
      const stream = put(probe.stream, tasks.fn, { ...options, settle: true });
      return { tasks, stream, drained: (signal?: AbortSignal) => outcomeOf(() => stream.drain({ signal })) };
    }

    describe.each(Object.entries(OPTIONS))('%s,', (_, options) => {
      test.each(Object.keys(ends))('by %s', async (way) => {
        const probe = new Probe({ length: 3 });
        const run = started(options, probe);
        let settled: unknown;
        const ending = ends[way]!(run).then((outcome) => (settled = outcome));
        await pause(5);
        const { tasks } = run;
        expect([tasks.open, tasks.signals.map(({ aborted }) => aborted)]).toEqual([
          [2, 3],
          [true, true, true],
        ]);
        expect(settled).toBeUndefined();
        await tasks.resolve(2);
        await pause(5);
        expect(settled).toBeUndefined();
        await tasks.reject(3, 'late');
        expect([await ending, tasks.running]).toEqual([OUTCOMES[Object.keys(ends).indexOf(way)], 0]);
        expect(probe.faults()).toEqual([]);
      });
    });

    test('also by one callback at a time, and reads no further than without it', async () => {
      const { tasks, stream, probe } = running({ settle: true });
      const iterator = iterate(stream);
      const pending = iterator.next();
      await idle();
      let returned = false;
      const leaving = iterator.return!().then(() => (returned = true));
      await pause(5);
      expect([returned, tasks.running, probe.pulled, probe.closed]).toEqual([false, 1, 1, 1]);
      await tasks.resolve(1);
      expect([await leaving, await pending, probe.faults()]).toEqual([true, DONE, []]);
    });

    test('also where a callback ends it', async () => {
      let end!: (value: unknown) => void;
      let returned = false;
      let leaving: Promise<unknown> | undefined;
      const fn = () => {
        leaving = iterator.return!().then(() => (returned = true));
        return new Promise((resolve) => (end = resolve));
      };
      const iterator: AsyncIterator<any> = iterate(put(AsyncStream.of(1), fn, { concurrency: 2, settle: true }));
      const pending = iterator.next();
      await pause(5);
      expect([typeof leaving, returned]).toEqual(['object', false]);
      end(1);
      await leaving;
      expect([returned, await pending]).toEqual([true, DONE]);
    });
  });

  describe('with concurrency, of a thenable', () => {
    const thenables: Record<string, (value: unknown) => PromiseLike<unknown>> = {
      'calls back synchronously': (value) => thenable((resolve) => resolve(value)),
      'calls back later': (value) => thenable((resolve) => setImmediate(() => resolve(value))),
      'settles twice': (value) => thenable((resolve, reject) => (resolve(value), resolve('again'), reject('again'))),
      'throws after settling': (value) => thenable((resolve) => (resolve(value), thrown('late'))),
      rejects: () => thenable((_, reject) => reject('rejected')),
      'rejects twice': () => thenable((resolve, reject) => (reject('rejected'), resolve(1), reject('again'))),
      throws: () => thenable(() => thrown('thrown')),
      'gives another one': (value) => thenable((resolve) => resolve(thenable((inner) => inner(value)))),
    };

    test.each(Object.keys(thenables))('that %s, makes the same as without concurrency', async (how) => {
      const run = (options: Concurrency<any>) =>
        seenOf(put(AsyncStream.of(1, 2, 3), (value) => thenables[how]!(value), options));
      const expected = await run({});
      expect(expected.seen.length + ('error' in expected ? 1 : 0)).toBeGreaterThan(0);
      expect(await run({ concurrency: 2 })).toStrictEqual(expected);
      expect(await run({ concurrency: 2, ordered: false })).toStrictEqual(expected);
      await idle();
    });
  });

  describe('with concurrency, when the source fails', () => {
    test.each(ERRORS)('with %p: passes on that very error, after the results before it', async (error) => {
      const { tasks, stream, probe } = running({ concurrency: 4 }, new Probe({ failAt: 3, error }));
      const { seen, outcome } = collecting(stream);
      await idle();
      expect([seen, tasks.started]).toEqual([[], [1, 2]]);
      await tasks.resolve(2);
      expect(seen).toEqual([]);
      await tasks.resolve(1);
      expect([seen, await outcome]).toStrictEqual([[1, 2], { error }]);
      expect([probe.closed, probe.faults()]).toEqual([0, []]);
    });

    test.each(ERRORS)('with %p: passes it on at once where it needs no order', async (error) => {
      const { tasks, stream } = running({ concurrency: 4, ordered: false }, new Probe({ failAt: 3, error }));
      expect(await collecting(stream).outcome).toStrictEqual({ error });
      await tasks.reject(1, 'late');
      await tasks.resolve(2);
    });
  });

  describe('with concurrency, when the consumer leaves', () => {
    const leave: Record<string, (run: { iterator: AsyncIterator<any>; controller: AbortController }) => unknown> = {
      'return()': ({ iterator }) => iterator.return!(),
      'an abort': ({ controller }) => controller.abort('reason'),
    };

    describe.each([true, false])('(ordered: %p)', (ordered) => {
      test.each(Object.keys(leave))(
        'by %s: reads and calls no more, aborts, closes, and drops what is late',
        async (how) => {
          const { tasks, stream, probe } = running({ concurrency: 3, ordered });
          const controller = new AbortController();
          const iterator = iterate(stream.withSignal(controller.signal));
          const pending = outcomeOf(() => iterator.next());
          await idle();
          expect(await turnsUntilSettled(Promise.resolve(leave[how]!({ iterator, controller })))).toBeLessThan(40);
          expect(await pending).toEqual(how === 'return()' ? { value: DONE } : { error: 'reason' });
          expect([probe.closed, tasks.signals[0]!.aborted]).toEqual([1, true]);
          await tasks.reject(2, 'late');
          await tasks.resolve(1, 3);
          expect([tasks.started, probe.pulled, probe.faults()]).toEqual([[1, 2, 3], 3, []]);
          expect(await iterator.next()).toEqual(DONE);
        },
      );

      test('by a later take, while the run goes on: reads and calls no more, and aborts', async () => {
        const { tasks, stream, probe } = running({ concurrency: 3, ordered, key: () => 'same' });
        let come!: (value: string) => void;
        const { seen, outcome } = collecting(stream.take(1).append(new Promise<string>((resolve) => (come = resolve))));
        await idle();
        expect(tasks.started).toEqual([1]);
        await tasks.resolve(1);
        expect([seen, probe.closed, tasks.signals[0]!.aborted]).toEqual([[1], 1, true]);
        const started = tasks.started.length;
        if (tasks.open.length > 0) await tasks.reject(tasks.open[0], 'late');
        expect([tasks.started.length, probe.faults()]).toEqual([started, []]);
        come('last');
        expect([await outcome, seen]).toEqual(['ended', [1, 'last']]);
      });
    });

    test('from within a callback', async () => {
      for (const answer of [(value: unknown) => value, () => thrown('late'), async () => thrown('late')]) {
        const probe = new Probe();
        const iterator = iterate(
          put(
            probe.stream,
            (value) => {
              void iterator.return!();
              return answer(value);
            },
            { concurrency: 2 },
          ),
        );
        expect(await iterator.next()).toEqual(DONE);
        await idle();
        expect([probe.pulled, probe.closed, probe.faults()]).toEqual([1, 1, []]);
      }
    });
  });

  describe('with concurrency, by key', () => {
    // A stream runs until it is consumed: in order, that waits for the ones before it.
    const orders = makesStreams ? [false] : [true, false];

    test.each(orders)(
      'runs those of one key one after the other, and different ones together (ordered: %p)',
      async (ordered) => {
        const element = (n: number) => ['a1', 'a2', 'b1', 'a3', 'b2'][n - 1];
        const { tasks, stream } = running(
          { concurrency: 3, ordered, buffer: 5, key: (value: string) => value[0] },
          new Probe({ element, length: 5 }),
        );
        const { seen, outcome } = collecting(stream);
        await idle();
        expect(tasks.started).toEqual(['a1', 'b1']);
        await tasks.resolve('b1');
        expect(tasks.started).toEqual(['a1', 'b1', 'b2']);
        await tasks.resolve('a1');
        expect(tasks.started).toEqual(['a1', 'b1', 'b2', 'a2']);
        await tasks.resolve('b2');
        await tasks.resolve('a2');
        await tasks.resolve('a3');
        expect(await outcome).toBe('ended');
        expect(seen).toEqual(ordered ? ['a1', 'a2', 'b1', 'a3', 'b2'] : ['b1', 'a1', 'b2', 'a2', 'a3']);
      },
    );

    test('keys are the same as in a Map', async () => {
      const values = [NaN, 0, undefined, null];
      const { tasks, stream } = running(
        { concurrency: 8, buffer: 8, key: (n: number) => values[(n - 1) % 4] },
        new Probe({ length: 8 }),
      );
      const { outcome } = collecting(stream);
      await idle();
      expect(tasks.started).toEqual([1, 2, 3, 4]);
      await tasks.resolve(1, 2, 3, 4);
      await tasks.resolve(5, 6, 7, 8);
      expect(await outcome).toBe('ended');
    });

    test('and holds no more than without where all are the same', async () => {
      const { tasks, stream, probe } = running({ concurrency: 3, key: () => 1 });
      const iterator = iterate(stream);
      const pending = iterator.next();
      await idle();
      expect(tasks.started).toEqual([1]);
      expect(probe.pulled).toBeLessThanOrEqual(3 + 3);
      await iterator.return!();
      expect([await pending, probe.faults()]).toEqual([DONE, []]);
    });

    test('takes no stack where 20 000 that answer at once have the same', async () => {
      const stream = put(AsyncStream.range(1, 20_001), (value) => value, { concurrency: 4, key: () => 1 });
      expect(await stream.count()).toBe(20_000);
    });

    test.each(ERRORS)('whose function throws %p: passes that on, after the results before it', async (error) => {
      const probe = new Probe();
      const key = (value: number) => (value === 3 ? thrown(error) : 1);
      const stream = put(probe.stream, async (value) => value, { concurrency: 2, key });
      expect(await seenOf(stream)).toStrictEqual({ seen: [1, 2], error });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('that is a promise: fails with a TypeError, also where that rejects later', async () => {
      const key = async () => Promise.reject(new Error('nobody hears of it'));
      const probe = new Probe();
      const stream = put(probe.stream, (value) => value, { concurrency: 2, key });
      const { error } = await seenOf(stream);
      expect(String(error)).toMatch(
        /^TypeError: \w+: the result of key must be a value and not a promise, got \[object Promise\]$/,
      );
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('starts none of those that wait behind one that has failed', async () => {
      for (const ordered of [true, false]) {
        const { tasks, stream } = running({ concurrency: 3, ordered, key: () => 1 });
        const { outcome } = collecting(stream);
        await idle();
        await tasks.reject(1, 'failed');
        expect([await outcome, tasks.started]).toEqual([{ error: 'failed' }, [1]]);
      }
    });
  });

  describe('with a limiter', () => {
    const limiters = {
      'that answers with promises': (permits: Permits) => permits,
      'that answers at once': (permits: Permits) => ({
        acquire: () => (permits.free > 0 ? permits.take() : permits.acquire()),
      }),
    };
    const ways: Record<string, (stream: AsyncStream<any>) => Promise<unknown>> = {
      ends: (stream) => stream.toArray(),
      'is left by break': async (stream) => {
        for await (const _ of stream) break;
      },
      'is left by a later take': (stream) => stream.take(2).toArray(),
      'fails in a later callback': (stream) => stream.forEach(() => thrown('later')),
    };

    describe.each(Object.entries(limiters))('%s', (_, limiterOf) => {
      test('runs as many at once as there are permits, of all that share it', async () => {
        const permits = new Permits(3);
        const [one, other] = [new Tasks(), new Tasks()];
        const concurrency = limiterOf(permits);
        const runs = [one, other].map((tasks) =>
          collecting(put(new Probe({ length: 6 }).stream, tasks.fn, { concurrency })),
        );
        await idle();
        let most = 0;
        for (let n = 0; one.open.length + other.open.length > 0; n++) {
          most = Math.max(most, one.running + other.running);
          const tasks = (n % 2 === 0 && one.open.length > 0) || other.open.length === 0 ? one : other;
          await tasks.resolve(tasks.open[0]);
        }
        for (const { seen, outcome } of runs) expect([await outcome, seen]).toEqual(['ended', upTo(6)]);
        expect([most, permits.free, permits.faults]).toEqual([3, 3, 0]);
      });

      test.each(Object.keys(ways))('is given all back when the run %s', async (how) => {
        for (const ordered of [true, false]) {
          const permits = new Permits(3);
          const probe = new Probe({ length: 9 });
          const fn = (value: unknown) => idle().then(() => value);
          await outcomeOf(() => ways[how]!(put(probe.stream, fn, { concurrency: limiterOf(permits), ordered })));
          await idle();
          await idle();
          expect([permits.free, permits.faults, probe.faults()]).toEqual([3, 0, []]);
        }
      });

      test('is given all back when callbacks fail, throwing or rejecting', async () => {
        for (const fail of [
          () => thrown('failed'),
          () => Promise.reject('failed'),
          () => idle().then(() => thrown('failed')),
        ]) {
          for (const ordered of [true, false]) {
            const permits = new Permits(3);
            const stream = put(new Probe().stream, fail, { concurrency: limiterOf(permits), ordered });
            expect(await outcomeOf(() => stream.toArray())).toEqual({ error: 'failed' });
            await idle();
            await idle();
            expect([permits.free, permits.faults]).toEqual([3, 0]);
          }
        }
      });
    });

    test.each(ERRORS)('whose acquire fails with %p: passes that on, and closes the source', async (error) => {
      for (const acquire of [
        () => thrown(error),
        () => Promise.reject(error),
        () => idle().then(() => thrown(error)),
      ]) {
        for (const ordered of [true, false]) {
          const probe = new Probe();
          const stream = put(probe.stream, (value) => value, { concurrency: { acquire }, ordered });
          expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error });
          expect([probe.closed, probe.faults()]).toEqual([1, []]);
        }
      }
    });

    test('whose acquire fails later: gives the results before it', async () => {
      let calls = 0;
      const acquire = async () => (++calls === 3 ? thrown('no more') : () => undefined);
      const stream = put(new Probe().stream, async (value) => value, { concurrency: { acquire } });
      expect(await seenOf(stream)).toEqual({ seen: [1, 2], error: 'no more' });
    });

    test.each([undefined, null, 5, {}])('that answers %p in place of a function is refused', async (release) => {
      for (const acquire of [() => release, async () => release]) {
        const probe = new Probe();
        const stream = put(probe.stream, (value) => value, { concurrency: { acquire } as never });
        const { error } = (await outcomeOf(() => stream.toArray())) as { error: unknown };
        expect(String(error)).toMatch(/^TypeError: concurrency: the result of acquire\(\) must be a function, got /);
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    });

    test('that fails to take back: passes that on, unless there is an error already', async () => {
      const fns: Callback[] = [(value) => value, async (value) => value, (value) => idle().then(() => value)];
      for (const acquire of [() => () => thrown('release'), async () => () => thrown('release')]) {
        for (const ordered of [true, false]) {
          for (const fn of fns) {
            const probe = new Probe({ length: 5 });
            const stream = put(probe.stream, fn, { concurrency: { acquire }, ordered });
            expect(await outcomeOf(() => stream.toArray())).toEqual({ error: 'release' });
            expect(probe.faults()).toEqual([]);
          }
          const failing = put(new Probe().stream, () => thrown('callback'), { concurrency: { acquire }, ordered });
          expect(await outcomeOf(() => failing.toArray())).toEqual({ error: 'callback' });
        }
      }
    });

    test('that lets in when the run is over is given back at once, and nothing is called', async () => {
      const log: string[] = [];
      let come!: () => void;
      const acquire = (signal?: AbortSignal) =>
        new Promise<() => void>((resolve) => {
          signal!.addEventListener('abort', () => log.push('told'));
          come = () => resolve(() => void log.push('given back'));
        });
      const { tasks, stream, probe } = running({ concurrency: { acquire } });
      const iterator = iterate(stream);
      const pending = iterator.next();
      await idle();
      expect(await turnsUntilSettled(iterator.return!())).toBeLessThan(40);
      expect([await pending, log]).toEqual([DONE, ['told']]);
      come();
      await idle();
      expect([log, tasks.started, probe.closed, probe.faults()]).toEqual([['told', 'given back'], [], 1, []]);
    });

    test('that gives up when the run is over is heard no more', async () => {
      const acquire = (signal?: AbortSignal) =>
        new Promise<() => void>((_, reject) =>
          signal!.addEventListener('abort', () => reject(signal!.reason as Error)),
        );
      const iterator = iterate(put(new Probe().stream, (value) => value, { concurrency: { acquire } }));
      const pending = iterator.next();
      await idle();
      await iterator.return!();
      expect(await pending).toEqual(DONE);
    });

    test('that lets in what comes after an error is given back, and nothing is called', async () => {
      const come: (() => void)[] = [];
      let lent = 0;
      const acquire = () =>
        new Promise<() => void>((resolve) => {
          come.push(() => {
            lent++;
            resolve(() => {
              lent--;
            });
          });
        });
      const { tasks, stream } = running({ concurrency: { acquire } });
      const { seen, outcome } = collecting(stream);
      for (let n = 0; n < 2; n++) {
        await idle();
        come[n]!();
      }
      await idle();
      await tasks.reject(2, 'failed');
      come[2]!();
      await idle();
      expect([tasks.started, lent]).toEqual([[1, 2], 1]);
      await tasks.resolve(1);
      expect([seen, await outcome, lent]).toEqual([[1], { error: 'failed' }, 0]);
    });

    test('asks for one permit at a time, and reads no more until it has one', async () => {
      let asked = 0;
      const acquire = () => {
        asked++;
        return new Promise<() => void>(() => undefined);
      };
      const { stream, probe } = running({ concurrency: { acquire } });
      const iterator = iterate(stream);
      const pending = iterator.next();
      await idle();
      expect([asked, probe.pulled]).toEqual([1, 1]);
      await iterator.return!();
      expect(await pending).toEqual(DONE);
    });

    // Of streams that run, there are as many as it lets in.
    if (!makesStreams)
      test('holds no more than 16 results where no buffer is given', async () => {
        const probe = new Probe();
        const acquire = () => () => undefined;
        const iterator = iterate(
          put(probe.stream, async (value) => value, { concurrency: { acquire }, ordered: false }),
        );
        await iterator.next();
        await pause(20);
        // And those that run.
        expect(probe.pulled).toBeLessThanOrEqual(1 + 16 + 10);
        await iterator.return!();
      });
  });
}
