import { flush } from './support/flush.ts';
import type { Call } from '../engine/core/trace.ts';
import { markHandled } from '../engine/core/promises.ts';
import { type Sink, type Stage, Through } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';

export function defaultIfEmpty<T, D>(value: D | PromiseLike<D>): Stage<T, T | D> {
  markHandled(value);
  return (next, scope) => new DefaultIfEmpty<T, D>(next, value, scope.call);
}

class DefaultIfEmpty<T, D> extends Through<T, T | D> {
  readonly #value: D | PromiseLike<D>;
  readonly #call: Call | undefined;
  #empty = true;

  constructor(next: Sink<T | D>, value: D | PromiseLike<D>, call: Call | undefined) {
    super(next);
    this.#value = value;
    this.#call = call;
  }

  push(value: T): Answer {
    this.#empty = false;
    return this.next.push(value);
  }

  override end(): Answer {
    return flush(this.next, this.#empty ? [this.#value] : [], undefined, this.#call);
  }
}
