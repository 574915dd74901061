import { flush, sourceOf } from '../engine/feeding/input.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Pass, type Sink, type Stage, Through } from '../engine/core/sink.ts';
import { hold, type Source } from '../engine/core/source.ts';
import type { Answer } from '../engine/core/answer.ts';
import type { Input } from '../types.ts';

export function concat<T>(...others: Input<T>[]): Stage<T, T> {
  const sources = others.map((other) => sourceOf(other, 'concat: input'));
  return (next, scope) => new Concat(next, scope, sources);
}

export function append<T>(...values: T[]): Stage<T, T> {
  values.forEach(markHandled);
  return concat(values);
}

class Concat<T> extends Pass<T> {
  readonly #openings: ((next: Sink<T>) => Answer)[];

  constructor(next: Sink<T>, scope: Scope, sources: Source<T>[]) {
    super(next);
    this.#openings = sources.map((source) => hold(source, scope));
  }

  override end(): Answer {
    return flush(new Opener(this.next), this.#openings);
  }
}

class Opener<T> extends Through<(next: Sink<T>) => Answer, T> {
  push(open: (next: Sink<T>) => Answer): Answer {
    return open(this.next);
  }
}
