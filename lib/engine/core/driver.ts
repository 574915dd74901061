import { End, type Sink } from './sink.ts';
import { type Answer, Suspension, abandon, PARKED } from './answer.ts';
import { Tether } from './tether.ts';
import { type Plan, prepare } from './plan.ts';
import { attribute, placesNoted } from './trace.ts';
import { Scope } from './scope.ts';
import { enter, exit, markHandled, resumeInMicrotask } from './promises.ts';

/** Returned by `wait` for a run that is suspended until its consumer wants another value. */
export const DEMAND = Symbol('demand');

/**
 * Drives a run by callbacks, and reports each value on which it suspends, and its end. A terminal has a driver of its
 * own: `drive` in run.ts.
 */
export abstract class Driver<T> {
  readonly scope = new Scope((closing) => this.#cancelled(closing));
  readonly #plan: Plan<T>;
  readonly #since = placesNoted();
  /** It has ended, has failed or was left: it emits no more. */
  protected over = false;
  #started = false;
  /** Settles when the open resources are closed. */
  protected closing: void | Promise<void> = undefined;
  /** Set when the run waits for a promise. A producer clears it with each value. */
  protected waited = false;
  #suspended: Suspension | undefined;
  /** It was left after its own end. An error of closing it then goes to the caller of `close`. */
  #left = false;

  readonly #reactions = new Reactions(this);

  constructor(plan: Plan<T>) {
    this.#plan = plan;
  }

  /** Whether it has neither ended nor been left. */
  get open(): boolean {
    return !this.over;
  }

  /** The last sink, which suspends the run with `DEMAND` when it has a value. */
  protected abstract last(): Sink<T>;

  /** The run waits for demand. Returns whether there is demand already. */
  protected abstract deliver(): boolean;

  /** All is closed. */
  protected abstract ended(): void;

  protected abstract failed(error: unknown): void;

  #cancelled(closing: void | Promise<void>): void {
    const letGo = () => void (this.#reactions.run = undefined);
    const closed = closing?.then(letGo, letGo) ?? letGo();
    if (this.over) return;
    this.leave();
    this.cancelled(Promise.resolve(closed));
  }

  /** Ended from outside, and told so when all is closed. */
  protected cancelled(closing: Promise<void>): void {
    this.closing = this.failing(this.scope.cancellation, closing);
  }

  /** Ends the run, also one that was never started: what it was given is then closed as well. */
  cancel(reason?: unknown): void | Promise<void> {
    if (!this.#started) this.#prepare();
    this.leave();
    // It closes the runs that are part of it: more of them than the stack takes, in long chains.
    if (!enter()) return new Promise((resolve) => resumeInMicrotask({ go: () => resolve(this.cancel(reason)) }));
    try {
      return this.scope.cancel(reason);
    } finally {
      exit();
    }
  }

  /** Part of another run, which has ended: it ends at once, and is closed together with its siblings, in order. */
  ending(reason: unknown): void {
    if (this.over) return this.#leaveEnded();
    const suspended = this.#suspended;
    this.leave();
    this.#suspended = suspended;
    this.scope.tell(reason);
  }

  /** May be called again, to wait until it is closed. */
  close(): void | Promise<void> {
    if (this.over && !this.scope.told) {
      this.#leaveEnded();
      return this.closing;
    }
    this.closing = this.cancel();
    return this.closing;
  }

  #leaveEnded(): void {
    this.#left = true;
    markHandled(this.closing);
  }

  #prepare(): () => Answer {
    this.#started = true;
    return prepare(this.#plan, this.last(), this.scope);
  }

  /**
   * Starts the run, or resumes it: in a microtask if too many runs continue within each other. A producer resumes the
   * one upstream of it, and an iterator pulls another: more of them than the stack takes.
   */
  go(): void {
    if (!enter()) return resumeInMicrotask(this);
    this.advance(undefined);
    exit();
  }

  /** Starts the run, or resumes it with the awaited value, and continues until it waits again. */
  advance(awaited: unknown, rejected = false): void {
    try {
      const suspended = this.#suspended;
      if (this.over) return suspended?.late(rejected ? { done: true } : awaited);
      let answer: Answer;
      if (!this.#started) answer = this.#prepare()();
      else answer = rejected ? suspended!.reject(awaited) : suspended!.resume(awaited);
      for (;;) {
        // Left by a callback on the way, whose promise may still reject.
        if (this.over) return abandon(answer);
        if (typeof answer === 'boolean') return this.#finish();
        this.#suspended = answer;
        const { wake, broken } = this.#reactions;
        let promise: unknown;
        try {
          promise = answer.wait(wake);
        } catch (error) {
          answer = answer.reject(error);
          continue;
        }
        if (promise !== DEMAND) {
          this.waited = true;
          if (promise !== PARKED) Promise.resolve(promise).then(wake, broken);
          return;
        }
        if (!this.deliver() || this.over) return;
        answer = answer.resume(undefined);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #finish(): void {
    // It is being cancelled, and a callback that was told so has resumed it.
    if (this.scope.over) return;
    this.leave();
    const closing = this.scope.finish();
    if (closing === undefined) return this.ended();
    this.closing = closing.then(
      () => this.ended(),
      (error: unknown) => {
        if (this.#left) throw error;
        this.failed(error);
      },
    );
  }

  #fail(error: unknown): void {
    if (this.over || this.scope.over) return;
    this.leave();
    this.closing = this.failing(error, this.scope.fail(error));
  }

  /** Something threw, and everything is being closed. */
  protected async failing(error: unknown, closing: Promise<void>): Promise<void> {
    await closing;
    this.failed(error);
  }

  /** An error that leaves the run for its consumer. */
  protected attribute(error: unknown, terminal?: string): void {
    attribute(error, this.#plan.call, this.#since, terminal);
  }

  protected leave(): void {
    this.over = true;
    this.#suspended = undefined;
  }
}

class Reactions extends Tether<Pick<Driver<unknown>, 'advance'>> {
  // Bound, and not arrow functions of each run: V8 drops the code of a function with the last closure of it, and here
  // is where `for await` spends its time.
  readonly wake = this.#wake.bind(this);
  readonly broken = this.#broken.bind(this);

  #wake(awaited: unknown): void {
    this.run?.advance(awaited);
  }

  #broken(error: unknown): void {
    this.run?.advance(error, true);
  }
}

/** Suspends a driven run until its consumer resumes it. */
class UntilDemand extends Suspension {
  wait(): unknown {
    return DEMAND;
  }

  resume(): Answer {
    return true;
  }
}

export const UNTIL_DEMAND: Suspension = new UntilDemand();

/** Passes each value on. */
export class GivingSink<T> extends End<T> {
  readonly #to: { give(value: T): Answer };

  constructor(to: { give(value: T): Answer }) {
    super();
    this.#to = to;
  }

  push(value: T): Answer {
    return this.#to.give(value);
  }
}

/** Suspends its run with each value, until that is taken. */
export class DemandSink<T> extends End<T> {
  #value: T | undefined;

  push(value: T): Answer {
    this.#value = value;
    return UNTIL_DEMAND;
  }

  take(): T {
    const value = this.#value as T;
    this.#value = undefined;
    return value;
  }
}
