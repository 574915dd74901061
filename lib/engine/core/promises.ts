export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

export function ignore(): void {}

/** Of a promise that may reject before its turn. By the `then` of promises, as one of its own may be what starts it. */
export function markHandled(promise: unknown): void {
  if (promise instanceof Promise) void Promise.prototype.then.call(promise, ignore, ignore);
}

/** Uses a value in the same tick if it is there, else when its promise has settled: `whenReady` outside of a chain. */
export function andThen<T, R>(value: T | PromiseLike<T>, use: (value: T) => R | PromiseLike<R>): R | PromiseLike<R> {
  return isThenable(value) ? Promise.resolve(value).then(use) : use(value);
}
