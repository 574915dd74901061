import { checkFunction } from '../arguments.ts';
import { wrongKind } from '../errors.ts';
import { andThen, ignore } from '../engine/core/promises.ts';
import type { Context } from '../types.ts';
import type { Source } from '../engine/core/source.ts';
import { feedIterator } from '../engine/feeding/iterator.ts';

/** The next element and the state after it, or null or undefined at the end. */
export type Unfolded<T, S> = readonly [value: T | PromiseLike<T>, state: S] | null | undefined;
/** Computes the next element and state from a state. */
export type Unfolding<T, S> = (state: S, context: Context) => Unfolded<T, S> | PromiseLike<Unfolded<T, S>>;

export function unfold<T, S>(seed: S, step: Unfolding<T, S>): Source<T> {
  checkFunction('unfold: step', step);
  return {
    discard: ignore,
    feed: (next, scope) => feedIterator(steps(seed, step, scope.context), next, scope, 'bare'),
  };
}

/** Not a generator: a step that never settles would keep it, and it the run. */
function steps<T, S>(state: S, step: Unfolding<T, S>, context: Context): AsyncIterator<T | PromiseLike<T>> {
  const take = (next: Unfolded<T, S>): IteratorResult<T | PromiseLike<T>> => {
    if (next == null) return { done: true, value: undefined };
    if (!Array.isArray(next) || next.length !== 2)
      throw wrongKind('unfold: the result of step', 'a pair [value, state] or null', next);
    state = next[1];
    return { done: false, value: next[0] };
  };
  return { next: async () => andThen(step(state, context), take) };
}
