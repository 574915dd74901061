import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { ascending, type Ordered } from '../comparison.ts';
import { extreme } from './support/ordering.ts';
import type { Fn } from '../types.ts';

/** The element whose key is the least, by `<`; undefined if there are none. */
export function minBy<T>(key: Fn<T, Ordered>): Collector<T, T | undefined> {
  checkFunction('minBy: key', key);
  return extreme(ascending, -1, key);
}
