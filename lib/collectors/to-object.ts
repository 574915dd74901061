import type { Collector } from './support/collector.ts';
import { type MergeOptions, store, type StoreArguments } from './support/store.ts';
import type { Fn, Pair } from '../types.ts';

/** The type of an object by the type of its keys. If the type lists the keys, each of them may be missing. */
export type Dictionary<K extends PropertyKey, V> =
  // eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- asks whether any key is required
  Record<never, never> extends Record<K, V> ? Record<K, V> : Partial<Record<K, V>>;

/** Returns an object without a prototype, of pairs. */
export function toObject<K extends PropertyKey, V>(
  key?: undefined,
  value?: undefined,
  options?: MergeOptions<K, V>,
): Collector<Pair<K, V>, Dictionary<K, V>>;
/** Returns an object from the result of `key` to each element. */
export function toObject<T, K extends PropertyKey>(
  key: Fn<T, K>,
  value?: undefined,
  options?: MergeOptions<K, T>,
): Collector<T, Dictionary<K, T>>;
/** Returns an object from the result of `key` to the result of `value` for each element. */
export function toObject<T, K extends PropertyKey, V>(
  key: Fn<T, K>,
  value: Fn<T, V>,
  options?: MergeOptions<K, V>,
): Collector<T, Dictionary<K, V>>;
export function toObject<T, K extends PropertyKey, V>(...args: StoreArguments<T, K, V>): Collector<T, Record<K, V>> {
  return store(
    'toObject',
    args,
    () => new Properties<K, V>(),
    ({ object }) => object,
  );
}

/** Without a prototype, so that `__proto__` is a key like any other. */
class Properties<K extends PropertyKey, V> {
  readonly object = Object.create(null) as Record<K, V>;

  has(key: K): boolean {
    return key in this.object;
  }

  get(key: K): V {
    return this.object[key];
  }

  set(key: K, value: V): void {
    this.object[key] = value;
  }
}
