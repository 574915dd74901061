import {
  checkCount,
  checkDuration,
  checkFunction,
  checkNumber,
  checkObject,
  checkOptionalFunction,
  MAX_TIMEOUT,
  wrongAmount,
} from '../engine/core/arguments.ts';
import { sourceOf } from '../engine/feeding/input.ts';
import { feedIterator } from '../engine/feeding/iterator.ts';
import { macrotask } from '../engine/time/turns.ts';
import { iterate, type RunIterator } from '../iterating/run-iterator.ts';
import type { Context, Scope } from '../engine/core/scope.ts';
import type { Source } from '../engine/core/source.ts';
import { sleep } from '../engine/time/timer.ts';
import { StreamConsumedError } from '../errors.ts';
import type { Input } from '../types.ts';

export interface RetryOptions<in T = unknown, out I extends Input<unknown> = never> {
  /**
   * How many times the stream above is run again; `Infinity` is allowed. With `resume`, how many times in a row: the
   * count starts anew when an element has come. Default 3.
   */
  readonly times?: number;
  /** How many milliseconds to wait before the first time. Default 0: until timers and I/O have had their turn. */
  readonly delay?: number;
  /**
   * How the wait grows each time: not (`'fixed'`), twofold (`'exponential'`), or by the factor given. Default
   * `'fixed'`.
   */
  readonly backoff?: 'fixed' | 'exponential' | number;
  /** How many milliseconds to wait at most. Default: what a timer takes, 24 days. */
  readonly maxDelay?: number;
  /** How much of each wait is left to chance, so that not all come back at once: from 0 for nothing to 1. Default 0. */
  readonly jitter?: number;
  /** Whether to go on after this error. `attempt` is 1 for the first time. Default: after each one. */
  readonly when?: (error: unknown, attempt: number, context: Context) => unknown;
  /**
   * Makes a stream that goes on after the last element: undefined where none has come, and `emitted` says how many
   * have. Default: the stream above is run again from its start.
   */
  readonly resume?: (last: T | undefined, emitted: number, error: unknown, context: Context) => I | PromiseLike<I>;
}

type Policy<T> = Required<Omit<RetryOptions<T, Input<T>>, 'backoff' | 'resume'>> & {
  readonly factor: number;
  readonly resume: RetryOptions<T, Input<T>>['resume'];
};

/** Pulls the stream above in runs of its own, so that errors of what comes after it never pass here. */
export function retry<T>(above: Source<T>, options: RetryOptions<T, Input<T>> = {}): Source<T> {
  const policy = policyOf(options);
  if (policy.resume === undefined && above.once !== undefined) {
    const { name, advice } = above.once;
    throw new TypeError(`retry: ${name} can be run only once: ${advice}, or use the option resume`);
  }
  return {
    discard: () => above.discard(),
    once: above.once,
    feed: (next, scope) => feedIterator(new Retrying(above, policy, scope), next, scope),
  };
}

function policyOf<T>(options: RetryOptions<T, Input<T>>): Policy<T> {
  checkObject('retry: options', options);
  const {
    times = 3,
    delay = 0,
    backoff = 'fixed',
    maxDelay = MAX_TIMEOUT,
    jitter = 0,
    when = always,
    resume,
  } = options;
  checkCount('retry: times', times, 0, Infinity);
  checkDuration('retry: delay', delay);
  checkDuration('retry: maxDelay', maxDelay);
  checkNumber('retry: jitter', jitter, 'a number from 0 to 1', (number) => number >= 0 && number <= 1);
  checkFunction('retry: when', when);
  checkOptionalFunction('retry: resume', resume);
  return { times, delay, factor: factorOf(backoff), maxDelay, jitter, when, resume };
}

function factorOf(backoff: unknown): number {
  const factor = backoff === 'fixed' ? 1 : backoff === 'exponential' ? 2 : backoff;
  const rule = "'fixed', 'exponential' or a number from 1 on";
  if (typeof factor === 'string') throw wrongAmount('retry: backoff', rule, factor);
  checkNumber('retry: backoff', factor, rule, (number) => number >= 1);
  return factor as number;
}

function always(): true {
  return true;
}

class Retrying<T> implements AsyncIterator<T> {
  readonly #above: Source<T>;
  readonly #policy: Policy<T>;
  readonly #scope: Scope;
  #iterator: RunIterator<T>;
  #last: T | undefined;
  #emitted = 0;
  #attempt = 0;
  /** What it was last run again after. */
  #cause: { readonly error: unknown } | undefined;
  #left = false;

  constructor(above: Source<T>, policy: Policy<T>, scope: Scope) {
    this.#above = above;
    this.#policy = policy;
    this.#scope = scope;
    this.#iterator = iterate(above, scope);
  }

  next(): Promise<IteratorResult<T>> {
    return this.#iterator.next().then(this.#note, this.#recover);
  }

  return(): Promise<IteratorResult<T>> {
    this.#left = true;
    return this.#iterator.return();
  }

  readonly #note = (result: IteratorResult<T>): IteratorResult<T> => {
    if (this.#policy.resume !== undefined && !result.done) {
      this.#last = result.value;
      this.#emitted++;
      this.#attempt = 0;
    }
    return result;
  };

  /** A loop: if each time called the next, it would hold on to all that were before. */
  readonly #recover = async (error: unknown): Promise<IteratorResult<T>> => {
    for (;;) {
      await this.#restart(error);
      try {
        return this.#note(await this.#iterator.next());
      } catch (next) {
        error = next;
      }
    }
  };

  /** Throws where it is not to be run again. */
  async #restart(error: unknown): Promise<void> {
    const { times, when, resume } = this.#policy;
    const { context } = this.#scope;
    if (this.#left || this.#iterator.scope.isAbort(error)) throw error;
    // Nothing will make it whole again.
    if (isConsumed(error)) throw this.#cause === undefined ? error : consumedAfter(error, this.#cause.error);
    if (this.#attempt >= times) throw error;
    const attempt = ++this.#attempt;
    if (!(await when(error, attempt, context)) || this.#left) throw error;
    await this.#wait(attempt);
    this.#cause = { error };
    const source =
      resume === undefined
        ? this.#above
        : sourceOf(await resume(this.#last, this.#emitted, error, context), 'retry: the result of resume');
    this.#iterator = iterate(source, this.#scope);
    // Come too late: closed as one that was never started.
    if (this.#left) await this.#iterator.return();
  }

  #wait(attempt: number): unknown {
    const { delay, factor, maxDelay, jitter } = this.#policy;
    // Without a turn for others, a source that always fails at once would let nobody end the run.
    if (delay === 0) return macrotask(this.#scope);
    const longest = Math.min(delay * factor ** (attempt - 1), maxDelay);
    return sleep(longest * (1 - jitter * Math.random()), this.#scope, () => true);
  }
}

// Not `instanceof`: it may be of another copy of this package.
function isConsumed(error: unknown): error is StreamConsumedError {
  return (Object(error) as Partial<StreamConsumedError>).name === 'StreamConsumedError';
}

function consumedAfter(error: StreamConsumedError, cause: unknown): StreamConsumedError {
  const consumed = new StreamConsumedError(error.source, undefined, undefined, { cause });
  consumed.message = error.message;
  return consumed;
}
