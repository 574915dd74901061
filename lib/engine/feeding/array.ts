import type { Sink } from '../core/sink.ts';
import { type Answer, Awaiting, ENDLESS, Nested, type Run, type Suspension } from '../core/answer.ts';
import { isThenable } from '../core/promises.ts';

/** Promises in sync iterables are awaited, as `for await` does. */
export function pushReady<T>(value: T | PromiseLike<T>, next: Sink<T>): Answer {
  return isThenable(value) ? pushLater(value, next) : next.push(value);
}

/**
 * A function of its own: one with a closure allocates the closure's variables on each call, even if it creates none.
 */
function pushLater<T>(value: PromiseLike<T>, next: Sink<T>): Answer {
  return new Awaiting(value, (ready: T) => next.push(ready));
}

/** Without an iterator, and without any allocation while the sink returns no suspension. */
export function feedArray<T>(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, run = ENDLESS): Answer {
  for (let index = 0; index < array.length && !run.over; index++) {
    const value = array[index]!;
    // The code of `pushReady`, with type feedback of its own (`bench`, array).
    const answer = isThenable(value) ? pushLater(value, next) : next.push(value);
    if (answer !== true) return answer === false ? false : new ArrayFeed(array, next, run, index + 1, answer);
  }
  return !run.over;
}

class ArrayFeed<T> extends Nested {
  readonly #array: readonly (T | PromiseLike<T>)[];
  readonly #next: Sink<T>;
  readonly #run: Run;
  #index: number;

  constructor(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, run: Run, index: number, inner: Suspension) {
    super();
    this.#array = array;
    this.#next = next;
    this.#run = run;
    this.#index = index;
    this.pass(inner);
  }

  protected override go(answer: Answer): Answer {
    while (answer === true && this.#index < this.#array.length && !this.#run.over) {
      answer = pushReady(this.#array[this.#index++]!, this.#next);
    }
    return this.pass(answer);
  }
}
