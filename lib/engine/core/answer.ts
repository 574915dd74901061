import { type Call, enclosed, traced } from './trace.ts';
import { ignore, isThenable } from './promises.ts';
import type { Scope } from './scope.ts';

/** Returned by `wait` in place of a promise. */
export const PARKED = Symbol('parked');

/** Whether another value is wanted: known now, or once something else has settled. */
export type Answer = boolean | Suspension;

/**
 * An answer that is not known yet: "`wait` for this, then `resume` me with its value".
 *
 * Only the driver of a chain waits, once for each promise, however deep in the chain it appeared. Answering with a
 * promise of the answer instead would cost two more promises and two more turns for every stage it passes through.
 */
export abstract class Suspension implements PromiseLike<boolean> {
  /**
   * Returns the value to wait for. Called once, when the driver is about to wait: a source is read only then, and not
   * if the run is over by then. It may return `PARKED` if the driver passes `wake`, and later calls it in place of
   * settling a promise. An error that it throws is passed to `reject`.
   */
  abstract wait(wake?: (value: unknown) => void): unknown;

  abstract resume(value: unknown): Answer;

  /** Called if the awaited value settles after the run has ended, but before it was closed. */
  late(_value: unknown): void {}

  /** The awaited promise was rejected. Throws the error, perhaps with its place noted, unless a stage continues. */
  reject(error: unknown): Answer {
    throw error;
  }

  /** For callers that drive a collector by hand: a promise of the answer. */
  then<A = boolean, B = never>(
    onAnswer?: ((answer: boolean) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return settle(this).then(onAnswer, onError);
  }
}

/** A promise of the answer. */
export async function settle(answer: Answer): Promise<boolean> {
  while (typeof answer === 'object') {
    let awaited: unknown;
    try {
      awaited = await answer.wait();
    } catch (error) {
      return settle(answer.reject(error));
    }
    answer = answer.resume(awaited);
  }
  return answer;
}

/** Continues with the value: in the same tick if it is there, otherwise when its promise has settled. */
export function whenReady<T>(value: T | PromiseLike<T>, use: (value: T) => Answer): Answer {
  return isThenable(value) ? new Awaiting(value, use) : use(value);
}

/** Continues with the answer: in the same tick if it is known, otherwise when the suspension has ended. */
export function after(answer: Answer, use: (answer: boolean) => Answer): Answer {
  if (typeof answer === 'boolean') return use(answer);
  const nested = answer instanceof Nested ? answer : new Nested(answer);
  const { use: before } = nested;
  nested.use = before === undefined ? use : (known) => after(before(known), use);
  return nested;
}

/** Discards a suspension. A later rejection of the awaited promise is ignored. */
export function abandon(answer: Answer): void {
  if (typeof answer === 'object') Promise.resolve(answer.wait()).catch(ignore);
}

/**
 * Continues with the value. If the run ends before its promise has settled, the value is disposed of when it arrives.
 * `settles`: the end of the run waits for that.
 */
export function acquire<T>(
  value: T | PromiseLike<T>,
  scope: Scope,
  dispose: (value: T) => unknown,
  use: (value: T) => Answer,
  settles = scope.settles,
): Answer {
  return isThenable(value) ? acquireLater(value, scope, dispose, use, settles) : use(value);
}

function acquireLater<T>(
  value: PromiseLike<T>,
  scope: Scope,
  dispose: (value: T) => unknown,
  use: (value: T) => Answer,
  settles: boolean,
): Answer {
  // Once: a thenable may start its work with each `then`.
  const promise = Promise.resolve(value);
  const pending = {
    close() {
      const disposed = promise.then(dispose).catch(ignore);
      return settles ? disposed : undefined;
    },
  };
  scope.add(pending);
  return new Awaiting(promise, (acquired: T) => {
    scope.remove(pending);
    return use(acquired);
  });
}

/** Waits for one promise. */
export class Awaiting<T> extends Suspension {
  // Set in the constructor: initializers of fields would double what this costs (`bench`, async maps).
  declare readonly promise: PromiseLike<T>;
  declare readonly resume: (value: unknown) => Answer;

  constructor(promise: PromiseLike<T>, use: (value: T) => Answer) {
    super();
    this.promise = promise;
    this.resume = use as (value: unknown) => Answer;
  }

  wait(): unknown {
    return this.promise;
  }
}

/** Waits for the promise that a callback returned for one element. */
export class AwaitingCallback<T> extends Awaiting<T> {
  readonly #call: Call | undefined;
  readonly #index: number | undefined;

  constructor(promise: PromiseLike<T>, use: (value: T) => Answer, call: Call | undefined, index: number | undefined) {
    super(promise, use);
    this.#call = call;
    this.#index = index;
  }

  override reject(error: unknown): never {
    throw traced(error, this.#call, this.#index);
  }
}

/** A suspension that lasts as long as something else inside it suspends. */
export class Nested extends Suspension {
  declare inner: Suspension | undefined;
  /** The continuation. Kept here, so that waiting for the end needs no suspension around this one. */
  declare use: ((answer: boolean) => Answer) | undefined;

  constructor(inner?: Suspension) {
    super();
    this.inner = inner;
    this.use = undefined;
  }

  wait(wake?: (value: unknown) => void): unknown {
    return this.inner!.wait(wake);
  }

  override late(value: unknown): void {
    this.inner?.late(value);
  }

  resume(value: unknown): Answer {
    return this.proceed(this.inner!.resume(value));
  }

  override reject(error: unknown): Answer {
    return this.proceed(this.inner!.reject(error));
  }

  /** Continues with the answer of the inner suspension. */
  protected proceed(answer: Answer): Answer {
    return this.nest(answer);
  }

  /** Keeps a suspension as the inner one. At a known answer, ends with it, or with the continuation if there is one. */
  protected nest(answer: Answer): Answer {
    if (typeof answer === 'object') {
      this.inner = answer;
      return this;
    }
    const { use } = this;
    return use === undefined ? answer : use(answer);
  }
}

/** Handles the errors of what is inside, but not those of the continuation. */
export abstract class Catching extends Nested {
  /** Throws an error in place of this one, or continues. */
  protected abstract caught(error: unknown): Answer;

  override resume(value: unknown): Answer {
    let answer: Answer;
    try {
      answer = this.inner!.resume(value);
    } catch (error) {
      answer = this.caught(error);
    }
    return this.nest(answer);
  }

  override reject(error: unknown): Answer {
    let answer: Answer;
    try {
      answer = this.inner!.reject(error);
    } catch (thrown) {
      answer = this.caught(thrown);
    }
    return this.nest(answer);
  }
}

/** Feeds a stream inside a stage: its errors are placed at the call of the stage. */
export function enclose(call: Call | undefined, feed: () => Answer, index?: number): Answer {
  return placeErrors(feed, (error) => enclosed(error, call, index));
}

/** Errors are thrown as `placed` returns them, with their places noted. */
export function placeErrors(feed: () => Answer, placed: (error: unknown) => unknown): Answer {
  try {
    const fed = feed();
    return typeof fed === 'object' ? new Enclosing(fed, placed) : fed;
  } catch (error) {
    throw placed(error);
  }
}

class Enclosing extends Catching {
  readonly #placed: (error: unknown) => unknown;

  constructor(inner: Suspension, placed: (error: unknown) => unknown) {
    super(inner);
    this.#placed = placed;
  }

  protected override caught(error: unknown): never {
    throw this.#placed(error);
  }
}
