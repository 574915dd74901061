import type { Collector } from './support/collector.ts';
import { type MergeOptions, store, type StoreArguments } from './support/store.ts';
import type { Fn, Pair } from '../types.ts';

/** Returns a `Map` of pairs. */
export function toMap<K, V>(
  key?: undefined,
  value?: undefined,
  options?: MergeOptions<K, V>,
): Collector<Pair<K, V>, Map<K, V>>;
/** Returns a `Map` from the result of `key` to each element. */
export function toMap<T, K>(key: Fn<T, K>, value?: undefined, options?: MergeOptions<K, T>): Collector<T, Map<K, T>>;
/** Returns a `Map` from the result of `key` to the result of `value` for each element. */
export function toMap<T, K, V>(key: Fn<T, K>, value: Fn<T, V>, options?: MergeOptions<K, V>): Collector<T, Map<K, V>>;
export function toMap<T, K, V>(...args: StoreArguments<T, K, V>): Collector<T, Map<K, V>> {
  return store(
    'toMap',
    args,
    () => new Map<K, V>(),
    (map) => map,
  );
}
