import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Scope } from '../../../lib/engine/core/scope.ts';
import { Deadline, sleep, Timer } from '../../../lib/engine/time/timer.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function timerOf(scope = new Scope()) {
  const log: string[] = [];
  return { log, scope, timer: new Timer(scope, () => log.push('fired')) };
}

describe('Timer', () => {
  test('fires once, when its time has come', () => {
    const { timer, log } = timerOf();
    timer.start(10);
    jest.advanceTimersByTime(9);
    expect([log, timer.running]).toEqual([[], true]);
    jest.advanceTimersByTime(1000);
    expect([log, timer.running, jest.getTimerCount()]).toEqual([['fired'], false, 0]);
  });

  test('starts anew where it is running', () => {
    const { timer, log } = timerOf();
    timer.start(10);
    jest.advanceTimersByTime(9);
    timer.start(10);
    jest.advanceTimersByTime(9);
    expect([log, jest.getTimerCount()]).toEqual([[], 1]);
    jest.advanceTimersByTime(1);
    expect(log).toEqual(['fired']);
  });

  test('may be started by what it does', () => {
    const times: number[] = [];
    const timer: Timer = new Timer(new Scope(), () => {
      times.push(Date.now());
      if (times.length < 3) timer.start(10);
    });
    const start = Date.now();
    timer.start(10);
    jest.advanceTimersByTime(100);
    expect(times.map((time) => time - start)).toEqual([10, 20, 30]);
  });

  test('does not fire when it was stopped, and may be started again', () => {
    const { timer, log } = timerOf();
    timer.start(10);
    timer.stop();
    expect([timer.running, jest.getTimerCount()]).toEqual([false, 0]);
    timer.stop();
    timer.start(10);
    jest.advanceTimersByTime(10);
    expect(log).toEqual(['fired']);
  });

  test('is cleared with its run, and does not start after it', async () => {
    const { timer, log, scope } = timerOf();
    timer.start(10);
    await scope.cancel();
    expect([timer.running, jest.getTimerCount()]).toEqual([false, 0]);
    timer.start(10);
    expect([timer.running, jest.getTimerCount(), log]).toEqual([false, 0, []]);
  });

  test('does not start where it is made after the end of its run', async () => {
    const scope = new Scope();
    await scope.cancel();
    const { timer } = timerOf(scope);
    timer.start(10);
    expect([timer.running, jest.getTimerCount()]).toEqual([false, 0]);
  });
});

describe('sleep', () => {
  test('goes on after a while, and leaves nothing behind', async () => {
    const scope = new Scope();
    const woken = sleep(10, scope).then(() => 'woken');
    expect(scope.size).toBe(1);
    await jest.advanceTimersByTimeAsync(10);
    expect([await woken, scope.size, jest.getTimerCount()]).toEqual(['woken', 0, 0]);
  });

  test('is cleared with its run', async () => {
    const scope = new Scope();
    let woken = false;
    void sleep(10, scope).then(() => (woken = true));
    await scope.cancel();
    await jest.advanceTimersByTimeAsync(100);
    expect([woken, jest.getTimerCount()]).toEqual([false, 0]);
  });
});

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
