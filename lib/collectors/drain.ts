import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';

/** Takes all elements, and keeps nothing of them. */
export function drain(): Collector<unknown, undefined> {
  return fold({ start: nothing, take: nothing });
}

function nothing(): undefined {}
