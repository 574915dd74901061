import { checkCount } from '../engine/arguments.ts';
import { flush } from '../engine/feed.ts';
import { type Sink, type Stage, Through } from '../engine/sink.ts';
import type { Answer } from '../engine/suspension.ts';

export function chunks<T>(size: number): Stage<T, T[]> {
  checkCount('chunks: size', size, 1);
  return (next) => new Chunks(next, size);
}

class Chunks<T> extends Through<T, T[]> {
  readonly #size: number;
  #chunk: T[] = [];

  constructor(next: Sink<T[]>, size: number) {
    super(next);
    this.#size = size;
  }

  push(value: T): Answer {
    const chunk = this.#chunk;
    if (chunk.push(value) < this.#size) return true;
    this.#chunk = [];
    return this.next.push(chunk);
  }

  override end(): Answer {
    return flush(this.next, this.#chunk.length > 0 ? [this.#chunk] : []);
  }
}
