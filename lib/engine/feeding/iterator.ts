import { wrongKind } from '../../errors.ts';
import { pushReady } from './array.ts';
import { ignore } from '../core/promises.ts';
import type { Closable, Scope, Turns } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import { turn } from '../time/turns.ts';
import { type Answer, Nested, whenReady } from '../core/answer.ts';

type AnyIterator<T> = (Iterator<T> | AsyncIterator<T>) & Partial<MayAbort>;

/** `Symbol.for`: the iterator may be of another copy of this package, and an abort of its run is one of this run too. */
export const IS_ABORT: unique symbol = Symbol.for('asyncstream.isAbort') as never;

/** An iterator that knows whether an error is the reason of an abort, which is no error that could be caught. */
export interface MayAbort {
  [IS_ABORT](error: unknown): boolean;
}

/**
 * How an iterator is read. `async`: `next()` returns a promise of a result, whose value is not awaited. `sync`: it
 * returns the result, and a value that is a promise is awaited, as in `for await`; so is the value it ends with. `bare`,
 * for an iterator that is no iterable: both may be promises.
 */
export type Reading = 'async' | 'sync' | 'bare';

/** Pushes the elements of an iterator into a sink. */
export function feedIterator<T>(
  iterator: AnyIterator<T>,
  next: Sink<T>,
  scope: Scope,
  reading: Reading = 'async',
): Answer {
  return new IteratorFeed(iterator, next, scope, reading).proceed(true);
}

class IteratorFeed<T> extends Nested implements Closable {
  readonly #iterator: AnyIterator<T>;
  /** Looked up once, as `for await` does. */
  readonly #advance: (this: unknown) => unknown;
  readonly #next: Sink<T>;
  readonly #scope: Scope;
  readonly #sync: boolean;
  readonly #awaits: boolean;
  readonly #turns: Turns | undefined;
  /** A `next()` is pending, or was the last one: the iterator has ended or failed, and is not to be closed. */
  #reading = false;
  /** The last result of a bare iterator: its value may be a promise that is not awaited any more. */
  #pending: unknown;
  /** Nothing more is read: it is closed, or exhausted. */
  #closed = false;

  constructor(iterator: AnyIterator<T>, next: Sink<T>, scope: Scope, reading: Reading) {
    super();
    this.#iterator = iterator;
    this.#advance = iterator.next as (this: unknown) => unknown;
    this.#next = next;
    this.#scope = scope;
    this.#sync = reading === 'sync';
    this.#awaits = reading !== 'async';
    this.#turns = scope.turns;
    scope.add(this);
  }

  /** An async iterator is read here, and not before: keeping its promise until now would cost more than making it. */
  override wait(wake?: (value: unknown) => void): unknown {
    if (this.inner !== undefined) return this.inner.wait(wake);
    if (this.#closed || this.#scope.over) return undefined;
    // Not by #read, which would be one more frame on the stack for each stream that pulls another (`load`).
    this.#reading = true;
    const result = this.#advance.call(this.#iterator);
    return this.#awaits ? (this.#pending = Promise.resolve(result)) : result;
  }

  override resume(value: unknown): Answer {
    const { inner } = this;
    return this.proceed(inner === undefined ? this.#push(value) : inner.resume(value));
  }

  override reject(error: unknown): Answer {
    if (this.inner !== undefined) return super.reject(error);
    if (this.#iterator[IS_ABORT]?.(error)) this.#scope.aborting(error);
    throw this.#broken(error);
  }

  /** Reads on while the sink wants more. */
  override proceed(answer: Answer): Answer {
    while (answer === true && !this.#closed) {
      // A later stage that runs in a part of its own may have failed in the course of the push.
      if (this.#sync && this.#scope.over) return this.nest(false);
      if (this.#turns?.due() === true) return this.nest(turn(this.#scope));
      if (!this.#sync) {
        this.inner = undefined;
        return this;
      }
      const result = this.#read();
      answer = this.#scope.over ? this.#drop(result) : this.#push(result);
    }
    // Still true: exhausted, or the run is over.
    return this.nest(answer);
  }

  #read(): unknown {
    this.#reading = true;
    try {
      return this.#advance.call(this.#iterator);
    } catch (error) {
      throw this.#broken(error);
    }
  }

  #push(result: unknown): Answer {
    let done: boolean | undefined;
    let value: T | PromiseLike<T> | undefined;
    try {
      if (!isObject(result)) throw notAnObject('next', result);
      ({ done } = result as IteratorResult<T>);
      // The final value of an async iterator is not read.
      if (!done || this.#awaits) ({ value } = result as { value: T });
    } catch (error) {
      throw this.#broken(error);
    }
    if (done) return this.#end(value);
    this.#reading = false;
    return this.#awaits ? pushReady(value as T, this.#next) : this.#next.push(value as T);
  }

  #end(value: unknown): Answer {
    this.#scope.remove(this);
    this.#closed = true;
    return whenReady(value, () => true);
  }

  /** An iterator whose own `next()` failed is not closed. */
  #broken(error: unknown): unknown {
    this.#scope.remove(this);
    return error;
  }

  override late(result: unknown): void {
    if (this.inner !== undefined) this.inner.late(result);
    else this.#drop(result);
  }

  /** No longer reading, so that it can be closed; or not to be closed, because it has ended or failed. */
  #drop(result: unknown): false {
    ignoreValue(result);
    this.#reading = Boolean((Object(result) as IteratorResult<unknown>).done);
    if (this.#reading) this.#scope.remove(this);
    return false;
  }

  close(): unknown {
    this.#closed = true;
    if (!this.#reading) return close(this.#iterator, this.#awaits);
    // Its own code has ended the run, and has to return first.
    if (this.#sync) return Promise.resolve().then((): unknown => this.#reading || close(this.#iterator, true));
    ignoreValue(this.#pending);
    if (this.#scope.settles) return close(this.#iterator, this.#awaits);
    // In the middle of producing a value, which may never come: told to close, and not waited for.
    close(this.#iterator, this.#awaits).catch(ignore);
    return undefined;
  }
}

/** Not in its feed: an async generator that waits for a promise keeps the callers of its `return()`. */
async function close(iterator: AnyIterator<unknown>, awaits: boolean): Promise<void> {
  const method = iterator.return as ((this: unknown) => unknown) | null | undefined;
  if (method == null) return;
  const result = await method.call(iterator);
  if (!isObject(result)) throw notAnObject('return', result);
  if (awaits) await (result as { value?: unknown }).value;
}

function ignoreValue(result: unknown): void {
  const value = (settled: unknown) => (Object(settled) as { value?: unknown }).value;
  Promise.resolve(result).then(value).catch(ignore);
}

function isObject(value: unknown): boolean {
  return Object(value) === value;
}

function notAnObject(method: string, result: unknown): TypeError {
  return wrongKind(`the result of an iterator's ${method}()`, 'an object', result);
}
