import { DestinationClosedError } from '../../errors.ts';
import type { Writer } from './writer.ts';

/** The part of a web `WritableStream` that is used. */
export interface WritableStreamLike<in T> {
  readonly locked: boolean;
  getWriter(): {
    readonly closed: Promise<unknown>;
    readonly ready: Promise<unknown>;
    readonly desiredSize: number | null;
    readonly write: (chunk: T) => Promise<void>;
    close(): Promise<void>;
    abort(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
  abort(reason?: unknown): Promise<void>;
}

export function isWritableStream(input: unknown): input is WritableStreamLike<unknown> {
  return typeof (input as Partial<WritableStreamLike<unknown>> | null | undefined)?.getWriter === 'function';
}

export class WebWriter<T> implements Writer<T> {
  readonly #writer: ReturnType<WritableStreamLike<T>['getWriter']>;
  #writing = 0;
  #last: Promise<void> | undefined;
  #closing = false;

  constructor(stream: WritableStreamLike<T>, fail: (error: unknown) => void) {
    this.#writer = stream.getWriter();
    this.#writer.closed.then(() => {
      if (!this.#closing) fail(new DestinationClosedError());
    }, fail);
  }

  get broken(): boolean {
    return this.#writer.desiredSize === null;
  }

  get room(): PromiseLike<unknown> | undefined {
    return this.#writer.desiredSize! > 0 ? undefined : this.#writer.ready;
  }

  write(value: T): PromiseLike<unknown> | undefined {
    this.#writing++;
    this.#last = this.#writer.write(value);
    this.#last.then(this.#written, this.#written);
    return this.room;
  }

  readonly #written = (): void => {
    this.#writing--;
  };

  async flush(): Promise<unknown> {
    return this.#last;
  }

  close(): Promise<unknown> {
    this.#closing = true;
    return this.#writer.close();
  }

  abort(reason: unknown): unknown {
    // A stream delays its abort until the current write or close has settled, which may never happen.
    const waits = this.#writing === 0 && !this.#closing && !this.broken;
    const aborted = this.#writer.abort(reason).catch((error: unknown) => {
      // The reason itself is the echo of a readable side that was closed at the same time.
      if (waits && !Object.is(error, reason)) throw error;
    });
    return waits ? aborted : undefined;
  }

  release(): void {
    this.#writer.releaseLock();
  }
}
