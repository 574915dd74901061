import { checkFunction } from '../arguments.ts';
import { type Concurrency, limitsOf } from './support/concurrency.ts';
import { concurrentMap } from '../engine/concurrency/concurrent-map.ts';
import type { Stage } from '../engine/core/sink.ts';
import type { Transform } from '../engine/core/source.ts';
import { step } from '../engine/core/fused-steps.ts';
import type { Fn } from '../types.ts';

export function map<T, R>(fn: Fn<T, R>, options?: Concurrency<T>): Stage<T, R> | Transform<T, R> {
  checkFunction('map: fn', fn);
  const limits = limitsOf('map', options);
  return limits === undefined ? step('map', () => fn) : concurrentMap(fn, limits);
}
