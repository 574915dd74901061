import { checkFunction } from '../../arguments.ts';
import { type Concurrency, limitsOf } from '../support/concurrency.ts';
import type { Limits } from '../../engine/concurrency/task-pool.ts';
import { feedArray } from '../../engine/feeding/array.ts';
import { feedLater, isPlainArray } from '../../engine/feeding/input.ts';
import { concurrentFlatMap } from './concurrent-flat-map.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { type Sink, type Stage, Scoped } from '../../engine/core/sink.ts';
import type { Transform } from '../../engine/core/source.ts';
import { type Answer, enclose } from '../../engine/core/answer.ts';
import { traced } from '../../engine/core/trace.ts';
import { isThenable, markAllHandled } from '../../engine/core/promises.ts';
import type { Fn, Streamable } from '../../types.ts';

export function flatMap<T, R>(fn: Fn<T, Streamable<R>>, options?: Concurrency<T>): Stage<T, R> | Transform<T, R> {
  checkFunction('flatMap: fn', fn);
  return flattening(fn, limitsOf('flatMap', options), 'flatMap: the result of fn');
}

export function flat<T>(options?: Concurrency<Streamable<T>>): Stage<Streamable<T>, T> | Transform<Streamable<T>, T> {
  return flattening((element) => element, limitsOf('flat', options), 'flat: an element');
}

function flattening<T, R>(
  fn: Fn<T, Streamable<R>>,
  limits: Limits<T> | undefined,
  name: string,
): Stage<T, R> | Transform<T, R> {
  return limits === undefined
    ? (next, scope) => new FlatMap(next, scope, fn, name)
    : concurrentFlatMap(fn, limits, name);
}

class FlatMap<T, R> extends Scoped<T, R> {
  readonly #fn: Fn<T, Streamable<R>>;
  readonly #name: string;
  #index = 0;

  constructor(next: Sink<R>, scope: Scope, fn: Fn<T, Streamable<R>>, name: string) {
    super(next, scope);
    this.#fn = fn;
    this.#name = name;
  }

  push(value: T): Answer {
    const fn = this.#fn;
    const index = this.#index++;
    let inner: Streamable<R> | PromiseLike<Streamable<R>>;
    try {
      inner = fn(value, index, this.scope.context);
    } catch (error) {
      throw traced(error, this.call, index);
    }
    if (isThenable(inner) || !isPlainArray(inner)) return this.#enclose(inner, index);
    markAllHandled(inner);
    // Only a promise in the array can fail: elements are pushed without a handler in between (`bench`, pages).
    return feedArray(inner, this.next, this.scope, this.call, index);
  }

  #enclose(inner: Streamable<R> | PromiseLike<Streamable<R>>, index: number): Answer {
    return enclose(this.call, () => feedLater(inner, this.next, this.scope, this.#name), index);
  }
}
