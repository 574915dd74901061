import type { Closable, Scope } from './scope.ts';
import { type Answer, Awaiting } from './suspension.ts';

/** A timer of one run, cleared with it. `setTimeout` is looked up at each call, so that fake timers are found. */
export class Timer implements Closable {
  readonly #use: () => void;
  #pending: ReturnType<typeof setTimeout> | undefined;

  constructor(scope: Scope, use: () => void) {
    this.#use = use;
    scope.add(this);
  }

  get running(): boolean {
    return this.#pending !== undefined;
  }

  /** Starts it, anew where it is running. */
  start(milliseconds: number): void {
    this.stop();
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

interface Timers {
  setTimeout(callback: () => void): unknown;
  clearTimeout(timer: unknown): void;
  /** Not in browsers. Elsewhere it comes right after the I/O that is ready, and `setTimeout` a millisecond later. */
  setImmediate?(callback: () => void): unknown;
  clearImmediate(timer: unknown): void;
}

/** Gives timers and I/O a turn. Never settles where the run ends before it: what waits for it then is gone. */
export function macrotask(scope: Scope): Promise<void> {
  return new Promise((resolve) => {
    const { setTimeout, clearTimeout, setImmediate, clearImmediate } = globalThis as unknown as Timers;
    const [set, clear] = setImmediate ? [setImmediate, clearImmediate] : [setTimeout, clearTimeout];
    const timer = set(() => {
      scope.remove(pending);
      resolve();
    });
    const pending = { close: () => clear(timer) };
    scope.add(pending);
  });
}
