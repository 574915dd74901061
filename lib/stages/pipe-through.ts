import { makeNew, StreamConsumedError, wrongKind } from '../errors.ts';
import { Producer } from '../engine/background/producer.ts';
import { duplexSource, InputSource } from '../engine/feeding/input.ts';
import { destroy, isReadable, watchErrors } from '../engine/feeding/node-stream.ts';
import { isReadableStream } from '../engine/feeding/web-stream.ts';
import { acquire } from '../engine/core/answer.ts';
import type { Scope, Thrown } from '../engine/core/scope.ts';
import { placing, traced } from '../engine/core/trace.ts';
import type { Context, Element, ReadableStreamLike } from '../types.ts';
import { Part } from '../engine/core/part.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import { Timer } from '../engine/time/timer.ts';
import { macrotask } from '../engine/time/turns.ts';
import { isNodeWritable, type NodeWritable } from './writing/node-writable.ts';
import { isWritableStream, type WritableStreamLike } from './writing/web-writable.ts';
import { notOpen, Outcome, Writing } from './writing/writing.ts';

/** A pair of web streams: elements written into `writable` come out of `readable`, transformed. */
export interface TransformPair<in In, Out> {
  readonly writable: WritableStreamLike<In>;
  readonly readable: ReadableStreamLike<Out>;
}

/** The part of a Node `Duplex` that is used. */
export interface NodeDuplex<Out> extends NodeWritable, AsyncIterable<Out> {}

/** A web or Node transform. */
export type TransformStreamLike<In, Out> = TransformPair<In, Out> | NodeDuplex<Out>;

/** The type of the elements that come out of a transform. */
export type Transformed<P> =
  P extends AsyncIterable<infer Out>
    ? Out
    : P extends { readonly readable: infer Readable }
      ? Element<Readable>
      : never;

type Given<In, Out> =
  | TransformStreamLike<In, Out>
  | ((context: Context) => TransformStreamLike<In, Out> | PromiseLike<TransformStreamLike<In, Out>>);

const NAME = 'pipeThrough: transform';

/** Milliseconds for which a transform that has ended its output may still fail. */
const PATIENCE = 1000;

/** The transforms that a run has used. */
const used = new WeakSet<object>();

export function pipeThrough<In, Out>(given: Given<In, Out>): Transform<In, Out> {
  const isMade = typeof given === 'function';
  if (!isMade) {
    checkTransform(given);
    if (isReadable(given)) watchErrors(given);
  }
  return {
    once: isMade ? undefined : { given, advice: ADVICE },
    discard: () => (isMade ? undefined : discard(given)),
    feed(above, next, scope) {
      const sides = new Sides(scope);
      const piping = new Piping<Out>(sides);
      const writing = new Writing<In>(sides, piping);
      piping.writing = writing;
      const source = new Producer(above, sides, writing);
      return sides.during(() =>
        acquire(isMade ? placing(given, sides.call)(scope.context) : given, scope, discard, (transform) => {
          void placing(take, sides.call)(transform, isMade);
          const reader = new Producer(outputOf(transform), sides, piping);
          writing.reader = reader;
          writing.open(isPair(transform) ? transform.writable : transform, 'pipeThrough', source);
          reader.go();
          source.go();
          return piping.supply(next, scope);
        }),
      );
    },
  };
}

function take(transform: object, isMade: boolean): void {
  if (used.has(transform)) throw new StreamConsumedError(transform, undefined, ADVICE);
  if (isMade) checkTransform(transform);
  used.add(transform);
}

const ADVICE = makeNew('pipeThrough(() => new TransformStream())');

/** The part of a run in which one side of a transform is read while the other is written. */
class Sides extends Part {
  /** Errors of the source, and of either side of the transform. */
  readonly errors: unknown[] = [];

  constructor(run: Scope) {
    super(run, { together: true });
  }

  /** A web stream that has failed rejects with that error when it is cancelled. The consumer has left before it. */
  protected override isEcho(error: unknown): boolean {
    return this.errors.includes(error) || super.isEcho(error);
  }
}

/** Reads one side of a transform. */
class Piping<T> extends Outcome<T> {
  writing!: Writing<never>;
  readonly #sides: Sides;
  /** The output has ended. */
  #read = false;
  #written = false;
  #failure: Thrown | undefined;

  constructor(sides: Sides) {
    super();
    this.#sides = sides;
  }

  override fail(error: unknown): void {
    this.#sides.errors.push(error);
    super.fail(error);
  }

  /**
   * Output that ends before the input does is complete: the source is closed. A transform that has ended its output need
   * not take the end of its input.
   */
  override ended(): void {
    this.#read = true;
    if (!this.writing.closing || this.#written) this.end();
    else new Timer(this.#sides, () => this.end()).start(PATIENCE);
  }

  override failed(error: unknown): void {
    if (!this.#sides.errors.includes(error)) traced(error, this.#sides.call);
    this.fail(this.#failure === undefined ? error : this.#failure.error);
  }

  override finished(): void {
    this.#written = true;
    if (this.#read) this.end();
  }

  /**
   * The output decides how the run continues: it fails with the same error, or has ended on purpose (`terminate()`
   * makes the writable side fail too). An output that stays silent will not tell.
   */
  override broke(error: unknown): void {
    this.#failure ??= { error };
    this.#sides.errors.push(error);
    this.#failIfSilent();
  }

  override demand(): void {
    super.demand();
    if (this.#failure !== undefined) this.#failIfSilent();
  }

  #failIfSilent(): void {
    void macrotask(this.#sides).then(() => {
      if (this.awaited) this.fail(this.#failure!.error);
    });
  }
}

function outputOf<T>(transform: TransformStreamLike<never, T>): Source<T> {
  return isPair(transform) ? new InputSource(transform.readable, 'pipeThrough: readable') : duplexSource(transform);
}

function isPair<In, Out>(transform: TransformStreamLike<In, Out>): transform is TransformPair<In, Out> {
  const { readable, writable } = transform as Partial<TransformPair<In, Out>>;
  return isReadableStream(readable) && isWritableStream(writable);
}

function checkTransform(transform: unknown): void {
  const stream = Object(transform) as TransformStreamLike<unknown, unknown>;
  if (isPair(stream)) {
    if (stream.readable.locked || stream.writable.locked) throw notOpen(NAME, stream);
  } else if (isNodeWritable(stream) && typeof stream[Symbol.asyncIterator] === 'function') {
    if (stream.destroyed || stream.writableEnded) throw notOpen(NAME, stream);
  } else {
    throw wrongKind(NAME, 'a { readable, writable } pair of web streams or a Node Duplex', transform);
  }
}

/** Closes a transform that no run has used. */
async function discard(transform: TransformStreamLike<never, unknown>): Promise<void> {
  if (used.has(transform)) return;
  used.add(transform);
  if (!isPair(transform)) return destroy(transform);
  const { readable, writable } = transform;
  if (!readable.locked) await readable.cancel();
  if (!writable.locked) await writable.abort();
}
