import type { Fn } from '../types.ts';
import type { Context } from './scope.ts';
import { type Answer, Awaiting } from './suspension.ts';
import { isThenable } from './thenable.ts';

/** A push that asks a callback about each value, and goes on with what it said. */
export function asking<T, A>(fn: Fn<T, A>, context: Context, use: (value: T, said: A) => Answer): (value: T) => Answer {
  let index = 0;
  return (value) => {
    const said = fn(value, index++, context);
    return isThenable(said) ? new Awaiting(said, (ready: A) => use(value, ready)) : use(value, said);
  };
}

/** Uses a value in the same tick if it is there, else when its promise has settled. */
export function ready<T, R>(value: T | PromiseLike<T>, use: (value: T) => R | PromiseLike<R>): R | PromiseLike<R> {
  return isThenable(value) ? Promise.resolve(value).then(use) : use(value);
}
