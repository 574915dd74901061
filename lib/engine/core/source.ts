import { all, type Closable, Scope, type Within } from './scope.ts';
import type { Call } from './trace.ts';
import type { Sink } from './sink.ts';
import { acquire, after, type Answer, whenReady } from './answer.ts';
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

/** Feeds a sink, and closes what that has opened if the sink wants no more. */
export function orStop(scope: Scope, feed: () => Answer): Answer {
  const { size } = scope;
  return after(feed(), (exhausted) => exhausted || whenReady(scope.stop(size), () => false));
}

/** Closes what was given to several, all at once. */
export function discardAll(sources: readonly Pick<Source<unknown>, 'discard'>[]): Promise<void> {
  return all(sources.map(async (source) => source.discard()));
}

/** Closes it when the body ends, or otherwise with the run. */
export function closing(scope: Scope, closable: Closable, body: () => Answer): Answer {
  scope.add(closable);
  return after(body(), (exhausted) => exhausted && released(scope, closable));
}

/** Closes one resource and continues, unless the run is over: then it is closed in its turn. */
export function released(scope: Scope, closable: Closable, use: () => Answer = () => true): Answer {
  return !scope.over && whenReady(scope.release(closable), use);
}

/** The scope of a part of a run. When the part is left, its callbacks are aborted, and the run continues. */
export class Part extends Scope {
  readonly #run: Scope;

  constructor(run: Scope, { together, settles }: { readonly together?: boolean; readonly settles?: boolean } = {}) {
    super(undefined, together, settles);
    this.#run = run;
    const closable: Closable = {
      ending: (reason) => this.tell(reason),
      close: () => this.cancel(),
    };
    this.join(run, closable, 0);
    this.linkAt(run.call);
  }

  override interrupt(error: unknown, within?: Within): void {
    this.#run.interrupt(error, within);
  }

  /** Runs the body, and finishes with it. If the sink wants no more, the part is closed with the run. */
  during(body: (part: this) => Answer): Answer {
    const finishing: Closable = {
      close: () => {
        this.detach();
        return this.finish();
      },
    };
    return after(body(this), (exhausted) => exhausted && released(this.#run, finishing));
  }
}
