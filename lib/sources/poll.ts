import { checkBoolean, checkDuration, checkFunction, optionsOf } from '../arguments.ts';
import { ignore } from '../engine/core/promises.ts';
import type { Context } from '../types.ts';
import type { Source } from '../engine/core/source.ts';
import { after, type Answer, whenReady } from '../engine/core/answer.ts';
import { now } from '../engine/time/clock.ts';
import { sleep } from '../engine/time/timer.ts';

/** The options of {@link AsyncStream.poll | poll}. */
export interface PollOptions<in T> {
  /** How many milliseconds there are from the end of one call to the next one. */
  readonly every: number;
  /** Ends the stream with the first value for which it holds. Default: it does not end. */
  readonly until?: ((value: T, index: number, context: Context) => unknown) | undefined;
  /** Makes the first call at once, and not after the first interval. Default true. */
  readonly immediate?: boolean | undefined;
}

export function poll<T>(
  fn: (index: number, context: Context) => T | PromiseLike<T>,
  options: PollOptions<T>,
): Source<T> {
  checkFunction('poll: fn', fn);
  const checks = { every: checkDuration, until: checkFunction, immediate: checkBoolean };
  const { every, until, immediate = true } = optionsOf('poll', options, checks, 'every');
  return {
    discard: ignore,
    feed(next, scope) {
      const { context } = scope;
      let index = 0;

      function call(): Answer {
        return whenReady(fn(index, context), (value) => {
          const called = now();
          return whenReady(until?.(value, index, context), (last) => {
            index++;
            return after(next.push(value), (wanted) => wanted && (last ? true : wait(called)));
          });
        });
      }

      /** The consumer's time counts. The rest of the interval may be zero, and is still a turn for others. */
      function wait(since: number): Answer {
        return whenReady(sleep(Math.max(0, every - (now() - since)), scope), call);
      }

      return immediate ? call() : wait(now());
    },
  };
}
