import { combine, Combinator, type InputSlot } from '../engine/combining/combinator.ts';
import type { Source } from '../engine/core/source.ts';

/** All elements of the input that is the first to emit one. The others are then closed. */
export function race<T>(sources: readonly Source<T>[]): Source<T> {
  return combine(sources, (opening) => new Race(opening));
}

class Race<T> extends Combinator<T, T> {
  #won = false;

  override take(): T {
    return this.consume(this.held.shift());
  }

  protected override onArrival(winner: InputSlot<T>): void {
    super.onArrival(winner);
    if (this.#won) return;
    this.#won = true;
    for (const slot of this.slots) if (slot !== winner) slot.drop();
  }

  protected override onEnd(): void {
    if (this.#won) this.end();
  }
}
