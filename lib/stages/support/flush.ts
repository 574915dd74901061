import { after, type Answer, whenReady } from '../../engine/core/answer.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Failure, Sink } from '../../engine/core/sink.ts';

/**
 * Ends a stage that still holds something: emits that, and then ends. A callback may have ended the run with the last
 * element, or with what a stage upstream has flushed: then nothing is emitted.
 */
export function flush(next: Sink<never>, scope: Scope, emit: () => Answer): Answer {
  return after(scope.over || next.done() || emit(), () => next.end());
}

/** As `flush`, for a stage that holds one chunk, which may be empty. */
export function flushChunk<T>(next: Sink<T[]>, scope: Scope, chunk: T[]): Answer {
  return flush(next, scope, () => chunk.length === 0 || next.push(chunk));
}

/**
 * Emits the chunk that a stage holds before an error from upstream. If the consumer has all it needs by then, it does not
 * see the error.
 */
export function flushChunkBefore<T>(failure: Failure, next: Sink<T[]>, scope: Scope, chunk: T[]): Answer {
  if (chunk.length === 0) return next.fail(failure);
  return whenReady(failure.close(), () =>
    after(scope.over || next.push(chunk), (wanted) => (wanted ? next.fail(failure) : next.end())),
  );
}
