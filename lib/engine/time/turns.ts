import type { Parent } from '../core/scope.ts';

interface Timers {
  setTimeout(callback: () => void): unknown;
  clearTimeout(timer: unknown): void;
  /** Not in browsers. Elsewhere it comes right after the I/O that is ready, and `setTimeout` a millisecond later. */
  setImmediate?(callback: () => void): unknown;
  clearImmediate(timer: unknown): void;
}

/** A turn for timers and I/O. Never settles where the run ends before it: what waits for it then is gone. */
export function macrotask(scope: Pick<Parent, 'add' | 'remove'>): Promise<void> {
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

/**
 * Lets it go on when others have had their turn. Not by `queueMicrotask`, which is among what fake timers stop; and not
 * in the functions that call this: each makes room for what a closure sees whenever it is called, also for none.
 */
export function resumeInMicrotask(standing: { go(): void }): void {
  void Promise.resolve().then(() => standing.go());
}
