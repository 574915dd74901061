import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DrawnSource, expectDrawing, STEP } from '../support/drawing.ts';

describe('sample', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  test('gives the last element that has come, at fixed times', async () => {
    await expectDrawing('ab--c--d--', (source) => source.sample(3 * STEP), '---b--c--d');
  });

  test('gives nothing where nothing has come since', async () => {
    await expectDrawing('-a-------b----------c', (source) => source.sample(4 * STEP), '----a-------b-----------c');
  });

  test('counts from the first pull', async () => {
    await expectDrawing({ a: 'a-|', b: 'b-b-b' }, ({ a, b }) => a.concat(b.sample(3 * STEP)), 'a----b--b');
  });

  test('keeps only the last element for a consumer that is busy', async () => {
    const consumer = 5 * STEP;
    await expectDrawing('abcdefghij|', (source) => source.sample(2 * STEP), '--c----g----j----|', {
      consumer,
    });
  });

  test('gives the last of an array at once', async () => {
    expect(await AsyncStream.of(1, 2, 3).sample(1000).toArray()).toEqual([3]);
  });

  test('is not early once more where a timer was early by a fraction of a millisecond', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    let clock = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => clock);
    const given: unknown[] = [];
    const run = new DrawnSource('-a-b').stream
      .sample(20)
      .take(2)
      .forEach((x) => void given.push(x));
    clock = 10;
    await jest.advanceTimersByTimeAsync(10);
    clock = 19.6;
    await jest.advanceTimersByTimeAsync(10);
    expect(given).toEqual(['a']);
    clock = 19.8;
    await jest.advanceTimersByTimeAsync(10 + 19);
    expect(given).toEqual(['a']);
    await jest.advanceTimersByTimeAsync(1);
    expect(given).toEqual(['a', 'b']);
    await run;
  });
});
