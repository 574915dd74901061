import { checkFunction } from '../engine/core/arguments.ts';
import { type Buffering, bufferingOf } from '../engine/background/buffering.ts';
import { ignore, isThenable } from '../engine/core/promises.ts';
import { PushChannel, type Push } from './push-channel.ts';
import type { Closable, Context, Scope } from '../engine/core/scope.ts';
import type { Source } from '../engine/core/source.ts';
import { after, type Answer, whenReady } from '../engine/core/answer.ts';

/** Releases what a producer holds. Called once, and awaited. */
export type Cleanup = () => unknown;

/** Pushes elements into a stream, and may return, or promise, what cleans up after it. */
export type ProducerFn<T> = (
  push: Push<T>,
  context: Context,
) => Cleanup | void | undefined | PromiseLike<Cleanup | void | undefined>;

export function create<T>(producer: ProducerFn<T>, options: Buffering = {}): Source<T> {
  checkFunction('create: producer', producer);
  const buffering = bufferingOf('create', options, 0);
  return {
    discard: ignore,
    feed(next, scope) {
      const channel = new PushChannel<T>(buffering);
      const production = new Production(channel, scope);
      production.start(producer);
      return after(channel.feed(next, scope), (exhausted) => exhausted && production.finish());
    },
  };
}

/** A producer at work in one run, and the cleanup that comes of it. */
class Production<T> implements Closable {
  readonly #channel: PushChannel<T>;
  readonly #scope: Scope;
  /** Settles when the producer has, and never fails. */
  #returned: Promise<void> | undefined;
  #working = true;
  #failure: { readonly error: unknown } | undefined;
  #cleanup: unknown;
  /** The run is closed, and nobody waits for the cleanup any more. */
  #abandoned = false;

  constructor(channel: PushChannel<T>, scope: Scope) {
    this.#channel = channel;
    this.#scope = scope;
    scope.add(this);
  }

  start(producer: ProducerFn<T>): void {
    try {
      const returned = producer(this.#channel.push, this.#scope.context);
      if (!isThenable(returned)) return this.#settle(returned);
      this.#returned = Promise.resolve(returned).then(
        (cleanup) => {
          if (typeof cleanup !== 'function') this.#channel.end();
          this.#settle(cleanup);
        },
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /** All was consumed. What the producer still does belongs to the run, and so does an error of it. */
  finish(): Answer {
    return whenReady(this.#returned, () => {
      if (this.#failure !== undefined) throw this.#failure.error;
      return whenReady(this.#scope.release(this), () => true);
    });
  }

  close(): unknown {
    this.#channel.leave();
    return this.#working ? this.#abandon() : this.#clean();
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#channel.fail(error);
    this.#settle(undefined);
  }

  #settle(cleanup: unknown): void {
    this.#working = false;
    this.#cleanup = cleanup;
    if (this.#abandoned)
      void Promise.resolve()
        .then(() => this.#clean())
        .catch(ignore);
  }

  /** One that has just returned settles in the next turn. One that is still at work is not waited for. */
  async #abandon(): Promise<unknown> {
    await Promise.resolve();
    this.#abandoned = this.#working;
    return this.#clean();
  }

  #clean(): unknown {
    const cleanup = this.#cleanup;
    this.#cleanup = undefined;
    return typeof cleanup === 'function' ? (cleanup as Cleanup)() : undefined;
  }
}
