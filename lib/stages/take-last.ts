import { checkCount } from '../arguments.ts';
import { flush } from './support/flush.ts';
import { feedArray } from '../engine/feeding/array.ts';
import { Ring } from '../engine/structures/ring.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Sink, type Stage, Scoped } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import { take } from './take.ts';

/** Unlike `take`, not up to `Infinity`: it has to hold the elements that it counts. */
export function takeLast<T>(count: number): Stage<T, T> {
  checkCount('takeLast: count', count);
  // Which opens nothing.
  if (count === 0) return take(0);
  return (next, scope) => new TakeLast(next, scope, count);
}

class TakeLast<T> extends Scoped<T> {
  readonly #ring: Ring<T>;

  constructor(next: Sink<T>, scope: Scope, count: number) {
    super(next, scope);
    this.#ring = new Ring(count);
  }

  push(value: T): Answer {
    this.#ring.put(value);
    return true;
  }

  override end(): Answer {
    return flush(this.next, this.scope, () => feedArray(this.#ring.toArray(), this.next, this.scope));
  }
}
