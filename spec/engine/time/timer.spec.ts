import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Scope } from '../../../lib/engine/core/scope.ts';
import { sleep, Timer } from '../../../lib/engine/time/timer.ts';

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
