import {
  checkAmount,
  checkDuration,
  checkFunction,
  checkNumber,
  type Checks,
  countFrom,
  MAX_TIMEOUT,
} from './arguments.ts';
import { wrongAmount } from './errors.ts';
import { untilClosed } from './engine/core/tether.ts';
import { ignore } from './engine/core/promises.ts';
import type { Scope } from './engine/core/scope.ts';
import type { Context } from './types.ts';

/** When to try again after an error, and how long to wait before. */
export interface RetryPolicyOptions {
  /** How many times to try again; `Infinity` is allowed. Default 3. */
  readonly times?: number | undefined;
  /**
   * How many milliseconds to wait before the first retry, or a function that returns the wait before each retry, for
   * example from a `Retry-After` header; `backoff` does not apply to its result, `maxDelay` and `jitter` do. Default 0:
   * until timers and I/O have had their turn.
   */
  readonly delay?:
    number | ((error: unknown, attempt: number, context: Context) => number | PromiseLike<number>) | undefined;
  /**
   * How the wait grows with each retry: not (`'fixed'`), twofold (`'exponential'`), or by the factor given. Default
   * `'fixed'`.
   */
  readonly backoff?: 'fixed' | 'exponential' | number | undefined;
  /** The longest wait in milliseconds. Default: the longest that a timer takes, 24 days. */
  readonly maxDelay?: number | undefined;
  /** The part of each wait that is random, so that clients do not retry in step: 0 (none) to 1 (all). Default 0. */
  readonly jitter?: number | undefined;
  /** Whether to try again after this error. `attempt` is 1 for the first retry. Default: after every error. */
  readonly when?: ((error: unknown, attempt: number, context: Context) => unknown) | undefined;
}

export const RETRY_POLICY: Checks<RetryPolicyOptions> = {
  times: countFrom(0, Infinity),
  delay(name, value) {
    if (typeof value !== 'function') checkDuration(name, value);
  },
  backoff(name, value) {
    const rule = "'fixed', 'exponential' or a number from 1 on";
    const factor = factorOf(value);
    if (typeof factor === 'string') throw wrongAmount(name, rule, factor);
    checkNumber(name, factor, rule, (number) => number >= 1);
  },
  maxDelay: checkDuration,
  jitter: (name, value) => checkNumber(name, value, 'a number from 0 to 1', (number) => number >= 0 && number <= 1),
  when: checkFunction,
};

type Resources = Pick<Scope, 'add' | 'remove'>;

/** For a retried call: it is no part of a run. */
const NO_RUN: Resources = { add: ignore, remove: ignore };

/** The options, complete. */
export class RetryPolicy {
  readonly #times: number;
  readonly #delay: NonNullable<RetryPolicyOptions['delay']>;
  readonly #factor: number;
  readonly #maxDelay: number;
  readonly #jitter: number;
  readonly #when: RetryPolicyOptions['when'];
  readonly #method: string;

  /** The options have been checked. */
  constructor(method: string, options: RetryPolicyOptions) {
    const { times = 3, delay = 0, backoff = 'fixed', maxDelay = MAX_TIMEOUT, jitter = 0, when } = options;
    this.#method = method;
    this.#times = times;
    this.#delay = delay;
    this.#factor = factorOf(backoff);
    this.#maxDelay = maxDelay;
    this.#jitter = jitter;
    this.#when = when;
  }

  /** Resolves to the milliseconds to wait before this retry. Rejects with the error if there is no retry left. */
  async waitAfter(error: unknown, attempt: number, context: Context, scope: Resources = NO_RUN): Promise<number> {
    if (attempt > this.#times) throw error;
    const when = this.#when;
    if (when !== undefined && !(await untilClosed(when(error, attempt, context), scope))) throw error;
    // Nothing more is called. The caller sees that it has ended.
    if (context.signal.aborted) return 0;
    const wait = Math.min(await this.#delayOf(error, attempt, context, scope), this.#maxDelay);
    return wait * (1 - this.#jitter * Math.random());
  }

  async #delayOf(error: unknown, attempt: number, context: Context, scope: Resources): Promise<number> {
    const delay = this.#delay;
    // Zero apart: an infinite power of the factor would make it NaN.
    if (typeof delay === 'number') return delay && delay * this.#factor ** (attempt - 1);
    const said = await untilClosed(delay(error, attempt, context), scope);
    checkAmount(`${this.#method}: the result of delay`, said, 'a non-negative number of milliseconds');
    return said;
  }
}

function factorOf<B>(backoff: B): number | Exclude<B, 'fixed' | 'exponential'> {
  return backoff === 'fixed' ? 1 : backoff === 'exponential' ? 2 : (backoff as Exclude<B, 'fixed' | 'exponential'>);
}
