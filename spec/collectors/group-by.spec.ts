import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('groupBy', () => {
  test('gives the elements by their keys, in their order', async () => {
    const groups = await AsyncStream.of('ant', 'bear', 'cat', 'deer').groupBy((word) => word.length);
    expect([...groups]).toEqual([
      [3, ['ant', 'cat']],
      [4, ['bear', 'deer']],
    ]);
  });

  test('takes every value for a key, and for an element', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    expect(await AsyncStream.from([...values, ...values]).groupBy((value) => value)).toEqual(
      new Map(values.map((value) => [value, [value, value]])),
    );
  });

  test('tells __proto__ from what is inherited', async () => {
    expect(await AsyncStream.of('__proto__').groupBy((key) => key)).toEqual(new Map([['__proto__', ['__proto__']]]));
  });
});
