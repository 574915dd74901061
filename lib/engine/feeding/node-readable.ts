import { StreamConsumedError } from '../../errors.ts';
import { ignore } from '../core/promises.ts';

/** The part of a Node `Readable` that is used. */
interface Readable extends AsyncIterable<unknown> {
  read(): unknown;
  once(event: string, listener: (error: unknown) => void): unknown;
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

const watched = new WeakSet<object>();

/**
 * A stream that fails before it is read would end the process. Its error is kept by the stream, and reported when it is
 * read. The listener goes when the stream closes.
 */
export function watchErrors(stream: Readable): void {
  if (watched.has(stream) || stream.closed) return;
  watched.add(stream);
  stream.on('error', ignore);
  stream.once('close', () => stream.off('error', ignore));
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
      return result.done ? { done: true, value: undefined } : { done: false, value: batch(stream, result.value) };
    },
    // The stream's own iterator waits behind a pending `next()` with that, and does not wait until the stream is
    // closed.
    async return() {
      const { closed, _readableState } = stream;
      await new Promise((resolve) => {
        stream.once('close', resolve);
        // An error in response to destroy() confirms that it is destroyed.
        stream.once('error', resolve);
        stream.destroy();
        if (closed || _readableState?.emitClose !== true) resolve(undefined);
      });
      return { done: true, value: undefined };
    },
  };
}

// Apart: made anew for each stream, it would bring a hidden class for its generators, which V8 keeps, and the stream
// with it, until a full collection.
function* batch<T>(stream: Readable, first: unknown): Generator<T> {
  for (let chunk = first; chunk !== null; chunk = stream.destroyed ? null : stream.read()) yield chunk as T;
}
