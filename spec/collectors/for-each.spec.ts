import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { failures } from '../support/failures.ts';
import { Probe } from '../support/probe.ts';
import { soak } from '../support/soak.ts';
import { Permits, Tasks } from '../support/tasks.ts';
import { idle, outcomeOf } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

describe('forEach', () => {
  test('calls with each element, in order, and gives undefined', async () => {
    const seen: number[] = [];
    expect(await AsyncStream.of(1, 2, 3).forEach((x) => seen.push(x))).toBeUndefined();
    expect(seen).toEqual([1, 2, 3]);
  });

  test('waits for a promise before the next element is taken, and gives undefined', async () => {
    const source = new Watched('a', 'b');
    const { log } = source;
    const done = await AsyncStream.from(source).forEach(async (x) => {
      log.push(`${x} begins`);
      await Promise.resolve();
      log.push(`${x} ends`);
      return x;
    });
    expect(done).toBeUndefined();
    expect(log).toEqual(['open', 'next', 'a begins', 'a ends', 'next', 'b begins', 'b ends', 'next']);
  });

  test('goes on whatever the function answers', async () => {
    const seen: number[] = [];
    await AsyncStream.of(1, 2, 3).forEach((x) => {
      seen.push(x);
      return false;
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  describe('with concurrency', () => {
    test('runs as many callbacks at once as it says, and is over when all are', async () => {
      const tasks = new Tasks();
      const probe = new Probe({ length: 5 });
      let over = false;
      const done = probe.stream.forEach(tasks.fn, { concurrency: 2 }).then((value) => {
        over = true;
        return value;
      });
      await idle();
      expect(tasks.started).toEqual([1, 2]);
      await tasks.resolve(2);
      expect(tasks.started).toEqual([1, 2, 3]);
      while (tasks.open.length > 1 || tasks.started.length < 5) await tasks.resolve(tasks.open.at(-1));
      expect([over, tasks.open]).toEqual([false, [1]]);
      await tasks.resolve(1);
      expect([await done, tasks.most, probe.faults()]).toEqual([undefined, 2, []]);
    });

    test('goes on behind a slow callback, however long that takes', async () => {
      const tasks = new Tasks();
      const done = new Probe({ length: 50 }).stream.forEach(tasks.fn, { concurrency: 2 });
      await idle();
      while (tasks.started.length < 50) await tasks.resolve(tasks.open.at(-1));
      expect(tasks.open).toEqual([1, 50]);
      await tasks.resolve(1, 50);
      await done;
    });

    test('reads the source never twice at once, and ahead of callbacks only as far as these start', async () => {
      const tasks = new Tasks();
      const probe = new Probe();
      const done = outcomeOf(() => probe.stream.forEach(tasks.fn, { concurrency: 3 }));
      await idle();
      expect([probe.pulled, tasks.running]).toEqual([3, 3]);
      await tasks.reject(1, 'failed');
      expect([await done, probe.pulled, probe.closed, probe.faults()]).toEqual([{ error: 'failed' }, 3, 1, []]);
    });

    test.each(failures)('fails at once when the function %s, and drops what is late', async (_how, fail, error) => {
      for (const position of [1, 2, 3]) {
        const tasks = new Tasks();
        const probe = new Probe();
        const done = outcomeOf(() =>
          probe.stream.forEach(
            (value, index, context) => (value === position ? fail() : tasks.fn(value, index, context)),
            {
              concurrency: 3,
            },
          ),
        );
        expect(await done).toStrictEqual({ error });
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
        for (const signal of tasks.signals) expect(signal.aborted).toBe(true);
        for (const value of tasks.open) await tasks.reject(value, 'late');
      }
    });

    test('runs those of one key one after the other', async () => {
      const tasks = new Tasks();
      const done = new Probe({ length: 3 }).stream.forEach(tasks.fn, { concurrency: 3, key: (n) => n % 2 });
      await idle();
      expect(tasks.started).toEqual([1, 2]);
      await tasks.resolve(1);
      expect(tasks.started).toEqual([1, 2, 3]);
      await tasks.resolve(2, 3);
      await done;
    });

    test('gives all permits back', async () => {
      const permits = new Permits(2);
      const run = (fn: (n: number) => unknown) =>
        outcomeOf(() => new Probe({ length: 9 }).stream.forEach(fn, { concurrency: permits }));
      expect(await run(idle)).toEqual({ value: undefined });
      expect(await run((n) => (n === 3 ? Promise.reject('failed') : idle()))).toEqual({ error: 'failed' });
      await idle();
      expect([permits.free, permits.faults]).toEqual([2, 0]);
    });

    const MANY = soak(500_000, 50_000);

    test(`takes no stack for ${MANY} elements that are there at once`, async () => {
      let sum = 0;
      await AsyncStream.range(0, MANY).forEach((n) => (sum += n), { concurrency: 4 });
      expect(sum).toBe((MANY * (MANY - 1)) / 2);
    });
  });
});
