import { checkFunction } from '../arguments.ts';
import { andThen } from '../engine/core/promises.ts';
import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';
import type { Fn } from '../types.ts';

export function dropWhile<T>(predicate: Fn<T, unknown>): Stage<T, T> {
  checkFunction('dropWhile: predicate', predicate);
  return step('filter', () => {
    let dropping = true;
    return (value, index, context) =>
      !dropping || andThen(predicate(value, index, context), (holds) => !(dropping = Boolean(holds)));
  });
}
