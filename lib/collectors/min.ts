import { checkFunction } from '../engine/core/arguments.ts';
import type { Collector } from './support/collector.ts';
import { ascending, type Compare, extreme, type Ordered } from './support/ordering.ts';

/** The least element, by `compare` or else by `<`; undefined if there are none. */
export function min<T>(compare: Compare<T>): Collector<T, T | undefined>;
export function min<T extends Ordered>(compare?: Compare<T>): Collector<T, T | undefined>;
export function min<T>(compare: Compare<T> = ascending): Collector<T, T | undefined> {
  checkFunction('min: compare', compare);
  return extreme(compare, -1);
}
