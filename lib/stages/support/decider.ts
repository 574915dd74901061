import type { Fn } from '../../types.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { type Sink, Scoped } from '../../engine/core/sink.ts';
import { traced } from '../../engine/core/trace.ts';
import { type Answer, AwaitingCallback } from '../../engine/core/answer.ts';
import { isThenable } from '../../engine/core/promises.ts';

/** A stage that calls a function with each value. `decide` handles the value by the result. */
export abstract class Decider<In, A, Out = In> extends Scoped<In, Out> {
  readonly #fn: Fn<In, A>;
  #index = 0;

  constructor(next: Sink<Out>, scope: Scope, fn: Fn<In, A>) {
    super(next, scope);
    this.#fn = fn;
  }

  push(value: In): Answer {
    const fn = this.#fn;
    let result: A | PromiseLike<A>;
    try {
      result = fn(value, this.#index++, this.scope.context);
      if (isThenable(result)) return this.#later(value, result);
    } catch (error) {
      throw traced(error, this.call, this.#index - 1);
    }
    return this.decide(value, result);
  }

  #later(value: In, result: PromiseLike<A>): Answer {
    const decide = (ready: A) => this.decide(value, ready);
    return new AwaitingCallback(result, decide, this.call, this.#index - 1);
  }

  protected abstract decide(value: In, result: A): Answer;
}
