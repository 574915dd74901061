import type { Closable, Scope } from './scope.ts';
import { type Answer, Awaiting } from './suspension.ts';

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

  /** Starts it, anew where it is running; not in a run that is over. */
  start(milliseconds: number): void {
    this.stop();
    if (this.#closed) return;
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      this.#use();
    }, milliseconds);
  }

  stop(): void {
    if (this.#pending !== undefined) clearTimeout(this.#pending);
    this.#pending = undefined;
  }

  close(): void {
    this.#closed = true;
    this.stop();
  }
}

/** Goes on after a while. */
export function sleep(milliseconds: number, scope: Scope, use: () => Answer): Answer {
  let wake!: () => void;
  const slept = new Promise<void>((resolve) => (wake = resolve));
  const timer = new Timer(scope, wake);
  timer.start(milliseconds);
  return new Awaiting(slept, () => {
    scope.remove(timer);
    return use();
  });
}
