import { type Branches, YIELD_EVERY } from '../engine/background/producer.ts';
import { combine, Combinator, type Opening, type InputSlot } from '../engine/combining/combinator.ts';
import { macrotask } from '../engine/time/turns.ts';
import type { Source } from '../engine/core/source.ts';

/** The elements of the first source, each in a row with the latest of the others. */
export function withLatestFrom<T>(sources: readonly Source<T>[]): Source<T[]> {
  return combine(sources, (opening) => new WithLatestFrom(opening));
}

class WithLatestFrom<T> extends Combinator<T, T[]> {
  readonly #branches: Branches;
  readonly #latest: T[] = [];
  /** How many of the others have given nothing. */
  #missing: number;
  /** For its sources may all be ready always: timers and I/O have a turn now and then. */
  #dropped = 0;

  constructor(opening: Opening<T>) {
    super(opening);
    this.#branches = opening.branches;
    this.#missing = this.slots.length - 1;
    // The others come first: what they have at once is there when the first element comes.
    this.wanted.push(this.wanted.shift());
  }

  override take(): T[] {
    const row = this.#latest.slice();
    row[0] = this.consume(this.held.shift());
    return row;
  }

  protected override came(slot: InputSlot<T>): void {
    if (slot.index > 0) {
      if (!(slot.index in this.#latest)) this.#missing--;
      this.#latest[slot.index] = slot.take();
      this.#goOn(slot);
    } else if (this.#missing === 0) super.came(slot);
    else {
      slot.take();
      this.#goOn(slot);
    }
  }

  protected override went(slot: InputSlot<T>): void {
    if (slot.index === 0) this.end();
  }

  #goOn(slot: InputSlot<T>): void {
    this.#dropped = (this.#dropped + 1) % YIELD_EVERY;
    if (this.#dropped > 0) this.ask(slot);
    else this.#askLater(slot);
  }

  #askLater(slot: InputSlot<T>): void {
    void macrotask(this.#branches).then(() => this.ask(slot));
  }
}
