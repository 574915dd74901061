import { checkBoolean, checkFunction, optionsOf } from '../arguments.ts';
import { detailOf, wrongKind } from '../errors.ts';
import { feedLater } from '../engine/feeding/input.ts';
import { destroy, isReadable } from '../engine/feeding/node-stream.ts';
import { ASYNC_DISPOSE } from '../dispose.ts';
import { ignore } from '../engine/core/promises.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Sink } from '../engine/core/sink.ts';
import type { Context, Streamable } from '../types.ts';
import { Part, closing } from '../engine/core/part.ts';
import type { Source } from '../engine/core/source.ts';
import { acquire } from '../engine/core/answer.ts';

/** A resource that says how it is closed: it is disposable, has a method `close()`, or is a Node `Readable`. */
export type Closeable = AsyncDisposable | Disposable | { close(): unknown } | { read(): unknown; destroy(): unknown };

/** The options of {@link AsyncStream.using | using}. */
export interface UsingOptions {
  /**
   * Closes the resource, and settles the run, only after the iterable that `use` returned has really closed, also if it
   * is producing an element when the run ends. The signal still aborts at once. An iterable that never settles then
   * holds up its run. Default false: such an iterable is told to close, and the resource is closed at once, which is
   * often the only thing that wakes it up.
   */
  readonly settle?: boolean | undefined;
}

export function using<R, T>(
  open: (context: Context) => R | PromiseLike<R>,
  use: (resource: R, context: Context) => Streamable<T> | PromiseLike<Streamable<T>>,
  close: (resource: R) => unknown = disposeOf,
  options?: UsingOptions,
): Source<T> {
  checkFunction('using: open', open);
  checkFunction('using: use', use);
  checkFunction('using: close', close);
  const { settle } = optionsOf('using', options, { settle: checkBoolean });
  const feed = (next: Sink<T>, scope: Scope) =>
    acquire(open(scope.context), scope, close, (resource) =>
      closing(scope, { close: () => close(resource) }, () =>
        feedLater(use(resource, scope.context), next, scope, 'using: the result of use'),
      ),
    );
  return {
    feed: (next, scope) =>
      settle ? new Part(scope, { settles: true }).during((part) => feed(next, part)) : feed(next, scope),
    discard: ignore,
  };
}

type Methods = Partial<Record<PropertyKey, () => unknown>>;

async function disposeOf(resource: unknown): Promise<unknown> {
  // Its own method waits until it is closed, which may never be.
  if (isReadable(resource)) return destroy(resource);
  const { asyncDispose = ASYNC_DISPOSE, dispose = Symbol.for('Symbol.dispose') } = Symbol as Partial<SymbolConstructor>;
  const { [asyncDispose]: async, [dispose]: sync, close } = Object(resource) as Methods;
  const method = async ?? sync ?? close;
  if (typeof method !== 'function') {
    throw wrongKind('using: the resource', 'something with Symbol.asyncDispose, Symbol.dispose or close()', resource);
  }
  try {
    return await method.call(resource);
  } catch (error) {
    // A directory of Node may have been closed with its iterator.
    if (detailOf(error, 'code') === 'ERR_DIR_CLOSED') return undefined;
    throw error;
  }
}
