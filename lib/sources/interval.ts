import { checkBoolean, checkInterval, optionsOf } from '../arguments.ts';
import { ignore } from '../engine/core/promises.ts';
import type { Source } from '../engine/core/source.ts';
import { after, type Answer, whenReady } from '../engine/core/answer.ts';
import { now } from '../engine/time/clock.ts';
import { sleep } from '../engine/time/timer.ts';

/** The options of {@link AsyncStream.interval | interval}. */
export interface IntervalOptions {
  /** Emits the first number at once, and not after the first interval. Default false. */
  readonly immediate?: boolean | undefined;
}

export function interval(milliseconds: number, options?: IntervalOptions): Source<number> {
  checkInterval('interval: milliseconds', milliseconds);
  const { immediate } = optionsOf('interval', options, { immediate: checkBoolean });
  return {
    discard: ignore,
    feed(next, scope) {
      const start = now();
      let count = 0;
      let tick = 0;

      function give(): Answer {
        return after(next.push(count++), (wanted) => wanted && wait());
      }

      /** Until the next multiple of the interval, by the start and not by the last one: it never drifts. */
      function wait(): Answer {
        const elapsed = now() - start;
        // A timer is early by less than that. Else the clock stands still, and only the timers are fake.
        const passed = elapsed < tick * milliseconds - 2 ? tick * milliseconds : elapsed;
        tick = Math.max(tick + 1, Math.ceil(passed / milliseconds));
        return whenReady(sleep(Math.ceil(tick * milliseconds - passed), scope), give);
      }

      return immediate ? give() : wait();
    },
  };
}
