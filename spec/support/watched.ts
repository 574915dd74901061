/** A source of the values, anew for each run, that keeps a log of what a run does with it: `open`, `next`, `return`. */
export class Watched<T> implements AsyncIterable<T> {
  readonly log: string[] = [];
  readonly #values: readonly T[];

  constructor(...values: T[]) {
    this.#values = values;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    const values = this.#values.values();
    this.log.push('open');
    return {
      next: async () => {
        this.log.push('next');
        return values.next();
      },
      return: async () => {
        this.log.push('return');
        return { done: true, value: undefined };
      },
    };
  }
}
