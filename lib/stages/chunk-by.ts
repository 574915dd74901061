import { checkFunction } from '../arguments.ts';
import { same } from '../comparison.ts';
import type { Stage } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import type { Fn } from '../types.ts';
import { ChunkWhen } from './chunk-when.ts';

/** Keys are compared as `Set` does. */
export function chunkBy<T>(key: Fn<T, unknown>): Stage<T, T[]> {
  checkFunction('chunkBy: key', key);
  return (next, scope) => new ChunkBy(next, scope, key);
}

class ChunkBy<T> extends ChunkWhen<T> {
  #key: unknown;

  protected override decide(value: T, key: unknown): Answer {
    const changed = !same(key, this.#key);
    this.#key = key;
    return super.decide(value, changed);
  }
}
