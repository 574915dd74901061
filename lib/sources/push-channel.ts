import { OverflowError } from '../errors.ts';
import { type BufferingLimits, Channel } from '../engine/background/channel.ts';
import { Queue } from '../engine/structures/queue.ts';

/** Takes elements for a stream from outside of it. */
export interface Push<in T> {
  /**
   * Answers true, at once or when there is room for it. False where the stream has ended or its consumer has left: the
   * element is then ignored.
   */
  (value: T): boolean | Promise<boolean>;
  /** No more is coming. What was pushed before is still given. */
  end(): void;
  /** Fails the stream, after what was pushed before. */
  fail(error: unknown): void;
}

/** How many pushes may wait for room: they are those of somebody who does not wait for them. */
const MAX_PENDING_PUSHES = 1024;

/** The channel between those who push and the stream. */
export class PushChannel<T> extends Channel<T> {
  readonly #size: number;
  readonly #blocks: boolean;
  /** The pushes of what is held beyond the size. */
  readonly #waiting = new Queue<(accepted: boolean) => void>();

  constructor({ buffer, overflow }: BufferingLimits) {
    super(buffer, overflow);
    this.#size = buffer;
    this.#blocks = overflow === 'block';
  }

  /** For whoever is to push. Bound, so that each part of it can be passed as a callback. */
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
    if (this.closed) return false;
    if (this.#waiting.length === MAX_PENDING_PUSHES) this.fail(new OverflowError(this.#size + MAX_PENDING_PUSHES));
    this.put(value, false);
    if (!this.#blocks || this.closed || this.held.length <= this.#size) return !this.closed;
    return this.#wait();
  }

  #wait(): Promise<boolean> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
