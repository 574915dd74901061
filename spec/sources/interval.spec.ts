import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { expectDrawing, STEP } from '../support/drawing.ts';
import { DONE } from '../support/iterators.ts';
import { outcomeOf } from '../support/turns.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('interval', () => {
  test('counts from 0, the first time after one interval', async () => {
    await expectDrawing({}, () => AsyncStream.interval(2 * STEP).take(4), '--0-1-2-[3|]');
  });

  test('gives the first number at once where it is immediate', async () => {
    await expectDrawing({}, () => AsyncStream.interval(2 * STEP, { immediate: true }).take(4), '0-1-2-[3|]');
  });

  test('waits for the next multiple of the interval where the consumer took more time than one', async () => {
    const options = { consumer: 3 * STEP };
    await expectDrawing({}, () => AsyncStream.interval(2 * STEP), '--0---1---2---3', options);
    await expectDrawing({}, () => AsyncStream.interval(2 * STEP, { immediate: true }), '0---1---2---3', options);
  });

  test('is not late by the time that a fast consumer takes', async () => {
    await expectDrawing({}, () => AsyncStream.interval(3 * STEP), '---0--1--2', { consumer: 2 * STEP });
  });

  test('never drifts, however late its timers are', async () => {
    const late: number[] = [];
    const { setTimeout } = globalThis;
    jest
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation(((use: () => void, milliseconds: number) => setTimeout(use, milliseconds + 7)) as never);
    const start = performance.now();
    const run = AsyncStream.interval(100)
      .take(5)
      .forEach(() => void late.push(performance.now() - start));
    await jest.advanceTimersByTimeAsync(1000);
    await run;
    expect(late).toEqual([107, 207, 307, 407, 507]);
  });

  test('gives none twice where its timers are early', async () => {
    const times: number[] = [];
    const { setTimeout } = globalThis;
    jest
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation(((use: () => void, milliseconds: number) => setTimeout(use, milliseconds - 1)) as never);
    const start = performance.now();
    const run = AsyncStream.interval(100)
      .take(3)
      .forEach(() => void times.push(performance.now() - start));
    await jest.advanceTimersByTimeAsync(1000);
    await run;
    expect(times).toEqual([99, 199, 299]);
  });

  test('counts by its timers where these are fake, and the clock stands still', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'Date'] });
    jest.spyOn(performance, 'now').mockReturnValue(0);
    const given: number[] = [];
    const run = AsyncStream.interval(100)
      .take(3)
      .forEach((n) => void given.push(n));
    await jest.advanceTimersByTimeAsync(299);
    expect(given).toEqual([0, 1]);
    await jest.advanceTimersByTimeAsync(1);
    expect(given).toEqual([0, 1, 2]);
    await run;
  });

  test('starts with the first pull, and waits only while somebody does', async () => {
    const iterator = AsyncStream.interval(100)[Symbol.asyncIterator]();
    await jest.advanceTimersByTimeAsync(150);
    expect(jest.getTimerCount()).toBe(0);
    const first = iterator.next();
    await jest.advanceTimersByTimeAsync(100);
    expect([await first, jest.getTimerCount()]).toEqual([{ done: false, value: 0 }, 0]);
    await iterator.return!();
  });

  test('leaves no timer, whatever ends it', async () => {
    const iterator = AsyncStream.interval(100)[Symbol.asyncIterator]();
    const pending = iterator.next();
    expect(jest.getTimerCount()).toBe(1);
    expect([await iterator.return!(), await pending, jest.getTimerCount()]).toEqual([DONE, DONE, 0]);

    const controller = new AbortController();
    const aborted = outcomeOf(() => AsyncStream.interval(100).withSignal(controller.signal).drain());
    controller.abort('enough');
    expect([await aborted, jest.getTimerCount()]).toEqual([{ error: 'enough' }, 0]);

    const stream = AsyncStream.interval(100, { immediate: true });
    expect([await stream.first(), jest.getTimerCount()]).toEqual([0, 0]);
    const leaving = stream.tap(() => void left.return!())[Symbol.asyncIterator]();
    const left = leaving;
    expect([await leaving.next(), await leaving.return!(), jest.getTimerCount()]).toEqual([DONE, DONE, 0]);
  });
});
