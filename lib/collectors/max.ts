import { checkedCompare } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { ascending, type Ordered } from '../comparison.ts';
import type { Compare } from '../types.ts';
import { extreme } from './support/ordering.ts';

/** The greatest element, by `compare` or else by `<`; undefined if there are none. */
export function max<T>(compare: Compare<T>): Collector<T, T | undefined>;
/** Returns the greatest element by `compare`. */
export function max<T extends Ordered>(compare?: Compare<T>): Collector<T, T | undefined>;
export function max<T>(compare: Compare<T> = ascending): Collector<T, T | undefined> {
  return extreme(checkedCompare('max', compare), 1);
}
