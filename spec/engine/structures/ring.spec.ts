import { describe, expect, test } from '@jest/globals';
import { Ring } from '../../../lib/engine/structures/ring.ts';

function ringOf<T>(size: number, values: Iterable<T>): Ring<T> {
  const ring = new Ring<T>(size);
  for (const value of values) ring.put(value);
  return ring;
}

describe('Ring', () => {
  test('holds nothing at first', () => {
    const ring = new Ring(2);
    expect([ring.full, ring.toArray()]).toEqual([false, []]);
  });

  test.each([
    ['', []],
    ['a', ['a']],
    ['ab', ['a', 'b']],
    ['abc', ['a', 'b', 'c']],
    ['abcd', ['b', 'c', 'd']],
    ['abcde', ['c', 'd', 'e']],
    ['abcdef', ['d', 'e', 'f']],
    ['abcdefg', ['e', 'f', 'g']],
  ])('of 3 holds of %p the last, in their order', (text, held) => {
    expect(ringOf(3, text).toArray()).toEqual(held);
  });

  test('is full from the value on that fills it', () => {
    const ring = new Ring<number>(2);
    const full = [1, 2, 3].map((value) => {
      ring.put(value);
      return ring.full;
    });
    expect(full).toEqual([false, true, true]);
  });

  test('answers what had to make room', () => {
    const ring = new Ring<string>(2);
    expect(Array.from('abcde', (value) => ring.put(value))).toEqual([undefined, undefined, 'a', 'b', 'c']);
  });

  test('holds one value at a time where its size is 1', () => {
    const ring = new Ring<string>(1);
    expect(Array.from('abc', (value) => [ring.put(value), ...ring.toArray()])).toEqual([
      [undefined, 'a'],
      ['a', 'b'],
      ['b', 'c'],
    ]);
  });

  test('gives an array of its own', () => {
    const ring = ringOf(2, 'abc');
    ring.toArray().fill('z');
    expect(ring.toArray()).toEqual(['b', 'c']);
  });
});
