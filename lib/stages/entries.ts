import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';

export function entries<T>(): Stage<T, [number, T]> {
  return step('map', () => toEntry);
}

function toEntry<T>(value: T, index: number): [number, T] {
  return [index, value];
}
