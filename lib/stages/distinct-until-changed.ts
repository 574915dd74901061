import { checkFunction, checkOptionalFunction } from '../engine/arguments.ts';
import { Decider } from '../engine/decider.ts';
import { same } from '../engine/same.ts';
import type { Scope } from '../engine/scope.ts';
import type { Sink, Stage } from '../engine/sink.ts';
import { type Answer, Awaiting, isThenable } from '../engine/suspension.ts';
import type { Fn } from '../types.ts';

type Equals<K> = (previous: K, next: K) => unknown;

/** Compares each key with that of the last element let through, by `equals` or else as `Set` does. */
export function distinctUntilChanged<T, K = T>(key?: Fn<T, K>, equals: Equals<K> = same): Stage<T, T> {
  checkOptionalFunction('distinctUntilChanged: key', key);
  checkFunction('distinctUntilChanged: equals', equals);
  return (next, scope) => new DistinctUntilChanged(next, scope, key, equals);
}

class DistinctUntilChanged<T, K> extends Decider<T, K> {
  readonly #equals: Equals<K>;
  #key: K | undefined;
  #started = false;

  constructor(next: Sink<T>, scope: Scope, key: Fn<T, K> | undefined, equals: Equals<K>) {
    super(next, scope, key);
    this.#equals = equals;
  }

  decide(value: T, key: K): Answer {
    const equals = this.#equals;
    const equal = this.#started && equals(this.#key as K, key);
    if (isThenable(equal)) return new Awaiting(equal, (ready: unknown) => this.#compared(value, key, ready));
    return this.#compared(value, key, equal);
  }

  #compared(value: T, key: K, equal: unknown): Answer {
    if (equal) return true;
    this.#started = true;
    this.#key = key;
    return this.next.push(value);
  }
}
