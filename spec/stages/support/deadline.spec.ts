import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Scope } from '../../../lib/engine/core/scope.ts';
import { Deadline } from '../../../lib/stages/support/deadline.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('a deadline', () => {
  /** At what times it was missed. */
  function watch(): { scope: Scope; missed: number[]; deadline: Deadline } {
    const start = performance.now();
    const scope = new Scope();
    const missed: number[] = [];
    const deadline = new Deadline(scope, () => missed.push(performance.now() - start));
    return { scope, missed, deadline };
  }

  test('is missed once', () => {
    const { missed, deadline } = watch();
    deadline.set(10);
    jest.advanceTimersByTime(100);
    expect(missed).toEqual([10]);
  });

  test('is missed at the time for which it was set last, with one timer', () => {
    const { missed, deadline } = watch();
    const set = jest.spyOn(globalThis, 'setTimeout');
    for (let i = 0; i < 100; i++) deadline.set(10);
    jest.advanceTimersByTime(4);
    for (let i = 0; i < 100; i++) deadline.set(10);
    expect([jest.getTimerCount(), set.mock.calls.length]).toEqual([1, 1]);
    jest.advanceTimersByTime(100);
    expect([missed, set.mock.calls.length]).toEqual([[14], 2]);
  });

  test.each<[string, () => unknown]>([
    ['real timers', () => jest.useRealTimers()],
    ['fake timers that leave performance real', () => jest.useFakeTimers({ doNotFake: ['performance'] })],
  ])('starts its timer once for many elements, under %s', async (_, use) => {
    use();
    const { scope, deadline } = watch();
    const clear = jest.spyOn(globalThis, 'clearTimeout');
    try {
      for (let i = 0; i < 100; i++) deadline.set(1000);
      expect(clear.mock.calls.filter(([timer]) => timer !== undefined)).toEqual([]);
    } finally {
      clear.mockRestore();
      await scope.finish();
    }
  });

  test('may be set to an earlier time', () => {
    const { missed, deadline } = watch();
    deadline.set(50);
    deadline.set(10);
    jest.advanceTimersByTime(100);
    expect(missed).toEqual([10]);
  });

  test('is not missed when it was cleared, until it is set again', () => {
    const { missed, deadline } = watch();
    deadline.set(10);
    deadline.clear();
    jest.advanceTimersByTime(5);
    deadline.set(20);
    jest.advanceTimersByTime(100);
    expect([missed, jest.getTimerCount()]).toEqual([[25], 0]);
  });

  test('leaves no timer where it is stopped, and may be set again', () => {
    const { missed, deadline } = watch();
    deadline.set(10);
    deadline.stop();
    expect(jest.getTimerCount()).toBe(0);
    deadline.set(10);
    jest.advanceTimersByTime(100);
    expect(missed).toEqual([10]);
  });

  test('leaves no timer when its run is over', () => {
    const { scope, missed, deadline } = watch();
    deadline.set(10);
    void scope.finish();
    jest.advanceTimersByTime(100);
    expect([missed, jest.getTimerCount()]).toEqual([[], 0]);
  });
});
