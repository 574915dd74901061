import { wrongKind } from '../errors.ts';
import { Channel } from '../engine/background/channel.ts';
import { InputSource, open } from '../engine/feeding/input.ts';
import { markHandled } from '../engine/core/promises.ts';
import { closing, type Source } from '../engine/core/source.ts';

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
      return closing(scope, completed, () => {
        const iterator = open<T | PromiseLike<T>>(promises) as Iterator<T | PromiseLike<T>>;
        for (let step = iterator.next(); !step.done; step = iterator.next()) completed.add(step.value);
        return completed.start().supply(next, scope);
      });
    },
  };
}

/** The promises of one run. */
class Completed<T> {
  /** Let go of at the end of the run: promises that never settle keep what waits for them. */
  #channel: Channel<T> | undefined = new Channel<T>(Infinity);
  /** One more than there are, until all are there. */
  #pending = 1;

  add(promise: T | PromiseLike<T>): void {
    this.#pending++;
    Promise.resolve(promise).then(
      (value) => {
        this.#channel?.put(value);
        this.#settled();
      },
      (error: unknown) => this.#channel?.fail(error),
    );
  }

  start(): Channel<T> {
    this.#settled();
    return this.#channel!;
  }

  close(): void {
    this.#channel = undefined;
  }

  #settled(): void {
    if (--this.#pending === 0) this.#channel?.end();
  }
}
