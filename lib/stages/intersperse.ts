import { pushReady } from '../engine/feeding/array.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Sink, type Stage, Scoped } from '../engine/core/sink.ts';
import { after, type Answer, type Suspension } from '../engine/core/answer.ts';

/** A separator comes with the element after it: none is given before there is one. */
export function intersperse<T, S>(separator: S | PromiseLike<S>): Stage<T, T | S> {
  markHandled(separator);
  return (next, scope) => new Intersperse<T, S>(next, scope, separator);
}

class Intersperse<T, S> extends Scoped<T, T | S> {
  readonly #separator: S | PromiseLike<S>;
  #started = false;

  constructor(next: Sink<T | S>, scope: Scope, separator: S | PromiseLike<S>) {
    super(next, scope);
    this.#separator = separator;
  }

  push(value: T): Answer {
    const answer = !this.#started || pushReady(this.#separator, this.next, this.call);
    this.#started = true;
    return answer === true ? this.#push(value) : answer && this.#later(answer, value);
  }

  #later(separated: Suspension, value: T): Answer {
    return after(separated, (wanted) => wanted && this.#push(value));
  }

  /** Unless a callback has ended the run with the separator. */
  #push(value: T): Answer {
    return !this.scope.over && this.next.push(value);
  }
}
