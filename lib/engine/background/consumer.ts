import { turn } from '../time/turns.ts';
import type { Closable, Scope, Turns } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import { enter, exit } from '../core/promises.ts';
import { abandon, type Answer, Nested, PARKED } from '../core/answer.ts';

/** The side of a supplier that its consumer uses. */
export interface Supply<T> {
  /** The value before has been consumed, and another one is wanted. */
  demand(): void;
  /** Whether there is a value to be taken. */
  ready(): boolean;
  take(): T;
  /** Whether no more values will come. Throws the error of a failed producer. */
  exhausted(): boolean;
  /** The consumer has left: no value is taken any more. */
  leave(): void;
}

/**
 * How a supplier wakes the driver of its consumer. `by-call` is at once, and only for producers that run in the
 * asynchronous context of the consumer's run.
 */
export type Waking = 'by-call' | 'by-promise';

/** The consumer's side: suspends its run while there is no value to take. */
export class Consumer<T> extends Nested implements Closable {
  /** Waits for something to come. */
  asleep = false;
  readonly #supply: Supply<T>;
  readonly #next: Sink<T>;
  readonly #scope: Scope;
  readonly #byCall: boolean;
  readonly #turns: Turns | undefined;
  #alarm: ((value: undefined) => void) | undefined;
  /** The answer to the value that the producer delivered, or the error that was thrown. */
  #answer: Answer = true;
  #thrown: { readonly error: unknown } | undefined;

  constructor(supply: Supply<T>, next: Sink<T>, scope: Scope, waking: Waking) {
    super();
    this.#byCall = waking === 'by-call';
    this.#supply = supply;
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
    if (typeof answer === 'boolean') this.#scope.remove(this);
    return this.nest(answer);
  }

  /** The run has ended, perhaps before its driver has read `#answer`. */
  close(): void {
    this.#supply.leave();
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
    const supply = this.#supply;
    while (answer === true && !this.#scope.over) {
      supply.demand();
      if (this.#turns?.due()) answer = turn(this.#scope);
      else if (supply.ready()) answer = this.#next.push(supply.take());
      else if (supply.exhausted()) break;
      else {
        this.asleep = true;
        break;
      }
    }
    if (answer === true && this.#scope.over) answer = false;
    if (answer === false) supply.leave();
    return answer;
  }
}
