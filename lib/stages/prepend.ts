import { feedArray } from '../engine/feeding/array.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Pass, type Sink, type Stage } from '../engine/core/sink.ts';
import { after, type Answer } from '../engine/core/answer.ts';

export function prepend<T>(...values: (T | PromiseLike<T>)[]): Stage<T, T> {
  values.forEach(markHandled);
  return (next, scope) => new Prepend(next, scope, values);
}

class Prepend<T> extends Pass<T> {
  readonly #values: readonly (T | PromiseLike<T>)[];

  constructor(next: Sink<T>, scope: Scope, values: readonly (T | PromiseLike<T>)[]) {
    super(next, scope);
    this.#values = values;
  }

  override start(): Answer {
    return after(
      this.next.start(),
      () => this.next.done() || feedArray(this.#values, this.next, this.scope, this.call),
    );
  }
}
