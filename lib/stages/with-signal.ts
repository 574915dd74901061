import { checkSignal } from '../arguments.ts';
import { onAbort } from '../signals.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Pass, type Sink, type Stage } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import { pace } from '../engine/time/turns.ts';
import type { SignalLike } from '../types.ts';

export function withSignal<T>(signal: SignalLike): Stage<T, T> {
  checkSignal('withSignal: signal', signal);
  return (next, scope) => new WithSignal(next, scope, signal);
}

class WithSignal<T> extends Pass<T> {
  readonly #signal: SignalLike;

  constructor(next: Sink<T>, scope: Scope, signal: SignalLike) {
    super(next, scope);
    this.#signal = signal;
  }

  override start(): Answer {
    this.#check();
    pace(this.scope);
    onAbort(this.#signal, this.scope, (within) => this.scope.abort(this.#signal.reason, within));
    return this.next.start();
  }

  override push(value: T): Answer {
    this.#check();
    return this.next.push(value);
  }

  /** In a run that has not waited for anything since, what is above still pushes. */
  #check(): void {
    if (!this.#signal.aborted) return;
    this.scope.abort(this.#signal.reason);
    throw this.#signal.reason;
  }
}
