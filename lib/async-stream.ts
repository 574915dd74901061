import type { Dictionary, MergeOptions, ToArrayOptions } from './collectors/index.ts';
import { checkBoolean, checkOptions, checkString, signalOf } from './engine/core/arguments.ts';
import type { Buffering } from './engine/background/buffering.ts';
import type { Children } from './stages/expand/children.ts';
import { CONCURRENCY, type Concurrency, limitsOf } from './engine/concurrency/options.ts';
import type { Collector } from './engine/core/collector.ts';
import type { EventEmitterLike, EventName, EventTargetLike, FirstOf, KnownEvent } from './sources/events.ts';
import { InputSource, listedSourcesOf, sourceOf, sourcesOf } from './engine/feeding/input.ts';
import type { Push } from './sources/push-channel.ts';
import { concurrentMap } from './engine/concurrency/concurrent-map.ts';
import { RunIterator } from './iterating/run-iterator.ts';
import { asSource, type Plan, run } from './engine/core/run.ts';
import { HandReader } from './iterating/hand-reader.ts';
import { type OpenRun, OpenRuns } from './iterating/open-runs.ts';
import type { Call } from './engine/core/call.ts';
import { all, type Context } from './engine/core/scope.ts';
import { ASYNC_DISPOSE, disposable } from './engine/core/dispose.ts';
import { markHandled } from './engine/core/promises.ts';
import type { Sink, Stage } from './engine/core/sink.ts';
import { asCompleted } from './sources/as-completed.ts';
import { channel } from './sources/channel.ts';
import { create, type ElementTypeNeeded, type ProducerFn } from './sources/create.ts';
import { fromEvent, type FromEventOptions } from './sources/from-event.ts';
import { type Source, SOURCE, type Transform, transformed } from './engine/core/source.ts';
import { interval, type IntervalOptions } from './sources/interval.ts';
import { type ItemsNeeded, type PageRequest, paginate, type PaginateOptions } from './sources/paginate.ts';
import { poll, type PollOptions } from './sources/poll.ts';
import { range } from './sources/range.ts';
import { unfold, type Unfolding } from './sources/unfold.ts';
import { using } from './sources/using.ts';
import { buffer, type BufferOptions } from './stages/buffer.ts';
import { catchError } from './stages/catch.ts';
import { chunkBy } from './stages/chunk-by.ts';
import { chunkWhen } from './stages/chunk-when.ts';
import { chunks, type ChunksOptions } from './stages/chunks.ts';
import { combineLatest } from './stages/combine-latest.ts';
import { compact } from './stages/compact.ts';
import { append, concat } from './stages/concat.ts';
import { debounce, type DebounceOptions } from './stages/debounce.ts';
import { decode, type DecodeOptions } from './stages/text/decode.ts';
import { defaultIfEmpty } from './stages/default-if-empty.ts';
import { delay } from './stages/delay.ts';
import { distinct, type DistinctOptions } from './stages/distinct.ts';
import { distinctUntilChanged } from './stages/distinct-until-changed.ts';
import { drop } from './stages/drop.ts';
import { dropLast } from './stages/drop-last.ts';
import { dropWhile } from './stages/drop-while.ts';
import { entries } from './stages/entries.ts';
import { expand, type ExpandOptions } from './stages/expand/expand.ts';
import { filter } from './stages/filter.ts';
import { finallyDo } from './stages/finally.ts';
import { flat, flatMap } from './stages/flat-map.ts';
import { groupByKey, type GroupByKeyOptions } from './stages/group-by-key/group-by-key.ts';
import { heartbeat } from './stages/heartbeat.ts';
import { interleave } from './stages/interleave.ts';
import { intersperse } from './stages/intersperse.ts';
import { lines, type LinesOptions } from './stages/text/lines.ts';
import { map } from './stages/map.ts';
import { mapSettled } from './stages/map-settled.ts';
import { merge } from './stages/merge.ts';
import { partition } from './stages/partition.ts';
import { pipe } from './stages/pipe.ts';
import { pipeThrough, type TransformStreamLike } from './stages/pipe-through.ts';
import { pipeTo, type PipeToOptions } from './stages/pipe-to.ts';
import { prepend } from './stages/prepend.ts';
import { rateLimit, type RateLimitOptions } from './stages/rate-limit.ts';
import { mergeKeyed } from './stages/merge-keyed.ts';
import { mergeSorted } from './stages/merge-sorted.ts';
import { race } from './stages/race.ts';
import { repeat } from './stages/repeat.ts';
import { sample } from './stages/sample.ts';
import { retry, type RetryOptions } from './stages/retry.ts';
import { scan } from './stages/scan.ts';
import { share, type ShareOptions } from './stages/share.ts';
import { split } from './stages/text/split.ts';
import { exhaustMap, switchMap } from './stages/switch-map.ts';
import { take } from './stages/take.ts';
import { takeLast } from './stages/take-last.ts';
import { type Stop, takeUntil } from './stages/take-until.ts';
import { takeWhile, type TakeWhileOptions } from './stages/take-while.ts';
import { observe, type Observer, tap } from './stages/tap.ts';
import { throttle, type ThrottleOptions } from './stages/throttle.ts';
import { tee } from './stages/tee.ts';
import { timeout, type TimeoutOptions } from './stages/timeout.ts';
import { toSorted } from './stages/to-sorted.ts';
import { windows } from './stages/windows.ts';
import { withLatestFrom } from './stages/with-latest-from.ts';
import { withSignal } from './stages/with-signal.ts';
import { yieldEvery } from './stages/yield-every.ts';
import { zip, type ZipOptions } from './stages/zip.ts';
import { zipKeyed } from './stages/zip-keyed.ts';
import { toReadableStream, type ToReadableStreamOptions } from './iterating/to-readable-stream.ts';
import type { Destination } from './engine/writing/writer.ts';
import { draw, explain, type Explanation } from './inspecting/explain.ts';
import { type Progress, progress, type ProgressOptions } from './inspecting/progress.ts';
import { type Profile, profile, type ProfileOptions, type Rebuild } from './inspecting/profile.ts';
import { type Trace, traceOf } from './inspecting/trace.ts';
import type { Ordered } from './engine/structures/comparison.ts';
import type {
  DisposableIterator,
  Element,
  Elements,
  Ending,
  Fn,
  Input,
  Inputs,
  Keyed,
  Padded,
  PaddedKeyed,
  Pair,
  SignalLike,
  Streamable,
  Tagged,
  Truthy,
  WebReadableStream,
  Window,
} from './types.ts';
import * as collectors from './collectors/index.ts';

export interface IteratorOptions {
  /**
   * Whether `return()`, and so the end of a `for await` loop by `break`, closes the source. Otherwise the source stays open,
   * and what is left can be had by `rest()`. Default true.
   */
  readonly close?: boolean | undefined;
}

/** Reads one run by hand. Calls that do not wait for each other are answered in their order. */
export interface StreamIterator<T> extends DisposableIterator<T> {
  /** The next element, or the default where there is none. */
  nextOr<D>(defaultValue: D): Promise<T | D>;
  /** The result that `next()` will return, without taking it. */
  peek(): Promise<IteratorResult<T, undefined>>;
  /**
   * The next `count` elements, or as many as there are. An error that comes after some of them is told to the next
   * call.
   */
  pull(count: number): Promise<T[]>;
  /**
   * The elements that are left, as a stream that can be run once, and that closes the source as any stream does. Ends
   * the iterator: whether the source is closed is the affair of that stream from now on.
   */
  rest(): AsyncStream<T>;
}

/** A stage put on the ones before it. */
interface Stages {
  readonly before: Stages | undefined;
  readonly stage: Stage<never, never>;
  readonly call: Call;
}

/**
 * A lazy sequence of elements that are computed and awaited one after the other.
 *
 * Each method returns a new stream and runs nothing. A terminal (a method that returns a promise) or a `for await` loop
 * runs the stream: it opens the source, pulls only the elements that it needs, and closes the source however the run
 * ends.
 *
 * Arguments of a wrong kind are a `TypeError`, and those out of their range a `RangeError`, at the call that gets them.
 *
 * A stream has private fields, so a method called on a `Proxy` of it throws. In Vue, put it into reactive state as
 * `markRaw(stream)`.
 *
 * @example
 * const names = AsyncStream.from(['ada', 'alan', 'grace'])
 *   .filter((name) => name.startsWith('a'))
 *   .map((name) => name.toUpperCase());
 * await names.toArray(); // => ['ADA', 'ALAN']
 */
export class AsyncStream<out T> implements AsyncIterable<T>, AsyncDisposable {
  readonly #source: Source<unknown>;
  readonly #stages: Stages | undefined;
  /** The call that made this stream. */
  readonly #call: Call;
  #runs: OpenRuns | undefined;

  private constructor(source: Source<unknown>, call: Call, stages?: Stages) {
    this.#source = source;
    this.#call = call;
    this.#stages = stages;
    disposable(this);
  }

  static {
    // So that `console.log` shows the plan in Node and Deno.
    for (const inspector of ['nodejs.util.inspect.custom', 'Deno.customInspect']) {
      Object.defineProperty(this.prototype, Symbol.for(inspector), { value: this.prototype.toString });
    }
  }

  // ---------------------------------------------------------------------------------------------------- sources

  /**
   * Streams the elements of any async or sync iterable, iterator, web `ReadableStream` or Node `Readable`, or of what a
   * function makes of these for each run.
   *
   * Iterables that start anew each time (arrays, most collections) and functions make streams that can be run again. An
   * iterator, a generator object or a readable stream can be run once: a second run rejects with `StreamConsumedError`.
   * Promises among the elements of a sync iterable are awaited. The function gets a context whose `signal` aborts when
   * the consumer leaves, and may return a promise. Strings are refused wherever a method takes an input: for the
   * characters of a text, use `[...text]`.
   *
   * A `readline` interface stays open when it is left early, as it does in `for await`: open its input by `using`.
   *
   * @throws {TypeError} at the call, if the input is none of these.
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
      : AsyncStream.#made(sourceOf(input, 'from: input'), 'from', input);
  }

  /**
   * Emits the given values. Promises are awaited when they are reached, and are marked as handled at once. Without
   * values, the stream is empty.
   *
   * @example
   * await AsyncStream.of(1, Promise.resolve(2)).toArray(); // => [1, 2]
   */
  static of<T = never>(...values: (T | PromiseLike<T>)[]): AsyncStream<T>;
  static of<V extends unknown[]>(...values: V): AsyncStream<Awaited<V[number]>>;
  static of<T>(...values: (T | PromiseLike<T>)[]): AsyncStream<T> {
    values.forEach(markHandled);
    return AsyncStream.#made(sourceOf(values, 'of: values'), 'of', ...values);
  }

  /**
   * Counts from `start` up to `end`, which is not among the numbers, in steps that may be negative or fractions.
   * Without `end` it never ends.
   *
   * @throws {RangeError} at the call, if `start` or `step` is not finite, `step` is 0, or `end` is NaN.
   * @example
   * await AsyncStream.range(0, 3).toArray(); // => [0, 1, 2]
   * await AsyncStream.range(3, 0, -1).toArray(); // => [3, 2, 1]
   */
  static range(start: number, end?: number, step?: number): AsyncStream<number> {
    return AsyncStream.#made(sourceOf(range(start, end, step), 'range'), 'range', start, end, step);
  }

  /**
   * Computes elements one by one from a state: `step` returns `[element, nextState]`, and null or undefined at the end.
   *
   * @throws {TypeError} in the run, if `step` returns something else.
   * @example
   * const powers = AsyncStream.unfold(1, (state) => (state < 100 ? [state, state * 3] : null));
   * await powers.toArray(); // => [1, 3, 9, 27, 81]
   */
  static unfold<T, S>(seed: S, step: Unfolding<T, S>): AsyncStream<T> {
    return AsyncStream.#made(unfold(seed, step), 'unfold', seed, step);
  }

