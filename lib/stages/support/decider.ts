import type { Fn, Context } from '../../types.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { type Sink, Through } from '../../engine/core/sink.ts';
import { type Call, traced } from '../../engine/core/trace.ts';
import { type Answer, AwaitingCallback } from '../../engine/core/answer.ts';
import { isThenable } from '../../engine/core/promises.ts';

/**
 * A stage that asks a function about each value, and decides by what is said what becomes of the value. Without a
 * function, what is said of a value is the value itself.
 */
export abstract class Decider<In, A, Out = In> extends Through<In, Out> {
  readonly #fn: Fn<In, A> | undefined;
  readonly #context: Context;
  readonly #call: Call | undefined;
  #index = 0;

  constructor(next: Sink<Out>, scope: Scope, fn: Fn<In, A> | undefined) {
    super(next);
    this.#fn = fn;
    this.#context = scope.context;
    this.#call = scope.call;
  }

  push(value: In): Answer {
    const fn = this.#fn;
    if (fn === undefined) return this.decide(value, value as unknown as A);
    let said: A | PromiseLike<A>;
    try {
      said = fn(value, this.#index++, this.#context);
      if (isThenable(said)) return this.#later(value, said);
    } catch (error) {
      throw traced(error, this.#call, this.#index - 1);
    }
    return this.decide(value, said);
  }

  #later(value: In, said: PromiseLike<A>): Answer {
    const decide = (ready: A) => this.decide(value, ready);
    return new AwaitingCallback(said, decide, this.#call, this.#index - 1);
  }

  protected abstract decide(value: In, said: A): Answer;
}
