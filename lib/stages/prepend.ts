import { feedArray } from '../engine/feed-array.ts';
import { lookAfter } from '../engine/ignore.ts';
import { Pass, type Sink, type Stage } from '../engine/sink.ts';
import { after, type Answer } from '../engine/suspension.ts';

export function prepend<T>(...values: (T | PromiseLike<T>)[]): Stage<T, T> {
  values.forEach(lookAfter);
  return (next) => new Prepend(next, values);
}

class Prepend<T> extends Pass<T> {
  readonly #values: readonly (T | PromiseLike<T>)[];

  constructor(next: Sink<T>, values: readonly (T | PromiseLike<T>)[]) {
    super(next);
    this.#values = values;
  }

  override start(): Answer {
    return after(this.next.start(), () => this.next.done() || feedArray(this.#values, this.next));
  }
}
