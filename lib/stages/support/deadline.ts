import type { Scope } from '../../engine/core/scope.ts';
import { mayStandStill, now } from '../../engine/time/clock.ts';
import { Timer } from '../../engine/time/timer.ts';

/**
 * A time by which something has to come, set anew for each element. One timer looks after it, and not one for each:
 * that would cost more than most elements do.
 */
export class Deadline {
  readonly #use: () => void;
  readonly #timer: Timer;
  #at = Infinity;
  /** When the timer looks again. */
  #looks = Infinity;

  constructor(scope: Pick<Scope, 'add'>, use: () => void) {
    this.#use = use;
    this.#timer = new Timer(scope, () => this.#look());
  }

  set(milliseconds: number): void {
    this.#at = now() + milliseconds;
    if (this.#at < this.#looks || mayStandStill()) this.#lookIn(milliseconds);
  }

  clear(): void {
    this.#at = Infinity;
  }

  /** Clears it, and the timer as well: it may not be needed again. */
  stop(): void {
    this.#at = this.#looks = Infinity;
    this.#timer.stop();
  }

  #look(): void {
    this.#looks = Infinity;
    if (this.#at === Infinity) return;
    const left = this.#at - now();
    if (left > 0 && !mayStandStill()) return this.#lookIn(left);
    this.#at = Infinity;
    this.#use();
  }

  #lookIn(milliseconds: number): void {
    this.#looks = this.#at;
    this.#timer.start(milliseconds);
  }
}
