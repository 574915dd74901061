import type { Fn } from '../../types.ts';
import type { Context, Scope } from './scope.ts';
import { type Sink, Through } from './sink.ts';
import { type Answer, Awaiting } from './answer.ts';
import { isThenable } from './promises.ts';

/**
 * A stage that asks a function about each value, and decides by what is said what becomes of the value. Without a
 * function, what is said of a value is the value itself.
 */
export abstract class Decider<In, A, Out = In> extends Through<In, Out> {
  readonly #fn: Fn<In, A> | undefined;
  readonly #context: Context;
  #index = 0;

  constructor(next: Sink<Out>, scope: Scope, fn: Fn<In, A> | undefined) {
    super(next);
    this.#fn = fn;
    this.#context = scope.context;
  }

  push(value: In): Answer {
    const fn = this.#fn;
    if (fn === undefined) return this.decide(value, value as unknown as A);
    const said = fn(value, this.#index++, this.#context);
    return isThenable(said) ? this.#later(value, said) : this.decide(value, said);
  }

  #later(value: In, said: PromiseLike<A>): Answer {
    return new Awaiting(said, (ready: A) => this.decide(value, ready));
  }

  protected abstract decide(value: In, said: A): Answer;
}
