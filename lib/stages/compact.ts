import type { Stage } from '../engine/sink.ts';
import { step } from '../engine/step.ts';

export function compact<T>(): Stage<T, NonNullable<T>> {
  return step('filter', () => isPresent);
}

function isPresent(value: unknown): boolean {
  return value != null;
}
