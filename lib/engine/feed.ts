import { StreamConsumedError } from '../errors.ts';
import type { Streamable } from '../types.ts';
import { describe, wrongKind } from './arguments.ts';
import { isReadable, readBatches } from './readable.ts';
import { isReadableStream, readChunks } from './readable-stream.ts';
import type { Closable, Scope } from './scope.ts';
import { type Sink, Through } from './sink.ts';
import { after, type Answer, Awaiting, isThenable, Nested, type Suspension } from './suspension.ts';

/** Where the values of a run come from. */
export interface Source<T> {
  /** Pushes all values into the sink. Answers true when they are at an end, false when the sink wanted no more. */
  feed(next: Sink<T>, scope: Scope): Answer;
  /** Closes what was given to the stream, when the run ends before it was opened. */
  discard(): unknown;
}

/** The source that a stream is. Not `Symbol.for`: the engine of another copy of this package may work otherwise. */
export const SOURCE: unique symbol = Symbol('asyncstream.source');

type AnyInput<T> = Partial<AsyncIterable<T> & Iterable<T> & Iterator<T>> & { [SOURCE]?: Source<T> };

const consumed = new WeakSet<object>();

/** `taker` is whose input this is, for the error message: `flatMap: fn must return`. */
export function feed<T>(input: Streamable<T>, next: Sink<T>, scope: Scope, taker: string): Answer {
  if (isPlainArray(input)) return feedArray(input as readonly T[], next);
  checkStreamable(input, taker);
  const source = (input as AnyInput<T>)[SOURCE];
  if (source !== undefined) return source.feed(next, scope);
  if (isReadableStream(input)) return feedIterator(readChunks(claim(input)) as AsyncIterator<T>, next, scope, 'async');
  if (isReadable(input)) {
    return feedIterator(
      readBatches(claim(input)) as AsyncIterator<Iterator<T>>,
      new Batches(next, scope),
      scope,
      'async',
    );
  }
  const { kind, iterator } = open(input as AnyInput<T>);
  if ((iterator as unknown) === input) claim(input);
  return feedIterator(iterator, next, scope, kind);
}

/** Closes a one-shot source that was given and never opened. What can be opened again is not touched. */
export function discard(input: unknown): unknown {
  if ((typeof input !== 'object' && typeof input !== 'function') || input === null || consumed.has(input)) return;
  const { [SOURCE]: source, next, return: close } = input as AnyInput<unknown>;
  if (source !== undefined) return source.discard();
  if (!isReadableStream(input) && !isReadable(input) && typeof next !== 'function') return;
  consumed.add(input);
  if (isReadableStream(input)) return input.locked ? undefined : input.cancel();
  if (isReadable(input)) return void input.destroy();
  return close?.call(input);
}

/** Goes on with the value of a promise. Where the run ends before it is there, it is disposed of when it comes. */
export function acquire<T>(
  value: T | PromiseLike<T>,
  scope: Scope,
  dispose: (value: T) => unknown,
  use: (value: T) => Answer,
): Answer {
  if (!isThenable(value)) return use(value);
  const pending: Closable = {
    close: (failed) => failed || void Promise.resolve(value).then(dispose).catch(ignore),
  };
  scope.add(pending);
  return new Awaiting(value, (acquired: T) => {
    scope.remove(pending);
    return use(acquired);
  });
}

export function checkStreamable(input: unknown, taker: string): asserts input is object {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync, next } = Object(input) as AnyInput<unknown>;
  const method = async ?? sync ?? next ?? (isReadableStream(input) ? input.getReader : undefined);
  if (typeof method !== 'function') throw wrongKind(taker, 'an iterable or an iterator', input);
}

/** Of an array whose iterator somebody has replaced, that iterator is used. */
function isPlainArray(input: unknown): input is readonly unknown[] {
  return Array.isArray(input) && input[Symbol.iterator] === Array.prototype[Symbol.iterator];
}

function claim<S extends object>(source: S): S {
  if (consumed.has(source)) {
    throw new StreamConsumedError(
      `${describe(source)} was run before and gives its elements only once: ` +
        'pass a function that makes a new one, as in AsyncStream.from(() => source())',
      source,
    );
  }
  consumed.add(source);
  return source;
}

function open<T>(input: AnyInput<T>): { kind: Kind; iterator: Iterator<T> | AsyncIterator<T> } {
  const { [Symbol.asyncIterator]: async } = input;
  if (async != undefined) return { kind: 'async', iterator: checkIterator(async.call(input), input) };
  const { [Symbol.iterator]: sync } = input;
  if (sync != undefined) return { kind: 'sync', iterator: checkIterator(sync.call(input), input) };
  return { kind: 'either', iterator: input as Iterator<T> };
}

function checkIterator<I>(iterator: I, input: unknown): I {
  if (typeof iterator === 'object' && iterator !== null) return iterator;
  throw new TypeError(`the iterator of ${describe(input)} must be an object, got ${describe(iterator)}`);
}

