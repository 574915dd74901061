import { checkChoice, checkCount, checkOptions } from '../core/arguments.ts';
import { type OverflowPolicy, OVERFLOWS } from './channel.ts';

/** How much is held for a consumer that is behind, and what becomes of what comes then. */
export interface Buffering {
  /** How many elements may wait to be consumed; `Infinity` is allowed. Default 16. */
  readonly buffer?: number | undefined;
  /**
   * What becomes of an element that comes when so many wait: whoever gives it waits (`'block'`), the consumer that is
   * behind gets an `OverflowError` after what waits for it (`'error'`), or an element is dropped. Default `'block'`.
   */
  readonly overflow?: OverflowPolicy | undefined;
}

/** The options, checked and complete. */
export interface BufferingLimits {
  readonly buffer: number;
  readonly overflow: OverflowPolicy;
}

export function bufferingOf(method: string, options: Buffering, min = 1, ...more: readonly string[]): BufferingLimits {
  checkOptions(method, options, 'buffer', 'overflow', ...more);
  const { buffer = 16, overflow = 'block' } = options;
  checkChoice(`${method}: overflow`, overflow, OVERFLOWS);
  // Without blocking, a buffer of 0 would drop every element.
  checkCount(`${method}: buffer`, buffer, overflow === 'block' ? min : 1, Infinity);
  return { buffer, overflow };
}
