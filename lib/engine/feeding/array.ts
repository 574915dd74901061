import type { Sink } from '../core/sink.ts';
import type { Scope, Turns } from '../core/scope.ts';
import { turn } from '../time/turns.ts';
import { type Answer, Awaiting, Nested } from '../core/answer.ts';
import { isThenable } from '../core/promises.ts';

/** Tells whether a run has ended early. */
type Ending = Pick<Scope, 'over'>;

const ENDLESS: Ending = { over: false };

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
export function feedArray<T>(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, run: Ending = ENDLESS): Answer {
  for (let index = 0; index < array.length && !run.over; index++) {
    const value = array[index]!;
    // The code of `pushReady`, with type feedback of its own (`bench`, array).
    const answer = isThenable(value) ? pushLater(value, next) : next.push(value);
    if (answer !== true) return answer === false ? false : new ArrayFeed(array, next, run, index + 1, answer);
  }
  return !run.over;
}

/** As `feedArray`. If something in the run waits for a timer, that gets its turns. */
export function feedPaced<T>(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, scope: Scope): Answer {
  const { turns } = scope;
  return turns === undefined
    ? feedArray(array, next, scope)
    : new ArrayFeed(array, next, scope, 0, true, turns).proceed(true);
}

class ArrayFeed<T> extends Nested {
  readonly #array: readonly (T | PromiseLike<T>)[];
  readonly #next: Sink<T>;
  readonly #run: Ending;
  readonly #turns: Turns | undefined;
  #index: number;

  constructor(
    array: readonly (T | PromiseLike<T>)[],
    next: Sink<T>,
    run: Ending,
    index: number,
    inner: Answer,
    turns?: Turns,
  ) {
    super();
    this.#array = array;
    this.#next = next;
    this.#run = run;
    this.#turns = turns;
    this.#index = index;
    this.nest(inner);
  }

  override proceed(answer: Answer): Answer {
    const turns = this.#turns;
    while (answer === true && this.#index < this.#array.length && !this.#run.over) {
      answer = turns?.due() ? turn(this.#run as Scope) : pushReady(this.#array[this.#index++]!, this.#next);
    }
    return this.nest(answer);
  }
}
