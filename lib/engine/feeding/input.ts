import { StreamConsumedError, wrongKind } from '../../errors.ts';
import type { Input, Streamable } from '../../types.ts';
import { feedArray } from './array.ts';
import { feedIterator } from './iterator.ts';
import { destroy, isPlainReadable, isReadable, readBatches, watchErrors } from './node-stream.ts';
import { type ChunkReader, isReadableStream, readChunks } from './web-stream.ts';
import type { Scope } from '../core/scope.ts';
import { type Sink, Scoped } from '../core/sink.ts';
import { closing } from '../core/part.ts';
import { feedInside, type OneShot, type Source, SOURCE } from '../core/source.ts';
import { ignore, isThenable, markAllHandled } from '../core/promises.ts';
import { acquire, type Answer } from '../core/answer.ts';

type AnyInput<T> = Partial<AsyncIterable<T> & Iterable<T> & Iterator<T>> & { [SOURCE]?: Source<T> };

/** Turns an input into a source. Error messages call it `name`, such as `from: input`, and say that it must be `rule`. */
export function sourceOf<T>(input: Input<T>, name: string, rule?: string): Source<T> {
  if (typeof input === 'function') {
    return { feed: (next, scope) => feedLater(input(scope.context), next, scope, `${name}()`), discard: ignore };
  }
  checkStreamable(input, name, rule);
  if (Array.isArray(input)) markAllHandled(input);
  return (input as AnyInput<T>)[SOURCE] ?? new InputSource(input, name);
}

/** An input as it is. */
export class InputSource<T> implements Source<T> {
  readonly once: OneShot | undefined;
  readonly #input: Streamable<T>;
  readonly #name: string;

  constructor(input: Streamable<T> & object, name: string) {
    this.once = isOneShot(input) ? { given: input } : undefined;
    this.#input = input;
    if (isReadable(input)) watchErrors(input);
    this.#name = name;
  }

