import { Consumer, type Supply, type Waking } from './consumer.ts';
import { Queue } from '../structures/queue.ts';
import type { Scope } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import type { Answer } from '../core/answer.ts';

/** A producer that stands still until there is room for another value. */
interface Blocked {
  go(): void;
}

/**
 * Stands between producers and the one consumer of their values: wakes the consumer when there is something to take,
 * ends it when no more will come, and resumes the producers that stand still. Subclasses hold the values.
 */
export abstract class Supplier<T> implements Supply<T> {
  readonly #blocked = new Queue<Blocked>();
  #consumer: Consumer<T> | undefined;
  /** Called when all values are taken: does nothing, or throws the error. */
  #end: (() => void) | undefined;
  #left = false;

  /** Whether no more values are taken. */
  get closed(): boolean {
    return this.#left || this.#end !== undefined;
  }

  /** Whether the consumer waits for something to come. */
  get awaited(): boolean {
    return this.#consumer?.asleep === true;
  }

  /** How many producers stand still. */
  protected get blocked(): number {
    return this.#blocked.length;
  }

  abstract ready(): boolean;
  abstract take(): T;

  demand(): void {}

  exhausted(): boolean {
    this.#end?.();
    return this.#end !== undefined;
  }

  leave(): void {
    this.#left = true;
    // A producer may be stuck in a push, and keep this.
    this.#consumer = undefined;
    this.#blocked.clear();
  }

  /** No more values will come. The values that are there are still taken. */
  end(): void {
    this.#close(() => undefined);
  }

  /** As `end`, and the error comes after the values that are there. */
  fail(error: unknown): void {
    this.#close(() => {
      throw error;
    });
  }

  /** Its producer has ended. A supplier with several producers calls `end` after the last one. */
  ended(): void {
    this.end();
  }

  failed(error: unknown): void {
    this.fail(error);
  }

  /** Pushes the values into the sink until no more will come. Called once. The consumer leaves when the run is closed. */
  supply(next: Sink<T>, scope: Scope, waking: Waking = 'by-promise'): Answer {
    this.#consumer = new Consumer(this, next, scope, waking);
    return this.#consumer.proceed(true);
  }

  /** Tells the consumer that something has come. It takes it at once, if the producer has waited for it. */
  protected wake(waited: boolean): void {
    this.#consumer?.wake(waited);
  }

  /** Lets the producer stand still until there is room. */
  protected stand(producer: Blocked): void {
    this.#blocked.push(producer);
  }

  /** Whether a producer that stands still may resume. */
  protected hasRoom(): boolean {
    return true;
  }

  /** Resumes producers for which there is room. */
  protected refill(): void {
    const blocked = this.#blocked;
    while (blocked.length > 0 && this.#end === undefined && this.hasRoom()) blocked.shift().go();
  }

  #close(end: () => void): void {
    this.#end ??= end;
    this.#blocked.clear();
    this.wake(false);
  }
}
