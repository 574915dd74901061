import { checkBoolean, checkDuration, optionsOf } from '../arguments.ts';
import { wrongAmount } from '../errors.ts';
import { mayStandStill, now } from '../engine/time/clock.ts';
import { KeepLatest } from './support/keep-latest.ts';
import { readAhead } from './support/read-ahead.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Transform } from '../engine/core/source.ts';

/** The options of {@link AsyncStream.throttle | throttle}. */
export interface ThrottleOptions {
  /** Whether an element that arrives after a quiet time is emitted at once. Default true. */
  readonly leading?: boolean | undefined;
  /** Whether the last element that arrived too early is emitted when the time has passed. Default true. */
  readonly trailing?: boolean | undefined;
}

export function throttle<T>(milliseconds: number, options?: ThrottleOptions): Transform<T, T> {
  checkDuration('throttle: milliseconds', milliseconds);
  const checks = { leading: checkBoolean, trailing: checkBoolean };
  const { leading = true, trailing = true } = optionsOf('throttle', options, checks);
  if (!leading && !trailing) throw wrongAmount('throttle: trailing', 'true where leading is false', trailing);
  return readAhead((run) => new Throttle(run, milliseconds, leading, trailing));
}

class Throttle<T> extends KeepLatest<T> {
  readonly #milliseconds: number;
  readonly #leading: boolean;
  readonly #trailing: boolean;
  /** Runs while it is too early for another element. */
  readonly #timer = this.timer(() => this.#expire());
  #due = 0;

  constructor(run: Scope, milliseconds: number, leading: boolean, trailing: boolean) {
    super(run);
    this.#milliseconds = milliseconds;
    this.#leading = leading;
    this.#trailing = trailing;
  }

  protected arrived(value: T, waited: boolean): void {
    // A timer is late if the event loop was blocked, or if it is fake and the clock is not.
    if (this.#timer.running && now() > this.#due && !mayStandStill()) this.#expire(waited);
    const early = this.#timer.running;
    if (this.#trailing || !early) this.keep(value);
    if (early) return;
    this.#start();
    if (this.#leading) this.emit(waited);
  }

  #expire(waited?: boolean): void {
    if (this.emit(waited)) this.#start();
    else this.#timer.stop();
  }

  #start(): void {
    this.#due = now() + this.#milliseconds;
    this.#timer.start(this.#milliseconds);
  }
}
