import { checkCount } from '../engine/arguments.ts';
import type { Stage } from '../engine/sink.ts';
import { step } from '../engine/step.ts';

export function drop<T>(count: number): Stage<T, T> {
  checkCount('drop: count', count, 0, Infinity);
  return step('filter', () => (_value, index) => index >= count);
}
