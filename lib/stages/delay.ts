import { checkDuration } from '../engine/core/arguments.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Pass, type Sink, type Stage } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import { sleep } from '../engine/time/timer.ts';

export function delay<T>(milliseconds: number): Stage<T, T> {
  checkDuration('delay: milliseconds', milliseconds);
  return (next, scope) => new Delay(next, scope, milliseconds);
}

class Delay<T> extends Pass<T> {
  readonly #scope: Scope;
  readonly #milliseconds: number;

  constructor(next: Sink<T>, scope: Scope, milliseconds: number) {
    super(next);
    this.#scope = scope;
    this.#milliseconds = milliseconds;
  }

  override push(value: T): Answer {
    return sleep(this.#milliseconds, this.#scope, () => this.next.push(value));
  }
}
