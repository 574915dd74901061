/** A stream over a one-shot source (an iterator, a generator object, a `ReadableStream`) was run a second time. */
export class StreamConsumedError extends Error {
  override readonly name = 'StreamConsumedError';

  /** The source that had been consumed. */
  readonly source: object;

  constructor(message: string, source: object) {
    super(message);
    this.source = source;
  }
}
