import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { abortAfter, expectDrawing, STEP } from '../support/drawing.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { turnsUntilSettled } from '../support/turns.ts';

describe('delay', () => {
  afterEach(() => void jest.useRealTimers());

  test('holds each element back, and not the end', async () => {
    await expectDrawing('a----b-----|', (source) => source.delay(2 * STEP), '--a----b---|');
    await expectDrawing('-|', (source) => source.delay(2 * STEP), '-|');
  });

  test('reads the next element only then', async () => {
    await expectDrawing('abc|', (source) => source.delay(2 * STEP), '--a-b-[c|]');
  });

  test('holds no error back', async () => {
    await expectDrawing('a--^', (source) => source.delay(2 * STEP), '--a^');
  });

  test('waits for the consumer and then for its time', async () => {
    await expectDrawing('abc|', (source) => source.delay(STEP), '-a---b---c--|', { consumer: 3 * STEP });
  });

  test('gives falsy values, and waits a turn of the timers with 0', async () => {
    jest.useFakeTimers();
    const values = [undefined, null, 0, ''];
    const run = AsyncStream.from(values).delay(0).toArray();
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(values.length);
    expect([await run, jest.getTimerCount()]).toEqual([values, 0]);
  });

  test('clears its timer when the consumer leaves meanwhile, when a signal aborts, and when another source fails', async () => {
    await expectDrawing('a', (source) => source.delay(5 * STEP), '--');
    const aborted = (source: AsyncStream<string>) => source.delay(5 * STEP).withSignal(abortAfter(STEP));
    await expectDrawing('a', aborted, '-^', { error: 'enough' });
    await expectDrawing({ a: 'a', b: '-^' }, ({ a, b }) => a.delay(5 * STEP).merge(b), '-^');
  });

  test('is left at once while it waits', async () => {
    jest.useFakeTimers();
    const probe = new Probe();
    const iterator = probe.stream.delay(1000)[Symbol.asyncIterator]();
    const pending = iterator.next();
    await jest.advanceTimersByTimeAsync(1);
    expect(jest.getTimerCount()).toBe(1);
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
    expect([await pending, jest.getTimerCount(), probe.closed]).toEqual([DONE, 0, 1]);
  });
});
