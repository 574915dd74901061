import type { Compare, Fn } from '../../types.ts';
import type { Collector } from './collector.ts';
import { asking, fold } from './fold.ts';

/**
 * Whether `a` is greater than `b`, or less if `sign` is -1. What has no order, not even beside itself, beats all that
 * has, as NaN does in `Math.min` and `Math.max`: else the result would depend on where it comes.
 */
export function beats<T>(a: T, b: T, compare: Compare<T>, sign = 1): boolean {
  const order = compare(a, b) * sign;
  return order > 0 || (Number.isNaN(order) && !Number.isNaN(compare(b, b)));
}

/** The element that beats all others, by the results of `fn`; of equal ones the first. */
export function extreme<T, K>(compare: Compare<K>, sign: number, fn?: Fn<T, K>): Collector<T, T | undefined> {
  type Best = { readonly value: T; readonly said: K } | undefined;
  function better(best: Best, value: T, said: K): Best {
    return best && !beats(said, best.said, compare, sign) ? best : { value, said };
  }
  return fold({
    start: (): Best => undefined,
    take: fn ? asking(fn, better) : (best, value) => better(best, value, value as unknown as K),
    finish: (best) => best?.value,
  });
}
