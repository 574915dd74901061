import { ArrivalCombinator, combine } from '../engine/combining/combinator.ts';
import type { Source } from '../engine/core/source.ts';

/** Elements of all sources in the order in which they come. A source is read again when its element was consumed. */
export function merge<T>(sources: readonly Source<T>[]): Source<T> {
  return combine(sources, (opening) => new Merge(opening));
}

class Merge<T> extends ArrivalCombinator<T, T> {
  override take(): T {
    return this.consume(this.held.shift());
  }
}
