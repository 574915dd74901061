import { checkFunction } from '../engine/arguments.ts';
import type { Collector } from '../engine/collector.ts';
import type { Context } from '../engine/scope.ts';
import { Last } from '../engine/sink.ts';
import { type Answer, Awaiting, isThenable } from '../engine/suspension.ts';

type Reducer<T, R> = (accumulator: R, value: T, index: number, context: Context) => R | PromiseLike<R>;

/** Folds the elements into one value. Without `initial`, the first element is where it starts, and none is a TypeError. */
export function reduce<T>(fn: Reducer<T, T>): Collector<T, T>;
export function reduce<T, R>(fn: Reducer<T, R>, initial: R): Collector<T, R>;
export function reduce<T, R>(fn: Reducer<T, R>, ...initial: [R?]): Collector<T, R> {
  checkFunction('reduce: fn', fn);
  return (context) => new Reduce(fn, initial, context);
}

class Reduce<T, R> extends Last<T, R> {
  readonly #fn: Reducer<T, R>;
  readonly #context: Context;
  #accumulator: R;
  #started: boolean;
  #index = 0;

  constructor(fn: Reducer<T, R>, initial: [R?], context: Context) {
    super();
    this.#fn = fn;
    this.#context = context;
    this.#started = initial.length > 0;
    this.#accumulator = initial[0] as R;
  }

  push(value: T): Answer {
    if (!this.#started) return this.#start(value);
    const fn = this.#fn;
    const result = fn(this.#accumulator, value, this.#index++, this.#context);
    if (isThenable(result)) return new Awaiting(result, (ready: R) => this.#keep(ready));
    return this.#keep(result);
  }

  result(): R {
    if (!this.#started) throw new TypeError('reduce: a stream without elements needs an initial value');
    return this.#accumulator;
  }

  #start(value: T): boolean {
    this.#started = true;
    this.#index = 1;
    return this.#keep(value as unknown as R);
  }

  #keep(accumulator: R): boolean {
    this.#accumulator = accumulator;
    return true;
  }
}
