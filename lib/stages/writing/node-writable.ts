import { DestinationClosedError } from '../../errors.ts';
import { wrongKind } from '../../engine/core/arguments.ts';
import { ignore } from '../../engine/core/promises.ts';
import { destroy, unwatch, watchErrors } from '../../engine/feeding/node-stream.ts';
import type { Writer } from './writer.ts';

/** The part of a Node `Writable` that is used. */
export interface NodeWritable {
  write(chunk: unknown, callback?: (error?: Error | null) => void): boolean;
  end(): unknown;
  destroy(error?: Error): unknown;
  on(event: string, listener: (error?: unknown) => void): unknown;
  removeListener(event: string, listener: (error?: unknown) => void): unknown;
  readonly destroyed?: boolean;
  readonly closed?: boolean;
  readonly errored?: unknown;
  readonly writableEnded?: boolean;
}

/** Nothing public says whether a stream will emit 'close'. */
interface State {
  readonly _writableState?: { readonly emitClose?: boolean; readonly autoDestroy?: boolean };
  readonly readableEnded?: boolean;
  readonly errored?: unknown;
}

export function isNodeWritable(input: unknown): input is NodeWritable {
  const { write, end, destroy, on } = Object(input) as Partial<NodeWritable>;
  return [write, end, destroy, on].every((method) => typeof method === 'function');
}

export class NodeWriter<T> implements Writer<T> {
  readonly #stream: NodeWritable & State;
  readonly #name: string;
  readonly #fail: (error: unknown) => void;
  #writing = 0;
  #ending = false;
  #finished = false;
  #broken = false;
  /** Left in the middle of a write. */
  #released = false;
  /** Resolve what waits for room, for the last write, and for the end. */
  #drained = ignore;
  #flushed = ignore;
  #ended = ignore;

  constructor(stream: NodeWritable, name: string, fail: (error: unknown) => void) {
    this.#stream = stream;
    this.#name = name;
    this.#fail = fail;
    for (const [event, listener] of this.#listeners) stream.on(event, listener);
  }

  readonly #listeners: readonly (readonly [event: string, listener: (error?: unknown) => void])[] = [
    ['drain', () => this.#drained()],
    [
      'finish',
      () => {
        // Ended by another writer: it may neither close nor drain any more.
        if (!this.#ending) return this.#broke(new DestinationClosedError());
        this.#finished = true;
        if (!this.#closesAfterFinish()) this.#ended();
      },
    ],
    ['error', (error) => this.#broke(error)],
    [
      'close',
      () => {
        if (this.#finished) this.#ended();
        else this.#broke(new DestinationClosedError());
      },
    ],
  ];

  #broke(error: unknown): void {
    this.#broken = true;
    this.#fail(error);
  }

  get broken(): boolean {
    return this.#broken || this.#stream.destroyed === true;
  }

  write(value: T): PromiseLike<unknown> | undefined {
    if (value === null) throw wrongKind(`${this.#name}: element`, 'a value other than null for a Node stream', value);
    this.#writing++;
    if (this.#stream.write(value, this.#written)) return undefined;
    return new Promise<void>((resolve) => (this.#drained = resolve));
  }

  readonly #written = (error?: unknown): void => {
    const { destroyed, errored, _writableState } = this.#stream;
    if (destroyed === true && errored == null && _writableState?.emitClose === false)
      this.#broke(new DestinationClosedError());
    if (--this.#writing > 0) return;
    this.#flushed();
    if (error != null) this.#checkDestroyed();
    else if (this.#released) unwatch.call(this.#stream);
  };

  async flush(): Promise<unknown> {
    if (this.#writing > 0) await new Promise<void>((resolve) => (this.#flushed = resolve));
    this.#checkDestroyed();
    return undefined;
  }

  /** One that was destroyed may never say so. */
  #checkDestroyed(): void {
    const { destroyed, errored } = this.#stream;
    if (destroyed === true && !this.#broken) this.#broke(errored ?? new DestinationClosedError());
  }

  close(): Promise<unknown> {
    return new Promise<void>((resolve) => {
      this.#ended = resolve;
      this.#ending = true;
      this.#stream.end();
    });
  }

  abort(reason: unknown): unknown {
    return this.#stream.closed === true ? undefined : destroy(this.#stream, reason);
  }

  release(): void {
    for (const [event, listener] of this.#listeners) this.#stream.removeListener(event, listener);
    const { destroyed } = this.#stream;
    this.#released = destroyed !== true && this.#writing > 0;
    // The error of a write, of the end or of closing may still be on its way.
    if (destroyed === true || this.#released || (this.#ending && !this.#finished)) watchErrors(this.#stream);
  }

  /** A Duplex closes when its other side has ended too, and that may take any time. */
  #closesAfterFinish(): boolean {
    const { _writableState, readableEnded, closed } = this.#stream;
    const { autoDestroy, emitClose } = _writableState ?? {};
    return autoDestroy === true && emitClose === true && readableEnded === undefined && closed !== true;
  }
}
