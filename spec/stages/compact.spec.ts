import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('compact', () => {
  test('drops null and undefined', async () => {
    expect(await AsyncStream.of(1, null, 2, undefined).compact().toArray()).toEqual([1, 2]);
  });

  test('keeps everything else that is falsy', async () => {
    expect(await AsyncStream.from<unknown>([0, -0, 0n, NaN, '', false]).compact().toArray()).toEqual([
      0,
      -0,
      0n,
      NaN,
      '',
      false,
    ]);
  });

  test('narrows', async () => {
    const strings: string[] = await AsyncStream.of('a', null, undefined).compact().toArray();
    expect(strings).toEqual(['a']);
  });

  test('lets later stages count what it keeps', async () => {
    expect(await AsyncStream.of(null, 'a', null, 'b').compact().entries().toArray()).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });
});
