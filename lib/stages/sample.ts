import { checkInterval } from '../arguments.ts';
import { now } from '../engine/time/clock.ts';
import { KeepLatest } from './support/keep-latest.ts';
import { readAhead } from './support/read-ahead.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Transform } from '../engine/core/source.ts';

export function sample<T>(milliseconds: number): Transform<T, T> {
  checkInterval('sample: milliseconds', milliseconds);
  return readAhead((run) => new Sample(run, milliseconds));
}

class Sample<T> extends KeepLatest<T> {
  readonly #milliseconds: number;
  readonly #start = now();
  /** The number of the tick that the timer was last set to. */
  #ticks = 0;
  /** Does not run while there is no element to emit: a silent source would keep the process busy. */
  readonly #timer = this.timer(() => this.emit());

  constructor(run: Scope, milliseconds: number) {
    super(run);
    this.#milliseconds = milliseconds;
  }

  protected arrived(value: T): void {
    this.keep(value);
    if (this.#timer.running) return;
    const milliseconds = this.#milliseconds;
    // A timer may be early by a fraction of a millisecond: it has been that tick all the same.
    const elapsed = Math.max(now() - this.#start, this.#ticks * milliseconds);
    this.#ticks = Math.floor(elapsed / milliseconds) + 1;
    this.#timer.start(Math.ceil(this.#ticks * milliseconds - elapsed));
  }
}
