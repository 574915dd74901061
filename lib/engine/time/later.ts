/**
 * Lets it go on when others have had their turn. Not by `queueMicrotask`, which is among what fake timers stop; and not
 * in the functions that call this: each makes room for what a closure sees whenever it is called, also for none.
 */
export function goLater(standing: { go(): void }): void {
  void Promise.resolve().then(() => standing.go());
}
