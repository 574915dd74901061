import { OverflowError } from '../errors.ts';
import type { Branch, Receiver } from './branch.ts';
import { Queue } from './queue.ts';
import type { Sink } from './sink.ts';
import { type Answer, Nested } from './suspension.ts';

/** What becomes of an element that comes when the buffer is full. */
export type OverflowPolicy = (typeof OVERFLOWS)[number];

export const OVERFLOWS = ['block', 'error', 'drop-oldest', 'drop-newest'] as const;

/** Stands still until there is room for another value. */
interface Sender {
  go(): void;
  /** The consumer has left. */
  refuse?(): void;
}

/**
 * A bounded queue between any number of producers and one consumer.
 *
 * A producer goes on while fewer than `size` values wait, and else when there are no more than `refillAt`. With size 0 it
 * goes on when its value has been consumed. An error comes after the values before it.
 */
export class Channel<T, Held = T> implements Receiver<T> {
  protected readonly held = new Queue<Held>();
  readonly #size: number;
  readonly #overflow: OverflowPolicy;
  readonly #refillAt: number;
  readonly #waiting = new Queue<Sender>();
  /** What there is to say when all values are taken: nothing, or the error. */
  #end: (() => void) | undefined;
  #left = false;
  #wake: (() => void) | undefined;

  constructor(size: number, overflow: OverflowPolicy = 'block', refillAt = size - 1) {
    this.#size = size;
    this.#overflow = overflow;
    this.#refillAt = refillAt;
  }

  /** Whether no more values are taken. */
  get closed(): boolean {
    return this.#left || this.#end !== undefined;
  }

  receive(value: T, branch: Branch<T>): boolean {
    if (this.put(value as unknown as Held)) return true;
    if (this.#overflow === 'block') this.#waiting.push(branch);
    // Dropping never blocks: a source that gives its values at once still has to let the consumer have its turn.
    else if (!this.closed) queueMicrotask(() => branch.go());
    return false;
  }

  ended(): void {
    this.end();
  }

  failed(error: unknown): void {
    this.fail(error);
  }

  /** Answers whether another one may be sent: at once, or when there is room. False where nobody wants it. */
  send(value: Held): boolean | Promise<boolean> {
    if (this.closed) return false;
    if (this.put(value) || this.#overflow !== 'block') return !this.closed;
    return new Promise((resolve) => this.#waiting.push({ go: () => resolve(true), refuse: () => resolve(false) }));
  }

  end(): void {
    this.#close(() => undefined);
  }

  fail(error: unknown): void {
    this.#close(() => {
      throw error;
    });
  }

  /** Nobody takes what is in it any more. */
  leave(): void {
    this.#left = true;
    this.held.clear();
    while (this.#waiting.length > 0) this.#waiting.shift().refuse?.();
  }

  /** Pushes what comes into the sink, until it is at an end. To be called once. */
  feed(next: Sink<T>): Answer {
    return new Delivery(this, next).go(true);
  }

  /** Whether there is a value to be taken. */
  ready(): boolean {
    return this.held.length > 0;
  }

  take(): T {
    const value = this.held.shift();
    if (this.#size > 0) this.refill();
    return value as unknown as T;
  }

  /** The value before has been consumed, and another one is wanted. */
  demand(): void {
    if (this.#size === 0) this.refill();
  }

  /** Whether nothing more is to come. Throws what the producer has failed with. */
  exhausted(): boolean {
    this.#end?.();
    return this.#end !== undefined;
  }

  /** What to wait for when there is nothing to be taken. */
  arrival(): Promise<void> | undefined {
    if (this.ready() || this.#end !== undefined) return undefined;
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** Answers whether there is room for another one. */
  protected put(value: Held): boolean {
    const { held } = this;
    if (this.#overflow !== 'block' && held.length >= this.#size) return this.#drop(value);
    held.push(value);
    this.wake();
    return held.length < this.#size;
  }

  /** Lets producers go on for which there is room. */
  protected refill(): void {
    const waiting = this.#waiting;
    while (waiting.length > 0 && this.#end === undefined && this.#hasRoom()) waiting.shift().go();
  }

  protected wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #hasRoom(): boolean {
    const { length } = this.held;
    return this.#size === 0 ? length < this.#waiting.length : length <= this.#refillAt;
  }

  #drop(value: Held): false {
    if (this.#overflow === 'error') this.fail(new OverflowError(this.#size));
    if (this.#overflow === 'drop-oldest') {
      this.held.shift();
      this.held.push(value);
    }
    return false;
  }

  #close(end: () => void): void {
    this.#end ??= end;
    this.wake();
  }
}

class Delivery<T> extends Nested {
  readonly #channel: Channel<T, unknown>;
  readonly #next: Sink<T>;

  constructor(channel: Channel<T, unknown>, next: Sink<T>) {
    super();
    this.#channel = channel;
    this.#next = next;
  }

  override wait(): unknown {
    return this.inner === undefined ? this.#channel.arrival() : this.inner.wait();
  }

  resume(value: unknown): Answer {
    const { inner } = this;
    return this.go(inner === undefined || inner.resume(value));
  }

  go(answer: Answer): Answer {
    const channel = this.#channel;
    while (answer === true) {
      channel.demand();
      if (channel.ready()) answer = this.#next.push(channel.take());
      else if (channel.exhausted()) break;
      else {
        this.inner = undefined;
        return this;
      }
    }
    return this.pass(answer);
  }
}
