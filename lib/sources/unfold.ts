import { checkFunction, wrongKind } from '../engine/arguments.ts';
import type { Context } from '../engine/scope.ts';
import { isThenable } from '../engine/suspension.ts';

type Next<T, S> = readonly [value: T, state: S] | null | undefined;
export type Unfolding<T, S> = (state: S, context: Context) => Next<T, S> | PromiseLike<Next<T, S>>;

export function unfold<T, S>(seed: S, step: Unfolding<T, S>): (context: Context) => Iterator<T> | AsyncIterator<T> {
  checkFunction('unfold: step', step);
  return (context) => {
    let state = seed;

    function go(next: Next<T, S>): IteratorResult<T> {
      if (next == null) return { done: true, value: undefined };
      if (!Array.isArray(next))
        throw wrongKind('unfold: the result of step', 'a pair [value, state], null or undefined', next);
      state = next[1];
      return { done: false, value: next[0] as T };
    }

    return {
      next() {
        const next = step(state, context);
        return isThenable(next) ? Promise.resolve(next).then(go) : go(next);
      },
    } as Iterator<T>;
  };
}