  feed(next: Sink<T>, scope: Scope): Answer {
    return feed(this.#input, next, scope, this.#name);
  }

  discard(): unknown {
    return discard(this.#input);
  }

  /** Lets the next run over the input continue with the rest of this one, if this one has begun. */
  lend(rest: Borrowed<T>): void {
    if (Consumed.has(borrowedOf(this.#input))) borrowed.set(this.#input, rest);
  }

  /** Takes the rest, of that class, with which the next run would continue: no run does then. */
  takeRest<R extends Borrowed<T>>(type: new (...args: never[]) => R): R | undefined {
    const rest = borrowedOf<unknown>(this.#input);
    if (!(rest instanceof type) || Consumed.has(rest)) return undefined;
    Consumed.add(rest);
    return rest;
  }
}

/** The rest of a run that has ended without closing its source. */
interface Borrowed<T> extends AsyncIterator<T> {
  readonly open: boolean;
}

const borrowed = new WeakMap<object, Borrowed<unknown>>();

function borrowedOf<T>(input: T): T | Borrowed<unknown> {
  const rest = borrowed.get(input as object);
  return rest?.open ? rest : input;
}

function isOneShot(input: object): boolean {
  return typeof (input as AnyInput<unknown>).next === 'function' || isReadableStream(input) || isReadable(input);
}

/** Feeds an input that may be a promise. If the run ends before that is fulfilled, the input is closed then. */
export function feedLater<T>(
  input: Streamable<T> | PromiseLike<Streamable<T>>,
  next: Sink<T>,
  scope: Scope,
  name: string,
  settles = scope.settles,
): Answer {
  return acquire(input, scope, discard, (made) => feedMade(made, next, scope, name), settles);
}

/** Feeds what a callback has made: nothing else may handle the promises of an array. */
export function feedMade<T>(made: Streamable<T>, next: Sink<T>, scope: Scope, name: string): Answer {
  if (Array.isArray(made)) markAllHandled(made);
  return feed(made, next, scope, name);
}

/** Pushes all elements of an input into a sink, as a source does. */
export function feed<T>(input: Streamable<T>, next: Sink<T>, scope: Scope, name: string): Answer {
  if (isPlainArray(input)) return feedArray(input, next, scope);
  // Made by a callback that has left the run.
  if (scope.over) {
    discardLate(input);
    return false;
  }
  checkStreamable(input, name);
  const { [SOURCE]: source } = input as AnyInput<T>;
  if (source !== undefined) return feedInside(source, next, scope);
  const given = input;
  input = borrowedOf(input) as Streamable<T> & object;
  const iterator = open<T>(input, scope.settles, given);
  if (isPlainReadable(input))
    return feedIterator(iterator as unknown as Iterator<Iterator<T>>, new Batches(next, scope), scope);
  if (isReadableStream(input))
    return closing(scope, iterator as ChunkReader<T>, () => feedIterator(iterator, next, scope));
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = input as AnyInput<T>;
  const reading = async != null ? 'async' : sync != null ? 'sync' : 'bare';
  return feedIterator(iterator, next, scope, reading);
}

/** The readable side of a Node Duplex, whose end leaves the writable side open. */
export function duplexSource<T>(duplex: AsyncIterable<T>): Source<T> {
  if (!isPlainReadable(duplex)) return new InputSource(duplex, 'a Duplex');
  return {
    feed: (next, scope) => feedIterator(readBatches<T>(duplex, scope.settles, true), new Batches(next, scope), scope),
    discard: () => destroy(duplex),
  };
}

/** False for an array whose iterator was replaced: then that iterator is used. */
export function isPlainArray<T>(input: Streamable<T>): input is (T | PromiseLike<T>)[] {
  return Array.isArray(input) && input[Symbol.iterator] === Array.prototype[Symbol.iterator];
}

/** Closes a late source, or the one that its promise resolves with. The run is over, so errors are ignored. */
export function discardLate(input: unknown): void {
  Promise.resolve(input).then(discard).catch(ignore);
}

/** Closes a one-shot source that was given and never opened. What can be opened again is not touched. */
function discard(input: unknown): unknown {
  const { [SOURCE]: source } = Object(input) as AnyInput<unknown>;
  if (source !== undefined) return source.discard();
  input = borrowedOf(input);
  if (!isOneShot(Object(input) as object) || Consumed.has(input as object)) return undefined;
  // Another reader is responsible for closing it.
  return isReadableStream(input) && input.locked ? undefined : open(input as object).return?.();
}

function checkStreamable(input: unknown, name: string, rule = 'an iterable or an iterator'): asserts input is object {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync, next } = Object(input) as AnyInput<unknown>;
  const streamable = typeof (async ?? sync ?? next) === 'function' || isReadableStream(input);
  // Strings are iterable, but iterating over characters is almost never intended.
  if (!streamable || typeof input === 'string') throw wrongKind(name, rule, input, adviceOn(input));
}

function adviceOn(input: unknown): string {
  if (typeof input === 'string') return 'for its characters, use [...text]';
  const { body } = Object(input) as { body?: unknown };
  if (isReadableStream(body) || isReadable(body)) return 'pass its body';
  return isThenable(input) ? 'await it, or pass a function that returns it' : '';
}

/** Its iterator. An input that emits its elements only once is opened only once. Errors name what was `given`. */
export function open<T>(input: object, patient?: boolean, given = input): Iterator<T> | AsyncIterator<T> {
  if (Consumed.has(input)) throw new StreamConsumedError(given);
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = input as Record<
    symbol,
    (() => unknown) | undefined
  >;
  const method = async ?? sync;
  const iterator: unknown = isReadableStream(input)
    ? readChunks(input)
    : isPlainReadable(input)
      ? readBatches(input, patient)
      : method == null
        ? input
        : method.call(input);
  if (Object(iterator) !== iterator) throw wrongKind('an iterator', 'an object', iterator);
  const once = iterator === input || isReadableStream(input) || isReadable(input);
  // Some iterables return the same iterator each time, as that of `readline` does.
  if (!once && Consumed.has(iterator as object)) throw new StreamConsumedError(given);
  Consumed.add(once ? input : (iterator as object));
  return iterator as Iterator<T>;
}

/** A constructor that returns the given object: a class derived from it adds its private fields to that object. */
const Itself = function (object?: object) {
  // Without an effect such as this, bundlers drop each `new` whose result is not used.
  if (object === undefined) throw new TypeError();
  return object;
} as unknown as new (object: object) => object;

/**
 * The one-shot inputs and the iterators that were opened. A private field, hidden from all other code, marks each of
 * them: a `WeakSet` costs a tenth of a short run (`bench`, short runs).
 */
export class Consumed extends Itself {
  readonly #mark = true;
  /** Objects that may not take a field. */
  static readonly #frozen = new WeakSet<object>();

  static has(object: object): boolean {
    return #mark in object || Consumed.#frozen.has(object);
  }

  static add(object: object): void {
    if (Object.isExtensible(object)) new Consumed(object);
    else Consumed.#frozen.add(object);
  }
}

class Batches<T> extends Scoped<Iterator<T>, T> {
  push(batch: Iterator<T>): Answer {
    return feedIterator(batch, this.next, this.scope, 'sync');
  }
}
