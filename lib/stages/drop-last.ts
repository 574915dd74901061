import { checkCount } from '../arguments.ts';
import { Ring } from '../engine/structures/ring.ts';
import { type Sink, type Stage, Through } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import { drop } from './drop.ts';

/** Unlike `drop`, not up to `Infinity`: it has to hold the elements that it counts. */
export function dropLast<T>(count: number): Stage<T, T> {
  checkCount('dropLast: count', count);
  if (count === 0) return drop(0);
  return (next) => new DropLast(next, count);
}

class DropLast<T> extends Through<T, T> {
  readonly #ring: Ring<T>;

  constructor(next: Sink<T>, count: number) {
    super(next);
    this.#ring = new Ring(count);
  }

  push(value: T): Answer {
    const wasFull = this.#ring.full;
    const oldest = this.#ring.put(value);
    return wasFull ? this.next.push(oldest as T) : true;
  }
}
