/**
 * Wraps the iterator of a sync iterable as `for await` does in the current specification. Node 20 does not close it when
 * a value rejects, and Node 24 and 26 also close it when `next()` throws.
 */
class AsyncFromSyncIterator implements AsyncIterator<unknown> {
  readonly #iterator: Iterator<unknown>;
  readonly #next: () => IteratorResult<unknown>;

  constructor(iterator: Iterator<unknown>) {
    if (Object(iterator) !== iterator) throw new TypeError('iterator');
    this.#iterator = iterator;
    this.#next = iterator.next;
  }

  async next(): Promise<IteratorResult<unknown>> {
    const result = this.#next.call(this.#iterator);
    if (Object(result) !== result) throw new TypeError('next');
    const { done, value } = result;
    try {
      return { done: Boolean(done), value: await value } as IteratorResult<unknown>;
    } catch (error) {
      if (!done) this.#close();
      throw error;
    }
  }

  /** An error of closing comes second. The specification leaves a promise in the result unhandled. */
  #close(): void {
    try {
      const { value } = Object(this.#iterator.return?.()) as { value: unknown };
      Promise.resolve(value).catch(() => undefined);
    } catch {
      return;
    }
  }

  async return(): Promise<IteratorResult<unknown>> {
    const close = this.#iterator.return;
    if (close == null) return { done: true, value: undefined };
    const result = close.call(this.#iterator);
    if (Object(result) !== result) throw new TypeError('return');
    const { done, value } = result;
    return { done: Boolean(done), value: await value } as IteratorResult<unknown>;
  }
}

type AnyIterable = Partial<AsyncIterable<unknown> & Iterable<unknown>>;

/** An iterable over which a native `for await` does what the current specification says, in any Node. */
export function asSpecified(input: AnyIterable): AsyncIterable<unknown> {
  if (input[Symbol.asyncIterator] != null) return input as AsyncIterable<unknown>;
  return { [Symbol.asyncIterator]: () => new AsyncFromSyncIterator(input[Symbol.iterator]!()) };
}
