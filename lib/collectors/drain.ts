import type { Collector } from '../engine/collector.ts';
import { fold } from '../engine/fold.ts';

/** Takes all elements, and keeps nothing of them. */
export function drain(): Collector<unknown, undefined> {
  return fold({ start: nothing, take: nothing });
}

function nothing(): undefined {}
