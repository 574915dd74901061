import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { markHandled } from '../engine/core/promises.ts';
import { fold } from './support/fold.ts';
import type { Reducer } from '../types.ts';

/**
 * Folds the elements into one value. Without `initial`, it starts with the first element, and an empty stream is a
 * TypeError.
 */
export function reduce<T>(fn: Reducer<T, T>): Collector<T, T>;
/** Returns one value, folded from `initial` and all elements. */
export function reduce<T, R>(fn: Reducer<R, T>, initial: R): Collector<T, R>;
export function reduce<T>(fn: Reducer<T, T>, ...initial: [T?]): Collector<T, T> {
  checkFunction('reduce: fn', fn);
  markHandled(initial[0]);
  if (initial.length > 0) return fold({ start: () => initial[0] as T, take: fn });
  return fold({
    start: () => undefined as T,
    take: (accumulator, value, index, context) => (index === 0 ? value : fn(accumulator, value, index, context)),
    finish(accumulator, count) {
      if (count === 0) throw new TypeError('reduce: a stream without elements needs an initial value');
      return accumulator;
    },
  });
}
