/** The part of an `AbortSignal` that is used. */
export interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The options that every terminal takes as its last argument. */
export interface Ending {
  /**
   * Ends the run when it aborts: the promise rejects with the signal's reason, even if the source or a callback is
   * stuck, as soon as the open resources have been closed. If the signal has already aborted, the source is not opened.
   */
  readonly signal?: SignalLike | undefined;
}

// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore Where the types of the platform are not loaded, it is `any`. */
type PlatformSignal = AbortSignal;

/** The platform's `AbortSignal`, if its types are loaded. */
export type Signal = Loaded<PlatformSignal, SignalLike>;

/** Passed to the callbacks of a run after the value and its index. */
export interface Context {
  /** Aborts when the run ends before its source does: on a `break`, an early stop, an error. Made on first access. */
  readonly signal: Signal;
}

/** Anything that `for await` can loop over. Promises in a sync iterable are awaited, as `for await` does. */
export type AnyIterable<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T>;

/** The part of a web `ReadableStream` that is used. */
export interface ReadableStreamLike<T> {
  readonly locked: boolean;
  getReader(): {
    read(): Promise<{ done: boolean; value?: T | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
  // Overloads are matched from the last one on. The last one of a `ReadableStream` also returns readers into buffers,
  // of any `ArrayBufferView`: matched with this one, it does not decide `T`.
  getReader(options?: object): object;
  cancel(reason?: unknown): Promise<void>;
}

// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore Where the types of the platform are not loaded, it is `any`. */
type PlatformReadableStream<T> = ReadableStream<T>;

/** The platform's `ReadableStream`, if its types are loaded. */
export type WebReadableStream<T> = Loaded<PlatformReadableStream<T>, ReadableStreamLike<T>>;

/** A type of the platform, or something else if that is `any`, as it is not loaded. */
type Loaded<P, Otherwise> = 0 extends 1 & P ? Otherwise : P;

/** Anything whose elements can be streamed as it is: no string, although strings are iterable. */
export type Streamable<T> =
  | (AnyIterable<T> & object)
  | Iterator<T | PromiseLike<T>, unknown, undefined>
  | AsyncIterator<T, unknown, undefined>
  | ReadableStreamLike<T>;

/** The input of a stream: something streamable, or a function that returns a new one for each run. */
export type Input<T> = Streamable<T> | ((context: Context) => Streamable<T> | PromiseLike<Streamable<T>>);

/** The type of the elements of an input. */
export type Element<I> = I extends (...context: never[]) => infer Made ? Streamed<Awaited<Made>> : Streamed<I>;

type Streamed<I> =
  I extends AsyncIterable<infer T>
    ? T
    : I extends Iterable<infer T>
      ? Awaited<T>
      : I extends ReadableStreamLike<infer T>
        ? T
        : I extends AsyncIterator<infer T>
          ? T
          : I extends Iterator<infer T>
            ? Awaited<T>
            : never;

/** The types of the elements of several inputs: a row that has one of each. */
export type Elements<I extends readonly unknown[]> = { -readonly [Index in keyof I]: Element<I[Index]> };

/** A row in which something else may stand for an element. */
export type Padded<I extends readonly unknown[], P extends readonly unknown[]> = {
  -readonly [Index in keyof I]:
    | Element<I[Index]>
    | (number extends P['length'] ? P[number] | undefined : Index extends keyof P ? P[Index] : undefined);
};

/** The same type, which editors then show in full and not by the name of an alias. */
type Expanded<T> = T extends infer Shown ? Shown : never;

/** Inputs by their names. */
export type Inputs = Readonly<Record<string, Input<unknown>>>;

/** A row that has an element of each, by their names. */
export type Keyed<R> = Expanded<{ -readonly [Key in keyof R]: Element<R[Key]> }>;

/** A row by names, in which a padding may stand for a missing element. */
export type PaddedKeyed<R, P> = Expanded<{
  -readonly [Key in keyof R]: Element<R[Key]> | (Key extends keyof P ? P[Key] : undefined);
}>;

/** An element, with the name of the input that it is from. */
export type Tagged<R> = Expanded<{ [Key in keyof R]: [key: Key, value: Element<R[Key]>] }[keyof R]>;

/** The iterator that pulls one run of a stream. */
export interface DisposableIterator<T> extends AsyncIterator<T, undefined, undefined>, AsyncDisposable {
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends the run at once, also while a `next()` is pending. */
  return(value?: undefined): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): this;
}

/** A callback for elements. A promise that it returns is awaited before the next element is taken. */
export type Fn<T, R> = (value: T, index: number, context: Context) => R | PromiseLike<R>;

/** A type without its falsy values. */
export type Truthy<T> = Exclude<T, false | 0 | 0n | '' | null | undefined>;

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** A tuple if the size is known and has one or two digits, otherwise an array. */
export type Window<T, N extends number> = N extends N
  ? `${N}` extends `${Digit}` | `${Digit}${Digit}`
    ? Tuple<T, N>
    : T[]
  : never;

type Tuple<T, N extends number, Elements extends T[] = []> = Elements['length'] extends N
  ? Elements
  : Tuple<T, N, [T, ...Elements]>;

/** An element of a stream of pairs. */
export type Pair<K, V> = readonly [key: K, value: V];

/** The state after another element. */
export type Reducer<S, T> = (state: S, value: T, index: number, context: Context) => S | PromiseLike<S>;

/** Compares two elements, as for `Array.prototype.sort`: negative if `a` comes first. */
export type Compare<T> = (a: T, b: T) => number;
