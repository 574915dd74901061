const { Date: RealDate, setTimeout: realSetTimeout } = globalThis;
const realMethod = nowOf(performance);

/** Milliseconds by the clock that was there when the library was loaded, also while fake timers have replaced it. */
export const realNow: () => number = performance.now.bind(performance);

function nowOf(clock: { readonly now: unknown }): unknown {
  return clock.now;
}

/** Whether fake timers leave `performance` real, as those of `node:test` do; or whether only `setTimeout` is wrapped. */
function isBehind(): boolean {
  return setTimeout !== realSetTimeout && nowOf(performance) === realMethod;
}

/** Milliseconds by the clock that timers follow: for fake timers that leave `performance` real, a fake `Date`. */
export function now(): number {
  return Date !== RealDate && isBehind() ? Date.now() : performance.now();
}

/** Whether timers may move no clock: then only the timers themselves tell that time has passed. */
export function mayStandStill(): boolean {
  return Date === RealDate && isBehind();
}
