import { all, type Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import { after, type Answer, whenReady } from './suspension.ts';

/** Where the values of a run come from. */
export interface Source<T> {
  /** Pushes all values into the sink. Answers true when they are at an end, false when the sink wanted no more. */
  feed(next: Sink<T>, scope: Scope): Answer;
  /** Closes what was given to the stream, when the run ends before it was opened. */
  discard(): unknown;
}

/** Makes another source of the one above: a stage that waits for more than its callback. */
export interface Transform<In, Out> {
  on(above: Source<In>): Source<Out>;
}

/** A transform with one more sink behind it. */
export function ending<In, Between, Out>(
  transform: Transform<In, Between>,
  sink: (next: Sink<Out>) => Sink<Between>,
): Transform<In, Out> {
  return {
    on(above) {
      const source = transform.on(above);
      return { feed: (next, scope) => source.feed(sink(next), scope), discard: () => source.discard() };
    },
  };
}

/** The source that a stream is. Not `Symbol.for`: the engine of another copy of this package may work otherwise. */
export const SOURCE: unique symbol = Symbol('asyncstream.source');

/**
 * Takes a source into a run: from now on it is closed with the run also if it never comes to opening it. What is
 * answered opens it, and closes it again when the sink wanted no more of it.
 */
export function hold<T>(source: Source<T>, scope: Scope): (next: Sink<T>) => Answer {
  const unopened = { close: () => source.discard() };
  scope.add(unopened);
  return (next) => {
    scope.remove(unopened);
    const size = scope.size;
    return after(source.feed(next, scope), (exhausted) => exhausted || stop(scope, size));
  };
}

/** Nothing more is wanted: closes what was opened since there were `size`. */
export function stop(scope: Scope, size: number): Answer {
  scope.stopped = true;
  return whenReady(scope.close(size), () => false);
}

/** Closes what was given to several, all at once. */
export function discardAll(sources: readonly Source<unknown>[]): Promise<void> {
  return all(...sources.map(async (source) => source.discard()));
}

/** Does `close` when the body is at its end, and if it never comes to that, when the run is closed. */
export function closing(scope: Scope, close: () => unknown, body: () => Answer): Answer {
  const closable = { close };
  scope.add(closable);
  return after(body(), (exhausted) => {
    if (!exhausted) return false;
    return whenReady(scope.release(closable), () => true);
  });
}
