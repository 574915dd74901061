import { ignore, isThenable } from './promises.ts';
import type { Closable, Scope } from './scope.ts';

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

interface Waiter<T> {
  readonly scope: Pick<Scope, 'add' | 'remove'>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * Settles as the promise does, unless the run is closed before: then it never settles, the promise keeps nothing of what
 * waits here, and a value that still arrives goes to `late`. For callbacks that are awaited outside of a chain.
 */
export function untilClosed<T>(
  value: T | PromiseLike<T>,
  scope: Waiter<T>['scope'],
  late: (value: T) => unknown = ignore,
): T | Promise<T> {
  if (!isThenable(value)) return value;
  return new Promise((resolve, reject) => wait(value, new Tether({ scope, resolve, reject }), late));
}

// Not in the function that has the scope: the reactions keep everything that closures beside them use.
function wait<T>(promise: PromiseLike<T>, tether: Tether<Waiter<T>>, late: (value: T) => unknown): void {
  const waiting: Closable = { close: () => void (tether.run = undefined) };
  const take = (): Waiter<T> | undefined => {
    const waiter = tether.run;
    waiter?.scope.remove(waiting);
    tether.run = undefined;
    return waiter;
  };
  Promise.resolve(promise)
    .then(
      (value) => {
        const waiter = take();
        return waiter === undefined ? late(value) : waiter.resolve(value);
      },
      (error: unknown) => take()?.reject(error),
    )
    .catch(ignore);
  tether.run!.scope.add(waiting);
}
