import { combine, Combinator, type Opening, type InputSlot } from '../engine/combining/combinator.ts';
import { Queue } from '../engine/structures/queue.ts';
import type { Source } from '../engine/core/source.ts';

/** One element of each input in turn. Each input is read only then. */
export function interleave<T>(sources: readonly Source<T>[]): Source<T> {
  return combine(sources, (opening) => new Interleave(opening));
}

class Interleave<T> extends Combinator<T, T> {
  /** The inputs that wait for their turn. */
  readonly #turns = new Queue<InputSlot<T>>();

  constructor(opening: Opening<T>) {
    super(opening);
    this.wanted.clear();
    for (const slot of this.slots) this.#turns.push(slot);
    this.#next();
  }

  override take(): T {
    const slot = this.held.shift();
    this.#turns.push(slot);
    this.#next();
    return slot.take();
  }

  protected override onEnd(): void {
    this.#next();
  }

  #next(): void {
    if (this.#turns.length > 0) this.wanted.push(this.#turns.shift());
  }
}
