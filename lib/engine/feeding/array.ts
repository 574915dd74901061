import type { Sink } from '../core/sink.ts';
import type { Scope, Turns } from '../core/scope.ts';
import { turn } from '../time/turns.ts';
import { type Answer, Awaiting, AwaitingCallback, Nested } from '../core/answer.ts';
import type { Call } from '../core/trace.ts';
import { isThenable } from '../core/promises.ts';

/** Promises in sync iterables are awaited, as `for await` does. With a call, their errors are placed at it. */
export function pushReady<T>(value: T | PromiseLike<T>, next: Sink<T>, call?: Call, index?: number): Answer {
  return isThenable(value) ? pushLater(value, next, call, index) : next.push(value);
}

/**
 * A function of its own: one with a closure allocates the closure's variables on each call, even if it creates none.
 */
function pushLater<T>(value: PromiseLike<T>, next: Sink<T>, call?: Call, index?: number): Answer {
  const push = (ready: T) => next.push(ready);
  return call === undefined ? new Awaiting(value, push) : new AwaitingCallback(value, push, call, index);
}

/** Without an iterator, and without any allocation while the sink returns no suspension. */
export function feedArray<T>(
  array: readonly (T | PromiseLike<T>)[],
  next: Sink<T>,
  run: Scope,
  call?: Call,
  index?: number,
): Answer {
  if (run.turns !== undefined) return new ArrayFeed(array, next, run, 0, true, call, index).proceed(true);
  for (let at = 0; at < array.length && !run.over; at++) {
    const value = array[at]!;
    // The code of `pushReady`, with type feedback of its own (`bench`, array).
    const answer = isThenable(value) ? pushLater(value, next, call, index) : next.push(value);
    if (answer !== true) return answer === false ? false : new ArrayFeed(array, next, run, at + 1, answer, call, index);
  }
  return !run.over;
}

class ArrayFeed<T> extends Nested {
  readonly #array: readonly (T | PromiseLike<T>)[];
  readonly #next: Sink<T>;
  readonly #run: Scope;
  readonly #turns: Turns | undefined;
  #at: number;
  readonly #call: Call | undefined;
  /** The index of the element that the array was returned for. */
  readonly #index: number | undefined;

  constructor(
    array: readonly (T | PromiseLike<T>)[],
    next: Sink<T>,
    run: Scope,
    at: number,
    inner: Answer,
    call: Call | undefined,
    index: number | undefined,
  ) {
    super();
    this.#array = array;
    this.#next = next;
    this.#run = run;
    this.#turns = run.turns;
    this.#at = at;
    this.#call = call;
    this.#index = index;
    this.nest(inner);
  }

  override proceed(answer: Answer): Answer {
    while (answer === true && this.#at < this.#array.length && !this.#run.over) {
      answer = this.#turns?.due()
        ? turn(this.#run)
        : pushReady(this.#array[this.#at++]!, this.#next, this.#call, this.#index);
    }
    return this.nest(answer === true ? !this.#run.over : answer);
  }
}
