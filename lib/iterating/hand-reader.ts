import type { DisposableIterator } from '../types.ts';
import { checkCount } from '../engine/core/arguments.ts';
import { ASYNC_DISPOSE } from '../dispose.ts';
import { ignore, markHandled } from '../engine/core/promises.ts';
import type { InputSource } from '../engine/feeding/input.ts';
import type { OpenRuns } from './open-runs.ts';
import type { RunIterator } from './run-iterator.ts';

type Result<T> = IteratorResult<T, undefined>;

/** A run, one element of which may have been read by `peek()`. */
class Rest<T> implements AsyncIterableIterator<T, undefined> {
  readonly #pull: RunIterator<T>;
  #ahead: Promise<Result<T>> | undefined;

  constructor(pull: RunIterator<T>, ahead?: Promise<Result<T>>) {
    this.#pull = pull;
    this.#ahead = ahead;
  }

  /** For another reader. */
  handOn(): Rest<T> {
    return new Rest(this.#pull, this.#ahead);
  }

  get open(): boolean {
    return this.#ahead !== undefined || this.#pull.open;
  }

  next(): Promise<Result<T>> {
    const result = this.#ahead ?? this.#pull.next();
    this.#ahead = undefined;
    return result;
  }

  peek(): Promise<Result<T>> {
    return (this.#ahead ??= this.#pull.next());
  }

  /** Makes the next call reject with the error. */
  fail(error: unknown): void {
    this.#ahead = Promise.reject(error);
    this.#ahead.catch(ignore);
  }

  return(): Promise<Result<T>> {
    this.#ahead = undefined;
    return this.#pull.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Reads a run by hand. */
export class HandReader<T, S> implements DisposableIterator<T> {
  readonly #pull: RunIterator<T>;
  /** The input, if no stage stands between. */
  readonly #given: InputSource<T> | undefined;
  /** Whether the input is closed when the reader leaves. */
  readonly #close: boolean;
  readonly #runs: OpenRuns;
  readonly #toStream: (rest: Rest<T>) => S;
  #left = false;
  #leaving: unknown;
  /** Settles when the last of the calls has that a `pull()` holds up: calls made meanwhile run after it. */
  #before: Promise<void> | undefined;
  #opened: Rest<T> | undefined;

  constructor(
    pull: RunIterator<T>,
    given: InputSource<T> | undefined,
    close: boolean,
    runs: OpenRuns,
    toStream: (rest: Rest<T>) => S,
  ) {
    this.#pull = pull;
    this.#given = given;
    this.#close = close;
    this.#runs = runs;
    this.#toStream = toStream;
  }

  get #run(): Rest<T> {
    return (this.#opened ??= this.#open());
  }

  /** Continues with what an earlier reader has left. Read by a run of its own, each rest of a rest would cost more. */
  #open(): Rest<T> {
    const left = this.#pull.open ? this.#given?.takeRest(Rest<T>) : undefined;
    if (left === undefined) return new Rest(this.#pull);
    const rest = left.handOn();
    this.#runs.add(rest);
    return rest;
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
      this.#leaving = this.#close ? this.#run.return() : this.#given?.lend(this.#run);
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
