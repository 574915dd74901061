import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { expectDrawing, STEP } from '../support/drawing.ts';
import { DONE } from '../support/iterators.ts';
import { outcomeOf } from '../support/turns.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Takes so many steps for each call. */
function taking(steps: number): (index: number) => Promise<number> {
  return (index) => new Promise((resolve) => setTimeout(() => resolve(index), steps * STEP));
}

describe('poll', () => {
  test('calls again and again, the first time at once', async () => {
    await expectDrawing({}, () => AsyncStream.poll((index) => index, { every: 2 * STEP }).take(3), '0-1-[2|]');
  });

  test('makes its first call after the first interval where it is not immediate', async () => {
    const options = { every: 2 * STEP, immediate: false };
    await expectDrawing({}, () => AsyncStream.poll((index) => index, options).take(3), '--0-1-[2|]');
  });

  test('waits from the end of one call to the next one', async () => {
    await expectDrawing({}, () => AsyncStream.poll(taking(3), { every: 2 * STEP }).take(3), '---0----1----[2|]');
  });

  test('counts the time of the consumer', async () => {
    const poll = () => AsyncStream.poll((index) => index, { every: 5 * STEP }).take(3);
    await expectDrawing({}, poll, '0----1----2---|', { consumer: 4 * STEP });
  });

  test('ends with the first value for which until holds', async () => {
    const until = (x: number) => x === 2;
    await expectDrawing({}, () => AsyncStream.poll((index) => index, { every: STEP, until }), '01[2|]');
    await expectDrawing({}, () => AsyncStream.poll(() => 2, { every: STEP, until }), '[2|]');
  });

  test('gives undefined, null and errors', async () => {
    const values = [undefined, null, new Error('a value'), 0];
    const polled = AsyncStream.poll((index) => values[index], { every: STEP, until: (value) => value === 0 }).toArray();
    await jest.advanceTimersByTimeAsync(3 * STEP);
    expect(await polled).toStrictEqual(values);
  });

  test('abandons a call when the consumer leaves: its signal aborts, and what comes of it vanishes', async () => {
    for (const settle of ['resolve', 'reject'] as const) {
      let signal!: AbortSignal;
      let late!: { resolve(value: number): void; reject(error: unknown): void };
      const iterator = AsyncStream.poll(
        (_index, context) => {
          signal = context.signal;
          return new Promise<number>((resolve, reject) => (late = { resolve, reject }));
        },
        { every: STEP },
      )[Symbol.asyncIterator]();
      const pending = iterator.next();
      expect(signal.aborted).toBe(false);
      expect([await iterator.return!(), await pending, signal.aborted]).toEqual([DONE, DONE, true]);
      late[settle](1);
      expect([await iterator.next(), jest.getTimerCount()]).toEqual([DONE, 0]);
    }
  });

  test('leaves no timer when it is left while it waits, or calls return() of its own stream', async () => {
    const iterator = AsyncStream.poll((index) => index, { every: STEP })[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    expect(jest.getTimerCount()).toBe(1);
    expect([await iterator.return!(), await pending, jest.getTimerCount()]).toEqual([DONE, DONE, 0]);

    const leaving = AsyncStream.poll(() => void left.return!(), { every: STEP })[Symbol.asyncIterator]();
    const left = leaving;
    expect([await leaving.next(), await leaving.return!(), jest.getTimerCount()]).toEqual([DONE, DONE, 0]);
  });

  test('passes on the error of a call, and makes no other', async () => {
    let calls = 0;
    const polled = AsyncStream.poll(
      () => {
        calls++;
        throw undefined;
      },
      { every: STEP },
    );
    expect(await outcomeOf(() => polled.toArray())).toStrictEqual({ error: undefined });
    expect([calls, jest.getTimerCount()]).toEqual([1, 0]);
  });
});
