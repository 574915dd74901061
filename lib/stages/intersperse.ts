import { before, type Stage } from '../engine/sink.ts';
import { after, whenReady } from '../engine/suspension.ts';

/** A separator comes with the element after it: none is given before there is one. */
export function intersperse<T, S>(separator: S | PromiseLike<S>): Stage<T, T | S> {
  return (next) => {
    let started = false;
    return before<T>(next, {
      push(value) {
        const answer = !started || whenReady<T | S>(separator, next.push);
        started = true;
        return after(answer, (wanted) => wanted && next.push(value));
      },
    });
  };
}
