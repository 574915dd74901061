import { checkCount } from '../arguments.ts';
import { type Buffering, bufferingOf } from '../buffering.ts';
import { Multicast } from '../engine/sharing/multicast.ts';
import { once } from '../once.ts';
import type { Source } from '../engine/core/source.ts';
import { bare } from '../engine/core/plan.ts';

export function tee<T>(source: Source<T>, count = 2, options: Buffering = {}): Source<T>[] {
  checkCount('tee: count', count, 1);
  const multicast = new Multicast(bare(source), bufferingOf('tee', options));
  return Array.from({ length: count }, () => once(multicast.join(), source, 'a branch of tee()', 'make more branches'));
}
