import { checkFunction, wrongKind } from '../engine/core/arguments.ts';
import { feedLater } from '../engine/feeding/input.ts';
import { ASYNC_DISPOSE } from '../dispose.ts';
import { ignore } from '../engine/core/promises.ts';
import type { Context, Streamable } from '../types.ts';
import { closing, type Source } from '../engine/core/source.ts';
import { acquire } from '../engine/core/answer.ts';

export function using<R, T>(
  open: (context: Context) => R | PromiseLike<R>,
  use: (resource: R, context: Context) => Streamable<T> | PromiseLike<Streamable<T>>,
  close: (resource: R) => unknown = disposeOf,
): Source<T> {
  checkFunction('using: open', open);
  checkFunction('using: use', use);
  checkFunction('using: close', close);
  return {
    feed: (next, scope) =>
      acquire(open(scope.context), scope, close, (resource) =>
        closing(scope, { close: () => close(resource) }, () =>
          feedLater(use(resource, scope.context), next, scope, 'using: the result of use'),
        ),
      ),
    discard: ignore,
  };
}

type Methods = Partial<Record<PropertyKey, () => unknown>>;

function disposeOf(resource: unknown): unknown {
  const { asyncDispose = ASYNC_DISPOSE, dispose = Symbol.for('Symbol.dispose') } = Symbol as Partial<SymbolConstructor>;
  const { [asyncDispose]: async, [dispose]: sync, close } = Object(resource) as Methods;
  const method = async ?? sync ?? close;
  if (typeof method !== 'function') {
    throw wrongKind('using: the resource', 'something with Symbol.asyncDispose, Symbol.dispose or close()', resource);
  }
  return method.call(resource);
}
