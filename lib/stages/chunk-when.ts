import { checkFunction } from '../engine/core/arguments.ts';
import { Decider } from '../engine/core/decider.ts';
import { flush } from '../engine/feeding/input.ts';
import type { Context, Flushing, Scope } from '../engine/core/scope.ts';
import type { Sink, Stage } from '../engine/core/sink.ts';
import { after, type Answer } from '../engine/core/answer.ts';
import type { Fn } from '../types.ts';

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
export class ChunkWhen<T> extends Decider<T, unknown, T[]> implements Flushing {
  readonly #scope: Scope;
  /** Empty while a chunk is pushed: an error that comes while it is not is one from upstream. */
  #chunk: T[] = [];

  constructor(next: Sink<T[]>, scope: Scope, fn: Fn<T, unknown>) {
    super(next, scope, fn);
    this.#scope = scope;
  }

  get holding(): boolean {
    return this.#chunk.length > 0;
  }

  override start(): Answer {
    return after(this.next.start(), (wanted) => {
      this.#scope.add(this);
      return wanted;
    });
  }

  protected override decide(value: T, starts: unknown): Answer {
    if (starts && this.holding) return this.#startNext(value);
    this.#chunk.push(value);
    return true;
  }

  #startNext(value: T): Answer {
    return after(this.salvage(), (wanted) => {
      if (wanted) this.#chunk.push(value);
      return wanted;
    });
  }

  override end(): Answer {
    this.#scope.remove(this);
    return flush(this.next, this.holding ? [this.#take()] : []);
  }

  salvage(): Answer {
    return this.next.push(this.#take());
  }

  close(): void {}

  #take(): T[] {
    const chunk = this.#chunk;
    this.#chunk = [];
    return chunk;
  }
}
