import type { StreamIterator } from '../types.ts';
import { ignore } from './ignore.ts';
import { DEMAND, Outlet } from './outlet.ts';
import { type Plan, prepare } from './run.ts';
import { Scope } from './scope.ts';
import type { Source } from './source.ts';
import type { Suspension } from './suspension.ts';
import { type Answer } from './suspension.ts';

type Resolve<T> = (result: IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>>) => void;

/** A call of `next()` that came while another one was being answered. */
interface Queued<T> {
  readonly resolve: Resolve<T>;
  later: Queued<T> | undefined;
}

/**
 * A run whose last sink is an iterator. Each value suspends the run, wherever in the chain it came from, until the
 * next `next()`: nothing runs upstream in between.
 */
export class Pull<T> implements StreamIterator<T> {
  readonly #plan: Plan<T>;
  readonly #scope = new Scope();
  readonly #outlet = new Outlet<T>();
  #suspended: Suspension | undefined;
  #started = false;
  #busy = false;
  #closed = false;
  /** Answers the `next()` that the run is busy with. */
  #resolve: Resolve<T> = ignore;
  #kept: Parameters<Resolve<T>>[0] | undefined;
  #first: Queued<T> | undefined;
  #last: Queued<T> | undefined;
  #closing: void | Promise<void> = undefined;

  constructor(plan: Plan<T>) {
    this.#plan = plan;
    this.#scope.onCancel = (reason) => this.#leave(() => Promise.reject(reason));
  }

  /** Calls made before the last one was answered are answered in their order. */
  next(): Promise<IteratorResult<T, undefined>> {
    const busy = this.#busy;
    // Where what is left open is being closed, the turn of this call comes after that.
    if (this.#closed && !busy) return Promise.resolve(done());
    if (busy) return this.#watched(new Promise(this.#enqueue));
    this.#busy = true;
    this.#resolve = this.#keep;
    this.#advance(undefined);
    const kept = this.#kept;
    if (kept === undefined) return this.#watched(new Promise(this.#accept));
    this.#kept = undefined;
    return Promise.resolve(kept);
  }

  /** Cancelled by a stage that may wait for it no more, it would else be an unhandled rejection. */
  #watched<P extends Promise<unknown>>(promise: P): P {
    if (this.#scope.tracked) promise.catch(ignore);
    return promise;
  }

  /** Ends the run at once, also while a `next()` is pending: that one then gives `done`. */
  async return(value?: undefined): Promise<IteratorResult<T, undefined>> {
    if (!this.#closed) {
      if (!this.#started) prepare(this.#plan, this.#outlet, this.#scope);
      this.#leave(done);
      const closing = this.#scope.cancel();
      // What goes wrong in closing is told once.
      this.#closing = closing?.catch(ignore);
      await closing;
    }
    await this.#closing;
    return { done: true, value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  // Bound, and not arrow functions of each iterator: V8 drops the code of a function with the last closure of it, and here is
  // where `for await` spends its time.
  readonly #keep = this.#keepResult.bind(this);
  readonly #accept = this.#acceptCall.bind(this);
  readonly #go = this.#advance.bind(this);

  /** An answer that is there at once needs no promise to be resolved later. */
  #keepResult(result: Parameters<Resolve<T>>[0]): void {
    this.#kept = result;
  }

  #acceptCall(resolve: Resolve<T>): void {
    this.#resolve = resolve;
  }

  readonly #enqueue = (resolve: Resolve<T>): void => {
    const queued = { resolve, later: undefined };
    if (this.#first === undefined) this.#first = queued;
    else this.#last!.later = queued;
    this.#last = queued;
  };

  /** Starts the run, or resumes it with what it waited for, and goes on until it waits for something else. */
  #advance(awaited: unknown): void {
    if (this.#closed) return;
    try {
      let answer = this.#started ? this.#suspended!.resume(awaited) : this.#start();
      while (!this.#closed) {
        if (typeof answer === 'boolean') return this.#finish();
        this.#suspended = answer;
        const promise = answer.wait();
        if (promise !== DEMAND) return void Promise.resolve(promise).then(this.#go, this.#fail);
        if (!this.#deliver()) return;
        answer = answer.resume(undefined);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #start(): Answer {
    this.#started = true;
    return prepare(this.#plan, this.#outlet, this.#scope)();
  }

  /** Answers whether the run is to go on at once, because another `next()` is waiting. */
  #deliver(): boolean {
    const resolve = this.#resolve;
    const queued = this.#first;
    this.#busy = queued !== undefined;
    if (queued !== undefined) {
      this.#resolve = queued.resolve;
      this.#first = queued.later;
    }
    resolve({ done: false, value: this.#outlet.take() });
    return queued !== undefined;
  }

  #finish(): void {
    this.#closed = true;
    const closing = this.#scope.finish();
    if (closing === undefined) return this.#answer(done);
    this.#closing = closing.then(
      () => this.#answer(done),
      (error: unknown) => this.#answer(() => Promise.reject(error)),
    );
  }

  readonly #fail = (error: unknown): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing = this.#scope.fail(error).then(() => this.#answer(() => Promise.reject(error)));
  };

  #leave(first: () => IteratorResult<T, undefined> | Promise<never>): void {
    this.#closed = true;
    this.#answer(first);
  }

  /** Answers all calls that wait, the first one in this way. */
  #answer(first: () => IteratorResult<T, undefined> | Promise<never>): void {
    if (this.#busy) this.#resolve(first());
    // By promises, as an error is: what is answered without one would come before it.
    for (let queued = this.#first; queued !== undefined; queued = queued.later) queued.resolve(Promise.resolve(done()));
    this.#busy = false;
    this.#resolve = ignore;
    this.#suspended = this.#first = this.#last = undefined;
  }
}

function done(): { done: true; value: undefined } {
  return { done: true, value: undefined };
}

/** A source pulled in a run of its own. */
export function iterate<T>(source: Source<T>): Pull<T> {
  return new Pull<T>({ source, link: (last) => last });
}
