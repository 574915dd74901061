import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';
import { adding } from './support/total.ts';

/** The sum of the elements; 0 if there are none. */
export function sum(): Collector<number, number> {
  return fold({ start: () => 0, take: adding('sum') });
}
