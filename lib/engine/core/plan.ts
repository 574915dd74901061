import { type Call, left, placesNoted } from './trace.ts';
import { Scope, type Thrown } from './scope.ts';
import { End, type Failure, Pass, type Sink } from './sink.ts';
import { hold, type Source } from './source.ts';
import { after, type Answer, Catching, placeErrors, whenReady } from './answer.ts';

/** A source and its stages, ready to be run any number of times. */
export interface Plan<T> {
  readonly source: Source<unknown>;
  /** Puts the stages in front of the last sink, with the state of one run. */
  link(last: Sink<T>, scope: Scope): Sink<unknown>;
  /** The last call of its chain, if a user ran the stream. */
  readonly call?: Call;
}

/** Runs a source by itself. One that is a plan is run as that plan: its stages are then those of the run. */
export function bare<T>(source: Source<T>): Plan<T> {
  return (source as Planned<T>).plan ?? { source, link: (last) => last };
}

interface Planned<T> extends Source<T> {
  readonly plan?: Plan<T>;
}

/**
 * Links the plan. Returns the function that runs it: starts the sinks, opens the source, flushes. The scope closes what
 * is open after that.
 */
export function prepare<T>({ source, link }: Plan<T>, last: Sink<T>, scope: Scope): () => Answer {
  const sink = link(last, scope);
  const open = hold(source, scope);
  if (sink.flushes()) return () => new Flushing(sink, scope).begin(open);
  return () => course(sink, scope, () => open(sink));
}

/** A callback may end the run on the way: then nothing is flushed. */
function course(sink: Sink<unknown>, scope: Scope, feed: () => Answer): Answer {
  return after(
    after(sink.start(), () => sink.done() || feed()),
    () => scope.over || sink.end(),
  );
}

/** Runs a plan with stages that hold elements back: on an error, these emit them before it. */
class Flushing extends Catching implements Failure {
  readonly #sink: Sink<unknown>;
  readonly #scope: Scope;
  /** The size of the scope before the source was opened. */
  #size: number;
  /** The error that goes down the chain. */
  #failure: Thrown | undefined;
  /** The last sink has thrown it. */
  #raised = false;

  constructor(sink: Sink<unknown>, scope: Scope) {
    super();
    this.#sink = sink;
    this.#scope = scope;
    this.#size = scope.size;
  }

  begin(open: (sink: Sink<unknown>) => Answer): Answer {
    let answer: Answer;
    try {
      answer = course(this.#sink, this.#scope, () => {
        // Without the entry for the source that is still to be opened.
        this.#size = this.#scope.size - 1;
        return open(this.#sink);
      });
    } catch (error) {
      answer = this.caught(error);
    }
    return this.nest(answer);
  }

  close(): void | Promise<void> {
    return this.#scope.close(this.#size, this.#failure);
  }

  raise(): never {
    this.#raised = true;
    throw this.#failure!.error;
  }

  /**
   * An error while held elements are emitted comes second, and is dropped. The stages above it hold nothing any more;
   * the error starts once more on its way, for those below.
   */
  protected override caught(error: unknown): Answer {
    if (this.#scope.over) throw error;
    this.#failure ??= { error };
    if (this.#raised) throw this.#failure.error;
    try {
      // Closes nothing more, and notes that the source was left: the consumer has all it needs.
      return after(this.#sink.fail(this), () => whenReady(this.#scope.stop(this.#scope.size), () => true));
    } catch (thrown) {
      return this.caught(thrown);
    }
  }
}

/** The source of a stream without stages, in the run of another one: its errors are placed at its call. */
export function linked<T>(source: Source<T>, call: Call): Source<T> {
  if ((source as Planned<T>).plan !== undefined) return source;
  return fedBy(source, (next, scope) => {
    scope.linkAt(call);
    return source.feed(next, scope);
  });
}

/** The source of a stream that another one reads: an error leaves that stream with its place. */
export function inside<T>(source: Source<T>, call: Call): Source<T> {
  const { plan } = source as Planned<T>;
  const enclosing = <E>(inner: Source<E>): Source<E> =>
    fedBy(inner, (next, scope) => {
      const since = placesNoted();
      return placeErrors(
        () => inner.feed(next, scope),
        (error) => left(error, call, since),
      );
    });
  return plan === undefined ? enclosing(source) : asSource({ ...plan, source: enclosing(plan.source) });
}

function fedBy<T>(source: Source<T>, feed: Source<T>['feed']): Source<T> {
  return { feed, discard: () => source.discard(), once: source.once };
}

/** A plan as the source of another: run into the same sink, under the same scope, with nothing in between. */
export function asSource<T>(plan: Plan<T>): Planned<T> {
  return {
    // Without the call: an error is not yet one for the consumer.
    plan: { source: plan.source, link: (last, scope) => plan.link(last, scope) },
    feed(next, scope) {
      const size = scope.size;
      const start = prepare(plan, new BoundarySink(next, scope), scope);
      return after(start(), () => whenReady(scope.close(size), () => !next.done()));
    },
    // Linked and not started: what was given to stages is closed as well.
    discard() {
      const scope = new Scope();
      prepare(plan, new Nowhere(), scope);
      return scope.close();
    },
    once: plan.source.once,
  };
}

/** The end of one plan inside another, whose start and end are not those of the other. */
class BoundarySink<T> extends Pass<T> {
  override start(): Answer {
    return true;
  }

  override end(): Answer {
    return true;
  }

  override fail(failure: Failure): never {
    return failure.raise();
  }

  override flushes(): boolean {
    return false;
  }
}

/** For a plan that is linked only to be closed. */
export class Nowhere extends End<unknown> {
  push(): Answer {
    return false;
  }
}
