import type { Fn, Reducer, Context } from '../../types.ts';
import type { Collector } from './collector.ts';
import { Last } from '../../engine/core/sink.ts';
import { type Answer, AwaitingCallback } from '../../engine/core/answer.ts';
import { isThenable } from '../../engine/core/promises.ts';
import { traced } from '../../engine/core/trace.ts';

/** Describes a collector: it folds elements into a state, and turns the state into a result. */
interface Folding<T, S, R> {
  /** Makes the state of a run. */
  readonly start: () => S;
  readonly take: Reducer<S, T>;
  /** Whether no more elements are wanted. Default: all are wanted. */
  readonly until?: (state: S) => boolean;
  /** Default: the result is the state. */
  readonly finish?: (state: S, count: number) => R;
}

export function fold<T, S, R = S>(folding: Folding<T, S, R>): Collector<T, R> {
  return (context) => new Fold(folding, context);
}

class Fold<T, S, R> extends Last<T, R> {
  readonly #folding: Folding<T, S, R>;
  readonly #take: Reducer<S, T>;
  readonly #until: ((state: S) => boolean) | undefined;
  readonly #context: Context;
  #state: S;
  #count = 0;

  constructor(folding: Folding<T, S, R>, context: Context) {
    super();
    this.#folding = folding;
    this.#take = folding.take;
    this.#until = folding.until;
    this.#context = context;
    this.#state = folding.start();
  }

  push(value: T): Answer {
    const take = this.#take;
    let state: S | PromiseLike<S>;
    try {
      state = take(this.#state, value, this.#count++, this.#context);
      if (isThenable(state)) return this.#later(state);
    } catch (error) {
      throw traced(error, undefined, this.#count - 1);
    }
    return this.#keep(state);
  }

  #later(state: PromiseLike<S>): Answer {
    return new AwaitingCallback(state, (ready: S) => this.#keep(ready), undefined, this.#count - 1);
  }

  #keep(state: S): boolean {
    this.#state = state;
    const until = this.#until;
    return !until?.(state);
  }

  override done(): boolean {
    return this.#until?.(this.#state) ?? false;
  }

  result(): R {
    const { finish } = this.#folding;
    return finish === undefined ? (this.#state as unknown as R) : finish(this.#state, this.#count);
  }
}

/** A reducer that first asks a callback about the element. */
export function asking<T, A, S>(fn: Fn<T, A>, take: (state: S, value: T, said: A) => S): Reducer<S, T> {
  return (state, value, index, context) => {
    const said = fn(value, index, context);
    return isThenable(said) ? askedLater(state, value, said, take) : take(state, value, said);
  };
}

function askedLater<T, A, S>(
  state: S,
  value: T,
  said: PromiseLike<A>,
  take: (state: S, value: T, said: A) => S,
): Promise<S> {
  return Promise.resolve(said).then((settled) => take(state, value, settled));
}
