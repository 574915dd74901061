import { traced } from '../engine/core/trace.ts';
import { checkBoolean, checkFunction, type Checks, optionsOf } from '../arguments.ts';
import { describe, detailOf, MAKE_NEW, type StreamConsumedError } from '../errors.ts';
import { discardLate, sourceOf } from '../engine/feeding/input.ts';
import { RETRY_POLICY, RetryPolicy, type RetryPolicyOptions } from '../retry-policy.ts';
import { macrotask } from '../engine/time/turns.ts';
import type { Scope, Thrown } from '../engine/core/scope.ts';
import type { Context, Input } from '../types.ts';
import type { Source } from '../engine/core/source.ts';
import { untilClosed } from '../engine/core/tether.ts';
import { sleep } from '../engine/time/timer.ts';
import type { Producer } from '../engine/background/producer.ts';
import { Relay } from './support/relay.ts';

/** The options of {@link AsyncStream.retry | retry}. */
export interface RetryOptions<in T = unknown, out I extends Input<unknown> = never> extends RetryPolicyOptions {
  /**
   * Counts only failures in a row: an element that arrives resets `times` and the growth of `delay`. A source that emits
   * elements before each of its failures is then retried for ever. Default: true with `resume`, otherwise false.
   */
  readonly resetOnSuccess?: boolean | undefined;
  /**
   * Returns a stream that continues after the last element. `last` is undefined if there was none; `emitted` is their
   * number. Default: the upstream is run again from its start.
   */
  readonly resume?:
    ((last: T | undefined, emitted: number, error: unknown, context: Context) => I | PromiseLike<I>) | undefined;
}

/** How to continue after an error. */
interface Restart<T> {
  readonly policy: RetryPolicy;
  readonly resetOnSuccess: boolean;
  readonly resume: RetryOptions<T, Input<T>>['resume'];
}

const CHECKS: Checks<RetryOptions<unknown, Input<unknown>>> = {
  ...RETRY_POLICY,
  resume: checkFunction,
  resetOnSuccess: checkBoolean,
};

export function retry<T>(above: Source<T>, options?: RetryOptions<T, Input<T>>): Source<T> {
  const given = optionsOf('retry', options, CHECKS);
  const { resume, resetOnSuccess = resume !== undefined } = given;
  if (resume === undefined && above.once !== undefined) {
    const { given: source, name = describe(source), advice = MAKE_NEW } = above.once;
    throw new TypeError(`retry: ${name} can be run only once: ${advice}, or use the option resume`);
  }
  const restart = { policy: new RetryPolicy('retry', given), resetOnSuccess, resume };
  return {
    discard: () => above.discard(),
    once: above.once,
    feed: (next, scope) => new Retrying(above, restart, scope).feed(next),
  };
}

class Retrying<T> extends Relay<T> {
  readonly #above: Source<T>;
  readonly #options: Restart<T>;
  #last: T | undefined;
  #emitted = 0;
  #attempt = 0;
  /** The error of the last attempt. */
  #cause: Thrown | undefined;

  constructor(above: Source<T>, options: Restart<T>, scope: Scope) {
    super(above, scope);
    this.#above = above;
    this.#options = options;
  }

  override receive(value: T, producer: Producer<T>, waited: boolean): boolean {
    const { resume, resetOnSuccess } = this.#options;
    if (resume !== undefined) this.#last = value;
    this.#emitted++;
    if (resetOnSuccess) this.#attempt = 0;
    return super.receive(value, producer, waited);
  }

  /** Throws if it must not be run again. */
  protected override async recover(error: unknown): Promise<void> {
    const { policy, resume } = this.#options;
    const { context } = this.scope;
    // Nothing will make it whole again.
    if (isConsumed(error)) throw this.#cause === undefined ? error : Object.assign(error, { cause: this.#cause.error });
    const wait = await policy.waitAfter(error, ++this.#attempt, context, this.scope).catch((thrown: unknown) => {
      throw thrown === error ? error : traced(thrown, this.call);
    });
    await this.#wait(wait);
    if (this.scope.ended) throw error;
    this.#cause = { error };
    this.read(resume === undefined ? this.#above : await this.#resumed(resume, error));
  }

  async #resumed(resume: NonNullable<Restart<T>['resume']>, error: unknown): Promise<Source<T>> {
    try {
      const resumed = resume(this.#last, this.#emitted, error, this.scope.context);
      return sourceOf(await untilClosed(resumed, this.scope, discardLate), 'retry: the result of resume');
    } catch (thrown) {
      throw traced(thrown, this.call);
    }
  }

  #wait(milliseconds: number): Promise<void> {
    // Without a macrotask, a source that always fails at once would let no timer end the run.
    return milliseconds === 0 ? macrotask(this.scope) : sleep(milliseconds, this.scope);
  }
}

// Not `instanceof`: it may be of another copy of this package.
function isConsumed(error: unknown): error is StreamConsumedError {
  return detailOf(error, 'name') === 'StreamConsumedError';
}
