import { flush } from './support/flush.ts';
import { pushReady } from '../engine/feeding/array.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Sink, type Stage, Scoped } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';

export function defaultIfEmpty<T, D>(value: D | PromiseLike<D>): Stage<T, T | D> {
  markHandled(value);
  return (next, scope) => new DefaultIfEmpty<T, D>(next, scope, value);
}

class DefaultIfEmpty<T, D> extends Scoped<T, T | D> {
  readonly #value: D | PromiseLike<D>;
  #empty = true;

  constructor(next: Sink<T | D>, scope: Scope, value: D | PromiseLike<D>) {
    super(next, scope);
    this.#value = value;
  }

  push(value: T): Answer {
    this.#empty = false;
    return this.next.push(value);
  }

  override end(): Answer {
    return flush(this.next, this.scope, () => !this.#empty || pushReady(this.#value, this.next, this.call));
  }
}
