import { checkInterval, countFrom, optionsOf, wrongAmount } from '../engine/core/arguments.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Pass, type Sink, type Stage } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import { Quota } from '../quota.ts';
import { now } from '../engine/time/clock.ts';
import { sleep } from '../engine/time/timer.ts';

/** The options of {@link AsyncStream.rateLimit | rateLimit}. */
export interface RateLimitOptions {
  /** How many elements may be emitted within any `interval`. */
  readonly limit: number;
  /** The length of the interval in milliseconds. */
  readonly interval: number;
  /**
   * How many of them may be emitted at once, from 1, which spaces all of them evenly, to `limit`: no more than `burst`
   * within any `interval * burst / limit`. Default `limit`.
   */
  readonly burst?: number | undefined;
}

export function rateLimit<T>(options: RateLimitOptions): Stage<T, T> {
  const checks = { limit: countFrom(1), interval: checkInterval, burst: countFrom(1) };
  const { limit, interval, burst = limit } = optionsOf('rateLimit', options, checks, 'limit', 'interval');
  if (burst > limit) throw wrongAmount('rateLimit: burst', `at most the limit of ${limit}`, burst);
  return (next, scope) => {
    const quotas = [new Quota(limit, interval)];
    if (burst < limit) quotas.push(new Quota(burst, (interval * burst) / limit));
    return new RateLimit(next, scope, quotas);
  };
}

class RateLimit<T> extends Pass<T> {
  readonly #scope: Scope;
  readonly #quotas: readonly Quota[];
  /** Not before the awaited time: a timer may be early by a fraction of a millisecond. */
  #now = 0;

  constructor(next: Sink<T>, scope: Scope, quotas: readonly Quota[]) {
    super(next);
    this.#scope = scope;
    this.#quotas = quotas;
  }

  override push(value: T): Answer {
    this.#reach(now());
    let due = this.#now;
    for (const quota of this.#quotas) due = Math.max(due, quota.freeAt);
    return due === this.#now ? this.#pass(value) : this.#passAt(due, value);
  }

  #passAt(due: number, value: T): Answer {
    return sleep(Math.ceil(due - this.#now), this.#scope, () => {
      this.#reach(Math.max(due, now()));
      return this.#pass(value);
    });
  }

  #reach(now: number): void {
    this.#now = Math.max(this.#now, now);
  }

  #pass(value: T): Answer {
    for (const quota of this.#quotas) quota.enter(this.#now);
    return this.next.push(value);
  }
}
