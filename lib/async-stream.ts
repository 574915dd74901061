import type { Dictionary, MergeOptions, ToArrayOptions } from './collectors/index.ts';
import * as collectors from './collectors/index.ts';
import type { Children } from './engine/children.ts';
import { type Concurrency, limitsOf } from './engine/concurrency.ts';
import type { Collector } from './engine/collector.ts';
import { sourceOf, sourcesOf } from './engine/feed.ts';
import { parallel } from './engine/parallel.ts';
import { Pull } from './engine/pull.ts';
import { asSource, type Plan, run } from './engine/run.ts';
import type { Context } from './engine/scope.ts';
import type { Sink, Stage } from './engine/sink.ts';
import { type Source, SOURCE, type Transform } from './engine/source.ts';
import { asCompleted } from './sources/as-completed.ts';
import { type PageRequest, paginate, type PaginateOptions } from './sources/paginate.ts';
import { range } from './sources/range.ts';
import { unfold, type Unfolding } from './sources/unfold.ts';
import { using } from './sources/using.ts';
import { buffer, type BufferOptions } from './stages/buffer.ts';
import { catchError } from './stages/catch.ts';
import { chunkBy } from './stages/chunk-by.ts';
import { chunkWhen } from './stages/chunk-when.ts';
import { chunks } from './stages/chunks.ts';
import { compact } from './stages/compact.ts';
import { concat } from './stages/concat.ts';
import { decode, type DecodeOptions } from './stages/decode.ts';
import { defaultIfEmpty } from './stages/default-if-empty.ts';
import { distinct, type DistinctOptions } from './stages/distinct.ts';
import { distinctUntilChanged } from './stages/distinct-until-changed.ts';
import { drop } from './stages/drop.ts';
import { dropLast } from './stages/drop-last.ts';
import { dropWhile } from './stages/drop-while.ts';
import { entries } from './stages/entries.ts';
import { expand, type ExpandOptions } from './stages/expand.ts';
import { filter } from './stages/filter.ts';
import { finallyDo } from './stages/finally.ts';
import { flat, flatMap } from './stages/flat-map.ts';
import { groupByKey, type GroupByKeyOptions } from './stages/group-by-key.ts';
import { intersperse } from './stages/intersperse.ts';
import { lines, type LinesOptions } from './stages/lines.ts';
import { map } from './stages/map.ts';
import { mapSettled } from './stages/map-settled.ts';
import { merge } from './stages/merge.ts';
import { pipe } from './stages/pipe.ts';
import { prepend } from './stages/prepend.ts';
import { repeat } from './stages/repeat.ts';
import { scan } from './stages/scan.ts';
import { split } from './stages/split.ts';
import { switchMap } from './stages/switch-map.ts';
import { take } from './stages/take.ts';
import { takeLast } from './stages/take-last.ts';
import { takeWhile, type TakeWhileOptions } from './stages/take-while.ts';
import { observe, type Observer, tap } from './stages/tap.ts';
import { toSorted } from './stages/to-sorted.ts';
import { windows } from './stages/windows.ts';
import { withSignal } from './stages/with-signal.ts';
import { yieldEvery } from './stages/yield-every.ts';
import type { Ordered } from './engine/ordering.ts';
import type { Element, Fn, Input, Pair, SignalLike, Streamable, StreamIterator, Truthy, Window } from './types.ts';

/** A stage put on the ones before it. */
interface Stages {
  readonly before: Stages | undefined;
  readonly stage: Stage<never, never>;
}

/**
 * A lazy sequence of elements that are computed and awaited one after the other.
 *
 * Each method gives a new stream and runs nothing. A terminal (a method that gives a promise) or a `for await` loop
 * runs the stream: it opens the source, takes from it only what is needed, and closes it however the run ends.
 *
 * @example
 * const names = AsyncStream.from(['ada', 'alan', 'grace'])
 *   .filter((name) => name.startsWith('a'))
 *   .map((name) => name.toUpperCase());
 * await names.toArray(); // => ['ADA', 'ALAN']
 */
export class AsyncStream<out T> implements AsyncIterable<T> {
  readonly #source: Source<unknown>;
  readonly #stages: Stages | undefined;

  private constructor(source: Source<unknown>, stages?: Stages) {
    this.#source = source;
    this.#stages = stages;
  }

  // ---------------------------------------------------------------------------------------------------- sources

  /**
   * Streams the elements of any async or sync iterable, iterator, web `ReadableStream` or Node `Readable`, or of what a
   * function makes of these for each run.
   *
   * Iterables that start anew each time (arrays, most collections) and functions make streams that can be run again. An
   * iterator, a generator object or a readable stream can be run once: a second run rejects with `StreamConsumedError`.
   * Promises among the elements of a sync iterable are awaited. The function gets a context whose `signal` aborts when
   * the consumer leaves, and may answer a promise.
   *
   * @throws {TypeError} at the call, where the input is none of these.
   * @example
   * const stream = AsyncStream.from(async function* () {
   *   yield 1;
   *   yield 2;
   * });
   * await stream.toArray(); // => [1, 2]
   * await stream.toArray(); // => [1, 2]
   */
  static from<T>(input: Input<T>): AsyncStream<T>;
  static from<I extends Input<unknown>>(input: I): AsyncStream<Element<I>>;
  static from<T>(input: Input<T>): AsyncStream<T> {
    return typeof input === 'object' && input !== null && #source in input
      ? (input as unknown as AsyncStream<T>)
      : new AsyncStream(sourceOf(input, 'from: input'));
  }

  /**
   * Streams the values given, awaiting promises. Without values, the empty stream.
   *
   * @example
   * await AsyncStream.of(1, Promise.resolve(2)).toArray(); // => [1, 2]
   */
  static of<T = never>(...values: (T | PromiseLike<T>)[]): AsyncStream<T>;
  static of<V extends unknown[]>(...values: V): AsyncStream<Awaited<V[number]>>;
  static of<T>(...values: (T | PromiseLike<T>)[]): AsyncStream<T> {
    return AsyncStream.from(values);
  }

