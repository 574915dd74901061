import { all, type Scope } from './scope.ts';
import type { Call } from './trace.ts';
import type { Sink } from './sink.ts';
import { acquire, type Answer } from './answer.ts';
import { orStop } from './part.ts';
import { enter, exit } from './promises.ts';

/** The origin of the values of a run. */
export interface Source<T> {
  /** Pushes all values into the sink. Returns true at their end, false if the sink wanted no more. */
  feed(next: Sink<T>, scope: Scope): Answer;
  /** Closes the stream's source, if the run ends before it was opened. */
  discard(): unknown;
  /** Set if it is known that the source emits its values only once. */
  readonly once?: OneShot | undefined;
}

/** A source that can be run only once, for the errors of a second run. */
export interface OneShot {
  readonly given: object;
  /** Default: a description of what was given. */
  readonly name?: string;
  /** Default: to pass a function instead. */
  readonly advice?: string;
}

/** A stage that waits for more than its callback: feeds the next sink from the source above. */
export interface Transform<In, Out> {
  feed(above: Source<In>, next: Sink<Out>, scope: Scope): Answer;
  /** Closes what was given to the stage, when the run ends before it was opened. The source is closed beside it. */
  readonly discard?: () => unknown;
  /** Set if the stage can be run only once. */
  readonly once?: OneShot | undefined;
}

/** Can be run as often as the source and the stage. */
export function transformed<In, Out>(transform: Transform<In, Out>, above: Source<In>, call: Call): Source<Out> {
  const { discard } = transform;
  const linked: Source<Out> = {
    feed(next, scope) {
      scope.linkAt(call);
      return transform.feed(above, next, scope);
    },
    discard: () => (discard === undefined ? above.discard() : discardAll([above, { discard }])),
    once: above.once ?? transform.once,
  };
  return { ...linked, feed: (next, scope) => feedInside(linked, next, scope) };
}

/** Feeds a sink from a source inside another one: later, on a stack of its own, if too many are inside each other. */
export function feedInside<T>(source: Source<T>, next: Sink<T>, scope: Scope): Answer {
  if (!enter()) return acquire(Promise.resolve(source), scope, discard, () => feedInside(source, next, scope), true);
  try {
    return source.feed(next, scope);
  } finally {
    exit();
  }
}

function discard(source: Source<unknown>): unknown {
  return source.discard();
}

/** The source that a stream is. Not `Symbol.for`: the engine of another copy of this package may work otherwise. */
export const SOURCE: unique symbol = Symbol('asyncstream.source');

/**
 * Registers a source with the run, so that it is closed even if never opened. Returns a function that opens it, and
 * closes it again if the sink stops early.
 */
export function hold<T>(source: Source<T>, scope: Scope): (next: Sink<T>) => Answer {
  const unopened = { close: () => source.discard() };
  scope.add(unopened);
  return (next) => {
    // Closed with the run, which was left on the way here.
    if (scope.over) return false;
    scope.remove(unopened);
    return orStop(scope, () => source.feed(next, scope));
  };
}

/** Closes what was given to several, all at once. */
export function discardAll(sources: readonly Pick<Source<unknown>, 'discard'>[]): Promise<void> {
  return all(sources.map(async (source) => source.discard()));
}
