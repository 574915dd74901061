/** A mark of fakes: of those of Jest and Vitest, and of the legacy ones of Jest. */
interface Fake {
  readonly clock?: unknown;
  readonly _isMockFunction?: unknown;
}

/** Undefined for a fake that was there before the library, as one of Jest or Vitest is that all files share. */
export function real<T extends object>(global: (T & Fake) | undefined): T | undefined {
  return (global?.clock ?? global?._isMockFunction) === undefined ? global : undefined;
}

const RealDate = real(Date);
const realSetTimeout = real(setTimeout);
const realMethod = nowOf(real(performance));

/** Milliseconds by the clock that was there when the library was loaded, also while fake timers have replaced it. */
export const realNow: () => number = performance.now.bind(performance);

function nowOf(clock: { readonly now: unknown } | undefined): unknown {
  return clock?.now;
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
