import { checkFunction, checkOptionalFunction } from '../arguments.ts';
import { andThen } from '../engine/core/promises.ts';
import { same } from '../comparison.ts';
import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';
import type { Fn } from '../types.ts';

type Equals<K> = (previous: K, next: K) => unknown;

/** Compares each key with that of the last element let through, by `equals` or otherwise as `Set` does. */
export function distinctUntilChanged<T, K = T>(key?: Fn<T, K>, equals: Equals<K> = same): Stage<T, T> {
  checkOptionalFunction('distinctUntilChanged: key', key);
  checkFunction('distinctUntilChanged: equals', equals);
  return step<T>('filter', () => {
    let current: K;
    let started = false;

    function isChanged(said: K): unknown {
      return andThen(started && equals(current, said), (equal) => {
        if (equal) return false;
        started = true;
        current = said;
        return true;
      });
    }

    return (value, index, context) =>
      key === undefined ? isChanged(value as unknown as K) : andThen(key(value, index, context), isChanged, context);
  });
}
