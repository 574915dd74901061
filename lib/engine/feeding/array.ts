import type { Sink } from '../core/sink.ts';
import type { Scope, Turns } from '../core/scope.ts';
import { turn } from '../time/turns.ts';
import { type Answer, Awaiting, Nested } from '../core/answer.ts';
import { ignore, isThenable } from '../core/promises.ts';

/** Tells whether a run has ended early, and whether timers wait for their turns in it. */
type Ending = Pick<Scope, 'over' | 'turns' | 'add' | 'remove'>;

const ENDLESS: Ending = { over: false, turns: undefined, add: ignore, remove: ignore };

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
  if (run.turns !== undefined) return new ArrayFeed(array, next, run, 0, true).proceed(true);
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
  readonly #run: Ending;
  readonly #turns: Turns | undefined;
  #index: number;

  constructor(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, run: Ending, index: number, inner: Answer) {
    super();
    this.#array = array;
    this.#next = next;
    this.#run = run;
    this.#turns = run.turns;
    this.#index = index;
    this.nest(inner);
  }

  override proceed(answer: Answer): Answer {
    while (answer === true && this.#index < this.#array.length && !this.#run.over) {
      answer = this.#turns?.due() ? turn(this.#run) : pushReady(this.#array[this.#index++]!, this.#next);
    }
    return this.nest(answer === true ? !this.#run.over : answer);
  }
}
