import type { Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import { type Answer, Awaiting, Nested, type Suspension } from './suspension.ts';
import { isThenable } from './thenable.ts';

/** Promises in sync iterables are awaited, as `for await` does. */
export function pushReady<T>(value: T | PromiseLike<T>, next: Sink<T>): Answer {
  return isThenable(value) ? new Awaiting(value, (ready: T) => next.push(ready)) : next.push(value);
}

/** Over, where a callback has called `return()` of its own stream. */
type Run = Pick<Scope, 'over'>;

const ENDLESS: Run = { over: false };

/** Without an iterator, and without any allocation while the sink answers at once. */
export function feedArray<T>(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, run: Run = ENDLESS): Answer {
  for (let index = 0; index < array.length && !run.over; index++) {
    const answer = pushReady(array[index]!, next);
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

  resume(value: unknown): Answer {
    let answer = this.inner!.resume(value);
    while (answer === true && this.#index < this.#array.length && !this.#run.over) {
      answer = pushReady(this.#array[this.#index++]!, this.#next);
    }
    return this.pass(answer);
  }
}
