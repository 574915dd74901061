import { traced } from '../engine/core/trace.ts';
import { checkedCompare } from '../arguments.ts';
import { feedArray } from '../engine/feeding/array.ts';
import { flush } from './support/flush.ts';
import type { Compare } from '../types.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Sink, type Stage, Scoped } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';

/** Holds all elements, and emits the first one after the last one has arrived. */
export function toSorted<T>(compare?: Compare<T>): Stage<T, T> {
  const checked = compare === undefined ? undefined : checkedCompare('toSorted', compare);
  return (next, scope) => new ToSorted(next, scope, checked);
}

class ToSorted<T> extends Scoped<T> {
  readonly #compare: Compare<T> | undefined;
  readonly #values: T[] = [];

  constructor(next: Sink<T>, scope: Scope, compare: Compare<T> | undefined) {
    super(next, scope);
    this.#compare = compare;
  }

  push(value: T): Answer {
    this.#values.push(value);
    return true;
  }

  override end(): Answer {
    return flush(this.next, this.scope, () => feedArray(this.#sorted(), this.next, this.scope));
  }

  #sorted(): T[] {
    try {
      return this.#values.sort(this.#compare);
    } catch (error) {
      throw traced(error, this.call);
    }
  }
}
