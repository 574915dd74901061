import { wrongKind } from '../errors.ts';
import { Channel } from '../engine/background/channel.ts';
import { InputSource, open } from '../engine/feeding/input.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Source } from '../engine/core/source.ts';

export function asCompleted<T>(promises: Iterable<T | PromiseLike<T>>): Source<T> {
  if (
    typeof promises === 'string' ||
    typeof (Object(promises) as Partial<Iterable<T>>)[Symbol.iterator] !== 'function'
  ) {
    throw wrongKind('asCompleted: promises', 'an iterable', promises);
  }
  if (Array.isArray(promises) || promises instanceof Set) promises.forEach(markHandled);
  const given = new InputSource(promises, 'asCompleted: promises');
  return {
    once: given.once,
    discard: () => given.discard(),
    feed(next, scope) {
      const completed = new Completed<T>();
      const iterator = open<T | PromiseLike<T>>(promises) as Iterator<T | PromiseLike<T>>;
      for (const promise of { [Symbol.iterator]: () => iterator }) {
        completed.add(promise);
        if (scope.over) break;
      }
      completed.settled();
      return completed.supply(next, scope);
    },
  };
}

/** The promises of one run. One that never settles keeps this, and nothing of the run once that is closed. */
class Completed<T> extends Channel<T> {
  /** One more than there are, until all are there. */
  #pending = 1;

  constructor() {
    super(Infinity);
  }

  add(promise: T | PromiseLike<T>): void {
    this.#pending++;
    Promise.resolve(promise).then(
      (value) => {
        this.put(value);
        this.settled();
      },
      (error: unknown) => this.fail(error),
    );
  }

  settled(): void {
    if (--this.#pending === 0) this.end();
  }
}