  /**
   * Fetches page after page, and streams their elements.
   *
   * `fetchPage` finds in its request whatever the API counts by: `page`, `offset` and `size`, or the `cursor` that
   * `next` took from the page before, and a `signal` that aborts when the page is no longer wanted. With `next`, the
   * last page is the one whose cursor is null or undefined; otherwise with `totalPages`, the last of these; otherwise the first
   * empty page ends the stream. Requests never overlap.
   *
   * @throws {TypeError} in the run, if a page (or what `items` returns) is not an array: with `pages` it need not be
   * one where `next` or `totalPages` says which is the last; where `next` returns a promise, or `totalPages` no number.
   * @throws {RangeError} in the run, if `totalPages` returns NaN or a negative number, or if `next` returns the same
   * cursor (compared by `Object.is`) twice in a row, which would request one page for ever. For an API that repeats its
   * cursor, return a new object that holds it.
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
  /** Streams the elements of pages that are arrays. */
  static paginate<T, C = string>(
    fetchPage: (request: PageRequest<C>) => readonly T[] | PromiseLike<readonly T[]>,
    options?: PaginateOptions<readonly T[], T, C>,
  ): AsyncStream<T>;
  /** Returns no stream: a page that is not an array needs the option `items`, or `pages: true` to emit whole pages. */
  static paginate<P, C = string>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options?: PaginateOptions<P, never, C>,
  ): unknown extends P ? AsyncStream<unknown> : ItemsNeeded<P>;
  static paginate<P, T, C>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options?: PaginateOptions<P, T, C>,
  ): AsyncStream<P | T> & ItemsNeeded<P> {
    const fetched = paginate(fetchPage, options);
    const pages = AsyncStream.#made(fetched, 'paginate', fetchPage, options);
    return pages
      .#put<P | T>(options?.pages ? map(({ page }) => page) : flatMap(({ items }) => items))
      .#whole() as never;
  }

  /**
   * Opens a resource for each run, streams what `use` makes of it, and closes it once, whatever happens.
   *
   * Closed by `close`, or else by the resource's own `Symbol.asyncDispose`, `Symbol.dispose` or `close()`. What `use`
   * gave is closed before the resource. A resource that comes when the consumer has already left is closed when it
   * comes.
   *
   * @throws {TypeError} in the run, if there is no way to close the resource, or what `use` gives is not iterable.
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
    return AsyncStream.#made(using(open, use, close), 'using', open, use, close);
  }

  /**
   * Emits the values of the promises, each as soon as it is fulfilled. The first rejection fails the stream. After
   * that, or once the consumer leaves, the remaining promises are ignored.
   *
   * The iterable is read on the first pull. Promises passed in an array or a `Set` are marked as handled at once, so an
   * early rejection is not reported as unhandled.
   *
   * @throws {TypeError} at the call, if it is no (sync) iterable.
   * @example
   * const slow = new Promise((resolve) => setTimeout(resolve, 1, 'slow'));
   * await AsyncStream.asCompleted([slow, Promise.resolve('fast'), 'at once']).toArray(); // => ['fast', 'at once', 'slow']
   */
  static asCompleted<V>(promises: Iterable<V>): AsyncStream<Awaited<V>> {
    return AsyncStream.#made(asCompleted(promises), 'asCompleted', promises);
  }

  /**
   * Counts from 0, one number at each multiple of `milliseconds` since the start, without ever drifting. Never ends.
   *
   * It starts with the first pull. Ticks that pass while the consumer is busy are skipped, not queued. The count still
   * increases by one per element.
   *
   * @throws {RangeError} at the call, if `milliseconds` is less than 1, or more than a timer takes.
   * @example
   * await AsyncStream.interval(2).take(3).toArray(); // => [0, 1, 2]
   */
  static interval(milliseconds: number, options?: IntervalOptions): AsyncStream<number> {
    return AsyncStream.#made(interval(milliseconds, options), 'interval', milliseconds, options);
  }

  /**
   * Calls `fn` again and again, and gives what it answers: at once, and then `every` so many milliseconds after the end
   * of the call before, or when the consumer wants the next one, if that is later. Calls never overlap.
   *
   * With `until`, the first value for which it holds is the last one; without, it never ends. A call underway when the
   * consumer leaves is abandoned: `signal` of its context aborts. An error of a call ends the stream.
   *
   * @example
   * const states = ['queued', 'running', 'done'];
   * const job = AsyncStream.poll((index) => states[index], { every: 2, until: (state) => state === 'done' });
   * await job.toArray(); // => ['queued', 'running', 'done']
   */
  static poll<T>(fn: (index: number, context: Context) => T | PromiseLike<T>, options: PollOptions<T>): AsyncStream<T> {
    return AsyncStream.#made(poll(fn, options), 'poll', fn, options);
  }

  /**
   * Streams what `producer` pushes: a bridge from callbacks. It is called at the first pull of each run.
   *
   * `push(element)` returns true when there is room for the element, or a promise of it, and false once the stream has
   * ended or its consumer has left. A producer that cannot wait either takes another `overflow` policy, or fails the
   * stream with an `OverflowError` when one more comes while 1024 wait. The stream ends with `push.end()`, and fails
   * with `push.fail(error)`, or with what the producer throws, after the elements before.
   *
   * A function that the producer returns, or promises, is its cleanup: it is called once, however the run ends, and
   * awaited. An async producer that promises no cleanup ends the stream when it is done; any other goes on until
   * `push.end()`. After `push.end()`, the stream waits for an async producer to be done; a consumer that leaves does
   * not, and then the cleanup is called when it comes.
   *
   * @throws {RangeError} at the call, if `buffer` (default 16) is negative or not whole; 0 needs `'block'`.
   * @example
   * const ticks = AsyncStream.create<string>((push) => {
   *   const timer = setInterval(() => push('tick'), 1);
   *   return () => clearInterval(timer);
   * });
   * await ticks.take(2).toArray(); // => ['tick', 'tick']
   * const counted = AsyncStream.create<number>(async (push) => {
   *   for (let i = 0; i < 3; i++) await push(i);
   * });
   * await counted.toArray(); // => [0, 1, 2]
   */
  static create<T = ElementTypeNeeded>(producer: ProducerFn<T>, options?: Buffering): AsyncStream<T> {
    return AsyncStream.#made(create(producer, options), 'create', producer, options);
  }

  /**
   * A stream, and what pushes elements into it from outside, ends it and fails it: see `create`. The stream can be run
   * once. What is pushed before it runs waits for it, also where it has been ended by then.
   *
   * @throws {RangeError} at the call, if `buffer` (default 16) is negative or not whole; 0 needs `'block'`.
   * @example
   * const { stream, push, end } = AsyncStream.channel<string>();
   * push('a');
   * push('b');
   * end();
   * await stream.toArray(); // => ['a', 'b']
   * push('c'); // => false
   */
  static channel<T = ElementTypeNeeded>(
    options?: Buffering,
  ): {
    readonly stream: AsyncStream<T>;
    readonly push: Push<T>;
    readonly end: () => void;
    readonly fail: (error: unknown) => void;
  } {
    const { source, push } = channel<T>(options);
    return { stream: AsyncStream.#made(source, 'channel', options), push, end: push.end, fail: push.fail };
  }

  /**
   * Streams the events of an `EventTarget` or an `EventEmitter`: of each its first argument, or what `select` makes of
   * its arguments while the event is sent. It listens from the first pull of each run on, or with `eager` from the call
   * on; the listeners are removed however the run ends.
   *
   * The type of the event is known from a handler property (`onclick`, `onmessage`) or from the overloads of `on`. A
   * target with both kinds of methods, such as the socket of `ws`, is listened to as an `EventTarget`.
   *
   * An emitter that emits `'error'` fails the stream. Events cannot wait: when more than `buffer` (default 1024) have
   * come before they were consumed, the stream fails with an `OverflowError`, or drops some with another `overflow`
   * policy.
   *
   * @throws {TypeError} at the call, if it is neither an `EventTarget` nor an `EventEmitter`.
   * @throws {RangeError} at the call, if `overflow` is `'block'`, or `buffer` is not a positive integer or
   * `Infinity`.
   * @example
   * const target = new EventTarget();
   * const types = AsyncStream.fromEvent(target, 'ping', { end: 'stop', eager: true, select: (event) => event.type });
   * target.dispatchEvent(new Event('ping'));
   * target.dispatchEvent(new Event('stop'));
   * await types.toArray(); // => ['ping']
   */
  static fromEvent<T extends object, const N extends EventName, R>(
    target: T,
    name: [KnownEvent<T, N>] extends [never] ? never : N,
    options: FromEventOptions & { readonly select: (...args: KnownEvent<T, N>) => R },
  ): AsyncStream<R>;
  static fromEvent<T extends object, const N extends EventName>(
    target: T,
    name: [KnownEvent<T, N>] extends [never] ? never : N,
    options?: FromEventOptions,
  ): AsyncStream<FirstOf<KnownEvent<T, N>>>;
  static fromEvent<E, R>(
    target: EventTargetLike<E>,
    name: EventName,
    options: FromEventOptions & { readonly select: (event: E) => R },
  ): AsyncStream<R>;
  static fromEvent<A extends unknown[], R>(
    target: EventTargetLike<unknown> | EventEmitterLike,
    name: EventName,
    options: FromEventOptions & { readonly select: (...args: A) => R },
  ): AsyncStream<R>;
  static fromEvent<T>(target: EventTargetLike<T>, name: EventName, options?: FromEventOptions): AsyncStream<T>;
  static fromEvent<T = unknown>(
    target: EventTargetLike<unknown> | EventEmitterLike,
    name: EventName,
    options?: FromEventOptions,
  ): AsyncStream<T>;
  static fromEvent(target: object, name: EventName, options?: FromEventOptions): AsyncStream<unknown> {
    const stream = AsyncStream.#made(fromEvent(target, name, options), 'fromEvent', target, name, options);
    return options?.signal === undefined ? stream : stream.#put(withSignal(options.signal)).#whole();
  }

  // ----------------------------------------------------------------------------------- element-wise, and limiting

  /**
   * Emits the result of `fn` for each element. A promise that it returns is awaited before the next element is taken.
   * `concurrency` (default 1) is the number of callbacks that run at once. Results keep the source order unless
   * `ordered` is false.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).map(async (x) => x * 2).toArray(); // => [2, 4, 6]
   */
  map<R>(
    fn: (value: T, index: number, context: Context) => R | PromiseLike<R>,
    options?: Concurrency<T>,
  ): AsyncStream<R> {
    return this.#put(map(fn, options), 'map', fn, options);
  }

  /**
   * Emits the outcome of `fn` for each element: `{ status: 'fulfilled', value }`, or `{ status: 'rejected', reason }`
   * with what `fn` fails with, as `Promise.allSettled` does. Errors of the source still fail the stream. `concurrency`
   * is as in `map`.
   *
   * @example
   * const parsed = AsyncStream.of('1', '{').mapSettled((text) => JSON.parse(text));
   * await parsed.map(({ status }) => status).toArray(); // => ['fulfilled', 'rejected']
   */
  mapSettled<R>(
    fn: (value: T, index: number, context: Context) => R | PromiseLike<R>,
    options?: Concurrency<T>,
  ): AsyncStream<PromiseSettledResult<R>> {
    return this.#put(mapSettled(fn, options), 'mapSettled', fn, options);
  }

  /**
   * Keeps the elements for which `predicate` returns something truthy, or a promise of it. Narrows the type by a guard,
   * by a predicate that TypeScript sees through, and by `Boolean`. `concurrency` is as in `map`.
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
    return this.#put(filter(predicate, options), 'filter', predicate, options);
  }

  /**
   * Drops null and undefined, and nothing else.
   *
   * @example
   * await AsyncStream.of(0, null, '', undefined).compact().toArray(); // => [0, '']
   */
  compact(): AsyncStream<T & {}> {
    return this.#put(compact(), 'compact');
  }

  /**
   * Pairs each element with its index, which comes first.
   *
   * @example
   * await AsyncStream.of('a', 'b').entries().toArray(); // => [[0, 'a'], [1, 'b']]
   */
  entries(): AsyncStream<[index: number, value: T]> {
    return this.#put(entries(), 'entries');
  }

  /**
   * Calls `fn` with each element before it goes on, and passes the elements on as they are. With an observer, also
   * tells of the start, of an error or the natural end of the upstream, and of the end of the run. What is told is
   * awaited.
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
    if (typeof fn !== 'object' || fn === null) return this.#put(tap(fn), 'tap', fn);
    const { next, close } = fn;
    const observed = this.#put(observe(fn), 'tap', fn);
    const closing = close === undefined ? observed : observed.#put(finallyDo(close));
    return next === undefined ? closing : closing.#put(tap(next));
  }

  /**
   * Emits the first `count` elements, and closes the source with the last of them. `take(0)` opens nothing.
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is allowed.
   * @example
   * await AsyncStream.range(0).take(3).toArray(); // => [0, 1, 2]
   */
  take(count: number): AsyncStream<T> {
    return this.#put(take(count), 'take', count);
  }

  /**
   * Leaves out the first `count` elements.
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is allowed.
   * @example
   * await AsyncStream.range(0, 5).drop(3).toArray(); // => [3, 4]
   */
  drop(count: number): AsyncStream<T> {
    return this.#put(drop(count), 'drop', count);
  }

  /**
   * Emits elements for as long as `predicate` holds, and then closes the source. With `inclusive`, the first element
   * for which it does not hold is still given.
   *
   * @example
   * await AsyncStream.range(0).takeWhile((x) => x < 3).toArray(); // => [0, 1, 2]
   * await AsyncStream.range(0).takeWhile((x) => x < 3, { inclusive: true }).toArray(); // => [0, 1, 2, 3]
   */
  takeWhile<S extends T>(
    predicate: (value: T, index: number, context: Context) => value is S,
    options?: TakeWhileOptions & { readonly inclusive?: false | undefined },
  ): AsyncStream<S>;
  takeWhile(
    predicate: (value: T, index: number, context: Context) => unknown,
    options?: TakeWhileOptions,
  ): AsyncStream<T>;
  takeWhile(predicate: Fn<T, unknown>, options?: TakeWhileOptions): AsyncStream<T> {
    return this.#put(takeWhile(predicate, options), 'takeWhile', predicate, options);
  }

  /**
   * Emits elements until something stops it, and then ends, as if the source had: when a signal aborts, a promise is
   * fulfilled, or an iterable gives its first element. One that ends without an element never stops it.
   *
   * It ends at once, also where the source is stuck, and closes the source. What the consumer is doing with an element
   * by then is not interrupted. With a signal that has aborted before, the source is not opened. A promise that rejects
   * and an iterable that fails fail the stream.
   *
   * @throws {TypeError} at the call, if `stop` is none of these.
   * @example
   * const controller = new AbortController();
   * const stream = AsyncStream.range(0).tap((x) => x === 2 && controller.abort());
   * await stream.takeUntil(controller.signal).toArray(); // => [0, 1]
   */
  takeUntil(stop: Stop): AsyncStream<T> {
    return this.#put(takeUntil(stop), 'takeUntil', stop);
  }

  /**
   * Leaves out elements for as long as `predicate` holds, and gives all from there on.
   *
   * @example
   * await AsyncStream.of(1, 5, 2).dropWhile((x) => x < 3).toArray(); // => [5, 2]
   */
  dropWhile(predicate: (value: T, index: number, context: Context) => unknown): AsyncStream<T> {
    return this.#put(dropWhile(predicate), 'dropWhile', predicate);
  }

  /**
   * Emits the last `count` elements, once the source has ended. Holds: at most `count` elements.
   * If the source fails, the elements held are dropped.
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is none.
   * @example
   * await AsyncStream.range(0, 5).takeLast(2).toArray(); // => [3, 4]
   */
  takeLast(count: number): AsyncStream<T> {
    return this.#put(takeLast(count), 'takeLast', count);
  }

  /**
   * Emits all but the last `count` elements, each as soon as `count` more have come. Holds: at most `count` elements.
   * If the source fails, the elements held are dropped.
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is none.
   * @example
   * await AsyncStream.range(0, 5).dropLast(2).toArray(); // => [0, 1, 2]
   */
  dropLast(count: number): AsyncStream<T> {
    return this.#put(dropLast(count), 'dropLast', count);
  }

  /**
   * Drops elements that came before, or whose `key` did. Keys are the same as they are in a `Set`. All keys are
   * remembered; with `limit` only so many, the oldest being forgotten first.
   *
   * @example
   * await AsyncStream.of(1, 2, 1, 3, 2).distinct().toArray(); // => [1, 2, 3]
   */
  distinct(key?: (value: T, index: number, context: Context) => unknown, options?: DistinctOptions): AsyncStream<T> {
    return this.#put(distinct(key, options), 'distinct', key, options);
  }

  /**
   * Drops elements that are the same as the last one given, or whose `key` is, by `equals` or otherwise as keys of a `Map`
   * are.
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
    return this.#put(distinctUntilChanged(key, equals), 'distinctUntilChanged', key, equals);
  }

  /**
   * Emits each intermediate result of a `reduce`. The seed itself is not given; without one, the first element is the
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
    return this.#put(scan(fn, ...(seed as [R])), 'scan', fn, ...seed);
  }

  /**
   * Emits the values first, before the source is opened. Promises are awaited when they are reached; one that rejects
   * before is not unhandled, but fails the stream when its turn comes.
   *
   * @example
   * await AsyncStream.of(3).prepend(1, 2).toArray(); // => [1, 2, 3]
   */
  prepend<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>> {
    return this.#put(prepend<T | Awaited<V[number]>>(...(values as Awaited<V[number]>[])), 'prepend', ...values);
  }

  /**
   * Emits the values last, when the source has ended. Those that are promises are awaited in their turn; one that
   * rejects before is not unhandled, but fails the stream when its turn comes.
   *
   * @example
   * await AsyncStream.of(1).append(2, 3).toArray(); // => [1, 2, 3]
   */
  append<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>> {
    return this.#put(append<T | Awaited<V[number]>>(...(values as Awaited<V[number]>[])), 'append', ...values);
  }

  /**
   * Puts the separator between each two elements.
   *
   * @example
   * await AsyncStream.of('a', 'b', 'c').intersperse('-').toArray(); // => ['a', '-', 'b', '-', 'c']
   */
  intersperse<U>(separator: U | PromiseLike<U>): AsyncStream<T | U> {
    return this.#put(intersperse(separator), 'intersperse', separator);
  }

  /**
   * Emits the value if the stream is empty.
   *
   * @example
   * await AsyncStream.of().defaultIfEmpty('none').toArray(); // => ['none']
   */
  defaultIfEmpty<U>(value: U | PromiseLike<U>): AsyncStream<T | U> {
    return this.#put(defaultIfEmpty(value), 'defaultIfEmpty', value);
  }

  /**
   * Runs the stream `count` times in a row, without a count for ever. Needs a source that can be run again, else the
   * second pass rejects with `StreamConsumedError`. A pass without elements is the last one.
   *
   * @example
   * await AsyncStream.of(1, 2).repeat(2).toArray(); // => [1, 2, 1, 2]
   */
  repeat(count?: number): AsyncStream<T> {
    return this.#put(repeat(count), 'repeat', count);
  }

  /**
   * Emits the elements in the order of `compare`, or otherwise as `Array.prototype.toSorted` does, once the source has
   * ended. Holds: all elements.
   * If the source fails, the elements held are dropped.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).toSorted((a, b) => a - b).toArray(); // => [1, 2, 3]
   */
  toSorted(compare?: (a: T, b: T) => number): AsyncStream<T> {
    return this.#put(toSorted(compare), 'toSorted', compare);
  }

  /**
   * Lets timers and I/O run during long synchronous runs: whenever more than `milliseconds` (default 5) have gone by
   * without one, before the next element goes on.
   *
   * @example
   * await AsyncStream.range(0, 1000).yieldEvery(10).count(); // => 1000
   */
  yieldEvery(milliseconds?: number): AsyncStream<T> {
    return this.#put(yieldEvery(milliseconds), 'yieldEvery', milliseconds);
  }

  // ---------------------------------------------------------------------------------- flattening, chunks, windows

  /**
   * Emits the elements of the elements, which are iterables: one level. `concurrency` is as in `flatMap`.
   *
   * @throws {TypeError} in the run, if an element is a string or no iterable.
   * @example
   * await AsyncStream.of([1, 2], [], [3]).flat().toArray(); // => [1, 2, 3]
   */
  flat<I extends Streamable<unknown> & object>(
    this: AsyncStream<I>,
    options?: Concurrency<T>,
  ): AsyncStream<Element<I>> {
    return this.#put(flat(options as Concurrency<Streamable<Element<I>>>), 'flat', options);
  }

  /**
   * Emits all elements of the result of `fn` for each element: an iterable, an iterator, a stream, or a promise of one. One
   * of them is open at a time.
   *
   * With `concurrency`, so many are open at once. In order, each holds its share of `buffer` elements (default one
   * each) until its turn comes, and as many as `buffer` that have ended wait for theirs; with `ordered: false` their
   * elements are given as they come.
   *
   * @throws {TypeError} in the run, if `fn` returns a string or something that is not iterable.
   * @example
   * await AsyncStream.of(1, 2).flatMap((x) => [x, x * 10]).toArray(); // => [1, 10, 2, 20]
   */
  flatMap<I extends Streamable<unknown> & object>(
    fn: (value: T, index: number, context: Context) => I | PromiseLike<I>,
    options?: Concurrency<T>,
  ): AsyncStream<Element<I>> {
    return this.#put(flatMap(fn as Fn<T, Streamable<Element<I>>>, options), 'flatMap', fn, options);
  }

  /**
   * Emits the elements of the stream that `fn` returns for the latest element. When another element arrives, the
   * previous inner stream is closed and the next one is opened. The upstream is read all the time, also while elements
   * are consumed.
   *
   * What had come of the earlier inner stream and was not consumed yet is dropped. The `signal` of the context is that
   * of one inner stream, and aborts when another one takes its place: pass it to `fetch`. Of elements that come while
   * one is being closed, which is not waited for where it is stuck, only the last one is used. The first error, of
   * either, ends the run.
   *
   * @throws {TypeError} in the run, if `fn` returns a string or something that is not iterable.
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
    return this.#put(switchMap(fn as Fn<T, Streamable<Element<I>>>), 'switchMap', fn);
  }

  /**
   * Emits the elements of the stream that `fn` returns for an element, and drops the elements that arrive before that
   * stream has ended: a second click while the first one is still saving. The source is read on all the time.
   *
   * Holds: at most one element of the inner stream.
   *
   * @throws {TypeError} in the run, if `fn` returns a string or a value that is not iterable.
   * @example
   * const save = async (version) => {
   *   await new Promise((resolve) => setTimeout(resolve, 1));
   *   return [`saved ${version}`];
   * };
   * await AsyncStream.of(1, 2, 3).exhaustMap(save).toArray(); // => ['saved 1']
   */
  exhaustMap<I extends Streamable<unknown> & object>(
    fn: (value: T, index: number, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<Element<I>> {
    return this.#put(exhaustMap(fn as Fn<T, Streamable<Element<I>>>), 'exhaustMap', fn);
  }

  /**
   * Emits each element and, recursively, the elements that `fn` returns for it. For trees, and for pages that lead to
   * others. `fn` returns null or undefined where nothing comes of an element.
   *
   * By default level by level, and with `order: 'depth'` each element before all that comes of it. `fn` is called with
   * the element and how many steps it is away from the source, when something of its result is wanted; with
   * `concurrency` ahead of that, and elements are given as they come.
   *
   * @throws {TypeError} in the run, if `fn` returns a string or something that is not iterable.
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
    return this.#put(expand(fn, options), 'expand', fn, options);
  }

  /**
   * Emits the elements of the other inputs after those of this stream. Each is opened when its turn comes. Pages that
   * lead to each other are for `paginate`, `unfold` and `expand`: streams nested in one another by hundreds fill the
   * stack.
   *
   * @example
   * await AsyncStream.of(1).concat([2, 3], AsyncStream.of('four')).toArray(); // => [1, 2, 3, 'four']
   */
  concat<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#put(concat(...(others as Input<T | Element<I[number]>>[])), 'concat', ...others);
  }

  /**
   * Emits the elements in arrays of `size`; the last one may be shorter.
   * If the source fails, the elements held are emitted before the error.
   *
   * - With `within`, a chunk waits only so many milliseconds for more elements after its first one, and is then emitted.
   *   No chunk is empty. While the consumer is busy, the next chunk fills up to its size.
   * - With `maxWeight`, a chunk ends before the element with which it would weigh more.
   * - With either of them, `size` may be Infinity: chunks of a time or of a weight. A chunk that only `within` bounds
   *   takes no more elements once its time is over.
   *
   * @throws {RangeError} at the call, if `size` is not a positive integer, or Infinity without another limit.
   * @example
   * await AsyncStream.range(0, 5).chunks(2).toArray(); // => [[0, 1], [2, 3], [4]]
   * const words = AsyncStream.of('a', 'bc', 'defg', 'h');
   * await words.chunks(9, { weight: (word) => word.length, maxWeight: 3 }).toArray(); // => [['a', 'bc'], ['defg'], ['h']]
   */
  chunks(size: number, options?: ChunksOptions<T>): AsyncStream<T[]> {
    return this.#put(chunks(size, options), 'chunks', size, options);
  }

  /**
   * Emits each run of `size` adjacent elements, moving on by one. A stream with fewer elements emits no window, or with
   * `'allow-partial'` one that is not full. If the source fails, a window that is not full is dropped.
   *
   * @throws {RangeError} at the call, if `size` is not a positive integer.
   * @example
   * await AsyncStream.range(0, 4).windows(2).toArray(); // => [[0, 1], [1, 2], [2, 3]]
   */
  windows<N extends number>(size: N, undersized?: 'only-full'): AsyncStream<Window<T, N>>;
  windows(size: number, undersized: 'only-full' | 'allow-partial'): AsyncStream<T[]>;
  windows(size: number, undersized?: 'only-full' | 'allow-partial'): AsyncStream<T[]> {
    return this.#put(windows(size, undersized), 'windows', size, undersized);
  }

  /**
   * Emits adjacent elements that have the same key in one array. Keys are compared as in a `Map`.
   * If the source fails, the elements held are emitted before the error.
   *
   * @example
   * await AsyncStream.of('ant', 'ape', 'bee').chunkBy((word) => word[0]).toArray(); // => [['ant', 'ape'], ['bee']]
   */
  chunkBy(key: (value: T, index: number, context: Context) => unknown): AsyncStream<T[]> {
    return this.#put(chunkBy(key), 'chunkBy', key);
  }

  /**
   * Emits the elements in arrays, and begins a new one if `predicate` returns true for two adjacent elements.
   * If the source fails, the elements held are emitted before the error.
   *
   * @example
   * await AsyncStream.of(1, 2, 5, 6).chunkWhen((previous, next) => next - previous > 1).toArray(); // => [[1, 2], [5, 6]]
   */
  chunkWhen(
    predicate: (previous: T, next: T, index: number, context: Context) => boolean | PromiseLike<boolean>,
  ): AsyncStream<T[]> {
    return this.#put(chunkWhen(predicate), 'chunkWhen', predicate);
  }

  /**
   * Emits a live stream for each key, as a pair `[key, group]`, when its first element comes. Keys are the same as they
   * are in a `Map`.
   *
   * All groups are to be read at the same time: a group holds `buffer` elements (default 16), and the source waits
   * while one is full, so that one which nobody reads holds up all others. To be consumed with `concurrency: Infinity`,
   * or as many as `maxKeys`, and in `flatMap` with `ordered: false`. A group ends with the source; before that to make
   * room for another key (`maxKeys`), or when no element of it has come for a while (`idle`). An element whose group
   * has ended, or was left by its consumer, opens the next group of the same key.
   *
   * An error of the source fails all open groups, after the elements that they hold, and this stream. When this stream
   * is left, the source is closed, and groups that are still read fail. A group can be read once.
   *
   * @throws {GroupStalledError} in the run, if the consumer waits for the next element of every group that it has taken,
   *   while the source waits for room in a group that it has not taken. Not with `idle`, which ends groups.
   * @example
   * const words = AsyncStream.of('ant', 'bee', 'ape', 'bug');
   * const numbered = words
   *   .groupByKey((word) => word[0])
   *   .flatMap(([, group]) => group.map((word, index) => word + index), { concurrency: Infinity, ordered: false });
   * await numbered.toSet(); // => new Set(['ant0', 'bee0', 'ape1', 'bug1'])
   */
  groupByKey<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    options?: GroupByKeyOptions,
  ): AsyncStream<[key: K, group: AsyncStream<T>]> {
    return this.#put(
      groupByKey(key, options, (group) => AsyncStream.#made<T>(group, 'group')),
      'groupByKey',
      key,
      options,
    );
  }

  // ---------------------------------------------------------------------------------------------------------- text

  /**
   * Turns chunks of bytes into strings. Characters that are split across chunks come out whole.
   *
   * @param encoding a label of the Encoding Standard, default `'utf-8'`.
   * @throws {RangeError} at the call, if the encoding is not known.
   * @throws {TypeError} in the run, if an element is not bytes, or, with `fatal`, the bytes are not valid.
   * @example
   * await AsyncStream.of(new Uint8Array([0xc3]), new Uint8Array([0xa9])).decode().toArray(); // => ['é']
   */
  decode(
    this: AsyncStream<ArrayBuffer | ArrayBufferView>,
    encoding?: string,
    options?: DecodeOptions,
  ): AsyncStream<string> {
    return this.#put(decode(encoding, options), 'decode', encoding, options);
  }

  /**
   * Emits the lines of a text that arrives in chunks of strings or UTF-8 bytes, without their ends: LF, CRLF and CR.
   * The last line needs no end.
   *
   * @throws {RangeError} in the run, if a line has more than `maxLength` (default `Infinity`) UTF-16 code units.
   * @throws {TypeError} in the run, if an element is neither a string nor bytes.
   * @example
   * await AsyncStream.of('one\ntw', 'o\r\nthree').lines().toArray(); // => ['one', 'two', 'three']
   */
  lines(this: AsyncStream<string | ArrayBuffer | ArrayBufferView>, options?: LinesOptions): AsyncStream<string> {
    return this.#put(lines(options), 'lines', options);
  }

  /**
   * Splits a text that arrives in chunks of strings or UTF-8 bytes at each delimiter. The pieces are those of
   * `String.prototype.split`, but an empty stream has none.
   *
   * @throws {RangeError} at the call, if the delimiter is empty.
   * @throws {TypeError} in the run, if an element is neither a string nor bytes.
   * @example
   * await AsyncStream.of('a;b', 'c;').split(';').toArray(); // => ['a', 'bc', '']
   */
  split(this: AsyncStream<string | ArrayBuffer | ArrayBufferView>, delimiter: string): AsyncStream<string> {
    return this.#put(split(delimiter), 'split', delimiter);
  }

  // ---------------------------------------------------------------------------------------- errors and composition

  /**
   * Where the upstream fails, goes on with the stream that `fn` makes of the error, or ends where it makes none.
   * Errors of later stages and of the consumer are not caught, nor is the reason of a signal that has aborted.
   *
   * @throws {TypeError} in the run, if `fn` returns something that is not iterable, and neither null nor undefined.
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
    return this.#put(catchError<T, Element<I>>(fn as never), 'catch', fn);
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
    return this.#put(finallyDo(fn), 'finally', fn);
  }

  /**
   * Puts on a stage of one's own: any function from the stream to an iterable, such as an `async function*`. It is
   * called once per run. What it leaves open of the stream is closed after it.
   *
   * @throws {TypeError} in the run, if the stage answers something that is not iterable.
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
    return this.#put<Element<I>>(
      pipe((source: Source<T>) => new AsyncStream<T>(source, { ...this.#call, origin: source }), stage),
      'pipe',
      stage,
    );
  }

  /**
   * Emits what a web `{ readable, writable }` pair (`TextDecoderStream`, `DecompressionStream`, any `TransformStream`)
   * or a Node `Duplex` (`zlib.createGunzip()`, a CSV parser) makes of the elements.
   *
   * The source is read while the transform has room. A transform can be used once: pass a function that returns one to
   * run the stream again. It may emit before it has taken an element, and it ends the stream when its output ends. The
   * first error of the source or of either side of the transform fails the stream. An early stop or an error closes the
   * source and aborts or destroys the transform: the elements inside it are dropped.
   *
   * Holds: what the transform holds, at most one element beyond its high-water marks.
   *
   * @throws {TypeError} at the call, if it is not a transform, or is locked, ended or destroyed; in the run, if a
   * function returns such a value, or if an element for a Node stream is null.
   * @throws {StreamConsumedError} in the run, if the transform was used before.
   * @example
   * const bytes = AsyncStream.of(new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac]));
   * await bytes.pipeThrough(() => new TextDecoderStream()).join(''); // => '€'
   */
  pipeThrough<R>(
    transform:
      | TransformStreamLike<T, R>
      | ((context: Context) => TransformStreamLike<T, R> | PromiseLike<TransformStreamLike<T, R>>),
  ): AsyncStream<R> {
    return this.#put(pipeThrough(transform), 'pipeThrough', transform);
  }

  // ----------------------------------------------------------------------------------------------------- combining

  /**
   * Emits the elements of one input after the other. Each is opened when its turn comes.
   *
   * @example
   * await AsyncStream.concat([1, 2], AsyncStream.of('three')).toArray(); // => [1, 2, 'three']
   */
  static concat<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.of().concat(...inputs);
  }

  /**
   * Emits the elements of all inputs in the order in which they come. All are open at once; each is read again when its
   * last element was consumed, and a fast one does not keep the others waiting. The first error ends the run, and all
   * are closed. Of nothing, the empty stream.
   *
   * @example
   * await AsyncStream.merge([1, 2], ['a', 'b']).toArray(); // => [1, 'a', 2, 'b']
   */
  static merge<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.#made(merge(sourcesOf('merge', inputs)), 'merge', ...inputs);
  }

  /**
   * Emits the elements of this stream and of all the others in the order in which they come. All are open at once; each
   * is read again when its last element was consumed, and a fast one does not keep the others waiting. The first error
   * ends the run, and all are closed.
   *
   * @example
   * const merged = await AsyncStream.of(1, 2).merge(['a', 'b']).toArray();
   * merged; // => [1, 'a', 2, 'b']
   */
  merge<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#with(
      merge([this[SOURCE], ...sourcesOf<T | Element<I[number]>>('merge', others as never)]),
      'merge',
      ...others,
    );
  }

  /**
   * Merges the inputs, and gives each element with the name of the one that it is from: `[name, element]`.
   *
   * @example
   * const prices = AsyncStream.mergeKeyed({ gold: [51, 52], silver: [7] });
   * await prices.toArray(); // => [['gold', 51], ['silver', 7], ['gold', 52]]
   */
  static mergeKeyed<R extends Inputs>(inputs: R): AsyncStream<Tagged<R>> {
    return AsyncStream.#made(mergeKeyed(inputs), 'mergeKeyed', inputs);
  }

  /**
   * Emits rows of one element of each input, read at the same time when the row is wanted. Ends, and closes the others,
   * with the first that ends; in mode `'longest'` with the last one, and `padding` stands for what is missing.
   *
   * @throws {TypeError} in the run, in mode `'strict'` where the inputs do not end at the same time.
   * @example
   * await AsyncStream.zip([['a', 'b'], [1, 2, 3]]).toArray(); // => [['a', 1], ['b', 2]]
   * await AsyncStream.zip([['a'], [1, 2]], { mode: 'longest', padding: ['-'] }).toArray(); // => [['a', 1], ['-', 2]]
   */
  static zip<I extends readonly Input<unknown>[]>(
    inputs: readonly [...I],
    options?: ZipOptions & { readonly mode?: 'shortest' | 'strict' | undefined },
  ): AsyncStream<Elements<I>>;
  static zip<I extends readonly Input<unknown>[], P extends readonly unknown[] = []>(
    inputs: readonly [...I],
    options: ZipOptions<readonly [...P]>,
  ): AsyncStream<Padded<I, P>>;
  static zip(inputs: readonly Input<unknown>[], options?: ZipOptions): AsyncStream<unknown> {
    return AsyncStream.#made(zip(listedSourcesOf('zip', inputs, options), options), 'zip', inputs, options);
  }

  /**
   * Emits rows of one element of this stream and of each of the others, read at the same time when the row is wanted.
   * Ends, and closes the others, with the first that ends.
   *
   * @example
   * await AsyncStream.of('a', 'b').zip(AsyncStream.range(0)).toArray(); // => [['a', 0], ['b', 1]]
   */
  zip<I extends Input<unknown>[]>(...others: I): AsyncStream<[T, ...Elements<I>]> {
    return this.#with(zip([this[SOURCE], ...sourcesOf<unknown>('zip', others)]), 'zip', ...others);
  }

  /**
   * As `zip`, of inputs by their names: rows are objects, without a prototype.
   *
   * @throws {TypeError} in the run, in mode `'strict'` where the inputs do not end at the same time.
   * @example
   * const points = AsyncStream.zipKeyed({ x: [1, 2], y: [3] }, { mode: 'longest', padding: { y: 0 } });
   * await points.map(({ x, y }) => x + y).toArray(); // => [4, 2]
   */
  static zipKeyed<R extends Inputs>(
    inputs: R,
    options?: ZipOptions<Partial<Record<keyof R, unknown>>> & { readonly mode?: 'shortest' | 'strict' | undefined },
  ): AsyncStream<Keyed<R>>;
  static zipKeyed<R extends Inputs, P extends Partial<Record<keyof R, unknown>> = object>(
    inputs: R,
    options: ZipOptions<P>,
  ): AsyncStream<PaddedKeyed<R, P>>;
  static zipKeyed(inputs: Inputs, options?: ZipOptions<Readonly<Record<string, unknown>>>): AsyncStream<unknown> {
    return AsyncStream.#made(zipKeyed(inputs, options), 'zipKeyed', inputs, options);
  }

  /**
   * Emits a row of the latest elements for each element that arrives, once each input has emitted one. Until then, the
   * inputs are read on and only the latest element of each is kept; after that, none is dropped: an input is read again
   * when its last element was consumed. Ends with the last input, or when an input ends without an element.
   *
   * Holds: at most two elements of each input.
   *
   * @example
   * await AsyncStream.combineLatest(['a'], [1, 2]).toArray(); // => [['a', 1], ['a', 2]]
   */
  static combineLatest<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Elements<I>> {
    return AsyncStream.#made(combineLatest(sourcesOf('combineLatest', inputs)), 'combineLatest', ...inputs);
  }

  /**
   * Emits a row of the latest elements of this stream and of the others for each element that comes, from when there is
   * one of each. None is dropped: each is read again when its last element was consumed, and for the second time when
   * all have given one. Ends with the last of them, or where one has no element.
   *
   * @example
   * await AsyncStream.of('a').combineLatest([1, 2]).toArray(); // => [['a', 1], ['a', 2]]
   */
  combineLatest<I extends Input<unknown>[]>(...others: I): AsyncStream<[T, ...Elements<I>]> {
    return this.#with(
      combineLatest([this[SOURCE], ...sourcesOf<unknown>('combineLatest', others)]),
      'combineLatest',
      ...others,
    );
  }

  /**
   * Emits each element in a row with the latest of each of the others, which are read in the background from the first
   * pull on, as fast as they give. Elements that come before each of the others has given one are dropped. Ends with
   * this stream. An error of another one ends the run; its end does not.
   *
   * @example
   * await AsyncStream.of('a', 'b').withLatestFrom([1, 2]).toArray(); // => [['a', 2], ['b', 2]]
   */
  withLatestFrom<I extends Input<unknown>[]>(...others: I): AsyncStream<[T, ...Elements<I>]> {
    return this.#with(
      withLatestFrom([this[SOURCE], ...sourcesOf<unknown>('withLatestFrom', others)]),
      'withLatestFrom',
      ...others,
    );
  }

  /**
   * Emits the elements of the input that is the first to emit one or to fail. The others are closed then; a stuck one
   * is not waited for. An input without elements does not win.
   *
   * @example
   * const slow = AsyncStream.of(new Promise(() => {}));
   * await AsyncStream.race(slow, [], [1, 2]).toArray(); // => [1, 2]
   */
  static race<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.#made(race(sourcesOf('race', inputs)), 'race', ...inputs);
  }

  /**
   * Emits the elements of this stream or of another one, whichever is the first to emit one or to fail. All but that
   * one are closed then; a stuck one is not waited for. One without elements does not win.
   *
   * @example
   * const slow = AsyncStream.of(new Promise(() => {}));
   * await slow.race([1, 2]).toArray(); // => [1, 2]
   */
  race<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#with(race([this[SOURCE], ...sourcesOf('race', others)]), 'race', ...others);
  }

  /**
   * Emits one element of each input in turn. Each is read when its turn comes; one that has ended is left out.
   *
   * @example
   * await AsyncStream.interleave([1, 2, 3], ['a']).toArray(); // => [1, 'a', 2, 3]
   */
  static interleave<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.#made(interleave(sourcesOf('interleave', inputs)), 'interleave', ...inputs);
  }

  /**
   * Emits one element of this stream and of each of the others in turn. Each is read when its turn comes; one that has
   * ended is left out.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).interleave(['a']).toArray(); // => [1, 'a', 2, 3]
   */
  interleave<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#with(interleave([this[SOURCE], ...sourcesOf('interleave', others)]), 'interleave', ...others);
  }

  /**
   * Merges inputs that are in order by `compare`, or else by `<`, into one that is; of equal elements, that of an
   * earlier input comes first. Holds one element of each.
   *
   * @example
   * await AsyncStream.mergeSorted([[1, 4], [2, 3]]).toArray(); // => [1, 2, 3, 4]
   */
  static mergeSorted<I extends Input<Ordered>[]>(inputs: readonly [...I]): AsyncStream<Element<I[number]>>;
  static mergeSorted<I extends Input<unknown>[]>(
    inputs: readonly [...I],
    compare: (a: Element<I[number]>, b: Element<I[number]>) => number,
  ): AsyncStream<Element<I[number]>>;
  static mergeSorted<T>(inputs: readonly Input<T>[], compare?: (a: T, b: T) => number): AsyncStream<T> {
    return AsyncStream.#made(
      mergeSorted(listedSourcesOf('mergeSorted', inputs, compare), compare),
      'mergeSorted',
      inputs,
      compare,
    );
  }

  // --------------------------------------------------------------------------------------------- buffers and time

  /**
   * Reads up to `size` elements ahead, from the first pull on, while earlier ones are consumed. An error of the source
   * comes after what was read before it.
   *
   * @throws {RangeError} at the call, if `size` is not a positive integer (or `Infinity`, which bounds nothing), or
   * `refillAt` not less than `size`.
   * @throws {OverflowError} in the run, with `overflow: 'error'`, when more elements come than are consumed.
   * @example
   * await AsyncStream.range(0, 5).buffer(2).toArray(); // => [0, 1, 2, 3, 4]
   */
  buffer(size: number, options?: BufferOptions): AsyncStream<T> {
    return this.#put(buffer(size, options), 'buffer', size, options);
  }

  /**
   * Lets at most `limit` elements through within any `interval` milliseconds, and loses none: one that comes too early
   * waits, and the source with it. `burst` says how many of them may go at once; with `burst: 1` they are spaced
   * evenly. Remembers the times of the last `limit` elements.
   *
   * With one character for 10 ms:
   *
   *     source                                       [abcde]---|
   *     source.rateLimit({ limit: 2, interval: 30 })  [ab]--[cd]--[e|]
   *
   * @throws {RangeError} at the call, if `limit` is not a positive integer, `burst` not one up to `limit`, or
   * `interval` less than a millisecond or more than a timer takes (2 ** 31 - 1 ms).
   * @example
   * const requests = AsyncStream.of('/a', '/b', '/c').rateLimit({ limit: 2, interval: 5 });
   * await requests.toArray(); // => ['/a', '/b', '/c']
   */
  rateLimit(options: RateLimitOptions): AsyncStream<T> {
    return this.#put(rateLimit(options), 'rateLimit', options);
  }

  /**
   * Emits an element at most once in `milliseconds`: one that comes after a quiet time at once, and then, whenever the
   * time is over, the last one that has come meanwhile. The others are dropped.
   *
   * The source is read all the time, from the first pull on. Where the consumer is busy, only the last element is kept
   * for it. At the end, and before an error of the source, the last one that is still to be given comes without delay.
   *
   * With one character for 10 ms:
   *
   *     source                                    abc-d-----e-f-g|
   *     source.throttle(30)                       a--c--d---e--f-[g|]
   *     source.throttle(30, { trailing: false })  a---d-----e---g|
   *     source.throttle(30, { leading: false })   ---c--d------f-[g|]
   *
   * @throws {RangeError} at the call, if `milliseconds` is negative or more than a timer takes (2 ** 31 - 1), or
   * neither the leading nor the trailing element is wanted.
   * @example
   * await AsyncStream.of(1, 2, 3).throttle(5).toArray(); // => [1, 3]
   */
  throttle(milliseconds: number, options?: ThrottleOptions): AsyncStream<T> {
    return this.#put(throttle(milliseconds, options), 'throttle', milliseconds, options);
  }

  /**
   * Gives, every `milliseconds` from the first pull on, the last element that has come, where one has come since. The
   * others are dropped.
   *
   * The source is read all the time. Where the consumer is busy, only the last element is kept for it. At the end, and
   * before an error of the source, the last one that is still to be given comes without delay.
   *
   * With one character for 10 ms:
   *
   *     source             ab--c-----de-f|
   *     source.sample(30)  ---b--c-----e-[f|]
   *
   * @throws {RangeError} at the call, if `milliseconds` is less than 1 or more than a timer takes (2 ** 31 - 1).
   * @example
   * await AsyncStream.of(1, 2, 3).sample(5).toArray(); // => [3]
   */
  sample(milliseconds: number): AsyncStream<T> {
    return this.#put(sample(milliseconds), 'sample', milliseconds);
  }

  /**
   * Emits an element when the source has been silent for `milliseconds` after it. The others are dropped. A source that
   * does not fall silent puts it off, for no longer than `maxWait` milliseconds where that is given.
   *
   * The source is read all the time, from the first pull on. Where the consumer is busy, only the last element is kept
   * for it. At the end, and before an error of the source, the last one that is still to be given comes without delay.
   *
   * With one character for 10 ms:
   *
   *     source                                ab----cdef-gh----i|
   *     source.debounce(30)                   ----b----------h--[i|]
   *     source.debounce(30, { maxWait: 40 })  ----b-----f----h--[i|]
   *
   * @throws {RangeError} at the call, if a time is negative or more than a timer takes (2 ** 31 - 1 ms), or
   * `maxWait` is less than `milliseconds`.
   * @example
   * await AsyncStream.of('a', 'as', 'async').debounce(5).toArray(); // => ['async']
   */
  debounce(milliseconds: number, options?: DebounceOptions): AsyncStream<T> {
    return this.#put(debounce(milliseconds, options), 'debounce', milliseconds, options);
  }

  /**
   * Holds each element back for `milliseconds`. The next one is read only then: it is a pause before each element, and
   * no shift of all of them in time. The end and an error of the source are not held back.
   *
   * With one character for 10 ms:
   *
   *     source            a----b--c|
   *     source.delay(20)  --a----b--[c|]
   *
   * @throws {RangeError} at the call, if `milliseconds` is negative or more than a timer takes (2 ** 31 - 1).
   * @example
   * await AsyncStream.of(1, 2).delay(1).toArray(); // => [1, 2]
   */
  delay(milliseconds: number): AsyncStream<T> {
    return this.#put(delay(milliseconds), 'delay', milliseconds);
  }

  /**
   * Fails where an element, or the whole run, takes too long: with a `DOMException` whose name is `'TimeoutError'`,
   * also where the source is stuck for ever. The source is closed.
   *
   * A number of milliseconds limits the wait for each element, counted from when the upstream is asked for it: a
   * slow consumer is no reason. `first` is for the first element in place of `each`. `total` is for the whole run,
   * whoever takes the time; stages between which elements are buffered are runs of their own.
   *
   * @throws {RangeError} at the call, if a time is negative or more than a timer takes (2 ** 31 - 1 ms).
   * @throws {TimeoutError} in the run, which `catch` sees as any other error.
   * @example
   * const silent = AsyncStream.from(() => new ReadableStream());
   * await silent.timeout(5).toArray().catch((error) => error.message); // => 'timeout: no element came within 5 ms'
   */
  timeout(limits: number | TimeoutOptions): AsyncStream<T> {
    return this.#put(timeout(limits), 'timeout', limits);
  }

  /**
   * Emits the value whenever the upstream has been silent for `milliseconds`, again and again as long as it is
   * silent. Silence is the wait for an element that was asked for: the consumer's time is none. At most one value waits
   * for a slow consumer.
   *
   * @throws {RangeError} at the call, if `milliseconds` is less than 1, or more than a timer takes.
   * @example
   * const silent = AsyncStream.from(() => new ReadableStream());
   * await silent.heartbeat(2, 'ping').take(2).toArray(); // => ['ping', 'ping']
   */
  heartbeat<U>(milliseconds: number, value: U): AsyncStream<T | U> {
    return this.#put(heartbeat(milliseconds, value), 'heartbeat', milliseconds, value);
  }

  // ------------------------------------------------------------------------------------------------------- sharing

  /**
   * Splits the stream into `count` branches that give all of its elements each, over one run of it. The run starts with
   * the first pull of a branch, and is closed when the last branch has left. Each branch can be run once. An error
   * reaches each of them, after the elements before it.
   *
   * The branches are to be read at the same time, or closed: up to `buffer` elements (default 16) wait for one that is
   * behind, and then the others wait for it, or what `overflow` says happens to that one. Where nobody has begun to
   * read it a turn of the event loop later, the others fail with a `TeeStalledError` that names it.
   *
   * @throws {RangeError} at the call, if `count` or `buffer` is not a positive integer.
   * @throws {TeeStalledError} in the run, if a branch holds up the others and nobody reads it.
   * @example
   * const [one, other] = AsyncStream.of(1, 2, 3).tee();
   * await Promise.all([one.toArray(), other.sum()]); // => [[1, 2, 3], 6]
   */
  tee<N extends number = 2>(count?: N, options?: Buffering): Window<AsyncStream<T>, N> {
    return tee(this[SOURCE], count, options).map((branch) => this.#sharing(branch, 'tee', count, options)) as Window<
      AsyncStream<T>,
      N
    >;
  }

  /**
   * Splits the stream in two, over one run of it: the elements for which `guard` returns something truthy, or a promise
   * of it, and the rest. For both the same holds as for the branches of `tee`.
   *
   * @throws {RangeError} at the call, if `buffer` is not a positive integer.
   * @throws {TeeStalledError} in the run, if a side holds up the other and nobody reads it.
   * @example
   * const [even, odd] = AsyncStream.range(0, 5).partition((x) => x % 2 === 0);
   * await Promise.all([even.toArray(), odd.toArray()]); // => [[0, 2, 4], [1, 3]]
   */
  partition<S extends T>(
    guard: (value: T, index: number, context: Context) => value is S,
    options?: Buffering,
  ): [matching: AsyncStream<S>, rest: AsyncStream<Exclude<T, S>>];
  partition(
    guard: (value: T, index: number, context: Context) => unknown,
    options?: Buffering,
  ): [matching: AsyncStream<T>, rest: AsyncStream<T>];
  partition(guard: Fn<T, unknown>, options?: Buffering): [matching: AsyncStream<T>, rest: AsyncStream<T>] {
    const [matching, rest] = partition(this[SOURCE], guard, options);
    return [this.#sharing(matching, 'partition', guard, options), this.#sharing(rest, 'partition', guard, options)];
  }

  /**
   * Emits all of its consumers the elements of one run. It starts with the first of them; those that begin in the same
   * turn get the same elements; those that come while it runs get what comes from then on, and before that the last
   * `replay` elements (default 0). It is closed when the last consumer leaves. Who comes after its end starts a new
   * run, for which the source must be one that can be run again.
   *
   * Up to `buffer` elements (default 16) wait for a consumer that is behind. Then the others wait for it, or what
   * `overflow` says happens to that one.
   *
   * @throws {RangeError} at the call, if `replay` is negative or not whole, or `buffer` is not a positive integer.
   * Both may be `Infinity`.
   * @example
   * let runs = 0;
   * const shared = AsyncStream.from(() => [++runs]).share();
   * await Promise.all([shared.toArray(), shared.toArray()]); // => [[1], [1]]
   * await shared.toArray(); // => [2]
   */
  share(options?: ShareOptions): AsyncStream<T> {
    return this.#sharing(share(this[SOURCE], options), 'share', options);
  }

  // ------------------------------------------------------------------------------- errors, cancellation, resources

  /**
   * Ends the run at once when the signal aborts, with `signal.reason`, also where the source is stuck. The source is
   * closed, and that is waited for, unless it is in the middle of an element. With a signal that has aborted before, it
   * is not opened. `catch` and `retry` let the reason pass. A stage of one's own that comes later (`pipe`) is told of
   * it as of an error.
   *
   * @throws {TypeError} at the call, if it is no `AbortSignal`.
   * @example
   * const controller = new AbortController();
   * const stream = AsyncStream.range(0).tap((x) => x === 2 && controller.abort('enough')).withSignal(controller.signal);
   * await stream.toArray().catch((reason) => reason); // => 'enough'
   */
  withSignal(signal: SignalLike): AsyncStream<T> {
    return this.#put(withSignal(signal), 'withSignal', signal);
  }

  /**
   * If the upstream fails, closes it, waits, and runs it again, up to `times` (default 3) times; after that, the last
   * error is passed on. Errors of later stages and of the consumer are not retried, and neither are aborts.
   *
   * The upstream starts from its beginning: **elements that were already emitted are emitted again**. With `resume`,
   * which returns a stream that continues after the last element, each is emitted once. `times` counts all failures;
   * with `resume` or `resetOnSuccess`, only failures in a row. To repeat single calls, wrap the callback in `retrying`.
   *
   * During a wait, the run ends at once when the consumer leaves, or when the signal of the terminal or of a
   * `withSignal` downstream aborts. A signal upstream is looked at when the stream is run again.
   *
   * @throws {TypeError} at the call, without `resume` on a stream whose source can be run only once: an iterator, a
   * generator object, a readable stream. Where that comes out in the run, with a `StreamConsumedError` whose `cause` is
   * the first error.
   * @example
   * const texts = ['one', 'two', 'three'];
   * let failures = 0;
   * const read = async function* (from) {
   *   for (let n = from; n < texts.length; n++) {
   *     if (n === 1 && failures++ < 2) throw new Error('unreachable');
   *     yield texts[n];
   *   }
   * };
   * const resume = (_last, emitted) => read(emitted);
   * await AsyncStream.from(() => read(0)).retry({ resume }).toArray(); // => ['one', 'two', 'three']
   */
  retry<I extends Input<unknown> = never>(options?: RetryOptions<T, I>): AsyncStream<T | Element<I>> {
    return this.#with(retry<T | Element<I>>(this[SOURCE], options as never), 'retry', options);
  }

  // ----------------------------------------------------------------------------------------------------- terminals

  /**
   * All elements in an array.
   *
   * @throws {RangeError} in the run, if there are more than `limit` elements: a guard for sources that may not end.
   * @example
   * await AsyncStream.range(0, 3).toArray(); // => [0, 1, 2]
   */
  toArray(options?: ToArrayOptions & Ending): Promise<T[]> {
    return this.#run('toArray', collectors.toArray<T>(options), options, 'limit');
  }

  /**
   * All elements in a `Set`.
   *
   * @example
   * await AsyncStream.of(1, 2, 1).toSet(); // => new Set([1, 2])
   */
  toSet(options?: Ending): Promise<Set<T>> {
    return this.#run('toSet', collectors.toSet<T>(), options);
  }

  /**
   * A `Map` of pairs `[key, value]`, or of what `key` and `value` make of each element. Of equal keys the last one
   * wins, unless `merge` says what becomes of the two values.
   *
   * @throws {TypeError} in the run, without a `key`, where an element is not a pair.
   * @example
   * await AsyncStream.of('a', 'b').entries().toMap(); // => new Map([[0, 'a'], [1, 'b']])
   * await AsyncStream.of('a', 'bb').toMap((word) => word.length); // => new Map([[1, 'a'], [2, 'bb']])
   */
  toMap<K, V>(
    this: AsyncStream<Pair<K, V>>,
    key?: undefined,
    value?: undefined,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Map<K, V>>;
  toMap<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value?: undefined,
    options?: Ending,
  ): Promise<Map<K, T>>;
  toMap<K, V>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value: (value: T, index: number, context: Context) => V | PromiseLike<V>,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Map<K, V>>;
  toMap(...args: never[]): Promise<Map<unknown, unknown>> {
    return this.#run('toMap', collectors.toMap(...(args as unknown as [never])), args[2], 'merge');
  }

  /**
   * An object without a prototype, of pairs `[key, value]`, or of what `key` and `value` make of each element. Of equal
   * keys the last one wins, unless `merge` says what becomes of the two values.
   *
   * @throws {TypeError} in the run, without a `key`, where an element is not a pair.
   * @example
   * await AsyncStream.of('a', 'bb').toObject((word) => word, (word) => word.length); // => { a: 1, bb: 2 }
   */
  toObject<K extends PropertyKey, V>(
    this: AsyncStream<Pair<K, V>>,
    key?: undefined,
    value?: undefined,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Dictionary<K, V>>;
  toObject<K extends PropertyKey>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value?: undefined,
    options?: Ending,
  ): Promise<Dictionary<K, T>>;
  toObject<K extends PropertyKey, V>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value: (value: T, index: number, context: Context) => V | PromiseLike<V>,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Dictionary<K, V>>;
  toObject(...args: never[]): Promise<Dictionary<PropertyKey, unknown>> {
    return this.#run('toObject', collectors.toObject(...(args as unknown as [never])), args[2], 'merge');
  }

  /**
   * A `Map` from each key to the elements that have it.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).groupBy((x) => (x % 2 ? 'odd' : 'even')); // => new Map([['odd', [1, 3]], ['even', [2]]])
   */
  groupBy<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    options?: Ending,
  ): Promise<Map<K, T[]>> {
    return this.#run('groupBy', collectors.groupBy(key), options);
  }

  /**
   * A `Map` from each key to how many elements have it.
   *
   * @example
   * await AsyncStream.of('ant', 'bee', 'ape').countBy((word) => word[0]); // => new Map([['a', 2], ['b', 1]])
   */
  countBy<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    options?: Ending,
  ): Promise<Map<K, number>> {
    return this.#run('countBy', collectors.countBy(key), options);
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
    options?: Ending,
  ): Promise<R>;
  reduce<R>(
    fn: (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>,
    ...args: [initial?: R, options?: Ending]
  ): Promise<R> {
    return this.#run('reduce', collectors.reduce<T, R>(fn, ...(args.slice(0, 1) as [R])), args[1]);
  }

  /**
   * Calls `fn` with each element, one after the other, and waits for it: a `for await` loop. With `concurrency`
   * (default 1) up to `concurrency` calls run at once, and an error ends the run as it comes: `ordered` makes no difference.
   *
   * @example
   * const seen = [];
   * await AsyncStream.of(1, 2).forEach(async (x) => seen.push(x));
   * seen; // => [1, 2]
   */
  forEach(
    fn: (value: T, index: number, context: Context) => unknown,
    options?: Concurrency<T> & Ending,
  ): Promise<void> {
    const collector = collectors.forEach(fn);
    const limits = limitsOf('forEach', options, 'signal');
    if (limits === undefined) return this.#run('forEach', collector, options, ...CONCURRENCY);
    const mapped = this.#put(concurrentMap(fn, { ...limits, ordered: false }));
    return mapped.#run('forEach', collectors.drain(), options, ...CONCURRENCY);
  }

  /**
   * How many elements there are.
   *
   * @example
   * await AsyncStream.of('a', 'b').count(); // => 2
   */
  count(options?: Ending): Promise<number> {
    return this.#run('count', collectors.count(), options);
  }

  /**
   * The sum of the numbers; 0 if there are none.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).sum(); // => 6
   */
  sum(this: AsyncStream<number>, options?: Ending): Promise<number> {
    return this.#run('sum', collectors.sum(), options);
  }

  /**
   * The arithmetic mean of the numbers; NaN if there are none.
   *
   * @example
   * await AsyncStream.of(1, 2, 6).average(); // => 3
   */
  average(this: AsyncStream<number>, options?: Ending): Promise<number> {
    return this.#run('average', collectors.average(), options);
  }

  /**
   * The least element, by `compare` or else by `<`; the first of equals; undefined if there are none. What has no
   * order, such as NaN, is given before all that has, as `Math.min` and `Math.max` do.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).min(); // => 1
   */
  min(this: AsyncStream<Ordered>, compare?: undefined, options?: Ending): Promise<T | undefined>;
  min(compare: (a: T, b: T) => number, options?: Ending): Promise<T | undefined>;
  min(compare?: (a: never, b: never) => number, options?: Ending): Promise<T | undefined> {
    return this.#run('min', collectors.min(compare as (a: T, b: T) => number), options);
  }

  /**
   * The greatest element, by `compare` or else by `<`; the first of equals; undefined if there are none. What has no
   * order, such as NaN, is given before all that has, as `Math.min` and `Math.max` do.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).max(); // => 3
   */
  max(this: AsyncStream<Ordered>, compare?: undefined, options?: Ending): Promise<T | undefined>;
  max(compare: (a: T, b: T) => number, options?: Ending): Promise<T | undefined>;
  max(compare?: (a: never, b: never) => number, options?: Ending): Promise<T | undefined> {
    return this.#run('max', collectors.max(compare as (a: T, b: T) => number), options);
  }

  /**
   * The element whose key is the least, by `<`; the first of equals; undefined if there are none.
   *
   * @example
   * await AsyncStream.of('ccc', 'a', 'bb').minBy((word) => word.length); // => 'a'
   */
  minBy(
    key: (value: T, index: number, context: Context) => Ordered | PromiseLike<Ordered>,
    options?: Ending,
  ): Promise<T | undefined> {
    return this.#run('minBy', collectors.minBy(key), options);
  }

  /**
   * The element whose key is the greatest, by `<`; the first of equals; undefined if there are none.
   *
   * @example
   * await AsyncStream.of('ccc', 'a', 'bb').maxBy((word) => word.length); // => 'ccc'
   */
  maxBy(
    key: (value: T, index: number, context: Context) => Ordered | PromiseLike<Ordered>,
    options?: Ending,
  ): Promise<T | undefined> {
    return this.#run('maxBy', collectors.maxBy(key), options);
  }

  /**
   * The `count` greatest elements by `compare` or else by `<`, the greatest first. Holds at most twice as many.
   *
   * @example
   * await AsyncStream.of(3, 1, 4, 1, 5).top(2, (a, b) => a - b); // => [5, 4]
   */
  top(this: AsyncStream<Ordered>, count: number, compare?: undefined, options?: Ending): Promise<T[]>;
  top(count: number, compare: (a: T, b: T) => number, options?: Ending): Promise<T[]>;
  top(count: number, compare?: (a: never, b: never) => number, options?: Ending): Promise<T[]> {
    return this.#run('top', collectors.top(count, compare as (a: T, b: T) => number), options);
  }

  /**
   * The elements as strings in one string, with the separator between them. Null and undefined give nothing, as in
   * `Array.prototype.join`.
   *
   * @example
   * await AsyncStream.of('a', 'b').join('-'); // => 'a-b'
   */
  join(separator?: string, options?: Ending): Promise<string> {
    return this.#run('join', collectors.join(separator), options);
  }

  /**
   * Whether `predicate` holds for an element. Stops at the first such.
   *
   * @example
   * await AsyncStream.range(0).some((x) => x > 5); // => true
   */
  some(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<boolean> {
    return this.#run('some', collectors.some(predicate), options);
  }

  /**
   * Whether `predicate` holds for all elements. Stops at the first for which it does not.
   *
   * @example
   * await AsyncStream.range(0).every((x) => x < 5); // => false
   */
  every(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<boolean> {
    return this.#run('every', collectors.every(predicate), options);
  }

  /**
   * The first element for which `predicate` holds, or undefined. Stops there.
   *
   * @example
   * await AsyncStream.range(0).find((x) => x * x > 50); // => 8
   */
  find<S extends T>(
    predicate: (value: T, index: number, context: Context) => value is S,
    options?: Ending,
  ): Promise<S | undefined>;
  find(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<T | undefined>;
  find(predicate: Fn<T, unknown>, options?: Ending): Promise<T | undefined> {
    return this.#run('find', collectors.find(predicate), options);
  }

  /**
   * The index of the first element for which `predicate` holds, or -1. Stops there.
   *
   * @example
   * await AsyncStream.of('a', 'b').findIndex((letter) => letter === 'b'); // => 1
   */
  findIndex(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<number> {
    return this.#run('findIndex', collectors.findIndex(predicate), options);
  }

  /**
   * Whether the value is among the elements, compared as in `Array.prototype.includes`. Stops where it is found.
   *
   * @example
   * await AsyncStream.of(1, NaN).includes(NaN); // => true
   */
  includes(value: unknown, options?: Ending): Promise<boolean> {
    return this.#run('includes', collectors.includes(value), options);
  }

  /**
   * The first element, after which the source is closed; the default, or undefined, if there is none.
   *
   * @example
   * await AsyncStream.range(7).first(); // => 7
   * await AsyncStream.of().first('none'); // => 'none'
   */
  first(): Promise<T | undefined>;
  first<D>(defaultValue: D, options?: Ending): Promise<T | D>;
  first<D>(defaultValue?: D, options?: Ending): Promise<T | D | undefined> {
    return this.#run('first', collectors.first<T, D | undefined>(defaultValue), options);
  }

  /**
   * The last element; the default, or undefined, if there is none.
   *
   * @example
   * await AsyncStream.of(1, 2).last(); // => 2
   */
  last(): Promise<T | undefined>;
  last<D>(defaultValue: D, options?: Ending): Promise<T | D>;
  last<D>(defaultValue?: D, options?: Ending): Promise<T | D | undefined> {
    return this.#run('last', collectors.last<T, D | undefined>(defaultValue), options);
  }

  /**
   * The element at the index, or undefined. A negative index counts from the end, and holds as many elements.
   *
   * @throws {RangeError} at the call, if the index is not an integer.
   * @example
   * await AsyncStream.of('a', 'b', 'c').at(1); // => 'b'
   * await AsyncStream.of('a', 'b', 'c').at(-1); // => 'c'
   */
  at(index: number, options?: Ending): Promise<T | undefined> {
    return this.#run('at', collectors.at(index), options);
  }

  /**
   * The only element.
   *
   * @throws {RangeError} in the run, if there is none, or more than one.
   * @example
   * await AsyncStream.of('a').single(); // => 'a'
   */
  single(options?: Ending): Promise<T> {
    return this.#run('single', collectors.single(), options);
  }

  /**
   * Whether there are no elements. Closes the source at the first one.
   *
   * @example
   * await AsyncStream.of().isEmpty(); // => true
   */
  isEmpty(options?: Ending): Promise<boolean> {
    return this.#run('isEmpty', collectors.isEmpty(), options);
  }

  /**
   * Runs the stream and drops the elements.
   *
   * @example
   * const log = [];
   * await AsyncStream.of(1, 2).tap((x) => log.push(x)).drain();
   * log; // => [1, 2]
   */
  drain(options?: Ending): Promise<void> {
    return this.#run('drain', collectors.drain(), options);
  }

  /**
   * Writes the elements into a web `WritableStream` or a Node `Writable`, and resolves when that has finished.
   *
   * The source is read only while the destination has room. An error of either side rejects the promise, and ends the
   * other side: the source is closed, the destination is aborted or destroyed with the error (or with the reason of
   * `signal`). A destination that closes early, as the response to an HTTP client that has gone, closes the source at
   * once.
   *
   * With `preventClose`, the destination stays open at the end, and the promise resolves when all elements have been
   * written. With `preventAbort`, it stays open after an error or an abort.
   *
   * @throws {TypeError} at the call, if it is not a destination, or is locked, ended or destroyed; in the run, if an
   * element for a Node stream is null.
   * @throws {DestinationClosedError} if the destination closes early.
   * @example
   * const written = [];
   * const destination = new WritableStream({ write: (chunk) => void written.push(chunk) });
   * await AsyncStream.of('a', 'b').pipeTo(destination);
   * written; // => ['a', 'b']
   */
  pipeTo(destination: Destination<T>, options?: PipeToOptions): Promise<void> {
    const written = this.#put(pipeTo(destination, options), 'pipeTo', destination, options);
    return written.#run('pipeTo', collectors.drain(), options, 'preventClose', 'preventAbort');
  }

  /**
   * What a collector makes of the elements, or several of them in one pass, each under its name. The source is closed
   * as soon as all have what they want. All terminals are there as `collectors`, and anybody can write one.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).collect({ sum: collectors.sum(), max: collectors.max() }); // => { sum: 6, max: 3 }
   */
  collect<R>(collector: Collector<T, R>, options?: Ending): Promise<R>;
  collect<R extends Readonly<Record<string, unknown>>>(
    collectors: { readonly [Name in keyof R]: Collector<T, R[Name]> },
    options?: Ending,
  ): Promise<R>;
  collect(collector: never, options?: Ending): Promise<unknown> {
    return this.#run('collect', collectors.collect(collector), options);
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
  [Symbol.asyncIterator](): DisposableIterator<T> {
    return disposable(this.#open(new RunIterator(this.#plan<T>())));
  }

  /**
   * An iterator over one run with more methods, to read a stream by hand: `nextOr(default)`, `peek()`, `pull(count)`
   * and `rest()`.
   *
   * With `close: false` it only borrows the source: `return()`, or a `break`, ends the iterator and leaves the source
   * open. `rest()` then goes on where it was. So does the next run over a given iterator, generator object or readable
   * stream, where no stage stands between; a stream that can be run again starts anew. A `next()` that is pending still
   * gets its element. Whoever takes no rest has to dispose of the iterator or of the stream: until then the source
   * stays open. `Symbol.asyncDispose` closes it in any case, also where a rest is being read.
   *
   * @example
   * const lines = AsyncStream.of('name: Ada', 'year: 1815', '', 'Dear reader,', 'hello.').iterator({ close: false });
   * const head = [];
   * for await (const line of lines) {
   *   if (line === '') break;
   *   head.push(line);
   * }
   * head; // => ['name: Ada', 'year: 1815']
   * await lines.rest().toArray(); // => ['Dear reader,', 'hello.']
   */
  iterator(options: IteratorOptions = {}): StreamIterator<T> {
    checkOptions('iterator', options, 'close');
    const { close = true } = options;
    checkBoolean('iterator: close', close);
    const given = this.#stages === undefined && this.#source instanceof InputSource ? this.#source : undefined;
    const reader = new HandReader(
      this.#open(new RunIterator(this.#plan<T>())),
      (rest) => (close ? rest.return() : given?.lend(rest)),
      (rest) => AsyncStream.from<T>(rest),
    );
    return disposable(reader);
  }

  /**
   * A web `ReadableStream` over one run, such as the body of a `Response`. Use `Readable.from(stream)` for a Node
   * stream.
   *
   * Nothing runs before the first read, and each read pulls one element. `highWaterMark` reads ahead instead, from the
   * call on. `cancel()` closes the source at once, and its reason is that of the callbacks' signals. With
   * `type: 'bytes'`, elements are copied, so that no buffer is taken from its owner, and empty ones are left out.
   *
   * Holds: at most `highWaterMark` elements (default 0); with `type: 'bytes'`, as many bytes and one element.
   *
   * @throws {TypeError} at the call, if an option has the wrong type; in the run, with `type: 'bytes'`, if an element
   * is neither a view nor an `ArrayBuffer`.
   * @throws {RangeError} at the call, if `highWaterMark` is negative or NaN, or `type` is another string.
   * @example
   * const encoder = new TextEncoder();
   * const body = AsyncStream.of('Hello, ', 'world').map((text) => encoder.encode(text)).toReadableStream();
   * await new Response(body).text(); // => 'Hello, world'
   */
  toReadableStream(options: ToReadableStreamOptions & { readonly type: 'bytes' }): WebReadableStream<Uint8Array>;
  toReadableStream(options?: ToReadableStreamOptions): WebReadableStream<T>;
  toReadableStream(options: ToReadableStreamOptions = {}): WebReadableStream<never> {
    return toReadableStream(this.#plan<T>(), options, (run) => this.#open(run));
  }

  /**
   * Ends the runs of iterators of this very stream that are still open, and closes what it was given and no run has
   * opened. Waits for both. What else is done with it is not its affair: a promise of a result that is still pending,
   * or streams made of this one. A stream that can be run again still can.
   *
   * The stream remembers its iterators until they have ended.
   *
   * @example
   * const log = [];
   * async function* source() {
   *   try {
   *     yield* [1, 2, 3];
   *   } finally {
   *     log.push('closed');
   *   }
   * }
   * {
   *   await using stream = AsyncStream.from(source());
   *   log.push(await stream.iterator().next());
   * }
   * log; // => [{ done: false, value: 1 }, 'closed']
   */
  async [ASYNC_DISPOSE](): Promise<void> {
    const runs = this.#runs?.close();
    await all(runs, (async () => this[SOURCE].discard())());
  }

  // ---------------------------------------------------------------------------------------------------- looking inside

  /**
   * A label for the stream. `explain`, `toString`, `profile` and `traceOf` show it; elements pass unchanged.
   *
   * @throws {TypeError} at the call, if the name is not a string.
   * @example
   * String(AsyncStream.of(1, 2).named('numbers')); // => "AsyncStream 'numbers' (repeatable)\n└ of(1, 2)"
   */
  named(name: string): AsyncStream<T> {
    checkString('named: name', name);
    return new AsyncStream(
      this.#source,
      { method: 'named', args: [name], upstream: this.#call, fused: true },
      this.#stages,
    );
  }

  /**
   * The plan of the stream as plain data: its source and stages with their callbacks and options, which stages are
   * fused, and whether it can be run more than once. Runs nothing.
   *
   * Fused stages run in one loop with the stage before them; a promise passes between all others.
   *
   * @example
   * const { source, stages, repeatable } = AsyncStream.range(0, 9).chunks(2).explain();
   * source.method; // => 'range'
   * stages; // => [{ method: 'chunks', args: ['2'], fused: true }]
   * repeatable; // => true
   */
  explain(): Explanation {
    return explain(this.#call, this.#source.once === undefined, (value) =>
      typeof value === 'object' && value !== null && #call in value
        ? (value as AsyncStream<unknown>).explain()
        : undefined,
    );
  }

  /**
   * Measures all stages upstream while the stream runs, and reports what limits its throughput. Elements pass unchanged.
   *
   * `report` gets the figures of each stage: elements in and out, the time in its callbacks, how many of them run, the
   * time in which it waited for the stages before and after it, how full a buffer is, and the bottleneck by name. It is
   * called when the run is over, however it ended, and with `every` also that many milliseconds apart. A promise that
   * it returns is awaited at the end. If it throws or rejects, the run fails.
   *
   * The stages are measured with a clock around each callback and each element, which slows them down. A stream without
   * `profile` pays nothing. What stands upstream of `tee`, `partition` or `share` is measured as one source.
   *
   * @throws {RangeError} at the call, if `every` is less than 1.
   * @example
   * const profiles = [];
   * const slow = async (x) => new Promise((resolve) => setTimeout(resolve, 5, x));
   * await AsyncStream.range(0, 9).map(slow).profile((profile) => profiles.push(profile)).drain();
   * profiles[0].bottleneck; // => 'map(slow)'
   * profiles[0].stages.map(({ method, out }) => [method, out]); // => [['range', 9], ['map', 9]]
   */
  profile(report: (profile: Profile) => unknown, options?: ProfileOptions): AsyncStream<T> {
    const { once } = this.#source;
    return this.#with(
      { ...profile(this.#call, AsyncStream.#rebuild, report, options), once },
      'profile',
      report,
      options,
    );
  }

  /**
   * Reports how far the run has come, as a progress bar needs it: elements done, their rate, and with `total` the time
   * that remains. Elements pass unchanged. It counts the elements that reach it: put it after the work.
   *
   * `report` is called before the source is opened, then every `every` milliseconds (default 100), also while no element
   * comes and beside a source that never waits, and when the run is over, however it ended. The promises of the first and
   * the last report are awaited. While the promise of another one is pending, only the last report comes. If a report
   * throws or rejects, or a promise of `total` rejects, the run fails.
   *
   * @throws {RangeError} at the call, if `every` is less than 1, or `total` is not a non-negative integer.
   * @example
   * const lines = [];
   * const print = ({ done, total, over }) => lines.push(`${done} of ${total}${over ? ', over' : ''}`);
   * await AsyncStream.range(0, 9).progress(print, { total: 9 }).drain();
   * lines; // => ['0 of 9', '9 of 9, over']
   */
  progress(report: (progress: Progress) => unknown, options?: ProgressOptions): AsyncStream<T> {
    return this.#put(progress(report, options), 'progress', report, options);
  }

  /**
   * Where an error came from: the source, the stage or the terminal that failed, its callback, the index of the element,
   * and the errors of cleanups that were dropped for it. Undefined for an error that no stream has passed on, and for a
   * thrown value that is not an object.
   *
   * It is kept beside the error, so the error itself stays as it was thrown. If a callback ran a stream of its own,
   * `inner` is the place in that one.
   *
   * @example
   * const parse = (text) => JSON.parse(text);
   * const error = await AsyncStream.of('1', '{').map(parse).toArray().catch((reason) => reason);
   * AsyncStream.traceOf(error);
   * // => { source: 'of', method: 'map', callback: 'parse', position: 1, index: 1, suppressed: [] }
   */
  static traceOf(error: unknown): Trace | undefined {
    return traceOf(error);
  }

  /**
   * The plan of the stream as text, one stage a line: what `console.log` shows in Node and Deno. Runs nothing.
   *
   * @example
   * const isOdd = (x) => x % 2 === 1;
   * const stream = AsyncStream.range(0, 9).filter(isOdd).buffer(4);
   * stream.toString().split('\n');
   * // => ['AsyncStream (repeatable)', '├ range(0, 9)', '├ filter(isOdd)', '└ buffer(4)']
   */
  toString(): string {
    return draw(this.explain());
  }

  /** The source that other streams see. */
  private get [SOURCE](): Source<T> {
    return this.#stages === undefined ? this.#source : asSource(this.#plan<T>());
  }

  /** A stream over a source. The method and its arguments are what `explain` says of it. */
  static #made<T>(source: Source<unknown>, method: string, ...args: readonly unknown[]): AsyncStream<T> {
    return new AsyncStream<T>(source, { method, args, upstream: undefined, fused: false, origin: source });
  }

  /** This stream with one more stage. A stage without a method is a part of the call before it. */
  #put<R>(stage: Stage<never, R> | Transform<never, R>, method?: string, ...args: readonly unknown[]): AsyncStream<R> {
    const fused = typeof stage === 'function';
    const call = method === undefined ? this.#call : { method, args, upstream: this.#call, fused };
    if (fused) return new AsyncStream(this.#source, call, { before: this.#stages, stage, call });
    return new AsyncStream(transformed(stage, this[SOURCE] as Source<never>, call), call);
  }

  /** A stream whose source reads this one. */
  #with<R>(source: Source<unknown>, method: string, ...args: readonly unknown[]): AsyncStream<R> {
    return new AsyncStream(source, { method, args, upstream: this.#call, fused: false });
  }

  /** A stream that shares its run with others, as `tee` makes it: it cannot be made again from the calls upstream. */
  #sharing(source: Source<T>, method: string, ...args: readonly unknown[]): AsyncStream<T> {
    return new AsyncStream(source, { method, args, upstream: this.#call, fused: false, origin: source });
  }

  /** This stream with all that was put on its source, as the source of a call. */
  #whole(): AsyncStream<T> {
    const source = this[SOURCE];
    return new AsyncStream(source, { ...this.#call, origin: source });
  }

  /** Makes the stream of some calls again, with other callbacks, and with a stage after each call. */
  static readonly #rebuild: Rebuild = ([first, ...calls], wrap, meter) => {
    let stream = new AsyncStream<unknown>(first!.origin as Source<unknown>, first!).#put(meter(0));
    for (const [index, { method, args }] of calls.entries()) {
      const methods = stream as unknown as Record<string, (...args: readonly unknown[]) => AsyncStream<unknown>>;
      stream = methods[method]!(...wrap(index + 1, args)).#put(meter(index + 1));
    }
    return stream[SOURCE];
  };

  #open<R extends OpenRun>(run: R): R {
    (this.#runs ??= new OpenRuns()).add(run);
    return run;
  }

  /** With a signal, as if `withSignal` stood before the terminal. */
  #run<R>(method: string, collector: Collector<never, R>, options?: Ending, ...more: readonly string[]): Promise<R> {
    const signal = signalOf(method, options, ...more);
    const stream = signal === undefined ? this : this.#put(withSignal(signal));
    return run(stream.#plan<never>(), collector, method);
  }

  #plan<E>(): Plan<E> {
    return {
      call: this.#call,
      source: this.#source,
      link: (last, scope) => {
        let sink: Sink<unknown> = last;
        for (let stages = this.#stages; stages !== undefined; stages = stages.before) {
          scope.call = stages.call;
          sink = stages.stage(sink, scope);
        }
        return sink;
      },
    };
  }
}
