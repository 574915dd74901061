import { OverflowError } from '../errors.ts';
import type { Branch, Receiver } from './branch.ts';
import { Queue } from './queue.ts';
import type { Scope } from './scope.ts';
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
export class Channel<T, Held = T, In = Held> implements Receiver<In> {
  protected readonly held = new Queue<Held>();
  readonly #size: number;
  readonly #overflow: OverflowPolicy;
  readonly #refillAt: number;
  readonly #waiting = new Queue<Sender>();
  #consumer: Delivery<T> | undefined;
  /** What there is to say when all values are taken: nothing, or the error. */
  #end: (() => void) | undefined;
  #left = false;

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

  receive(value: In, branch: Branch<In>, waited: boolean): boolean {
    if (this.put(value as unknown as Held, waited)) return true;
    if (this.#overflow === 'block') this.stand(branch);
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
    if (this.put(value, false) || this.#overflow !== 'block') return !this.closed;
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

  /** Nobody takes what is in it any more. */
  leave(): void {
    this.#left = true;
    this.held.clear();
    while (this.#waiting.length > 0) this.#waiting.shift().refuse?.();
  }

  /** Pushes what comes into the sink, until it is at an end. To be called once. */
  feed(next: Sink<T>, scope: Scope): Answer {
    this.#consumer = new Delivery(this, next, scope);
    return this.#consumer.go(true);
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

  /** Answers whether there is room for another one. */
  protected put(value: Held, waited: boolean): boolean {
    const { held } = this;
    if (this.closed) return false;
    if (this.#overflow !== 'block' && held.length >= this.#size) return this.#drop(value);
    held.push(value);
    this.wake(waited);
    return this.#size === 0 ? held.length === 0 && this.#consumer!.asleep : held.length < this.#size;
  }

  /** Lets the producer stand still until there is room. */
  protected stand(sender: Sender): void {
    this.#waiting.push(sender);
  }

  /** Lets producers go on for which there is room. */
  protected refill(): void {
    const waiting = this.#waiting;
    while (waiting.length > 0 && this.#end === undefined && this.hasRoom()) waiting.shift().go();
  }

  /** Whether one of those that wait may go on. */
  protected hasRoom(): boolean {
    const { length } = this.held;
    return this.#size === 0 ? length < this.#waiting.length : length <= this.#refillAt;
  }

  /** Tells the consumer that something has come. It takes it at once, where the producer has waited for it. */
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
    this.wake(false);
  }
}

/** The consumer's side: what its run is suspended by while there is nothing to be taken. */
class Delivery<T> extends Nested {
  /** Waits for something to come. */
  asleep = false;
  readonly #channel: Channel<T, unknown, unknown>;
  readonly #next: Sink<T>;
  readonly #scope: Scope;
  #alarm: (() => void) | undefined;
  /** What the producer has brought the consumer to: an answer, or an error that it has thrown. */
  #outcome: (() => Answer) | undefined;

  constructor(channel: Channel<T, unknown, unknown>, next: Sink<T>, scope: Scope) {
    super();
    this.#channel = channel;
    this.#next = next;
    this.#scope = scope;
  }

  override wait(): unknown {
    if (this.inner !== undefined) return this.inner.wait();
    return this.asleep ? new Promise<void>((resolve) => (this.#alarm = resolve)) : undefined;
  }

  resume(value: unknown): Answer {
    const { inner } = this;
    if (inner !== undefined) return this.go(inner.resume(value));
    const outcome = this.#outcome;
    this.#outcome = undefined;
    return this.go(outcome === undefined || outcome());
  }

  go(answer: Answer): Answer {
    answer = this.#course(answer);
    if (this.asleep) this.inner = undefined;
    return this.asleep ? this : this.pass(answer);
  }

  /**
   * Something has come. Where its producer has waited for it, the consumer goes on from here, in the same turn, and its
   * driver sleeps on: half the cost (`bench`, buffer). Else a producer that never waits could keep it busy for ever.
   */
  wake(waited: boolean): void {
    if (!this.asleep) return;
    this.asleep = false;
    if (waited) {
      try {
        const answer = this.#course(true);
        if (this.asleep) return;
        this.#outcome = () => answer;
      } catch (error) {
        this.#outcome = () => {
          throw error;
        };
      }
    }
    this.#alarm?.();
  }

  /** Goes on for as long as the sink wants more and there is more. */
  #course(answer: Answer): Answer {
    const channel = this.#channel;
    while (answer === true && !this.#scope.over) {
      channel.demand();
      if (channel.ready()) answer = this.#next.push(channel.take());
      else if (channel.exhausted()) break;
      else {
        this.asleep = true;
        break;
      }
    }
    if (answer === false) channel.leave();
    return answer;
  }
}
