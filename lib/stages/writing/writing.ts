import { wrongKind } from '../../errors.ts';
import { isNodeWritable, type NodeWritable, NodeWriter } from './node-writable.ts';
import { isWritableStream, WebWriter, type WritableStreamLike } from './web-writable.ts';
import type { Producer, Receiver } from '../../engine/background/producer.ts';
import { Channel } from '../../engine/background/channel.ts';
import { ignore } from '../../engine/core/promises.ts';
import { placing, traced } from '../../engine/core/trace.ts';
import type { Closable, Scope } from '../../engine/core/scope.ts';
import { fairTurn } from '../../engine/time/turns.ts';
import type { Writer } from './writer.ts';

/** Carries the outcome of writing to the run that waits for it. */
export class Outcome<T> extends Channel<T> {
  constructor() {
    super(0);
  }

  /** The destination has finished. */
  finished(): void {
    this.end();
  }

  /** The destination has failed. */
  broke(error: unknown): void {
    this.fail(error);
  }
}

export interface WritingOptions {
  readonly preventClose?: boolean | undefined;
  readonly preventAbort?: boolean | undefined;
}

/** Writes the elements of a producer into a destination, at the pace of the destination. */
export class Writing<T> implements Receiver<T>, Closable {
  readonly #parent: Scope;
  readonly #outcome: Outcome<unknown>;
  readonly #options: WritingOptions;
  #writer: Writer<T> | undefined;
  #source: Producer<T> | undefined;
  /** Reads the output of the destination. It is closed first, and that closes most destinations. */
  reader: Producer<unknown> | undefined;
  /** All elements have been written, and the destination is being closed. */
  closing = false;
  #finished = false;
  #aborted: Promise<unknown> | undefined;

  constructor(parent: Scope, outcome: Outcome<unknown>, options: WritingOptions = {}) {
    this.#parent = parent;
    this.#outcome = outcome;
    this.#options = options;
  }

  open(destination: Destination<T>, name: string, source: Producer<T>): void {
    const { call } = this.#parent;
    this.#source = source;
    this.#writer = placing(writerOf<T>, call)(destination, name, this.#fail) as Writer<T>;
    this.#parent.add(this);
  }

  /** Reads the source when the destination has room. One that is gone by then opens no source. */
  start(): void {
    if (this.#hasRoom(this.#writer!.room)) this.#go();
  }

  receive(value: T): boolean {
    return this.#hasRoom(this.#write(value));
  }

  #hasRoom(room: PromiseLike<unknown> | undefined): boolean {
    room?.then(this.#go, this.#fail);
    return room === undefined;
  }

  readonly #go = (): void => {
    if (!this.#outcome.closed) this.#source!.go();
  };

  #write(value: T): PromiseLike<unknown> | undefined {
    try {
      return this.#writer!.write(value);
    } catch (error) {
      throw traced(error, this.#parent.call);
    }
  }

  ended(): void {
    this.#finish().catch(this.#fail);
  }

  /** The source has failed. What was written before reaches the destination, and comes out of a transform. */
  failed(error: unknown): void {
    void this.#flush().then(() => {
      if (this.#finished) return;
      this.#aborted = this.#abort(error);
      this.#aborted.catch(ignore);
      this.#outcome.fail(error);
    });
  }

  async #flush(): Promise<void> {
    try {
      await this.#writer!.flush();
      await fairTurn(this.#parent);
    } catch {
      // A failing destination is reported by `#fail`, and the error of the source came before.
    }
  }

  async close(): Promise<void> {
    const finished = this.#finished;
    this.#finished = true;
    try {
      // Its error is reported by the reader itself.
      await Promise.resolve(this.reader?.close()).catch(ignore);
      if (!finished) this.#aborted ??= this.#abort(this.#parent.reason);
      await this.#aborted;
    } finally {
      this.#writer!.release();
    }
  }

  async #finish(): Promise<void> {
    const writer = this.#writer!;
    await writer.flush();
    // The error is reported to `#fail`.
    if (writer.broken || this.#finished) return;
    this.closing = true;
    if (this.#options.preventClose !== true) await writer.close();
    this.#finished = true;
    this.#outcome.finished();
  }

  async #abort(reason: unknown): Promise<unknown> {
    return this.#options.preventAbort === true ? undefined : this.#writer!.abort(reason);
  }

  readonly #fail = (error: unknown): void => {
    if (this.#finished || this.#aborted !== undefined) return;
    // Closing a source that has failed may close the destination as well: a socket is both. The first error counts.
    const { cause } = this.#source!.scope;
    this.#outcome.broke(cause === undefined ? traced(error, this.#parent.call) : cause.error);
  };
}

/** A stream that elements can be written into. */
export type Destination<T> = WritableStreamLike<T> | NodeWritable;

/** `name` is the method, for errors. `fail` is called when the destination fails or closes before it was told to. */
export function writerOf<T>(destination: Destination<T>, name: string, fail: (error: unknown) => void): Writer<T> {
  return isWritableStream(destination)
    ? new WebWriter<T>(destination, fail)
    : new NodeWriter<T>(destination as NodeWritable, name, fail);
}

export function checkDestination(name: string, destination: unknown): void {
  const isWeb = isWritableStream(destination);
  if (!isWeb && !isNodeWritable(destination)) throw wrongKind(name, 'a WritableStream or a Node Writable', destination);
  // One that was destroyed rejects in the run: the client of a response may leave at any time.
  if (isWeb ? destination.locked : destination.writableEnded) throw notOpen(name, destination);
}

export function notOpen(name: string, stream: unknown): TypeError {
  return wrongKind(name, 'neither locked nor closed', stream);
}
