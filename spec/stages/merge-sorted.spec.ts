import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf } from '../support/turns.ts';

const ascend = (a: number, b: number) => a - b;

describe('mergeSorted', () => {
  test('gives the elements of all inputs in order', async () => {
    const numbers = fc.array(
      fc.array(fc.integer({ min: 0, max: 50 })).map((all) => all.sort(ascend)),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(numbers, fc.boolean(), async (inputs, async) => {
        const sources = async ? inputs.map((input) => AsyncStream.from(input).map(async (n) => n)) : inputs;
        expect(await AsyncStream.mergeSorted<AsyncIterable<number>[]>(sources as never).toArray()).toEqual(
          inputs.flat().sort(ascend),
        );
      }),
    );
  });

  test('gives, of equal elements, that of an earlier input first', async () => {
    const inputs = [0, 1, 2, 3, 4].map((input) => [1, 1, 2].map((key) => ({ key, input })));
    const merged = await AsyncStream.mergeSorted(inputs, (a, b) => a.key - b.key).toArray();
    expect(merged.map(({ key, input }) => `${key}${input}`).join(' ')).toBe(
      '10 10 11 11 12 12 13 13 14 14 20 21 22 23 24',
    );
  });

  test('compares by < what has an order', async () => {
    expect(await AsyncStream.mergeSorted([[2, 10], [9]]).toArray()).toEqual([2, 9, 10]);
    expect(await AsyncStream.mergeSorted([['B', 'a'], ['b']]).toArray()).toEqual(['B', 'a', 'b']);
    expect(
      await AsyncStream.mergeSorted([[new Date(2)], [new Date(1)]])
        .map(Number)
        .toArray(),
    ).toEqual([1, 2]);
  });

  test('takes no element for an end', async () => {
    expect(await AsyncStream.mergeSorted([[null, undefined], [false]], () => 0).toArray()).toEqual([
      null,
      undefined,
      false,
    ]);
  });

  test('gives nothing without inputs', async () => {
    expect(await AsyncStream.mergeSorted([]).toArray()).toEqual([]);
    expect(await AsyncStream.mergeSorted([[], AsyncStream.of()]).toArray()).toEqual([]);
  });

  test('holds one element of each: it reads only the one whose element was taken', async () => {
    const [a, b] = [new Probe({ element: (n) => 10 * n }), new Probe({ element: (n) => 10 * n + 5 })];
    const iterator = AsyncStream.mergeSorted<Iterable<number>[]>([a.input, b.input] as never)[Symbol.asyncIterator]();
    const asked: number[][] = [];
    for (const value of [10, 15, 20]) {
      expect((await iterator.next()).value).toBe(value);
      await idle();
      asked.push([a.pulled, b.pulled]);
    }
    expect(asked).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
    await iterator.return();
    expect([a.closed, b.closed, ...a.faults(), ...b.faults()]).toEqual([1, 1]);
  });

  test('waits for an element of each, and gives nothing out of order', async () => {
    const [a, b] = [new Hand<number>(), new Hand<number>()];
    const merged = watch(AsyncStream.mergeSorted([a, b]));
    await idle();
    await a.give(5);
    expect(merged.seen).toEqual([]);
    await b.give(3);
    await b.end();
    await a.end();
    expect(merged).toEqual({ seen: [3, 5], outcome: 'end' });
  });

  test('compares some log k times for each element of k inputs', async () => {
    let calls = 0;
    const inputs = Array.from({ length: 256 }, (_, k) =>
      Array.from({ length: 20 }, (_, n) => n * 256 + ((k * 37) % 256)),
    );
    const compare = (a: number, b: number) => {
      calls++;
      return a - b;
    };
    expect(await AsyncStream.mergeSorted(inputs, compare).count()).toBe(5120);
    expect(calls / 5120).toBeLessThan(2 * Math.log2(256) + 2);
  });

  test('fails with what the comparison throws, and closes all', async () => {
    const [a, b] = [new Probe(), new Probe()];
    const fail = () => {
      throw undefined as unknown;
    };
    const stream = AsyncStream.mergeSorted<Iterable<number>[]>([a.input, b.input] as never, fail as never);
    expect(await outcomeOf(() => stream.drain())).toEqual({ error: undefined });
    expect([a.closed, b.closed, ...a.faults(), ...b.faults()]).toEqual([1, 1]);
  });
});
