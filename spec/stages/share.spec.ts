import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, OverflowError, type ShareOptions } from '../../lib/index.ts';
import { DONE, iterate } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, microtasks, outcomeOf, seenOf, turnsUntilSettled, until } from '../support/turns.ts';

/** A shared stream that a channel feeds. */
function live(options?: ShareOptions) {
  const { stream, push, end, fail } = AsyncStream.channel<number>();
  let runs = 0;
  const counted = stream.tap({ start: () => runs++ });
  return { shared: counted.share(options), push, end, fail, runs: () => runs };
}

describe('share', () => {
  test('gives those that begin without an await between them the same elements, over one run', async () => {
    const probe = new Probe({ length: 100 });
    const shared = probe.stream.share();
    await idle();
    expect(probe.log).toEqual([]);
    const all = await Promise.all([1, 2, 3].map(() => shared.toArray()));
    const expected = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(all).toEqual([expected, expected, expected]);
    expect([probe.opened, probe.pulled, probe.faults()]).toEqual([1, 101, []]);
  });

  test('gives them the same also where the source gives its elements at once', async () => {
    const shared = AsyncStream.of(1, 2, 3).share();
    expect(await Promise.all([shared.toArray(), shared.toArray()])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test('gives inputs that one stage opens a little apart the same elements, and runs the source once', async () => {
    const kinds: ((count: number) => Iterable<number> | AsyncIterable<number>)[] = [
      (count) => Array.from({ length: count }, (_, n) => n),
      function* (count) {
        for (let n = 0; n < count; n++) yield n;
      },
      async function* (count) {
        for (let n = 0; n < count; n++) yield n;
      },
    ];
    for (const make of kinds) {
      for (const count of [0, 1, 2, 5]) {
        let runs = 0;
        const share = () =>
          AsyncStream.from(() => {
            runs++;
            return make(count);
          }).share();
        const expected = Array.from({ length: count }, (_, n) => n);
        const [one, two, three, four] = [share(), share(), share(), share()];
        expect(await one.takeUntil(one.filter((n) => n > 5)).toArray()).toEqual(expected);
        expect(await two.takeUntil(two.filter((n) => n === 3)).toArray()).toEqual(expected.slice(0, 3));
        expect(
          await three
            .withLatestFrom(three)
            .map(([n]) => n)
            .toArray(),
        ).toEqual(expected);
        const often = four.takeUntil(four.filter((n) => n > 6)).takeUntil(four.filter((n) => n > 7));
        expect(await often.toArray()).toEqual(expected);
        expect(runs).toBe(4);
      }
    }
  });

  test('gives the error of a source that has failed by then to all streams of one stage', async () => {
    const [first, second] = new Probe({ failAt: 1, error: 'of the source' }).stream.tee(2);
    await outcomeOf(() => second!.drain());
    const shared = first!.share();
    const one = () => shared.map((value) => value).catch((error) => [error]);
    const both = AsyncStream.of(one(), one()).flatMap((each) => each, { concurrency: Infinity, ordered: false });
    expect(await both.toArray()).toEqual(['of the source', 'of the source']);
  });

  test('opens the source at once, so that no event is missed', async () => {
    for (const waits of [1, 2, 8]) {
      const target = new EventTarget();
      const first = AsyncStream.fromEvent(target, 'ping').share().first();
      await microtasks(waits);
      target.dispatchEvent(new Event('ping'));
      expect((await first)!.type).toBe('ping');
    }
  });

  test('gives one that comes later what comes from then on', async () => {
    const { shared, push, end, runs } = live();
    const first = shared.toArray();
    void push(1);
    await idle();
    const second = shared.toArray();
    void push(2);
    end();
    expect([await first, await second, runs()]).toEqual([[1, 2], [2], 1]);
  });

  test.each([
    [1, [3, 4]],
    [2, [2, 3, 4]],
    [Infinity, [1, 2, 3, 4]],
  ])('gives it before that the last elements with replay %p', async (replay, expected) => {
    const { shared, push, end } = live({ replay });
    const first = shared.toArray();
    for (const n of [1, 2, 3]) void push(n);
    await idle();
    const second = shared.toArray();
    void push(4);
    end();
    expect([await first, await second]).toEqual([[1, 2, 3, 4], expected]);
  });

  test.each(['block', 'error', 'drop-oldest', 'drop-newest'] as const)(
    'does not take replayed elements for those of a slow consumer, with overflow %p',
    async (overflow) => {
      const { stream, push, end } = AsyncStream.channel<number>();
      const shared = stream.share({ replay: 3, buffer: 1, overflow });
      const early = shared[Symbol.asyncIterator]();
      for (const n of [1, 2, 3]) {
        void push(n);
        await early.next();
      }
      const late = shared[Symbol.asyncIterator]();
      const seen = [(await late.next()).value];
      void push(4);
      await early.next();
      end();
      for await (const value of late) seen.push(value);
      expect(seen).toEqual([1, 2, 3, 4]);
    },
  );

  test('replays more than its buffer holds', async () => {
    for (const overflow of ['block', 'error', 'drop-newest'] as const) {
      const { shared, push, end } = live({ replay: 3, buffer: 1, overflow });
      const first = shared.toArray();
      for (const n of [1, 2, 3]) {
        void push(n);
        await idle();
      }
      const second = shared.toArray();
      end();
      expect([await first, await second]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
    }
  });

  test('gives an error to all, and what they have not yet taken before it', async () => {
    for (const error of [new Error('wanted'), undefined]) {
      const { shared, push, fail } = live();
      const first = seenOf(shared);
      const slow = iterate(shared);
      const one = slow.next();
      void push(1);
      void push(2);
      fail(error);
      expect(await first).toStrictEqual({ seen: [1, 2], error });
      expect([(await one).value, (await slow.next()).value]).toEqual([1, 2]);
      expect(await outcomeOf(() => slow.next())).toStrictEqual({ error });
    }
  });

  test('is closed when the last consumer leaves, who waits for that', async () => {
    const log: string[] = [];
    const probe = new Probe({ log, close: () => idle().then(idle) });
    const shared = probe.stream.share();
    const [one, other] = [iterate(shared), iterate(shared)];
    await Promise.all([one.next(), other.next()]);
    await one.return();
    expect(log).not.toContain('close');
    await other.return();
    log.push('over');
    expect(log.slice(-3)).toEqual(['close', 'closed', 'over']);
    expect([probe.pulled, probe.closed, probe.faults()]).toEqual([1, 1, []]);
  });

  test('starts a new run after the end, an error and the last consumer, without what was replayed', async () => {
    const probe = new Probe({ length: 2 });
    const shared = probe.stream.share({ replay: 5 });
    expect([await shared.toArray(), await shared.first(), await shared.toArray()]).toEqual([[1, 2], 1, [1, 2]]);
    expect([probe.opened, probe.closed, probe.faults()]).toEqual([3, 1, []]);
  });

  test('refuses a new run over a source that gives its elements once, and touches no run that goes on', async () => {
    const probe = new Probe({ kind: 'async generator', length: 3 });
    const shared = probe.stream.share();
    const all = shared.toArray();
    await shared.take(0).toArray();
    await iterate(shared).return();
    expect(await all).toEqual([1, 2, 3]);
    expect(await outcomeOf(() => shared.toArray())).toMatchObject({ error: { name: 'StreamConsumedError' } });
    expect(probe.faults()).toEqual([]);
  });

  test('keeps the others waiting for one that is behind, whose buffer holds no more than it says', async () => {
    const probe = new Probe({ length: 20 });
    const shared = probe.stream.share({ buffer: 3 });
    const slow = iterate(shared);
    const first = slow.next();
    const all = shared.toArray();
    expect((await first).value).toBe(1);
    await until(() => probe.pulled === 4);
    await new Promise((resolve) => setTimeout(resolve));
    await idle();
    expect(probe.pulled).toBe(4);
    await slow.return();
    expect((await all).length).toBe(20);
  });

  test.each([
    ['drop-oldest', { seen: [1, 18, 19, 20] }],
    ['drop-newest', { seen: [1, 2, 3, 4] }],
    ['error', { seen: [1, 2, 3, 4], error: new OverflowError(3) }],
  ] as const)('lets one that is behind lose elements, and not the others, with %s', async (overflow, expected) => {
    const shared = new Probe({ length: 20 }).stream.share({ buffer: 3, overflow });
    const slow = iterate(shared);
    const first = slow.next();
    expect((await shared.toArray()).length).toBe(20);
    const { seen, ...rest } = await seenOf({ [Symbol.asyncIterator]: () => slow });
    expect({ seen: [(await first).value, ...seen], ...rest }).toEqual(expected);
  });

  test('lets each consumer leave at once beside a stuck source', async () => {
    const probe = new Probe({ stuckAt: 1 });
    const shared = probe.stream.share();
    const iterators = [iterate(shared), iterate(shared)];
    const pending = iterators.map((iterator) => iterator.next());
    await until(() => probe.stuck);
    for (const iterator of iterators) expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
    expect([await Promise.all(pending), probe.closed, probe.faults()]).toEqual([[DONE, DONE], 1, []]);
  });

  test('starts a new run for one that comes while the last one is being closed', async () => {
    let close!: () => void;
    const probe = new Probe({ length: 3, close: () => new Promise<void>((resolve) => (close = resolve)) });
    const shared = probe.stream.share();
    const first = shared.first();
    await until(() => probe.closed === 1);
    expect(await shared.toArray()).toEqual([1, 2, 3]);
    close();
    expect(await first).toBe(1);
  });

  test('keeps the context of each consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores: Record<string, Set<unknown>> = { source: new Set(), one: new Set(), other: new Set() };
    const note = (name: string) => () => void stores[name]!.add(storage.getStore());
    const shared = AsyncStream.range(0, 50).tap(note('source')).share({ buffer: 1 });
    await Promise.all(['one', 'other'].map((name) => storage.run(name, () => shared.forEach(note(name)))));
    expect(stores).toEqual({ source: new Set(['one']), one: new Set(['one']), other: new Set(['other']) });
  });
});
