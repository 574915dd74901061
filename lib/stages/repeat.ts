import { checkCount } from '../arguments.ts';
import { feedIterator } from '../engine/feeding/iterator.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Sink, Through, Scoped } from '../engine/core/sink.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import { type Answer, whenReady } from '../engine/core/answer.ts';
import { pace } from '../engine/time/turns.ts';

export function repeat<T>(count = Infinity): Transform<T, T> {
  checkCount('repeat: count', count, 0, Infinity);
  return {
    feed(above, next, scope) {
      if (count === 0) return whenReady(above.discard(), () => true);
      // Each pass may never wait, and there may be no end of them.
      pace(scope);
      const passes = new Passes(next, scope, above);
      return feedIterator(passes.times(count), passes, scope, 'sync');
    },
  };
}

class Passes<T> extends Scoped<Source<T>, T> {
  readonly #source: Source<T>;
  readonly #counted: Counted<T>;

  constructor(next: Sink<T>, scope: Scope, source: Source<T>) {
    super(next, scope);
    this.#source = source;
    this.#counted = new Counted(next);
  }

  push(source: Source<T>): Answer {
    return source.feed(this.#counted, this.scope);
  }

  *times(count: number): Generator<Source<T>, undefined> {
    for (let pass = 0; pass < count; pass++) {
      this.#counted.empty = true;
      yield this.#source;
      // Without this, repeating an empty stream for ever would never give a turn to anything else.
      if (this.#counted.empty) return;
    }
  }
}

class Counted<T> extends Through<T, T> {
  empty = true;

  push(value: T): Answer {
    this.empty = false;
    return this.next.push(value);
  }
}
