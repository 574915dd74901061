import { checkFunction } from '../engine/arguments.ts';
import { type Concurrency, limitsOf } from '../engine/concurrency.ts';
import { parallel } from '../engine/parallel.ts';
import type { Stage } from '../engine/sink.ts';
import type { Transform } from '../engine/source.ts';
import { step } from '../engine/step.ts';
import type { Fn } from '../types.ts';

export function map<T, R>(fn: Fn<T, R>, options?: Concurrency<T>): Stage<T, R> | Transform<T, R> {
  checkFunction('map: fn', fn);
  const limits = limitsOf('map', options);
  return limits === undefined ? step('map', () => fn) : parallel(fn, limits);
}
