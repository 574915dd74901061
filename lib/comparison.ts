/** The types that `<` orders. */
export type Ordered = number | bigint | string | Date;

/** By `<`. NaN if there is no order, because one of the two is NaN or an invalid date. */
export function ascending(a: unknown, b: unknown): number {
  const [one, other] = [a as Ordered, b as Ordered];
  return one < other ? -1 : one > other ? 1 : one <= other ? 0 : NaN;
}

/** SameValueZero, the equality of `Set` and `includes`: `NaN` is the same as `NaN`, and `0` the same as `-0`. */
export function same(one: unknown, other: unknown): boolean {
  return one === other || (Number.isNaN(one) && Number.isNaN(other));
}
