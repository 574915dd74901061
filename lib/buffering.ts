import { checkCount, type Checks, oneOf, optionsOf } from './arguments.ts';
import { type BufferingLimits, type OverflowPolicy, OVERFLOWS } from './engine/background/channel.ts';
import { ignore } from './engine/core/promises.ts';

/** How many elements are held for a slow consumer, and the policy when they are too many. */
export interface Buffering {
  /** How many elements may wait to be consumed; `Infinity` is allowed. Default 16. */
  readonly buffer?: number | undefined;
  /**
   * The policy for an element that arrives when the buffer is full: the producer waits (`'block'`), the slow consumer
   * gets an `OverflowError` after the buffered elements (`'error'`), or the oldest or the newest element is dropped.
   * Default `'block'`.
   */
  readonly overflow?: OverflowPolicy | undefined;
}

export const BUFFERING: Checks<Buffering> = {
  // In `bufferingOf`: its least value depends on the method and on `overflow`.
  buffer: ignore,
  overflow: oneOf(...OVERFLOWS),
};

/** `checks` are for a method that has more options. */
export function bufferingOf(
  method: string,
  options: Buffering | undefined,
  min = 1,
  checks = BUFFERING,
): BufferingLimits {
  const { buffer = 16, overflow = 'block' } = optionsOf(method, options, checks);
  // Without blocking, a buffer of 0 would drop every element.
  checkCount(`${method}: buffer`, buffer, overflow === 'block' ? min : 1, Infinity);
  return { buffer, overflow };
}
