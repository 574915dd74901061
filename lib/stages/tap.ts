import { placing } from '../engine/core/trace.ts';
import { checkFunction, checkObject, checkOptionalFunction } from '../arguments.ts';
import { feedIterator } from '../engine/feeding/iterator.ts';
import { untilClosed } from '../engine/core/tether.ts';
import { ignore } from '../engine/core/promises.ts';
import { iterate } from '../iterating/run-iterator.ts';
import type { Context, Fn } from '../types.ts';
import type { Stage } from '../engine/core/sink.ts';
import type { Transform } from '../engine/core/source.ts';
import { step } from '../engine/core/fused-steps.ts';

/** Callbacks for the run of a stream. Each one is awaited. */
export interface Observer<in T> {
  /** Called before the source is opened. */
  readonly start?: ((context: Context) => unknown) | undefined;
  /** Called with each element before it is emitted. */
  readonly next?: Fn<T, unknown> | undefined;
  /** Called if the upstream fails, except by an abort. The error then passes on. */
  readonly error?: ((error: unknown) => unknown) | undefined;
  /** Called if the upstream ends by itself. */
  readonly complete?: (() => unknown) | undefined;
  /** Called when the run is over, however it ended: after `error` or `complete`, or alone if the consumer has left. */
  readonly close?: (() => unknown) | undefined;
}

export function tap<T>(fn: Fn<T, unknown>): Stage<T, T> {
  checkFunction('tap: fn', fn);
  return step('tap', () => fn);
}

/** The callbacks of an observer that concern the upstream run as a whole. */
export function observe<T>(observer: Observer<T>): Transform<T, T> {
  checkObject('tap: observer', observer);
  for (const name of ['start', 'next', 'error', 'complete', 'close'] as const) {
    checkOptionalFunction(`tap: ${name}`, observer[name]);
  }
  return {
    feed(above, next, scope) {
      const iterator = iterate(above, scope);
      let started = false;
      const { call, context } = scope;
      const start = placing(() => observer.start?.(context), call);
      const complete = placing(() => observer.complete?.(), call);
      const observed: AsyncIterator<T> = {
        async next() {
          if (!started) {
            started = true;
            await untilClosed(start(), scope);
          }
          const result = await iterator.next().catch(async (error: unknown) => {
            // An error of the callback comes second, and is dropped.
            if (!scope.ended && !iterator.scope.isAbort(error))
              await untilClosed((async () => observer.error?.(error))().catch(ignore), scope);
            throw error;
          });
          if (result.done && !scope.ended) await untilClosed(complete(), scope);
          return result;
        },
        return: () => iterator.return(),
      };
      return feedIterator(observed, next, scope);
    },
  };
}
