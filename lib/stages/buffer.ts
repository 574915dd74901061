import { checkCount, countFrom, optionsOf } from '../arguments.ts';
import { wrongAmount } from '../errors.ts';
import { Producer } from '../engine/background/producer.ts';
import { Channel, type OverflowPolicy } from '../engine/background/channel.ts';
import { BUFFERING } from '../buffering.ts';
import type { Transform } from '../engine/core/source.ts';

/** The options of {@link AsyncStream.buffer | buffer}. */
export interface BufferOptions {
  /**
   * The policy for an element that arrives when the buffer is full: the source waits (`'block'`), the stream fails with
   * an `OverflowError` after the buffered elements (`'error'`), or the oldest or the newest element is dropped. Default
   * `'block'`.
   */
  readonly overflow?: OverflowPolicy | undefined;
  /** A full buffer is filled again when `refillAt` elements are left in it. Default `size - 1`. */
  readonly refillAt?: number | undefined;
}

export function buffer<T>(size: number, options?: BufferOptions): Transform<T, T> {
  checkCount('buffer: size', size, 1, Infinity);
  const checks = { overflow: BUFFERING.overflow, refillAt: countFrom(0) };
  const { overflow = 'block', refillAt = size - 1 } = optionsOf('buffer', options, checks);
  if (refillAt >= size && size !== Infinity)
    throw wrongAmount('buffer: refillAt', `less than the size of ${size}`, refillAt);
  return {
    feed(above, next, scope) {
      const channel = new Channel<T>(size, overflow, refillAt, scope.call);
      new Producer(above, scope, channel).go();
      return channel.supply(next, scope, 'by-call');
    },
  };
}
