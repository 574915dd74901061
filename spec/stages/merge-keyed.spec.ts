import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { idle } from '../support/turns.ts';

describe('mergeKeyed', () => {
  test('gives each element with the name of its input, in the order in which they come', async () => {
    const [gold, silver] = [new Hand<number>(), new Hand<string>()];
    const merged = watch(AsyncStream.mergeKeyed({ gold, silver }));
    await idle();
    await silver.give('s1');
    await gold.give(1);
    await silver.give('s2');
    await silver.end();
    await gold.end();
    expect(merged).toEqual({
      seen: [
        ['silver', 's1'],
        ['gold', 1],
        ['silver', 's2'],
      ],
      outcome: 'end',
    });
  });

  test('gives nothing without inputs', async () => {
    expect(await AsyncStream.mergeKeyed({}).toArray()).toEqual([]);
  });

  test('takes any own key, and no inherited one', async () => {
    const inputs = Object.create({ inherited: [0] }) as object;
    Object.defineProperty(inputs, '__proto__', { value: [1], enumerable: true });
    expect(await AsyncStream.mergeKeyed(inputs as Record<string, number[]>).toArray()).toEqual([['__proto__', 1]]);
  });

  test('keeps the keys that it was called with', async () => {
    const inputs: Record<string, number[]> = { a: [1] };
    const stream = AsyncStream.mergeKeyed(inputs);
    inputs['b'] = [2];
    expect(await stream.toArray()).toEqual([['a', 1]]);
  });

  test('can be consumed with only the latest kept', async () => {
    const stream = AsyncStream.mergeKeyed({ a: [1, 2, 3], b: [4] }).buffer(1, { overflow: 'drop-oldest' });
    expect((await stream.toArray()).at(-1)).toEqual(['a', 3]);
  });
});
