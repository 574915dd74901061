import type { Closable, Scope } from '../core/scope.ts';
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

/** Resolves after a while. Never settles if the run ends first. */
export function sleep(milliseconds: number, scope: Pick<Scope, 'add' | 'remove'>): Promise<void> {
  return untilCalled(scope, (call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  });
}
