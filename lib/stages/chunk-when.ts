import { checkFunction } from '../engine/core/arguments.ts';
import { Decider } from '../engine/core/decider.ts';
import { flush } from '../engine/feeding/input.ts';
import type { Context } from '../engine/core/scope.ts';
import type { Stage } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';

export function chunkWhen<T>(
  predicate: (previous: T, next: T, index: number, context: Context) => unknown,
): Stage<T, T[]> {
  checkFunction('chunkWhen: predicate', predicate);
  return (next, scope) => {
    let previous!: T;
    return new ChunkWhen<T>(next, scope, (value, index, context) => {
      const starts = index > 0 && predicate(previous, value, index, context);
      previous = value;
      return starts;
    });
  };
}

/** Starts a new chunk with each value for which the callback says so. */
export class ChunkWhen<T> extends Decider<T, unknown, T[]> {
  #chunk: T[] = [];

  protected override decide(value: T, starts: unknown): Answer {
    const chunk = this.#chunk;
    if (!starts || chunk.length === 0) {
      chunk.push(value);
      return true;
    }
    this.#chunk = [value];
    return this.next.push(chunk);
  }

  override end(): Answer {
    return flush(this.next, this.#chunk.length > 0 ? [this.#chunk] : []);
  }
}