  /**
   * Counts from `start` up to `end`, which is not among the numbers, in steps that may be negative or fractions. Without
   * `end` it never ends.
   *
   * @throws {RangeError} at the call, where `step` is 0, or a number is NaN.
   * @example
   * await AsyncStream.range(0, 3).toArray(); // => [0, 1, 2]
   * await AsyncStream.range(3, 0, -1).toArray(); // => [3, 2, 1]
   */
  static range(start: number, end?: number, step?: number): AsyncStream<number> {
    return AsyncStream.from(range(start, end, step));
  }

  /**
   * Computes one element after the other from a state: `step` answers `[element, nextState]`, and null or undefined at
   * the end.
   *
   * @example
   * const powers = AsyncStream.unfold(1, (state) => (state < 100 ? [state, state * 3] : null));
   * await powers.toArray(); // => [1, 3, 9, 27, 81]
   */
  static unfold<T, S>(seed: S, step: Unfolding<T, S>): AsyncStream<T> {
    return AsyncStream.from(unfold(seed, step));
  }

  /**
   * Fetches page after page, and streams their elements.
   *
   * `fetchPage` finds in its request whatever the API counts by: `page`, `offset` and `size`, or the `cursor` that
   * `next` took from the page before, and a `signal` that aborts when the page is no longer wanted. With `next`, the last
   * page is the one whose cursor is null or undefined; else with `totalPages`, the last of these; else the first empty
   * page ends the stream. Requests never overlap.
   *
   * @throws {TypeError} in the run, where a page (or what `items` answers) is not an array.
   * @example
   * const pages = [{ rows: ['a', 'b'], after: 'x' }, { rows: ['c'], after: null }];
   * const rows = AsyncStream.paginate(async ({ cursor }) => pages[cursor === 'x' ? 1 : 0], {
   *   items: (page) => page.rows,
   *   next: (page) => page.after,
   * });
   * await rows.toArray(); // => ['a', 'b', 'c']
   */
  static paginate<P, T = unknown, C = string>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options: PaginateOptions<P, T, C> & { readonly pages: true },
  ): AsyncStream<P>;
  static paginate<P, T, C = string>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options: PaginateOptions<P, T, C> & { readonly items: (page: P) => readonly T[] },
  ): AsyncStream<T>;
  static paginate<T, C = string>(
    fetchPage: (request: PageRequest<C>) => readonly T[] | PromiseLike<readonly T[]>,
    options?: PaginateOptions<readonly T[], T, C>,
  ): AsyncStream<T>;
  static paginate<P, T, C>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options?: PaginateOptions<P, T, C>,
  ): AsyncStream<P | T> {
    const pages = AsyncStream.from(paginate(fetchPage, options));
    return options?.pages ? pages.map(({ page }) => page) : pages.flatMap(({ items }) => items);
  }

  /**
   * Opens a resource for each run, streams what `use` makes of it, and closes it once, whatever happens.
   *
   * Closed by `close`, or else by the resource's own `Symbol.asyncDispose`, `Symbol.dispose` or `close()`. What `use` gave
   * is closed before the resource. A resource that comes when the consumer has already left is closed when it comes.
   *
   * @example
   * const log = [];
   * const rows = AsyncStream.using(
   *   async () => ({ rows: [1, 2, 3], close: async () => log.push('closed') }),
   *   (connection) => connection.rows,
   * );
   * await rows.take(2).toArray(); // => [1, 2]
   * log; // => ['closed']
   */
  static using<R, I extends Streamable<unknown>>(
    open: (context: Context) => R | PromiseLike<R>,
    use: (resource: R, context: Context) => I | PromiseLike<I>,
    close?: (resource: R) => unknown,
  ): AsyncStream<Element<I>> {
    return new AsyncStream(using(open, use, close));
  }

  /**
   * Gives what the promises are fulfilled with, each as soon as it is settled. The first one that is rejected fails the
   * stream; what becomes of the others is then nothing to anybody, as it is when the stream is left.
   *
   * The iterable is gone through at the first pull. Promises in an array are looked after from the call on: one of them that
   * rejects before anybody pulls is no unhandled rejection.
   *
   * @throws {TypeError} at the call, where it is no (sync) iterable.
   * @example
   * const slow = new Promise((resolve) => setTimeout(resolve, 1, 'slow'));
   * await AsyncStream.asCompleted([slow, Promise.resolve('fast'), 'at once']).toArray(); // => ['fast', 'at once', 'slow']
   */
  static asCompleted<V>(promises: Iterable<V>): AsyncStream<Awaited<V>> {
    return new AsyncStream(asCompleted(promises));
  }

  // ----------------------------------------------------------------------------------- element-wise, and limiting

  /**
   * Gives what `fn` makes of each element. A promise that it returns is awaited before the next element is taken.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).map(async (x) => x * 2).toArray(); // => [2, 4, 6]
   */
  map<R>(
    fn: (value: T, index: number, context: Context) => R | PromiseLike<R>,
    options?: Concurrency<T>,
  ): AsyncStream<R> {
    return this.#put(map(fn, options));
  }

  /**
   * Gives how it went with each element: `{ status: 'fulfilled', value }` with what `fn` makes of it, or `{ status:
   * 'rejected', reason }` with what `fn` fails with, as `Promise.allSettled` does. Errors of the source still fail the stream.
   *
   * @example
   * const parsed = AsyncStream.of('1', '{').mapSettled((text) => JSON.parse(text));
   * await parsed.map(({ status }) => status).toArray(); // => ['fulfilled', 'rejected']
   */
  mapSettled<R>(
    fn: (value: T, index: number, context: Context) => R | PromiseLike<R>,
    options?: Concurrency<T>,
  ): AsyncStream<PromiseSettledResult<R>> {
    return this.#put(mapSettled(fn, options));
  }

  /**
   * Keeps the elements for which `predicate` answers something truthy, or a promise of it. Narrows the type by a guard,
   * by a predicate that TypeScript sees through, and by `Boolean`.
   *
   * @example
   * await AsyncStream.range(0, 6).filter((x) => x % 2 === 0).toArray(); // => [0, 2, 4]
   */
  filter<S extends T>(
    predicate: (value: T, index: number, context: Context) => value is S,
    options?: Concurrency<T>,
  ): AsyncStream<S>;
  filter(predicate: BooleanConstructor, options?: Concurrency<T>): AsyncStream<Truthy<T>>;
  filter(predicate: (value: T, index: number, context: Context) => unknown, options?: Concurrency<T>): AsyncStream<T>;
  filter(predicate: Fn<T, unknown>, options?: Concurrency<T>): AsyncStream<T> {
    return this.#put(filter(predicate, options));
  }

  /**
   * Drops null and undefined, and nothing else.
   *
   * @example
   * await AsyncStream.of(0, null, '', undefined).compact().toArray(); // => [0, '']
   */
  compact(): AsyncStream<NonNullable<T>> {
    return this.#put(compact());
  }

  /**
   * Pairs each element with its index, which comes first.
   *
   * @example
   * await AsyncStream.of('a', 'b').entries().toArray(); // => [[0, 'a'], [1, 'b']]
   */
  entries(): AsyncStream<[index: number, value: T]> {
    return this.#put(entries());
  }

  /**
   * Calls `fn` with each element before it goes on, and passes the elements on as they are. With an observer, also tells
   * of the start, of an error or the natural end of the stream above, and of the end of the run. What is told is awaited.
   *
   * @example
   * const log = [];
   * const watched = AsyncStream.of(1, 2, 3).tap({
   *   next: (x) => log.push(x),
   *   complete: () => log.push('complete'),
   *   close: () => log.push('close'),
   * });
   * await watched.toArray(); // => [1, 2, 3]
   * log; // => [1, 2, 3, 'complete', 'close']
   */
  tap(fn: ((value: T, index: number, context: Context) => unknown) | Observer<T>): AsyncStream<T> {
    if (typeof fn !== 'object' || fn === null) return this.#put(tap(fn));
    const { next, close } = fn;
    const observed = new AsyncStream<T>(observe(this[SOURCE], fn));
    const closing = close === undefined ? observed : observed.finally(close);
    return next === undefined ? closing : closing.tap(next);
  }

  /**
   * Gives the first `count` elements, and closes the source with the last of them. `take(0)` opens nothing.
   *
   * @throws {RangeError} at the call, where `count` is negative or not whole. `Infinity` is allowed.
   * @example
   * await AsyncStream.range(0).take(3).toArray(); // => [0, 1, 2]
   */
  take(count: number): AsyncStream<T> {
    return this.#put(take(count));
  }

  /**
   * Leaves out the first `count` elements.
   *
   * @throws {RangeError} at the call, where `count` is negative or not whole. `Infinity` is allowed.
   * @example
   * await AsyncStream.range(0, 5).drop(3).toArray(); // => [3, 4]
   */
  drop(count: number): AsyncStream<T> {
    return this.#put(drop(count));
  }

  /**
   * Gives elements for as long as `predicate` holds, and then closes the source. With `inclusive`, the first element for
   * which it does not hold is still given.
   *
   * @example
   * await AsyncStream.range(0).takeWhile((x) => x < 3).toArray(); // => [0, 1, 2]
   * await AsyncStream.range(0).takeWhile((x) => x < 3, { inclusive: true }).toArray(); // => [0, 1, 2, 3]
   */
  takeWhile<S extends T>(
    predicate: (value: T, index: number, context: Context) => value is S,
    options?: TakeWhileOptions & { readonly inclusive?: false },
  ): AsyncStream<S>;
  takeWhile(
    predicate: (value: T, index: number, context: Context) => unknown,
    options?: TakeWhileOptions,
  ): AsyncStream<T>;
  takeWhile(predicate: Fn<T, unknown>, options?: TakeWhileOptions): AsyncStream<T> {
    return this.#put(takeWhile(predicate, options));
  }

  /**
   * Leaves out elements for as long as `predicate` holds, and gives all from there on.
   *
   * @example
   * await AsyncStream.of(1, 5, 2).dropWhile((x) => x < 3).toArray(); // => [5, 2]
   */
  dropWhile(predicate: (value: T, index: number, context: Context) => unknown): AsyncStream<T> {
    return this.#put(dropWhile(predicate));
  }

  /**
   * Gives the last `count` elements, once the source has ended. Holds that many.
   *
   * @example
   * await AsyncStream.range(0, 5).takeLast(2).toArray(); // => [3, 4]
   */
  takeLast(count: number): AsyncStream<T> {
    return this.#put(takeLast(count));
  }

  /**
   * Gives all but the last `count` elements, each as soon as that many have come after it. Holds that many.
   *
   * @example
   * await AsyncStream.range(0, 5).dropLast(2).toArray(); // => [0, 1, 2]
   */
  dropLast(count: number): AsyncStream<T> {
    return this.#put(dropLast(count));
  }

  /**
   * Drops elements that came before, or whose `key` did. Keys are the same as they are in a `Set`. All keys are
   * remembered; with `limit` only so many, the oldest being forgotten first.
   *
   * @example
   * await AsyncStream.of(1, 2, 1, 3, 2).distinct().toArray(); // => [1, 2, 3]
   */
  distinct(key?: (value: T, index: number, context: Context) => unknown, options?: DistinctOptions): AsyncStream<T> {
    return this.#put(distinct(key, options));
  }

  /**
   * Drops elements that are the same as the last one given, or whose `key` is, by `equals` or else as keys of a `Map` are.
   *
   * @example
   * await AsyncStream.of(1, 1, 2, 2, 1).distinctUntilChanged().toArray(); // => [1, 2, 1]
   */
  distinctUntilChanged(): AsyncStream<T>;
  distinctUntilChanged<K = T>(
    key?: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    equals?: (previous: K, next: K) => boolean | PromiseLike<boolean>,
  ): AsyncStream<T>;
  distinctUntilChanged<K>(
    key?: Fn<T, K>,
    equals?: (previous: K, next: K) => boolean | PromiseLike<boolean>,
  ): AsyncStream<T> {
    return this.#put(distinctUntilChanged(key, equals));
  }

  /**
   * Gives each intermediate result of a `reduce`. The seed itself is not given; without one, the first element is the
   * first result.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).scan((sum, x) => sum + x, 10).toArray(); // => [11, 13, 16]
   */
  scan(fn: (accumulator: T, value: T, index: number, context: Context) => T | PromiseLike<T>): AsyncStream<T>;
  scan<R>(
    fn: (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>,
    seed: R,
  ): AsyncStream<R>;
  scan<R>(
    fn: (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>,
    ...seed: [R?]
  ): AsyncStream<R> {
    return this.#put(scan(fn, ...(seed as [R])));
  }

  /**
   * Gives the values first, before the source is opened.
   *
   * @example
   * await AsyncStream.of(3).prepend(1, 2).toArray(); // => [1, 2, 3]
   */
  prepend<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>> {
    return this.#put(prepend<T | Awaited<V[number]>>(...(values as Awaited<V[number]>[])));
  }

  /**
   * Gives the values last, when the source has ended.
   *
   * @example
   * await AsyncStream.of(1).append(2, 3).toArray(); // => [1, 2, 3]
   */
  append<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>> {
    return this.#put(concat<T | Awaited<V[number]>>(values as Awaited<V[number]>[]));
  }

  /**
   * Puts the separator between each two elements.
   *
   * @example
   * await AsyncStream.of('a', 'b', 'c').intersperse('-').toArray(); // => ['a', '-', 'b', '-', 'c']
   */
  intersperse<U>(separator: U | PromiseLike<U>): AsyncStream<T | U> {
    return this.#put(intersperse(separator));
  }

  /**
   * Gives the value where the stream would have none.
   *
   * @example
   * await AsyncStream.of().defaultIfEmpty('none').toArray(); // => ['none']
   */
  defaultIfEmpty<U>(value: U | PromiseLike<U>): AsyncStream<T | U> {
    return this.#put(defaultIfEmpty(value));
  }

  /**
   * Runs the stream `count` times in a row, without a count for ever. Needs a source that can be run again, else the
   * second pass rejects with `StreamConsumedError`. A pass without elements is the last one.
   *
   * @example
   * await AsyncStream.of(1, 2).repeat(2).toArray(); // => [1, 2, 1, 2]
   */
  repeat(count?: number): AsyncStream<T> {
    return new AsyncStream(repeat(this[SOURCE], count));
  }

  /**
   * Gives the elements in the order of `compare`, or else as `Array.prototype.toSorted` does, once the source has ended.
   * Holds all of them.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).toSorted((a, b) => a - b).toArray(); // => [1, 2, 3]
   */
  toSorted(compare?: (a: T, b: T) => number): AsyncStream<T> {
    return this.#put(toSorted(compare));
  }

  /**
   * Gives timers and I/O a turn during long runs that would otherwise never wait for anything: whenever more than
   * `milliseconds` (default 5) have gone by without one, before the next element goes on.
   *
   * @example
   * await AsyncStream.range(0, 1000).yieldEvery(10).count(); // => 1000
   */
  yieldEvery(milliseconds?: number): AsyncStream<T> {
    return this.#put(yieldEvery(milliseconds));
  }

  // ---------------------------------------------------------------------------------- flattening, chunks, windows

  /**
   * Gives the elements of the elements, which are iterables: one level.
   *
   * @throws {TypeError} in the run, where an element is a string or no iterable.
   * @example
   * await AsyncStream.of([1, 2], [], [3]).flat().toArray(); // => [1, 2, 3]
   */
  flat<I extends Streamable<unknown> & object>(
    this: AsyncStream<I>,
    options?: Concurrency<T>,
  ): AsyncStream<Element<I>> {
    return this.#put(flat(options as Concurrency<Streamable<Element<I>>>));
  }

  /**
   * Gives all elements of what `fn` makes of each element: an iterable, an iterator, a stream, or a promise of one. One
   * of them is open at a time.
   *
   * @throws {TypeError} in the run, where `fn` answers a string or something that is not iterable.
   * @example
   * await AsyncStream.of(1, 2).flatMap((x) => [x, x * 10]).toArray(); // => [1, 10, 2, 20]
   */
  flatMap<I extends Streamable<unknown> & object>(
    fn: (value: T, index: number, context: Context) => I | PromiseLike<I>,
    options?: Concurrency<T>,
  ): AsyncStream<Element<I>> {
    return this.#put(flatMap(fn as Fn<T, Streamable<Element<I>>>, options));
  }

  /**
   * Gives the elements of what `fn` makes of the latest element: when another one comes, the inner stream before it is
   * closed, and the next one is opened. The stream above is read all the time, also while elements are consumed.
   *
   * What had come of the earlier inner stream and was not consumed yet is dropped. The `signal` of the context is that of
   * one inner stream, and aborts when another one takes its place: pass it to `fetch`. Of elements that come while one is being closed, which is
   * not waited for where it is stuck, only the last one is used. The first error, of either, ends the run.
   *
   * @throws {TypeError} in the run, where `fn` answers a string or something that is not iterable.
   * @example
   * const search = async (text) => {
   *   await new Promise((resolve) => setTimeout(resolve, 1));
   *   return [`results for ${text}`];
   * };
   * await AsyncStream.of('a', 'as', 'asy').switchMap(search).toArray(); // => ['results for asy']
   */
  switchMap<I extends Streamable<unknown> & object>(
    fn: (value: T, index: number, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<Element<I>> {
    return this.#put(switchMap(fn as Fn<T, Streamable<Element<I>>>));
  }

  /**
   * Gives each element, and all that comes of it: the elements of what `fn` makes of it, of what it makes of these, and so
   * on. For trees, and for pages that lead to others. `fn` answers null or undefined where nothing comes of an element.
   *
   * By default level by level, and with `order: 'depth'` each element before all that comes of it. `fn` is called with the
   * element and how many steps it is away from the source, when something of its result is wanted; with `concurrency` ahead
   * of that, and elements are given as they come.
   *
   * @throws {TypeError} in the run, where `fn` answers a string or something that is not iterable.
   * @example
   * const parts = { car: ['engine', 'wheel'], engine: ['piston'] };
   * await AsyncStream.of('car').expand((part) => parts[part]).toArray(); // => ['car', 'engine', 'wheel', 'piston']
   * const down = AsyncStream.of('car').expand((part) => parts[part], { order: 'depth' });
   * await down.toArray(); // => ['car', 'engine', 'piston', 'wheel']
   */
  expand(
    fn: (value: T, depth: number, context: Context) => Children<T> | PromiseLike<Children<T>>,
    options?: ExpandOptions,
  ): AsyncStream<T> {
    return this.#put(expand(fn, options));
  }

  /**
   * Gives the elements of the other inputs after those of this stream. Each is opened when its turn comes.
   *
   * @example
   * await AsyncStream.of(1).concat([2, 3], AsyncStream.of('four')).toArray(); // => [1, 2, 3, 'four']
   */
  concat<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#put(concat(...(others as Input<T | Element<I[number]>>[])));
  }

  /**
   * Gathers elements into arrays of `size`; the last one may be shorter.
   *
   * @throws {RangeError} at the call, where `size` is not a positive integer.
   * @example
   * await AsyncStream.range(0, 5).chunks(2).toArray(); // => [[0, 1], [2, 3], [4]]
   */
  chunks(size: number): AsyncStream<T[]> {
    return this.#put(chunks(size));
  }

  /**
   * Gives each run of `size` adjacent elements, moving on by one. A stream with fewer elements gives no window, or with
   * `'allow-partial'` the one that it fills in part.
   *
   * @throws {RangeError} at the call, where `size` is not a positive integer.
   * @example
   * await AsyncStream.range(0, 4).windows(2).toArray(); // => [[0, 1], [1, 2], [2, 3]]
   */
  windows<N extends number>(size: N, undersized?: 'only-full'): AsyncStream<Window<T, N>>;
  windows(size: number, undersized: 'only-full' | 'allow-partial'): AsyncStream<T[]>;
  windows(size: number, undersized?: 'only-full' | 'allow-partial'): AsyncStream<T[]> {
    return this.#put(windows(size, undersized));
  }

  /**
   * Gathers adjacent elements that have the same key into arrays. Keys are the same as they are in a `Map`.
   *
   * @example
   * await AsyncStream.of('ant', 'ape', 'bee').chunkBy((word) => word[0]).toArray(); // => [['ant', 'ape'], ['bee']]
   */
  chunkBy(key: (value: T, index: number, context: Context) => unknown): AsyncStream<T[]> {
    return this.#put(chunkBy(key));
  }

  /**
   * Gathers elements into arrays, and begins a new one where `predicate` says so of two adjacent elements.
   *
   * @example
   * await AsyncStream.of(1, 2, 5, 6).chunkWhen((previous, next) => next - previous > 1).toArray(); // => [[1, 2], [5, 6]]
   */
  chunkWhen(
    predicate: (previous: T, next: T, index: number, context: Context) => boolean | PromiseLike<boolean>,
  ): AsyncStream<T[]> {
    return this.#put(chunkWhen(predicate));
  }

  /**
   * Gives a live stream for each key, as a pair `[key, group]`, when its first element comes. Keys are the same as they are
   * in a `Map`.
   *
   * All groups are to be read at the same time: a group holds `buffer` elements (default 16), and the source waits while one
   * is full, so that one which nobody reads holds up all others. To be consumed with `concurrency: Infinity`, or as many as
   * `maxKeys`, and in `flatMap` with `ordered: false`. A group ends with the source; before that to make room for another
   * key (`maxKeys`), or when no element of it has come for a while (`idle`). An element whose group has ended, or was left
   * by its consumer, opens the next group of the same key.
   *
   * An error of the source fails all open groups, after the elements that they hold, and this stream. When this stream is
   * left, the source is closed, and groups that are still read fail. A group can be read once.
   *
   * @example
   * const words = AsyncStream.of('ant', 'bee', 'ape', 'bug');
   * const numbered = words
   *   .groupByKey((word) => word[0])
   *   .flatMap(([, group]) => group.map((word, index) => word + index), { concurrency: Infinity, ordered: false });
   * await numbered.toArray(); // => ['ant0', 'bee0', 'ape1', 'bug1']
   */
  groupByKey<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    options?: GroupByKeyOptions,
  ): AsyncStream<[key: K, group: AsyncStream<T>]> {
    return this.#put(groupByKey(key, options, (group) => new AsyncStream<T>(group)));
  }

  // ---------------------------------------------------------------------------------------------------------- text

  /**
   * Turns chunks of bytes into strings. Characters that are split across chunks come out whole.
   *
   * @param encoding a label of the Encoding Standard, default `'utf-8'`.
   * @throws {RangeError} at the call, where the encoding is not known.
   * @throws {TypeError} in the run, where an element is not bytes, or, with `fatal`, the bytes are not valid.
   * @example
   * await AsyncStream.of(new Uint8Array([0xc3]), new Uint8Array([0xa9])).decode().toArray(); // => ['é']
   */
  decode(
    this: AsyncStream<ArrayBuffer | ArrayBufferView>,
    encoding?: string,
    options?: DecodeOptions,
  ): AsyncStream<string> {
    return this.#put(decode(encoding, options));
  }

  /**
   * Gives the lines of a text that comes in chunks of strings or of UTF-8 bytes, without their ends: LF, CRLF and CR. The
   * last line needs no end.
   *
   * @throws {RangeError} in the run, where a line has more than `maxLength` UTF-16 code units.
   * @example
   * await AsyncStream.of('one\ntw', 'o\r\nthree').lines().toArray(); // => ['one', 'two', 'three']
   */
  lines(this: AsyncStream<string | ArrayBuffer | ArrayBufferView>, options?: LinesOptions): AsyncStream<string> {
    return this.#put(lines(options));
  }

  /**
   * Gives what stands between the delimiters in a text that comes in chunks of strings or of UTF-8 bytes.
   * The pieces are those of `String.prototype.split`, but an empty stream has none.
   *
   * @throws {RangeError} at the call, where the delimiter is empty.
   *
   * @example
   * await AsyncStream.of('a;b', 'c;').split(';').toArray(); // => ['a', 'bc', '']
   */
  split(this: AsyncStream<string | ArrayBuffer | ArrayBufferView>, delimiter: string): AsyncStream<string> {
    return this.#put(split(delimiter));
  }

  // ---------------------------------------------------------------------------------------- errors and composition

  /**
   * Where the stream above fails, goes on with the stream that `fn` makes of the error, or ends where it makes none.
   * Errors of later stages and of the consumer are not caught.
   *
   * @example
   * const flaky = AsyncStream.of(1, 2).map((x) => {
   *   if (x === 2) throw new Error('two');
   *   return x;
   * });
   * await flaky.catch((error) => [String(error)]).toArray(); // => [1, 'Error: two']
   */
  catch<I extends Input<unknown> | null | undefined | void>(
    fn: (error: unknown, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<T | Element<I>> {
    return new AsyncStream(catchError<T, Element<I>>(this[SOURCE], fn as never));
  }

  /**
   * Calls `fn` once at the end of each run, however it ends, and waits for it.
   *
   * @example
   * const log = [];
   * await AsyncStream.of(1, 2, 3).finally(() => log.push('done')).first(); // => 1
   * log; // => ['done']
   */
  finally(fn: () => unknown): AsyncStream<T> {
    return this.#put(finallyDo(fn));
  }

  /**
   * Puts on a stage of one's own: any function from the stream to an iterable, such as an `async function*`. It is called
   * once per run. What it leaves open of the stream is closed after it.
   *
   * @example
   * async function* pairwiseSums(numbers) {
   *   let previous = 0;
   *   for await (const number of numbers) yield previous + (previous = number);
   * }
   * await AsyncStream.of(1, 2, 3).pipe(pairwiseSums).toArray(); // => [1, 3, 5]
   */
  pipe<I extends Streamable<unknown>>(
    stage: (stream: AsyncStream<T>, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<Element<I>> {
    return new AsyncStream(pipe(this[SOURCE], (source) => new AsyncStream<T>(source), stage));
  }

  // ----------------------------------------------------------------------------------------------------- combining

  /**
   * Gives the elements of this stream and of all the others in the order in which they come. All are open at once; each is
   * read again when its last element was consumed, and a fast one does not keep the others waiting. The first error ends the
   * run, and all are closed.
   *
   * @example
   * const merged = await AsyncStream.of(1, 2).merge(['a', 'b']).toArray();
   * merged; // => [1, 'a', 2, 'b']
   */
  merge<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return new AsyncStream(merge([this[SOURCE], ...sourcesOf('merge', others)]));
  }

  // --------------------------------------------------------------------------------------------- buffers and time

  /**
   * Reads up to `size` elements ahead, from the first pull on, while earlier ones are consumed. An error of the source comes
   * after what was read before it.
   *
   * @throws {RangeError} at the call, where `size` is not a positive integer (or `Infinity`, which bounds nothing).
   * @throws {OverflowError} in the run, with `overflow: 'error'`, when more elements come than are consumed.
   * @example
   * await AsyncStream.range(0, 5).buffer(2).toArray(); // => [0, 1, 2, 3, 4]
   */
  buffer(size: number, options?: BufferOptions): AsyncStream<T> {
    return this.#put(buffer(size, options));
  }

  // ------------------------------------------------------------------------------------------------------- sharing

  // ------------------------------------------------------------------------------- errors, cancellation, resources

  /**
   * Ends the run at once when the signal aborts, with `signal.reason`, also where the source is stuck. The source is closed.
   * With a signal that has aborted before, it is not opened.
   *
   * @throws {TypeError} at the call, where it is no `AbortSignal`.
   * @example
   * const controller = new AbortController();
   * const stream = AsyncStream.range(0).tap((x) => x === 2 && controller.abort('enough')).withSignal(controller.signal);
   * await stream.toArray().catch((reason) => reason); // => 'enough'
   */
  withSignal(signal: SignalLike): AsyncStream<T> {
    return this.#put(withSignal(signal));
  }

  // ----------------------------------------------------------------------------------------------------- terminals

  /**
   * All elements in an array.
   *
   * @throws {RangeError} in the run, where there are more than `limit` elements: a guard for sources that may not end.
   * @example
   * await AsyncStream.range(0, 3).toArray(); // => [0, 1, 2]
   */
  toArray(options?: ToArrayOptions): Promise<T[]> {
    return this.#run(collectors.toArray<T>(options));
  }

  /**
   * All elements in a `Set`.
   *
   * @example
   * await AsyncStream.of(1, 2, 1).toSet(); // => new Set([1, 2])
   */
  toSet(): Promise<Set<T>> {
    return this.#run(collectors.toSet<T>());
  }

  /**
   * A `Map` of pairs `[key, value]`, or of what `key` and `value` make of each element. Of equal keys the last one wins,
   * unless `merge` says what becomes of the two values.
   *
   * @example
   * await AsyncStream.of('a', 'b').entries().toMap(); // => new Map([[0, 'a'], [1, 'b']])
   * await AsyncStream.of('a', 'bb').toMap((word) => word.length); // => new Map([[1, 'a'], [2, 'bb']])
   */
  toMap<K, V>(
    this: AsyncStream<Pair<K, V>>,
    key?: undefined,
    value?: undefined,
    options?: MergeOptions<K, V>,
  ): Promise<Map<K, V>>;
  toMap<K>(key: (value: T, index: number, context: Context) => K | PromiseLike<K>): Promise<Map<K, T>>;
  toMap<K, V>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value: (value: T, index: number, context: Context) => V | PromiseLike<V>,
    options?: MergeOptions<K, V>,
  ): Promise<Map<K, V>>;
  toMap(...args: never[]): Promise<Map<unknown, unknown>> {
    return this.#run(collectors.toMap(...(args as unknown as [never])));
  }

  /**
   * An object without a prototype, of pairs `[key, value]`, or of what `key` and `value` make of each element. Of equal
   * keys the last one wins, unless `merge` says what becomes of the two values.
   *
   * @example
   * await AsyncStream.of('a', 'bb').toObject((word) => word, (word) => word.length); // => { a: 1, bb: 2 }
   */
  toObject<K extends PropertyKey, V>(
    this: AsyncStream<Pair<K, V>>,
    key?: undefined,
    value?: undefined,
    options?: MergeOptions<K, V>,
  ): Promise<Dictionary<K, V>>;
  toObject<K extends PropertyKey>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
  ): Promise<Dictionary<K, T>>;
  toObject<K extends PropertyKey, V>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value: (value: T, index: number, context: Context) => V | PromiseLike<V>,
    options?: MergeOptions<K, V>,
  ): Promise<Dictionary<K, V>>;
  toObject(...args: never[]): Promise<Dictionary<PropertyKey, unknown>> {
    return this.#run(collectors.toObject(...(args as unknown as [never])));
  }

  /**
   * A `Map` from each key to the elements that have it.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).groupBy((x) => (x % 2 ? 'odd' : 'even')); // => new Map([['odd', [1, 3]], ['even', [2]]])
   */
  groupBy<K>(key: (value: T, index: number, context: Context) => K | PromiseLike<K>): Promise<Map<K, T[]>> {
    return this.#run(collectors.groupBy(key));
  }

  /**
   * A `Map` from each key to how many elements have it.
   *
   * @example
   * await AsyncStream.of('ant', 'bee', 'ape').countBy((word) => word[0]); // => new Map([['a', 2], ['b', 1]])
   */
  countBy<K>(key: (value: T, index: number, context: Context) => K | PromiseLike<K>): Promise<Map<K, number>> {
    return this.#run(collectors.countBy(key));
  }

  /**
   * Folds the elements into one value. Without `initial`, it starts from the first element.
   *
   * @throws {TypeError} in the run, without `initial` on a stream that has no elements.
   * @example
   * await AsyncStream.of(1, 2, 3).reduce((sum, x) => sum + x, 0); // => 6
   */
  reduce(fn: (accumulator: T, value: T, index: number, context: Context) => T | PromiseLike<T>): Promise<T>;
  reduce<R>(
    fn: (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>,
    initial: R,
  ): Promise<R>;
  reduce<R>(
    fn: (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>,
    ...initial: [R?]
  ): Promise<R> {
    return this.#run(collectors.reduce<T, R>(fn, ...(initial as [R])));
  }

  /**
   * Calls `fn` with each element, one after the other, and waits for it: a `for await` loop.
   *
   * @example
   * const seen = [];
   * await AsyncStream.of(1, 2).forEach(async (x) => seen.push(x));
   * seen; // => [1, 2]
   */
  forEach(fn: (value: T, index: number, context: Context) => unknown, options?: Concurrency<T>): Promise<void> {
    const collector = collectors.forEach(fn);
    const limits = limitsOf('forEach', options);
    return limits === undefined ? this.#run(collector) : this.#put(parallel(fn, { ...limits, ordered: false })).drain();
  }

  /**
   * How many elements there are.
   *
   * @example
   * await AsyncStream.of('a', 'b').count(); // => 2
   */
  count(): Promise<number> {
    return this.#run(collectors.count());
  }

  /**
   * The sum of the numbers; 0 if there are none.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).sum(); // => 6
   */
  sum(this: AsyncStream<number>): Promise<number> {
    return this.#run(collectors.sum());
  }

  /**
   * The arithmetic mean of the numbers; NaN if there are none.
   *
   * @example
   * await AsyncStream.of(1, 2, 6).average(); // => 3
   */
  average(this: AsyncStream<number>): Promise<number> {
    return this.#run(collectors.average());
  }

  /**
   * The least element, by `compare` or else by `<`; the first of equals; undefined if there are none. What has no order, such
   * as NaN, is given before all that has, as `Math.min` and `Math.max` do.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).min(); // => 1
   */
  min(this: AsyncStream<Ordered>): Promise<T | undefined>;
  min(compare: (a: T, b: T) => number): Promise<T | undefined>;
  min(compare?: (a: never, b: never) => number): Promise<T | undefined> {
    return this.#run(collectors.min(compare as (a: T, b: T) => number));
  }

  /**
   * The greatest element, by `compare` or else by `<`; the first of equals; undefined if there are none. What has no order, such
   * as NaN, is given before all that has, as `Math.min` and `Math.max` do.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).max(); // => 3
   */
  max(this: AsyncStream<Ordered>): Promise<T | undefined>;
  max(compare: (a: T, b: T) => number): Promise<T | undefined>;
  max(compare?: (a: never, b: never) => number): Promise<T | undefined> {
    return this.#run(collectors.max(compare as (a: T, b: T) => number));
  }

  /**
   * The element whose key is the least, by `<`; the first of equals; undefined if there are none.
   *
   * @example
   * await AsyncStream.of('ccc', 'a', 'bb').minBy((word) => word.length); // => 'a'
   */
  minBy(key: (value: T, index: number, context: Context) => Ordered | PromiseLike<Ordered>): Promise<T | undefined> {
    return this.#run(collectors.minBy(key));
  }

  /**
   * The element whose key is the greatest, by `<`; the first of equals; undefined if there are none.
   *
   * @example
   * await AsyncStream.of('ccc', 'a', 'bb').maxBy((word) => word.length); // => 'ccc'
   */
  maxBy(key: (value: T, index: number, context: Context) => Ordered | PromiseLike<Ordered>): Promise<T | undefined> {
    return this.#run(collectors.maxBy(key));
  }

  /**
   * The `count` greatest elements by `compare` or else by `<`, the greatest first. Holds at most twice as many.
   *
   * @example
   * await AsyncStream.of(3, 1, 4, 1, 5).top(2, (a, b) => a - b); // => [5, 4]
   */
  top(this: AsyncStream<Ordered>, count: number): Promise<T[]>;
  top(count: number, compare: (a: T, b: T) => number): Promise<T[]>;
  top(count: number, compare?: (a: never, b: never) => number): Promise<T[]> {
    return this.#run(collectors.top(count, compare as (a: T, b: T) => number));
  }

  /**
   * The elements as strings in one string, with the separator between them. Null and undefined give nothing, as in
   * `Array.prototype.join`.
   *
   * @example
   * await AsyncStream.of('a', 'b').join('-'); // => 'a-b'
   */
  join(separator?: string): Promise<string> {
    return this.#run(collectors.join(separator));
  }

  /**
   * Whether `predicate` holds for an element. Stops at the first such.
   *
   * @example
   * await AsyncStream.range(0).some((x) => x > 5); // => true
   */
  some(predicate: (value: T, index: number, context: Context) => unknown): Promise<boolean> {
    return this.#run(collectors.some(predicate));
  }

  /**
   * Whether `predicate` holds for all elements. Stops at the first for which it does not.
   *
   * @example
   * await AsyncStream.range(0).every((x) => x < 5); // => false
   */
  every(predicate: (value: T, index: number, context: Context) => unknown): Promise<boolean> {
    return this.#run(collectors.every(predicate));
  }

  /**
   * The first element for which `predicate` holds, or undefined. Stops there.
   *
   * @example
   * await AsyncStream.range(0).find((x) => x * x > 50); // => 8
   */
  find<S extends T>(predicate: (value: T, index: number, context: Context) => value is S): Promise<S | undefined>;
  find(predicate: (value: T, index: number, context: Context) => unknown): Promise<T | undefined>;
  find(predicate: Fn<T, unknown>): Promise<T | undefined> {
    return this.#run(collectors.find(predicate));
  }

  /**
   * The index of the first element for which `predicate` holds, or -1. Stops there.
   *
   * @example
   * await AsyncStream.of('a', 'b').findIndex((letter) => letter === 'b'); // => 1
   */
  findIndex(predicate: (value: T, index: number, context: Context) => unknown): Promise<number> {
    return this.#run(collectors.findIndex(predicate));
  }

  /**
   * Whether the value is among the elements, compared as in `Array.prototype.includes`. Stops where it is found.
   *
   * @example
   * await AsyncStream.of(1, NaN).includes(NaN); // => true
   */
  includes(value: unknown): Promise<boolean> {
    return this.#run(collectors.includes(value));
  }

  /**
   * The first element, after which the source is closed; the default, or undefined, if there is none.
   *
   * @example
   * await AsyncStream.range(7).first(); // => 7
   * await AsyncStream.of().first('none'); // => 'none'
   */
  first(): Promise<T | undefined>;
  first<D>(defaultValue: D): Promise<T | D>;
  first<D>(defaultValue?: D): Promise<T | D | undefined> {
    return this.#run(collectors.first<T, D | undefined>(defaultValue));
  }

  /**
   * The last element; the default, or undefined, if there is none.
   *
   * @example
   * await AsyncStream.of(1, 2).last(); // => 2
   */
  last(): Promise<T | undefined>;
  last<D>(defaultValue: D): Promise<T | D>;
  last<D>(defaultValue?: D): Promise<T | D | undefined> {
    return this.#run(collectors.last<T, D | undefined>(defaultValue));
  }

  /**
   * The element at the index, or undefined. A negative index counts from the end, and holds as many elements.
   *
   * @throws {RangeError} at the call, where the index is not an integer.
   * @example
   * await AsyncStream.of('a', 'b', 'c').at(1); // => 'b'
   * await AsyncStream.of('a', 'b', 'c').at(-1); // => 'c'
   */
  at(index: number): Promise<T | undefined> {
    return this.#run(collectors.at(index));
  }

  /**
   * The only element.
   *
   * @throws {RangeError} in the run, where there is none, or more than one.
   * @example
   * await AsyncStream.of('a').single(); // => 'a'
   */
  single(): Promise<T> {
    return this.#run(collectors.single());
  }

  /**
   * Whether there are no elements. Closes the source at the first one.
   *
   * @example
   * await AsyncStream.of().isEmpty(); // => true
   */
  isEmpty(): Promise<boolean> {
    return this.#run(collectors.isEmpty());
  }

  /**
   * Runs the stream and drops the elements.
   *
   * @example
   * const log = [];
   * await AsyncStream.of(1, 2).tap((x) => log.push(x)).drain();
   * log; // => [1, 2]
   */
  drain(): Promise<void> {
    return this.#run(collectors.drain());
  }

  /**
   * What a collector makes of the elements, or several of them in one pass, each under its name. The source is closed as
   * soon as all have what they want. All terminals are there as `collectors`, and anybody can write one.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).collect({ sum: collectors.sum(), max: collectors.max() }); // => { sum: 6, max: 3 }
   */
  collect<R>(collector: Collector<T, R>): Promise<R>;
  collect<R extends Readonly<Record<string, unknown>>>(collectors: {
    readonly [Name in keyof R]: Collector<T, R[Name]>;
  }): Promise<R>;
  collect(collector: never): Promise<unknown> {
    return this.#run(collectors.collect(collector));
  }

  // ---------------------------------------------------------------------------------------------------- iteration

  /**
   * An iterator over one run: what `for await` uses. Its `return()` takes effect at once, also while a `next()` is
   * pending.
   *
   * @example
   * const seen = [];
   * for await (const x of AsyncStream.range(0)) {
   *   seen.push(x);
   *   if (x === 2) break;
   * }
   * seen; // => [0, 1, 2]
   */
  [Symbol.asyncIterator](): StreamIterator<T> {
    return new Pull(this.#plan<T>());
  }

  /** What other streams take this one for. */
  private get [SOURCE](): Source<T> {
    return this.#stages === undefined ? this.#source : asSource(this.#plan<T>());
  }

  #put<R>(stage: Stage<never, R> | Transform<never, R>): AsyncStream<R> {
    if (typeof stage === 'function') return new AsyncStream(this.#source, { before: this.#stages, stage });
    return new AsyncStream(stage.on(this[SOURCE]));
  }

  #run<R>(collector: Collector<never, R>): Promise<R> {
    return run(this.#plan<never>(), collector);
  }

  #plan<E>(): Plan<E> {
    return {
      source: this.#source,
      link: (last, scope) => {
        let sink: Sink<unknown> = last;
        for (let stages = this.#stages; stages !== undefined; stages = stages.before) {
          sink = stages.stage(sink, scope);
        }
        return sink;
      },
    };
  }
}
