import { type Plan, prepare } from './run.ts';
import { Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import { type Answer, Suspension } from './suspension.ts';

/** A `next()` that has not been answered. */
interface Request<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(reason: unknown): void;
  later: Request<T> | undefined;
}

/** What a run waits for that is suspended until the next `next()`. */
const DEMAND = Symbol('demand');

/** The last sink of a run that is pulled, and at the same time what each of its pushes is answered with. */
class Outlet<T> extends Suspension implements Sink<T> {
  override readonly promise: unknown = DEMAND;
  value: T | undefined = undefined;

  push(value: T): Answer {
    this.value = value;
    return this;
  }

  take(): T {
    const { value } = this;
    this.value = undefined;
    return value as T;
  }

  resume(): Answer {
    return true;
  }

  start(): Answer {
    return true;
  }

  end(): Answer {
    return true;
  }

  done(): boolean {
    return false;
  }
}

/**
 * A run whose last sink is an iterator. Each value suspends the run, wherever in the chain it came from, until the
 * next `next()`: nothing runs upstream in between.
 */
export class Pull<T> implements AsyncIterator<T, undefined, undefined> {
  readonly #plan: Plan<T>;
  readonly #scope = new Scope();
  readonly #outlet = new Outlet<T>();
  #status: 'new' | 'idle' | 'busy' | 'closed' = 'new';
  #suspended: Suspension | undefined;
  #first: Request<T> | undefined;
  #last: Request<T> | undefined;
  #closing: void | Promise<void> = undefined;

  constructor(plan: Plan<T>) {
    this.#plan = plan;
    this.#scope.onCancel = (reason) => this.#leave((request) => request.reject(reason));
  }

  /** Calls made before the last one was answered are answered in their order. */
  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.#status === 'closed') return resolve({ done: true, value: undefined });
      const request: Request<T> = { resolve, reject, later: undefined };
      if (this.#first === undefined) this.#first = request;
      else this.#last!.later = request;
      this.#last = request;
      if (this.#status !== 'busy') this.#advance(undefined);
    });
  }

  /** Ends the run at once, also while a `next()` is pending: that one then gives `done`. */
  async return(value?: undefined): Promise<IteratorResult<T, undefined>> {
    if (this.#status === 'new') prepare(this.#plan, this.#outlet, this.#scope);
    if (this.#status !== 'closed') {
      this.#leave(end);
      this.#closing = this.#scope.cancel();
    }
    await this.#closing;
    return { done: true, value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Starts the run, or resumes it with what it waited for, and goes on until it has nothing more to do now. */
  #advance(awaited: unknown): void {
    if (this.#status === 'closed') return;
    const started = this.#status !== 'new';
    this.#status = 'busy';
    try {
      let answer = started ? this.#suspended!.resume(awaited) : prepare(this.#plan, this.#outlet, this.#scope)();
      while (this.#deliver(answer)) answer = this.#suspended!.resume(undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #go = (awaited: unknown): void => this.#advance(awaited);

  /** Answers whether the run is to be resumed at once, because another `next()` waits. */
  #deliver(answer: Answer): boolean {
    if ((this.#status as string) === 'closed') return false;
    if (typeof answer === 'boolean') {
      this.#finish();
      return false;
    }
    this.#suspended = answer;
    if (answer.promise !== DEMAND) {
      Promise.resolve(answer.promise).then(this.#go, this.#fail);
      return false;
    }
    const { resolve, later } = this.#first!;
    const value = this.#outlet.take();
    this.#first = later;
    if (later === undefined) this.#status = 'idle';
    resolve({ done: false, value });
    return later !== undefined;
  }

  #finish(): void {
    const requests = this.#first;
    this.#leave();
    this.#closing = this.#scope.finish();
    if (this.#closing === undefined) answerAll(requests, end);
    else
      this.#closing.then(
        () => answerAll(requests, end),
        (error: unknown) => failFirst(requests, error),
      );
  }

  readonly #fail = (error: unknown): void => {
    if (this.#status === 'closed') return;
    const requests = this.#first;
    this.#leave();
    this.#closing = this.#scope.fail(error).then(() => failFirst(requests, error));
  };

  #leave(answer?: (request: Request<T>) => void): void {
    const requests = this.#first;
    this.#status = 'closed';
    this.#suspended = this.#first = this.#last = undefined;
    if (answer !== undefined) answerAll(requests, answer);
  }
}

function end(request: Request<never>): void {
  request.resolve({ done: true, value: undefined });
}

function failFirst(requests: Request<never> | undefined, error: unknown): void {
  requests?.reject(error);
  answerAll(requests?.later, end);
}

function answerAll<R extends Request<never>>(first: R | undefined, answer: (request: R) => void): void {
  for (let request = first; request !== undefined; request = request.later as R | undefined) answer(request);
}

/** What a source gives, for a `for await` loop inside a stage. */
export function iterate<T>(source: Source<T>): AsyncIterable<T> {
  return new Pull<T>({ source, link: (last) => last as Sink<unknown> });
}
