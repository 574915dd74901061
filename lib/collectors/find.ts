import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { search } from './support/search.ts';
import type { Context, Fn } from '../types.ts';

/** The first element for which the predicate holds, or undefined; stops there. */
export function find<T, S extends T>(
  predicate: (value: T, index: number, context: Context) => value is S,
): Collector<T, S | undefined>;
/** Returns the first element for which `predicate` returns a truthy value. */
export function find<T>(predicate: Fn<T, unknown>): Collector<T, T | undefined>;
export function find<T>(predicate: Fn<T, unknown>): Collector<T, T | undefined> {
  checkFunction('find: predicate', predicate);
  return search(predicate, (value): T | undefined => value, undefined);
}
