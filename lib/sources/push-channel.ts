import { OverflowError } from '../errors.ts';
import { type BufferingLimits, Channel } from '../engine/background/channel.ts';
import { Queue } from '../engine/structures/queue.ts';

/** Takes elements for a stream from outside of it. */
export interface Push<in T> {
  /**
   * Returns true if the buffer had room for the element, or `overflow` has dropped one, otherwise a promise that resolves
   * with true when it has room. Once the stream has ended or its consumer has left, the result is false, and the element is
   * ignored.
   */
  (value: T): boolean | Promise<boolean>;
  /** Ends the stream, after the elements that were pushed before. */
  end(): void;
  /** Fails the stream, after the elements that were pushed before. */
  fail(error: unknown): void;
}

/** The limit of pushes that wait for room: more come only from a producer that does not await them. */
const MAX_PENDING_PUSHES = 1024;

/** The channel between the producers and the stream. */
export class PushChannel<T> extends Channel<T> {
  /** The pushes of the elements held beyond the size. */
  readonly #waiting = new Queue<(accepted: boolean) => void>();

  constructor({ buffer, overflow }: BufferingLimits) {
    super(buffer, overflow);
  }

  /** The function that producers get. Bound, so that each part of it can be passed as a callback. */
  get push(): Push<T> {
    return Object.assign((value: T) => this.#push(value), {
      end: () => this.end(),
      fail: (error: unknown) => this.fail(error),
    });
  }

  override take(): T {
    const value = super.take();
    if (this.#waiting.length > 0) this.#waiting.shift()(true);
    return value;
  }

  override leave(): void {
    super.leave();
    while (this.#waiting.length > 0) this.#waiting.shift()(false);
  }

  #push(value: T): boolean | Promise<boolean> {
    if (this.#waiting.length === MAX_PENDING_PUSHES) this.fail(new OverflowError(this.size + MAX_PENDING_PUSHES));
    this.put(value);
    if (this.closed || this.held.length <= this.size) return !this.closed;
    return this.#wait();
  }

  #wait(): Promise<boolean> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
