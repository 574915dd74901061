import { placing } from '../engine/core/trace.ts';
import { checkFunction } from '../arguments.ts';
import type { Closable, Scope } from '../engine/core/scope.ts';
import { Pass, type Sink, type Stage } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import { released } from '../engine/core/part.ts';

/** `finally` is a reserved word. */
export function finallyDo<T>(fn: () => unknown): Stage<T, T> {
  checkFunction('finally: fn', fn);
  return (next, scope) => new Finally(next, scope, placing(fn, scope.call));
}

/** Called at the end of the upstream, or otherwise with the closing of the run, after the upstream has been closed. */
class Finally<T> extends Pass<T> {
  readonly #closable: Closable;
  /** A run that is left before its start has no end either. */
  #started = false;

  constructor(next: Sink<T>, scope: Scope, fn: () => unknown) {
    super(next, scope);
    this.#closable = { close: () => (this.#started ? fn() : undefined) };
    scope.add(this.#closable);
  }

  override start(): Answer {
    this.#started = true;
    return this.next.start();
  }

  override end(): Answer {
    return released(this.scope, this.#closable, () => this.next.end());
  }
}
