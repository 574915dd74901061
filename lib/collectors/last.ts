import { checkDefault } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';

/** The last element; the default, or undefined, if there is none. */
export function last<T>(): Collector<T, T | undefined>;
/** Returns the last element, or the default if there is none. */
export function last<T, D>(defaultValue: D): Collector<T, T | D>;
export function last<T>(defaultValue?: T): Collector<T, T | undefined> {
  checkDefault('last', defaultValue);
  return fold({ start: () => [defaultValue], take: (_, value) => [value], finish: ([value]) => value });
}
