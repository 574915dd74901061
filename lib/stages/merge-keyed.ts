import { Arrivals } from '../engine/arrivals.ts';
import { combine, type Opening } from '../engine/combine.ts';
import { namedSourcesOf } from '../engine/feed.ts';
import type { Source } from '../engine/source.ts';
import type { Input } from '../types.ts';

export function mergeKeyed<T>(inputs: Readonly<Record<string, Input<T>>>): Source<[key: string, value: T]> {
  const named = namedSourcesOf('mergeKeyed', inputs);
  const keys = named.map(([key]) => key);
  return combine(
    named.map(([, source]) => source),
    (opening) => new MergeKeyed(opening, keys),
  );
}

class MergeKeyed<T> extends Arrivals<T, [key: string, value: T]> {
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
