import { checkCount } from '../engine/arguments.ts';
import { type Buffering, bufferingOf } from '../engine/buffering.ts';
import { Hub } from '../engine/hub.ts';
import { once } from '../engine/once.ts';
import { bare } from '../engine/run.ts';
import type { Source } from '../engine/source.ts';

export function tee<T>(source: Source<T>, count = 2, options: Buffering = {}): Source<T>[] {
  checkCount('tee: count', count, 1);
  const hub = new Hub(bare(source), bufferingOf('tee', options));
  return Array.from({ length: count }, () => once(hub.join(), source, 'a branch of tee()', 'make more branches'));
}
