import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, GroupStalledError, limiter, StreamConsumedError } from '../../../lib/index.ts';
import { failures } from '../../support/failures.ts';
import { Hand } from '../../support/hand.ts';
import { DONE, iterate } from '../../support/iterators.ts';
import { Probe } from '../../support/probe.ts';
import { soak } from '../../support/soak.ts';
import { later } from '../../support/fake-time.ts';
import { idle, outcomeOf, pause, seenOf, turnsUntilSettled, until } from '../../support/turns.ts';

type Group<T> = [key: unknown, group: AsyncStream<T>];

const ALL = { concurrency: Infinity, ordered: false } as const;
const byParity = (x: number) => (x % 2 === 0 ? 'even' : 'odd');

/** The elements of each group in the order in which the groups came, when all are read at the same time. */
async function gather<T>(groups: AsyncStream<Group<T>>): Promise<[unknown, T[]][]> {
  const gathered: [unknown, T[]][] = [];
  await groups.forEach(
    async ([key, group]) => {
      const elements: T[] = [];
      gathered.push([key, elements]);
      await group.forEach((x) => elements.push(x));
    },
    { concurrency: Infinity },
  );
  return gathered;
}

describe('groupByKey', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each<[string, (stream: AsyncStream<number>) => AsyncStream<number>]>([
    ['an array', (stream) => stream],
    ['an async source', (stream) => stream.map(async (x) => x)],
    ['a slow source', (stream) => stream.tap(idle)],
  ])('gives a stream of the elements of each key, of %s', async (_kind, put) => {
    const numbers = put(AsyncStream.range(0, 100));
    expect(await gather(numbers.groupByKey((x) => x % 3))).toEqual(
      [0, 1, 2].map((rest) => [rest, Array.from({ length: 100 }, (_, x) => x).filter((x) => x % 3 === rest)]),
    );
  });

  test('gives all elements to flatMap, those of each key in their order', async () => {
    for (const buffer of [1, 2, 16, Infinity]) {
      const stream = AsyncStream.range(0, 500)
        .groupByKey((x) => x % 7, { buffer })
        .flatMap(([key, group]) => group.map(async (x) => [key, x] as const), ALL);
      const seen = await stream.toArray();
      expect(seen).toHaveLength(500);
      for (let key = 0; key < 7; key++) {
        const ofKey = seen.filter(([of]) => of === key).map(([, x]) => x);
        expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
      }
      expect((await seenOf(stream)).seen).toHaveLength(500);
    }
  });

  test('gives groups to forEach, as many as there are keys', async () => {
    const counts = new Map<number, number>();
    await AsyncStream.range(0, 10_000)
      .groupByKey((x) => x % 1000)
      .forEach(async ([key, group]) => counts.set(key, await group.count()), { concurrency: Infinity });
    expect([counts.size, new Set(counts.values())]).toEqual([1000, new Set([10])]);
  });

  test('gives a group as soon as its first element is there', async () => {
    const numbers = new Hand<number>();
    const groups = iterate(AsyncStream.from(numbers).groupByKey(byParity));
    const first = groups.next();
    await pause(4);
    void numbers.give(1);
    const [key, group] = (await first).value!;
    expect(key).toBe('odd');
    const odd = iterate(group);
    expect(await odd.next()).toEqual({ done: false, value: 1 });
    const [third, second] = [odd.next(), groups.next()];
    void numbers.give(2, 3);
    expect((await second).value![0]).toBe('even');
    expect(await third).toEqual({ done: false, value: 3 });
    await groups.return();
  });

  test('tells keys apart as a Map does, and awaits them', async () => {
    const keys = [NaN, NaN, 0, -0, undefined, null, '', false, undefined];
    for (const key of [(x: unknown) => x, async (x: unknown) => x]) {
      expect(await gather(AsyncStream.from([...keys]).groupByKey(key))).toEqual([
        [NaN, [NaN, NaN]],
        [0, [0, -0]],
        [undefined, [undefined, undefined]],
        [null, [null]],
        ['', ['']],
        [false, [false]],
      ]);
    }
  });

  test('lets groups be read that it ended with, after their stream is over', async () => {
    const groups = await AsyncStream.range(0, 6).groupByKey(byParity).toArray();
    const read = await Promise.all(groups.map(async ([key, group]) => [key, await group.toArray()]));
    expect(read).toEqual([
      ['even', [0, 2, 4]],
      ['odd', [1, 3, 5]],
    ]);
  });

  describe('is bounded: it', () => {
    test('holds so many elements of a group, and lets the source wait', async () => {
      for (const buffer of [1, 3]) {
        const probe = new Probe();
        const groups = iterate(probe.stream.groupByKey(() => 'all', { buffer }));
        const { value } = await groups.next();
        await pause(4);
        expect(probe.pulled).toBe(buffer);
        const group = iterate(value![1]);
        for (let taken = 1; taken < 4; taken++) {
          expect(await group.next()).toEqual({ done: false, value: taken });
          await pause(4);
          expect(probe.pulled).toBe(buffer + taken);
        }
        await groups.return();
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    });

    test('holds 16 elements of a group where nothing else is said', async () => {
      const probe = new Probe();
      const groups = iterate(probe.stream.groupByKey(() => 'all'));
      await groups.next();
      await pause(4);
      expect(probe.pulled).toBe(16);
      await groups.return();
    });

    test('holds so many groups that nobody has taken, and lets the source wait', async () => {
      const probe = new Probe();
      const groups = iterate(probe.stream.groupByKey((x) => x as number, { buffer: 3 }));
      await groups.next();
      await pause(4);
      expect(probe.pulled).toBe(4);
      await groups.next();
      await pause(4);
      expect(probe.pulled).toBe(5);
      await groups.return();
      expect(probe.faults()).toEqual([]);
    });

    test('lets the consumer and timers have their turn where there is no bound, and the source never waits', async () => {
      const first = await AsyncStream.range(0).groupByKey(byParity, { buffer: Infinity }).first();
      expect(first![0]).toBe(byParity(0));
      const signal = AbortSignal.timeout(5);
      const endless = async function* () {
        for (let i = 0; ; i++) yield i;
      };
      const groups = AsyncStream.from(endless).groupByKey(byParity, { buffer: Infinity });
      expect(await outcomeOf(() => groups.drain({ signal }))).toEqual({ error: signal.reason as unknown });
    });

    test('gives nothing to other groups while one is full, and goes on when that one is read', async () => {
      const groups = iterate(AsyncStream.of(1, 3, 5, 2, 7).groupByKey(byParity, { buffer: 2 }));
      const odd = iterate((await groups.next()).value![1]);
      const even = groups.next();
      await pause(4);
      expect(await turnsUntilSettled(even, 20)).toBe(Infinity);
      expect((await odd.next()).value).toBe(1);
      expect((await odd.next()).value).toBe(3);
      expect((await even).value![0]).toBe('even');
      await groups.return();
    });

    test('goes on when a full group is left, and opens another one for the next element of the key', async () => {
      const groups = iterate(AsyncStream.of(1, 3, 5, 2, 7).groupByKey(byParity, { buffer: 2 }));
      const odd = (await groups.next()).value![1];
      const next = groups.next();
      await pause(4);
      expect(await odd.first()).toBe(1);
      const [key, again] = (await next).value!;
      expect(key).toBe('odd');
      expect((await groups.next()).value![0]).toBe('even');
      expect(await again.toArray()).toEqual([5, 7]);
      expect(await groups.next()).toEqual(DONE);
    });

    test('goes on when a full group is left, if only the consumer of another group waits', async () => {
      const groups = iterate(AsyncStream.of(2, 1, 3, 5, 4).groupByKey(byParity, { buffer: 2 }));
      const even = iterate((await groups.next()).value![1]);
      const odd = iterate((await groups.next()).value![1]);
      expect((await even.next()).value).toBe(2);
      await pause(4);
      const next = even.next();
      await pause(4);
      expect(await turnsUntilSettled(next, 20)).toBe(Infinity);
      await odd.return();
      expect((await next).value).toBe(4);
      await groups.return();
    });

    test('does not go on when a full group is left, if no consumer waits', async () => {
      const probe = new Probe({ element: (n) => (n === 1 ? 2 : 1) });
      const groups = iterate(probe.stream.groupByKey(byParity, { buffer: 2 }));
      const [even, odd] = [(await groups.next()).value![1], (await groups.next()).value![1]];
      const readers = [iterate(even), iterate(odd)];
      for (const reader of readers) await reader.next();
      await pause(4);
      const { pulled } = probe;
      await readers[1]!.return();
      await pause(4);
      expect(probe.pulled).toBe(pulled);
      await groups.return();
    });

    test('goes on when a full group has been left, and its consumer takes the next group only after that', async () => {
      const seen: number[] = [];
      for await (const [, group] of AsyncStream.of(1, 3, 5, 2, 4).groupByKey(byParity, { buffer: 1 })) {
        for await (const x of group) {
          seen.push(x);
          await idle();
          break;
        }
      }
      expect(seen).toEqual([1, 5, 2]);
    });

    test('does not end a group for its consumer when a second run of it comes to nothing', async () => {
      const groups = iterate(AsyncStream.of(1, 3, 5).groupByKey(byParity));
      const odd = (await groups.next()).value![1];
      const reader = iterate(odd);
      expect((await reader.next()).value).toBe(1);
      expect(await odd.take(0).toArray()).toEqual([]);
      expect([(await reader.next()).value, (await reader.next()).value]).toEqual([3, 5]);
      await groups.return();
    });

    test('goes on when a full group is not wanted at all', async () => {
      for (const leave of [
        (group: AsyncStream<number>) => group.take(0).drain(),
        (group: AsyncStream<number>) => iterate(group).return(),
      ]) {
        const groups = iterate(AsyncStream.of(1, 3, 5, 2).groupByKey(byParity, { buffer: 2 }));
        const odd = (await groups.next()).value![1];
        const next = groups.next();
        await pause(4);
        await leave(odd);
        expect((await next).value![0]).toBe('odd');
        await groups.return();
      }
    });
  });

  describe('ends a group before the source does: it', () => {
    test('ends the one that has had no element for longest, where there are as many as there may be', async () => {
      const elements = ['a1', 'b1', 'a2', 'c1', 'b2', 'a3'];
      const groups = AsyncStream.from(elements).groupByKey((x) => x[0], { maxKeys: 2 });
      expect(await gather(groups)).toEqual([
        ['a', ['a1', 'a2']],
        ['b', ['b1']],
        ['c', ['c1']],
        ['b', ['b2']],
        ['a', ['a3']],
      ]);
    });

    test('emits more groups than may be open to a consumer that reads them later, and each keeps its elements', async () => {
      const groups = await AsyncStream.range(0, 90)
        .groupByKey((x) => x % 30, { maxKeys: 2, buffer: 2 })
        .toArray();
      const read = await Promise.all(groups.map(async ([, group]) => group.toArray()));
      expect(read).toEqual(Array.from({ length: 90 }, (_, x) => [x]));
    });

    test('lets the source wait when as many groups wait to be taken as may be open', async () => {
      for (const [maxKeys, buffer] of [
        [5, 3],
        [2, 3],
      ] as const) {
        const probe = new Probe();
        const groups = iterate(probe.stream.groupByKey((x) => x as number, { maxKeys, buffer }));
        await groups.next();
        await pause(4);
        expect(probe.pulled).toBe(1 + Math.max(maxKeys, buffer));
        await groups.return();
        expect(probe.faults()).toEqual([]);
      }
    });

    test('lets groups be consumed one after the other, where there may be one', async () => {
      const seen: unknown[] = [];
      const groups = AsyncStream.range(0, 9).groupByKey((x) => Math.floor(x / 3), { maxKeys: 1, buffer: 1 });
      for await (const [key, group] of groups) seen.push([key, await group.toArray()]);
      expect(seen).toEqual([
        [0, [0, 1, 2]],
        [1, [3, 4, 5]],
        [2, [6, 7, 8]],
      ]);
    });

    test('lets as many be consumed at a time as there may be', async () => {
      const groups = AsyncStream.range(0, 10_000).groupByKey((x) => (x * 7919) % 100, { maxKeys: 8 });
      const seen = await groups.flatMap(([, group]) => group, { concurrency: 8, ordered: false }).toArray();
      expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, x) => x));
    });

    test('ends those that have had no element for a while', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate'] });
      const letters = new Hand<string>();
      const log: string[] = [];
      const run = AsyncStream.from(letters)
        .groupByKey((x) => x[0], { idle: 100 })
        .forEach(
          async ([key, group]) => {
            await group.forEach((x) => log.push(x));
            log.push(`${key} ends`);
          },
          { concurrency: Infinity },
        );
      const after = async (milliseconds: number, ...values: string[]) => {
        await jest.advanceTimersByTimeAsync(milliseconds);
        void letters.give(...values);
        await jest.advanceTimersByTimeAsync(0);
      };
      await after(0, 'a1');
      await after(50, 'b1');
      await after(40, 'a2');
      await after(59);
      expect(log).toEqual(['a1', 'b1', 'a2']);
      await after(1);
      expect(log.splice(0)).toEqual(['a1', 'b1', 'a2', 'b ends']);
      await after(39, 'b2');
      expect(log.splice(0)).toEqual(['b2']);
      await after(1);
      expect(log.splice(0)).toEqual(['a ends']);
      await after(99);
      expect(log.splice(0)).toEqual(['b ends']);
      expect(jest.getTimerCount()).toBe(0);
      await after(0, 'c1');
      void letters.end();
      await jest.advanceTimersByTimeAsync(0);
      await run;
      expect([log, jest.getTimerCount()]).toEqual([['c1', 'c ends'], 0]);
    });

    test('goes on after a while where nobody reads a group that is full', async () => {
      jest.useFakeTimers();
      const groups = iterate(AsyncStream.of(1, 3, 2).groupByKey(byParity, { buffer: 2, idle: 10 }));
      const odd = (await groups.next()).value![1];
      const even = groups.next();
      await jest.advanceTimersByTimeAsync(10);
      expect((await even).value![0]).toBe('even');
      expect(await odd.toArray()).toEqual([1, 3]);
      await groups.return();
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  describe('fails: it', () => {
    test.each(failures)(
      'passes on to all groups, and to their stream, what the source %s',
      async (_how, fail, error) => {
        const source = AsyncStream.range(0).map((x) => (x === 6 ? fail() : x));
        const groups = iterate(source.groupByKey(byParity));
        const [even, odd] = [(await groups.next()).value![1], (await groups.next()).value![1]];
        expect(await seenOf(even)).toStrictEqual({ seen: [0, 2, 4], error });
        expect(await outcomeOf(() => groups.next())).toStrictEqual({ error });
        expect(await seenOf(odd)).toStrictEqual({ seen: [1, 3, 5], error });
        expect(await groups.next()).toEqual(DONE);
      },
    );

    test.each(failures)('fails where the key %s, and closes the source', async (_how, fail, error) => {
      const probe = new Probe();
      const stream = probe.stream.groupByKey((x) => (x === 3 ? fail() : 'all')).flatMap(([, group]) => group);
      expect((await seenOf(stream)).error).toBe(error);
      expect(probe.faults()).toEqual([]);
    });

    test('leaves no rejection unhandled in groups that nobody reads', async () => {
      const error = new Error('source');
      const stream = AsyncStream.from(async function* () {
        yield 1;
        yield 2;
        throw error;
      });
      expect(await outcomeOf(() => stream.groupByKey(byParity).drain())).toStrictEqual({ error });
      await pause(4);
    });

    test('ends the run with the first error of a consumer of a group, and closes all', async () => {
      const error = new Error('consumer');
      for (const use of [
        (groups: AsyncStream<Group<number>>, fail: (x: number) => number) =>
          groups.flatMap(([, group]) => group.map(fail), ALL).drain(),
        (groups: AsyncStream<Group<number>>, fail: (x: number) => number) =>
          groups.forEach(async ([, group]) => group.forEach(fail), { concurrency: Infinity }),
      ]) {
        const probe = new Probe();
        const fail = (x: number) => {
          if (x === 40) throw error;
          return x;
        };
        const groups = probe.stream.groupByKey((x) => (x as number) % 5);
        expect(await outcomeOf(() => use(groups, fail))).toStrictEqual({ error });
        await pause(4);
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    });

    test('refuses the second run over a group', async () => {
      const groups = await AsyncStream.of(1, 3).groupByKey(byParity).toArray();
      const group = groups[0]![1];
      expect(await group.toArray()).toEqual([1, 3]);
      const { error } = (await outcomeOf(() => group.toArray())) as { error: unknown };
      expect(error).toBeInstanceOf(StreamConsumedError);
      expect(String(error)).toContain('a group of groupByKey() can be run only once: tee() it');
      expect(group.explain().repeatable).toBe(false);
      expect(() => group.retry()).toThrow('retry: a group of groupByKey() can be run only once: tee() it');
    });
  });

  describe('is left: it', () => {
    test('closes the source, and fails the groups that are still read, after what they hold', async () => {
      const probe = new Probe({ length: 3 });
      const slow = probe.stream.append(AsyncStream.from([4]).map(() => new Promise<number>(() => undefined)) as never);
      const groups = iterate((slow as AsyncStream<number>).groupByKey(byParity, { buffer: 2 }));
      const odd = (await groups.next()).value![1];
      const reading = seenOf(odd);
      await groups.return();
      const { seen, error } = await reading;
      expect(seen[0]).toBe(1);
      expect(String(error)).toBe('Error: groupByKey: the stream of groups was closed before this group ended');
      expect(probe.faults()).toEqual([]);
    });

    test('fails the groups with the error of the run', async () => {
      const error = new Error('run');
      const probe = new Probe({ stuckAt: 3 });
      let reading!: Promise<unknown>;
      const run = probe.stream
        .groupByKey(() => 'all')
        .forEach(async ([, group]) => {
          reading = seenOf(group);
          await pause(4);
          throw error;
        });
      expect(await outcomeOf(() => run)).toStrictEqual({ error });
      expect(await reading).toStrictEqual({ seen: [1, 2], error });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('ends at once where the source is stuck, and groups are read', async () => {
      const probe = new Probe({ stuckAt: 5 });
      const iterator = iterate(probe.stream.groupByKey((x) => (x as number) % 2).flatMap(([, group]) => group, ALL));
      for (let taken = 0; taken < 4; taken++) await iterator.next();
      const pending = iterator.next();
      await until(() => probe.stuck);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(60);
      expect(await pending).toEqual(DONE);
      probe.late!.resolve(5);
      await pause(4);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('ends at once by an abort, where the source waits for a group that nobody reads', async () => {
      const controller = new AbortController();
      const probe = new Probe();
      const run = outcomeOf(() =>
        probe.stream
          .groupByKey(() => 'all')
          .withSignal(controller.signal)
          .drain(),
      );
      await pause(4);
      expect(probe.pulled).toBe(16);
      controller.abort('enough');
      expect(await run).toEqual({ error: 'enough' });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('ends while some groups are read to their end and others are left, by take', async () => {
      for (let count = 0; count < 30; count++) {
        const probe = new Probe();
        const stream = probe.stream
          .groupByKey((x) => (x as number) % 4, { buffer: 2 })
          .flatMap(([key, group]) => (key === 1 ? group.take(2) : group), ALL)
          .take(count);
        expect(await stream.toArray()).toHaveLength(count);
        expect([probe.closed, probe.faults()]).toEqual([count === 0 ? 0 : 1, []]);
      }
    });

    test('goes on reading when groups are left in flatMap', async () => {
      const stream = AsyncStream.range(0, 1000)
        .groupByKey((x) => x % 10, { buffer: 1 })
        .flatMap(([, group]) => group.take(3), ALL);
      expect((await stream.toArray()).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, x) => x));
    });
  });

  test('calls what is above in the context of its consumer, and what is put on a group in that of the group', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = { source: new Set<unknown>(), key: new Set<unknown>(), group: new Set<unknown>() };
    const groups = AsyncStream.range(0, 100)
      .tap(() => seen.source.add(storage.getStore()))
      .groupByKey(
        (x) => {
          seen.key.add(storage.getStore());
          return x % 2;
        },
        { buffer: 1 },
      );
    const tasks: Promise<void>[] = [];
    await storage.run('outer', async () => {
      for await (const [key, group] of groups) {
        tasks.push(
          storage.run(`group ${key}`, () => group.forEach(() => seen.group.add(`${key}: ${storage.getStore()}`))),
        );
      }
    });
    await Promise.all(tasks);
    expect({ source: [...seen.source], key: [...seen.key], group: [...seen.group].sort() }).toEqual({
      source: ['outer'],
      key: ['outer'],
      group: ['0: group 0', '1: group 1'],
    });
  });

  const KEYS = soak(100_000, 10_000);

  test(`forgets the groups that have ended, of ${KEYS} keys`, async () => {
    const groups = AsyncStream.range(0, KEYS).groupByKey((x) => x, { maxKeys: 100 });
    let count = 0;
    for await (const [, group] of groups) count += await group.sum();
    expect(count).toBe((KEYS * (KEYS - 1)) / 2);
  }, 30_000);

  test('lets thousands of groups be read at the same time', async () => {
    const groups = AsyncStream.range(0, 5000).groupByKey((x) => x);
    const all = groups.flatMap(([, group]) => group, { concurrency: Infinity, ordered: false });
    expect(await all.count()).toBe(5000);
  });

  describe('whose consumer waits for groups that only it can let go on', () => {
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] }));
    afterEach(() => void jest.useRealTimers());

    const counted = (stream: AsyncStream<number>, keys: number, options = {}) =>
      stream
        .groupByKey((x) => x % keys, options)
        .map(async ([key, group]) => [key, await group.count()])
        .toArray();

    test('rejects with an error that names them', async () => {
      const run = counted(AsyncStream.range(0, 200), 3);
      await expect(later(run)).rejects.toMatchObject({
        name: 'GroupStalledError',
        unread: [1, 2],
        awaited: [0],
        size: 16,
      });
      await expect(run).rejects.toThrow('groupByKey: the consumer waits for group 0 and does not read groups 1, 2');
      await expect(run).rejects.toBeInstanceOf(GroupStalledError);
    });

    test('rejects if it is too many groups that wait to be taken, and closes the source', async () => {
      const probe = new Probe();
      await expect(later(counted(probe.stream, 50))).rejects.toMatchObject({ name: 'GroupStalledError', awaited: [1] });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('rejects also when it has left other groups before', async () => {
      const groups = iterate(AsyncStream.range(0).groupByKey((x) => x, { buffer: 1 }));
      for (let count = 0; count < 3; count++) {
        const left = iterate((await groups.next()).value![1]);
        await left.next();
        await left.return();
      }
      const reader = iterate((await groups.next()).value![1]);
      await reader.next();
      await expect(later(reader.next())).rejects.toMatchObject({ name: 'GroupStalledError', awaited: [3] });
    });

    test('rejects also when another group has come to its end before', async () => {
      const keys = AsyncStream.of('a', 'b', 'c', 'c', 'c');
      const groups = iterate(keys.groupByKey((key) => key, { buffer: 1, maxKeys: 2 }));
      const a = iterate((await groups.next()).value![1]);
      await a.next();
      const b = iterate((await groups.next()).value![1]);
      await b.next();
      expect(await a.next()).toEqual(DONE);
      await expect(later(b.next())).rejects.toMatchObject({ name: 'GroupStalledError', unread: ['c'], awaited: ['b'] });
    });

    test('rejects also when it has been slow to read what is there', async () => {
      const keys = AsyncStream.of('a', 'a', 'b', 'b', 'b');
      const groups = iterate(keys.groupByKey((key) => key, { buffer: 2 }));
      const a = iterate((await groups.next()).value![1]);
      for (let count = 0; count < 2; count++) {
        await a.next();
        await jest.advanceTimersByTimeAsync(3000);
      }
      await expect(later(a.next())).rejects.toMatchObject({ name: 'GroupStalledError', unread: ['b'], awaited: ['a'] });
    });

    /** After a minute, and what comes before it. */
    async function inMinutes<R>(run: Promise<R>): Promise<R> {
      run.catch(() => undefined);
      await jest.advanceTimersByTimeAsync(70_000);
      return run;
    }

    test('rejects after a minute in which it has not begun to read the groups that it has', async () => {
      const probe = new Probe();
      const groups = inMinutes(probe.stream.groupByKey((x: number) => x % 3).toArray());
      await expect(groups).rejects.toMatchObject({ name: 'GroupStalledError', unread: [1, 2, 0], awaited: [] });
      await expect(groups).rejects.toThrow(
        'groupByKey: the consumer waits for another group and does not read groups 1,',
      );
      expect([probe.closed, probe.faults(), jest.getTimerCount()]).toEqual([1, [], 0]);
    });

    test('rejects after a minute also when a limiter keeps it from reading them', async () => {
      const counts = AsyncStream.range(0, 200)
        .groupByKey((x) => x % 3)
        .map(async ([key, group]) => [key, await group.count()], { concurrency: limiter(1) });
      await expect(inMinutes(counts.toArray())).rejects.toMatchObject({
        name: 'GroupStalledError',
        unread: [1, 2],
        awaited: [0],
      });
    });

    test('waits for less than a minute for a consumer that begins to read', async () => {
      const counts = AsyncStream.range(0, 200)
        .groupByKey((x) => x % 3)
        .map(
          async ([key, group]) => {
            await new Promise((resolve) => setTimeout(resolve, 20_000 * (key + 1)));
            return group.count();
          },
          { concurrency: 3 },
        );
      expect(await inMinutes(counts.toArray())).toEqual([67, 67, 66]);
    });

    test('waits for a consumer that has left all its groups, and takes its time', async () => {
      const groups = iterate(AsyncStream.range(0).groupByKey((x) => x, { buffer: 1 }));
      for (let key = 0; key < 3; key++) {
        const [taken, group] = (await groups.next()).value!;
        expect(taken).toBe(key);
        await group.first();
        await jest.advanceTimersByTimeAsync(3000);
      }
      await groups.return();
    });

    test('goes on if there is room for all, if groups end by themselves, or if all are read', async () => {
      const expected = [0, 1, 2].map((key) => [key, key < 2 ? 67 : 66]);
      const source = AsyncStream.range(0, 200);
      expect(await counted(source, 3, { buffer: 68 })).toEqual(expected);
      expect((await later(counted(source, 3, { idle: 1 }))).length).toBeGreaterThanOrEqual(3);
      const read = source
        .groupByKey((x) => x % 3)
        .map(async ([key, group]) => [key, await group.count()], {
          concurrency: 3,
        });
      expect(await read.toArray()).toEqual(expected);
    });

    test('waits for a consumer that does something else before it takes the next group', async () => {
      let count = 0;
      const readers: Promise<void>[] = [];
      const read = async () => {
        for await (const [, group] of AsyncStream.range(0, 200).groupByKey((x) => x % 30)) {
          readers.push(
            group.forEach(() => {
              count++;
            }),
          );
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        await Promise.all(readers);
      };
      await later(read().then(() => expect(count).toBe(200)));
    });

    test('waits for a consumer that is only slow, or begins to read later', async () => {
      const source = AsyncStream.range(0, 200);
      const slow = source
        .groupByKey((x) => x % 3)
        .map(async ([key, group]) => {
          for (let n = 0; n < 3; n++) await new Promise((resolve) => setTimeout(resolve, 2));
          return [key, await group.count()];
        });
      await expect(later(slow.toArray())).rejects.toThrow(GroupStalledError);
      const parallel = source
        .groupByKey((x) => x % 3)
        .map(
          async ([key, group]) => {
            for (let n = 0; n < 3; n++) await new Promise((resolve) => setTimeout(resolve, key));
            return [key, await group.tap(idle).count()];
          },
          { concurrency: 3 },
        );
      expect(await later(parallel.count())).toBe(3);
      const few = source.groupByKey((x) => x % 3).map(async ([, group]) => group.take(2).count());
      expect(await few.take(3).toArray()).toEqual([2, 2, 2]);
    });
  });
});
