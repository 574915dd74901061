import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, TeeStalledError } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { DONE, iterate } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { later } from '../support/fake-time.ts';
import { idle, seenOf, turnsUntilSettled, until } from '../support/turns.ts';

const even = (n: number) => n % 2 === 0;

describe('partition', () => {
  test('gives each element to one of the two, over one run', async () => {
    const probe = new Probe({ length: 9 });
    const [matching, rest] = probe.stream.partition(even);
    await idle();
    expect(probe.log).toEqual([]);
    expect(await Promise.all([matching.toArray(), rest.toArray()])).toEqual([
      [2, 4, 6, 8],
      [1, 3, 5, 7, 9],
    ]);
    expect([probe.opened, probe.pulled, probe.faults()]).toEqual([1, 10, []]);
  });

  test('asks the guard once for each, with index and context, and waits for its promise', async () => {
    const calls: unknown[] = [];
    const [matching, rest] = AsyncStream.of('a', 'b', 'c').partition(async (...args) => {
      calls.push(args);
      await idle();
      return args[1] > 0;
    });
    expect(await Promise.all([matching.toArray(), rest.toArray()])).toEqual([['b', 'c'], ['a']]);
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
      ['c', 2, aContext],
    ]);
  });

  test('takes whatever is truthy for a yes, and every value for an element', async () => {
    const values = [undefined, null, 0, '', NaN, 'x', 1, new Error('a value')];
    const [matching, rest] = AsyncStream.from(values).partition((value) => value);
    expect(await Promise.all([matching.toArray(), rest.toArray()])).toEqual([
      ['x', 1, new Error('a value')],
      [undefined, null, 0, '', NaN],
    ]);
  });

  test.each(failures)('fails both where the guard %s, after the elements before', async (_, fail, error) => {
    const probe = new Probe();
    const [matching, rest] = probe.stream.partition((n) => (n === 4 ? fail() : even(n)));
    expect(await Promise.all([seenOf(matching), seenOf(rest)])).toStrictEqual([
      { seen: [2], error },
      { seen: [1, 3], error },
    ]);
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('drops what is for a side that has left, and closes the source with the other', async () => {
    const probe = new Probe();
    const [matching, rest] = probe.stream.partition(even, { buffer: 2 });
    await iterate(rest).return();
    expect(await matching.take(20).count()).toBe(20);
    expect([probe.pulled, probe.closed, probe.faults()]).toEqual([40, 1, []]);
  });

  test('fails the one where nobody reads the other, when what waits for that is as much as it holds', async () => {
    const probe = new Probe();
    const [matching, rest] = probe.stream.partition(even, { buffer: 3 });
    const error = new TeeStalledError(1, 3);
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate', 'nextTick'] });
    const seen = await later(seenOf(matching)).finally(() => jest.useRealTimers());
    expect(seen).toEqual({ seen: [2, 4], error });
    expect([probe.pulled, probe.closed, probe.faults()]).toEqual([5, 1, []]);
    expect(await seenOf(rest)).toEqual({ seen: [1, 3, 5], error });
  });

  test('lets each side be run once', async () => {
    const [even, odd] = AsyncStream.of(1, 2).partition((n) => n % 2 === 0);
    expect(await Promise.all([even.toArray(), odd.toArray()])).toEqual([[2], [1]]);
    for (const side of [even, odd]) {
      await expect(side.toArray()).rejects.toThrow('a side of partition() can be run only once: tee() it');
    }
  });

  test('lets both leave at once beside a stuck source', async () => {
    const probe = new Probe({ stuckAt: 3 });
    const branches = probe.stream.partition(even);
    const [matching, rest] = [iterate(branches[0]), iterate(branches[1])];
    await Promise.all([matching.next(), rest.next()]);
    const pending = [matching.next(), rest.next()];
    await until(() => probe.stuck);
    expect(await turnsUntilSettled(matching.return())).toBeLessThan(40);
    expect(await turnsUntilSettled(rest.return())).toBeLessThan(40);
    expect([await Promise.all(pending), probe.closed, probe.faults()]).toEqual([[DONE, DONE], 1, []]);
  });
});
