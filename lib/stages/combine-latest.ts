import { ArrivalCombinator, combine, type InputSlot, type Opening } from '../engine/combining/combinator.ts';
import type { Source } from '../engine/core/source.ts';

/** A row of the latest elements for each that comes, once there is one of each. */
export function combineLatest<T>(sources: readonly Source<T>[]): Source<T[]> {
  return combine(sources, (opening) => new CombineLatest(opening));
}

class CombineLatest<T> extends ArrivalCombinator<T, T[]> {
  readonly #latest: T[] = [];
  /** Inputs that have not emitted anything. Until there are none, the others are read on: only the latest counts. */
  #missing: number;
  /** The first row is complete and has not been taken. */
  #complete = false;

  constructor(opening: Opening<T>) {
    super(opening);
    this.#missing = this.slots.length;
  }

  override ready(): boolean {
    return this.#complete || this.held.length > 0;
  }

  /** Not beyond the first row, which would otherwise be replaced before it is taken. */
  protected override hasRoom(): boolean {
    return !this.#complete;
  }

  override take(): T[] {
    if (!this.#complete) {
      const slot = this.held.shift();
      this.#latest[slot.index] = this.consume(slot);
    }
    this.#complete = false;
    return this.#latest.slice();
  }

  protected override onArrival(slot: InputSlot<T>): void {
    if (this.#complete || this.#missing === 0) return super.onArrival(slot);
    if (!(slot.index in this.#latest)) this.#missing--;
    this.#latest[slot.index] = slot.take();
    this.#complete = this.#missing === 0;
    // First come the inputs that have not been asked at all.
    if (this.#complete || this.blocked.length > 0) this.blocked.push(slot);
    else this.ask(slot);
  }

  /** No row can be complete without an element of each. */
  protected override onEnd(slot: InputSlot<T>): void {
    if (!(slot.index in this.#latest)) this.end();
  }
}
