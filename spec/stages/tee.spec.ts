import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, OverflowError, StreamConsumedError, TeeStalledError } from '../../lib/index.ts';
import { DONE, iterate } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { later } from '../support/fake-time.ts';
import { idle, microtasks, outcomeOf, PROMPT, seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { VALUES } from '../support/values.ts';

describe('tee', () => {
  test('gives all elements to each branch, over one run', async () => {
    const probe = new Probe({ length: 100 });
    const branches = probe.stream.tee(3);
    await idle();
    expect(probe.log).toEqual([]);
    const all = await Promise.all(branches.map((branch) => branch.toArray()));
    const expected = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(all).toEqual([expected, expected, expected]);
    expect([probe.opened, probe.pulled, probe.closed, probe.faults()]).toEqual([1, 101, 0, []]);
  });

  test('gives the very values, also those that are nothing', async () => {
    const [one, other] = AsyncStream.from(VALUES).tee();
    const [seen, also] = await Promise.all([one.toArray(), other.toArray()]);
    expect(seen).toEqual(VALUES);
    expect(also.map((value, index) => Object.is(value, VALUES[index]))).not.toContain(false);
  });

  test('gives nothing of an empty stream', async () => {
    const [one, other] = AsyncStream.of().tee();
    expect(await Promise.all([one.toArray(), other.toArray()])).toEqual([[], []]);
  });

  test('reads the source once for two that pull at once, and only when one wants more than is there', async () => {
    const probe = new Probe();
    const branches = probe.stream.tee();
    const [one, other] = [iterate(branches[0]), iterate(branches[1])];
    const both = () => Promise.all([one.next(), other.next()]);
    expect((await both()).map(({ value }) => value)).toEqual([1, 1]);
    expect((await both()).map(({ value }) => value)).toEqual([2, 2]);
    await idle();
    expect(probe.pulled).toBe(2);
    expect((await one.next()).value).toBe(3);
    await idle();
    expect(probe.pulled).toBe(3);
    expect((await other.next()).value).toBe(3);
    await idle();
    expect(probe.pulled).toBe(3);
    await Promise.all([one.return(), other.return()]);
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('gives errors to each branch, after the elements before', async () => {
    for (const error of [new Error('source'), undefined, null]) {
      const probe = new Probe({ failAt: 3, error });
      const [one, other] = probe.stream.tee();
      const first = await seenOf(one);
      expect([first, await seenOf(other)]).toStrictEqual([
        { seen: [1, 2], error },
        { seen: [1, 2], error },
      ]);
      expect([probe.closed, probe.faults()]).toEqual([0, []]);
    }
  });

  test('lets one branch run after the other within its buffer', async () => {
    const [one, other] = AsyncStream.range(0, 15).tee();
    expect(await one.count()).toBe(15);
    expect(await other.count()).toBe(15);
  });

  test('refuses a second run of a branch, and says so', async () => {
    const [one, other] = AsyncStream.of(1).tee();
    await Promise.all([one.toArray(), other.toArray()]);
    const { error } = (await outcomeOf(() => one.toArray())) as { error: Error };
    expect(error).toBeInstanceOf(StreamConsumedError);
    expect(error.message).toContain('a branch of tee() can be run only once: make more branches');
  });

  test('runs again where it is called again', async () => {
    const source = new Probe({ length: 2 });
    for (let run = 0; run < 2; run++) {
      const [one, other] = source.stream.tee();
      expect(await Promise.all([one.toArray(), other.toArray()])).toEqual([
        [1, 2],
        [1, 2],
      ]);
    }
    expect(source.opened).toBe(2);
  });

  describe('a branch that leaves', () => {
    test('does not stop the others; the last one closes the source, and waits for that', async () => {
      const log: string[] = [];
      const probe = new Probe({ log, close: () => idle().then(idle) });
      const [one, other] = probe.stream.tee();
      const firsts = one.take(2).toArray();
      const more = other.take(20).toArray();
      expect(await firsts).toEqual([1, 2]);
      expect(log).not.toContain('close');
      expect((await more).length).toBe(20);
      log.push('over');
      expect(log.slice(-3)).toEqual(['close', 'closed', 'over']);
      expect([probe.pulled, probe.closed, probe.faults()]).toEqual([20, 1, []]);
    });

    test('frees those that waited for it', async () => {
      const [one, other] = new Probe({ length: 10 }).stream.tee(2, { buffer: 2 });
      const slow = iterate(other);
      await slow.next();
      const all = one.toArray();
      await idle();
      await slow.return();
      expect((await all).length).toBe(10);
    });

    test('before its start counts as well', async () => {
      const probe = new Probe({ kind: 'given async iterator' });
      const [one, two, three] = probe.stream.tee(3);
      await iterate(one).return();
      await two.take(0).toArray();
      expect(probe.log).toEqual([]);
      await iterate(three).return();
      expect(probe.log).toEqual(['close', 'closed']);
    });

    test('last is told what goes wrong in closing, and no other', async () => {
      const error = new Error('close');
      const probe = new Probe({ close: () => Promise.reject(error) });
      const branches = probe.stream.tee();
      const [one, other] = [iterate(branches[0]), iterate(branches[1])];
      await Promise.all([one.next(), other.next()]);
      expect(await outcomeOf(() => one.return())).toEqual({ value: DONE });
      expect(await outcomeOf(() => other.return())).toEqual({ error });
      expect(probe.closed).toBe(1);
    });

    test('aborts the signal of callbacks before the tee with its own reason only as the last one', async () => {
      let signal!: AbortSignal;
      const stream = AsyncStream.range(0).map((n, _, context) => {
        ({ signal } = context);
        return n;
      });
      const [one, other] = stream.tee();
      const failing = outcomeOf(() => one.forEach(() => Promise.reject(new Error('one'))));
      const going = outcomeOf(() =>
        other.forEach((n) => (n === 3 ? failing.then(() => Promise.reject(new Error('other'))) : undefined)),
      );
      await failing;
      expect(signal.aborted).toBe(false);
      await going;
      expect(signal.reason).toEqual(new Error('other'));
    });
  });

  describe('beside a stuck source', () => {
    test('lets each branch leave at once', async () => {
      const probe = new Probe({ stuckAt: 2, kind: 'async generator' });
      const iterators = probe.stream.tee().map(iterate);
      await Promise.all(iterators.map((iterator) => iterator.next()));
      const pending = iterators.map((iterator) => iterator.next());
      await until(() => probe.stuck);
      expect(await turnsUntilSettled(iterators[0]!.return())).toBeLessThan(PROMPT);
      expect([await pending[0], probe.closed]).toEqual([DONE, 0]);
      expect(await turnsUntilSettled(iterators[1]!.return())).toBeLessThan(PROMPT);
      expect([await pending[1], probe.closed]).toEqual([DONE, 1]);
      probe.late!.reject(new Error('late'));
      await idle();
      expect(probe.faults()).toEqual([]);
    });

    test('lets an abort of one branch through, and the other goes on', async () => {
      const probe = new Probe({ stuckAt: 1, length: 2 });
      const [one, other] = probe.stream.tee();
      const controller = new AbortController();
      const aborted = outcomeOf(() => one.withSignal(controller.signal).toArray());
      const all = other.toArray();
      await until(() => probe.stuck);
      controller.abort('enough');
      expect(await aborted).toEqual({ error: 'enough' });
      probe.late!.resolve(1);
      expect(await all).toEqual([1, 2]);
    });
  });

  test('does not fail if the branch that is full begins to read in the same turn', async () => {
    const [one, other] = AsyncStream.range(0, 4).tee(2, { buffer: 1 });
    const all = one.toArray();
    for (let turn = 0; turn < 20; turn++) await null;
    const iterator = iterate(other);
    const seen: unknown[] = [await iterator.next()];
    // It is read, but full again, when the time is over.
    await new Promise((resolve) => setTimeout(resolve, 3));
    for (let n = 1; n < 4; n++) seen.push(await iterator.next());
    expect([await all, seen]).toEqual([[0, 1, 2, 3], [0, 1, 2, 3].map((value) => ({ done: false, value }))]);
    await iterator.return!();
  });

  test('passes on an abort of the stream before it as one, which is not caught', async () => {
    const controller = new AbortController();
    const [one, other] = new Probe({ stuckAt: 2 }).stream.withSignal(controller.signal).tee();
    const outcomes = [one.catch(() => ['caught']), other].map(seenOf);
    await idle();
    controller.abort('enough');
    expect(await Promise.all(outcomes)).toEqual([
      { seen: [1], error: 'enough' },
      { seen: [1], error: 'enough' },
    ]);
  });

  describe('a branch that is behind', () => {
    test('keeps the others waiting at its buffer, which never holds more', async () => {
      const probe = new Probe({ length: 20 });
      const [one, other] = probe.stream.tee(2, { buffer: 3 });
      const slow = iterate(other);
      await slow.next();
      const all = one.toArray();
      await until(() => probe.pulled === 4);
      await idle();
      // One that was taken, and three that wait.
      expect(probe.pulled).toBe(4);
      expect((await slow.next()).value).toBe(2);
      await idle();
      expect(probe.pulled).toBe(5);
      for (let n = 3; n <= 20; n++) expect((await slow.next()).value).toBe(n);
      expect(await slow.next()).toEqual(DONE);
      expect((await all).length).toBe(20);
    });

    test.each([
      ['drop-oldest', { seen: [18, 19, 20] }],
      ['drop-newest', { seen: [1, 2, 3] }],
      ['error', { seen: [1, 2, 3], error: new OverflowError(3) }],
    ] as const)('loses elements, and not the others, with %s', async (overflow, expected) => {
      const probe = new Probe({ length: 20 });
      const [one, other] = probe.stream.tee(2, { buffer: 3, overflow });
      expect((await one.toArray()).length).toBe(20);
      expect(await seenOf(other)).toEqual(expected);
      expect(probe.faults()).toEqual([]);
    });

    test('has the source read no further for one that has had too much of it', async () => {
      const probe = new Probe();
      const [one, other] = probe.stream.tee(2, { buffer: 3, overflow: 'error' });
      const iterator = iterate(one);
      for (let n = 0; n < 4; n++) await iterator.next();
      expect((await seenOf(other)).error).toEqual(new OverflowError(3));
      await idle();
      expect(probe.pulled).toBe(4);
      await iterator.return();
      expect(probe.closed).toBe(1);
    });

    test('closes the source where all have had too much of it', async () => {
      const probe = new Probe({ stuckAt: 2 });
      const [one, other] = probe.stream.tee(2, { buffer: 1, overflow: 'error' });
      const iterator = iterate(one);
      await iterator.next();
      void iterator.next();
      await until(() => probe.stuck);
      await iterator.return();
      probe.late!.resolve(2);
      await idle();
      expect([probe.closed, await seenOf(other)]).toEqual([1, { seen: [1], error: new OverflowError(1) }]);
    });
  });

  describe('a branch that nobody reads', () => {
    test('makes the others fail when its buffer is full, and the source is closed', async () => {
      const probe = new Probe();
      const [one, two, three] = probe.stream.tee(3, { buffer: 4 });
      jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate', 'nextTick'] });
      const [first, third] = await later(Promise.all([seenOf(one), seenOf(three)])).finally(() => jest.useRealTimers());
      const error = new TeeStalledError(1, 4);
      expect([first, third]).toEqual([
        { seen: [1, 2, 3, 4], error },
        { seen: [1, 2, 3, 4], error },
      ]);
      expect(first.error).toMatchObject({
        name: 'TeeStalledError',
        branch: 1,
        size: 4,
        message: expect.stringContaining(
          'branch 1 is never read, and 4 elements wait for it: ' +
            'read all branches at the same time, close unwanted ones, or raise the buffer',
        ),
      });
      expect([probe.pulled, probe.closed, probe.faults()]).toEqual([4, 1, []]);
      // What waited for it is still there.
      expect(await seenOf(two)).toEqual({ seen: [1, 2, 3, 4], error });
    });

    test('is given a second to begin', async () => {
      jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate', 'nextTick'] });
      try {
        const probe = new Probe({ length: 50 });
        const [one, other] = probe.stream.tee(2, { buffer: 2 });
        const all = one.toArray();
        await idle();
        await jest.advanceTimersByTimeAsync(990);
        expect((await other.toArray()).length).toBe(50);
        expect((await all).length).toBe(50);
      } finally {
        jest.useRealTimers();
      }
    });

    test('is named by nobody where it has left in that turn', async () => {
      const [one, other] = new Probe({ length: 50 }).stream.tee(2, { buffer: 2 });
      const all = one.count();
      await microtasks(100);
      await iterate(other).return();
      expect(await all).toBe(50);
    });

    test('gives all to who begins later, where those that waited for it have left', async () => {
      jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate', 'nextTick'] });
      try {
        const [one, other] = new Probe({ length: 10 }).stream.tee(2, { buffer: 2 });
        const iterator = iterate(one);
        await iterator.next();
        await iterator.next();
        const pending = iterator.next();
        await idle();
        await iterator.return();
        await jest.advanceTimersByTimeAsync(2000);
        expect([await pending, await other.count()]).toEqual([DONE, 10]);
      } finally {
        jest.useRealTimers();
      }
    });

    test('leaves no timer behind where all others leave meanwhile', async () => {
      jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate', 'nextTick'] });
      try {
        const [one, other] = new Probe().stream.tee(2, { buffer: 1 });
        const iterator = iterate(one);
        await iterator.next();
        const pending = iterator.next();
        await idle();
        expect(jest.getTimerCount()).toBe(1);
        await Promise.all([iterator.return(), iterate(other).return()]);
        expect([await pending, jest.getTimerCount()]).toEqual([DONE, 0]);
      } finally {
        jest.useRealTimers();
      }
    });

    test('does not hold the source where it has been left', async () => {
      const probe = new Probe();
      const [one, other] = probe.stream.tee();
      await iterate(other).return();
      expect((await one.take(100).toArray()).length).toBe(100);
      expect([probe.pulled, probe.closed, probe.faults()]).toEqual([100, 1, []]);
    });
  });

  test('keeps the context of each consumer, and of the first one before the tee', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores = { source: new Set<unknown>(), one: new Set<unknown>(), other: new Set<unknown>() };
    const note = (name: keyof typeof stores) => () => void stores[name].add(storage.getStore());
    const [one, other] = AsyncStream.range(0, 100).tap(note('source')).tee(2, { buffer: 2 });
    await Promise.all([
      storage.run('one', () => one.forEach(note('one'))),
      storage.run('other', () =>
        other.forEach(async (n) => {
          note('other')();
          if (n % 3 === 0) await idle();
          note('other')();
        }),
      ),
    ]);
    expect(stores).toEqual({ source: new Set(['one']), one: new Set(['one']), other: new Set(['other']) });
  });

  test('lets a consumer read one branch in a callback of the other', async () => {
    const [one, other] = AsyncStream.of(1, 2, 3).tee();
    const second = iterate(other);
    const pairs = await one.map(async (n) => [n, (await second.next()).value]).toArray();
    expect(pairs).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(await second.next()).toEqual(DONE);
  });

  test('can be teed again, and merged', async () => {
    const [one, other] = AsyncStream.range(0, 30).tee();
    const [inner, also] = one.tee();
    const merged = inner.merge(also, other);
    expect((await merged.toArray()).length).toBe(90);
  });

  test('does not grow the stack, nor what it holds', async () => {
    const branches = AsyncStream.range(0, 20_000).tee(3);
    expect(await Promise.all(branches.map((branch) => branch.count()))).toEqual([20_000, 20_000, 20_000]);
  });
});
