import type { Producer, Receiver } from './producer.ts';
import { type Call, traced } from '../core/trace.ts';
import { OverflowError } from '../../errors.ts';
import { Supplier } from './supplier.ts';
import { resumeInMicrotask } from '../core/promises.ts';
import { Queue } from '../structures/queue.ts';

/** The policy for an element that arrives when the buffer is full. */
export type OverflowPolicy = (typeof OVERFLOWS)[number];

export const OVERFLOWS = ['block', 'error', 'drop-oldest', 'drop-newest'] as const;

/** How many elements are held for a slow consumer, and the policy when they are too many. */
export interface BufferingLimits {
  readonly buffer: number;
  readonly overflow: OverflowPolicy;
}

/** How many values one producer may deliver synchronously before the others get to run. */
const FAIRNESS_BATCH = 16;

/**
 * A bounded queue between any number of producers and one consumer.
 *
 * A producer continues while fewer than `size` values wait, and otherwise when there are no more than `refillAt`. With
 * size 0 it continues when its value has been consumed. An error comes after the values before it.
 */
export class Channel<T> extends Supplier<T> implements Receiver<T> {
  protected readonly held = new Queue<T>();
  protected readonly size: number;
  readonly #overflow: OverflowPolicy;
  readonly #refillAt: number;
  /** The place of an `OverflowError`. Without one, that is the source of the run. */
  protected call: Call | undefined;
  /** How many values have arrived synchronously. */
  #atOnce = 0;

  constructor(size: number, overflow: OverflowPolicy = 'block', refillAt = size - 1, call?: Call) {
    super();
    this.size = size;
    this.#overflow = overflow;
    this.#refillAt = refillAt;
    this.call = call;
  }

  receive(value: T, producer: Producer<T>, waited: boolean): boolean {
    if (this.put(value, waited)) return this.size !== Infinity || producer.hurry(waited);
    if (this.#overflow !== 'block') return !this.closed && producer.hurry(waited);
    this.blocked.push(this.size === 0 && !waited ? this.#fairly(producer) : producer);
    return false;
  }

  /** Every so often the producer is resumed in a later microtask: one that never waits would starve the others. */
  #fairly(producer: Producer<T>): { go(): void } {
    this.#atOnce = (this.#atOnce + 1) % FAIRNESS_BATCH;
    return this.#atOnce > 0 ? producer : { go: () => resumeInMicrotask(producer) };
  }

  /** Returns whether there is room for another one. */
  put(value: T, waited = false): boolean {
    const { held } = this;
    if (this.closed) return false;
    if (this.#overflow !== 'block' && held.length >= this.size) return this.#drop(value);
    held.push(value);
    this.wake(waited);
    return this.size === 0 ? this.awaited : held.length < this.size;
  }

  override ready(): boolean {
    return this.held.length > 0;
  }

  override take(): T {
    const value = this.held.shift();
    if (this.size > 0) this.refill();
    return value;
  }

  override demand(): void {
    if (this.size === 0) this.refill();
  }

  override leave(): void {
    super.leave();
    this.held.clear();
  }

  protected override hasRoom(): boolean {
    const { length } = this.held;
    // With size 0, each blocked producer has one value here until that is consumed.
    return this.size === 0 ? length < this.blocked.length : length <= this.#refillAt;
  }

  #drop(value: T): false {
    if (this.#overflow === 'error') {
      const error = new OverflowError(this.size);
      this.fail(this.call === undefined ? error : traced(error, this.call));
    }
    if (this.#overflow === 'drop-oldest') {
      this.held.shift();
      this.held.push(value);
    }
    return false;
  }
}
