import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, turnsUntilSettled } from '../support/turns.ts';

describe('combineLatest', () => {
  test('gives a row for each element that comes, from when there is one of each', async () => {
    const [a, b, c] = [new Hand<string>(), new Hand<string>(), new Hand<string>()];
    const rows = watch(AsyncStream.combineLatest(a, b, c));
    await idle();
    await b.give('b1');
    await a.give('a1');
    expect(rows.seen).toEqual([]);
    await c.give('c1');
    await c.give('c2');
    await a.give('a2');
    await a.end();
    await b.give('b2');
    await b.end();
    await c.give('c3');
    expect(rows.seen.map((row) => (row as string[]).join())).toEqual([
      'a1,b1,c1',
      'a1,b1,c2',
      'a2,b1,c2',
      'a2,b2,c2',
      'a2,b2,c3',
    ]);
    await c.end();
    expect(rows.outcome).toBe('end');
  });

  test('reads on before all have emitted an element, and keeps the latest', async () => {
    const [fast, slow] = [new Probe({ length: 3, element: (n) => `f${n}` }), new Hand<string>()];
    const rows = watch(AsyncStream.from(fast.input).combineLatest(slow));
    await idle();
    await slow.give('s1');
    await slow.end();
    expect(rows).toEqual({ seen: [['f3', 's1']], outcome: 'end' });
  });

  test('emits the first row with the first elements if all are there', async () => {
    expect(await AsyncStream.combineLatest([1, 2], ['a'], [true]).toArray()).toEqual([
      [1, 'a', true],
      [2, 'a', true],
    ]);
  });

  test('rejects at once with an error that follows the first element of an input, though another is stuck', async () => {
    const error = new Error('input');
    const [stuck, failing] = [new Probe({ stuckAt: 1 }), new Probe({ failAt: 3, error })];
    for (const inputs of [
      [stuck.input, failing.input],
      [failing.input, stuck.input],
    ]) {
      const run = outcomeOf(() => AsyncStream.combineLatest(...inputs).toArray());
      expect(await turnsUntilSettled(run)).toBeLessThan(40);
      expect(await run).toStrictEqual({ error });
    }
  });

  test('lets a timer fire while an endless input that never waits is read on', async () => {
    const rows = AsyncStream.combineLatest(AsyncStream.range(0), AsyncStream.interval(1));
    expect(await rows.first()).toEqual([expect.any(Number), 0]);
  });

  test('drops none where the consumer is slow', async () => {
    const stream = AsyncStream.combineLatest(AsyncStream.of(1, 2, 3), AsyncStream.of('a', 'b', 'c')).tap(idle);
    const rows = await stream.toArray();
    expect(rows).toHaveLength(5);
    expect(rows.at(-1)).toEqual([3, 'c']);
  });

  test.each<[string, () => AsyncIterable<number> | Iterable<number>]>([
    ['waits', () => new Probe().stream],
    ['never waits', () => AsyncStream.range(0)],
  ])('gives a row for each element that comes while the consumer is busy, beside one that %s', async (_, make) => {
    const [b, c] = [new Hand<string>(), new Hand<string>()];
    const iterator = AsyncStream.combineLatest(make(), b, c)[Symbol.asyncIterator]();
    const row = async () => (await iterator.next()).value!;
    const first = row();
    await idle();
    await b.give('b1');
    await c.give('c1');
    const [n] = await first;
    expect(await row()).toEqual([n + 1, 'b1', 'c1']);
    await idle();
    await b.give('b2');
    await c.give('c2');
    expect([await row(), await row(), await row()]).toEqual([
      [n + 1, 'b2', 'c1'],
      [n + 1, 'b2', 'c2'],
      [n + 2, 'b2', 'c2'],
    ]);
    await iterator.return();
  });

  test('takes no element for a missing one', async () => {
    expect(await AsyncStream.combineLatest([undefined], [null, undefined]).toArray()).toEqual([
      [undefined, null],
      [undefined, undefined],
    ]);
  });

  test('gives each row as an array of its own', async () => {
    const rows = await AsyncStream.of(1).combineLatest([3, 4]).toArray();
    (rows[0] as unknown[]).length = 0;
    expect(rows[1]).toEqual([1, 4]);
  });

  test('gives rows of one without others, and none without inputs', async () => {
    expect(await AsyncStream.of(1, 2).combineLatest().toArray()).toEqual([[1], [2]]);
    expect(await AsyncStream.combineLatest().toArray()).toEqual([]);
  });

  test('ends at once where one has no element, and closes the others', async () => {
    const [open, stuck, empty] = [new Probe(), new Probe({ stuckAt: 1 }), new Probe({ length: 0 })];
    const run = AsyncStream.combineLatest(open.input, stuck.input, empty.input).toArray();
    expect(await turnsUntilSettled(run)).toBeLessThan(40);
    expect([await run, open.closed, stuck.closed, empty.closed]).toEqual([[], 1, 1, 0]);
    expect([...open.faults(), ...stuck.faults(), ...empty.faults()]).toEqual([]);
  });

  test('is fair to one that waits, beside one that is always ready', async () => {
    function* always() {
      for (;;) yield 'always';
    }
    async function* letters() {
      yield 'a';
      yield 'b';
      yield 'c';
    }
    const rows = AsyncStream.combineLatest(always(), letters()).takeWhile(([, letter]) => letter !== 'c');
    expect(await rows.take(1000).count()).toBeLessThan(100);
  });
});
