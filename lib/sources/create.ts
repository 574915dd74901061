import { checkFunction } from '../arguments.ts';
import { type Buffering, bufferingOf } from '../buffering.ts';
import { Tether } from '../engine/core/tether.ts';
import { ignore, isThenable } from '../engine/core/promises.ts';
import { PushChannel, type Push } from './push-channel.ts';
import type { Closable, Scope, Thrown } from '../engine/core/scope.ts';
import type { Context } from '../types.ts';
import { closing } from '../engine/core/part.ts';
import type { Source } from '../engine/core/source.ts';
import { after, type Answer, whenReady } from '../engine/core/answer.ts';

/** Releases the resources of a producer. Called once, and awaited. */
export type Cleanup = () => unknown;

/** Pushes elements into a stream, and may return a cleanup, or a promise of one. */
export type ProducerFn<T> = (
  push: Push<T>,
  context: Context,
) => Cleanup | void | undefined | PromiseLike<Cleanup | void | undefined>;

/**
 * The type of the elements, if no type argument names it and none can be inferred: no element can be pushed. Pass one,
 * as in `AsyncStream.create<string>(…)` or `AsyncStream.channel<string>()`.
 */
export interface ElementTypeNeeded {
  /** Says what to do in the message of the compiler. */
  readonly 'pass the type of the elements, as in create<string>(…)': never;
}

export function create<T>(producer: ProducerFn<T>, options: Buffering = {}): Source<T> {
  checkFunction('create: producer', producer);
  const buffering = bufferingOf('create', options, 0);
  return {
    discard: ignore,
    feed(next, scope) {
      const channel = new PushChannel<T>(buffering);
      const production = new Production(channel, scope);
      return closing(scope, production, () => {
        production.start(producer);
        return after(channel.supply(next, scope), (exhausted) => exhausted && production.settled());
      });
    },
  };
}

/** A producer at work in one run, and the cleanup that it returns. */
class Production<T> implements Closable {
  readonly #channel: PushChannel<T>;
  readonly #scope: Scope;
  /** Settles when the producer has, and never fails. */
  #returned: Promise<void> | undefined;
  #failure: Thrown | undefined;
  #cleanup: unknown;
  readonly #tether = new Tether<Pick<Production<never>, 'finished' | 'fail'>>(this);

  constructor(channel: PushChannel<T>, scope: Scope) {
    this.#channel = channel;
    this.#scope = scope;
  }

  start(producer: ProducerFn<T>): void {
    try {
      const returned = producer(this.#channel.push, this.#scope.context);
      if (isThenable(returned)) this.#returned = settled(returned, this.#tether);
      else this.#cleanup = returned;
    } catch (error) {
      this.fail(error);
    }
  }

  /** All elements were consumed. The producer's remaining work belongs to the run, and so do its errors. */
  settled(): Answer {
    return whenReady(this.#returned, () => {
      if (this.#failure !== undefined) throw this.#failure.error;
      return true;
    });
  }

  /** A producer that has just returned settles in the next turn. One that is still at work is not waited for. */
  async close(): Promise<unknown> {
    this.#channel.leave();
    await Promise.resolve();
    this.#tether.run = undefined;
    const cleanup = this.#cleanup;
    this.#cleanup = undefined;
    return clean(cleanup);
  }

  /** The promise of the producer was fulfilled. */
  finished(cleanup: unknown): void {
    if (typeof cleanup !== 'function') this.#channel.end();
    this.#cleanup = cleanup;
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#channel.fail(error);
  }
}

/** Not in the production, which the reactions would keep. */
async function settled(
  returned: PromiseLike<unknown>,
  tether: Tether<Pick<Production<never>, 'finished' | 'fail'>>,
): Promise<void> {
  try {
    const cleanup = await returned;
    if (tether.run !== undefined) return tether.run.finished(cleanup);
    // The run is closed: the cleanup is not awaited any more.
    await clean(cleanup);
  } catch (error) {
    tether.run?.fail(error);
  }
}

function clean(cleanup: unknown): unknown {
  return typeof cleanup === 'function' ? (cleanup as Cleanup)() : undefined;
}
