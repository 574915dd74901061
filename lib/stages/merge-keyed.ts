import { ArrivalCombinator, combine, type Opening } from '../engine/combining/combinator.ts';
import { namedSourcesOf } from './support/inputs.ts';
import type { Source } from '../engine/core/source.ts';
import type { Input } from '../types.ts';

export function mergeKeyed<T>(inputs: Readonly<Record<string, Input<T>>>): Source<[key: string, value: T]> {
  const { keys, sources } = namedSourcesOf('mergeKeyed', inputs);
  return combine(sources, (opening) => new MergeKeyed(opening, keys));
}

class MergeKeyed<T> extends ArrivalCombinator<T, [key: string, value: T]> {
  readonly #keys: readonly string[];

  constructor(opening: Opening<T>, keys: readonly string[]) {
    super(opening);
    this.#keys = keys;
  }

  override take(): [key: string, value: T] {
    const slot = this.held.shift();
    return [this.#keys[slot.index]!, this.consume(slot)];
  }
}
