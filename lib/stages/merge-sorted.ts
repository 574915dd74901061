import { checkedCompare } from '../arguments.ts';
import { Combinator, combine, type InputSlot, type Opening } from '../engine/combining/combinator.ts';
import { Heap } from './support/heap.ts';
import { ascending } from '../comparison.ts';
import type { Compare } from '../types.ts';
import type { Source } from '../engine/core/source.ts';

/** Holds one element of each, and emits the least of them. */
export function mergeSorted<T>(sources: readonly Source<T>[], compare: Compare<T> = ascending): Source<T> {
  const checked = checkedCompare('mergeSorted', compare);
  return combine(sources, (opening) => new MergeSorted(opening, checked));
}

class MergeSorted<T> extends Combinator<T, T> {
  readonly #least: Heap<InputSlot<T>>;

  constructor(opening: Opening<T>, compare: Compare<T>) {
    super(opening);
    // Among equal elements, the one of the first input.
    this.#least = new Heap((a, b) => compare(a.value as T, b.value as T) || a.index - b.index);
  }

  override ready(): boolean {
    return this.pending === 0 && this.held.length + this.#least.length > 0;
  }

  override take(): T {
    while (this.held.length > 0) this.#least.push(this.held.shift());
    return this.consume(this.#least.pop());
  }
}
