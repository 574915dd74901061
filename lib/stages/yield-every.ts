import { checkNumber } from '../engine/arguments.ts';
import type { Scope } from '../engine/scope.ts';
import type { Stage } from '../engine/sink.ts';
import { step } from '../engine/step.ts';

interface Timers {
  setTimeout(callback: () => void): unknown;
  clearTimeout(timer: unknown): void;
  /** Not in browsers. Elsewhere it comes right after the I/O that is ready, and `setTimeout` a millisecond later. */
  setImmediate?(callback: () => void): unknown;
  clearImmediate(timer: unknown): void;
}

export function yieldEvery<T>(milliseconds = 5): Stage<T, T> {
  checkNumber('yieldEvery: milliseconds', milliseconds, 'a non-negative number', (number) => number >= 0);
  return step('tap', (scope) => {
    let last = performance.now();
    return () => {
      if (performance.now() - last <= milliseconds) return undefined;
      return macrotask(scope).then(() => {
        last = performance.now();
      });
    };
  });
}

/** Never settles where the run ends before it: what waits for it then is gone. */
function macrotask(scope: Scope): Promise<void> {
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
