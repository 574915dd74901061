import type { Closable, Scope } from '../core/scope.ts';
import { mayStandStill, now } from './clock.ts';
import { untilCalled } from './turns.ts';

/** Milliseconds without progress after which a consumer counts as one that waits for itself. */
export const STALLED_AFTER = 1000;

/** A timer of one run, cleared with it. `setTimeout` is looked up at each call, so that fake timers are found. */
export class Timer implements Closable {
  readonly #use: () => void;
  #pending: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(scope: Pick<Scope, 'add'>, use: () => void) {
    this.#use = use;
    scope.add(this);
  }

  get running(): boolean {
    return this.#pending !== undefined;
  }

  /** Starts it, or restarts a running one; not in a run that is over. */
  start(milliseconds: number): void {
    this.stop();
    if (this.#closed) return;
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      this.#use();
    }, milliseconds);
  }

  stop(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
  }

  close(): void {
    this.#closed = true;
    this.stop();
  }
}

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

/** Resolves after a while. Never settles if the run ends first. */
export function sleep(milliseconds: number, scope: Pick<Scope, 'add' | 'remove'>): Promise<void> {
  return untilCalled(scope, (call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  });
}
