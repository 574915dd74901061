import { checkNumber } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';
import { Ring } from '../engine/structures/ring.ts';
import { search } from './support/search.ts';

/**
 * The element at the index, or undefined; from the end if it is negative. Holds: with a negative index, at most
 * `-index` elements.
 */
export function at<T>(index: number): Collector<T, T | undefined> {
  checkNumber('at: index', index, 'an integer', Number.isInteger);
  if (index >= 0)
    return search(
      (_, i) => i === index,
      (value): T | undefined => value,
      undefined,
    );
  return fold({
    start: () => new Ring<T>(-index),
    take(ring, value) {
      ring.put(value);
      return ring;
    },
    finish: (ring) => (ring.full ? ring.toArray()[0] : undefined),
  });
}
