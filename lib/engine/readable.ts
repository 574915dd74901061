import { StreamConsumedError } from '../errors.ts';
import { describe } from './arguments.ts';
import { ignore } from './suspension.ts';

type Listener = (error?: unknown) => void;
type Listeners = Readonly<Record<string, Listener>>;

/** The part of a Node `Readable` that is used. */
export interface Readable {
  read(): unknown;
  on(event: string, listener: Listener): unknown;
  removeListener(event: string, listener: Listener): unknown;
  destroy(): unknown;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly closed: boolean;
  readonly errored: unknown;
  /** Only a stream that can be written to has it. */
  readonly write?: unknown;
  /** Nothing public says whether a stream will emit 'close', and whether it is destroyed by its end. */
  readonly _readableState?: { readonly emitClose?: boolean; readonly autoDestroy?: boolean };
}

export function isReadable(input: unknown): input is Readable {
  const { read, on, readableEnded, closed } = Object(input) as Partial<Readable>;
  return (
    typeof read === 'function' &&
    typeof on === 'function' &&
    typeof readableEnded === 'boolean' &&
    typeof closed === 'boolean'
  );
}

/**
 * An iterator that gives what the stream has in its buffer at once, and a promise only where there is nothing. A chunk
 * is taken out of the buffer when it is asked for, and not before.
 */
export function readReadable<T>(stream: Readable): Iterator<T> {
  // Its `next()` may answer with a promise, and its `return()` does.
  return new Reader<T>(stream) as unknown as Iterator<T>;
}

type Result<T> = IteratorResult<T, undefined>;

/** How the stream came to its end. */
interface Outcome {
  readonly failed: boolean;
  readonly error?: unknown;
}

const ENDED: Outcome = { failed: false };

class Reader<T> {
  readonly #stream: Readable;
  readonly #detach: () => void;
  #outcome: Outcome | undefined;
  /** The `next()` that waits. */
  #request: { resolve(result: Result<T>): void; reject(reason: unknown): void } | undefined;

  constructor(stream: Readable) {
    const { errored } = stream;
    if (errored == null && stream.readableEnded) {
      throw new StreamConsumedError(`${describe(stream)} had been read to its end before the run`, stream);
    }
    this.#stream = stream;
    this.#detach = listen(stream, {
      readable: () => this.#answer(),
      // As in a `for await` loop over the stream, the run ends when the stream is closed, and it may fail in that.
      end: () => willCloseAtEnd(stream) || this.#finish(ENDED),
      error: (error) => this.#finish({ failed: true, error }),
      close: () => this.#finish(stream.readableEnded ? ENDED : premature()),
    });
    if (errored != null) this.#finish({ failed: true, error: errored });
    else if (stream.destroyed && !willClose(stream)) this.#finish(premature());
  }

  next(): Result<T> | Promise<Result<T>> {
    return this.#poll() ?? new Promise((resolve, reject) => (this.#request = { resolve, reject }));
  }

  async return(): Promise<Result<T>> {
    this.#outcome = ENDED;
    const closed = destroy(this.#stream);
    this.#detach();
    this.#request?.resolve({ done: true, value: undefined });
    await closed;
    return { done: true, value: undefined };
  }

  #poll(): Result<T> | undefined {
    const stream = this.#stream;
    const chunk = stream.destroyed ? null : stream.read();
    if (chunk !== null) return { done: false, value: chunk as T };
    if (this.#outcome === undefined) return undefined;
    this.#detach();
    if (!this.#outcome.failed) return { done: true, value: undefined };
    // An 'error' that somebody emits by hand closes nothing.
    stream.destroy();
    throw this.#outcome.error;
  }

  #answer(): void {
    const request = this.#request;
    if (request === undefined) return;
    try {
      const result = this.#poll();
      if (result === undefined) return;
      request.resolve(result);
    } catch (error) {
      request.reject(error);
    }
    this.#request = undefined;
  }

  /** What comes first counts: 'close' comes after each of the others. */
  #finish(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#answer();
  }
}

function premature(): Outcome {
  const error = new Error('the stream was closed before its end');
  return { failed: true, error: Object.assign(error, { code: 'ERR_STREAM_PREMATURE_CLOSE' }) };
}

/** Destroys the stream and waits until it is closed, if it will tell. Rejects with what goes wrong in that. */
export async function destroy(stream: Readable): Promise<void> {
  // What goes wrong with a stream that somebody else has destroyed is not for us to tell.
  const { destroyed } = stream;
  const awaited = willClose(stream);
  let detach = ignore;
  const closed = new Promise<void>((resolve, reject) => {
    detach = listen(stream, { close: () => resolve(), error: destroyed ? ignore : reject });
    stream.destroy();
    if (!awaited) resolve();
  });
  await closed.finally(detach);
}

function willClose(stream: Readable): boolean {
  return !stream.closed && stream._readableState?.emitClose === true;
}

/** A stream that can be written to, too, is not closed by the end of what can be read from it. */
function willCloseAtEnd(stream: Readable): boolean {
  return willClose(stream) && stream._readableState?.autoDestroy === true && stream.write === undefined;
}

/** Listens until the function that it gives is called. */
function listen(stream: Readable, listeners: Listeners): () => void {
  for (const event in listeners) stream.on(event, listeners[event]!);
  return () => {
    for (const event in listeners) stream.removeListener(event, listeners[event]!);
    // A stream may tell of an error when it has ended, and when it is closed. Where nobody listens, that ends the process.
    stream.removeListener('error', ignore);
    stream.on('error', ignore);
  };
}
