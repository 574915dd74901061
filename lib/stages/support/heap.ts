import type { Compare } from '../../types.ts';

/** Values of which the least can be taken. */
export class Heap<T> {
  readonly #compare: Compare<T>;
  /** None is less than the one at half its index. */
  readonly #values: T[] = [];

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#values.length;
  }

  push(value: T): void {
    const values = this.#values;
    let index = values.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#less(value, values[parent]!)) break;
      values[index] = values[parent]!;
      index = parent;
    }
    values[index] = value;
  }

  /** Takes the least. Must not be called on an empty heap. */
  pop(): T {
    const values = this.#values;
    const least = values[0]!;
    const last = values.pop()!;
    if (values.length > 0) this.#sink(last);
    return least;
  }

  /** Puts it in the first place, or below the lesser ones. */
  #sink(value: T): void {
    const values = this.#values;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= values.length) break;
      if (child + 1 < values.length && this.#less(values[child + 1]!, values[child]!)) child++;
      if (!this.#less(values[child]!, value)) break;
      values[index] = values[child]!;
      index = child;
    }
    values[index] = value;
  }

  #less(a: T, b: T): boolean {
    return this.#compare(a, b) < 0;
  }
}
