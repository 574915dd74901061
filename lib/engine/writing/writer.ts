import { wrongKind } from '../core/arguments.ts';
import { isNodeWritable, type NodeWritable, NodeWriter } from './node-writable.ts';
import { isWritableStream, WebWriter, type WritableStreamLike } from './web-writable.ts';

/** A stream that elements can be written into. */
export type Destination<T> = WritableStreamLike<T> | NodeWritable;

/** The writing side of a run, the same for web and for Node streams. */
export interface Writer<T> {
  /** Whether the destination has failed or was destroyed. */
  readonly broken: boolean;
  /** Returns a promise when the destination has no room for another element. It need not settle after a failure. */
  write(value: T): PromiseLike<unknown> | undefined;
  /** Resolves when all writes are done. It need not settle after a failure. */
  flush(): Promise<unknown>;
  /** Resolves when the destination has finished. It need not settle after a failure. */
  close(): Promise<unknown>;
  /** Settles when the destination is closed. A web stream in the middle of a write is not waited for. */
  abort(reason: unknown): unknown;
  /** Releases the lock and removes the listeners. */
  release(): void;
}

/** `name` is the method, for errors. `fail` is called when the destination fails or closes before it was told to. */
export function writerOf<T>(destination: Destination<T>, name: string, fail: (error: unknown) => void): Writer<T> {
  return isWritableStream(destination)
    ? new WebWriter<T>(destination, fail)
    : new NodeWriter<T>(destination as NodeWritable, name, fail);
}

export function checkDestination(name: string, destination: unknown): void {
  const isWeb = isWritableStream(destination);
  if (!isWeb && !isNodeWritable(destination)) throw wrongKind(name, 'a WritableStream or a Node Writable', destination);
  if (isWeb ? destination.locked : destination.destroyed || destination.writableEnded) throw notOpen(name, destination);
}

export function notOpen(name: string, stream: unknown): TypeError {
  return wrongKind(name, 'neither locked nor closed', stream);
}
