import { checkCount } from '../arguments.ts';
import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';

export function drop<T>(count: number): Stage<T, T> {
  checkCount('drop: count', count, 0, Infinity);
  return step('filter', () => (_value, index) => index >= count);
}
