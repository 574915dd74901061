import { StreamConsumedError } from '../errors.ts';
import type { Input, Streamable } from '../types.ts';
import { describe, wrongKind } from './arguments.ts';
import { feedArray } from './feed-array.ts';
import { feedIterator, type Kind } from './feed-iterator.ts';
import { destroy, isReadable, readReadable } from './readable.ts';
import { isReadableStream, readChunks } from './readable-stream.ts';
import type { Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import { type Source, SOURCE } from './source.ts';
import { acquire, after, type Answer } from './suspension.ts';

type AnyInput<T> = Partial<AsyncIterable<T> & Iterable<T> & Iterator<T>> & { [SOURCE]?: Source<T> };

const consumed = new WeakSet<object>();

/** What an input is as a source. `name` is what the error message calls it: `from: input`. */
export function sourceOf<T>(input: Input<T>, name: string): Source<T> {
  if (typeof input !== 'function') {
    checkStreamable(input, name);
    const given: Source<T> = {
      feed: (next, scope) => feed(input, next, scope, name),
      discard: () => discard(input),
    };
    return (input as AnyInput<T>)[SOURCE] ?? given;
  }
  return {
    feed: (next, scope) => feedLater(input(scope.context), next, scope, `${name} as a function, its result`),
    discard: () => undefined,
  };
}

/** Feeds what may still be on its way. Where the run ends before it is there, it is closed when it comes. */
export function feedLater<T>(
  input: Streamable<T> | PromiseLike<Streamable<T>>,
  next: Sink<T>,
  scope: Scope,
  name: string,
): Answer {
  return acquire(input, scope, discard, (made) => feed(made, next, scope, name));
}

/** Pushes all that an input gives into a sink, as a source does. */
export function feed<T>(input: Streamable<T>, next: Sink<T>, scope: Scope, name: string): Answer {
  if (isPlainArray(input)) return feedArray(input as readonly T[], next);
  checkStreamable(input, name);
  const source = (input as AnyInput<T>)[SOURCE];
  if (source !== undefined) return source.feed(next, scope);
  if (isReadableStream(input)) return feedIterator(readChunks<T>(claim(input)), next, scope, 'async');
  if (isReadable(input)) return feedIterator(readReadable<T>(claim(input)), next, scope, 'either');
  const { kind, iterator } = open(input as AnyInput<T>);
  if ((iterator as unknown) === input) claim(input);
  return feedIterator(iterator, next, scope, kind);
}

/** Ends a stage that has still something to push: what it holds, unless nothing more is wanted, and then the end. */
export function flush<T>(next: Sink<T>, rest: readonly (T | PromiseLike<T>)[]): Answer {
  return after(next.done() || feedArray(rest, next), () => next.end());
}

/** Closes a one-shot source that was given and never opened. What can be opened again is not touched. */
function discard(input: unknown): unknown {
  if ((typeof input !== 'object' && typeof input !== 'function') || input === null || consumed.has(input)) return;
  const { [SOURCE]: source, next, return: close } = input as AnyInput<unknown>;
  if (source !== undefined) return source.discard();
  if (!isReadableStream(input) && !isReadable(input) && typeof next !== 'function') return;
  consumed.add(input);
  if (isReadableStream(input)) return input.locked ? undefined : input.cancel();
  if (isReadable(input)) return destroy(input);
  return close?.call(input);
}

export function checkStreamable(input: unknown, name: string): asserts input is object {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync, next } = Object(input) as AnyInput<unknown>;
  const method = async ?? sync ?? next ?? (isReadableStream(input) ? input.getReader : undefined);
  if (typeof method !== 'function') throw wrongKind(name, 'an iterable or an iterator', input);
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
  if (async != null) return { kind: 'async', iterator: checkIterator(async.call(input), input) };
  const { [Symbol.iterator]: sync } = input;
  if (sync != null) return { kind: 'sync', iterator: checkIterator(sync.call(input), input) };
  return { kind: 'either', iterator: input as Iterator<T> };
}

function checkIterator<I>(iterator: I, input: unknown): I {
  if (typeof iterator === 'object' && iterator !== null) return iterator;
  throw new TypeError(`the iterator of ${describe(input)} must be an object, got ${describe(iterator)}`);
}
