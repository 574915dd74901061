import { DestinationClosedError, wrongKind } from '../../errors.ts';
import { ignore } from '../../engine/core/promises.ts';
import { destroy, type Destroyable, watchErrors } from '../../engine/feeding/node-stream.ts';
import type { Writer } from './writer.ts';

/** The part of a Node `Writable` that is used. */
export interface NodeWritable {
  write(chunk: unknown, callback?: (error?: Error | null) => void): boolean;
  /** Called without a chunk, which the types of some streams demand, such as those of streamx and tar-stream. */
  end(chunk?: undefined): unknown;
  destroy(error?: Error): unknown;
  on(event: string, listener: (error?: unknown) => void): unknown;
  removeListener(event: string, listener: (error?: unknown) => void): unknown;
  readonly destroyed?: boolean;
  readonly closed?: boolean;
  readonly writableEnded?: boolean;
  readonly writableNeedDrain?: boolean;
}

type Stream = NodeWritable & Destroyable & { readonly readableEnded?: boolean };

export function isNodeWritable(input: unknown): input is NodeWritable {
  const { write, end, destroy, on } = Object(input) as Partial<NodeWritable>;
  return [write, end, destroy, on].every((method) => typeof method === 'function');
}

export class NodeWriter<T> implements Writer<T> {
  readonly #stream: Stream;
  readonly #name: string;
  readonly #fail: (error: unknown) => void;
  /** False for a `write` with fewer parameters than Node's, which ignores a callback: that of `compression` for Express. */
  readonly #callsBack: boolean;
  #writing = 0;
  #ending = false;
  #finished = false;
  #broken = false;
  /** Resolves what waits for room. Not when all is written: a response says so of what its client has left unread. */
  #drained = ignore;
  /** Resolves what waits for the last write, or for the end. */
  #go = ignore;

  constructor(stream: NodeWritable, name: string, fail: (error: unknown) => void) {
    this.#stream = stream;
    this.#name = name;
    this.#fail = fail;
    this.#callsBack = stream.write.length > 2;
    for (const [event, listener] of Object.entries(this.#listeners)) stream.on(event, listener);
    this.#checkDestroyed();
  }

  readonly #listeners: Readonly<Record<string, (error?: unknown) => void>> = {
    drain: () => this.#drained(),
    finish: () => {
      // Ended by another writer: it may neither close nor drain any more.
      if (!this.#ending) return this.#broke();
      this.#finished = true;
      if (!this.#closesAfterFinish()) this.#go();
    },
    error: (error) => this.#broke(error),
    // An HTTP/2 stream whose peer has left may stay open for what it holds. Later: one with an error closes by itself.
    aborted: () => void Promise.resolve().then(() => this.#stream.destroy()),
    close: () => {
      if (this.#finished) this.#go();
      else this.#broke();
    },
  };

  #broke(error: unknown = new DestinationClosedError()): void {
    this.#broken = true;
    this.#fail(error);
  }

  get broken(): boolean {
    return this.#broken || this.#stream.destroyed === true;
  }

  get room(): Promise<void> | undefined {
    return this.#stream.writableNeedDrain === true ? this.#drain() : undefined;
  }

  #drain(): Promise<void> {
    return new Promise((resolve) => (this.#drained = resolve));
  }

  write(value: T): PromiseLike<unknown> | undefined {
    if (value === null) throw wrongKind(`${this.#name}: element`, 'no null for a Node stream', value);
    const hasRoom = this.#stream.write(value, this.#written);
    // Not before: a write that throws has no callback.
    if (this.#callsBack) this.#writing++;
    return hasRoom ? undefined : this.#drain();
  }

  readonly #written = (): void => {
    this.#writing--;
    this.#checkDestroyed();
    if (this.#writing === 0) this.#go();
  };

  async flush(): Promise<unknown> {
    while (this.#writing > 0) await this.#waiting();
    this.#checkDestroyed();
    return undefined;
  }

  #waiting(): Promise<void> {
    return new Promise((resolve) => (this.#go = resolve));
  }

  /** One that was destroyed may never say so. */
  #checkDestroyed(): void {
    const { destroyed, errored } = this.#stream;
    if (destroyed === true && !this.#broken) this.#broke(errored ?? undefined);
  }

  close(): Promise<unknown> {
    const ended = this.#waiting();
    this.#ending = true;
    this.#stream.end();
    return ended;
  }

  abort(reason: unknown): unknown {
    return this.#stream.closed === true ? undefined : destroy(this.#stream, reason);
  }

  release(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) this.#stream.removeListener(event, listener);
    // The error of a write, of the end or of closing may still be on its way.
    if (this.#ending || this.#writing > 0 || this.#stream.destroyed === true) watchErrors(this.#stream);
  }

  /** A Duplex closes when its other side has ended too, and that may take any time. */
  #closesAfterFinish(): boolean {
    const { _writableState: state, readableEnded, closed } = this.#stream;
    return readableEnded === undefined && !closed && state?.autoDestroy === true && state.emitClose === true;
  }
}
