import { checkFunction } from '../arguments.ts';
import { type Concurrency, limitsOf } from './support/concurrency.ts';
import { concurrentMap } from '../engine/concurrency/concurrent-map.ts';
import type { Stage } from '../engine/core/sink.ts';
import type { Transform } from '../engine/core/source.ts';
import { step } from '../engine/core/fused-steps.ts';
import { isThenable } from '../engine/core/promises.ts';
import type { Fn } from '../types.ts';

type Settled<R> = PromiseSettledResult<R>;

export function mapSettled<T, R>(
  fn: Fn<T, R>,
  options?: Concurrency<T>,
): Stage<T, Settled<R>> | Transform<T, Settled<R>> {
  checkFunction('mapSettled: fn', fn);
  const limits = limitsOf('mapSettled', options);
  const settle: Fn<T, Settled<R>> = (value, index, context) => {
    try {
      const result = fn(value, index, context);
      return isThenable(result) ? Promise.resolve(result).then(fulfilled, rejected) : fulfilled(result);
    } catch (error) {
      return rejected(error);
    }
  };
  return limits === undefined ? step('map', () => settle) : concurrentMap(settle, limits);
}

function fulfilled<R>(value: R): PromiseFulfilledResult<R> {
  return { status: 'fulfilled', value };
}

function rejected(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason };
}
