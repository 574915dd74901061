import { idle } from './turns.ts';

/** A source whose answers are given by hand, each when everything has run that follows from the one before. */
export class Hand<T> implements AsyncIterable<T> {
  /** How often it was read. */
  asked = 0;
  closed = 0;
  #pending: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | undefined;

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => {
        this.asked++;
        return new Promise((resolve, reject) => (this.#pending = { resolve, reject }));
      },
      return: async () => {
        this.closed++;
        return { done: true, value: undefined };
      },
    };
  }

  async give(value: T): Promise<void> {
    this.#answer().resolve({ done: false, value });
    await idle();
  }

  async end(): Promise<void> {
    this.#answer().resolve({ done: true, value: undefined });
    await idle();
  }

  async fail(error: unknown): Promise<void> {
    this.#answer().reject(error);
    await idle();
  }

  #answer() {
    const pending = this.#pending;
    if (pending === undefined) throw new Error('nobody has asked');
    this.#pending = undefined;
    return pending;
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
