import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { expectDrawing, STEP } from '../support/drawing.ts';

describe('debounce', () => {
  test('gives an element when the source has been silent for so long', async () => {
    await expectDrawing('a', (source) => source.debounce(3 * STEP), '---a-');
    await expectDrawing('ab-c----d---', (source) => source.debounce(3 * STEP), '------c----d');
  });

  test('puts it off for as long as the source is not silent', async () => {
    await expectDrawing('abcdefghijklm-', (source) => source.debounce(2 * STEP), '--------------m');
  });

  test('puts it off for no longer than maxWait from the first element that waits', async () => {
    const build = (source: AsyncStream<string>) => source.debounce(2 * STEP, { maxWait: 4 * STEP });
    await expectDrawing('-abcdefghijklm-', build, '-----e----j----m');
    await expectDrawing('a---b---c', build, '--a---b---c');
  });

  test('counts maxWait anew after it has given something', async () => {
    const build = (source: AsyncStream<string>) => source.debounce(2 * STEP, { maxWait: 3 * STEP });
    await expectDrawing('a--bcdefgh|', build, '--a---e---[h|]');
  });

  test('keeps only the last element for a consumer that is busy', async () => {
    const consumer = 5 * STEP;
    await expectDrawing('a--b--c--d--|', (source) => source.debounce(STEP), '-a----b----d----|', { consumer });
  });

  test('gives the last of the elements that come at once, with 0 too', async () => {
    await expectDrawing('-[abc]-[de]', (source) => source.debounce(STEP), '--c-e');
    expect(await AsyncStream.of(1, 2, 3).debounce(0).toArray()).toEqual([3]);
  });

  test('takes undefined for no maxWait', async () => {
    expect(
      await AsyncStream.of(1, 2)
        .debounce(1, { maxWait: undefined } as object)
        .toArray(),
    ).toEqual([2]);
  });
});
