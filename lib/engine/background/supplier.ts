import { Consumer, type Supply } from './consumer.ts';
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

  /** The producer has come to its end: all producers, if there is one. */
  ended(): void {
    this.end();
  }

  failed(error: unknown): void {
    this.fail(error);
  }

  /**
   * Pushes what comes into the sink, until it is at an end. Left with the run. To be called once. `beside`: all
   * producers are branches of the consumer's run, which may wake it up by a call: they run in its context.
   */
  supply(next: Sink<T>, scope: Scope, beside = false): Answer {
    this.#consumer = new Consumer(this, next, scope, beside);
    return this.#consumer.go(true);
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
