import { checkDefault } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { search } from './support/search.ts';

/** The first element, after which the source is closed; the default, or undefined, if there is none. */
export function first<T>(): Collector<T, T | undefined>;
/** Returns the first element, or the default if there is none. */
export function first<T, D>(defaultValue: D): Collector<T, T | D>;
export function first<T>(defaultValue?: T): Collector<T, T | undefined> {
  checkDefault('first', defaultValue);
  return search(
    () => true,
    (value) => value,
    defaultValue,
  );
}
