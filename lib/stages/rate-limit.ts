import { checkInterval, countFrom, optionsOf } from '../arguments.ts';
import { wrongAmount } from '../errors.ts';
import { step } from '../engine/core/fused-steps.ts';
import type { Stage } from '../engine/core/sink.ts';
import { Quota } from '../quota.ts';
import { now } from '../engine/time/clock.ts';
import { sleep } from '../engine/time/timer.ts';

/** The options of {@link AsyncStream.rateLimit | rateLimit}. */
export interface RateLimitOptions {
  /** How many elements may be emitted within any `interval`. */
  readonly limit: number;
  /** The length of the interval in milliseconds, as precise as timers are: they may be early by a fraction of one. */
  readonly interval: number;
  /**
   * How many of them may be emitted at once, from 1, which spaces all of them evenly, to `limit`: no more than `burst`
   * within any `interval * burst / limit`. Timers take a millisecond or more: with a `burst` for less, elements come more
   * slowly than `limit` allows. Default `limit`.
   */
  readonly burst?: number | undefined;
}

export function rateLimit<T>(options: RateLimitOptions): Stage<T, T> {
  const checks = { limit: countFrom(1), interval: checkInterval, burst: countFrom(1) };
  const { limit, interval, burst = limit } = optionsOf('rateLimit', options, checks, 'limit', 'interval');
  if (burst > limit) throw wrongAmount('rateLimit: burst', `at most the limit of ${limit}`, burst);
  return step('tap', (scope) => {
    const quotas = [new Quota(limit, interval)];
    if (burst < limit) quotas.push(new Quota(burst, (interval * burst) / limit));
    let time = 0;

    function enter(): void {
      for (const quota of quotas) quota.enter(time);
    }

    return () => {
      time = Math.max(time, now());
      let due = time;
      for (const quota of quotas) due = Math.max(due, quota.freeAt);
      if (due === time) return enter();
      return sleep(Math.ceil(due - time), scope).then(() => {
        // Not before the awaited time: a timer may be early by a fraction of a millisecond.
        time = Math.max(due, now());
        enter();
      });
    };
  });
}
