import { checkFunction, isSignal } from './engine/core/arguments.ts';
import { type Context, Scope } from './engine/core/scope.ts';
import { RetryPolicy, type RetryingOptions } from './engine/time/retry-policy.ts';
import type { SignalLike } from './types.ts';

/**
 * Wraps a callback so that a failed call is repeated up to `times` (default 3) times, by the policy of `retry`: for
 * `map`, `filter`, `flatMap` and `forEach`, also with `concurrency`, and for the functions of `paginate`, `poll` and the
 * like. If all calls fail, rejects with the last error.
 *
 * The signal is that of the last argument that has one: the context, or the request of `paginate`. Once it has aborted,
 * nothing is retried, and a wait ends at once with its reason. Without a signal, as in a call by hand, every wait lasts.
 * `when` and `delay` get that argument as their context.
 *
 * A slot of the stage's `concurrency` is held during the waits.
 *
 * @throws {TypeError | RangeError} at the call, if an option is invalid.
 * @example
 * let calls = 0;
 * const fetchUser = async (id) => {
 *   if (++calls === 2) throw new Error('unavailable');
 *   return `user ${id}`;
 * };
 * const users = AsyncStream.of(1, 2).map(retrying(fetchUser, { times: 4, delay: 1, backoff: 'exponential' }));
 * await users.toArray(); // => ['user 1', 'user 2']
 * calls; // => 3
 */
export function retrying<A extends unknown[], R>(
  fn: (...args: A) => R | PromiseLike<R>,
  options: RetryingOptions = {},
): (...args: A) => Promise<R> {
  checkFunction('retrying: fn', fn);
  const policy = new RetryPolicy('retrying', options);
  const wrapped = async (...args: A): Promise<R> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await fn(...args);
      } catch (error) {
        // Looked for only now: a context makes its signal on first access.
        const context = contextOf(args);
        const { signal } = context;
        if (signal.aborted) throw error;
        await pause(await policy.waitAfter(error, attempt, context), signal);
      }
    }
  };
  // So that `explain()` and traces name the callback.
  return Object.defineProperty(wrapped, 'name', { value: `retrying(${fn.name})` });
}

function contextOf(args: readonly unknown[]): Context {
  const hasSignal = (arg: unknown) => isSignal((Object(arg) as Partial<Context>).signal);
  return (args.findLast(hasSignal) as Context | undefined) ?? new Scope().context;
}

/** Also for 0, lets timers and I/O have their turn. */
function pause(milliseconds: number, signal: SignalLike): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = (settle: () => void) => () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = end(() => reject(signal.reason));
    const timer = setTimeout(end(resolve), milliseconds);
    signal.addEventListener('abort', abort);
  });
}
