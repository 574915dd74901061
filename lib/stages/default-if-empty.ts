import { flush } from '../engine/feed.ts';
import { before, type Stage } from '../engine/sink.ts';

export function defaultIfEmpty<T, D>(value: D | PromiseLike<D>): Stage<T, T | D> {
  return (next) => {
    let empty = true;
    return before<T>(next, {
      push(pushed) {
        empty = false;
        return next.push(pushed);
      },
      end: () => flush<T | D>(next, empty ? [value] : []),
    });
  };
}
