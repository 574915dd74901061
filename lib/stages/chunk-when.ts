import { checkFunction } from '../arguments.ts';
import { Decider } from './support/decider.ts';
import { flushChunk, flushChunkBefore } from './support/flush.ts';
import type { Context } from '../types.ts';
import type { Failure, Stage } from '../engine/core/sink.ts';
import { after, type Answer } from '../engine/core/answer.ts';

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
  /** Empty while a chunk is pushed: an error that comes while it is not is one from upstream. */
  #chunk: T[] = [];

  override flushes(): boolean {
    return true;
  }

  protected override decide(value: T, starts: unknown): Answer {
    if (starts && this.#chunk.length > 0) return this.#startNext(value);
    this.#chunk.push(value);
    return true;
  }

  #startNext(value: T): Answer {
    return after(this.next.push(this.#take()), (wanted) => {
      if (wanted) this.#chunk.push(value);
      return wanted;
    });
  }

  override end(): Answer {
    return flushChunk(this.next, this.scope, this.#take());
  }

  override fail(failure: Failure): Answer {
    return flushChunkBefore(failure, this.next, this.scope, this.#take());
  }

  #take(): T[] {
    const chunk = this.#chunk;
    this.#chunk = [];
    return chunk;
  }
}
