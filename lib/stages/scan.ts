import { checkFunction } from '../arguments.ts';
import type { Reducer } from '../types.ts';
import { markHandled } from '../engine/core/promises.ts';
import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';

/** A `reduce` that emits each accumulator. The seed itself is not emitted; without one, the first element is. */
export function scan<T>(fn: Reducer<T, T>): Stage<T, T>;
export function scan<T, R>(fn: Reducer<R, T>, seed: R): Stage<T, R>;
export function scan<T, R>(fn: Reducer<R, T>, ...seed: [R?]): Stage<T, R> {
  checkFunction('scan: fn', fn);
  markHandled(seed[0]);
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
