import { describe, expect, test } from '@jest/globals';
import { Queue } from '../../../lib/engine/structures/queue.ts';

function queueOf<T>(values: Iterable<T>): Queue<T> {
  const queue = new Queue<T>();
  for (const value of values) queue.push(value);
  return queue;
}

const shifted = <T>(queue: Queue<T>, count = queue.length): T[] => Array.from({ length: count }, () => queue.shift());

describe('Queue', () => {
  test('holds nothing at first', () => {
    const queue = new Queue();
    expect([queue.length, queue.first]).toEqual([0, undefined]);
  });

  test.each(['a', 'abc', 'abcd', 'abcde', 'abcdefgh', 'abcdefghijklmnopq'])('gives %p in its order', (text) => {
    const queue = queueOf(text);
    expect([queue.length, queue.first]).toEqual([text.length, 'a']);
    expect([shifted(queue).join(''), queue.length, queue.first]).toEqual([text, 0, undefined]);
  });

  test('keeps the order where it grows after some have been taken', () => {
    const queue = queueOf('abcd');
    expect(shifted(queue, 3)).toEqual(['a', 'b', 'c']);
    for (const value of 'efghij') queue.push(value);
    expect([queue.first, ...shifted(queue)]).toEqual(['d', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
  });

  test('takes undefined and null for values', () => {
    const queue = queueOf([undefined, null, 1]);
    expect([queue.length, ...shifted(queue)]).toEqual([3, undefined, null, 1]);
  });

  test('is empty after it was cleared, and then like new', () => {
    const queue = queueOf('abcde');
    queue.clear();
    expect([queue.length, queue.first]).toEqual([0, undefined]);
    queue.push('x');
    expect([queue.length, ...shifted(queue)]).toEqual([1, 'x']);
  });

  test('behaves as an array that is shifted, in thousands of turns of growing and shrinking', () => {
    const queue = new Queue<number>();
    const array: number[] = [];
    let state = 1;
    for (let n = 0; n < 20_000; n++) {
      state = (state * 48271) % 2147483647;
      if (array.length === 0 || state % 5 < (n % 4000 < 2000 ? 3 : 2)) {
        queue.push(n);
        array.push(n);
      } else if (queue.shift() !== array.shift()) throw new Error(`another order in turn ${n}`);
      if (queue.length !== array.length || queue.first !== array[0]) throw new Error(`another state in turn ${n}`);
    }
    expect(shifted(queue)).toEqual(array);
  });
});
