import type { Scope } from './scope.ts';
import type { Answer } from './answer.ts';
import type { Call } from './trace.ts';

/** An error of a plan, on its way down the chain. */
export interface Failure {
  /** Throws the error, at the end of the chain. */
  raise(): never;
  /** Closes what was opened upstream: before anything is emitted that was held back. */
  close(): void | Promise<void>;
}

/** Takes values one at a time, answering each time whether it wants another. */
export interface Sink<T> {
  /** Called before the source is opened: emits what precedes the first element. */
  start(): Answer;
  /** After it has returned false once, no more is pushed. */
  push(value: T): Answer;
  /** No more is coming: flush. Once, also after an early stop; not after an error. */
  end(): Answer;
  /** In place of `end`, on an error: emits what the stage holds back, and passes the error on. The last sink throws it. */
  fail(failure: Failure): Answer;
  /** Whether this sink, or one downstream of it in the same plan, holds elements back that it emits before an error. */
  flushes(): boolean;
  /** Whether nothing more is wanted: asked before a source is opened, and before anything is flushed. */
  done(): boolean;
}

/** Puts itself in front of the next sink. Called once per run, so its fields are that run's state. */
export type Stage<In, Out> = (next: Sink<Out>, scope: Scope) => Sink<In>;

/**
 * A sink in front of the next one. A class and not a closure: V8 drops the optimized code of a closure that is made
 * anew for each run with every garbage collection, and the next run starts slow again.
 */
export abstract class Through<In, Out> implements Sink<In> {
  readonly next: Sink<Out>;
  /** The nearest sink downstream that can be done by itself: a thousand stages in a row ask only that one. */
  readonly #decider: Pick<Sink<never>, 'done'>;

  constructor(next: Sink<Out>) {
    this.next = next;
    this.#decider = next instanceof Through && next.done === Through.prototype.done ? next.#decider : next;
  }

  abstract push(value: In): Answer;

  start(): Answer {
    return this.next.start();
  }

  end(): Answer {
    return this.next.end();
  }

  fail(failure: Failure): Answer {
    return this.next.fail(failure);
  }

  flushes(): boolean {
    return this.next.flushes();
  }

  done(): boolean {
    return this.#decider.done();
  }
}

/** A sink that knows its run, and the call of its stage. */
export abstract class Scoped<In, Out = In> extends Through<In, Out> {
  readonly scope: Scope;
  protected readonly call: Call | undefined;

  constructor(next: Sink<Out>, scope: Scope) {
    super(next);
    this.scope = scope;
    this.call = scope.call;
  }
}

/** A sink that passes the values on as they are. */
export class Pass<T> extends Scoped<T> {
  push(value: T): Answer {
    return this.next.push(value);
  }
}

/** The last sink of a chain. */
export abstract class End<T> implements Sink<T> {
  abstract push(value: T): Answer;

  start(): Answer {
    return true;
  }

  end(): Answer {
    return true;
  }

  fail(failure: Failure): never {
    return failure.raise();
  }

  flushes(): boolean {
    return false;
  }

  /** To be overridden if `push` can return false. */
  done(): boolean {
    return false;
  }
}

/** The last sink of a terminal: keeps of the values what its result needs. */
export abstract class Last<T, R> extends End<T> {
  /** Returns the result, once there are no more values. */
  abstract result(): R | PromiseLike<R>;
}
