import { describe, expect, test } from '@jest/globals';
import { Heap } from '../../../lib/stages/support/heap.ts';
import fc from 'fast-check';

describe('a heap', () => {
  test('gives the least of its values, whatever was taken before', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }))), (steps) => {
        const heap = new Heap<number>((a, b) => a - b);
        const model: number[] = [];
        for (const step of steps) {
          if (step !== null) {
            heap.push(step);
            model.push(step);
          } else if (model.length > 0) {
            const least = Math.min(...model);
            expect(heap.pop()).toBe(least);
            model.splice(model.indexOf(least), 1);
          }
          expect(heap.length).toBe(model.length);
        }
      }),
    );
  });
});
