/** How many runs may continue within each other on the stack: each takes some ten frames of it. */
const MAX_SYNC_DEPTH = 50;

let depth = 0;

/** Whether a run may continue on the stack of another one. Then `exit` is to be called when that is done. */
export function enter(): boolean {
  if (depth === MAX_SYNC_DEPTH) return false;
  depth++;
  return true;
}

export function exit(): void {
  depth--;
}

/**
 * Continues it when others have had their turn. Not by `queueMicrotask`, which is among what fake timers stop; and not
 * in the functions that call this: a function with a closure makes room for what that sees at each call, also for none.
 */
export function resumeInMicrotask(standing: { go(): void }): void {
  void Promise.resolve().then(() => {
    // The stack is empty here, whatever was thrown past an `exit`.
    depth = 0;
    standing.go();
  });
}
