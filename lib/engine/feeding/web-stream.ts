import type { ReadableStreamLike } from '../../types.ts';

export function isReadableStream(input: unknown): input is ReadableStreamLike<unknown> {
  return typeof (input as Partial<ReadableStreamLike<unknown>> | null | undefined)?.getReader === 'function';
}

/** Unlike the stream's own iterator, whose `return()` waits behind a pending read, this one is cancelled at once. */
export function readChunks<T>(stream: ReadableStreamLike<T>): AsyncIterator<T> {
  if (stream.locked) throw new TypeError('the ReadableStream is locked: something else is reading it');
  const reader = stream.getReader();
  return {
    async next() {
      try {
        const result = await reader.read();
        if (result.done) reader.releaseLock();
        return result as IteratorResult<T>;
      } catch (error) {
        reader.releaseLock();
        throw error;
      }
    },
    async return() {
      const cancelled = reader.cancel();
      reader.releaseLock();
      await cancelled;
      return { done: true, value: undefined };
    },
  };
}
