/** How many deletions may pass unnoticed in a small collection. */
const LEAST = 100;

/** Takes the first of the values of a collection again and again. */
export interface Oldest<T> {
  /** Returns the first value, which the caller has to delete. Must not be called if there is none. */
  take(): T;
  /** Called after a value was deleted that may not be the first. */
  deleted(): void;
}

/**
 * A new iterator each time would pass the places of all values deleted before the first one. A kept iterator keeps every
 * table that the collection has outgrown since it was moved on. So it is replaced once in as many deletions as there are
 * values.
 */
export function oldestOf<T>(collection: Set<T> | Map<unknown, T>): Oldest<T> {
  let values = collection.values();
  let deleted = 0;
  return {
    take: () => values.next().value as T,
    deleted() {
      if (++deleted < collection.size + LEAST) return;
      deleted = 0;
      values = collection.values();
    },
  };
}
