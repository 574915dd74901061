import { Producer, Branches, type Receiver } from './producer.ts';
import { closing, type Transform } from '../core/source.ts';
import { checkChoice, checkCount, checkOptions } from '../core/arguments.ts';
import { OverflowError } from '../../errors.ts';
import { Consumer, type Supply } from './consumer.ts';
import { resumeInMicrotask } from '../core/promises.ts';
import { Queue } from '../structures/queue.ts';
import type { Scope } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import type { Answer } from '../core/answer.ts';

/** The policy for an element that arrives when the buffer is full. */
export type OverflowPolicy = (typeof OVERFLOWS)[number];

export const OVERFLOWS = ['block', 'error', 'drop-oldest', 'drop-newest'] as const;

/** How many values one producer may deliver synchronously before the others get to run. */
const FAIRNESS_BATCH = 16;

/** Stands still until there is room for another value. */
interface Sender {
  go(): void;
  /** No more values are taken. */
  refuse?(): void;
}

/**
 * A bounded queue between any number of producers and one consumer.
 *
 * A producer continues while fewer than `size` values wait, and otherwise when there are no more than `refillAt`. With
 * size 0 it continues when its value has been consumed. An error comes after the values before it.
 */
export class Channel<T, Held = T, In = Held> implements Receiver<In>, Supply<T> {
  protected readonly held = new Queue<Held>();
  readonly #size: number;
  readonly #overflow: OverflowPolicy;
  readonly #refillAt: number;
  readonly #waiting = new Queue<Sender>();
  #consumer: Consumer<T> | undefined;
  /** Called when all values are taken: does nothing, or throws the error. */
  #end: (() => void) | undefined;
  #left = false;
  /** How many values have arrived synchronously. */
  #atOnce = 0;

  constructor(size: number, overflow: OverflowPolicy = 'block', refillAt = size - 1) {
    this.#size = size;
    this.#overflow = overflow;
    this.#refillAt = refillAt;
  }

  /** Whether no more values are taken. */
  get closed(): boolean {
    return this.#left || this.#end !== undefined;
  }

  /** Whether the consumer waits for something to come. */
  get awaited(): boolean {
    return this.#consumer?.asleep === true;
  }

  receive(value: In, producer: Producer<In>, waited: boolean): boolean {
    if (this.put(value as unknown as Held, waited)) return this.#size !== Infinity || producer.hurry(waited);
    if (this.#overflow !== 'block') return !this.closed && producer.hurry(waited);
    this.stand(this.#size === 0 && !waited ? this.#fairly(producer) : producer);
    return false;
  }

  /**
   * Now and then, the other producers have their turn before: beside one that never waits, they would not come to it.
   */
  #fairly(producer: Producer<In>): Sender {
    this.#atOnce = (this.#atOnce + 1) % FAIRNESS_BATCH;
    return this.#atOnce > 0 ? producer : this.#behind(producer);
  }

  #behind(producer: Producer<In>): Sender {
    const go = () => {
      if (!this.closed) producer.go();
    };
    return { go: () => resumeInMicrotask({ go }) };
  }

  ended(): void {
    this.end();
  }

  failed(error: unknown): void {
    this.fail(error);
  }

  /** Returns whether another value may be sent: at once, or when there is room. False once the consumer has left. */
  send(value: Held): boolean | Promise<boolean> {
    if (this.closed) return false;
    if (this.put(value, false) || this.#overflow !== 'block') return !this.closed;
    return this.#wait();
  }

  #wait(): Promise<boolean> {
    return new Promise((resolve) => this.stand({ go: () => resolve(true), refuse: () => resolve(false) }));
  }

  end(): void {
    this.#close(() => undefined);
  }

  fail(error: unknown): void {
    this.#close(() => {
      throw error;
    });
  }

  leave(): void {
    this.#left = true;
    // A producer may be stuck in a push, and keep this channel.
    this.#consumer = undefined;
    this.held.clear();
    this.#refuse();
  }

  /**
   * Pushes what comes into the sink, until it is at an end. Left with the run. To be called once. `beside`: all
   * producers are branches of the consumer's run, which may wake it up by a call: they run in its context.
   */
  feed(next: Sink<T>, scope: Scope, beside = false): Answer {
    this.#consumer = new Consumer(this, next, scope, beside);
    return this.#consumer.go(true);
  }

  ready(): boolean {
    return this.held.length > 0;
  }

  take(): T {
    const value = this.held.shift();
    if (this.#size > 0) this.refill();
    return value as unknown as T;
  }

  demand(): void {
    if (this.#size === 0) this.refill();
  }

  exhausted(): boolean {
    this.#end?.();
    return this.#end !== undefined;
  }

  /** Returns whether there is room for another one. */
  protected put(value: Held, waited: boolean): boolean {
    const { held } = this;
    if (this.closed) return false;
    if (this.#overflow !== 'block' && held.length >= this.#size) return this.#drop(value);
    held.push(value);
    this.wake(waited);
    return this.#size === 0 ? held.length === 0 && this.awaited : held.length < this.#size;
  }

  /** Lets the producer stand still until there is room. */
  protected stand(sender: Sender): void {
    this.#waiting.push(sender);
  }

  /** Resumes producers for which there is room. */
  protected refill(): void {
    const waiting = this.#waiting;
    while (waiting.length > 0 && this.#end === undefined && this.hasRoom()) waiting.shift().go();
  }

  /** Whether a blocked producer may resume. */
  protected hasRoom(): boolean {
    const { length } = this.held;
    return this.#size === 0 ? length < this.#waiting.length : length <= this.#refillAt;
  }

  /** Tells the consumer that something has come. It takes it at once, if the producer has waited for it. */
  protected wake(waited: boolean): void {
    this.#consumer?.wake(waited);
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
    this.#refuse();
    this.wake(false);
  }

  #refuse(): void {
    while (this.#waiting.length > 0) this.#waiting.shift().refuse?.();
  }
}

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

/**
 * Reads the source beside the consumer, into a channel that `open` makes for each run. What that opens itself, such as
 * timers, is a part as the source is: they are closed all at once.
 */
export function readAhead<In, Out, Held>(open: (parts: Branches) => Channel<Out, Held, In>): Transform<In, Out> {
  return {
    feed(above, next, scope) {
      const parts = new Branches(scope);
      return closing(scope, parts, () => {
        const channel = open(parts);
        new Producer(above, parts, channel).go();
        return channel.feed(next, scope);
      });
    },
  };
}
