import { setImmediate as realTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE } from '../support/iterators.ts';
import { Watched } from '../support/watched.ts';

let clock: number;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  clock = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => clock);
});

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** Elements from 1 to `count`, each of which takes so long and never waits. */
function busy(count: number, milliseconds: number): AsyncStream<number> {
  return AsyncStream.range(1, count + 1).tap(() => {
    clock += milliseconds;
  });
}

/** Runs the timers that are set, and what comes of them up to the next wait. The timers of `timers/promises` are real. */
async function turn(): Promise<void> {
  jest.advanceTimersByTime(1);
  await realTurn();
}

describe('yieldEvery', () => {
  test('waits before the element goes on whenever more than the time has passed since it last did', async () => {
    const given: number[] = [];
    const run = busy(5, 3)
      .yieldEvery(5)
      .forEach((x) => void given.push(x));
    expect(given).toEqual([1]);
    await turn();
    expect(given).toEqual([1, 2, 3]);
    await turn();
    expect(given).toEqual([1, 2, 3, 4, 5]);
    await run;
  });

  test('does not count the time it waited', async () => {
    const given: number[] = [];
    const run = busy(3, 6)
      .yieldEvery(10)
      .forEach((x) => void given.push(x));
    expect(given).toEqual([1]);
    clock += 100;
    await turn();
    expect(given).toEqual([1, 2, 3]);
    await run;
  });

  test('waits after more than 5 ms by default', async () => {
    const given: number[] = [];
    const run = busy(2, 5)
      .yieldEvery()
      .forEach((x) => void given.push(x));
    expect(given).toEqual([1]);
    await turn();
    expect(given).toEqual([1, 2]);
    await run;
  });

  test('waits for nothing where the time has not passed', async () => {
    expect(await busy(3, 1).yieldEvery(3).toArray()).toEqual([1, 2, 3]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('waits for nothing where the time is Infinity', async () => {
    expect(await busy(3, 1e9).yieldEvery(Infinity).toArray()).toEqual([1, 2, 3]);
  });

  test('waits at each element that has taken any time where it is 0', async () => {
    const given: number[] = [];
    const run = busy(3, 1)
      .yieldEvery(0)
      .forEach((x) => void given.push(x));
    for (let count = 0; count <= 3; count++) {
      expect(given).toEqual([1, 2, 3].slice(0, count));
      await turn();
    }
    await run;
  });

  test('lets in a timer that was due, which would else come after the run', async () => {
    jest.useRealTimers();
    const log: string[] = [];
    const run = async (stream: AsyncStream<number>, name: string) => {
      const timer = new Promise<void>((resolve) => {
        setImmediate(() => {
          log.push(`timer beside ${name}`);
          resolve();
        });
      });
      await stream.map(async (x) => x).forEach((x) => void log.push(`${name} ${x}`));
      await timer;
    };
    await run(busy(2, 6), 'without');
    await run(busy(2, 6).yieldEvery(), 'with');
    expect(log).toEqual(['without 1', 'without 2', 'timer beside without', 'timer beside with', 'with 1', 'with 2']);
  });

  test('gives all elements in order, falsy ones too', async () => {
    jest.useRealTimers();
    const values = [undefined, null, false, 0, NaN, ''];
    const stream = AsyncStream.from(values).tap(() => {
      clock += 6;
    });
    expect(await stream.yieldEvery().toArray()).toEqual(values);
  });

  test('counts from the start of each run', async () => {
    const stream = busy(1, 4).yieldEvery();
    expect(await stream.toArray()).toEqual([1]);
    clock += 100;
    expect(await stream.toArray()).toEqual([1]);
  });

  test('waits by setTimeout where there is no setImmediate', async () => {
    const given: number[] = [];
    const { setImmediate } = globalThis;
    Reflect.deleteProperty(globalThis, 'setImmediate');
    try {
      const run = busy(1, 6)
        .yieldEvery()
        .forEach((x) => void given.push(x));
      expect(given).toEqual([]);
      await turn();
      expect(given).toEqual([1]);
      await run;
    } finally {
      globalThis.setImmediate = setImmediate;
    }
  });

  test.each(['setImmediate', 'setTimeout'] as const)(
    'leaves no %s behind when the consumer leaves meanwhile',
    async (kind) => {
      const source = new Watched('a');
      const { setImmediate } = globalThis;
      if (kind === 'setTimeout') Reflect.deleteProperty(globalThis, 'setImmediate');
      try {
        const stream = AsyncStream.from(source)
          .tap(() => {
            clock += 6;
          })
          .yieldEvery();
        const iterator = stream[Symbol.asyncIterator]();
        const next = iterator.next();
        await Promise.resolve();
        expect(jest.getTimerCount()).toBe(1);
        await iterator.return?.();
        expect(jest.getTimerCount()).toBe(0);
        expect(await next).toEqual(DONE);
        expect(source.log).toEqual(['open', 'next', 'return']);
      } finally {
        globalThis.setImmediate = setImmediate;
      }
    },
  );

  test('has nothing left to clear of a wait that is over', async () => {
    const clear = jest.spyOn(globalThis, 'clearImmediate');
    const run = busy(1, 6).yieldEvery().toArray();
    await turn();
    expect(await run).toEqual([1]);
    expect(clear).not.toHaveBeenCalled();
  });
});
