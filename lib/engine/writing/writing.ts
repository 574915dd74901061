import type { Producer, Receiver } from '../background/producer.ts';
import { Channel } from '../background/channel.ts';
import { ignore } from '../core/promises.ts';
import type { Closable, Parent } from '../core/scope.ts';
import { type Destination, type Writer, writerOf } from './writer.ts';

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
  readonly preventClose?: boolean;
  readonly preventAbort?: boolean;
}

/** Writes the elements of a producer into a destination, at the pace of the destination. */
export class Writing<T> implements Receiver<T>, Closable {
  readonly #parent: Parent;
  readonly #outcome: Outcome<unknown>;
  readonly #options: WritingOptions;
  #writer: Writer<T> | undefined;
  /** Reads what the destination makes of the elements: closed first, and that closes most destinations. */
  reader: Producer<unknown> | undefined;
  /** All elements have been written, and the destination is being closed. */
  closing = false;
  #finished = false;
  #aborted: Promise<unknown> | undefined;

  constructor(parent: Parent, outcome: Outcome<unknown>, options: WritingOptions = {}) {
    this.#parent = parent;
    this.#outcome = outcome;
    this.#options = options;
  }

  open(destination: Destination<T>, name: string): void {
    this.#writer = writerOf(destination, name, this.#fail);
    this.#parent.add(this);
  }

  receive(value: T, producer: Producer<T>): boolean {
    const room = this.#writer!.write(value);
    // Beside a destination that is always ready, timers and I/O would starve.
    if (room === undefined) return producer.hurry(true);
    this.#resume(producer, room);
    return false;
  }

  // A method of its own: a function that makes a closure allocates its context at each call.
  #resume(producer: Producer<T>, room: PromiseLike<unknown>): void {
    room.then(() => {
      if (producer.hurry(true)) producer.go();
    }, this.#fail);
  }

  ended(): void {
    this.#finish().catch(this.#fail);
  }

  /** The source has failed. */
  failed(error: unknown): void {
    this.#aborted = this.#abort(error);
    this.#aborted.catch(ignore);
    this.#outcome.fail(error);
  }

  async close(): Promise<void> {
    const finished = this.#finished;
    this.#finished = true;
    try {
      await this.#readerClosed();
      if (!finished) this.#aborted ??= this.#abort(this.#parent.reason);
      await this.#aborted;
    } finally {
      this.#writer!.release();
    }
  }

  async #readerClosed(): Promise<void> {
    try {
      await this.reader?.close();
    } catch {
      // Reported by the reader itself.
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
    if (!this.#finished && this.#aborted === undefined) this.#outcome.broke(error);
  };
}
