import { pause } from './turns.ts';

type Result<T> = IteratorResult<T> | Promise<never>;

/** A source that is driven by hand. Each step is over when everything has run that follows from it. */
export class Hand<T> implements AsyncIterable<T> {
  /** How often it was read. */
  asked = 0;
  closed = 0;
  #answer: ((result: Result<T>) => void) | undefined;
  readonly #given: Result<T>[] = [];

  /** How many results have not been read. */
  get waiting(): number {
    return this.#given.length;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: async () => {
        this.asked++;
        return this.#given.shift() ?? new Promise((resolve) => (this.#answer = resolve));
      },
      return: async () => {
        this.closed++;
        return { done: true, value: undefined };
      },
    };
  }

  give(...values: T[]): Promise<void> {
    for (const value of values) this.#put({ done: false, value });
    return pause(4);
  }

  end(): Promise<void> {
    this.#put({ done: true, value: undefined });
    return pause(4);
  }

  fail(error: unknown): Promise<void> {
    const failed = Promise.reject(error);
    failed.catch(() => undefined);
    this.#put(failed);
    return pause(4);
  }

  #put(result: Result<T>): void {
    if (this.#answer === undefined) this.#given.push(result);
    this.#answer?.(result);
    this.#answer = undefined;
  }
}

/** What a loop over the stream has seen up to now, and what came of it when it is over. */
export function watch(stream: AsyncIterable<unknown>): { readonly seen: unknown[]; outcome: unknown } {
  const watched: { seen: unknown[]; outcome: unknown } = { seen: [], outcome: undefined };
  async function loop(): Promise<void> {
    for await (const value of stream) watched.seen.push(value);
  }
  loop().then(
    () => (watched.outcome = 'end'),
    (error: unknown) => (watched.outcome = { error }),
  );
  return watched;
}
