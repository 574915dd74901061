import { combine, Combinator, type Opening, type InputSlot } from '../engine/combining/combinator.ts';
import { fewMicrotasks } from '../engine/core/promises.ts';
import type { Source } from '../engine/core/source.ts';

/** The elements of the first source, each in a row with the latest of the others. */
export function withLatestFrom<T>(sources: readonly Source<T>[]): Source<T[]> {
  return combine(sources, (opening) => new WithLatestFrom(opening));
}

class WithLatestFrom<T> extends Combinator<T, T[]> {
  readonly #latest: T[] = [];
  /** How many of the others have given nothing. */
  #missing: number;

  constructor(opening: Opening<T>) {
    super(opening);
    this.#missing = this.slots.length - 1;
    // The others come first: elements and errors that they have at once are there when the first element arrives.
    const first = this.blocked.shift();
    this.pending++;
    void fewMicrotasks().then(() => first.go());
  }

  /** The others are read on and on, whether or not the first input has been asked. */
  override get waits(): boolean {
    return true;
  }

  override take(): T[] {
    const row = this.#latest.slice();
    row[0] = this.consume(this.held.shift());
    return row;
  }

  protected override onArrival(slot: InputSlot<T>): void {
    if (slot.index > 0) {
      if (!(slot.index in this.#latest)) this.#missing--;
      this.#latest[slot.index] = slot.take();
      this.ask(slot);
    } else if (this.#missing === 0) super.onArrival(slot);
    else {
      slot.take();
      this.ask(slot);
    }
  }

  protected override onEnd(slot: InputSlot<T>): void {
    if (slot.index === 0) this.end();
  }
}
