import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';
import type { Fn } from '../types.ts';

/** Calls `fn` with each element, one after the other, and waits for it. */
export function forEach<T>(fn: Fn<T, unknown>): Collector<T, undefined> {
  checkFunction('forEach: fn', fn);
  return fold({
    start: (): unknown => undefined,
    take: (_, value, index, context) => fn(value, index, context),
    finish: () => undefined,
  });
}