/** Promises in sync iterables are awaited, as `for await` does. */
function pushReady<T>(value: T | PromiseLike<T>, next: Sink<T>): Answer {
  return isThenable(value) ? new Awaiting(value, (ready: T) => next.push(ready)) : next.push(value);
}

/** Without an iterator, and without any allocation while the sink answers at once. */
function feedArray<T>(array: readonly (T | PromiseLike<T>)[], next: Sink<T>): Answer {
  for (let index = 0; index < array.length; index++) {
    const answer = pushReady(array[index]!, next);
    if (answer !== true) return answer === false ? false : new ArrayFeed(array, next, index + 1, answer);
  }
  return true;
}

class ArrayFeed<T> extends Nested {
  readonly #array: readonly (T | PromiseLike<T>)[];
  readonly #next: Sink<T>;
  #index: number;

  constructor(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, index: number, inner: Suspension) {
    super();
    this.#array = array;
    this.#next = next;
    this.#index = index;
    this.pass(inner);
  }

  resume(value: unknown): Answer {
    let answer = this.inner!.resume(value);
    while (answer === true && this.#index < this.#array.length) {
      answer = pushReady(this.#array[this.#index++]!, this.#next);
    }
    return this.pass(answer);
  }
}

/** What `next()` gives: a result, a promise of one, or one or the other. */
type Kind = 'sync' | 'async' | 'either';

export function feedIterator<T>(
  iterator: Iterator<T> | AsyncIterator<T>,
  next: Sink<T>,
  scope: Scope,
  kind: Kind,
): Answer {
  return new IteratorFeed(iterator, next, scope, kind).read(true);
}

class IteratorFeed<T> extends Nested implements Closable {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  /** Looked up once, as `for await` does. */
  readonly #advance: (this: unknown) => unknown;
  readonly #next: Sink<T>;
  readonly #scope: Scope;
  readonly #kind: Kind;
  /** It is the iterator's turn: an error that comes now is its own, and it is then not closed again. */
  #reading = false;
  #closed = false;

  constructor(iterator: Iterator<T> | AsyncIterator<T>, next: Sink<T>, scope: Scope, kind: Kind) {
    super();
    this.#iterator = iterator;
    this.#advance = iterator.next as (this: unknown) => unknown;
    this.#next = next;
    this.#scope = scope;
    this.#kind = kind;
    scope.add(this);
  }

  resume(value: unknown): Answer {
    const { inner } = this;
    return this.read(inner === undefined ? this.#push(value as IteratorResult<T>) : inner.resume(value));
  }

  /** Reads on for as long as the sink wants more. The answer to the last value, or undefined when there is no more. */
  read(answer: Answer | undefined): Answer {
    while (answer === true && !this.#closed) {
      this.#reading = true;
      const result: unknown = this.#advance.call(this.#iterator);
      if (this.#kind === 'async' || (this.#kind === 'either' && isThenable(result))) {
        this.inner = undefined;
        this.promise = result;
        return this;
      }
      answer = this.#push(result as IteratorResult<T>);
    }
    // Still true: closed meanwhile, by a callback that called `return()` of its own stream.
    return this.pass(answer === undefined ? true : answer === true ? false : answer);
  }

  #push(result: IteratorResult<T>): Answer | undefined {
    if (typeof result !== 'object' || result === null) {
      this.#reading = false;
      throw new TypeError(`next() of an iterator must give an object, got ${describe(result)}`);
    }
    if (result.done) {
      this.#reading = false;
      this.#scope.remove(this);
      return undefined;
    }
    const { value } = result;
    this.#reading = false;
    return this.#kind === 'sync' ? pushReady(value, this.#next) : this.#next.push(value);
  }

  close(failed: boolean): unknown {
    this.#closed = true;
    if (!this.#reading) return this.#return();
    // In the middle of producing a value, which may never come: told to close, and not waited for.
    if (!failed) this.#return().catch(ignore);
    return undefined;
  }

  async #return(): Promise<void> {
    const close = this.#iterator.return;
    if (close == undefined) return;
    const result: unknown = await close.call(this.#iterator);
    if (typeof result !== 'object' || result === null) {
      throw new TypeError(`return() of an iterator must give an object, got ${describe(result)}`);
    }
  }
}

class Batches<T> extends Through<Iterator<T>, T> {
  readonly #scope: Scope;

  constructor(next: Sink<T>, scope: Scope) {
    super(next);
    this.#scope = scope;
  }

  push(batch: Iterator<T>): Answer {
    return feedIterator(batch, this.next, this.#scope, 'sync');
  }
}

/** Ends a stage that has still something to push: what it holds, unless nothing more is wanted, and then the end. */
export function flush<T>(next: Sink<T>, rest: readonly T[]): Answer {
  return after(next.done() || feedArray(rest, next), () => next.end());
}

function ignore(): void {}
