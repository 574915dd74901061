import type { Fn } from '../../types.ts';
import type { Collector } from './collector.ts';
import { asking, fold } from './fold.ts';

/** What `<` puts in order. */
export type Ordered = number | bigint | string | Date;

export type Compare<T> = (a: T, b: T) => number;

/** By `<`. NaN where there is no order, because one of the two is NaN or an invalid date. */
export function ascending(a: unknown, b: unknown): number {
  const [one, other] = [a as Ordered, b as Ordered];
  return one < other ? -1 : one > other ? 1 : one <= other ? 0 : NaN;
}

/**
 * Whether `a` is greater than `b`, or where `sign` is -1, less. What has no order, not even beside itself, beats all
 * that has, as NaN does in `Math.min` and `Math.max`: else the result would depend on where it comes.
 */
export function beats<T>(a: T, b: T, compare: Compare<T>, sign = 1): boolean {
  const order = compare(a, b) * sign;
  return order > 0 || (Number.isNaN(order) && !Number.isNaN(compare(b, b)));
}

/** The element that beats all others, by what `fn` says of them; of equal ones the first. */
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
