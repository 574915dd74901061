import { ArrivalCombinator, combine, type Opening } from '../engine/combining/combinator.ts';
import type { Source } from '../engine/core/source.ts';

/** A row of the latest elements for each that comes, once there is one of each. */
export function combineLatest<T>(sources: readonly Source<T>[]): Source<T[]> {
  return combine(sources, (opening) => new CombineLatest(opening));
}

class CombineLatest<T> extends ArrivalCombinator<T, T[]> {
  readonly #latest: T[] = [];
  /** How many have not given their first element. Until then, none is asked for its second one. */
  #missing: number;

  constructor(opening: Opening<T>) {
    super(opening);
    this.#missing = this.slots.length;
  }

  override ready(): boolean {
    return this.held.length >= Math.max(this.#missing, 1);
  }

  override take(): T[] {
    for (let count = Math.max(this.#missing, 1); count > 0; count--) {
      const slot = this.held.shift();
      this.#latest[slot.index] = this.consume(slot);
    }
    this.#missing = 0;
    return this.#latest.slice();
  }

  /** Before the first row, only one that has no element. */
  protected override went(): void {
    if (this.#missing > 0) this.end();
  }
}
