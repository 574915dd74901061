import { describe } from './engine/arguments.ts';

/** A stream over a one-shot source (an iterator, a generator object, a `ReadableStream`) was run a second time. */
export class StreamConsumedError extends Error {
  override readonly name = 'StreamConsumedError';
  /** The source that had been consumed. */
  readonly source: object;

  constructor(source: object, options?: { readonly cause: unknown }) {
    super(
      `${describe(source)} has been run before, and gives its elements only once: ` +
        'pass a function that makes a new one, as in AsyncStream.from(() => source())',
      options,
    );
    this.source = source;
  }
}

/** More elements came than a buffer holds whose `overflow` is `'error'`. */
export class OverflowError extends Error {
  override readonly name = 'OverflowError';
  /** How many elements the buffer holds. */
  readonly size: number;

  constructor(size: number) {
    super(`more than ${size} elements came before they were consumed: let it hold more, or drop some of them`);
    this.size = size;
  }
}
