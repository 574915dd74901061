import { after, type Answer, whenReady } from '../../engine/core/answer.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Failure, Sink } from '../../engine/core/sink.ts';
import type { Call } from '../../engine/core/trace.ts';
import { feedArray } from '../../engine/feeding/array.ts';

/**
 * Ends a stage that still holds something: pushes that, unless nothing more is wanted, and then ends. `scope` is needed
 * for more than one element: a callback may end the run with any of them.
 */
export function flush<T>(next: Sink<T>, rest: readonly (T | PromiseLike<T>)[], scope?: Scope, call?: Call): Answer {
  return after(next.done() || feedArray(rest, next, scope, call), () => scope?.over === true || next.end());
}

/** As `flush`, for a stage that holds one chunk, which may be empty. */
export function flushChunk<T>(next: Sink<T[]>, chunk: T[]): Answer {
  return flush(next, chunk.length > 0 ? [chunk] : []);
}

/**
 * Emits the chunk that a stage holds before an error from upstream. If the consumer has all it needs by then, it does not
 * see the error.
 */
export function flushChunkBefore<T>(failure: Failure, next: Sink<T[]>, chunk: T[]): Answer {
  if (chunk.length === 0) return next.fail(failure);
  return whenReady(failure.close(), () =>
    after(next.push(chunk), (wanted) => (wanted ? next.fail(failure) : next.end())),
  );
}
