import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled } from '../support/turns.ts';

const UNEQUAL = "TypeError: zip: inputs must have equally many elements in mode 'strict'";

describe('zip', () => {
  test('gives rows of one element of each', async () => {
    const stream = AsyncStream.of(1, 2).zip(new Set(['a', 'b']), async () => [true, false]);
    expect(await stream.toArray()).toEqual([
      [1, 'a', true],
      [2, 'b', false],
    ]);
  });

  test('gives rows of one without others, and none without inputs', async () => {
    expect(await AsyncStream.of(1, 2).zip().toArray()).toEqual([[1], [2]]);
    for (const mode of ['shortest', 'longest', 'strict'] as const) {
      expect(await AsyncStream.zip([], { mode }).toArray()).toEqual([]);
    }
  });

  test('takes no element for an end', async () => {
    const values = [undefined, null, false, 0, '', NaN];
    expect(
      await AsyncStream.of(...values)
        .zip(values)
        .toArray(),
    ).toEqual(values.map((value) => [value, value]));
  });

  test('reads all at the same time, when the row is wanted and not before', async () => {
    const log: string[] = [];
    const all = ['a', 'b', 'c'].map((name) => new Probe({ log, name }));
    const iterator = AsyncStream.zip(all.map(({ input }) => input))[Symbol.asyncIterator]();
    expect(log).toEqual([]);
    expect((await iterator.next()).value).toEqual([1, 1, 1]);
    await idle();
    expect(log).toEqual(['a next', 'b next', 'c next']);
    await iterator.next();
    expect(log).toEqual(['a next', 'b next', 'c next', 'a next', 'b next', 'c next']);
    await iterator.return();
    expect(all.map((probe) => [probe.closed, probe.faults()])).toEqual(all.map(() => [1, []]));
  });

  test('gives each row as an array of its own', async () => {
    const rows = await AsyncStream.of(1, 2).zip([3, 4]).toArray();
    (rows[0] as unknown[]).length = 0;
    expect(rows[1]).toEqual([2, 4]);
  });

  describe('shortest', () => {
    test('ends with the first that ends, and closes the others', async () => {
      const [short, long] = [new Probe({ length: 2 }), new Probe()];
      expect(await AsyncStream.zip([long.input, short.input]).toArray()).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect([short.closed, long.closed, long.pulled, long.faults()]).toEqual([0, 1, 3, []]);
    });

    test('ends at once though another one is stuck', async () => {
      const [short, stuck] = [new Probe({ length: 1 }), new Probe({ stuckAt: 2 })];
      const run = AsyncStream.zip([stuck.input, short.input]).toArray();
      expect(await turnsUntilSettled(run)).toBeLessThan(40);
      expect([await run, stuck.closed]).toEqual([[[1, 1]], 1]);
      stuck.late!.reject(new Error('late'));
      await idle();
    });

    test('does not open those after one that is known to be empty', async () => {
      const [before, after] = [new Probe(), new Probe()];
      expect(await AsyncStream.zip([before.input, [], after.input]).toArray()).toEqual([]);
      expect([before.closed, before.faults(), after.log]).toEqual([1, [], []]);
    });
  });

  describe('longest', () => {
    test('gives undefined for what is missing of the first one too', async () => {
      expect(await AsyncStream.zip([[1], ['a', 'b']], { mode: 'longest' }).toArray()).toEqual([
        [1, 'a'],
        [undefined, 'b'],
      ]);
    });

    test('ends with the last that ends, with undefined for what is missing', async () => {
      expect(await AsyncStream.zip([[1, 2, 3], AsyncStream.of('a'), []], { mode: 'longest' }).toArray()).toEqual([
        [1, 'a', undefined],
        [2, undefined, undefined],
        [3, undefined, undefined],
      ]);
    });

    test('takes what is missing from the padding, as it was at the call', async () => {
      const padding = ['x', 'y', 'z', 'too many'];
      const stream = AsyncStream.zip([['a', 'b'], ['c'], []], { mode: 'longest', padding });
      padding[1] = 'changed';
      expect(await stream.toArray()).toEqual([
        ['a', 'c', 'z'],
        ['b', 'y', 'z'],
      ]);
    });

    test('does not read again what has ended', async () => {
      const probe = new Probe({ length: 1 });
      await AsyncStream.zip([[1, 2, 3], probe.input], { mode: 'longest' }).drain();
      expect([probe.pulled, probe.faults()]).toEqual([2, []]);
    });

    test('waits for an element of those that are open', async () => {
      const [a, b] = [new Hand<string>(), new Hand<string>()];
      const rows = watch(AsyncStream.zip([a, b], { mode: 'longest', padding: ['-', '-'] }));
      await idle();
      await a.end();
      expect(rows.seen).toEqual([]);
      await b.give('b');
      await b.end();
      expect(rows).toEqual({ seen: [['-', 'b']], outcome: 'end' });
    });
  });

  describe('strict', () => {
    test('gives all rows where the inputs end at the same time', async () => {
      const stream = AsyncStream.zip([[1, 2], AsyncStream.of(3, 4)], { mode: 'strict' });
      expect(await stream.toArray()).toEqual([
        [1, 3],
        [2, 4],
      ]);
    });

    test.each([
      [2, 1, 2],
      [1, 2, 2],
      [2, 2, 1],
      [1, 1, 2],
      [0, 1, 1],
      [1, 0, 0],
    ])('fails where they do not, after the rows before, and closes the others: %d, %d, %d', async (...lengths) => {
      for (const kind of ['async iterable', 'sync iterable'] as const) {
        const all = lengths.map((length) => new Probe({ length, kind }));
        const { seen, error } = await seenOf(
          AsyncStream.zip(
            all.map(({ input }) => input),
            { mode: 'strict' },
          ),
        );
        const rows = Array.from({ length: Math.min(...lengths) }, (_, index) => [index + 1, index + 1, index + 1]);
        expect([seen, String(error)]).toEqual([rows, UNEQUAL]);
        expect(all.flatMap((probe) => probe.faults())).toEqual([]);
      }
    });

    test('fails at once though a third one is stuck', async () => {
      for (const order of [
        [0, 1, 2],
        [2, 1, 0],
        [1, 2, 0],
      ]) {
        const all = [new Probe({ length: 0 }), new Probe(), new Probe({ stuckAt: 1 })];
        const inputs = order.map((index) => all[index]!.input);
        const run = outcomeOf(() => AsyncStream.zip(inputs, { mode: 'strict' }).drain());
        expect(await turnsUntilSettled(run)).toBeLessThan(40);
        expect([String(((await run) as { error: unknown }).error), ...all.map(({ closed }) => closed)]).toEqual([
          UNEQUAL,
          0,
          1,
          1,
        ]);
      }
    });

    test('ends only when all have ended', async () => {
      const [a, b] = [new Hand<string>(), new Hand<string>()];
      const rows = watch(AsyncStream.zip([a, b], { mode: 'strict' }));
      await idle();
      await a.end();
      expect(rows.outcome).toBeUndefined();
      await b.end();
      expect(rows.outcome).toBe('end');
    });
  });

  test('refuses a hole among the inputs as it refuses undefined', () => {
    const holed = new Array<number[]>(2);
    holed[1] = [1];
    for (const call of [() => AsyncStream.zip(holed), () => AsyncStream.mergeSorted(holed)]) {
      expect(call).toThrow(/: input must be an iterable or an iterator, got undefined$/);
    }
  });
});
