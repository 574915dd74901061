import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { DONE } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { idle, microtasks, outcomeOf, turnsUntilSettled, until } from './support/turns.ts';

const PROMPT = 60;

type Stream = AsyncStream<unknown>;

/** Where a signal can stand, with something that catches errors after it, before it and around it. */
const places: Record<string, (stream: Stream, signal: AbortSignal, caught: unknown[]) => Stream> = {
  'before a catch': (stream, signal, caught) => stream.withSignal(signal).catch((error) => void caught.push(error)),
  'after a catch': (stream, signal, caught) => stream.catch((error) => void caught.push(error)).withSignal(signal),
  'before a retry': (stream, signal, caught) =>
    stream.withSignal(signal).retry({ when: (error) => caught.push(error) > 0 }),
  'before two catches': (stream, signal, caught) =>
    stream
      .withSignal(signal)
      .catch((error) => void caught.push(error))
      .map((x) => x)
      .catch((error) => void caught.push(error)),
  'before a tap': (stream, signal, caught) => stream.withSignal(signal).tap({ error: (error) => caught.push(error) }),
  'before a buffer and a catch': (stream, signal, caught) =>
    stream
      .withSignal(signal)
      .buffer(2)
      .catch((error) => void caught.push(error)),
  'after a buffer': (stream, signal, caught) =>
    stream
      .buffer(2)
      .withSignal(signal)
      .catch((error) => void caught.push(error)),
  'before concurrent callbacks and a catch': (stream, signal, caught) =>
    stream
      .withSignal(signal)
      .map((x) => x, { concurrency: 2 })
      .catch((error) => void caught.push(error)),
  'in an input of merge': (stream, signal, caught) =>
    AsyncStream.of()
      .merge(stream.withSignal(signal))
      .catch((error) => void caught.push(error)),
  'in an input of merge that catches': (stream, signal, caught) =>
    AsyncStream.of().merge(stream.withSignal(signal).catch((error) => void caught.push(error))),
  'in a nested stream': (stream, signal, caught) =>
    AsyncStream.of(1)
      .flatMap(() => stream.withSignal(signal))
      .catch((error) => void caught.push(error)),
  'in a nested stream that catches': (stream, signal, caught) =>
    AsyncStream.of(1).flatMap(() => stream.withSignal(signal).catch((error) => void caught.push(error))),
  'in one of several nested streams': (stream, signal, caught) =>
    AsyncStream.of(1)
      .flatMap(() => stream.withSignal(signal).buffer(1), { concurrency: 2 })
      .catch((error) => void caught.push(error)),
  'before a stage of its own': (stream, signal, caught) =>
    stream
      .withSignal(signal)
      .pipe(async function* (above) {
        yield* above;
      })
      .catch((error) => void caught.push(error)),
  'before a stage of its own that reads ahead': (stream, signal, caught) =>
    stream
      .withSignal(signal)
      .pipe(async function* (above) {
        yield* above.buffer(2);
      })
      .catch((error) => void caught.push(error)),
};

describe('an abort in the turn of an error', () => {
  test('comes too late where a callback throws', async () => {
    for (let turns = 1; turns < 12; turns++) {
      const controller = new AbortController();
      const abort = async () => {
        await microtasks(turns);
        controller.abort('second');
      };
      const probe = new Probe();
      const stream = probe.stream.map(() => {
        void abort();
        throw 'first' as unknown;
      });
      expect(await outcomeOf(() => stream.drain({ signal: controller.signal }))).toEqual({ error: 'first' });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    }
  });

  test('comes too late where next() throws in the very call', async () => {
    let closed = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next() {
          throw 'first' as unknown;
        },
        return: () => ({ value: (closed += 1) }),
      }),
    };
    const controller = new AbortController();
    const ended = outcomeOf(() => AsyncStream.from(source as never).drain({ signal: controller.signal }));
    controller.abort('second');
    expect([await ended, closed]).toEqual([{ error: 'first' }, 0]);
  });
});

