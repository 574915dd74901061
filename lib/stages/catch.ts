import { checkFunction } from '../engine/arguments.ts';
import { sourceOf } from '../engine/feed.ts';
import { iterate } from '../engine/pull.ts';
import type { Context } from '../engine/scope.ts';
import type { Input } from '../types.ts';

type Replacement<R> = Input<R> | null | undefined | void;

/** `catch` is a reserved word. */
export function catchError<T, R>(
  fn: (error: unknown, context: Context) => Replacement<R> | PromiseLike<Replacement<R>>,
): (source: AsyncIterable<T>, context: Context) => AsyncIterable<T | R> {
  checkFunction('catch: fn', fn);
  return async function* (source, context) {
    try {
      yield* source;
    } catch (error) {
      // Not an error of the source: the consumer has left, and this is how the source was woken up.
      if (context.signal.aborted) throw error;
      const replacement = await fn(error, context);
      if (replacement != null) yield* iterate(sourceOf(replacement, 'catch: the result of fn'));
    }
  };
}
