import type { ReadableStreamLike } from '../../types.ts';
import type { Closable } from '../core/scope.ts';

export function isReadableStream(input: unknown): input is ReadableStreamLike<unknown> {
  return typeof (input as Partial<ReadableStreamLike<unknown>> | null | undefined)?.getReader === 'function';
}

/** Reads a web stream. `close` releases its lock, and may be called again. */
export interface ChunkReader<T> extends AsyncIterator<T>, Closable {}

/** Unlike the stream's own iterator, whose `return()` waits behind a pending read, this one is cancelled at once. */
export function readChunks<T>(stream: ReadableStreamLike<T>): ChunkReader<T> {
  if (stream.locked) throw new TypeError('the ReadableStream is locked: something else is reading it');
  const reader = stream.getReader();
  const close = () => reader.releaseLock();
  return {
    close,
    next: () => reader.read() as Promise<IteratorResult<T>>,
    async return() {
      const cancelled = reader.cancel();
      close();
      await cancelled;
      return { done: true, value: undefined };
    },
  };
}
