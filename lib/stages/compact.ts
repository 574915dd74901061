import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';

export function compact<T>(): Stage<T, NonNullable<T>> {
  return step('filter', () => isPresent);
}

function isPresent(value: unknown): boolean {
  return value != null;
}
