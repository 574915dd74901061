import type { Context } from '../../types.ts';

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

export function ignore(): void {}

/** A promise of the built-in class, also where the global one was replaced, as zone.js does. */
const builtIn = (async () => undefined)();

/**
 * Marks a promise as handled, so that an early rejection is not reported as unhandled. Calls the `then` of its class: an
 * own `then` may be the one that starts the work.
 */
export function markHandled(value: unknown): void {
  try {
    // The promise may be of another realm.
    if (typeof value !== 'object' || Object.prototype.toString.call(value) !== '[object Promise]') return;
    const { then } = value instanceof Promise ? Promise.prototype : builtIn;
    void then.call(value as Promise<unknown>, ignore, ignore);
  } catch {
    // An object that only calls itself a promise, or that refuses to say what it is.
  }
}

/** Marks all values of an array of promises. Whether it is one is asked of the first value only. */
export function markAllHandled(values: readonly unknown[]): void {
  if (isThenable(values[0])) values.forEach(markHandled);
}

/**
 * Uses a value in the same tick if it is there, else when its promise has settled: `whenReady` outside of a chain. With
 * the context of a run, not if that has ended by then.
 */
export function andThen<T, R>(
  value: T | PromiseLike<T>,
  use: (value: T) => R | PromiseLike<R>,
  context?: Context,
): R | PromiseLike<R> {
  return isThenable(value) ? useLater(value, use, context) : use(value);
}

function useLater<T, R>(
  value: PromiseLike<T>,
  use: (value: T) => R | PromiseLike<R>,
  context: Context | undefined,
): Promise<R> {
  return Promise.resolve(value).then((settled) => {
    if (context?.signal.aborted) throw context.signal.reason;
    return use(settled);
  });
}

/** How many runs may continue within each other on the stack: each takes some ten frames of it. */
const MAX_SYNC_DEPTH = 50;

let depth = 0;

/** Whether a run may continue on the stack of another one. If so, the caller must call `exit` after that. */
export function enter(): boolean {
  if (depth === MAX_SYNC_DEPTH) return false;
  depth++;
  return true;
}

export function exit(): void {
  depth--;
}

/** As many as it takes to react to a settled promise, also one of another realm or class. */
export async function fewMicrotasks(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}

/**
 * Continues it when others have had their turn. Not by `queueMicrotask`, which is among what fake timers stop; and not
 * in the functions that call this: a function with a closure makes room for what that sees at each call, also for none.
 */
export function resumeInMicrotask(standing: { go(): void }): void {
  void Promise.resolve().then(() => {
    // The stack is empty here, even if an error was thrown past an `exit`.
    depth = 0;
    standing.go();
  });
}
