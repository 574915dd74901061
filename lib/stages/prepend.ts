import { feedArray } from '../engine/feed-array.ts';
import { before, type Stage } from '../engine/sink.ts';
import { after } from '../engine/suspension.ts';

export function prepend<T>(...values: (T | PromiseLike<T>)[]): Stage<T, T> {
  return (next) =>
    before<T>(next, {
      push: next.push,
      start: () => after(next.start(), () => next.done() || feedArray(values, next)),
    });
}
