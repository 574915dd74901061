import { checkCount, oneOf } from '../arguments.ts';
import { flushChunk } from './support/flush.ts';
import { Ring } from '../engine/structures/ring.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Sink, type Stage, Scoped } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';

/** The result for a stream that is shorter than one window: nothing, or one window as short as the stream. */
type Undersized = 'only-full' | 'allow-partial';

export function windows<T>(size: number, undersized: Undersized = 'only-full'): Stage<T, T[]> {
  checkCount('windows: size', size, 1);
  oneOf('only-full', 'allow-partial')('windows: undersized', undersized);
  return (next, scope) => new Windows(next, scope, size, undersized === 'allow-partial');
}

class Windows<T> extends Scoped<T, T[]> {
  readonly #ring: Ring<T>;
  readonly #partial: boolean;

  constructor(next: Sink<T[]>, scope: Scope, size: number, partial: boolean) {
    super(next, scope);
    this.#ring = new Ring(size);
    this.#partial = partial;
  }

  push(value: T): Answer {
    this.#ring.put(value);
    return this.#ring.full ? this.next.push(this.#ring.toArray()) : true;
  }

  override end(): Answer {
    return flushChunk(this.next, this.scope, this.#partial && !this.#ring.full ? this.#ring.toArray() : []);
  }
}
