import { checkConcurrency, checkFunction, type Concurrency } from '../engine/arguments.ts';
import type { Stage } from '../engine/sink.ts';
import { step } from '../engine/step.ts';
import type { Fn } from '../types.ts';

export function map<T, R>(fn: Fn<T, R>, options?: Concurrency): Stage<T, R> {
  checkFunction('map: fn', fn);
  checkConcurrency('map', options);
  return step('map', () => fn);
}
