/** How many deletions may pass unnoticed in a small collection. */
const LEAST = 100;

/**
 * Takes the first of the values of a collection again and again. A new iterator each time would pass the places of all
 * values deleted before the first one. A kept iterator keeps every table that the collection has outgrown since it was
 * moved on. So it is replaced once in as many deletions as there are values.
 */
export class Oldest<T> {
  readonly #collection: Set<T> | Map<unknown, T>;
  #values: Iterator<T>;
  #deleted = 0;

  constructor(collection: Set<T> | Map<unknown, T>) {
    this.#collection = collection;
    this.#values = collection.values();
  }

  /** Returns the first value, which the caller has to delete. Must not be called if there is none. */
  take(): T {
    return this.#values.next().value as T;
  }

  /** To be called after a value was deleted that may not be the first. */
  deleted(): void {
    if (++this.#deleted < this.#collection.size + LEAST) return;
    this.#deleted = 0;
    this.#values = this.#collection.values();
  }
}
