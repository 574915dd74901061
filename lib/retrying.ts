import type { Limiter } from './engine/concurrency/task-pool.ts';
import { checkFunction, checkObject, type Checks, isSignal, optionsOf } from './arguments.ts';
import { RunContext } from './engine/core/context.ts';
import { unlessAborted } from './signals.ts';
import type { Context, SignalLike } from './types.ts';
import { RETRY_POLICY, RetryPolicy, type RetryPolicyOptions } from './retry-policy.ts';

/** The options of {@link retrying}. */
export interface RetryingOptions extends RetryPolicyOptions {
  /**
   * Each attempt acquires this limiter and releases it when it has settled, before any wait. A stage that is limited by
   * the same limiter would wait for itself: give that one a number. Default: none.
   */
  readonly limiter?: Limiter | undefined;
}

const CHECKS: Checks<RetryingOptions> = {
  ...RETRY_POLICY,
  limiter(name, value) {
    checkObject(name, value);
    checkFunction(`${name}.acquire`, (value as Limiter).acquire);
  },
};

/**
 * Wraps a callback so that a failed call is repeated up to `times` (default 3) times, by the policy of `retry`: for
 * `map`, `filter`, `flatMap` and `forEach`, also with `concurrency`, and for the functions of `paginate`, `poll` and the
 * like. If all calls fail, rejects with the last error. For `paginate`, TypeScript needs the type of the request:
 * `retrying(({ page, signal }: PageRequest<string>) => fetchPage(page, signal))`.
 *
 * The signal is that of the last argument that has one: the context, or the request of `paginate`. Once it has aborted,
 * nothing is retried, and a wait ends at once with its reason. Without a signal, as in a call by hand, every wait lasts.
 * `when` and `delay` get that argument as their context.
 *
 * A retried call keeps its slot of the stage's `concurrency` during the waits. With the option `limiter`, attempts are
 * limited one by one: 8 users at a time, with at most 10 attempts a second, are
 * `map(retrying(fetchUser, { limiter: limiter({ limit: 10, interval: 1000 }) }), { concurrency: 8 })`.
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
  options?: RetryingOptions,
): (...args: A) => Promise<R> {
  checkFunction('retrying: fn', fn);
  const given = optionsOf('retrying', options, CHECKS);
  const policy = new RetryPolicy('retrying', given);
  const { limiter } = given;
  const limited = async (...args: A): Promise<R> => {
    const { signal } = contextOf(args);
    const release = await limiter!.acquire(signal);
    checkFunction('retrying: the result of acquire()', release);
    try {
      // It may have aborted in the turn in which the slot came.
      if (signal.aborted) throw signal.reason;
      return await fn(...args);
    } finally {
      release();
    }
  };
  const attempted = limiter === undefined ? fn : limited;
  const wrapped = async (...args: A): Promise<R> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await attempted(...args);
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
  return (args.findLast(hasSignal) as Context | undefined) ?? new RunContext();
}

/** Also for 0, lets timers and I/O have their turn. */
function pause(milliseconds: number, signal: SignalLike): Promise<void> {
  return unlessAborted(signal, (resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    return () => clearTimeout(timer);
  });
}
