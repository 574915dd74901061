import { StreamConsumedError } from '../../errors.ts';
import { ignore } from '../core/promises.ts';

/** The part of a Node `Readable` that is used. */
interface Readable extends AsyncIterable<unknown> {
  read(): unknown;
  listeners(event: string): unknown[];
  once(event: string, listener: () => void): unknown;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  destroy(): unknown;
  iterator?(options: { readonly destroyOnReturn: boolean }): AsyncIterator<unknown>;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly closed: boolean;
  readonly errored: unknown;
  /** Nothing public says whether a stream will emit 'close'. */
  readonly _readableState?: { readonly emitClose?: boolean };
}

export function isReadable(input: unknown): input is Readable {
  const { read, once, readableEnded } = Object(input) as Partial<Readable>;
  return typeof read === 'function' && typeof once === 'function' && typeof readableEnded === 'boolean';
}

/**
 * A stream that fails before it is read would end the process. Its error is kept by the stream, and reported when it is
 * read. The listeners are removed when the stream has been read or is closed.
 */
export function watchErrors(stream: Readable): void {
  if (stream.closed || stream.listeners('error').includes(ignore)) return;
  stream.on('error', ignore);
  stream.once('close', unwatch);
}

function unwatch(this: Readable): void {
  this.off('error', ignore);
  this.off('close', unwatch);
}

/**
 * One promise for all that the stream has in its buffer, and each chunk taken out of it only when it is asked for. With
 * `halfOpen`, the end of a Duplex's readable side does not destroy its writable side.
 */
export function readBatches<T>(stream: Readable, halfOpen = false): AsyncIterator<Iterator<T>> {
  if (stream.readableEnded && !stream.errored) throw new StreamConsumedError(stream);
  const iterator =
    (halfOpen ? stream.iterator?.({ destroyOnReturn: false }) : undefined) ?? stream[Symbol.asyncIterator]();

  return {
    async next() {
      const result = await iterator.next();
      if (result.done) unwatch.call(stream);
      return result.done ? { done: true, value: undefined } : { done: false, value: batch(stream, result.value) };
    },
    // The stream's own iterator waits behind a pending `next()` with that, and does not wait until the stream is
    // closed.
    async return() {
      const { closed, _readableState } = stream;
      // One that never says that it is closed may still fail later.
      watchErrors(stream);
      await new Promise<void>((resolve) => {
        // An error in response to destroy() confirms that it is destroyed.
        const confirm = () => {
          stream.off('close', confirm);
          stream.off('error', confirm);
          resolve();
        };
        stream.once('close', confirm);
        stream.once('error', confirm);
        stream.destroy();
        if (closed || _readableState?.emitClose !== true) confirm();
      });
      return { done: true, value: undefined };
    },
  };
}

// At top level: created anew for each stream, it would bring a hidden class for its generators, which V8 keeps, and the
// stream with it, until a full collection.
function* batch<T>(stream: Readable, first: unknown): Generator<T> {
  for (let chunk = first; chunk !== null; chunk = stream.destroyed ? null : stream.read()) yield chunk as T;
}
