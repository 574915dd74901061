import { checkFunction } from '../engine/arguments.ts';
import type { Context } from '../engine/scope.ts';
import type { Stage } from '../engine/sink.ts';
import { step } from '../engine/step.ts';

type Reducer<T, R> = (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>;

/** `reduce` that gives each accumulator. The seed itself is not given; without one, the first element is. */
export function scan<T>(fn: Reducer<T, T>): Stage<T, T>;
export function scan<T, R>(fn: Reducer<T, R>, seed: R): Stage<T, R>;
export function scan<T, R>(fn: Reducer<T, R>, ...seed: [R?]): Stage<T, R> {
  checkFunction('scan: fn', fn);
  return (next, scope) => {
    let accumulator = seed[0] as R;
    let started = seed.length > 0;
    // Two steps, so that the second one comes only after a promise of the first.
    const fold = step<T, R>('map', () => (value, index, context) => {
      if (started) return fn(accumulator, value, index, context);
      started = true;
      return value;
    });
    const keep = step<R>('tap', () => (folded) => {
      accumulator = folded;
    });
    return fold(keep(next, scope), scope);
  };
}
