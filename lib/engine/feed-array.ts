import type { Sink } from './sink.ts';
import { type Answer, Awaiting, isThenable, Nested, type Suspension } from './suspension.ts';

/** Promises in sync iterables are awaited, as `for await` does. */
export function pushReady<T>(value: T | PromiseLike<T>, next: Sink<T>): Answer {
  return isThenable(value) ? new Awaiting(value, (ready: T) => next.push(ready)) : next.push(value);
}

/** Without an iterator, and without any allocation while the sink answers at once. */
export function feedArray<T>(array: readonly (T | PromiseLike<T>)[], next: Sink<T>): Answer {
  for (let index = 0; index < array.length; index++) {
    const answer = pushReady(array[index]!, next);
    if (answer !== true) return answer === false ? false : new ArrayFeed(array, next, index + 1, answer);
  }
  return true;
}

class ArrayFeed<T> extends Nested {
  readonly #array: readonly (T | PromiseLike<T>)[];
  readonly #next: Sink<T>;
  #index: number;

  constructor(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, index: number, inner: Suspension) {
    super();
    this.#array = array;
    this.#next = next;
    this.#index = index;
    this.pass(inner);
  }

  resume(value: unknown): Answer {
    let answer = this.inner!.resume(value);
    while (answer === true && this.#index < this.#array.length) {
      answer = pushReady(this.#array[this.#index++]!, this.#next);
    }
    return this.pass(answer);
  }
}
