import type { DisposableIterator } from '../types.ts';
import { ASYNC_DISPOSE } from '../dispose.ts';
import { ignore } from '../engine/core/promises.ts';
import { IS_ABORT, type MayAbort } from '../engine/feeding/iterator.ts';
import { Driver, DemandSink } from '../engine/core/driver.ts';
import { Queue } from '../engine/structures/queue.ts';
import type { Sink } from '../engine/core/sink.ts';

type Resolve<T> = (result: IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>>) => void;

/**
 * A run whose last sink is an iterator. Each value suspends the run, wherever in the chain it came from, until the
 * next `next()`: nothing runs upstream in between.
 */
export class RunIterator<T> extends Driver<T> implements DisposableIterator<T>, MayAbort {
  readonly #outlet = new DemandSink<T>();
  #busy = false;
  /** Resolves the pending `next()`, once that has returned its promise. */
  #resolve: Resolve<T> | undefined;
  /** Its result, if that arrived earlier: no promise has to be resolved later. */
  #kept: Parameters<Resolve<T>>[0] | undefined;
  /** Resolve the `next()` calls that arrived while another one was pending. Not made before there are any. */
  #queued: Queue<Resolve<T>> | undefined;
  /** The result of the next `next()` after the run is over. */
  #outcome: () => IteratorResult<T, undefined> | Promise<never> = done;

  /** Calls made before the last one settled settle in their order. */
  next(): Promise<IteratorResult<T, undefined>> {
    const busy = this.#busy;
    // If open resources are being closed, this call settles after that.
    if (this.over && !busy) return this.#afterwards();
    if (busy) return this.#watched(new Promise(this.#enqueue));
    this.#busy = true;
    this.go();
    const kept = this.#kept;
    if (kept === undefined) return this.#watched(new Promise(this.#accept));
    this.#kept = undefined;
    return Promise.resolve(kept);
  }

  #afterwards(): Promise<IteratorResult<T, undefined>> {
    const outcome = this.#outcome;
    this.#outcome = done;
    return Promise.resolve(outcome());
  }

  /** Cancelled by a stage that may wait for it no more, it would else be an unhandled rejection. */
  #watched<P extends Promise<unknown>>(promise: P): P {
    if (this.scope.adopted) promise.catch(ignore);
    return promise;
  }

  /** Ends the run at once, also while a `next()` is pending: that call then resolves with `done`. */
  async return(value?: undefined): Promise<IteratorResult<T, undefined>> {
    try {
      await this.#end();
    } catch (error) {
      this.attribute(error);
      throw error;
    }
    return { done: true, value };
  }

  #end(): void | Promise<void> {
    // A callback that is told of the end may call this before the closing has begun.
    if (this.over || this.scope.over) return this.closing ?? Promise.resolve().then(() => this.closing);
    this.#answer(done);
    const closing = this.cancel();
    // An error of closing is reported once.
    this.closing = closing?.catch(ignore);
    return closing;
  }

  [IS_ABORT](error: unknown): boolean {
    return this.scope.isAbort(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [ASYNC_DISPOSE](): Promise<void> {
    await this.return();
  }

  readonly #accept = this.#acceptCall.bind(this);

  #acceptCall(resolve: Resolve<T>): void {
    this.#resolve = resolve;
  }

  readonly #enqueue = (resolve: Resolve<T>): void => (this.#queued ??= new Queue()).push(resolve);

  protected last(): Sink<T> {
    return this.#outlet;
  }

  /** Continues at once if another `next()` is waiting. */
  protected deliver(): boolean {
    this.#reply({ done: false, value: this.#outlet.take() });
    this.#busy = this.#queued !== undefined && this.#queued.length > 0;
    this.#resolve = this.#busy ? this.#queued!.shift() : undefined;
    return this.#busy;
  }

  protected ended(): void {
    this.#answer(done);
  }

  protected failed(error: unknown): void {
    this.attribute(error);
    this.#answer(() => Promise.reject(error));
  }

  /** Told to the `next()` that waits, or else to the one that comes next. */
  protected override cancelled(closing: Promise<void>): void {
    if (this.#busy) return super.cancelled(closing);
    this.closing = closing;
    const { cause } = this.scope;
    if (cause !== undefined) this.#outcome = async () => closing.then(() => Promise.reject(cause.error as Error));
  }

  #reply(result: Parameters<Resolve<T>>[0]): void {
    if (this.#resolve === undefined) this.#kept = result;
    else this.#resolve(result);
  }

  /** Settles all pending calls, the first one by `first`. */
  #answer(first: () => IteratorResult<T, undefined> | Promise<never>): void {
    if (this.#busy) this.#reply(first());
    // By promises, as an error is: a result without one would overtake it.
    while (this.#queued !== undefined && this.#queued.length > 0) this.#queued.shift()(Promise.resolve(done()));
    this.#busy = false;
    this.#resolve = undefined;
  }
}

function done(): { done: true; value: undefined } {
  return { done: true, value: undefined };
}
