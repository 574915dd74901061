import { feedArray } from '../engine/feeding/array.ts';
import { sourceOf } from '../engine/feeding/input.ts';
import { flush } from './support/flush.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Closable, Scope } from '../engine/core/scope.ts';
import { Pass, type Sink, type Stage, Through } from '../engine/core/sink.ts';
import { orStop } from '../engine/core/part.ts';
import { discardAll, feedInside, type Source } from '../engine/core/source.ts';
import { type Answer, enclose } from '../engine/core/answer.ts';
import type { Input } from '../types.ts';

export function concat<T>(...others: Input<T>[]): Stage<T, T> {
  const sources = others.map((other) => sourceOf(other, 'concat: input'));
  return (next, scope) => new Concat(next, scope, sources);
}

export function append<T>(...values: T[]): Stage<T, T> {
  values.forEach(markHandled);
  return concat(values);
}

/** Opens the others in turn. The inputs that were not opened when the run ends are closed with it. */
class Concat<T> extends Pass<T> implements Closable {
  readonly #sources: readonly Source<T>[];
  #opened = 0;

  constructor(next: Sink<T>, scope: Scope, sources: readonly Source<T>[]) {
    super(next, scope);
    this.#sources = sources;
    // One entry for all of them: an entry for each would make it quadratic to remove them.
    scope.add(this);
  }

  override end(): Answer {
    return flush(this.next, this.scope, () => feedArray(this.#sources, new Opener(this.next, this), this.scope));
  }

  open(source: Source<T>): Answer {
    const scope = this.scope;
    if (++this.#opened === this.#sources.length) scope.remove(this);
    return orStop(scope, () => enclose(this.call, () => feedInside(source, this.next, scope)));
  }

  close(): Promise<void> {
    return discardAll(this.#sources.slice(this.#opened));
  }
}

class Opener<T> extends Through<Source<T>, T> {
  readonly #concat: Concat<T>;

  constructor(next: Sink<T>, concat: Concat<T>) {
    super(next);
    this.#concat = concat;
  }

  push(source: Source<T>): Answer {
    return this.#concat.open(source);
  }
}
