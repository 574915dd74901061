import { ignore } from './ignore.ts';
import { type Plan, prepare } from './run.ts';
import { Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import { after, type Answer, Awaiting, type Suspension } from './suspension.ts';

/** What a run waits for that is suspended until somebody wants it to go on. */
export const DEMAND = Symbol('demand');

/** Drives a run in callbacks, and tells what it comes to: each value where it suspends, and its end. */
export abstract class Driver<T> {
  readonly scope = new Scope();
  readonly #plan: Plan<T>;
  /** It has ended, has failed or was left: nothing more comes of it. */
  protected over = false;
  #started = false;
  /** What was left open is being closed. */
  protected closing: void | Promise<void> = undefined;
  #suspended: Suspension | undefined;
  /** What it has failed with, while what is held back is given before. */
  #failure: { readonly error: unknown } | undefined;

  // Bound, and not arrow functions of each run: V8 drops the code of a function with the last closure of it, and here is
  // where `for await` spends its time.
  readonly #go = this.advance.bind(this);
  readonly #broken = this.#fail.bind(this);

  constructor(plan: Plan<T>) {
    this.#plan = plan;
    this.scope.onCancel = (closing) => {
      if (this.over) return;
      this.leave();
      this.cancelled(closing.catch(ignore));
    };
  }

  /** The last sink, which suspends the run with `DEMAND` when it has a value. */
  protected abstract last(): Sink<T>;

  /** `waited`: it had to be waited for. Answers whether the run is to go on at once. */
  protected abstract deliver(waited: boolean): boolean;

  /** All is closed. */
  protected abstract ended(): void;

  protected abstract failed(error: unknown): void;

  /** Ended from outside, and told so when all is closed. */
  protected cancelled(closing: Promise<void>): void {
    this.closing = closing.then(() => this.failed(this.scope.signal.reason));
  }

  /** Ends the run, also one that was never started: what it was given is then closed as well. */
  protected cancel(reason?: unknown): void | Promise<void> {
    if (!this.#started) this.#prepare();
    this.leave();
    return this.scope.cancel(reason);
  }

  #prepare(): () => Answer {
    this.#started = true;
    return prepare(this.#plan, this.last(), this.scope);
  }

  /** Starts the run, or resumes it with what it waited for, and goes on until it waits for something else. */
  protected advance(awaited: unknown, waited = true): void {
    if (this.over) return;
    try {
      let answer = this.#started ? this.#suspended!.resume(awaited) : this.#prepare()();
      while (!this.over) {
        if (typeof answer === 'boolean') return this.#finish();
        this.#suspended = answer;
        const promise = answer.wait();
        if (promise !== DEMAND) return void Promise.resolve(promise).then(this.#go, this.#broken);
        if (!this.deliver(waited)) return;
        waited = false;
        answer = answer.resume(undefined);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #finish(): void {
    this.leave();
    const closing = this.scope.finish();
    if (closing === undefined) return this.ended();
    this.closing = closing.then(
      () => this.ended(),
      (error: unknown) => this.failed(error),
    );
  }

  #fail(error: unknown): void {
    if (this.over) return;
    if (this.#failure === undefined && this.scope.holding) return this.#salvage(error);
    // What goes wrong in what comes before an error is second to it.
    const first = this.#failure === undefined ? error : this.#failure.error;
    this.leave();
    this.closing = this.scope.fail(first).then(() => this.failed(first));
  }

  #salvage(error: unknown): void {
    this.#failure = { error };
    this.#suspended = new Awaiting(Promise.resolve(), () =>
      after(this.scope.salvage(), () => {
        throw error;
      }),
    );
    this.advance(undefined, false);
  }

  protected leave(): void {
    this.over = true;
    this.#suspended = undefined;
  }
}
