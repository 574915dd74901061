import { checkConcurrency, checkFunction, type Concurrency } from '../engine/arguments.ts';
import { feed, feedLater } from '../engine/feed.ts';
import type { Scope } from '../engine/scope.ts';
import { type Sink, type Stage, Through } from '../engine/sink.ts';
import { type Answer } from '../engine/suspension.ts';
import { isThenable } from '../engine/thenable.ts';
import type { Fn, Streamable } from '../types.ts';

export function flatMap<T, R>(fn: Fn<T, Streamable<R>>, options?: Concurrency): Stage<T, R> {
  checkFunction('flatMap: fn', fn);
  checkConcurrency('flatMap', options);
  return (next, scope) => new FlatMap(next, scope, fn, 'flatMap: the result of fn');
}

export function flat<T>(options?: Concurrency): Stage<Streamable<T>, T> {
  checkConcurrency('flat', options);
  return (next, scope) => new FlatMap(next, scope, (element) => element, 'flat: an element');
}

class FlatMap<T, R> extends Through<T, R> {
  readonly #scope: Scope;
  readonly #fn: Fn<T, Streamable<R>>;
  readonly #name: string;
  #index = 0;

  constructor(next: Sink<R>, scope: Scope, fn: Fn<T, Streamable<R>>, name: string) {
    super(next);
    this.#scope = scope;
    this.#fn = fn;
    this.#name = name;
  }

  push(value: T): Answer {
    const fn = this.#fn;
    const inner = fn(value, this.#index++, this.#scope.context);
    // A string is iterable, and its characters are next to never what was meant.
    return isThenable(inner)
      ? feedLater(inner, this.next, this.#scope, this.#name, false)
      : feed(inner, this.next, this.#scope, this.#name, false);
  }
}
