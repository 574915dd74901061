import { checkFunction, wrongKind } from '../engine/core/arguments.ts';
import type { Context } from '../engine/core/scope.ts';

type Next<T, S> = readonly [value: T, state: S] | null | undefined;
export type Unfolding<T, S> = (state: S, context: Context) => Next<T, S> | PromiseLike<Next<T, S>>;

export function unfold<T, S>(seed: S, step: Unfolding<T, S>): (context: Context) => AsyncIterable<T> {
  checkFunction('unfold: step', step);
  return async function* (context) {
    let next: Next<T, S>;
    for (let state = seed; (next = await step(state, context)) != null; state = next[1]) {
      if (!Array.isArray(next)) throw wrongKind('unfold: the result of step', 'a pair [value, state] or null', next);
      yield next[0];
    }
  };
}
