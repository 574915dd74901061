import { pushReady } from '../engine/feeding/array.ts';
import type { Call } from '../engine/core/trace.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Sink, type Stage, Through } from '../engine/core/sink.ts';
import { after, type Answer, type Suspension } from '../engine/core/answer.ts';

/** A separator comes with the element after it: none is given before there is one. */
export function intersperse<T, S>(separator: S | PromiseLike<S>): Stage<T, T | S> {
  markHandled(separator);
  return (next, scope) => new Intersperse<T, S>(next, scope, separator);
}

class Intersperse<T, S> extends Through<T, T | S> {
  readonly #scope: Scope;
  readonly #separator: S | PromiseLike<S>;
  readonly #call: Call | undefined;
  #started = false;

  constructor(next: Sink<T | S>, scope: Scope, separator: S | PromiseLike<S>) {
    super(next);
    this.#scope = scope;
    this.#separator = separator;
    this.#call = scope.call;
  }

  push(value: T): Answer {
    const answer = !this.#started || pushReady(this.#separator, this.next, this.#call);
    this.#started = true;
    return answer === true ? this.#push(value) : answer && this.#later(answer, value);
  }

  #later(separated: Suspension, value: T): Answer {
    return after(separated, (wanted) => wanted && this.#push(value));
  }

  /** Unless a callback has ended the run with the separator. */
  #push(value: T): Answer {
    return !this.#scope.over && this.next.push(value);
  }
}
