import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { outcomeOf } from '../support/turns.ts';

describe('zipKeyed', () => {
  test('gives rows by name, without a prototype, in the order of the inputs', async () => {
    const rows = await AsyncStream.zipKeyed({ name: ['ada', 'alan'], year: AsyncStream.of(1815, 1912) }).toArray();
    expect(rows).toEqual([
      { name: 'ada', year: 1815 },
      { name: 'alan', year: 1912 },
    ]);
    expect(rows.map((row) => [Object.getPrototypeOf(row), Object.keys(row)])).toEqual([
      [null, ['name', 'year']],
      [null, ['name', 'year']],
    ]);
  });

  test('gives no row without inputs', async () => {
    for (const mode of ['shortest', 'longest', 'strict'] as const) {
      expect(await AsyncStream.zipKeyed({}, { mode }).toArray()).toEqual([]);
    }
  });

  test('takes __proto__ for a name like any other', async () => {
    const inputs = JSON.parse('{ "__proto__": [1] }') as Record<string, number[]>;
    const [row] = await AsyncStream.zipKeyed(inputs).toArray();
    expect(Object.entries(row!)).toEqual([['__proto__', 1]]);
  });

  test('takes what is missing from the padding, by name', async () => {
    const stream = AsyncStream.zipKeyed({ a: [1, 2], b: ['x'], c: [] }, { mode: 'longest', padding: { b: '-' } });
    expect(await stream.map((row) => ({ ...row })).toArray()).toEqual([
      { a: 1, b: 'x', c: undefined },
      { a: 2, b: '-', c: undefined },
    ]);
  });

  test('takes nothing from the prototype of the padding', async () => {
    const stream = AsyncStream.zipKeyed({ a: [1], toString: [] }, { mode: 'longest', padding: {} });
    expect(await stream.map((row) => ({ ...row })).toArray()).toEqual([{ a: 1, toString: undefined }]);
  });

  test('fails in mode strict where the inputs do not end at the same time', async () => {
    const { error } = (await outcomeOf(() => AsyncStream.zipKeyed({ a: [1], b: [] }, { mode: 'strict' }).drain())) as {
      error: unknown;
    };
    expect(String(error)).toBe("TypeError: zipKeyed: inputs must have equally many elements in mode 'strict'");
  });
});
