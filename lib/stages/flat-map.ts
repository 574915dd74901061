import { checkConcurrency, checkFunction, type Concurrency, wrongKind } from '../engine/arguments.ts';
import { feed, feedLater } from '../engine/feed.ts';
import { before, type Stage } from '../engine/sink.ts';
import { isThenable } from '../engine/suspension.ts';
import type { Fn, Streamable } from '../types.ts';

export function flatMap<T, R>(fn: Fn<T, Streamable<R>>, options?: Concurrency): Stage<T, R> {
  checkFunction('flatMap: fn', fn);
  checkConcurrency('flatMap', options);
  return flattening(fn, 'flatMap: the result of fn');
}

export function flat<T>(options?: Concurrency): Stage<Streamable<T>, T> {
  checkConcurrency('flat', options);
  return flattening((element) => element, 'flat: an element');
}

function flattening<T, R>(fn: Fn<T, Streamable<R>>, name: string): Stage<T, R> {
  return (next, scope) => {
    let index = 0;
    return before<T>(next, {
      push(value) {
        const inner = fn(value, index++, scope.context);
        if (isThenable(inner)) return feedLater(inner, next, scope, name);
        // A string is iterable, and its characters are next to never what was meant.
        if (typeof inner === 'string') throw wrongKind(name, 'an iterable or an iterator', inner);
        return feed(inner, next, scope, name);
      },
    });
  };
}
