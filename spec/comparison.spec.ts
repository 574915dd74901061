import { describe, expect, test } from '@jest/globals';
import { same } from '../lib/comparison.ts';

const values = [
  undefined,
  null,
  false,
  true,
  0,
  -0,
  1,
  NaN,
  -NaN,
  0n,
  '',
  '0',
  'NaN',
  [],
  {},
  new Number(NaN),
  Symbol(),
];

describe('same', () => {
  test('agrees with Set about any two values', () => {
    const disagreements = values.flatMap((one) =>
      values.filter((other) => same(one, other) !== new Set([one]).has(other)).map((other) => [one, other]),
    );
    expect(disagreements).toEqual([]);
  });
});
