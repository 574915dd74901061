import { combine, Combinator } from '../engine/combining/combinator.ts';
import type { Source } from '../engine/core/source.ts';

/** One element of each input in turn. Each input is read only then. */
export function interleave<T>(sources: readonly Source<T>[]): Source<T> {
  return combine(sources, (opening) => new Interleave(opening));
}

class Interleave<T> extends Combinator<T, T> {
  override take(): T {
    return this.consume(this.held.shift());
  }

  protected override hasRoom(): boolean {
    return this.pending + this.held.length === 0;
  }
}
