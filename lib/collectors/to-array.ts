import { type Checks, checkSignal, countFrom, optionsOf } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import type { Ending } from '../types.ts';
import { fold } from './support/fold.ts';

/** The options of {@link AsyncStream.toArray | toArray}. */
export interface ToArrayOptions {
  /** How many elements there may be. With one more the run rejects with a `RangeError`. Default `Infinity`. */
  readonly limit?: number | undefined;
}

const CHECKS: Checks<ToArrayOptions & Ending> = { limit: countFrom(0, Infinity), signal: checkSignal };

/** An array of all elements. */
export function toArray<T>(options?: ToArrayOptions): Collector<T, T[]> {
  const { limit = Infinity } = optionsOf('toArray', options, CHECKS);
  return fold({
    start: (): T[] => [],
    take(array, value) {
      if (array.push(value) > limit) throw new RangeError(`toArray: the stream has more than ${limit} elements`);
      return array;
    },
  });
}
