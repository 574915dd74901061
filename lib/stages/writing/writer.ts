/** The writing side of a run, the same for web and for Node streams. */
export interface Writer<T> {
  /** Whether the destination has failed or was destroyed. */
  readonly broken: boolean;
  /** A promise if the destination has no room for another element. It need not settle after a failure. */
  readonly room: PromiseLike<unknown> | undefined;
  /** Returns the `room` after it. */
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
