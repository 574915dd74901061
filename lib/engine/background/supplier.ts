import { turn } from '../time/turns.ts';
import { enter, exit, ignore } from '../core/promises.ts';
import { Queue } from '../structures/queue.ts';
import type { Closable, Scope, Thrown, Turns } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import { abandon, type Answer, Nested, PARKED } from '../core/answer.ts';

/** A producer, or what reads it. */
interface Blocked {
  go(): void;
}

/**
 * How a supplier wakes the driver of its consumer. `by-call` is at once, and only for producers that run in the
 * asynchronous context of the consumer's run.
 */
type Waking = 'by-call' | 'by-promise';

/**
 * Stands between producers and the one consumer of their values: wakes the consumer when there is something to take,
 * ends it when no more will come, and resumes the producers that stand still. Subclasses hold the values.
 */
export abstract class Supplier<T, P extends Blocked = Blocked> {
  /** The producers that stand still until they are asked for another value. */
  protected readonly blocked = new Queue<P>();
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

  /** Whether there is a value to be taken. */
  abstract ready(): boolean;
  abstract take(): T;

  /** The value before has been consumed, and another one is wanted. */
  demand(): void {
    this.refill();
  }

  /** Whether no more values will come. Throws the error of a failed producer. */
  exhausted(): boolean {
    this.#end?.();
    return this.#end !== undefined;
  }

  /** No value is taken any more: all were taken, no more are wanted, or the run of the consumer is being closed. */
  leave(): void {
    this.#left = true;
    // A producer may be stuck in a push, and keep this.
    this.#consumer = undefined;
    this.blocked.clear();
  }

  /** No more values will come. The values that are there are still taken. */
  end(): void {
    this.#close(ignore);
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

  /** Pushes the values into the sink until no more will come, and leaves. Called once. */
  supply(next: Sink<T>, scope: Scope, waking: Waking = 'by-promise'): Answer {
    this.#consumer = new Consumer(this, next, scope, waking);
    return this.#consumer.proceed(true);
  }

  /** Tells the consumer that something has come. It takes it at once, if the producer has waited for it. */
  protected wake(waited: boolean): void {
    this.#consumer?.wake(waited);
  }

  /** Whether a producer that stands still may resume. */
  protected hasRoom(): boolean {
    return true;
  }

  protected ask(producer: P): void {
    producer.go();
  }

  /** Asks producers for which there is room. */
  protected refill(): void {
    const { blocked } = this;
    while (blocked.length > 0 && this.#end === undefined && this.hasRoom()) this.ask(blocked.shift());
  }

  #close(end: () => void): void {
    this.#end ??= end;
    this.blocked.clear();
    this.wake(false);
  }
}

/** The consumer's side: suspends its run while there is no value to take. */
class Consumer<T> extends Nested implements Closable {
  /** Waits for something to come. */
  asleep = false;
  readonly #supplier: Supplier<T>;
  readonly #next: Sink<T>;
  readonly #scope: Scope;
  readonly #byCall: boolean;
  readonly #turns: Turns | undefined;
  #alarm: ((value: undefined) => void) | undefined;
  /** The answer to the value that the producer delivered, or the error that was thrown. */
  #answer: Answer = true;
  #thrown: Thrown | undefined;

  constructor(supplier: Supplier<T>, next: Sink<T>, scope: Scope, waking: Waking) {
    super();
    this.#byCall = waking === 'by-call';
    this.#supplier = supplier;
    this.#next = next;
    this.#scope = scope;
    this.#turns = scope.turns;
    scope.add(this);
  }

  override wait(wake?: (value: unknown) => void): unknown {
    if (this.inner !== undefined) return this.inner.wait(wake);
    if (!this.asleep) return undefined;
    if (!this.#byCall || wake === undefined) return this.#alarmed();
    this.#alarm = wake;
    return PARKED;
  }

  #alarmed(): Promise<undefined> {
    return new Promise((resolve) => (this.#alarm = resolve));
  }

  override resume(value: unknown): Answer {
    const { inner } = this;
    if (inner !== undefined) return this.proceed(inner.resume(value));
    if (this.#thrown !== undefined) throw this.#thrown.error;
    const answer = this.#answer;
    this.#answer = true;
    return this.proceed(answer);
  }

  override proceed(answer: Answer): Answer {
    answer = this.#course(answer);
    if (this.asleep) {
      this.inner = undefined;
      return this;
    }
    if (typeof answer === 'boolean') {
      this.#scope.remove(this);
      this.#supplier.leave();
    }
    return this.nest(answer);
  }

  /** The run has ended, perhaps before its driver has read `#answer`. */
  close(): void {
    this.#supplier.leave();
    abandon(this.#answer);
    this.#answer = true;
  }

  /**
   * Something has come. If its producer has waited for it, the consumer continues from here, in the same turn, and its
   * driver sleeps on: half the cost (`bench`, buffer). Else a producer that never waits could keep it busy for ever.
   */
  wake(waited: boolean): void {
    if (!this.asleep) return;
    this.asleep = false;
    const entered = waited && enter();
    if (entered) {
      try {
        this.#answer = this.#course(true);
      } catch (error) {
        this.#thrown = { error };
      }
      exit();
      if (this.asleep) return;
      // Left by a callback on the way, whose promise may still reject.
      if (this.#scope.over) this.close();
    }
    if (entered || !this.#byCall) this.#alarm?.(undefined);
    else void Promise.resolve(undefined).then(this.#alarm);
  }

  /** Continues for as long as the sink wants more and there is more. */
  #course(answer: Answer): Answer {
    const supplier = this.#supplier;
    while (answer === true && !this.#scope.over) {
      supplier.demand();
      if (this.#turns?.due()) answer = turn(this.#scope);
      else if (supplier.ready()) answer = this.#next.push(supplier.take());
      else {
        this.asleep = !supplier.exhausted();
        break;
      }
    }
    if (answer === true && this.#scope.over) answer = false;
    if (answer === false) supplier.leave();
    return answer;
  }
}
