import type { Ending, Fn } from '../../types.ts';
import { checkFunction, checkOptionalFunction, checkSignal, optionsOf } from '../../arguments.ts';
import { wrongKind } from '../../errors.ts';
import type { Collector } from './collector.ts';
import { andThen } from '../../engine/core/promises.ts';
import { fold } from './fold.ts';

/** The options of `toMap` and `toObject`. */
export interface MergeOptions<K, V> {
  /** Combines the values of two elements with the same key. Default: the later one is kept. */
  readonly merge?: ((existing: V, value: V, key: K) => V | PromiseLike<V>) | undefined;
}

/** The arguments of `toMap` and `toObject`. Without a key, the elements are pairs. */
export type StoreArguments<T, K, V> = [
  key?: Fn<T, K> | undefined,
  value?: Fn<T, V> | undefined,
  options?: MergeOptions<K, V>,
];

/** Keeps values by their keys: the part of a `Map` that is used. */
interface Store<K, V> {
  has(key: K): boolean;
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** A collector that keeps each element, or the result of `value`, by its key. */
export function store<T, K, V, S extends Store<K, V>, R>(
  method: string,
  [key, value, options]: StoreArguments<T, K, V>,
  start: () => S,
  finish: (store: S) => R,
): Collector<T, R> {
  // Without a key, a value would be ignored.
  if (key !== undefined || value !== undefined) checkFunction(`${method}: key`, key);
  checkOptionalFunction(`${method}: value`, value);
  const { merge } = optionsOf<MergeOptions<K, V> & Ending>(method, options, {
    merge: checkFunction,
    signal: checkSignal,
  });

  function add(kept: S, k: K, v: V): S | PromiseLike<S> {
    if (merge === undefined || !kept.has(k)) return put(kept, k, v);
    return andThen(merge(kept.get(k) as V, v, k), (merged) => put(kept, k, merged));
  }

  return fold({
    start,
    finish,
    take(kept, element: T, index, context) {
      if (key === undefined) {
        if (!Array.isArray(element)) throw wrongKind(`${method}: an element`, 'a pair [key, value]', element);
        return add(kept, element[0] as K, element[1] as V);
      }
      const addAs = (k: K) =>
        value === undefined
          ? add(kept, k, element as unknown as V)
          : andThen(value(element, index, context), (v: V) => add(kept, k, v), context);
      return andThen(key(element, index, context), addAs, context);
    },
  });
}

function put<K, V, S extends Store<K, V>>(kept: S, key: K, value: V): S {
  kept.set(key, value);
  return kept;
}
