import { checkFunction, countFrom, oneOf, optionsOf } from '../../arguments.ts';
import { breadthFirst } from './breadth-first.ts';
import type { Expander } from './children.ts';
import { depthFirst } from './depth-first.ts';
import { expandAll, type ExpandOrder } from './expansion.ts';
import type { Stage } from '../../engine/core/sink.ts';
import type { Transform } from '../../engine/core/source.ts';

/** The options of {@link AsyncStream.expand | expand}. */
export interface ExpandOptions {
  /**
   * `'breadth'`: level by level. One stream is open at a time, and elements are kept until they are expanded.
   * `'depth'`: each element, then all of its descendants. A stream is kept open for each level, and the rest of each
   * array. With `concurrency`, the order decides which element is expanded next: the oldest or the latest. Default
   * `'breadth'`.
   */
  readonly order?: ExpandOrder | undefined;
  /** How deep to expand; the elements of the source are at depth 0. Default `Infinity`. */
  readonly maxDepth?: number | undefined;
  /**
   * How many elements are expanded at the same time. With more than one, elements are emitted as they arrive. Default
   * 1.
   */
  readonly concurrency?: number | undefined;
}

export function expand<T>(fn: Expander<T>, options?: ExpandOptions): Stage<T, T> | Transform<T, T> {
  checkFunction('expand: fn', fn);
  const checks = {
    order: oneOf('breadth', 'depth'),
    maxDepth: countFrom(0, Infinity),
    concurrency: countFrom(1, Infinity),
  };
  const { order = 'breadth', maxDepth = Infinity, concurrency = 1 } = optionsOf('expand', options, checks);
  if (concurrency > 1) return expandAll(fn, { maxDepth, order, concurrency });
  return order === 'depth' ? depthFirst(fn, maxDepth) : breadthFirst(fn, maxDepth);
}
