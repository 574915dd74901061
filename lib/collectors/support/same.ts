/** SameValueZero, the equality of `Set` and `includes`: `NaN` is the same as `NaN`, and `0` the same as `-0`. */
export function same(one: unknown, other: unknown): boolean {
  return one === other || (Number.isNaN(one) && Number.isNaN(other));
}