describe('withSignal', () => {
  describe.each(Object.keys(places))('%s', (place) => {
    const build = (stream: Stream, signal: AbortSignal, caught: unknown[] = []) =>
      places[place]!(stream, signal, caught);
    const reasons = [new Error('reason'), 'stop', 0, null];

    test('rejects at once with the very reason, which nobody catches, where the source is stuck', async () => {
      for (const reason of reasons) {
        const controller = new AbortController();
        const caught: unknown[] = [];
        const probe = new Probe({ stuckAt: 2 });
        const ended = outcomeOf(() => build(probe.stream, controller.signal, caught).toArray());
        await until(() => probe.stuck);
        controller.abort(reason);
        expect(await turnsUntilSettled(ended)).toBeLessThan(PROMPT);
        expect([await ended, caught]).toStrictEqual([{ error: reason }, []]);
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
        probe.late!.reject(new Error('late'));
        await idle();
      }
    });

    test('tells the next() that is pending, and ends', async () => {
      const controller = new AbortController();
      const probe = new Probe({ stuckAt: 1 });
      const iterator = build(probe.stream, controller.signal)[Symbol.asyncIterator]();
      const pending = outcomeOf(() => iterator.next());
      await until(() => probe.stuck);
      controller.abort('stop');
      expect(await turnsUntilSettled(pending)).toBeLessThan(PROMPT);
      expect([await pending, await iterator.next(), await iterator.return()]).toEqual([{ error: 'stop' }, DONE, DONE]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    // A stage of one's own is told of it, and passes it on when it is asked again.
    if (!place.includes('stage of its own')) {
      test('rejects also where a callback after it is stuck', async () => {
        const controller = new AbortController();
        const caught: unknown[] = [];
        const probe = new Probe();
        let signal: AbortSignal | undefined;
        const stream = build(probe.stream, controller.signal, caught).map((_, __, context) => {
          signal = context.signal;
          return new Promise(() => undefined);
        });
        const ended = outcomeOf(() => stream.drain());
        await until(() => signal !== undefined);
        controller.abort('stop');
        expect(await turnsUntilSettled(ended)).toBeLessThan(PROMPT);
        expect([await ended, caught, signal!.reason]).toEqual([{ error: 'stop' }, [], 'stop']);
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      });
    }

    test('does not open the source where the signal has aborted before', async () => {
      for (const reason of reasons) {
        const caught: unknown[] = [];
        const probe = new Probe();
        const stream = build(probe.stream, AbortSignal.abort(reason), caught);
        expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error: reason });
        expect([caught, probe.log]).toEqual([[], []]);
      }
    });

    test('stops where it is aborted in a callback before it, in the same turn', async () => {
      const controller = new AbortController();
      const caught: unknown[] = [];
      const seen: unknown[] = [];
      const probe = new Probe({ kind: 'sync iterable', length: 5 });
      const above = probe.stream.tap((x) => {
        if (x === 2) controller.abort('stop');
      });
      const ended = build(above, controller.signal, caught).forEach((x) => void seen.push(x));
      expect([await outcomeOf(() => ended), caught]).toEqual([{ error: 'stop' }, []]);
      expect(seen.filter((x) => x !== 1)).toEqual([]);
      expect(probe.faults()).toEqual([]);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    });

    test('leaves no listener behind, however it ends, and aborts nothing any more', async () => {
      const { signal } = new AbortController();
      const stream = (options = {}) => build(new Probe({ length: 3, ...options }).stream, signal);
      const fail = () => {
        throw new Error('callback');
      };
      const ends: (() => unknown)[] = [
        () => stream().drain(),
        () => stream().first(),
        () => outcomeOf(() => stream().forEach(fail)),
        () => outcomeOf(() => stream({ failAt: 2 }).take(2).drain()),
        async () => {
          for await (const _value of stream()) break;
        },
        async () => {
          const iterator = stream()[Symbol.asyncIterator]();
          await iterator.next();
          await iterator.return();
        },
        () => stream()[Symbol.asyncIterator]().return(),
      ];
      for (let run = 0; run < 20; run++) for (const end of ends) await end();
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });
  });

  test('does not keep a stage of its own from seeing to the aborts of its own signal', async () => {
    const stream = AsyncStream.of(1, 2).pipe(async function* (above) {
      try {
        yield* above.withSignal(AbortSignal.abort('own'));
      } catch (error) {
        yield error;
      }
    });
    expect(await stream.toArray()).toEqual(['own']);
  });

  test('lets an error be caught that was there before the abort, and the same afterwards is a reason', async () => {
    const controller = new AbortController();
    const stream = new Probe({ failAt: 1, error: 'stop' }).stream
      .withSignal(controller.signal)
      .catch((error) => [error])
      .tap(() => controller.abort('stop'));
    expect(await stream.toArray()).toEqual(['stop']);
  });

  test('is aborted by the first of two signals', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const probe = new Probe({ stuckAt: 1 });
    const caught: unknown[] = [];
    const stream = probe.stream
      .withSignal(one.signal)
      .catch((error) => void caught.push(error))
      .withSignal(other.signal);
    const ended = outcomeOf(() => stream.drain());
    await until(() => probe.stuck);
    other.abort('first');
    one.abort('second');
    expect([await ended, caught]).toEqual([{ error: 'first' }, []]);
  });
});

test.each<[string, (stream: Stream) => Stream]>([
  ['a source', (stream) => stream],
  ['an input of merge', (stream) => AsyncStream.of<unknown>().merge(stream)],
  ['a source before a buffer', (stream) => stream.buffer(2)],
])('closes %s in the asynchronous context of the run, and not of the caller who aborts', async (_name, build) => {
  const storage = new AsyncLocalStorage<string>();
  const stores: unknown[] = [];
  const probe = new Probe({ stuckAt: 2, close: () => stores.push(storage.getStore()) });
  const controller = new AbortController();
  const run = storage.run('consumer', () => outcomeOf(() => build(probe.stream).drain({ signal: controller.signal })));
  await until(() => probe.stuck);
  storage.run('aborter', () => controller.abort('stop'));
  expect(await run).toEqual({ error: 'stop' });
  expect(stores).toEqual(['consumer']);
});
