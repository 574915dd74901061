import { checkOptionalFunction } from '../engine/arguments.ts';
import { flush } from '../engine/feed.ts';
import { before, type Stage } from '../engine/sink.ts';

/** Holds everything, and gives the first element after the last one has come. */
export function toSorted<T>(compare?: (a: T, b: T) => number): Stage<T, T> {
  checkOptionalFunction('toSorted: compare', compare);
  return (next) => {
    const values: T[] = [];
    return before<T>(next, {
      push(value) {
        values.push(value);
        return true;
      },
      end: () => flush(next, values.sort(compare)),
    });
  };
}
