import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { expectDrawing, STEP } from '../support/drawing.ts';

describe('throttle', () => {
  test('gives at most one element in the time: one at once, and then the last one that has come', async () => {
    await expectDrawing('abcdefghij', (source) => source.throttle(4 * STEP), 'a---e---i---j');
  });

  test('gives an element at once after a quiet time, and not before', async () => {
    await expectDrawing('a---b-c-----d', (source) => source.throttle(3 * STEP), 'a---b--c----d');
    await expectDrawing('ab--c', (source) => source.throttle(3 * STEP), 'a--b--c');
  });

  test('drops what comes too early, without trailing', async () => {
    const build = (source: AsyncStream<string>) => source.throttle(3 * STEP, { trailing: false });
    await expectDrawing('ab--cd--e|', build, 'a---c---e|');
  });

  test('takes an element after a quiet time, also if the event loop was blocked and its timer is late', async () => {
    const source = AsyncStream.of(1, 2, 3).tap(() => {
      const end = performance.now() + 3;
      while (performance.now() < end);
    });
    expect(await source.throttle(1, { trailing: false }).toArray()).toEqual([1, 2, 3]);
    expect(await source.throttle(1, { leading: false }).toArray()).toEqual([1, 2, 3]);
  });

  test('gives nothing at once, without leading', async () => {
    const build = (source: AsyncStream<string>) => source.throttle(3 * STEP, { leading: false });
    await expectDrawing('ab------c-d', build, '---b-------d');
    await expectDrawing('ab--c', build, '---b--c');
  });

  test('keeps only the last element for a consumer that is busy', async () => {
    const consumer = 5 * STEP;
    await expectDrawing('abcdefghij|', (source) => source.throttle(2 * STEP), 'a----e----j----|', { consumer });
  });

  test('gives the first and the last of the elements that come at once', async () => {
    await expectDrawing('[abc]', (source) => source.throttle(2 * STEP), 'a-c');
    expect(await AsyncStream.of(1, 2, 3).throttle(1000).toArray()).toEqual([1, 3]);
    expect(await AsyncStream.of(1, 2, 3).throttle(1000, { trailing: false }).toArray()).toEqual([1]);
  });

  test('asks a source that gives its elements at once for no more than it needs', async () => {
    let asked = 0;
    const source = AsyncStream.range(0, Infinity).tap(() => {
      asked++;
    });
    expect(await source.throttle(1000).first()).toBe(0);
    expect(asked).toBe(1);
  });
});
