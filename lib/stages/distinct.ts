import { checkCount, checkObject, checkOptionalFunction } from '../engine/arguments.ts';
import { Decider } from '../engine/decider.ts';
import type { Scope } from '../engine/scope.ts';
import type { Sink, Stage } from '../engine/sink.ts';
import type { Answer } from '../engine/suspension.ts';
import type { Fn } from '../types.ts';

export interface DistinctOptions {
  /** How many keys are remembered. The one that came first is forgotten first. Default `Infinity`. */
  readonly limit?: number;
}

/** Keys are compared as `Set` does. Remembers every key, unless there is a `limit`. */
export function distinct<T>(key?: Fn<T, unknown>, options: DistinctOptions = {}): Stage<T, T> {
  checkOptionalFunction('distinct: key', key);
  checkObject('distinct: options', options);
  const { limit = Infinity } = options;
  checkCount('distinct: limit', limit, { min: 1, orInfinity: true });
  return (next, scope) => new Distinct(next, scope, key, limit);
}

class Distinct<T> extends Decider<T, unknown> {
  readonly #limit: number;
  readonly #keys = new Set<unknown>();
  /** Kept: a new iterator would walk over the places of all that was deleted before it comes to the oldest key. */
  readonly #oldest = this.#keys.values();

  constructor(next: Sink<T>, scope: Scope, key: Fn<T, unknown> | undefined, limit: number) {
    super(next, scope, key);
    this.#limit = limit;
  }

  decide(value: T, key: unknown): Answer {
    const keys = this.#keys;
    if (keys.has(key)) return true;
    if (keys.size === this.#limit) keys.delete(this.#oldest.next().value);
    keys.add(key);
    return this.next.push(value);
  }
}
