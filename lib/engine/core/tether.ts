import { ignore, isThenable, markHandled } from './promises.ts';
import type { Scope } from './scope.ts';

/**
 * Stands between the reactions on a promise and the run that waits for it. A promise cannot be made to forget its
 * reactions, so one that never settles would keep each run that it was abandoned by.
 */
export class Tether<R> {
  /** Undefined once the run is closed. */
  run: R | undefined;

  constructor(run: R) {
    this.run = run;
  }
}

/** Settles a wait as its promise has. */
type Settle = (outcome: unknown, rejected: boolean) => void;

/**
 * The waits for each promise, which has one reaction for all of them: reactions cannot be removed, and a promise may
 * outlive very many runs.
 */
const waits = new WeakMap<Promise<unknown>, Set<Settle>>();

/**
 * Settles as the promise does, unless the run is closed before: then it never settles, the promise keeps nothing of what
 * waits here, and a value that still arrives goes to `late`. For callbacks that are awaited outside of a chain.
 */
export function untilClosed<T>(
  value: T | PromiseLike<T>,
  scope: Pick<Scope, 'add' | 'remove'>,
  late: (value: T) => unknown = ignore,
): T | Promise<T> {
  if (!isThenable(value)) return value;
  return new Promise<T>((resolve, reject) => {
    const waiting = waitsFor(Promise.resolve(value));
    const settle: Settle = (outcome, rejected) => {
      scope.remove(closable);
      if (rejected) reject(outcome);
      else resolve(outcome as T);
    };
    const closable = {
      close() {
        waiting.delete(settle);
        if (late !== ignore) waiting.add(settleLate(late));
      },
    };
    waiting.add(settle);
    scope.add(closable);
  });
}

/** Marks a promise as handled for which many streams may be made to wait: by the one reaction that their waits share. */
export function markShared(value: unknown): void {
  // Its own `then` may be the one that starts the work.
  if (value instanceof Promise && value.then === Promise.prototype.then) waitsFor(value);
  else markHandled(value);
}

// Not in the function that has the scope: the reactions keep everything that closures beside them use.
function waitsFor(promise: Promise<unknown>): Set<Settle> {
  const known = waits.get(promise);
  if (known !== undefined) return known;
  const waiting = new Set<Settle>();
  const settleAs = (rejected: boolean) => (outcome: unknown) => {
    waits.delete(promise);
    for (const settle of waiting) settle(outcome, rejected);
  };
  waits.set(promise, waiting);
  promise.then(settleAs(false), settleAs(true));
  return waiting;
}

function settleLate<T>(late: (value: T) => unknown): Settle {
  return (outcome, rejected) => {
    if (!rejected) (async () => late(outcome as T))().catch(ignore);
  };
}
