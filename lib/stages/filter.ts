import { checkConcurrency, checkFunction, type Concurrency } from '../engine/arguments.ts';
import type { Stage } from '../engine/sink.ts';
import { step } from '../engine/step.ts';
import type { Fn } from '../types.ts';

export function filter<T>(predicate: Fn<T, unknown>, options?: Concurrency): Stage<T, T> {
  checkFunction('filter: predicate', predicate);
  checkConcurrency('filter', options);
  return step('filter', () => predicate);
}
