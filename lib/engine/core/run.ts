import type { Context } from '../../types.ts';
import { attribute, placesNoted, traced } from './trace.ts';
import { Nowhere, type Plan, prepare } from './plan.ts';
import { Tether } from './tether.ts';
import { isThenable, markHandled } from './promises.ts';
import { Scope } from './scope.ts';
import type { Last } from './sink.ts';
import { type Answer, AwaitingCallback, type Suspension } from './answer.ts';

/** Makes the last sink of a run. */
type MakeLast<T, R> = (context: Context) => Last<T, R>;

/** Runs the plan to its end, closes its open resources, and returns the result. */
export function run<T, R>(plan: Plan<T>, makeLast: MakeLast<T, R>, method: string): Promise<R> {
  const terminal = new TerminalRun(plan, makeLast, method);
  void drive(terminal.tether);
  return terminal.result;
}

/**
 * Results after the run was cancelled are ignored. A function of its own: each variable of a function is saved and
 * restored around each of its waits (`bench`, async maps).
 */
async function drive<T, R>(tether: Tether<TerminalRun<T, R>>, answer?: Answer): Promise<void> {
  try {
    answer ??= tether.run!.start();
    while (typeof answer === 'object') {
      const promise = tether.run!.wait(answer);
      // Lets go of the suspension: a promise that never settles would keep it.
      answer = true;
      const awaited = await promise;
      if (tether.run === undefined || tether.run.scope.over) return;
      answer = tether.run.resume(awaited);
    }
  } catch (error) {
    // In the same tick: nothing else is to end the run before.
    return tether.run?.failed(error);
  }
  if (tether.run?.scope.over === false) tether.run.ended();
}

/** A run whose result a consumer awaits. */
class TerminalRun<T, R> {
  readonly scope = new Scope((closing) => this.#cancelled(closing));
  readonly tether = new Tether<TerminalRun<T, R>>(this);
  readonly result: Promise<R>;
  readonly #plan: Plan<T>;
  readonly #makeLast: MakeLast<T, R>;
  readonly #method: string;
  readonly #since = placesNoted();
  #resolve!: (result: R | PromiseLike<R>) => void;
  #reject!: (error: unknown) => void;
  /** While its promise is awaited. */
  #suspended: Suspension | undefined;
  #last: Last<T, R> | undefined;
  #concluded = false;
  #outcome: R | undefined;

  constructor(plan: Plan<T>, makeLast: MakeLast<T, R>, method: string) {
    this.#plan = plan;
    this.#makeLast = makeLast;
    this.#method = method;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  #cancelled(closing: void | Promise<void>): void {
    // A stage that was left has no chance to await the result of a run that it has started.
    if (this.scope.adopted) markHandled(this.result);
    const fail = () => {
      const reason = this.scope.cancellation;
      if (!this.scope.isAbort(reason)) this.#attribute(reason);
      this.#reject(reason);
      this.tether.run = undefined;
    };
    Promise.resolve(closing).then(fail, fail);
  }

  start(): Answer {
    try {
      const makeLast = this.#makeLast;
      this.#last = makeLast(this.scope.context);
    } catch (error) {
      // The source is then closed with the run.
      prepare(this.#plan, new Nowhere(), this.scope);
      throw traced(error, undefined);
    }
    return this.#conclude(prepare(this.#plan, this.#last, this.scope)());
  }

  /** The promise that the answer waits for. */
  wait(answer: Suspension): unknown {
    this.#suspended = answer;
    return answer.wait();
  }

  resume(awaited: unknown): Answer {
    const suspended = this.#suspended!;
    this.#suspended = undefined;
    return this.#conclude(suspended.resume(awaited));
  }

  /** At the end of the chain, takes the result. A promise of it is awaited as a part of the run: an abort can end it. */
  #conclude(answer: Answer): Answer {
    if (typeof answer === 'object' || this.#concluded || this.scope.over) return answer;
    this.#concluded = true;
    try {
      const result = this.#last!.result();
      return isThenable(result) ? this.#concludeLater(result) : this.#keep(result);
    } catch (error) {
      throw traced(error, undefined);
    }
  }

  #concludeLater(result: PromiseLike<R>): Answer {
    return new AwaitingCallback(result, (ready: R) => this.#keep(ready), undefined, undefined);
  }

  #keep(result: R): boolean {
    this.#outcome = result;
    return true;
  }

  /** Resolves in the same turn if there is nothing to close (`bench`, short runs). */
  ended(): void {
    const closing = this.scope.finish();
    if (closing === undefined) return this.#resolve(this.#outcome as R);
    closing.then(
      () => this.#resolve(this.#outcome as R),
      (error: unknown) => {
        this.#attribute(error);
        this.#reject(error);
      },
    );
  }

  /** Something threw, or the promise that it waited for was rejected: then the stages in between are told. */
  failed(error: unknown): void {
    if (this.scope.over) return;
    if (this.#suspended === undefined) return this.#fail(error);
    const suspended = this.#suspended;
    this.#suspended = undefined;
    let answer: Answer;
    try {
      answer = this.#conclude(suspended.reject(error));
    } catch (thrown) {
      return this.#fail(thrown);
    }
    void drive(this.tether, answer);
  }

  #fail(error: unknown): void {
    this.#attribute(error);
    if (this.scope.over) return;
    void this.scope.fail(error).then(() => this.#reject(error));
  }

  #attribute(error: unknown): void {
    attribute(error, this.#plan.call, this.#since, this.#method);
  }
}
