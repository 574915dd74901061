import { DestinationClosedError, StreamConsumedError } from '../../errors.ts';
import { ignore } from '../core/promises.ts';
import { realTimer } from '../time/turns.ts';

/** The part of a Node stream that is needed to destroy it. */
export interface Destroyable {
  destroy(error?: Error): unknown;
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
  listeners?(event: string): unknown[];
  /** An HTTP/2 stream has these two. */
  close?(code: number): unknown;
  readonly rstCode?: number;
  /** A request that an HTTP server has received has these two. */
  readonly method?: unknown;
  socket?: unknown;
  readonly closed?: boolean;
  readonly errored?: unknown;
  /** Nothing public says whether a stream will emit 'close', or has emitted its error. */
  readonly _readableState?: State;
  readonly _writableState?: State;
}

interface State {
  readonly emitClose?: boolean;
  readonly autoDestroy?: boolean;
  readonly errorEmitted?: boolean;
}

/** The part of a Node `Readable` that is used. */
interface Readable extends AsyncIterable<unknown>, Destroyable {
  read(): unknown;
  iterator?(options: { readonly destroyOnReturn: boolean }): AsyncIterator<unknown>;
  readonly readableEnded: boolean;
  readonly readableAborted?: boolean;
  readonly destroyed: boolean;
}

/** The code of HTTP/2 by which a peer learns that it need not send the rest. */
const CANCEL = 8;

/** Milliseconds. Files and sockets close faster. */
const PATIENCE = 100;

export function isReadable(input: unknown): input is Readable {
  const { read, on, readableEnded } = Object(input) as Partial<Readable>;
  return typeof read === 'function' && typeof on === 'function' && typeof readableEnded === 'boolean';
}

/** Whether its buffer may be read: the stream or a subclass may have replaced the iterator of `Readable.prototype`. */
export function isPlainReadable(input: unknown): input is Readable {
  let owner: object | null = isReadable(input) ? input : null;
  while (owner !== null && !Object.hasOwn(owner, Symbol.asyncIterator)) owner = Object.getPrototypeOf(owner) as object;
  return owner !== null && Object.hasOwn(owner, 'read');
}

/**
 * One promise for all that the stream has in its buffer, and each chunk taken out of it only when it is asked for. With
 * `halfOpen`, the end of a Duplex's readable side does not destroy its writable side. `patient`: as in `destroy`.
 */
export function readBatches<T>(stream: Readable, patient = false, halfOpen = false): AsyncIterator<Iterator<T>> {
  if (stream.readableEnded && !stream.errored) throw new StreamConsumedError(stream);
  const iterator =
    (halfOpen ? stream.iterator?.({ destroyOnReturn: false }) : undefined) ?? stream[Symbol.asyncIterator]();

  return {
    async next() {
      const result = await iterator.next();
      if (!result.done) return { done: false, value: batch(stream, result.value) };
      unwatch.call(stream);
      // In Node 24 and later, one that was made from a generator just ends when it is destroyed.
      if (halfOpen && stream.readableAborted) throw new DestinationClosedError();
      return { done: true, value: undefined };
    },
    // The stream's own iterator waits behind a pending `next()` with that, and does not wait until the stream is
    // closed.
    async return() {
      await destroy(stream, undefined, patient);
      return { done: true, value: undefined };
    },
  };
}

// At top level: created anew for each stream, it would bring a hidden class for its generators, which V8 keeps, and the
// stream with it, until a full collection.
function* batch<T>(stream: Readable, first: unknown): Generator<T> {
  for (let chunk = first; chunk !== null; chunk = stream.destroyed ? null : stream.read()) yield chunk as T;
}

/**
 * Ignores errors until the stream is closed: one that fails before it is read, or after it was left, would end the
 * process. The stream keeps the error, which is reported when it is read.
 */
export function watchErrors(stream: Destroyable): void {
  const { closed, errored } = stream;
  // The error of one that is closed may still be on its way.
  const isOver = closed && (errored == null || stateOf(stream)?.errorEmitted !== false);
  if (isOver || stream.listeners?.('error').includes(ignore)) return;
  stream.on('error', ignore);
  stream.on('close', unwatch);
}

function unwatch(this: Destroyable): void {
  this.removeListener('error', ignore);
  this.removeListener('close', unwatch);
}

/**
 * Destroys a stream, and resolves when it is closed. An error in response confirms that. A stream that does not say when
 * it is closed is not waited for. Others are waited for only a short time, unless `patient`: one over a generator that
 * waits never closes.
 */
export function destroy(stream: Destroyable, error?: unknown, patient = false): Promise<void> {
  watchErrors(stream);
  return new Promise((resolve) => {
    const { closed } = stream;
    const stop = patient ? ignore : realTimer(() => confirm(), PATIENCE);
    const confirm = () => {
      stop();
      stream.removeListener('close', confirm);
      stream.removeListener('error', confirm);
      resolve();
    };
    stream.on('close', confirm);
    stream.on('error', confirm);
    if (error === undefined) leave(stream);
    else stream.destroy(error as Error);
    if (closed || stateOf(stream)?.emitClose !== true) confirm();
  });
}

/**
 * Destroys a stream as `break` in its own loop does: a server keeps the connection of a request, to respond, and the
 * peer of an HTTP/2 stream stops sending.
 */
function leave(stream: Destroyable): void {
  const { method, socket } = stream;
  if (stream.rstCode === 0) stream.close?.(CANCEL);
  const isReceived = typeof method === 'string' && Object.hasOwn(stream, 'socket');
  if (isReceived) stream.socket = undefined;
  stream.destroy();
  if (isReceived) stream.socket = socket;
}

function stateOf({ _readableState, _writableState }: Destroyable): State | undefined {
  return _readableState ?? _writableState;
}
