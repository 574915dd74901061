import type { StreamIterator } from '../types.ts';
import { type Plan, prepare } from './run.ts';
import { Scope } from './scope.ts';
import { last, type Sink } from './sink.ts';
import type { Source } from './source.ts';
import { ignore } from './ignore.ts';
import { type Answer, Suspension } from './suspension.ts';

type Result<T> = IteratorResult<T, undefined>;
type Resolve<T> = (result: Result<T> | Promise<never>) => void;

/** What each pushed value suspends a run with that is pulled. It is resumed by the next `next()`. */
class Demand extends Suspension {
  wait(): unknown {
    return this;
  }

  resume(): Answer {
    return true;
  }
}

/**
 * A run whose last sink is an iterator. Each value suspends the run, wherever in the chain it came from, until the
 * next `next()`: nothing runs upstream in between.
 */
export function pull<T>(plan: Plan<T>): StreamIterator<T> {
  const scope = new Scope();
  const demand = new Demand();
  let value: T | undefined;
  let suspended: Suspension | undefined;
  let started = false;
  let busy = false;
  let closed = false;
  /** Answers the `next()` that the run is busy with. */
  let resolve: Resolve<T> = ignore;
  /** Answers those that came while another one was being answered; the first `answered` of them have been. */
  let queue: Resolve<T>[] = [];
  let answered = 0;
  let closing: void | Promise<void>;

  const outlet: Sink<T> = last((pushed: T) => {
    value = pushed;
    return demand;
  });

  // Two functions for all calls of `next()`, and one variable written by each: here is where `for await` spends its time.
  const accept = (answer: Resolve<T>): void => {
    resolve = answer;
  };

  const enqueue = (answer: Resolve<T>): void => {
    queue.push(answer);
  };

  /** Starts the run, or resumes it with what it waited for, and goes on until it waits for something else. */
  function advance(awaited?: unknown): void {
    if (closed) return;
    try {
      let answer = started ? suspended!.resume(awaited) : start();
      while (!closed) {
        if (typeof answer === 'boolean') return finish();
        suspended = answer;
        const promise = answer.wait();
        if (promise !== demand) return void Promise.resolve(promise).then(advance, fail);
        if (!deliver()) return;
        answer = answer.resume(undefined);
      }
    } catch (error) {
      fail(error);
    }
  }

  function start(): Answer {
    started = true;
    return prepare(plan, outlet, scope)();
  }

  /** Answers whether the run is to go on at once, because another `next()` is waiting. */
  function deliver(): boolean {
    const result: Result<T> = { done: false, value: value as T };
    const answer = resolve;
    value = undefined;
    busy = answered < queue.length;
    if (busy) resolve = queue[answered++]!;
    else if (answered > 0) {
      queue = [];
      answered = 0;
    }
    answer(result);
    return busy;
  }

  function finish(): void {
    closed = true;
    const finished = scope.finish();
    if (finished === undefined) return leave(done);
    closing = finished.then(() => leave(done), reject);
  }

  function fail(error: unknown): void {
    if (closed) return;
    closed = true;
    closing = scope.fail(error).then(() => reject(error));
  }

  function reject(error: unknown): void {
    leave(() => Promise.reject(error));
  }

  /** Answers all calls that wait, the first one in this way. */
  function leave(answer: () => Result<T> | Promise<never>): void {
    closed = true;
    if (busy) resolve(answer());
    for (; answered < queue.length; answered++) queue[answered]!(done());
    busy = false;
    resolve = ignore;
    suspended = undefined;
  }

  scope.onCancel = reject;

  return {
    next() {
      if (closed) return Promise.resolve(done());
      if (busy) return new Promise(enqueue);
      busy = true;
      const promise = new Promise<Result<T>>(accept);
      advance();
      return promise;
    },
    async return(returned) {
      if (!started) prepare(plan, outlet, scope);
      if (!closed) {
        leave(done);
        closing = scope.cancel();
      }
      await closing;
      return { done: true, value: returned };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}

/** A source pulled in a run of its own. */
export function iterate<T>(source: Source<T>): StreamIterator<T> {
  return pull<T>({ source, link: (sink) => sink as Sink<unknown> });
}

function done(): { done: true; value: undefined } {
  return { done: true, value: undefined };
}
