import { StreamConsumedError } from '../../errors.ts';
import { destroy, type Destroyable, unwatch } from './node-stream.ts';

/** The part of a Node `Readable` that is used. */
interface Readable extends AsyncIterable<unknown>, Destroyable {
  read(): unknown;
  iterator?(options: { readonly destroyOnReturn: boolean }): AsyncIterator<unknown>;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly errored: unknown;
}

export function isReadable(input: unknown): input is Readable {
  const { read, on, readableEnded } = Object(input) as Partial<Readable>;
  return typeof read === 'function' && typeof on === 'function' && typeof readableEnded === 'boolean';
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
      if (result.done) unwatch.call(stream);
      return result.done ? { done: true, value: undefined } : { done: false, value: batch(stream, result.value) };
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
