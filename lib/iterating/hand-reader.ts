import type { DisposableIterator } from '../types.ts';
import { checkCount } from '../arguments.ts';
import { ASYNC_DISPOSE } from '../dispose.ts';
import { ignore, markHandled } from '../engine/core/promises.ts';
import { Consumed, type InputSource } from '../engine/feeding/input.ts';
import type { RunIterator } from './run-iterator.ts';

type Result<T> = IteratorResult<T, undefined>;

/** A run, one element of which may have been read by `peek()`. */
export class Rest<T> implements AsyncIterableIterator<T, undefined> {
  #pull: RunIterator<T>;
  /** The input, until the first call. */
  #given: InputSource<T> | undefined;
  #ahead: Promise<Result<T>> | undefined;

  constructor(pull: RunIterator<T>, given: InputSource<T> | undefined) {
    this.#pull = pull;
    this.#given = given;
  }

  /** Continues the run of a reader that has left the input. In a run of its own, each rest of a rest would cost more. */
  #run(): RunIterator<T> {
    const left = this.#pull.open ? this.#given?.takeRest(Rest<T>) : undefined;
    this.#given = undefined;
    if (left === undefined) return this.#pull;
    this.#pull = left.#run();
    this.#ahead = left.#ahead;
    return this.#pull;
  }

  get open(): boolean {
    return this.#ahead !== undefined || this.#pull.open;
  }

  next(): Promise<Result<T>> {
    const pull = this.#run();
    const result = this.#ahead ?? pull.next();
    this.#ahead = undefined;
    return result;
  }

  peek(): Promise<Result<T>> {
    const pull = this.#run();
    return (this.#ahead ??= pull.next().then((result) => {
      // Nothing is ahead then that another run could continue with.
      if (result.done) this.#ahead = undefined;
      return result;
    }));
  }

  /** Makes the next call reject with the error. */
  fail(error: unknown): void {
    this.#ahead = Promise.reject(error);
    this.#ahead.catch(ignore);
  }

  return(): Promise<Result<T>> {
    const pull = this.#run();
    this.#ahead = undefined;
    // A later run of it would be empty, as if the source had come to its end.
    if (pull.open && !Consumed.has(this)) Consumed.add(this);
    return pull.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Reads a run by hand. When the reader leaves, the rest goes to `leave`, which closes it or does not. */
export class HandReader<T, S> implements DisposableIterator<T> {
  readonly #run: Rest<T>;
  readonly #leave: (rest: Rest<T>) => unknown;
  readonly #toStream: (rest: Rest<T>) => S;
  #left = false;
  #leaving: unknown;
  /** Settles when the last of the calls has that a `pull()` holds up: calls made meanwhile run after it. */
  #before: Promise<void> | undefined;

  constructor(run: Rest<T>, leave: (rest: Rest<T>) => unknown, toStream: (rest: Rest<T>) => S) {
    this.#run = run;
    this.#leave = leave;
    this.#toStream = toStream;
  }

  next(): Promise<Result<T>> {
    return this.#inTurn(() => (this.#left ? done() : this.#run.next()));
  }

  peek(): Promise<Result<T>> {
    return this.#inTurn(() => (this.#left ? done() : this.#run.peek()));
  }

  async nextOr<D>(defaultValue: D): Promise<T | D> {
    markHandled(defaultValue);
    const result = await this.next();
    return result.done ? defaultValue : result.value;
  }

  pull(count: number): Promise<T[]> {
    checkCount('pull: count', count);
    return this.#holdUp(this.#inTurn(() => this.#gather(count)));
  }

  rest(): S {
    this.#left = true;
    return this.#toStream(this.#run);
  }

  async return(): Promise<Result<T>> {
    if (!this.#left) {
      this.#left = true;
      this.#leaving = this.#leave(this.#run);
    }
    await this.#leaving;
    return done();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Also if another reader continues with the rest. */
  async [ASYNC_DISPOSE](): Promise<void> {
    this.#left = true;
    await this.#run.return();
  }

  #inTurn<R>(use: () => Promise<R>): Promise<R> {
    return this.#before === undefined ? use() : this.#holdUp(this.#before.then(use));
  }

  /** Each call that has to wait holds up those after it: otherwise one made in the turn of its start could overtake it. */
  #holdUp<R>(call: Promise<R>): Promise<R> {
    const ended = call.then(ignore, ignore).then(() => {
      if (this.#before === ended) this.#before = undefined;
    });
    this.#before = ended;
    return call;
  }

  async #gather(count: number): Promise<T[]> {
    const elements: T[] = [];
    try {
      while (elements.length < count && !this.#left) {
        const result = await this.#run.next();
        if (result.done) break;
        elements.push(result.value);
      }
    } catch (error) {
      // The elements before it would be lost, so the next call rejects with it.
      if (elements.length === 0) throw error;
      this.#run.fail(error);
    }
    return elements;
  }
}

async function done(): Promise<{ done: true; value: undefined }> {
  return { done: true, value: undefined };
}
