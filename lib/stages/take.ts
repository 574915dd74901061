import { checkCount } from '../arguments.ts';
import { type Sink, type Stage, Through } from '../engine/core/sink.ts';
import { after, type Answer } from '../engine/core/answer.ts';

export function take<T>(count: number): Stage<T, T> {
  checkCount('take: count', count, 0, Infinity);
  return (next) => new Take(next, count);
}

class Take<T> extends Through<T, T> {
  #left: number;

  constructor(next: Sink<T>, count: number) {
    super(next);
    this.#left = count;
  }

  push(value: T): Answer {
    this.#left--;
    const answer = this.next.push(value);
    // No with the last value, and not at the next one: the source is not asked for one too many.
    return this.#left > 0 ? answer : after(answer, () => false);
  }

  override done(): boolean {
    return this.#left <= 0 || this.next.done();
  }
}
