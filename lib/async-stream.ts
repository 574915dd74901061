import type { Dictionary, MergeOptions, ToArrayOptions } from './collectors/index.ts';
import { checkBoolean, type Checks, checkSignal, checkString, optionsOf } from './arguments.ts';
import { wrongKind } from './errors.ts';
import type { Buffering } from './buffering.ts';
import type { Children } from './stages/expand/children.ts';
import { type Concurrency, CONCURRENCY, limitsOf } from './stages/support/concurrency.ts';
import { type Collector, lastOf } from './collectors/support/collector.ts';
import type { EventEmitterLike, EventName, EventTargetLike, FirstOf, KnownEvent } from './sources/events.ts';
import { InputSource, sourceOf } from './engine/feeding/input.ts';
import { listedSourcesOf, sourcesOf } from './stages/support/inputs.ts';
import type { Push } from './sources/push-channel.ts';
import { concurrentMap } from './engine/concurrency/concurrent-map.ts';
import { RunIterator } from './iterating/run-iterator.ts';
import { asSource, inside, linked, type Plan } from './engine/core/plan.ts';
import { run } from './engine/core/run.ts';
import { HandReader, Rest } from './iterating/hand-reader.ts';
import { type OpenRun, OpenRuns } from './iterating/open-runs.ts';
import type { Call } from './engine/core/trace.ts';
import { all } from './engine/core/scope.ts';
import type {
  Context,
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
import { ASYNC_DISPOSE, disposable } from './dispose.ts';
import { markHandled } from './engine/core/promises.ts';
import type { Sink, Stage } from './engine/core/sink.ts';
import type { ElementTypeNeeded, ProducerFn } from './sources/create.ts';
import type { FromEventOptions } from './sources/from-event.ts';
import { type Source, SOURCE, type Transform, transformed } from './engine/core/source.ts';
import type { IntervalOptions } from './sources/interval.ts';
import type { ItemsNeeded, PageRequest, PaginateOptions } from './sources/paginate.ts';
import type { PollOptions } from './sources/poll.ts';
import type { Unfolding } from './sources/unfold.ts';
import type { Closeable, UsingOptions } from './sources/using.ts';
import type { BufferOptions } from './stages/buffer.ts';
import type { ChunksOptions } from './stages/chunks.ts';
import type { DebounceOptions } from './stages/debounce.ts';
import type { DecodeOptions } from './stages/text/decode.ts';
import type { DistinctOptions } from './stages/distinct.ts';
import type { ExpandOptions } from './stages/expand/expand.ts';
import type { GroupByKeyOptions } from './stages/group-by-key/group-by-key.ts';
import type { LinesOptions } from './stages/text/lines.ts';
import type { Transformed, TransformStreamLike } from './stages/pipe-through.ts';
import type { PipeToOptions } from './stages/pipe-to.ts';
import type { RateLimitOptions } from './stages/rate-limit.ts';
import type { RetryOptions } from './stages/retry.ts';
import type { ShareOptions } from './stages/share.ts';
import type { Stop } from './stages/take-until.ts';
import type { TakeWhileOptions } from './stages/take-while.ts';
import type { Observer } from './stages/tap.ts';
import type { ThrottleOptions } from './stages/throttle.ts';
import type { TimeoutOptions } from './stages/timeout.ts';
import type { ZipOptions } from './stages/zip.ts';
import { toReadableStream, type ToReadableStreamOptions } from './iterating/to-readable-stream.ts';
import type { Destination } from './stages/writing/writing.ts';
import { draw, explain, type Explanation } from './inspecting/explain.ts';
import { type Progress, progress, type ProgressOptions } from './inspecting/progress.ts';
import { type Profile, profile, type ProfileOptions, type Rebuild } from './inspecting/profile.ts';
import { type Trace, traceOf } from './inspecting/trace.ts';
import type { Ordered } from './comparison.ts';
import * as collectors from './collectors/index.ts';
import * as sources from './sources/index.ts';
import * as stages from './stages/index.ts';

/** The options of {@link AsyncStream.iterator | iterator}. */
export interface IteratorOptions {
  /**
   * Whether `return()`, and so a `break` out of a `for await` loop, closes the source. Otherwise the source stays open, and
   * `rest()` returns the remaining elements. Default true.
   */
  readonly close?: boolean | undefined;
}

/** Reads one run by hand. Calls that overlap settle in their order. */
export interface StreamIterator<T> extends DisposableIterator<T> {
  /** Resolves with the next element, or with the default if there is none. */
  nextOr(defaultValue: T): Promise<T>;
  /** Resolves with the next element, or with the default if there is none. */
  nextOr<D>(defaultValue: D): Promise<T | D>;
  /** Resolves with the result that `next()` will return, without taking it. */
  peek(): Promise<IteratorResult<T, undefined>>;
  /**
   * Resolves with the next `count` elements, or with fewer if the stream ends, or the iterator is left, before that. If
   * an error follows some elements, the next call rejects with it.
   */
  pull(count: number): Promise<T[]>;
  /**
   * Returns the remaining elements as a stream that can be run once. Ends the iterator; the returned stream is now
   * responsible for closing the source. If the iterator has closed it before, running the stream rejects with a
   * {@link StreamConsumedError}.
   */
  rest(): AsyncStream<T>;
}

/** The checks of the options that every terminal has. */
const ENDING: Checks<Ending> = { signal: checkSignal };
const FOR_EACH: Checks<Concurrency & Ending> = { ...CONCURRENCY, ...ENDING };

/** A stage put on the ones before it. */
interface Stages {
  readonly before: Stages | undefined;
  readonly stage: Stage<never, never>;
  readonly call: Call;
  /** The call of the stream that the stage was put on. */
  readonly above: Call;
}

/**
 * A lazy sequence of elements, which are computed and awaited one after the other.
 *
 * **Lazy.** A stream describes a source and the stages on it. Each method returns a new stream and runs nothing. A
 * terminal (a method that returns a promise) or a `for await` loop runs the stream, and pulls no more elements than its
 * result needs. A chain without a terminal does nothing. A stream can be run as often as its source: see
 * {@link AsyncStream.from | from}.
 *
 * **Sequential.** One callback runs at a time, in source order, and its promise is awaited before the next element is
 * pulled. With `{ concurrency: n }`, up to n run at once: see {@link AsyncStream.map | map}.
 *
 * **Closing.** A run opens its source, and closes everything that it has opened exactly once, however it ends: by the
 * end of the source, an early exit (`take`, `first`, `break`), an error or an abort. The run settles after that. For a
 * resource of your own, see {@link AsyncStream.using | using} and {@link AsyncStream.finally | finally}.
 *
 * **Errors.** A run rejects with the first error, which is the very object that was thrown. An error of a cleanup
 * counts only if there was none before. {@link AsyncStream.catch | catch} and {@link AsyncStream.retry | retry} see
 * errors from upstream, and not those of later stages or of the consumer. {@link AsyncStream.traceOf | traceOf} returns
 * the place that an error came from. A wrong argument throws at the call: a `TypeError` if it is of a wrong kind, a
 * `RangeError` if it is out of range.
 *
 * **Cancellation.** Terminals take a `signal`, and {@link AsyncStream.withSignal | withSignal} adds one to a stream.
 * When it aborts, the run ends at once and rejects with `signal.reason`, even if the source or a callback never
 * settles. It waits only for cleanups, without a limit: give a cleanup that may hang a limit of its own. Callbacks get
 * a context as their last argument. Its `signal` aborts when the run ends early: pass it to `fetch`.
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
  /** The call that created this stream. */
  readonly #call: Call;
  #runs: OpenRuns | undefined;

  private constructor(source: Source<unknown>, call: Call | undefined, stages?: Stages) {
    if (call === undefined) throw wrongKind('new AsyncStream: source', 'passed to AsyncStream.from', source);
    this.#source = source;
    this.#call = call;
    this.#stages = stages;
    disposable(this);
  }

  static {
    // `console.log` shows the plan in Node and Deno.
    for (const inspector of ['nodejs.util.inspect.custom', 'Deno.customInspect']) {
      Object.defineProperty(this.prototype, Symbol.for(inspector), { value: this.prototype.toString });
    }
  }

  // ---------------------------------------------------------------------------------------------------- sources

  /**
   * Streams the elements of an input: an async or sync iterable, an iterator, a web `ReadableStream`, a Node
   * `Readable`, or a function that returns one of these, or a promise of one, for each run.
   *
   * - Arrays, most collections and functions make streams that can be run again.
   * - An iterator, a generator object or a readable stream can be run once. A second run rejects with a
   *   {@link StreamConsumedError}.
   * - Promises among the elements of a sync iterable are awaited. An array that begins with one has all of its promises
   *   marked as handled at once.
   * - The function gets a context. Its `signal` aborts when the consumer leaves: pass it to `fetch`.
   * - Node declares the elements of its streams as `any`. Name their type, as in `from<Buffer>(createReadStream(file))`.
   * - Strings are refused, here and wherever a method takes an input. For the characters of a text, use `[...text]`.
   *
   * A `readline` interface stays open after an early exit, as it does in `for await`. So does a folder of `opendir` if
   * the run is aborted while it is being opened. Open these by {@link AsyncStream.using | using}.
   *
   * @throws {TypeError} at the call, if the input is none of these.
   * @example
   * const stream = AsyncStream.from(async function* () {
   *   yield 1;
   *   yield 2;
   * });
   * await stream.toArray(); // => [1, 2]
   * await stream.toArray(); // => [1, 2]
   * @category Sources
   */
  static from<T>(input: Input<T>): AsyncStream<T>;
  /** Streams the elements of any input, whose type says what they are. */
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
   * @category Sources
   */
  static of<T = never>(...values: (T | PromiseLike<T>)[]): AsyncStream<T>;
  /** Emits the given values, of which any may be a promise. */
  static of<V extends unknown[]>(...values: V): AsyncStream<Awaited<V[number]>>;
  static of<T>(...values: (T | PromiseLike<T>)[]): AsyncStream<T> {
    values.forEach(markHandled);
    return AsyncStream.#made(new InputSource(values, 'of: values'), 'of', ...values);
  }

  /**
   * Counts from `start` (included) to `end` (excluded) in steps of `step` (default 1), which may be negative or a
   * fraction. Without `end`, it never ends.
   *
   * @throws {RangeError} at the call, if `start` or `step` is not finite, `step` is 0, or `end` is NaN.
   * @example
   * await AsyncStream.range(0, 3).toArray(); // => [0, 1, 2]
   * await AsyncStream.range(3, 0, -1).toArray(); // => [3, 2, 1]
   * @category Sources
   */
  static range(start: number, end?: number, step?: number): AsyncStream<number> {
    return AsyncStream.#made(sourceOf(sources.range(start, end, step), 'range'), 'range', start, end, step);
  }

  /**
   * Computes elements one by one from a state. `step` returns `[element, nextState]`, or null or undefined at the end.
   *
   * @throws {TypeError} in the run, if `step` returns something else.
   * @example
   * const powers = AsyncStream.unfold(1, (state) => (state < 100 ? [state, state * 3] : null));
   * await powers.toArray(); // => [1, 3, 9, 27, 81]
   * @category Sources
   */
  static unfold<T, S>(seed: S, step: Unfolding<T, S>): AsyncStream<T> {
    return AsyncStream.#made(sources.unfold(seed, step), 'unfold', seed, step);
  }

  /**
   * Fetches page after page, and emits their elements.
   *
   * The request tells `fetchPage` the position in each way that APIs count: `page`, `offset` and `size`, or the
   * `cursor` that `next` returned for the page before. Its `signal` aborts when the page is no longer wanted. Requests
   * never overlap. The first of these options that is given decides which page is the last:
   *
   * - `next`: it returns null or undefined (`0` and `''` are cursors). The compiler takes a cursor for a string. For
   *   another type, annotate the request, as in `({ cursor }: PageRequest<number>) => …`;
   * - `totalPages`: that many pages have been read;
   * - neither: the page is empty.
   *
   * With `stopOnShortPage`, a page with fewer than `size` elements is the last one in any case.
   *
   * Holds: one page, and up to `prefetch` (default 0) more.
   *
   * With one character for 10 ms, and `after(ms, value)` for a promise of the value:
   *
   *     AsyncStream.paginate(({ page }) => after(20, page < 3 ? [page, 'x'] : []))  --[1x]-[2x]-|
   *
   * @throws {TypeError} in the run, if a page, or the result of `items`, is not an array. With `pages: true` a page need not
   *   be one, if `next` or `totalPages` says which is the last.
   * @throws {TypeError} in the run, if `next` returns a promise, or `totalPages` does not return a number.
   * @throws {RangeError} in the run, if `totalPages` returns NaN or a negative number, or if `next` returns the same
   *   cursor (compared by `Object.is`) twice in a row, which would request one page for ever. For an API that repeats
   *   its cursor, return a new object that holds it.
   * @example
   * const pages = [{ rows: ['a', 'b'], after: 'x' }, { rows: ['c'], after: null }];
   * const rows = AsyncStream.paginate(async ({ cursor }) => pages[cursor === 'x' ? 1 : 0], {
   *   items: (page) => page.rows,
   *   next: (page) => page.after,
   * });
   * await rows.toArray(); // => ['a', 'b', 'c']
   * @category Sources
   */
  static paginate<P, T = unknown, C = string>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options: PaginateOptions<P, T, C> & { readonly pages: true },
  ): AsyncStream<P>;
  /** Emits the elements that `items` returns for each page. */
  static paginate<P, T, C = string>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options: PaginateOptions<P, T, C> & { readonly items: (page: P) => readonly (T | PromiseLike<T>)[] },
  ): AsyncStream<T>;
  /** Streams the elements of pages that are arrays. */
  static paginate<T, C = string>(
    fetchPage: (request: PageRequest<C>) => readonly T[] | PromiseLike<readonly T[]>,
    options?: PaginateOptions<readonly T[], T, C>,
  ): AsyncStream<T>;
  /** Returns no stream: a page that is not an array needs the option `items`, or `pages: true` to emit whole pages. */
  static paginate<P, C = string>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options?: PaginateOptions<P, unknown, C>,
  ): unknown extends P ? AsyncStream<unknown> : ItemsNeeded<P>;
  static paginate<P, T, C>(
    fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
    options?: PaginateOptions<P, T, C>,
  ): AsyncStream<P | T> & ItemsNeeded<P> {
    const pages = AsyncStream.#made(sources.paginate(fetchPage, options), 'paginate', fetchPage, options);
    const ahead = options?.prefetch ? pages.#put(stages.buffer(options.prefetch)) : pages;
    return ahead
      .#put<P | T>(options?.pages ? stages.map(({ page }) => page) : stages.flatMap(({ items }) => items))
      .#whole() as never;
  }

  /**
   * Opens a resource for each run, emits the elements that `use` returns for it, and closes it once, however the run
   * ends.
   *
   * The resource is closed by `close`, or by its own `Symbol.asyncDispose`, `Symbol.dispose` or `close()`. The iterable
   * that `use` returned is closed before it. If `open` resolves after the consumer has left, the resource is closed
   * then.
   *
   * If the run ends early while that iterable is producing an element, its `return()` is called and not waited for: the
   * resource is closed at once, which often ends a call that is stuck. With `settle: true`, both the resource and the
   * run wait for it.
   *
   * @throws {TypeError} in the run, if there is no way to close the resource, or if `use` returns a value that is not
   *   iterable.
   * @example
   * const log = [];
   * const rows = AsyncStream.using(
   *   async () => ({ rows: [1, 2, 3], close: async () => log.push('closed') }),
   *   (connection) => connection.rows,
   * );
   * await rows.take(2).toArray(); // => [1, 2]
   * log; // => ['closed']
   * @category Sources
   */
  static using<R extends Closeable, I extends Streamable<unknown>>(
    open: (context: Context) => R | PromiseLike<R>,
    use: (resource: R, context: Context) => I | PromiseLike<I>,
    close?: undefined,
    options?: UsingOptions,
  ): AsyncStream<Element<I>>;
  /** Closes any resource by `close`. */
  static using<R, I extends Streamable<unknown>>(
    open: (context: Context) => R | PromiseLike<R>,
    use: (resource: R, context: Context) => I | PromiseLike<I>,
    close: (resource: R) => unknown,
    options?: UsingOptions,
  ): AsyncStream<Element<I>>;
  static using<R, I extends Streamable<unknown>>(
    open: (context: Context) => R | PromiseLike<R>,
    use: (resource: R, context: Context) => I | PromiseLike<I>,
    close?: (resource: R) => unknown,
    options?: UsingOptions,
  ): AsyncStream<Element<I>> {
    return AsyncStream.#made(sources.using(open, use, close, options), 'using', open, use, close, options);
  }

  /**
   * Emits the values of the promises, each as soon as it is fulfilled. The first rejection fails the stream. After
   * that, or once the consumer leaves, the remaining promises are ignored.
   *
   * The iterable is read on the first pull. Promises passed in an array or a `Set` are marked as handled at once, so an
   * early rejection is not reported as unhandled.
   *
   * Holds: all promises, and the values that were not consumed yet.
   *
   * With one character for 10 ms, and `after(ms, value)` for a promise of the value:
   *
   *     AsyncStream.asCompleted([after(30, 'a'), after(10, 'b'), 'c'])  cb-[a|]
   *
   * @throws {TypeError} at the call, if it is not a (sync) iterable.
   * @example
   * const slow = new Promise((resolve) => setTimeout(resolve, 1, 'slow'));
   * await AsyncStream.asCompleted([slow, Promise.resolve('fast'), 'at once']).toArray(); // => ['fast', 'at once', 'slow']
   * @category Sources
   */
  static asCompleted<V>(promises: Iterable<V> & object): AsyncStream<Awaited<V>> {
    return AsyncStream.#made(sources.asCompleted(promises), 'asCompleted', promises);
  }

  /**
   * Counts from 0, one number at each multiple of `milliseconds` since the first pull, without drifting. With
   * `immediate`, the first number comes at once. Never ends.
   *
   * Ticks that pass while the consumer is busy are skipped, not queued. The count still increases by one per element.
   *
   * @throws {RangeError} at the call, if `milliseconds` is less than 1, or more than a timer takes (2 ** 31 - 1).
   * @example
   * await AsyncStream.interval(2).take(3).toArray(); // => [0, 1, 2]
   * @category Sources
   */
  static interval(milliseconds: number, options?: IntervalOptions): AsyncStream<number> {
    return AsyncStream.#made(sources.interval(milliseconds, options), 'interval', milliseconds, options);
  }

  /**
   * Calls `fn` repeatedly and emits its results. The next call starts `every` milliseconds after the last one ended, or
   * when the consumer pulls, if that is later. Calls never overlap.
   *
   * The first value for which `until` returns true is the last one. Without `until`, the stream never ends. If the
   * consumer leaves during a call, the `signal` of its context aborts. If a call fails, the stream fails.
   *
   * With one character for 10 ms, and `after(ms, value)` for a promise of the value:
   *
   *     AsyncStream.poll((index) => after(10, index), { every: 20, until: (x) => x === 2 })  -0--1--[2|]
   *
   * @throws {RangeError} at the call, if `every` is negative or more than a timer takes (2 ** 31 - 1 ms).
   * @example
   * const states = ['queued', 'running', 'done'];
   * const job = AsyncStream.poll((index) => states[index], { every: 2, until: (state) => state === 'done' });
   * await job.toArray(); // => ['queued', 'running', 'done']
   * @category Sources
   */
  static poll<T>(fn: (index: number, context: Context) => T | PromiseLike<T>, options: PollOptions<T>): AsyncStream<T> {
    return AsyncStream.#made(sources.poll(fn, options), 'poll', fn, options);
  }

  /**
   * Emits the elements that `producer` pushes: a bridge from callbacks to a stream. The producer is called on the first
   * pull of each run.
   *
   * - `push(element)` returns true if the buffer had room for the element, otherwise a promise that resolves with true
   *   when it has: a producer should await it. Once the stream has ended or its consumer has left, the result is false.
   * - `push.end()` ends the stream, and `push.fail(error)` fails it, after the elements before. An error that the
   *   producer throws does the same.
   * - A function that the producer returns, or resolves with, is its cleanup. It is called once, however the run ends,
   *   and awaited.
   * - An async producer that resolves without a cleanup ends the stream. Any other stays open until `push.end()`.
   * - After `push.end()`, the stream waits for an async producer. If the consumer leaves, the run does not wait, and
   *   the cleanup is called when the producer resolves.
   *
   * A producer that cannot wait needs another `overflow` policy: otherwise the stream fails with an
   * {@link OverflowError} when 1024 elements wait and one more comes. Name the type of the elements, as in
   * `create<string>(…)`.
   *
   * Holds: at most `buffer` elements (default 16), and 1024 whose pushes wait for room.
   *
   * @throws {RangeError} at the call, if `buffer` is negative or not whole; 0 needs `overflow: 'block'`.
   * @throws {OverflowError} in the run, with `overflow: 'error'` if an element is pushed while the buffer is full, with
   *   `overflow: 'block'` (the default) if 1024 pushes wait and one more comes.
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
   * @category Sources
   */
  static create<T = ElementTypeNeeded>(producer: ProducerFn<T>, options?: Buffering): AsyncStream<T> {
    return AsyncStream.#made(sources.create(producer, options), 'create', producer, options);
  }

  /**
   * Returns a stream, and functions that push elements into it, end it and fail it from outside: see
   * {@link AsyncStream.create | create}. The stream can be run once. Elements pushed before the run wait for it, also
   * if `end` was called by then. Name the type of the elements, as in `channel<string>()`.
   *
   * Holds: at most `buffer` elements (default 16), and 1024 whose pushes wait for room.
   *
   * @throws {RangeError} at the call, if `buffer` is negative or not whole; 0 needs `overflow: 'block'`.
   * @throws {OverflowError} in the run, with `overflow: 'error'` if an element is pushed while the buffer is full, with
   *   `overflow: 'block'` (the default) if 1024 pushes wait and one more comes.
   * @example
   * const { stream, push, end } = AsyncStream.channel<string>();
   * push('a');
   * push('b');
   * end();
   * await stream.toArray(); // => ['a', 'b']
   * push('c'); // => false
   * @category Sources
   */
  static channel<T = ElementTypeNeeded>(
    options?: Buffering,
  ): {
    readonly stream: AsyncStream<T>;
    readonly push: Push<T>;
    readonly end: () => void;
    readonly fail: (error: unknown) => void;
  } {
    const { source, push } = sources.channel<T>(options);
    return { stream: AsyncStream.#made(source, 'channel', options), push, end: push.end, fail: push.fail };
  }

  /**
   * Emits the events of an `EventTarget` or an `EventEmitter`: the first argument of each, or the result of `select`,
   * which is called with all arguments while the event is dispatched.
   *
   * It listens from the first pull of each run, or with `eager` from the call. Its listeners are removed however the
   * run ends. An event listed in `end` ends the stream, and one listed in `error` (default `'error'` for emitters)
   * fails it.
   *
   * The type of the event is known from a handler property (`onclick`, `onmessage`), from the overloads of `on`, or from
   * `EventEmitter<Map>`. The types of a class that extends such an emitter do not tell it: pass it as
   * `queue as EventEmitter<Jobs>`. Otherwise annotate the parameters of `select`, or name the type, as in
   * `fromEvent<Message>(…)`. A target with both kinds of methods, such as the socket of `ws`, is listened to as an
   * `EventTarget`, and fails the stream by `'error'` as an emitter does.
   *
   * Events cannot wait. When the buffer is full, the stream fails with an {@link OverflowError}, or drops elements by
   * another `overflow` policy.
   *
   * Holds: at most `buffer` elements (default 1024).
   *
   * @throws {TypeError} at the call, if the target is neither an `EventTarget` nor an `EventEmitter`.
   * @throws {RangeError} at the call, if `overflow` is `'block'`, or `buffer` is not a positive integer or `Infinity`.
   * @throws {OverflowError} in the run, with `overflow: 'error'` (the default), if an event arrives while the buffer is
   *   full.
   * @example
   * const target = new EventTarget();
   * const types = AsyncStream.fromEvent(target, 'ping', { end: 'stop', eager: true, select: (event) => event.type });
   * target.dispatchEvent(new Event('ping'));
   * target.dispatchEvent(new Event('stop'));
   * await types.toArray(); // => ['ping']
   * @category Sources
   */
  static fromEvent<T extends object, const N extends EventName, R>(
    target: T,
    name: [KnownEvent<T, N>] extends [never] ? never : N,
    options: FromEventOptions & { readonly select: (...args: KnownEvent<T, N>) => R },
  ): AsyncStream<R>;
  /** Emits the first argument of each event of a known type. */
  static fromEvent<T extends object, const N extends EventName>(
    target: T,
    name: [KnownEvent<T, N>] extends [never] ? never : N,
    options?: FromEventOptions,
  ): AsyncStream<FirstOf<KnownEvent<T, N>>>;
  /** Emits the result of `select` for each event of an `EventTarget`. */
  static fromEvent<E, R>(
    target: EventTargetLike<E>,
    name: EventName,
    options: FromEventOptions & { readonly select: (event: E) => R },
  ): AsyncStream<R>;
  /** Emits the result of `select` for the arguments of each event. */
  static fromEvent<A extends unknown[], R>(
    target: EventTargetLike<unknown> | EventEmitterLike,
    name: EventName,
    options: FromEventOptions & { readonly select: (...args: A) => R },
  ): AsyncStream<R>;
  /** Emits each event of an `EventTarget`. */
  static fromEvent<T>(target: EventTargetLike<T>, name: EventName, options?: FromEventOptions): AsyncStream<T>;
  /** Emits the first argument of each event. */
  static fromEvent<T = unknown>(
    target: EventTargetLike<unknown> | EventEmitterLike,
    name: EventName,
    options?: FromEventOptions,
  ): AsyncStream<T>;
  static fromEvent(target: object, name: EventName, options?: FromEventOptions): AsyncStream<unknown> {
    const stream = AsyncStream.#made(sources.fromEvent(target, name, options), 'fromEvent', target, name, options);
    return options?.signal === undefined ? stream : stream.#put(stages.withSignal(options.signal)).#whole();
  }

  // ----------------------------------------------------------------------------------- element-wise, and limiting

  /**
   * Emits the result of `fn` for each element. A promise that `fn` returns is awaited before the next element is
   * pulled.
   *
   * - `concurrency` (default 1) is the number of callbacks that run at once.
   * - `ordered` (default true) keeps results in source order, an error after the results before it. Otherwise they come
   *   as they settle.
   * - `buffer` (default `concurrency`, or 0 if that is 1) is the number of results that may wait for the consumer.
   * - `key`: callbacks for elements of one key run one after the other.
   * - `settle` (default false): the run settles only after all callbacks in flight have.
   *
   * Holds: one element, or with `concurrency: n` at most n in callbacks and `buffer` results.
   *
   * With one character for 10 ms, and `after(ms, value)` for a promise of the value:
   *
   *     source                                               [abc|]
   *     source.map((x) => after(20, x))                      --a-b-[c|]
   *     source.map((x) => after(20, x), { concurrency: 3 })  --[abc|]
   *
   * @throws {RangeError} at the call, if `concurrency` is not a positive integer, `Infinity` or a limiter, or `buffer`
   *   is negative or not whole.
   * @example
   * await AsyncStream.of(1, 2, 3).map(async (x) => x * 2).toArray(); // => [2, 4, 6]
   * @category Elements
   */
  map<R>(
    fn: (value: T, index: number, context: Context) => R | PromiseLike<R>,
    options?: Concurrency<T>,
  ): AsyncStream<R> {
    return this.#put(stages.map(fn, options), 'map', fn, options);
  }

  /**
   * Emits the outcome of `fn` for each element, as `Promise.allSettled` does: `{ status: 'fulfilled', value }`, or `{
   * status: 'rejected', reason }` if `fn` throws or rejects. Errors of the source still fail the stream. The options
   * are those of {@link AsyncStream.map | map}.
   *
   * @throws {RangeError} at the call, if `concurrency` is not a positive integer, `Infinity` or a limiter, or `buffer`
   *   is negative or not whole.
   * @example
   * const parsed = AsyncStream.of('1', '{').mapSettled((text) => JSON.parse(text));
   * await parsed.map(({ status }) => status).toArray(); // => ['fulfilled', 'rejected']
   * @category Elements
   */
  mapSettled<R>(
    fn: (value: T, index: number, context: Context) => R | PromiseLike<R>,
    options?: Concurrency<T>,
  ): AsyncStream<PromiseSettledResult<R>> {
    return this.#put(stages.mapSettled(fn, options), 'mapSettled', fn, options);
  }

  /**
   * Emits the elements for which `predicate` returns a truthy value, or a promise of one. The type is narrowed by a
   * type guard, by a predicate that TypeScript can infer one from, and by `Boolean`. The options are those of
   * {@link AsyncStream.map | map}.
   *
   * With one character for 10 ms:
   *
   *     source                             1-23-4-|
   *     source.filter((x) => x % 2 === 0)  --2--4-|
   *
   * @throws {RangeError} at the call, if `concurrency` is not a positive integer, `Infinity` or a limiter, or `buffer`
   *   is negative or not whole.
   * @example
   * await AsyncStream.range(0, 6).filter((x) => x % 2 === 0).toArray(); // => [0, 2, 4]
   * @category Elements
   */
  filter<S extends T>(
    predicate: (value: T, index: number, context: Context) => value is S,
    options?: Concurrency<T>,
  ): AsyncStream<S>;
  /** Drops the falsy elements, and their types. */
  filter(predicate: BooleanConstructor, options?: Concurrency<T>): AsyncStream<Truthy<T>>;
  /** Emits the elements for which `predicate` returns a truthy value. */
  filter(predicate: (value: T, index: number, context: Context) => unknown, options?: Concurrency<T>): AsyncStream<T>;
  filter(predicate: Fn<T, unknown>, options?: Concurrency<T>): AsyncStream<T> {
    return this.#put(stages.filter(predicate, options), 'filter', predicate, options);
  }

  /**
   * Drops null and undefined, and nothing else.
   *
   * With one character for 10 ms:
   *
   *     source                                             a-b-c|
   *     source.map((x) => x === 'b' ? null : x).compact()  a---c|
   *
   * @example
   * await AsyncStream.of(0, null, '', undefined).compact().toArray(); // => [0, '']
   * @category Elements
   */
  compact(): AsyncStream<T & {}> {
    return this.#put(stages.compact(), 'compact');
  }

  /**
   * Emits each element in a pair `[index, element]`.
   *
   * @example
   * await AsyncStream.of('a', 'b').entries().toArray(); // => [[0, 'a'], [1, 'b']]
   * @category Elements
   */
  entries(): AsyncStream<[index: number, value: T]> {
    return this.#put(stages.entries(), 'entries');
  }

  /**
   * Calls `fn` with each element before it is emitted, and emits the elements unchanged. Its promise is awaited. An
   * observer is an object of callbacks, each of which is awaited:
   *
   * - `start`: before the source is opened, with the context;
   * - `next`: with each element;
   * - `error`: if the upstream fails;
   * - `complete`: if the upstream ends by itself;
   * - `close`: at the end of the run, however it ends.
   *
   * Together, `complete` and `close` are a `for … else`.
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
   * @category Elements
   */
  tap(fn: ((value: T, index: number, context: Context) => unknown) | Observer<T>): AsyncStream<T> {
    if (typeof fn !== 'object' || fn === null) return this.#put(stages.tap(fn), 'tap', fn);
    const { next, close } = fn;
    const observed = this.#put(stages.observe(fn), 'tap', fn);
    const closing = close === undefined ? observed : observed.#put(stages.finallyDo(close.bind(fn)));
    return next === undefined ? closing : closing.#put(stages.tap(next.bind(fn)));
  }

  /**
   * Emits the first `count` elements, and closes the source with the last of them. `take(0)` opens nothing. See also
   * {@link AsyncStream.takeWhile | takeWhile} and {@link AsyncStream.takeUntil | takeUntil}.
   *
   * With one character for 10 ms:
   *
   *     source          a--b--c--d|
   *     source.take(2)  a--[b|]
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is allowed.
   * @example
   * await AsyncStream.range(0).take(3).toArray(); // => [0, 1, 2]
   * @category Elements
   */
  take(count: number): AsyncStream<T> {
    return this.#put(stages.take(count), 'take', count);
  }

  /**
   * Drops the first `count` elements.
   *
   * With one character for 10 ms:
   *
   *     source          a--b--c--d|
   *     source.drop(2)  ------c--d|
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is allowed.
   * @example
   * await AsyncStream.range(0, 5).drop(3).toArray(); // => [3, 4]
   * @category Elements
   */
  drop(count: number): AsyncStream<T> {
    return this.#put(stages.drop(count), 'drop', count);
  }

  /**
   * Emits elements while `predicate` returns a truthy value, and closes the source at the first other one. With
   * `inclusive` (default false), that element is emitted too.
   *
   * With one character for 10 ms:
   *
   *     source                                               1-2-3-1|
   *     source.takeWhile((x) => x < 3)                       1-2-|
   *     source.takeWhile((x) => x < 3, { inclusive: true })  1-2-[3|]
   *
   * @example
   * await AsyncStream.range(0).takeWhile((x) => x < 3).toArray(); // => [0, 1, 2]
   * await AsyncStream.range(0).takeWhile((x) => x < 3, { inclusive: true }).toArray(); // => [0, 1, 2, 3]
   * @category Elements
   */
  takeWhile<S extends T>(
    predicate: (value: T, index: number, context: Context) => value is S,
    options?: TakeWhileOptions & { readonly inclusive?: false | undefined },
  ): AsyncStream<S>;
  /** Emits elements while `predicate` returns a truthy value. */
  takeWhile(
    predicate: (value: T, index: number, context: Context) => unknown,
    options?: TakeWhileOptions,
  ): AsyncStream<T>;
  takeWhile(predicate: Fn<T, unknown>, options?: TakeWhileOptions): AsyncStream<T> {
    return this.#put(stages.takeWhile(predicate, options), 'takeWhile', predicate, options);
  }

  /**
   * Emits elements until `stop` happens, and then ends normally: a signal aborts, a promise is fulfilled, or an
   * iterable emits its first element. An iterable that ends without one never stops the stream.
   *
   * - It ends at once and closes the source, even if the source is stuck.
   * - The consumer's work on an element is not interrupted.
   * - An element that the source is in the middle of producing is dropped, such as a job that it takes from a queue.
   * - If the signal has already aborted, the source is not opened.
   * - A promise that rejects, or an iterable that fails, fails the stream.
   *
   * To reject at once in place of ending, use {@link AsyncStream.withSignal | withSignal}.
   *
   * With one character for 10 ms:
   *
   *     source                  a--b--c--d|
   *     stop                    -----x
   *     source.takeUntil(stop)  a--b-|
   *
   * @throws {TypeError} at the call, if `stop` is none of these.
   * @example
   * const controller = new AbortController();
   * const stream = AsyncStream.range(0).tap((x) => x === 2 && controller.abort());
   * await stream.takeUntil(controller.signal).toArray(); // => [0, 1]
   * @category Elements
   */
  takeUntil(stop: Stop): AsyncStream<T> {
    return this.#put(stages.takeUntil(stop), 'takeUntil', stop);
  }

  /**
   * Drops elements while `predicate` returns a truthy value, and emits all elements from the first other one.
   *
   * With one character for 10 ms:
   *
   *     source                          1-2-3-1|
   *     source.dropWhile((x) => x < 3)  ----3-1|
   *
   * @example
   * await AsyncStream.of(1, 5, 2).dropWhile((x) => x < 3).toArray(); // => [5, 2]
   * @category Elements
   */
  dropWhile(predicate: (value: T, index: number, context: Context) => unknown): AsyncStream<T> {
    return this.#put(stages.dropWhile(predicate), 'dropWhile', predicate);
  }

  /**
   * Emits the last `count` elements once the source has ended. If the source fails, the elements held are dropped.
   *
   * Holds: at most `count` elements.
   *
   * With one character for 10 ms:
   *
   *     source              a-b-c-d|
   *     source.takeLast(2)  -------[cd|]
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is not allowed.
   * @example
   * await AsyncStream.range(0, 5).takeLast(2).toArray(); // => [3, 4]
   * @category Elements
   */
  takeLast(count: number): AsyncStream<T> {
    return this.#put(stages.takeLast(count), 'takeLast', count);
  }

  /**
   * Emits all but the last `count` elements, each as soon as `count` more have arrived. If the source fails, the
   * elements held are dropped.
   *
   * Holds: at most `count` elements.
   *
   * With one character for 10 ms:
   *
   *     source              a-b-c-d|
   *     source.dropLast(2)  ----a-b|
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is not allowed.
   * @example
   * await AsyncStream.range(0, 5).dropLast(2).toArray(); // => [0, 1, 2]
   * @category Elements
   */
  dropLast(count: number): AsyncStream<T> {
    return this.#put(stages.dropLast(count), 'dropLast', count);
  }

  /**
   * Drops each element that equals an earlier one, or whose `key` does. Keys are compared as in a `Set`. See also
   * {@link AsyncStream.distinctUntilChanged | distinctUntilChanged}, which compares with the last element only.
   *
   * Holds: all keys, or with `limit` at most `limit` of them: the oldest is forgotten first.
   *
   * With one character for 10 ms:
   *
   *     source             a-b-a-c-b|
   *     source.distinct()  a-b---c--|
   *
   * @throws {RangeError} at the call, if `limit` is not a positive integer or `Infinity`.
   * @example
   * await AsyncStream.of(1, 2, 1, 3, 2).distinct().toArray(); // => [1, 2, 3]
   * @category Elements
   */
  distinct(key?: (value: T, index: number, context: Context) => unknown, options?: DistinctOptions): AsyncStream<T> {
    return this.#put(stages.distinct(key, options), 'distinct', key, options);
  }

  /**
   * Drops each element that equals the last one emitted, or whose `key` does. `equals` compares two keys; by default
   * they are compared as in a `Map`. See also {@link AsyncStream.distinct | distinct}.
   *
   * Holds: one key.
   *
   * With one character for 10 ms:
   *
   *     source                         a-a-b-b-a|
   *     source.distinctUntilChanged()  a---b---a|
   *
   * @example
   * await AsyncStream.of(1, 1, 2, 2, 1).distinctUntilChanged().toArray(); // => [1, 2, 1]
   * @category Elements
   */
  distinctUntilChanged(): AsyncStream<T>;
  /** Drops each element whose `key` equals that of the last one emitted. */
  distinctUntilChanged<K = T>(
    key?: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    equals?: (previous: K, next: K) => boolean | PromiseLike<boolean>,
  ): AsyncStream<T>;
  distinctUntilChanged<K>(
    key?: Fn<T, K>,
    equals?: (previous: K, next: K) => boolean | PromiseLike<boolean>,
  ): AsyncStream<T> {
    return this.#put(stages.distinctUntilChanged(key, equals), 'distinctUntilChanged', key, equals);
  }

  /**
   * Emits each intermediate result of a {@link AsyncStream.reduce | reduce}. The seed itself is not emitted. Without a
   * seed, the first element is the first result.
   *
   * With one character for 10 ms:
   *
   *     source                                       1-2-3|
   *     source.scan((sum, x) => sum + Number(x), 0)  1-3-6|
   *
   * @example
   * await AsyncStream.of(1, 2, 3).scan((sum, x) => sum + x, 10).toArray(); // => [11, 13, 16]
   * @category Elements
   */
  scan(fn: (accumulator: T, value: T, index: number, context: Context) => T | PromiseLike<T>): AsyncStream<T>;
  /** Emits each intermediate result, starting from `seed`. */
  scan<R>(
    fn: (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>,
    seed: R,
  ): AsyncStream<R>;
  scan<R>(
    fn: (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>,
    ...seed: [R?]
  ): AsyncStream<R> {
    return this.#put(stages.scan(fn, ...(seed as [R])), 'scan', fn, ...seed);
  }

  /**
   * Emits the values first, before the source is opened. Promises are awaited when they are reached. One that rejects
   * earlier is not reported as unhandled; it fails the stream when it is reached. See also
   * {@link AsyncStream.append | append}.
   *
   * With one character for 10 ms:
   *
   *     source                    --a-b|
   *     source.prepend('x', 'y')  [xy]-a-b|
   *
   * @example
   * await AsyncStream.of(3).prepend(1, 2).toArray(); // => [1, 2, 3]
   * @category Elements
   */
  prepend(...values: (T | PromiseLike<T>)[]): AsyncStream<T>;
  /** Emits the values first, before the source is opened. */
  prepend<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>>;
  prepend<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>> {
    return this.#put(stages.prepend<T | Awaited<V[number]>>(...(values as Awaited<V[number]>[])), 'prepend', ...values);
  }

  /**
   * Emits the values after the source has ended. Promises are awaited when they are reached. One that rejects earlier
   * is not reported as unhandled; it fails the stream when it is reached. See also
   * {@link AsyncStream.prepend | prepend} and {@link AsyncStream.concat | concat}.
   *
   * With one character for 10 ms:
   *
   *     source                   a-b|
   *     source.append('x', 'y')  a-b[xy|]
   *
   * @example
   * await AsyncStream.of(1).append(2, 3).toArray(); // => [1, 2, 3]
   * @category Elements
   */
  append(...values: (T | PromiseLike<T>)[]): AsyncStream<T>;
  /** Emits the values after the source has ended. */
  append<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>>;
  append<V extends unknown[]>(...values: V): AsyncStream<T | Awaited<V[number]>> {
    return this.#put(stages.append<T | Awaited<V[number]>>(...(values as Awaited<V[number]>[])), 'append', ...values);
  }

  /**
   * Emits the separator between every two elements.
   *
   * With one character for 10 ms:
   *
   *     source                 a--b--c|
   *     source.intersperse(0)  a--[0b]--[0c]|
   *
   * @example
   * await AsyncStream.of('a', 'b', 'c').intersperse('-').toArray(); // => ['a', '-', 'b', '-', 'c']
   * @category Elements
   */
  intersperse(separator: T | PromiseLike<T>): AsyncStream<T>;
  /** Emits the separator between every two elements. */
  intersperse<U>(separator: U | PromiseLike<U>): AsyncStream<T | U>;
  intersperse<U>(separator: U | PromiseLike<U>): AsyncStream<T | U> {
    return this.#put(stages.intersperse(separator), 'intersperse', separator);
  }

  /**
   * Emits the value if the stream is empty.
   *
   * With one character for 10 ms:
   *
   *     source                      ---|
   *     source.defaultIfEmpty('x')  ---[x|]
   *
   * @example
   * await AsyncStream.of().defaultIfEmpty('none').toArray(); // => ['none']
   * @category Elements
   */
  defaultIfEmpty(value: T | PromiseLike<T>): AsyncStream<T>;
  /** Emits the value if the stream is empty. */
  defaultIfEmpty<U>(value: U | PromiseLike<U>): AsyncStream<T | U>;
  defaultIfEmpty<U>(value: U | PromiseLike<U>): AsyncStream<T | U> {
    return this.#put(stages.defaultIfEmpty(value), 'defaultIfEmpty', value);
  }

  /**
   * Runs the stream `count` times in a row; without a count, for ever. A pass without elements is the last one. The
   * source must be one that can be run again: otherwise the second pass rejects with a {@link StreamConsumedError}.
   *
   * With one character for 10 ms:
   *
   *     source            a-b|
   *     source.repeat(2)  a-ba-b|
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is allowed.
   * @throws {StreamConsumedError} in the run, if the source can be run only once and a second pass begins.
   * @example
   * await AsyncStream.of(1, 2).repeat(2).toArray(); // => [1, 2, 1, 2]
   * @category Elements
   */
  repeat(count?: number): AsyncStream<T> {
    return this.#put(stages.repeat(count), 'repeat', count);
  }

  /**
   * Emits the elements in the order of `compare`, or of their strings, as `Array.prototype.toSorted` does, once the
   * source has ended: numbers need a `compare`. If the source fails, the elements held are dropped.
   *
   * Holds: all elements.
   *
   * With one character for 10 ms:
   *
   *     source             3-1-2|
   *     source.toSorted()  -----[123|]
   *
   * @example
   * await AsyncStream.of(3, 1, 2).toSorted((a, b) => a - b).toArray(); // => [1, 2, 3]
   * @category Elements
   */
  toSorted(compare?: (a: T, b: T) => number): AsyncStream<T> {
    return this.#put(stages.toSorted(compare), 'toSorted', compare);
  }

  /**
   * Lets timers and I/O run during long synchronous runs: waits for a turn of the event loop before it emits an element,
   * if `milliseconds` (default 5) have passed since it last did.
   *
   * @throws {RangeError} at the call, if `milliseconds` is negative.
   * @example
   * await AsyncStream.range(0, 1000).yieldEvery(10).count(); // => 1000
   * @category Elements
   */
  yieldEvery(milliseconds?: number): AsyncStream<T> {
    return this.#put(stages.yieldEvery(milliseconds), 'yieldEvery', milliseconds);
  }

  // ---------------------------------------------------------------------------------- flattening, chunks, windows

  /**
   * Emits the elements of the elements, which are iterables: one level. The options are those of
   * {@link AsyncStream.flatMap | flatMap}.
   *
   * With one character for 10 ms:
   *
   *     source                            a--b|
   *     source.map((x) => [x, 0]).flat()  [a0]--[b0]|
   *
   * @throws {RangeError} at the call, if `concurrency` is not a positive integer, `Infinity` or a limiter, or `buffer`
   *   is negative or not whole.
   * @throws {TypeError} in the run, if an element is a string or not iterable.
   * @example
   * await AsyncStream.of([1, 2], [], [3]).flat().toArray(); // => [1, 2, 3]
   * @category Flattening and chunks
   */
  flat<I extends Streamable<unknown>>(this: AsyncStream<I>, options?: Concurrency<T>): AsyncStream<Element<I>> {
    return this.#put(stages.flat(options as Concurrency<Streamable<Element<I>>>), 'flat', options);
  }

  /**
   * Emits all elements of the iterable, iterator or stream that `fn` returns for each element, or of a promise of one.
   * One inner stream is open at a time.
   *
   * With `concurrency: n`, up to n inner streams are open at once. In order, each buffers up to `buffer / n` elements
   * (at least one) until the streams before it have ended, and up to `buffer` (default n) ended streams wait for their
   * turn. With `ordered: false`, elements are emitted as they arrive.
   *
   * For only the latest inner stream, use {@link AsyncStream.switchMap | switchMap}. To ignore elements meanwhile, use
   * {@link AsyncStream.exhaustMap | exhaustMap}.
   *
   * With one character for 10 ms:
   *
   *     source                                                 a---b|
   *     source.flatMap((x) => AsyncStream.of(x, x).delay(10))  -aa--b[b|]
   *
   * @throws {RangeError} at the call, if `concurrency` is not a positive integer, `Infinity` or a limiter, or `buffer`
   *   is negative or not whole.
   * @throws {TypeError} in the run, if `fn` returns a string or a value that is not iterable.
   * @example
   * await AsyncStream.of(1, 2).flatMap((x) => [x, x * 10]).toArray(); // => [1, 10, 2, 20]
   * @category Flattening and chunks
   */
  flatMap<I extends Streamable<unknown>>(
    fn: (value: T, index: number, context: Context) => I | PromiseLike<I>,
    options?: Concurrency<T>,
  ): AsyncStream<Element<I>> {
    return this.#put(stages.flatMap(fn as Fn<T, Streamable<Element<I>>>, options), 'flatMap', fn, options);
  }

  /**
   * Emits the elements of the stream that `fn` returns for the latest element. When another element arrives, the
   * previous inner stream is closed and the next one is opened. The source is read all the time, also while the
   * consumer is busy.
   *
   * - Unconsumed elements of the previous inner stream are dropped.
   * - The context's `signal` belongs to one inner stream. It aborts when the next one replaces it: pass it to `fetch`.
   * - While an inner stream is being closed, only the latest element is kept. A stuck one is not waited for.
   * - The first error, of the source or of an inner stream, ends the run.
   *
   * Holds: at most one element of the inner stream.
   *
   * With one character for 10 ms, and `after(ms, value)` for a promise of the value:
   *
   *     source                                                                      a-----b--c---------|
   *     source.switchMap((x) => AsyncStream.of(1, 2).map((n) => after(20, x + n)))  --(a1)-(a2)---(b1)--(c1)-(c2)-----|
   *
   * @throws {TypeError} in the run, if `fn` returns a string or a value that is not iterable.
   * @example
   * const search = async (text) => {
   *   await new Promise((resolve) => setTimeout(resolve, 1));
   *   return [`results for ${text}`];
   * };
   * await AsyncStream.of('a', 'as', 'asy').switchMap(search).toArray(); // => ['results for asy']
   * @category Flattening and chunks
   */
  switchMap<I extends Streamable<unknown>>(
    fn: (value: T, index: number, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<Element<I>> {
    return this.#put(stages.switchMap(fn as Fn<T, Streamable<Element<I>>>), 'switchMap', fn);
  }

  /**
   * Emits the elements of the stream that `fn` returns for an element, and drops the elements that arrive before that
   * stream has ended: a second click while the first one is still saving. The source is read all the time. See also
   * {@link AsyncStream.switchMap | switchMap}.
   *
   * Holds: at most one element of the inner stream.
   *
   * With one character for 10 ms, and `after(ms, value)` for a promise of the value:
   *
   *     source                                                                       a-b-----c--------|
   *     source.exhaustMap((x) => AsyncStream.of(1, 2).map((n) => after(20, x + n)))  --(a1)-(a2)-----(c1)-(c2)----|
   *
   * @throws {TypeError} in the run, if `fn` returns a string or a value that is not iterable.
   * @example
   * const save = async (version) => {
   *   await new Promise((resolve) => setTimeout(resolve, 1));
   *   return [`saved ${version}`];
   * };
   * await AsyncStream.of(1, 2, 3).exhaustMap(save).toArray(); // => ['saved 1']
   * @category Flattening and chunks
   */
  exhaustMap<I extends Streamable<unknown>>(
    fn: (value: T, index: number, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<Element<I>> {
    return this.#put(stages.exhaustMap(fn as Fn<T, Streamable<Element<I>>>), 'exhaustMap', fn);
  }

  /**
   * Emits each element and, recursively, the elements that `fn` returns for it: for trees, and for pages that lead to
   * others. `fn` returns null or undefined if there are none. An element that is found twice is expanded twice. A
   * cycle of links never ends, even with a `distinct` downstream, unless `fn` leaves known elements out.
   *
   * The default order is breadth first: level by level. With `order: 'depth'`, each element comes before all of its
   * descendants. `fn` is called with the element and its distance from the source, when its result is pulled. With
   * `concurrency: n`, up to n calls run ahead of that, and elements are emitted as they arrive.
   *
   * Holds: the elements that were emitted and are not expanded yet.
   *
   * With one character for 10 ms:
   *
   *     source                                             a|
   *     source.expand((x) => x.length < 3 ? [x + x] : [])  a[(aa)(aaaa)|]
   *
   * @throws {RangeError} at the call, if `order` is neither `'breadth'` nor `'depth'`, `maxDepth` is negative or not
   *   whole, or `concurrency` is not a positive integer or `Infinity`.
   * @throws {TypeError} in the run, if `fn` returns a string or a value that is not iterable.
   * @example
   * const parts = { car: ['engine', 'wheel'], engine: ['piston'] };
   * await AsyncStream.of('car').expand((part) => parts[part]).toArray(); // => ['car', 'engine', 'wheel', 'piston']
   * const down = AsyncStream.of('car').expand((part) => parts[part], { order: 'depth' });
   * await down.toArray(); // => ['car', 'engine', 'piston', 'wheel']
   * @category Flattening and chunks
   */
  expand(
    fn: (value: T, depth: number, context: Context) => Children<T> | PromiseLike<Children<T>>,
    options?: ExpandOptions,
  ): AsyncStream<T> {
    return this.#put(stages.expand(fn, options), 'expand', fn, options);
  }

  /**
   * Emits the elements of the other inputs after those of this stream. Each input is opened when the one before it has
   * ended.
   *
   * For pages that lead to each other, use {@link AsyncStream.paginate | paginate}, {@link AsyncStream.unfold | unfold}
   * or {@link AsyncStream.expand | expand}: hundreds of streams nested in one another fill the stack.
   *
   * With one character for 10 ms:
   *
   *     a            x--y|
   *     b            --z|
   *     a.concat(b)  x--y--z|
   *
   * @example
   * await AsyncStream.of(1).concat([2, 3], AsyncStream.of('four')).toArray(); // => [1, 2, 3, 'four']
   * @category Flattening and chunks
   */
  concat<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#put(stages.concat(...(others as Input<T | Element<I[number]>>[])), 'concat', ...others);
  }

  /**
   * Emits the elements in arrays of `size`; the last one may be shorter. If the source fails, the elements held are
   * emitted before the error.
   *
   * - With `within`, a chunk is emitted at most `within` ms after its first element, if the consumer is ready. Empty
   *   chunks are never emitted. While the consumer is busy, the next chunk fills up to its size.
   * - With `maxWeight`, a chunk ends before the element that would make it heavier.
   * - With either, `size` may be `Infinity`: chunks of a time or of a weight. A chunk that only `within` bounds reads
   *   no more elements once its time is over.
   *
   * See also {@link AsyncStream.windows | windows}, {@link AsyncStream.chunkBy | chunkBy} and
   * {@link AsyncStream.chunkWhen | chunkWhen}.
   *
   * Holds: at most `size` elements.
   *
   * With one character for 10 ms:
   *
   *     source                            ab-c------de|
   *     source.chunks(2)                  -(ab)--------(cd)-[e|]
   *     source.chunks(3, { within: 40 })  ---(abc)--------[(de)|]
   *
   * @throws {RangeError} at the call, if `size` is not a positive integer, or is `Infinity` without another limit.
   * @example
   * await AsyncStream.range(0, 5).chunks(2).toArray(); // => [[0, 1], [2, 3], [4]]
   * const words = AsyncStream.of('a', 'bc', 'defg', 'h');
   * await words.chunks(9, { weight: (word) => word.length, maxWeight: 3 }).toArray(); // => [['a', 'bc'], ['defg'], ['h']]
   * @category Flattening and chunks
   */
  chunks(size: number, options?: ChunksOptions<T>): AsyncStream<T[]> {
    return this.#put(stages.chunks(size, options), 'chunks', size, options);
  }

  /**
   * Emits each run of `size` adjacent elements, moving on by one. A stream with fewer elements emits no window, or with
   * `'allow-partial'` one that is not full. If the source fails, a window that is not full is dropped. See also
   * {@link AsyncStream.chunks | chunks}, whose arrays do not overlap.
   *
   * Holds: at most `size` elements.
   *
   * With one character for 10 ms:
   *
   *     source             a-b-c-d|
   *     source.windows(2)  --(ab)-(bc)-(cd)|
   *     source.windows(3)  ----(abc)-(bcd)|
   *
   * @throws {RangeError} at the call, if `size` is not a positive integer.
   * @example
   * await AsyncStream.range(0, 4).windows(2).toArray(); // => [[0, 1], [1, 2], [2, 3]]
   * @category Flattening and chunks
   */
  windows<N extends number>(size: N, undersized?: 'only-full'): AsyncStream<Window<T, N>>;
  /** Emits each run of `size` adjacent elements, and of a shorter stream, if asked for, the elements that there are. */
  windows(size: number, undersized: 'only-full' | 'allow-partial'): AsyncStream<T[]>;
  windows(size: number, undersized?: 'only-full' | 'allow-partial'): AsyncStream<T[]> {
    return this.#put(stages.windows(size, undersized), 'windows', size, undersized);
  }

  /**
   * Emits adjacent elements that have the same key in one array. Keys are compared as in a `Map`. If the source fails,
   * the elements held are emitted before the error. For groups of elements that are not adjacent, use
   * {@link AsyncStream.groupBy | groupBy} or {@link AsyncStream.groupByKey | groupByKey}.
   *
   * Holds: one chunk.
   *
   * With one character for 10 ms:
   *
   *     source                    a-a-b-a|
   *     source.chunkBy((x) => x)  ----(aa)-b[a|]
   *
   * @example
   * await AsyncStream.of('ant', 'ape', 'bee').chunkBy((word) => word[0]).toArray(); // => [['ant', 'ape'], ['bee']]
   * @category Flattening and chunks
   */
  chunkBy(key: (value: T, index: number, context: Context) => unknown): AsyncStream<T[]> {
    return this.#put(stages.chunkBy(key), 'chunkBy', key);
  }

  /**
   * Emits the elements in arrays, and begins a new array if `predicate` returns true for two adjacent elements. If the
   * source fails, the elements held are emitted before the error. See also {@link AsyncStream.chunkBy | chunkBy}.
   *
   * Holds: one chunk.
   *
   * With one character for 10 ms:
   *
   *     source                                                     1-2-5-6|
   *     source.chunkWhen((previous, next) => next - previous > 1)  ----(12)--[(56)|]
   *
   * @example
   * await AsyncStream.of(1, 2, 5, 6).chunkWhen((previous, next) => next - previous > 1).toArray(); // => [[1, 2], [5, 6]]
   * @category Flattening and chunks
   */
  chunkWhen(
    predicate: (previous: T, next: T, index: number, context: Context) => boolean | PromiseLike<boolean>,
  ): AsyncStream<T[]> {
    return this.#put(stages.chunkWhen(predicate), 'chunkWhen', predicate);
  }

  /**
   * Emits a live stream for each key, as a pair `[key, group]`, when its first element arrives. Keys are compared as in
   * a `Map`. A group can be read once.
   *
   * - A full group blocks the source, so an unread group stalls all the others. Consume the groups with `concurrency:
   *   Infinity`, or with as many as `maxKeys`, and in `flatMap` with `ordered: false`.
   * - A group ends with the source. It ends earlier to make room for another key (`maxKeys`), or if no element of it
   *   arrived for a while (`idle`).
   * - An element that arrives after its group has ended, or was left by its consumer, opens the next group of the same
   *   key. The elements that a group holds when its consumer leaves it are dropped: for parts of a group, use `chunks`.
   * - An error of the source fails all open groups, after the elements that they hold, and this stream.
   * - When the consumer leaves this stream, the source is closed, and groups that are still read fail.
   *
   * To collect the groups once the source has ended, use {@link AsyncStream.groupBy | groupBy}.
   *
   * Holds: at most `buffer` elements (default 16) for each group that is open, or that has ended and is still to be
   * read. Up to `buffer` groups, or `maxKeys` if that is more, wait to be taken. There is no limit to the groups
   * that the consumer has taken and does not read.
   *
   * With one character for 10 ms:
   *
   *     source                                                                             a-b-a-a-b|
   *     source.groupByKey((x) => x).map(([, group]) => group.count(), { concurrency: 2 })  ---------[32|]
   *
   * @throws {RangeError} at the call, if `buffer` or `maxKeys` is not a positive integer or `Infinity`, or `idle` is
   *   negative or more than a timer takes (2 ** 31 - 1 ms).
   * @throws {GroupStalledError} in the run, if for a second the consumer waits for the next element of every group that it
   *   has taken, while the source waits for room in a group that it has not taken; or if for a minute it has not begun to
   *   read a full group that it has taken, and waits for others. Not with `idle`, which ends groups.
   * @example
   * const words = AsyncStream.of('ant', 'bee', 'ape', 'bug');
   * const numbered = words
   *   .groupByKey((word) => word[0])
   *   .flatMap(([, group]) => group.map((word, index) => word + index), { concurrency: Infinity, ordered: false });
   * await numbered.toSet(); // => new Set(['ant0', 'bee0', 'ape1', 'bug1'])
   * @category Flattening and chunks
   */
  groupByKey<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    options?: GroupByKeyOptions,
  ): AsyncStream<[key: K, group: AsyncStream<T>]> {
    return this.#put(
      stages.groupByKey(key, options, (group) => AsyncStream.#made<T>(group, 'group')),
      'groupByKey',
      key,
      options,
    );
  }

  // ---------------------------------------------------------------------------------------------------------- text

  /**
   * Turns chunks of bytes into strings. Characters that are split across chunks come out whole. For the strings between
   * delimiters, use {@link AsyncStream.lines | lines} or {@link AsyncStream.split | split}, which take bytes too.
   *
   * With one character for 10 ms:
   *
   *     source                                                      (c3)--(a9)-(41)|
   *     source.map((x) => Uint8Array.of(parseInt(x, 16))).decode()  ---(é)-A|
   *
   * @param encoding a label of the Encoding Standard, default `'utf-8'`.
   * @throws {RangeError} at the call, if the encoding is not known.
   * @throws {TypeError} in the run, if an element is not bytes, or, with `fatal`, the bytes are not valid.
   * @example
   * await AsyncStream.of(new Uint8Array([0xc3]), new Uint8Array([0xa9])).decode().toArray(); // => ['é']
   * @category Text
   */
  decode(
    this: AsyncStream<ArrayBuffer | ArrayBufferView>,
    encoding?: string,
    options?: DecodeOptions,
  ): AsyncStream<string> {
    return this.#put(stages.decode(encoding, options), 'decode', encoding, options);
  }

  /**
   * Emits the lines of a text that arrives in chunks of strings or UTF-8 bytes, without their ends: LF, CRLF and CR.
   * The last line needs no end. If the source fails, an unfinished line is dropped. See also
   * {@link AsyncStream.split | split}.
   *
   * Holds: one line.
   *
   * With one character for 10 ms:
   *
   *     source                                            a-(bNc)--(dNeN)-f|
   *     source.map((x) => x.replace(/N/g, '\n')).lines()  --(ab)--[(cd)e]--[f|]
   *
   * @throws {RangeError} in the run, if a line has more than `maxLength` (default `Infinity`) UTF-16 code units.
   * @throws {TypeError} in the run, if an element is neither a string nor bytes.
   * @example
   * await AsyncStream.of('one\ntw', 'o\r\nthree').lines().toArray(); // => ['one', 'two', 'three']
   * @category Text
   */
  lines(this: AsyncStream<string | ArrayBuffer | ArrayBufferView>, options?: LinesOptions): AsyncStream<string> {
    return this.#put(stages.lines(options), 'lines', options);
  }

  /**
   * Splits a text that arrives in chunks of strings or UTF-8 bytes at each delimiter. The pieces are those of
   * `String.prototype.split`, except that an empty text has none. If the source fails, an unfinished piece is dropped.
   * See also {@link AsyncStream.lines | lines}.
   *
   * Holds: one piece.
   *
   * With one character for 10 ms:
   *
   *     source             a-(b_c)--(d_e_)-f|
   *     source.split('_')  --(ab)--[(cd)e]--[f|]
   *
   * @throws {RangeError} at the call, if the delimiter is empty.
   * @throws {TypeError} in the run, if an element is neither a string nor bytes.
   * @example
   * await AsyncStream.of('a;b', 'c;').split(';').toArray(); // => ['a', 'bc', '']
   * @category Text
   */
  split(this: AsyncStream<string | ArrayBuffer | ArrayBufferView>, delimiter: string): AsyncStream<string> {
    return this.#put(stages.split(delimiter), 'split', delimiter);
  }

  // ---------------------------------------------------------------------------------------- errors and composition

  /**
   * If the upstream fails, continues with the stream that `fn` returns for the error, or ends if it returns null or
   * undefined. Errors of later stages and of the consumer are not caught. Neither is the reason of a signal that has
   * aborted. To run the upstream again, use {@link AsyncStream.retry | retry}.
   *
   * With one character for 10 ms:
   *
   *     source                          a-b-^
   *     source.catch(() => ['x', 'y'])  a-b-[xy|]
   *
   * @throws {TypeError} in the run, if `fn` returns a value that is neither iterable nor null nor undefined.
   * @example
   * const flaky = AsyncStream.of(1, 2).map((x) => {
   *   if (x === 2) throw new Error('two');
   *   return x;
   * });
   * await flaky.catch((error) => [String(error)]).toArray(); // => [1, 'Error: two']
   * @category Errors and cancellation
   */
  catch<I extends Input<unknown> | null | undefined | void>(
    fn: (error: unknown, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<T | Element<I>> {
    return this.#put(stages.catchError<T, Element<I>>(fn as never), 'catch', fn);
  }

  /**
   * Calls `fn` once at the end of each run, however it ends, and awaits its promise. To tell the ways of ending apart,
   * use {@link AsyncStream.tap | tap} with an observer.
   *
   * @example
   * const log = [];
   * await AsyncStream.of(1, 2, 3).finally(() => log.push('done')).first(); // => 1
   * log; // => ['done']
   * @category Errors and cancellation
   */
  finally(fn: () => unknown): AsyncStream<T> {
    return this.#put(stages.finallyDo(fn), 'finally', fn);
  }

  /**
   * Adds a stage of your own: any function from the stream to an iterable, such as an `async function*`. It is called
   * once for each run. If the stage leaves its iterator of the stream open, that is closed after it. For a web or Node
   * transform, use {@link AsyncStream.pipeThrough | pipeThrough}.
   *
   * @throws {TypeError} in the run, if the stage returns a value that is not iterable.
   * @example
   * async function* pairwiseSums(numbers) {
   *   let previous = 0;
   *   for await (const number of numbers) yield previous + (previous = number);
   * }
   * await AsyncStream.of(1, 2, 3).pipe(pairwiseSums).toArray(); // => [1, 3, 5]
   * @category Errors and cancellation
   */
  pipe<I extends Streamable<unknown>>(
    stage: (stream: AsyncStream<T>, context: Context) => I | PromiseLike<I>,
  ): AsyncStream<Element<I>> {
    return this.#put<Element<I>>(
      stages.pipe((source: Source<T>) => new AsyncStream<T>(source, { ...this.#call, origin: source }), stage),
      'pipe',
      stage,
    );
  }

  /**
   * Writes the elements into a transform, and emits its output. A transform is a web `{ readable, writable }` pair
   * (`TextDecoderStream`, `DecompressionStream`, any `TransformStream`) or a Node `Duplex` (`zlib.createGunzip()`, a
   * CSV parser).
   *
   * - The source is read while the transform has room.
   * - A transform can be used once. Pass a function that returns one to run the stream again.
   * - The transform may emit before it has taken an element. When its output ends, the stream ends.
   * - The first error of the source or of either side of the transform fails the stream.
   * - An early exit or an error closes the source and aborts or destroys the transform: the elements inside it are
   *   dropped.
   *
   * Holds: the elements inside the transform, at most one beyond its high-water marks.
   *
   * @throws {TypeError} at the call, if it is not a transform, or is locked, ended or destroyed; in the run, if a
   *   function returns such a value, or if an element for a Node stream is null.
   * @throws {StreamConsumedError} in the run, if the transform was used before.
   * @example
   * const bytes = AsyncStream.of(new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac]));
   * await bytes.pipeThrough(() => new TextDecoderStream()).join(''); // => '€'
   * @category Streams of the platform
   */
  pipeThrough<R = unknown, P extends TransformStreamLike<T, unknown> = TransformStreamLike<T, R>>(
    transform: P | TransformStreamLike<T, unknown> | ((context: Context) => P | PromiseLike<P>),
  ): AsyncStream<Transformed<P>> {
    return this.#put(stages.pipeThrough<T, Transformed<P>>(transform as never), 'pipeThrough', transform);
  }

  // ----------------------------------------------------------------------------------------------------- combining

  /**
   * Emits the elements of one input after the other. Each input is opened when the one before it has ended.
   *
   * With one character for 10 ms:
   *
   *     a                         x-y|
   *     b                         --z-w|
   *     AsyncStream.concat(a, b)  x-y--z-w|
   *
   * @example
   * await AsyncStream.concat([1, 2], AsyncStream.of('three')).toArray(); // => [1, 2, 'three']
   * @category Combining
   */
  static concat<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.of().concat(...inputs);
  }

  /**
   * Emits the elements of all inputs in the order in which they arrive. Without inputs, the stream is empty.
   *
   * All inputs are open at once. Each is read again after its last element was consumed. An element that has arrived
   * waits for at most one element of each other input. The first error ends the run, and all inputs are closed. For the
   * names of the inputs, use {@link AsyncStream.mergeKeyed | mergeKeyed}.
   *
   * Holds: at most one element of each input.
   *
   * With one character for 10 ms:
   *
   *     a                        x--y----z|
   *     b                        -1-2-3-|
   *     AsyncStream.merge(a, b)  x1-[y2]-3--z|
   *
   * @example
   * await AsyncStream.merge([1, 2], ['a', 'b']).toArray(); // => [1, 'a', 2, 'b']
   * @category Combining
   */
  static merge<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.#combined('merge', stages.merge, inputs);
  }

  /**
   * Emits the elements of this stream and of the others in the order in which they arrive: the static
   * {@link AsyncStream.merge | merge}, with this stream as the first input.
   *
   * Holds: at most one element of each input.
   *
   * With one character for 10 ms:
   *
   *     a           x--y----z|
   *     b           -1-2-3-|
   *     a.merge(b)  x1-[y2]-3--z|
   *
   * @example
   * const merged = await AsyncStream.of(1, 2).merge(['a', 'b']).toArray();
   * merged; // => [1, 'a', 2, 'b']
   * @category Combining
   */
  merge<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#combine('merge', stages.merge, others);
  }

  /**
   * Merges the inputs, as {@link AsyncStream.merge | merge} does, and emits each element with the name of its input:
   * `[name, element]`.
   *
   * Holds: at most one element of each input.
   *
   * With one character for 10 ms:
   *
   *     a                                 x--y|
   *     b                                 -1-2--|
   *     AsyncStream.mergeKeyed({ a, b })  (ax)(b1)-[(ay)(b2)]--|
   *
   * @example
   * const prices = AsyncStream.mergeKeyed({ gold: [51, 52], silver: [7] });
   * await prices.toArray(); // => [['gold', 51], ['silver', 7], ['gold', 52]]
   * @category Combining
   */
  static mergeKeyed<R extends Inputs>(inputs: R): AsyncStream<Tagged<R>> {
    return AsyncStream.#made(stages.mergeKeyed(inputs), 'mergeKeyed', inputs);
  }

  /**
   * Emits rows of one element of each input. The elements of a row are read at the same time, when it is pulled.
   *
   * - By default, the stream ends with the first input that ends, and closes the others.
   * - In mode `'longest'`, it ends with the last input. `padding` replaces the missing elements.
   * - In mode `'strict'`, all inputs must end together.
   *
   * For a row whenever any input emits, use {@link AsyncStream.combineLatest | combineLatest}.
   *
   * Holds: one row.
   *
   * With one character for 10 ms:
   *
   *     a                                                              x-y---z|
   *     b                                                              --1-2|
   *     AsyncStream.zip([a, b])                                        --(x1)-(y2)|
   *     AsyncStream.zip([a, b], { mode: 'longest', padding: [0, 0] })  --(x1)-(y2)-(z0)|
   *
   * @throws {RangeError} at the call, if `mode` is none of the three.
   * @throws {TypeError} in the run, in mode `'strict'`, if the inputs do not end together.
   * @example
   * await AsyncStream.zip([['a', 'b'], [1, 2, 3]]).toArray(); // => [['a', 1], ['b', 2]]
   * await AsyncStream.zip([['a'], [1, 2]], { mode: 'longest', padding: ['-'] }).toArray(); // => [['a', 1], ['-', 2]]
   * @category Combining
   */
  static zip<I extends readonly Input<unknown>[]>(
    inputs: readonly [...I],
    options?: ZipOptions & { readonly mode?: 'shortest' | 'strict' | undefined },
  ): AsyncStream<Elements<I>>;
  /** Emits rows until the last input ends, with `padding` for missing elements. */
  static zip<I extends readonly Input<unknown>[], P extends readonly unknown[] = []>(
    inputs: readonly [...I],
    options: ZipOptions<readonly [...P]>,
  ): AsyncStream<Padded<I, P>>;
  static zip(inputs: readonly Input<unknown>[], options?: ZipOptions): AsyncStream<unknown> {
    return AsyncStream.#made(stages.zip(listedSourcesOf('zip', inputs, options), options), 'zip', inputs, options);
  }

  /**
   * Emits rows of one element of this stream and of each of the others, until the first of them ends: the static
   * {@link AsyncStream.zip | zip}, with this stream as the first input.
   *
   * Holds: one row.
   *
   * With one character for 10 ms:
   *
   *     a         x-y---z|
   *     b         --1-2----3|
   *     a.zip(b)  --(x1)-(y2)----[(z3)|]
   *
   * @example
   * await AsyncStream.of('a', 'b').zip(AsyncStream.range(0)).toArray(); // => [['a', 0], ['b', 1]]
   * @category Combining
   */
  zip<I extends Input<unknown>[]>(...others: I): AsyncStream<[T, ...Elements<I>]> {
    return this.#combine('zip', stages.zip, others);
  }

  /**
   * Emits rows of one element of each input, as {@link AsyncStream.zip | zip} does, as objects with the names of the
   * inputs and without a prototype.
   *
   * Holds: one row.
   *
   * @throws {RangeError} at the call, if `mode` is none of the three.
   * @throws {TypeError} in the run, in mode `'strict'`, if the inputs do not end together.
   * @example
   * const points = AsyncStream.zipKeyed({ x: [1, 2], y: [3] }, { mode: 'longest', padding: { y: 0 } });
   * await points.map(({ x, y }) => x + y).toArray(); // => [4, 2]
   * @category Combining
   */
  static zipKeyed<R extends Inputs>(
    inputs: R,
    options?: ZipOptions<Partial<Record<keyof R, unknown>>> & { readonly mode?: 'shortest' | 'strict' | undefined },
  ): AsyncStream<Keyed<R>>;
  /** Emits rows until the last input ends, with `padding` for missing elements. */
  static zipKeyed<R extends Inputs, P extends Partial<Record<keyof R, unknown>> = object>(
    inputs: R,
    options: ZipOptions<P>,
  ): AsyncStream<PaddedKeyed<R, P>>;
  static zipKeyed(inputs: Inputs, options?: ZipOptions<Readonly<Record<string, unknown>>>): AsyncStream<unknown> {
    return AsyncStream.#made(stages.zipKeyed(inputs, options), 'zipKeyed', inputs, options);
  }

  /**
   * Emits a row of the latest elements for each element that arrives, once each input has emitted one. Until then, the
   * inputs are read on and only the latest element of each is kept. After that, no element is dropped: an input is read
   * again after its last element was consumed.
   *
   * Ends with the last input, or when an input ends without an element. For rows only when one of the inputs emits, use
   * {@link AsyncStream.withLatestFrom | withLatestFrom}.
   *
   * Holds: at most two elements of each input.
   *
   * With one character for 10 ms:
   *
   *     a                                x---y---|
   *     b                                -1-2---3|
   *     AsyncStream.combineLatest(a, b)  -(x1)-(x2)(y2)--(y3)|
   *
   * @example
   * await AsyncStream.combineLatest(['a'], [1, 2]).toArray(); // => [['a', 1], ['a', 2]]
   * @category Combining
   */
  static combineLatest<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Elements<I>> {
    return AsyncStream.#combined('combineLatest', stages.combineLatest, inputs);
  }

  /**
   * Emits a row of the latest elements of this stream and of the others for each element that arrives: the static
   * {@link AsyncStream.combineLatest | combineLatest}, with this stream as the first input.
   *
   * Holds: at most two elements of each input.
   *
   * With one character for 10 ms:
   *
   *     a                   x---y---|
   *     b                   -1-2---3|
   *     a.combineLatest(b)  -(x1)-(x2)(y2)--(y3)|
   *
   * @example
   * await AsyncStream.of('a').combineLatest([1, 2]).toArray(); // => [['a', 1], ['a', 2]]
   * @category Combining
   */
  combineLatest<I extends Input<unknown>[]>(...others: I): AsyncStream<[T, ...Elements<I>]> {
    return this.#combine('combineLatest', stages.combineLatest, others);
  }

  /**
   * Emits each element of this stream in a row with the latest element of each of the others. The others are read in
   * the background from the first pull, as fast as they emit. Elements that arrive before each of the others has
   * emitted one are dropped.
   *
   * Ends with this stream. An error of another input ends the run; its end does not. See also
   * {@link AsyncStream.combineLatest | combineLatest}.
   *
   * Holds: one element of this stream, and the latest of each of the others.
   *
   * With one character for 10 ms:
   *
   *     a                    x--y--z-|
   *     b                    -1---2--|
   *     a.withLatestFrom(b)  ---(y1)--(z2)-|
   *
   * @example
   * await AsyncStream.of('a', 'b').withLatestFrom([1, 2]).toArray(); // => [['a', 2], ['b', 2]]
   * @category Combining
   */
  withLatestFrom<I extends Input<unknown>[]>(...others: I): AsyncStream<[T, ...Elements<I>]> {
    return this.#combine('withLatestFrom', stages.withLatestFrom, others);
  }

  /**
   * Emits the elements of the input that is the first to emit one or to fail. The others are then closed; a stuck one
   * is not waited for. An input without elements does not win.
   *
   * With one character for 10 ms:
   *
   *     a                       --x-y|
   *     b                       -1-2-3|
   *     AsyncStream.race(a, b)  -1-2-3|
   *
   * @example
   * const slow = AsyncStream.of(new Promise(() => {}));
   * await AsyncStream.race(slow, [], [1, 2]).toArray(); // => [1, 2]
   * @category Combining
   */
  static race<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.#combined('race', stages.race, inputs);
  }

  /**
   * Emits the elements of this stream or of another one, whichever is the first to emit one or to fail: the static
   * {@link AsyncStream.race | race}, with this stream as the first input.
   *
   * With one character for 10 ms:
   *
   *     a          --x-y|
   *     b          -1-2-3|
   *     a.race(b)  -1-2-3|
   *
   * @example
   * const slow = AsyncStream.of(new Promise(() => {}));
   * await slow.race([1, 2]).toArray(); // => [1, 2]
   * @category Combining
   */
  race<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#combine('race', stages.race, others);
  }

  /**
   * Emits one element of each input in turn. An input is read only then, and one that has ended is skipped. For the
   * order of arrival, use {@link AsyncStream.merge | merge}.
   *
   * With one character for 10 ms:
   *
   *     a                             xy--z|
   *     b                             ---1-2|
   *     AsyncStream.interleave(a, b)  x--[1y]-[2z]|
   *
   * @example
   * await AsyncStream.interleave([1, 2, 3], ['a']).toArray(); // => [1, 'a', 2, 3]
   * @category Combining
   */
  static interleave<I extends Input<unknown>[]>(...inputs: I): AsyncStream<Element<I[number]>> {
    return AsyncStream.#combined('interleave', stages.interleave, inputs);
  }

  /**
   * Emits one element of this stream and of each of the others in turn: the static
   * {@link AsyncStream.interleave | interleave}, with this stream as the first input.
   *
   * With one character for 10 ms:
   *
   *     a                xy--z|
   *     b                ---1-2|
   *     a.interleave(b)  x--[1y]-[2z]|
   *
   * @example
   * await AsyncStream.of(1, 2, 3).interleave(['a']).toArray(); // => [1, 'a', 2, 3]
   * @category Combining
   */
  interleave<I extends Input<unknown>[]>(...others: I): AsyncStream<T | Element<I[number]>> {
    return this.#combine('interleave', stages.interleave, others);
  }

  /**
   * Merges inputs that are sorted by `compare`, or by `<`, into one sorted stream. Of equal elements, the one of the
   * earlier input comes first.
   *
   * Holds: one element of each input.
   *
   * With one character for 10 ms:
   *
   *     a                                1--4-|
   *     b                                -2--3|
   *     AsyncStream.mergeSorted([a, b])  -1-23[4|]
   *
   * @example
   * await AsyncStream.mergeSorted([[1, 4], [2, 3]]).toArray(); // => [1, 2, 3, 4]
   * @category Combining
   */
  static mergeSorted<I extends Input<Ordered>[]>(inputs: readonly [...I]): AsyncStream<Element<I[number]>>;
  /** Merges inputs that are sorted by `compare`. */
  static mergeSorted<I extends Input<unknown>[]>(
    inputs: readonly [...I],
    compare: (a: Element<I[number]>, b: Element<I[number]>) => number,
  ): AsyncStream<Element<I[number]>>;
  static mergeSorted<T>(inputs: readonly Input<T>[], compare?: (a: T, b: T) => number): AsyncStream<T> {
    return AsyncStream.#made(
      stages.mergeSorted(listedSourcesOf('mergeSorted', inputs, compare), compare),
      'mergeSorted',
      inputs,
      compare,
    );
  }

  // --------------------------------------------------------------------------------------------- buffers and time

  /**
   * Reads up to `size` elements ahead, from the first pull on, while earlier ones are consumed. If the source fails,
   * the buffered elements are emitted before the error. With `overflow: 'error'`, so are they before the
   * `OverflowError`. To limit the rate of elements instead, use {@link AsyncStream.rateLimit | rateLimit}.
   *
   * Holds: at most `size` elements.
   *
   * With one character for 10 ms, and `after(ms, value)` for a promise of the value:
   *
   *     source                                                                  abcdef|
   *     source.buffer(2).map((x) => after(30, x))                               ---a--b--c--d--e--[f|]
   *     source.buffer(1, { overflow: 'drop-oldest' }).map((x) => after(30, x))  ---a--d--[f|]
   *     source.buffer(1, { overflow: 'drop-newest' }).map((x) => after(30, x))  ---a--b--[e|]
   *
   * @throws {RangeError} at the call, if `size` is not a positive integer (or `Infinity`, which bounds nothing), or
   *   `refillAt` is not less than `size`.
   * @throws {OverflowError} in the run, with `overflow: 'error'`, if an element arrives while the buffer is full.
   * @example
   * await AsyncStream.range(0, 5).buffer(2).toArray(); // => [0, 1, 2, 3, 4]
   * @category Buffers and time
   */
  buffer(size: number, options?: BufferOptions): AsyncStream<T> {
    return this.#put(stages.buffer(size, options), 'buffer', size, options);
  }

  /**
   * Emits at most `limit` elements within any `interval` milliseconds, and drops none: an element that arrives too
   * early waits, and the source with it. `burst` (default `limit`) is how many may be emitted at once. With `burst: 1`,
   * they are spaced evenly. To drop elements instead, use {@link AsyncStream.throttle | throttle}.
   *
   * Holds: one element, and the times of the last `limit`.
   *
   * With one character for 10 ms:
   *
   *     source                                       [abcde]---|
   *     source.rateLimit({ limit: 2, interval: 30 })  [ab]--[cd]--[e|]
   *
   * @throws {RangeError} at the call, if `limit` is not a positive integer, `burst` is not one up to `limit`, or
   *   `interval` is less than a millisecond or more than a timer takes (2 ** 31 - 1 ms).
   * @example
   * const requests = AsyncStream.of('/a', '/b', '/c').rateLimit({ limit: 2, interval: 5 });
   * await requests.toArray(); // => ['/a', '/b', '/c']
   * @category Buffers and time
   */
  rateLimit(options: RateLimitOptions): AsyncStream<T> {
    return this.#put(stages.rateLimit(options), 'rateLimit', options);
  }

  /**
   * Emits at most one element in `milliseconds`: the first one after a quiet time at once (`leading`), and then,
   * whenever the time has passed, the latest one that arrived meanwhile (`trailing`). The others are dropped. See also
   * {@link AsyncStream.sample | sample} and {@link AsyncStream.debounce | debounce}.
   *
   * The source is read all the time, from the first pull on. At its end, and before an error of the source, a pending
   * element is emitted without delay.
   *
   * Holds: at most two elements: one that waits for its time, and one for the consumer.
   *
   * With one character for 10 ms:
   *
   *     source                                    abc-d-----e-f-g|
   *     source.throttle(30)                       a--c--d---e--f-[g|]
   *     source.throttle(30, { trailing: false })  a---d-----e---g|
   *     source.throttle(30, { leading: false })   ---c--d------f-[g|]
   *
   * @throws {RangeError} at the call, if `milliseconds` is negative or more than a timer takes (2 ** 31 - 1), or
   *   neither the leading nor the trailing element is wanted.
   * @example
   * await AsyncStream.of(1, 2, 3).throttle(1000).toArray(); // => [1, 3]
   * @category Buffers and time
   */
  throttle(milliseconds: number, options?: ThrottleOptions): AsyncStream<T> {
    return this.#put(stages.throttle(milliseconds, options), 'throttle', milliseconds, options);
  }

  /**
   * Emits the latest element every `milliseconds` from the first pull on, if one has arrived since. The others are
   * dropped. See also {@link AsyncStream.throttle | throttle} and {@link AsyncStream.debounce | debounce}.
   *
   * The source is read all the time. At its end, and before an error of the source, a pending element is emitted
   * without delay.
   *
   * Holds: at most two elements: one that waits for its time, and one for the consumer.
   *
   * With one character for 10 ms:
   *
   *     source             ab--c-----de-f|
   *     source.sample(30)  ---b--c-----e-[f|]
   *
   * @throws {RangeError} at the call, if `milliseconds` is less than 1 or more than a timer takes (2 ** 31 - 1).
   * @example
   * await AsyncStream.of(1, 2, 3).sample(1000).toArray(); // => [3]
   * @category Buffers and time
   */
  sample(milliseconds: number): AsyncStream<T> {
    return this.#put(stages.sample(milliseconds), 'sample', milliseconds);
  }

  /**
   * Emits an element when the source has been silent for `milliseconds` after it. The others are dropped. A source that
   * is never silent delays this, for at most `maxWait` milliseconds, if that is given. See also
   * {@link AsyncStream.throttle | throttle} and {@link AsyncStream.sample | sample}.
   *
   * The source is read all the time, from the first pull on. At its end, and before an error of the source, a pending
   * element is emitted without delay.
   *
   * Holds: at most two elements: one that waits for its time, and one for the consumer.
   *
   * With one character for 10 ms:
   *
   *     source                                ab----cdef-gh----i|
   *     source.debounce(30)                   ----b----------h--[i|]
   *     source.debounce(30, { maxWait: 40 })  ----b-----f----h--[i|]
   *
   * @throws {RangeError} at the call, if a time is negative or more than a timer takes (2 ** 31 - 1 ms), or `maxWait`
   *   is less than `milliseconds`.
   * @example
   * await AsyncStream.of('a', 'as', 'async').debounce(1000).toArray(); // => ['async']
   * @category Buffers and time
   */
  debounce(milliseconds: number, options?: DebounceOptions): AsyncStream<T> {
    return this.#put(stages.debounce(milliseconds, options), 'debounce', milliseconds, options);
  }

  /**
   * Waits for `milliseconds` before it emits an element, and reads the next one after that. This is a pause before each
   * element, and not a shift of all of them in time. The end and an error of the source are not delayed.
   *
   * Holds: one element.
   *
   * With one character for 10 ms:
   *
   *     source            a----b--c|
   *     source.delay(20)  --a----b--[c|]
   *
   * @throws {RangeError} at the call, if `milliseconds` is negative or more than a timer takes (2 ** 31 - 1).
   * @example
   * await AsyncStream.of(1, 2).delay(1).toArray(); // => [1, 2]
   * @category Buffers and time
   */
  delay(milliseconds: number): AsyncStream<T> {
    return this.#put(stages.delay(milliseconds), 'delay', milliseconds);
  }

  /**
   * Fails if an element, or the whole run, takes too long: with a `DOMException` whose name is `'TimeoutError'`, even
   * if the source is stuck for ever. The source is closed.
   *
   * - A number, or `each`, limits the wait for each element. It is counted from the pull: the consumer's own time does
   *   not count.
   * - `first` is the limit for the first element, in place of `each`.
   * - `total` is the limit for the whole run, including the consumer's time. It ends the run as an abort does: a later
   *   stage such as `chunks` drops the elements that it holds, while an element that is late lets it emit them first.
   *   Stages that buffer elements divide a run: it counts the part upstream.
   *
   * To emit a value instead of failing, use {@link AsyncStream.heartbeat | heartbeat}.
   *
   * With one character for 10 ms:
   *
   *     source                                            a--b------c|
   *     source.timeout(40).catch(() => ['x'])             a--b---[x|]
   *     source.timeout({ total: 50 }).catch(() => ['x'])  a--b-[x|]
   *
   * @throws {RangeError} at the call, if a time is negative or more than a timer takes (2 ** 31 - 1 ms).
   * @throws {TimeoutError} in the run. {@link AsyncStream.catch | catch} and {@link AsyncStream.retry | retry} see it
   *   as they see any other error.
   * @example
   * const silent = AsyncStream.from(() => new ReadableStream());
   * await silent.timeout(5).toArray().catch((error) => error.name); // => 'TimeoutError'
   * @category Buffers and time
   */
  timeout(limits: number | TimeoutOptions): AsyncStream<T> {
    const { each, total } = stages.timeout<T>(limits);
    return this.#put(each, 'timeout', limits).#put(total);
  }

  /**
   * Emits the value whenever the upstream has been silent for `milliseconds`, again and again while it stays silent.
   * Silence is the wait for an element that was pulled: the consumer's own time does not count, except for the time that
   * it takes for such a value. Another value is then ready for it, but never more than one.
   *
   * Holds: at most one value.
   *
   * With one character for 10 ms:
   *
   *     source                   a-b-------c|
   *     source.heartbeat(30, 0)  a-b--0--0-c|
   *
   * @throws {RangeError} at the call, if `milliseconds` is less than 1, or more than a timer takes (2 ** 31 - 1).
   * @example
   * const silent = AsyncStream.from(() => new ReadableStream());
   * await silent.heartbeat(2, 'ping').take(2).toArray(); // => ['ping', 'ping']
   * @category Buffers and time
   */
  heartbeat<U = never>(milliseconds: number, value: T | U): AsyncStream<T | U> {
    return this.#put(stages.heartbeat(milliseconds, value), 'heartbeat', milliseconds, value);
  }

  // ------------------------------------------------------------------------------------------------------- sharing

  /**
   * Splits the stream into `count` (default 2) branches over one run. Each branch emits all elements, and can be run
   * once. The run starts with the first pull of a branch, and is closed when the last branch has been left. An error
   * reaches each branch after the elements before it.
   *
   * Read all branches at the same time, or close them. A slow branch buffers up to `buffer` elements. When that is
   * full, the other branches wait for it, or `overflow` applies to it. For any number of consumers, use
   * {@link AsyncStream.share | share}; for two kinds of elements, {@link AsyncStream.partition | partition}.
   *
   * Holds: at most `buffer` elements (default 16) for each branch.
   *
   * With one character for 10 ms:
   *
   *     source                              a-b--c|
   *     AsyncStream.merge(...source.tee())  [aa]-[bb]--[cc]|
   *
   * @throws {RangeError} at the call, if `count` is not a positive integer, or `buffer` is neither one nor `Infinity`.
   * @throws {TeeStalledError} in the run, if a branch that was never read holds up the others for a second.
   * @throws {OverflowError} in the run, with `overflow: 'error'`, if an element arrives while the buffer of a branch is
   *   full: that branch fails.
   * @example
   * const [one, other] = AsyncStream.of(1, 2, 3).tee();
   * await Promise.all([one.toArray(), other.sum()]); // => [[1, 2, 3], 6]
   * @category Sharing
   */
  tee<N extends number = 2>(count?: N, options?: Buffering): Window<AsyncStream<T>, N> {
    return stages
      .tee(this.#upstream, count, options)
      .map((branch) => this.#sharing(branch, 'tee', count, options)) as Window<AsyncStream<T>, N>;
  }

  /**
   * Splits the stream in two over one run: the elements for which `guard` returns a truthy value, or a promise of one,
   * and the rest. Read both at the same time, or close them, as the branches of {@link AsyncStream.tee | tee}.
   *
   * Holds: at most `buffer` elements (default 16) for each side.
   *
   * With one character for 10 ms:
   *
   *     source                                1-5-2-7|
   *     source.partition((x) => x > 3).at(0)  --5---7|
   *     source.partition((x) => x > 3).at(1)  1---2--|
   *
   * @throws {RangeError} at the call, if `buffer` is neither a positive integer nor `Infinity`.
   * @throws {TeeStalledError} in the run, if a side that was never read holds up the other for a second.
   * @throws {OverflowError} in the run, with `overflow: 'error'`, if an element arrives while the buffer of its side is
   *   full: that side fails.
   * @example
   * const [even, odd] = AsyncStream.range(0, 5).partition((x) => x % 2 === 0);
   * await Promise.all([even.toArray(), odd.toArray()]); // => [[0, 2, 4], [1, 3]]
   * @category Sharing
   */
  partition<S extends T>(
    guard: (value: T, index: number, context: Context) => value is S,
    options?: Buffering,
  ): [matching: AsyncStream<S>, rest: AsyncStream<Exclude<T, S>>];
  /** Splits the stream in two: the elements for which `guard` returns a truthy value, and the rest. */
  partition(
    guard: (value: T, index: number, context: Context) => unknown,
    options?: Buffering,
  ): [matching: AsyncStream<T>, rest: AsyncStream<T>];
  partition(guard: Fn<T, unknown>, options?: Buffering): [matching: AsyncStream<T>, rest: AsyncStream<T>] {
    const call = this.#called('partition', [guard, options]);
    const [matching, rest] = stages.partition(this.#upstream, guard, call, options);
    return [new AsyncStream(matching, { ...call, origin: matching }), new AsyncStream(rest, { ...call, origin: rest })];
  }

  /**
   * Emits the elements of one run to all of its consumers.
   *
   * - The run starts with the first consumer, and is closed when the last one leaves.
   * - Consumers that begin without an `await` between them get the same elements. So do both streams in
   *   `shared.takeUntil(shared.filter(fn))`.
   * - A consumer that joins later gets the last `replay` elements (default 0), and then the following ones.
   * - A consumer that joins after the end starts a new run, for which the source must be one that can be run again.
   *
   * A slow consumer buffers up to `buffer` elements. When that is full, the others wait for it, or `overflow` applies
   * to it. For a fixed number of consumers, use {@link AsyncStream.tee | tee}.
   *
   * Holds: at most `buffer` elements (default 16) for each consumer, and the last `replay`.
   *
   * With one character for 10 ms, and `joined` for two consumers, of which the second comes 20 ms later:
   *
   *     source                  a--b--c|
   *     joined(source.share())  a--[bb]--[cc]|
   *
   * @throws {RangeError} at the call, if `replay` is negative or not whole, or `buffer` is not a positive integer. Both
   *   may be `Infinity`.
   * @throws {OverflowError} in the run, with `overflow: 'error'`, if an element arrives while the buffer of a consumer
   *   is full: that consumer fails.
   * @example
   * let runs = 0;
   * const shared = AsyncStream.from(() => [++runs]).share();
   * await Promise.all([shared.toArray(), shared.toArray()]); // => [[1], [1]]
   * await shared.toArray(); // => [2]
   * @category Sharing
   */
  share(options?: ShareOptions): AsyncStream<T> {
    return this.#sharing(stages.share(this.#upstream, options), 'share', options);
  }

  // ------------------------------------------------------------------------------- errors, cancellation, resources

  /**
   * Ends the run at once when the signal aborts: it rejects with `signal.reason`, even if the source is stuck.
   *
   * - The source is closed. That is awaited, unless the source is in the middle of producing an element.
   * - If the signal has already aborted, the source is not opened.
   * - {@link AsyncStream.catch | catch} and {@link AsyncStream.retry | retry} do not catch the reason. A stage of your
   *   own downstream ({@link AsyncStream.pipe | pipe}) sees it as an error.
   *
   * Terminals take a `signal` of their own. To end normally, use {@link AsyncStream.takeUntil | takeUntil}.
   *
   * @throws {TypeError} at the call, if it is not an `AbortSignal`.
   * @example
   * const controller = new AbortController();
   * const stream = AsyncStream.range(0).tap((x) => x === 2 && controller.abort('enough')).withSignal(controller.signal);
   * await stream.toArray().catch((reason) => reason); // => 'enough'
   * @category Errors and cancellation
   */
  withSignal(signal: SignalLike): AsyncStream<T> {
    return this.#put(stages.withSignal(signal), 'withSignal', signal);
  }

  /**
   * If the upstream fails, closes it, waits, and runs it again, up to `times` (default 3) times. After that, it rejects
   * with the last error. Errors of later stages and of the consumer are not retried, and neither are aborts.
   *
   * The upstream starts from its beginning: **elements that were already emitted are emitted again**. With `resume`,
   * which returns a stream that continues after the last element, each is emitted once. `times` counts all failures;
   * with `resume` or `resetOnSuccess`, only failures in a row. To repeat single calls, wrap the callback in
   * {@link retrying}.
   *
   * During a wait, the run ends at once when the consumer leaves, or when the signal of the terminal or of a
   * {@link AsyncStream.withSignal | withSignal} downstream aborts. A signal upstream takes effect when the stream is
   * run again.
   *
   * With one character for 10 ms:
   *
   *     source                                 a-b-^
   *     source.retry({ times: 1, delay: 20 })  a-b---a-b-^
   *
   * @throws {RangeError} at the call, if `times` is negative or not whole, or `delay` or `maxDelay` is negative or more
   *   than a timer takes (2 ** 31 - 1 ms); if `backoff` is not `'fixed'`, `'exponential'` or a number from 1 on, or
   *   `jitter` is not from 0 to 1.
   * @throws {TypeError} at the call, without `resume`, if the source can be run only once: an iterator, a generator
   *   object, a readable stream. If that is found in the run, it rejects with a `StreamConsumedError` whose `cause` is
   *   the first error.
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
   * @category Errors and cancellation
   */
  retry<I extends Input<unknown> = never>(options?: RetryOptions<T, I>): AsyncStream<T | Element<I>> {
    return this.#with(stages.retry<T | Element<I>>(this.#upstream, options as never), 'retry', options);
  }

  // ----------------------------------------------------------------------------------------------------- terminals

  /**
   * Resolves with all elements in an array.
   *
   * Holds: all elements, or with `limit` at most `limit` of them.
   *
   * @throws {RangeError} in the run, if there are more than `limit` (default `Infinity`) elements: a guard for sources
   *   that may not end.
   * @example
   * await AsyncStream.range(0, 3).toArray(); // => [0, 1, 2]
   * @category Results
   */
  toArray(options?: ToArrayOptions & Ending): Promise<T[]> {
    return this.#end('toArray', collectors.toArray<T>(options), options);
  }

  /**
   * Resolves with all elements in a `Set`.
   *
   * Holds: all distinct elements.
   *
   * @example
   * await AsyncStream.of(1, 2, 1).toSet(); // => new Set([1, 2])
   * @category Results
   */
  toSet(options?: Ending): Promise<Set<T>> {
    return this.#run('toSet', collectors.toSet<T>(), options);
  }

  /**
   * Resolves with a `Map` of pairs `[key, value]`, or of the results of `key` and `value` for each element. Of equal
   * keys the last one wins, unless `merge` combines the two values. A pair that a callback returns is written `[key,
   * value] as const`. See also {@link AsyncStream.toObject | toObject}.
   *
   * Holds: one value for each key.
   *
   * @throws {TypeError} in the run, without a `key`, if an element is not a pair.
   * @example
   * await AsyncStream.of('a', 'b').entries().toMap(); // => new Map([[0, 'a'], [1, 'b']])
   * await AsyncStream.of('a', 'bb').toMap((word) => word.length); // => new Map([[1, 'a'], [2, 'bb']])
   * @category Results
   */
  toMap<K, V>(
    this: AsyncStream<Pair<K, V>>,
    key?: undefined,
    value?: undefined,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Map<K, V>>;
  /** Resolves with a `Map` from the result of `key` to each element. */
  toMap<K, V>(
    this: AsyncStream<V>,
    key: (value: V, index: number, context: Context) => K | PromiseLike<K>,
    value?: undefined,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Map<K, V>>;
  /** Resolves with a `Map` from the result of `key` to the result of `value` for each element. */
  toMap<K, V>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value: (value: T, index: number, context: Context) => V | PromiseLike<V>,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Map<K, V>>;
  toMap(...args: never[]): Promise<Map<unknown, unknown>> {
    return this.#end('toMap', collectors.toMap(...(args as unknown as [never])), args[2]);
  }

  /**
   * Resolves with an object without a prototype, of pairs `[key, value]`, or of the results of `key` and `value` for
   * each element. Of equal keys the last one wins, unless `merge` combines the two values. See also
   * {@link AsyncStream.toMap | toMap}.
   *
   * Holds: one value for each key.
   *
   * @throws {TypeError} in the run, without a `key`, if an element is not a pair.
   * @example
   * await AsyncStream.of('a', 'bb').toObject((word) => word, (word) => word.length); // => { a: 1, bb: 2 }
   * @category Results
   */
  toObject<K extends PropertyKey, V>(
    this: AsyncStream<Pair<K, V>>,
    key?: undefined,
    value?: undefined,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Dictionary<K, V>>;
  /** Resolves with an object from the result of `key` to each element. */
  toObject<K extends PropertyKey, V>(
    this: AsyncStream<V>,
    key: (value: V, index: number, context: Context) => K | PromiseLike<K>,
    value?: undefined,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Dictionary<K, V>>;
  /** Resolves with an object from the result of `key` to the result of `value` for each element. */
  toObject<K extends PropertyKey, V>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    value: (value: T, index: number, context: Context) => V | PromiseLike<V>,
    options?: MergeOptions<K, V> & Ending,
  ): Promise<Dictionary<K, V>>;
  toObject(...args: never[]): Promise<Dictionary<PropertyKey, unknown>> {
    return this.#end('toObject', collectors.toObject(...(args as unknown as [never])), args[2]);
  }

  /**
   * Resolves with a `Map` from each key to an array of its elements. For live groups while the source runs, use
   * {@link AsyncStream.groupByKey | groupByKey}.
   *
   * Holds: all elements.
   *
   * @example
   * await AsyncStream.of(1, 2, 3).groupBy((x) => (x % 2 ? 'odd' : 'even')); // => new Map([['odd', [1, 3]], ['even', [2]]])
   * @category Results
   */
  groupBy<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    options?: Ending,
  ): Promise<Map<K, T[]>> {
    return this.#run('groupBy', collectors.groupBy(key), options);
  }

  /**
   * Resolves with a `Map` from each key to the number of its elements.
   *
   * Holds: one number for each key.
   *
   * @example
   * await AsyncStream.of('ant', 'bee', 'ape').countBy((word) => word[0]); // => new Map([['a', 2], ['b', 1]])
   * @category Results
   */
  countBy<K>(
    key: (value: T, index: number, context: Context) => K | PromiseLike<K>,
    options?: Ending,
  ): Promise<Map<K, number>> {
    return this.#run('countBy', collectors.countBy(key), options);
  }

  /**
   * Resolves with one value, folded from all elements. Without `initial`, the first element is the first value. Options
   * come third, after `initial`; without one, use {@link AsyncStream.withSignal | withSignal}.
   *
   * @throws {TypeError} in the run, without `initial`, if the stream is empty.
   * @example
   * await AsyncStream.of(1, 2, 3).reduce((sum, x) => sum + x, 0); // => 6
   * @category Results
   */
  reduce(fn: (accumulator: T, value: T, index: number, context: Context) => T | PromiseLike<T>): Promise<T>;
  /** Resolves with one value, folded from `initial` and all elements. */
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
   * Calls `fn` with each element, one after the other, and awaits its promise, as a `for await` loop does. With
   * `concurrency` (default 1) up to `concurrency` calls run at once, and the first error ends the run: `ordered` makes
   * no difference.
   *
   * @throws {RangeError} at the call, if `concurrency` is not a positive integer, `Infinity` or a limiter, or `buffer`
   *   is negative or not whole.
   * @example
   * const seen = [];
   * await AsyncStream.of(1, 2).forEach(async (x) => seen.push(x));
   * seen; // => [1, 2]
   * @category Results
   */
  forEach(
    fn: (value: T, index: number, context: Context) => unknown,
    options?: Concurrency<T> & Ending,
  ): Promise<void> {
    const collector = collectors.forEach(fn);
    const limits = limitsOf('forEach', options, FOR_EACH);
    if (limits === undefined) return this.#end('forEach', collector, options);
    const mapped = this.#put(concurrentMap(fn, { ...limits, ordered: false }), 'forEach', fn, options);
    return mapped.#end('forEach', collectors.drain(), options);
  }

  /**
   * Resolves with the number of elements.
   *
   * @example
   * await AsyncStream.of('a', 'b').count(); // => 2
   * @category Results
   */
  count(options?: Ending): Promise<number> {
    return this.#run('count', collectors.count(), options);
  }

  /**
   * Resolves with the sum of the numbers; 0 if there are none.
   *
   * @throws {TypeError} in the run, if an element is not a number.
   * @example
   * await AsyncStream.of(1, 2, 3).sum(); // => 6
   * @category Results
   */
  sum(this: AsyncStream<number>, options?: Ending): Promise<number> {
    return this.#run('sum', collectors.sum(), options);
  }

  /**
   * Resolves with the arithmetic mean of the numbers; NaN if there are none.
   *
   * @throws {TypeError} in the run, if an element is not a number.
   * @example
   * await AsyncStream.of(1, 2, 6).average(); // => 3
   * @category Results
   */
  average(this: AsyncStream<number>, options?: Ending): Promise<number> {
    return this.#run('average', collectors.average(), options);
  }

  /**
   * Resolves with the least element by `compare`, or by `<`; undefined if there are none. Of equal elements, it is the
   * first. An element without an order, such as NaN, wins over all others, as in `Math.min`.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).min(); // => 1
   * @category Results
   */
  min(this: AsyncStream<Ordered>, compare?: undefined, options?: Ending): Promise<T | undefined>;
  /** Resolves with the least element by `compare`. */
  min(compare: (a: T, b: T) => number, options?: Ending): Promise<T | undefined>;
  min(compare?: (a: never, b: never) => number, options?: Ending): Promise<T | undefined> {
    return this.#run('min', collectors.min(compare as (a: T, b: T) => number), options);
  }

  /**
   * Resolves with the greatest element by `compare`, or by `<`; undefined if there are none. Of equal elements, it is
   * the first. An element without an order, such as NaN, wins over all others, as in `Math.max`.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).max(); // => 3
   * @category Results
   */
  max(this: AsyncStream<Ordered>, compare?: undefined, options?: Ending): Promise<T | undefined>;
  /** Resolves with the greatest element by `compare`. */
  max(compare: (a: T, b: T) => number, options?: Ending): Promise<T | undefined>;
  max(compare?: (a: never, b: never) => number, options?: Ending): Promise<T | undefined> {
    return this.#run('max', collectors.max(compare as (a: T, b: T) => number), options);
  }

  /**
   * Resolves with the element whose key is the least by `<`; undefined if there are none. Of equal keys, it is the
   * first.
   *
   * @example
   * await AsyncStream.of('ccc', 'a', 'bb').minBy((word) => word.length); // => 'a'
   * @category Results
   */
  minBy(
    key: (value: T, index: number, context: Context) => Ordered | PromiseLike<Ordered>,
    options?: Ending,
  ): Promise<T | undefined> {
    return this.#run('minBy', collectors.minBy(key), options);
  }

  /**
   * Resolves with the element whose key is the greatest by `<`; undefined if there are none. Of equal keys, it is the
   * first.
   *
   * @example
   * await AsyncStream.of('ccc', 'a', 'bb').maxBy((word) => word.length); // => 'ccc'
   * @category Results
   */
  maxBy(
    key: (value: T, index: number, context: Context) => Ordered | PromiseLike<Ordered>,
    options?: Ending,
  ): Promise<T | undefined> {
    return this.#run('maxBy', collectors.maxBy(key), options);
  }

  /**
   * Resolves with the `count` greatest elements by `compare`, or by `<`, the greatest first.
   *
   * Holds: at most `2 * count` elements.
   *
   * @throws {RangeError} at the call, if `count` is negative or not whole. `Infinity` is not allowed.
   * @example
   * await AsyncStream.of(3, 1, 4, 1, 5).top(2, (a, b) => a - b); // => [5, 4]
   * @category Results
   */
  top(this: AsyncStream<Ordered>, count: number, compare?: undefined, options?: Ending): Promise<T[]>;
  /** Resolves with the `count` greatest elements by `compare`, the greatest first. */
  top(count: number, compare: (a: T, b: T) => number, options?: Ending): Promise<T[]>;
  top(count: number, compare?: (a: never, b: never) => number, options?: Ending): Promise<T[]> {
    return this.#run('top', collectors.top(count, compare as (a: T, b: T) => number), options);
  }

  /**
   * Resolves with one string of all elements, with the separator (default `','`) between them. Null and undefined
   * become empty strings, as in `Array.prototype.join`.
   *
   * Holds: the string.
   *
   * @example
   * await AsyncStream.of('a', 'b').join('-'); // => 'a-b'
   * @category Results
   */
  join(separator?: string, options?: Ending): Promise<string> {
    return this.#run('join', collectors.join(separator), options);
  }

  /**
   * Resolves with true if `predicate` returns a truthy value for an element, and closes the source there.
   *
   * @example
   * await AsyncStream.range(0).some((x) => x > 5); // => true
   * @category Results
   */
  some(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<boolean> {
    return this.#run('some', collectors.some(predicate), options);
  }

  /**
   * Resolves with false if `predicate` returns a falsy value for an element, and closes the source there; otherwise
   * with true.
   *
   * @example
   * await AsyncStream.range(0).every((x) => x < 5); // => false
   * @category Results
   */
  every(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<boolean> {
    return this.#run('every', collectors.every(predicate), options);
  }

  /**
   * Resolves with the first element for which `predicate` returns a truthy value, and closes the source there;
   * undefined if there is none.
   *
   * @example
   * await AsyncStream.range(0).find((x) => x * x > 50); // => 8
   * @category Results
   */
  find<S extends T>(
    predicate: (value: T, index: number, context: Context) => value is S,
    options?: Ending,
  ): Promise<S | undefined>;
  /** Resolves with the first element for which `predicate` returns a truthy value. */
  find(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<T | undefined>;
  find(predicate: Fn<T, unknown>, options?: Ending): Promise<T | undefined> {
    return this.#run('find', collectors.find(predicate), options);
  }

  /**
   * Resolves with the index of the first element for which `predicate` returns a truthy value, and closes the source
   * there; -1 if there is none.
   *
   * @example
   * await AsyncStream.of('a', 'b').findIndex((letter) => letter === 'b'); // => 1
   * @category Results
   */
  findIndex(predicate: (value: T, index: number, context: Context) => unknown, options?: Ending): Promise<number> {
    return this.#run('findIndex', collectors.findIndex(predicate), options);
  }

  /**
   * Resolves with true if the value is among the elements, compared as in `Array.prototype.includes`, and closes the
   * source there.
   *
   * @example
   * await AsyncStream.of(1, NaN).includes(NaN); // => true
   * @category Results
   */
  includes(value: unknown, options?: Ending): Promise<boolean> {
    return this.#run('includes', collectors.includes(value), options);
  }

  /**
   * Resolves with the first element, and closes the source; with the default, or undefined, if there is none. Options
   * come second: `first(undefined, { signal })`.
   *
   * @example
   * await AsyncStream.range(7).first(); // => 7
   * await AsyncStream.of().first('none'); // => 'none'
   * @category Results
   */
  first(): Promise<T | undefined>;
  /** Resolves with the first element, or the default if there is none. */
  first(defaultValue: T): Promise<T>;
  /** Resolves with the first element, or the default if there is none. */
  first<D = never>(defaultValue: T | D, options?: Ending): Promise<T | D>;
  first<D>(defaultValue?: D, options?: Ending): Promise<T | D | undefined> {
    return this.#run('first', collectors.first<T, D | undefined>(defaultValue), options);
  }

  /**
   * Resolves with the last element; with the default, or undefined, if there is none. Options come second:
   * `last(undefined, { signal })`.
   *
   * @example
   * await AsyncStream.of(1, 2).last(); // => 2
   * @category Results
   */
  last(): Promise<T | undefined>;
  /** Resolves with the last element, or the default if there is none. */
  last(defaultValue: T): Promise<T>;
  /** Resolves with the last element, or the default if there is none. */
  last<D = never>(defaultValue: T | D, options?: Ending): Promise<T | D>;
  last<D>(defaultValue?: D, options?: Ending): Promise<T | D | undefined> {
    return this.#run('last', collectors.last<T, D | undefined>(defaultValue), options);
  }

  /**
   * Resolves with the element at the index, and closes the source there; undefined if there is none. A negative index
   * counts from the end.
   *
   * Holds: nothing, or with a negative index at most `-index` elements.
   *
   * @throws {RangeError} at the call, if the index is not an integer.
   * @example
   * await AsyncStream.of('a', 'b', 'c').at(1); // => 'b'
   * await AsyncStream.of('a', 'b', 'c').at(-1); // => 'c'
   * @category Results
   */
  at(index: number, options?: Ending): Promise<T | undefined> {
    return this.#run('at', collectors.at(index), options);
  }

  /**
   * Resolves with the only element.
   *
   * @throws {RangeError} in the run, if there is none, or more than one.
   * @example
   * await AsyncStream.of('a').single(); // => 'a'
   * @category Results
   */
  single(options?: Ending): Promise<T> {
    return this.#run('single', collectors.single(), options);
  }

  /**
   * Resolves with true if there are no elements. Closes the source at the first one.
   *
   * @example
   * await AsyncStream.of().isEmpty(); // => true
   * @category Results
   */
  isEmpty(options?: Ending): Promise<boolean> {
    return this.#run('isEmpty', collectors.isEmpty(), options);
  }

  /**
   * Runs the stream, and drops the elements.
   *
   * @example
   * const log = [];
   * await AsyncStream.of(1, 2).tap((x) => log.push(x)).drain();
   * log; // => [1, 2]
   * @category Results
   */
  drain(options?: Ending): Promise<void> {
    return this.#run('drain', collectors.drain(), options);
  }

  /**
   * Writes the elements into a web `WritableStream` or a Node `Writable`, and resolves when that has finished.
   *
   * - The source is read only while the destination has room, also for its first element.
   * - An error of either side rejects the promise, and ends the other side: the source is closed, or the destination is
   *   aborted or destroyed with the error, once the elements before the error have been written.
   * - When `signal` aborts, that is done at once with its reason. Elements in the buffer of the destination are then lost.
   * - A destination that closes early, such as the response to an HTTP client that has gone, closes the source at once.
   *   If it was closed, destroyed or failed before, the source is not opened.
   * - With `preventClose`, the destination stays open at the end, and the promise resolves when all elements have been
   *   written. Needed for `process.stdout`, if the program prints anything after that.
   * - With `preventAbort`, it stays open after an error or an abort.
   *
   * @throws {TypeError} at the call, if it is not a destination, or is locked or ended; in the run, if an element for a
   *   Node stream is null.
   * @throws {DestinationClosedError} in the run, if the destination closes early, or was closed or destroyed before.
   * @example
   * const written = [];
   * const destination = new WritableStream({ write: (chunk) => void written.push(chunk) });
   * await AsyncStream.of('a', 'b').pipeTo(destination);
   * written; // => ['a', 'b']
   * @category Streams of the platform
   */
  pipeTo(destination: Destination<T>, options?: PipeToOptions): Promise<void> {
    const written = this.#put(stages.pipeTo(destination, options), 'pipeTo', destination, options);
    return written.#end('pipeTo', collectors.drain(), options);
  }

  /**
   * Resolves with the result of a collector, or of several collectors in one pass, each under its name. The source is
   * closed as soon as all of them have enough. All terminals except `pipeTo` are exported as `collectors`, and a collector
   * of your own is a function that returns `{ push, result }`.
   *
   * @example
   * await AsyncStream.of(3, 1, 2).collect({ sum: collectors.sum(), max: collectors.max() }); // => { sum: 6, max: 3 }
   * @category Results
   */
  collect<R>(collector: Collector<T, R>, options?: Ending): Promise<R>;
  /** Resolves with the results of several collectors in one pass, each under its name. */
  collect<R extends Readonly<Record<string, unknown>>>(
    collectors: { readonly [Name in keyof R]: Collector<T, R[Name]> },
    options?: Ending,
  ): Promise<R>;
  collect(collector: never, options?: Ending): Promise<unknown> {
    return this.#run('collect', collectors.collect(collector), options);
  }

  // ---------------------------------------------------------------------------------------------------- iteration

  /**
   * Returns an iterator over one run: `for await` calls this. Its `return()` takes effect at once, even while a
   * `next()` is pending.
   *
   * @example
   * const seen = [];
   * for await (const x of AsyncStream.range(0)) {
   *   seen.push(x);
   *   if (x === 2) break;
   * }
   * seen; // => [0, 1, 2]
   * @category By hand
   */
  [Symbol.asyncIterator](): DisposableIterator<T> {
    return disposable(this.#open(new RunIterator(this.#plan<T>())));
  }

  /**
   * Returns an iterator over one run with more methods, to read a stream by hand: `nextOr(default)`, `peek()`,
   * `pull(count)` and `rest()`.
   *
   * With `close: false`, it only borrows the source: `return()`, or a `break`, ends the iterator and leaves the source
   * open.
   *
   * - `rest()` continues from there. So does the next run, if the stream is over an iterator, a generator object or a
   *   readable stream, without stages between; a stream that can be run again starts anew.
   * - A pending `next()` still gets its element.
   * - Without a `rest()`, dispose of the iterator or of the stream: until then the source stays open.
   * - `Symbol.asyncDispose` closes the source in any case, even while a rest is being read: a function that returns a rest
   *   does not declare its iterator with `await using`.
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
   * @category By hand
   */
  iterator(options?: IteratorOptions): StreamIterator<T> {
    const { close = true } = optionsOf('iterator', options, { close: checkBoolean });
    const given = this.#stages === undefined && this.#source instanceof InputSource ? this.#source : undefined;
    const reader = new HandReader(
      this.#open(new Rest(new RunIterator(this.#plan<T>()), given as InputSource<T> | undefined)),
      (rest) => (close ? rest.return() : given?.lend(rest)),
      (rest) => AsyncStream.from<T>(rest),
    );
    return disposable(reader);
  }

  /**
   * Returns a web `ReadableStream` over one run, such as the body of a `Response`. For a Node stream, use
   * `Readable.from(stream)`.
   *
   * - The run starts with the first read, and each read pulls one element. With `highWaterMark`, it reads ahead from
   *   the call on. An error comes after the elements that were read ahead, an abort at once.
   * - `cancel()` closes the source at once. Its reason is that of the callbacks' signals.
   * - With `type: 'bytes'`, elements are copied, so that no buffer is taken from its owner, and empty ones are left
   *   out.
   *
   * Holds: at most `highWaterMark` elements (default 0); with `type: 'bytes'`, as many bytes and one element.
   *
   * @throws {TypeError} at the call, if an option has the wrong type; in the run, with `type: 'bytes'`, if an element
   *   is neither a view nor an `ArrayBuffer`.
   * @throws {RangeError} at the call, if `highWaterMark` is negative or NaN, or `type` is another string.
   * @example
   * const encoder = new TextEncoder();
   * const body = AsyncStream.of('Hello, ', 'world').map((text) => encoder.encode(text)).toReadableStream();
   * await new Response(body).text(); // => 'Hello, world'
   * @category Streams of the platform
   */
  toReadableStream(options: ToReadableStreamOptions & { readonly type: 'bytes' }): WebReadableStream<Uint8Array>;
  /** Returns a web `ReadableStream` of the elements. */
  toReadableStream(options?: ToReadableStreamOptions): WebReadableStream<T>;
  toReadableStream(options?: ToReadableStreamOptions): WebReadableStream<never> {
    return toReadableStream(this.#plan<T>(), options, (run) => this.#open(run));
  }

  /**
   * Ends the runs of iterators of this stream that are still open, and closes the source if no run has opened it.
   * Awaits both. This is what `await using` calls.
   *
   * Other uses of the stream are not affected: results that are still pending, and streams made from this one. A stream
   * that can be run again still can. The stream remembers its iterators until they have ended.
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
   * @category By hand
   */
  async [ASYNC_DISPOSE](): Promise<void> {
    const runs = this.#runs?.close();
    await all([runs, (async () => this[SOURCE].discard())()]);
  }

  // ---------------------------------------------------------------------------------------------------- looking inside

  /**
   * Returns the stream with a label, which {@link AsyncStream.explain | explain},
   * {@link AsyncStream.toString | toString}, {@link AsyncStream.profile | profile} and
   * {@link AsyncStream.traceOf | traceOf} show. Elements pass unchanged.
   *
   * @throws {TypeError} at the call, if the name is not a string.
   * @example
   * String(AsyncStream.of(1, 2).named('numbers')); // => "AsyncStream 'numbers' (repeatable)\n└ of(1, 2)"
   * @category Looking inside
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
   * Returns the plan of the stream as plain data: its source and stages with their callbacks and options, which stages
   * are fused, and whether its source can be run more than once. Runs nothing. See also
   * {@link AsyncStream.toString | toString}.
   *
   * Fused stages run in one loop with the stage before them; a promise passes between all others.
   *
   * @example
   * const { source, stages, repeatable } = AsyncStream.range(0, 9).chunks(2).explain();
   * source.method; // => 'range'
   * stages; // => [{ method: 'chunks', args: ['2'], fused: true }]
   * repeatable; // => true
   * @category Looking inside
   */
  explain(): Explanation {
    return explain(this.#call, this.#source.once === undefined, (value) =>
      typeof value === 'object' && value !== null && #call in value
        ? (value as AsyncStream<unknown>).explain()
        : undefined,
    );
  }

  /**
   * Measures all stages upstream while the stream runs, and reports which of them limits its throughput. Elements pass
   * unchanged.
   *
   * `report` gets the figures of each stage: elements in and out, the time in its callbacks, how many of them run, the
   * time it waited for the stages before and after it, how full a buffer is, and the name of the bottleneck.
   *
   * - It is called when the run is over, however it ended, and with `every` also that many milliseconds apart.
   * - A promise that it returns is awaited at the end. If it throws or rejects, the run fails.
   * - The stages are measured with a clock around each callback and each element, which slows them down. A stream
   *   without `profile` pays nothing.
   * - The stages upstream of `tee`, `partition`, `share` or another `profile` are measured as one source.
   *
   * For a progress bar, use {@link AsyncStream.progress | progress}.
   *
   * @throws {RangeError} at the call, if `every` is less than 1 or more than a timer takes (2 ** 31 - 1 ms).
   * @example
   * const profiles = [];
   * const slow = async (x) => new Promise((resolve) => setTimeout(resolve, 5, x));
   * await AsyncStream.range(0, 9).map(slow).profile((profile) => profiles.push(profile)).drain();
   * profiles[0].bottleneck; // => 'map(slow)'
   * profiles[0].stages.map(({ method, out }) => [method, out]); // => [['range', 9], ['map', 9]]
   * @category Looking inside
   */
  profile(report: (profile: Profile) => unknown, options?: ProfileOptions): AsyncStream<T> {
    return this.#sharing(
      profile(this.#upstream, this.#call, AsyncStream.#rebuild, report, options),
      'profile',
      report,
      options,
    );
  }

  /**
   * Reports how far the run has come: elements done, their rate, and with `total` the time that remains. Elements pass
   * unchanged. It counts the elements that reach it: put it after the work.
   *
   * - `report` is called before the source is opened, then every `every` milliseconds (default 100), even while no
   *   element arrives and beside a source that never waits, and when the run is over, however it ended.
   * - The promises of the first and the last report are awaited. While the promise of a report is pending, only the
   *   last report comes.
   * - If a report throws or rejects, or a promise of `total` rejects during the run, the run fails.
   *
   * @throws {RangeError} at the call, if `every` is less than 1 or more than a timer takes (2 ** 31 - 1 ms), or `total`
   *   is not a non-negative integer.
   * @example
   * const lines = [];
   * const print = ({ done, total, over }) => lines.push(`${done} of ${total}${over ? ', over' : ''}`);
   * await AsyncStream.range(0, 9).progress(print, { total: 9 }).drain();
   * lines; // => ['0 of 9', '9 of 9, over']
   * @category Looking inside
   */
  progress(report: (progress: Progress) => unknown, options?: ProgressOptions): AsyncStream<T> {
    return this.#put(progress(report, options), 'progress', report, options);
  }

  /**
   * Returns the place that an error came from: the source, the stage or the terminal that failed, its callback, the
   * index of the element, and the errors of cleanups that were dropped for it. Undefined for an error that no stream
   * has passed on, and for a thrown value that is not an object.
   *
   * The trace is kept beside the error, so the error itself stays as it was thrown. If a callback ran a stream of its
   * own, `inner` is the place in that stream.
   *
   * @example
   * const parse = (text) => JSON.parse(text);
   * const error = await AsyncStream.of('1', '{').map(parse).toArray().catch((reason) => reason);
   * AsyncStream.traceOf(error);
   * // => { source: 'of', method: 'map', callback: 'parse', position: 1, index: 1, suppressed: [] }
   * @category Looking inside
   */
  static traceOf(error: unknown): Trace | undefined {
    return traceOf(error);
  }

  /**
   * Returns the plan of the stream as text, one stage a line: `console.log` shows it in Node and Deno. Runs nothing.
   * See also {@link AsyncStream.explain | explain}.
   *
   * @example
   * const isOdd = (x) => x % 2 === 1;
   * const stream = AsyncStream.range(0, 9).filter(isOdd).buffer(4);
   * stream.toString().split('\n');
   * // => ['AsyncStream (repeatable)', '├ range(0, 9)', '├ filter(isOdd)', '└ buffer(4)']
   * @category Looking inside
   */
  toString(): string {
    return draw(this.explain());
  }

  /** The source that other streams see. */
  private get [SOURCE](): Source<T> {
    return inside(this.#upstream, this.#call);
  }

  /** The source that the stages after this stream see. */
  get #upstream(): Source<T> {
    return this.#stages === undefined ? linked(this.#source as Source<T>, this.#call) : asSource(this.#plan<T>());
  }

  /** A stream over a source. `explain` shows the method and its arguments. */
  static #made<T>(source: Source<unknown>, method: string, ...args: readonly unknown[]): AsyncStream<T> {
    return new AsyncStream<T>(source, { method, args, upstream: undefined, fused: false, origin: source });
  }

  /** This stream with one more stage. A stage without a method belongs to the call before it. */
  #put<R>(stage: Stage<never, R> | Transform<never, R>, method?: string, ...args: readonly unknown[]): AsyncStream<R> {
    const fused = typeof stage === 'function';
    const call = method === undefined ? this.#call : this.#called(method, args, fused);
    if (fused) return new AsyncStream(this.#source, call, { before: this.#stages, stage, call, above: this.#call });
    return new AsyncStream(transformed(stage, this.#upstream as Source<never>, call), call);
  }

  /** A call of a method of this stream. */
  #called(method: string, args: readonly unknown[], fused = false, origin?: Source<unknown>): Call {
    return { method, args, upstream: this.#call, fused, origin };
  }

  /** A stream whose source reads this one. */
  #with<R>(source: Source<unknown>, method: string, ...args: readonly unknown[]): AsyncStream<R> {
    return new AsyncStream(source, this.#called(method, args));
  }

  /** A stream that the calls upstream cannot recreate: it shares its run with others, as those of `tee` do, or measures it. */
  #sharing(source: Source<T>, method: string, ...args: readonly unknown[]): AsyncStream<T> {
    return new AsyncStream(source, this.#called(method, args, false, source));
  }

  /** This stream, with its stages, as the source of a call. */
  #whole(): AsyncStream<T> {
    const source = this.#upstream;
    return new AsyncStream(source, { ...this.#call, origin: source });
  }

  /** Creates a stream from calls again, with other callbacks, and with a stage after each call. */
  static readonly #rebuild: Rebuild = ([first, ...calls], wrap, meter) => {
    let stream = new AsyncStream<unknown>(first!.origin as Source<unknown>, first).#put(meter(0));
    for (const [index, { method, args }] of calls.entries()) {
      const methods = stream as unknown as Record<string, (...args: readonly unknown[]) => AsyncStream<unknown>>;
      stream = methods[method]!(...wrap(index + 1, args)).#put(meter(index + 1));
    }
    return stream.#upstream;
  };

  #open<R extends OpenRun>(run: R): R {
    (this.#runs ??= new OpenRuns()).add(run);
    return run;
  }

  #run<R>(method: string, collector: Collector<never, R>, options?: Ending): Promise<R> {
    return this.#end(method, collector, optionsOf(method, options, ENDING));
  }

  static #combined<R>(
    method: string,
    combine: (sources: readonly Source<unknown>[]) => Source<unknown>,
    inputs: readonly Input<unknown>[],
  ): AsyncStream<R> {
    return AsyncStream.#made(combine(sourcesOf(method, inputs)), method, ...inputs);
  }

  #combine<R>(
    method: string,
    combine: (sources: readonly Source<unknown>[]) => Source<unknown>,
    others: readonly Input<unknown>[],
  ): AsyncStream<R> {
    return this.#with(combine([this.#upstream, ...sourcesOf(method, others)]), method, ...others);
  }

  /** Runs the stream. A signal acts like a `withSignal` before the terminal. */
  #end<R>(method: string, collector: Collector<never, R>, options: Ending | undefined): Promise<R> {
    const signal = options?.signal;
    const stream = signal === undefined ? this : this.#put(stages.withSignal(signal));
    return run(stream.#plan<never>(), (context) => lastOf(collector, context), method);
  }

  #plan<E>(): Plan<E> {
    return {
      call: this.#call,
      source: this.#source,
      link: (last, scope) => {
        let sink: Sink<unknown> = last;
        let call = this.#call;
        for (let stages = this.#stages; stages !== undefined; stages = stages.before) {
          scope.linkAt(stages.call);
          sink = stages.stage(sink, scope);
          call = stages.above;
        }
        while (call.method === 'named') call = call.upstream!;
        scope.linkAt(call);
        return sink;
      },
    };
  }
}
