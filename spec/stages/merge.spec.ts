import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { collectGarbage } from '../support/garbage.ts';
import { Hand, watch } from '../support/hand.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { soak } from '../support/soak.ts';
import { idle, outcomeOf, turnsUntilSettled, until } from '../support/turns.ts';

function* always(name: string) {
  for (;;) yield name;
}
async function* alwaysLater(name: string) {
  for (;;) yield name;
}

describe('merge', () => {
  test('gives elements in the order in which they come', async () => {
    const [a, b] = [new Hand<string>(), new Hand<string>()];
    const merged = watch(AsyncStream.merge(a, b));
    await idle();
    await b.give('b1');
    await b.give('b2');
    await a.give('a1');
    await b.end();
    await a.give('a2');
    expect([merged.seen, merged.outcome]).toEqual([['b1', 'b2', 'a1', 'a2'], undefined]);
    await a.end();
    expect(merged.outcome).toBe('end');
  });

  test('gives all elements of each, and not the first ones only', async () => {
    const stream = AsyncStream.of(1, 2, 3).merge([4, 5, 6], AsyncStream.of(7, 8, 9));
    expect((await stream.toArray()).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('gives nothing without inputs, and the stream alone without others', async () => {
    expect(await AsyncStream.merge().toArray()).toEqual([]);
    expect(await AsyncStream.of(1, 2).merge().toArray()).toEqual([1, 2]);
  });

  test('takes no element for an end', async () => {
    const values = [undefined, null, false, 0, '', NaN];
    expect(await AsyncStream.merge(values, AsyncStream.of()).toArray()).toEqual(values);
  });

  test('reads a source again only when its element was consumed', async () => {
    const [a, b] = [new Probe(), new Probe()];
    const iterator = AsyncStream.merge(a.input, b.input)[Symbol.asyncIterator]();
    await iterator.next();
    await idle();
    expect([a.pulled, b.pulled]).toEqual([1, 1]);
    await iterator.next();
    await idle();
    expect([a.pulled, b.pulled]).toEqual([2, 1]);
    await iterator.return();
    expect([a.faults(), b.faults()]).toEqual([[], []]);
  });

  describe('is fair: of 300 elements', () => {
    const names = ['a', 'b', 'c'];
    const countOf = async (stream: AsyncStream<string>) => Object.fromEntries(await stream.take(300).countBy((x) => x));

    test('of synchronous sources, it gives a hundred of each', async () => {
      expect(await countOf(AsyncStream.merge(...names.map(always)))).toEqual({ a: 100, b: 100, c: 100 });
    });

    test('of asynchronous sources, it gives a hundred of each', async () => {
      expect(await countOf(AsyncStream.merge(...names.map(alwaysLater)))).toEqual({ a: 100, b: 100, c: 100 });
    });

    test.each([
      [always('a'), alwaysLater('b'), alwaysLater('c')],
      [always('a'), always('b'), alwaysLater('c')],
      [alwaysLater('a'), always('b'), alwaysLater('c')],
      [alwaysLater('a'), alwaysLater('b'), always('c')],
    ])('it gives at least 50 of each, where some are always ready (%#)', async (...sources) => {
      const counts = await countOf(AsyncStream.merge(...sources));
      expect(Math.min(...names.map((name) => counts[name]!))).toBeGreaterThanOrEqual(50);
    });

    test('it goes on with those that are ready when one has ended, and hears of one that comes late', async () => {
      let later!: (value: string) => void;
      const late = new Promise<string>((resolve) => (later = resolve));
      let count = 0;
      const stream = AsyncStream.merge(always('a'), always('b'), AsyncStream.from([late]), AsyncStream.of('d'));
      for await (const value of stream) {
        if (++count === 1000) later('late');
        if (value === 'late') break;
        if (count > 2000) throw new Error('never heard of it');
      }
      expect(count).toBeGreaterThan(1000);
    });
  });

  test('gives what came before an error, and nothing that comes after it', async () => {
    const error = new Error('b');
    const [a, b, c] = [new Hand<number>(), new Hand<number>(), new Hand<number>()];
    const iterator = AsyncStream.merge(a, b, c)[Symbol.asyncIterator]();
    const first = iterator.next();
    await idle();
    await a.give(1);
    expect(await first).toEqual({ done: false, value: 1 });
    // The consumer has what it wanted: nothing is read meanwhile.
    expect([a.asked, b.asked]).toEqual([1, 1]);
    await b.fail(error);
    await c.give(3);
    await expect(iterator.next()).rejects.toBe(error);
    expect([a.asked, a.closed, b.closed, c.closed]).toEqual([1, 1, 0, 1]);
  });

  test('reads nothing after an error, also of a source that is always ready', async () => {
    let fail!: (error: unknown) => void;
    const failing = new Promise<string>((_, reject) => (fail = reject));
    const [read, given] = [new Set<number>(), new Set<number>()];
    const ready = AsyncStream.range(0).tap((n) => read.add(n));
    const stream = AsyncStream.merge(ready, [failing]).tap((n) => {
      given.add(n as number);
      if (n === 100) fail('failed');
    });
    expect(await outcomeOf(() => stream.drain())).toEqual({ error: 'failed' });
    expect(read).toEqual(given);
  });

  test('waits for nothing where all have their elements at once', async () => {
    const numbers = Array.from({ length: 1000 }, (_, n) => n);
    const run = AsyncStream.merge(numbers, numbers, numbers).count();
    expect(await turnsUntilSettled(run)).toBeLessThan(20);
    expect(await run).toBe(3000);
  });

  test('takes ten thousand inputs, and five hundred one in the other', async () => {
    const inputs = Array.from({ length: 10_000 }, () => AsyncStream.of(1));
    expect(await AsyncStream.merge(...inputs).sum()).toBe(10_000);
    let nested = AsyncStream.of(1).map(async (n) => n);
    for (let depth = 0; depth < 500; depth++) nested = nested.merge([1]);
    expect(await nested.sum()).toBe(501);
  });

  test('aborts the signals of callbacks in all inputs with the error of one', async () => {
    const hands = [new Hand<number>(), new Hand<number>(), new Hand<number>()];
    const signals: AbortSignal[] = [];
    const inputs = hands.map((hand) => AsyncStream.from(hand).tap((_, __, { signal }) => signals.push(signal)));
    const merged = watch(AsyncStream.merge(...inputs));
    await idle();
    for (const hand of hands) await hand.give(1);
    const error = new Error('input');
    await hands[1]!.fail(error);
    expect(merged.outcome).toEqual({ error });
    expect(signals.map(({ reason }) => reason as unknown)).toEqual([error, error, error]);
  });

  test('drops a second error', async () => {
    const [a, b] = [new Hand<number>(), new Hand<number>()];
    const merged = watch(AsyncStream.merge(a, b));
    await idle();
    void a.fail('first');
    await b.fail('second');
    expect(merged.outcome).toEqual({ error: 'first' });
  });

  test('keeps none of the elements that came beside a source which never answers', async () => {
    const elements = soak(100_000, 20_000);
    const refs: WeakRef<object>[] = [];
    async function* objects() {
      for (let n = 0; n < elements; n++) {
        const element = { n };
        if (n % (elements / 100) === 0) refs.push(new WeakRef(element));
        yield element;
      }
    }
    const silent = new Probe({ stuckAt: 1 });
    let count = 0;
    const merged = AsyncStream.merge(silent.stream, objects());
    const iterator = merged.filter(() => ++count === 0)[Symbol.asyncIterator]();
    const pending = iterator.next();
    await until(() => count === elements);
    let alive = refs.length;
    // What weak references were asked for in a turn stays to the end of it, and the engine may keep a little longer.
    for (let round = 0; round < 5 && alive > 5; round++) {
      await idle();
      collectGarbage();
      alive = refs.filter((ref) => ref.deref() !== undefined).length;
    }
    expect([refs.length, alive <= 5]).toEqual([100, true]);
    expect([silent.pulled, silent.stuck]).toEqual([1, true]);
    await iterator.return();
    expect([await pending, silent.closed]).toEqual([DONE, 1]);
  }, 30_000);

  test.each<[string, () => AsyncStream<number>]>([
    ['gives its elements at once', () => AsyncStream.range(0)],
    [
      'waits only for microtasks',
      () =>
        AsyncStream.from(async function* () {
          for (let n = 0; ; n++) yield n;
        }),
    ],
  ])('lets a timer fire beside an endless source that %s', async (_, endless) => {
    const ticks = AsyncStream.interval(1).map((tick) => `tick ${tick}`);
    const merged = AsyncStream.merge(endless(), ticks).filter((element) => typeof element === 'string');
    expect(await merged.take(3).toArray()).toEqual(['tick 0', 'tick 1', 'tick 2']);
    const latest = AsyncStream.combineLatest(endless(), AsyncStream.interval(1)).map(([, tick]) => tick);
    expect(await latest.distinct().take(3).toArray()).toEqual([0, 1, 2]);
    const keyed = AsyncStream.mergeKeyed({ endless: endless(), ticks }).filter(([key]) => key === 'ticks');
    expect(await keyed.take(3).count()).toBe(3);
  });
});
