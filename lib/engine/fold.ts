import type { Fn } from '../types.ts';
import type { Collector } from './collector.ts';
import type { Context } from './scope.ts';
import { ready } from './asking.ts';
import { last } from './sink.ts';
import { type Answer, Awaiting, isThenable } from './suspension.ts';

/** The state after another element. */
export type Reducer<S, T> = (state: S, value: T, index: number, context: Context) => S | PromiseLike<S>;

/** What a collector does: fold the elements into a state, and make its result of that. */
interface Folding<T, S, R> {
  /** Makes the state of a run. */
  readonly start: () => S;
  readonly take: Reducer<S, T>;
  /** Whether no more elements are wanted. Default: all are wanted. */
  readonly until?: (state: S) => boolean;
  /** Default: the result is the state. */
  readonly finish?: (state: S, count: number) => R;
}

export function fold<T, S, R = S>({ start, take, until, finish }: Folding<T, S, R>): Collector<T, R> {
  return (context) => {
    let state = start();
    let count = 0;

    function keep(next: S): boolean {
      state = next;
      return !until?.(state);
    }

    function push(value: T): Answer {
      const next = take(state, value, count++, context);
      return isThenable(next) ? new Awaiting(next, keep) : keep(next);
    }

    return {
      ...last(push, until && (() => until(state))),
      result: () => (finish === undefined ? (state as unknown as R) : finish(state, count)),
    };
  };
}

/** A reducer that first asks a callback about the element. */
export function asking<T, A, S>(fn: Fn<T, A>, take: (state: S, value: T, said: A) => S): Reducer<S, T> {
  return (state, value, index, context) => ready(fn(value, index, context), (said) => take(state, value, said));
}
