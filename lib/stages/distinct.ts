import { checkOptionalFunction, countFrom, optionsOf } from '../arguments.ts';
import { andThen } from '../engine/core/promises.ts';
import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';
import { Oldest } from '../oldest.ts';
import type { Fn } from '../types.ts';

/** The options of {@link AsyncStream.distinct | distinct}. */
export interface DistinctOptions {
  /** How many keys are remembered. The one that came first is forgotten first. Default `Infinity`. */
  readonly limit?: number | undefined;
}

/** Keys are compared as `Set` does. Remembers every key, unless there is a `limit`. */
export function distinct<T>(key?: Fn<T, unknown>, options?: DistinctOptions): Stage<T, T> {
  checkOptionalFunction('distinct: key', key);
  const { limit } = optionsOf('distinct', options, { limit: countFrom(1, Infinity) });
  return step('filter', () => {
    const keys = new Set<unknown>();
    const oldest = new Oldest(keys);

    function isNew(said: unknown): boolean {
      if (keys.has(said)) return false;
      if (keys.size === limit) keys.delete(oldest.take());
      keys.add(said);
      return true;
    }

    return (value, index, context) => (key === undefined ? isNew(value) : andThen(key(value, index, context), isNew));
  });
}
