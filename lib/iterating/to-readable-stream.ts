import type { OpenRun } from './open-runs.ts';
import { checkAmount, oneOf, optionsOf } from '../arguments.ts';
import { bytesOf } from '../bytes.ts';
import { Driver, DemandSink } from '../engine/core/driver.ts';
import type { Plan } from '../engine/core/plan.ts';
import type { Sink } from '../engine/core/sink.ts';

/** The options of {@link AsyncStream.toReadableStream | toReadableStream}. */
export interface ToReadableStreamOptions {
  /** Makes a stream of bytes, which also has BYOB readers. Elements must then be views or `ArrayBuffer`s. */
  readonly type?: 'bytes' | undefined;
  /** The number of elements, or of bytes, that the stream reads ahead from its creation on. Default 0. */
  readonly highWaterMark?: number | undefined;
}

/** The part of the controllers of web streams that is used. */
interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
  readonly desiredSize: number | null;
  readonly byobRequest?: { respond(bytesWritten: number): void } | null;
}

interface UnderlyingSource {
  readonly type: 'bytes' | undefined;
  start(controller: Controller): void;
  pull(): void;
  cancel(reason: unknown): void | Promise<void>;
}

type Constructor<S> = new (source: UnderlyingSource, strategy: { readonly highWaterMark: number }) => S;

/** `track` is told of the run, which ends with the stream that it is a run of. */
export function toReadableStream<T, S>(
  plan: Plan<T>,
  options: ToReadableStreamOptions | undefined,
  track: (run: OpenRun) => unknown,
): S {
  const checks = { type: oneOf('bytes'), highWaterMark: checkAmount };
  const { type, highWaterMark: mark = 0 } = optionsOf('toReadableStream', options, checks);
  // Less than Infinity, from which the stream could not tell what is in its queue.
  const highWaterMark = Math.min(mark, 2 ** 53);
  const run = new ReadableRun(plan, type, highWaterMark);
  track(run);
  const { ReadableStream } = globalThis as unknown as { ReadableStream: Constructor<S> };
  return new ReadableStream(run, { highWaterMark });
}

/** A run that is pulled by a web stream. */
class ReadableRun<T> extends Driver<T> implements OpenRun, UnderlyingSource {
  readonly type: 'bytes' | undefined;
  readonly #outlet = new DemandSink<T>();
  /** The `desiredSize` of an empty queue. */
  readonly #highWaterMark: number;
  #controller!: Controller;
  #busy = false;
  #wanted = false;
  /** Fails the stream, if its queue is empty. */
  #fail: (() => void) | undefined;

  constructor(plan: Plan<T>, type: 'bytes' | undefined, highWaterMark: number) {
    super(plan);
    this.type = type;
    this.#highWaterMark = highWaterMark;
  }

  /** The stream is closed as if it had ended. */
  async return(): Promise<void> {
    if (!this.over) this.closing = this.cancel();
    this.#close();
    await this.closing;
  }

  start(controller: Controller): void {
    this.#controller = controller;
  }

  pull(): void {
    this.#wanted = true;
    this.#fail?.();
    if (this.#busy || this.over) return;
    this.#busy = true;
    this.go();
  }

  protected last(): Sink<T> {
    return this.#outlet;
  }

  /** `enqueue` may pull the next element before it returns. */
  protected deliver(): boolean {
    const value = this.#outlet.take();
    const chunk = this.type === undefined ? value : copied(value);
    // Byte streams refuse empty chunks.
    if (this.type === undefined || (chunk as Uint8Array).byteLength > 0) {
      this.#wanted = false;
      this.#controller.enqueue(chunk);
    }
    this.#busy = this.#wanted;
    return this.#busy;
  }

  protected ended(): void {
    this.#close();
  }

  protected failed(error: unknown): void {
    this.attribute(error, 'toReadableStream');
    // An error would take the place of the elements that were read ahead. Only an abort does.
    this.#fail = () => {
      const controller = this.#controller;
      if (this.scope.isAbort(error) || controller.desiredSize === this.#highWaterMark) controller.error(error);
    };
    this.#fail();
  }

  #close(): void {
    const controller = this.#controller;
    try {
      controller.close();
    } catch {
      // Cancelled by its reader.
      return;
    }
    // A BYOB reader waits until its buffer is given back.
    controller.byobRequest?.respond(0);
  }
}

/** A copy: a byte stream takes the whole buffer away from its owner, and from all views that share it. */
function copied(value: unknown): Uint8Array {
  return bytesOf(value, 'toReadableStream: element', 'a view or an ArrayBuffer', undefined).slice();
}
