import { enclosed, traced } from '../engine/core/trace.ts';
import { checkFunction } from '../arguments.ts';
import { discardLate, sourceOf } from '../engine/feeding/input.ts';
import { feedIterator } from '../engine/feeding/iterator.ts';
import { iterate, type RunIterator } from '../iterating/run-iterator.ts';
import type { Context, Input } from '../types.ts';
import { untilClosed } from '../engine/core/tether.ts';
import type { Transform } from '../engine/core/source.ts';

type Replacement<R> = Input<R> | null | undefined | void;

/** Pulls the upstream in a run of its own, so that errors from downstream never pass here. */
export function catchError<T, R>(
  fn: (error: unknown, context: Context) => Replacement<R> | PromiseLike<Replacement<R>>,
): Transform<T, T | R> {
  checkFunction('catch: fn', fn);
  return {
    feed(above, next, scope) {
      let iterator: RunIterator<T | R> = iterate<T | R>(above, scope);
      let caught = false;
      const { call } = scope;

      async function replace(error: unknown): Promise<IteratorResult<T | R>> {
        if (scope.ended || iterator.scope.isAbort(error)) throw error;
        if (caught) throw enclosed(error, call);
        caught = true;
        try {
          const replacement = await untilClosed(fn(error, scope.context), scope, discardLate);
          iterator = iterate<T | R>(sourceOf(replacement ?? [], 'catch: the result of fn'), scope);
        } catch (thrown) {
          throw traced(thrown, call);
        }
        // Come too late: closed as one that was never started.
        if (scope.ended) await iterator.return();
        return iterator.next().catch(replace);
      }

      const catching: AsyncIterator<T | R> = {
        next: () => iterator.next().catch(replace),
        return: () => iterator.return(),
      };
      return feedIterator(catching, next, scope);
    },
  };
}
