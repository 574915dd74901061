import { type Collector, lastOf } from './collector.ts';
import { type Call, attribute, placesNoted, traced } from './trace.ts';
import { Tether } from './tether.ts';
import { markHandled } from './promises.ts';
import { Scope, type Thrown } from './scope.ts';
import { End, type Failure, type Last, type Sink, Pass } from './sink.ts';
import { hold, type Source } from './source.ts';
import { after, type Answer, Catching, enclose, type Suspension, whenReady } from './answer.ts';

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

/** Runs the plan to its end, closes its open resources, and returns the result. */
export function run<T, R>(plan: Plan<T>, collector: Collector<T, R>, method: string): Promise<R> {
  const terminal = new TerminalRun(plan, collector, method);
  void drive(terminal.tether);
  return terminal.result;
}

/**
 * Results after the run was cancelled are ignored. A function of its own: each variable of a function is saved and
 * restored around each of its waits (`bench`, async maps).
 */
async function drive<T, R>(tether: Tether<TerminalRun<T, R>>, answer?: Answer): Promise<void> {
  try {
    answer ??= tether.run!.start();
    while (typeof answer === 'object') {
      const promise = tether.run!.wait(answer);
      // Lets go of the suspension: a promise that never settles would keep it.
      answer = true;
      const awaited = await promise;
      if (tether.run === undefined || tether.run.scope.over) return;
      answer = tether.run.resume(awaited);
    }
  } catch (error) {
    // In the same tick: nothing else is to end the run before.
    return tether.run?.failed(error);
  }
  if (tether.run?.scope.over === false) tether.run.ended();
}

/** A run whose result a consumer awaits. */
class TerminalRun<T, R> {
  readonly scope = new Scope((closing) => this.#cancelled(closing));
  readonly tether = new Tether<TerminalRun<T, R>>(this);
  readonly result: Promise<R>;
  readonly #plan: Plan<T>;
  readonly #collector: Collector<T, R>;
  readonly #method: string;
  readonly #since = placesNoted();
  #resolve!: (result: R | PromiseLike<R>) => void;
  #reject!: (error: unknown) => void;
  /** While its promise is awaited. */
  #suspended: Suspension | undefined;
  #last: Last<T, R> | undefined;

  constructor(plan: Plan<T>, collector: Collector<T, R>, method: string) {
    this.#plan = plan;
    this.#collector = collector;
    this.#method = method;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  #cancelled(closing: void | Promise<void>): void {
    // A stage that was left has no chance to await the result of a run that it has started.
    if (this.scope.adopted) markHandled(this.result);
    const fail = () => {
      const reason = this.scope.cancellation;
      if (!this.scope.isAbort(reason)) this.#attribute(reason);
      this.#reject(reason);
      this.tether.run = undefined;
    };
    Promise.resolve(closing).then(fail, fail);
  }

  start(): Answer {
    try {
      this.#last = lastOf(this.#collector, this.scope.context);
    } catch (error) {
      // The source is then closed with the run.
      prepare(this.#plan, new Nowhere(), this.scope);
      throw traced(error, undefined);
    }
    return prepare(this.#plan, this.#last, this.scope)();
  }

  /** The promise that the answer waits for. */
  wait(answer: Suspension): unknown {
    this.#suspended = answer;
    return answer.wait();
  }

  resume(awaited: unknown): Answer {
    const suspended = this.#suspended!;
    this.#suspended = undefined;
    return suspended.resume(awaited);
  }

  /** Resolves in the same turn if there is nothing to close (`bench`, short runs). */
  ended(): void {
    const closing = this.scope.finish();
    if (closing === undefined) return this.#conclude();
    closing.then(
      () => this.#conclude(),
      (error: unknown) => this.#broke(error),
    );
  }

  /** Something threw, or the promise that it waited for was rejected: then the stages in between are told. */
  failed(error: unknown): void {
    if (this.scope.over) return;
    if (this.#suspended === undefined) return this.#fail(error);
    const suspended = this.#suspended;
    this.#suspended = undefined;
    let answer: Answer;
    try {
      answer = suspended.reject(error);
    } catch (thrown) {
      return this.#fail(thrown);
    }
    void drive(this.tether, answer);
  }

  #fail(error: unknown): void {
    this.#attribute(error);
    if (this.scope.over) return;
    void this.scope.fail(error).then(() => this.#reject(error));
  }

  #attribute(error: unknown): void {
    attribute(error, this.#plan.call, this.#since, this.#method);
  }

  #conclude(): void {
    try {
      this.#resolve(this.#last!.result());
    } catch (error) {
      this.#broke(traced(error, undefined));
    }
  }

  /** An error of closing, or of the result. */
  #broke(error: unknown): void {
    this.#attribute(error);
    this.#reject(error);
  }
}

/** For a plan that is linked only to be closed. */
class Nowhere extends End<unknown> {
  push(): Answer {
    return false;
  }
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
    fedBy(inner, (next, scope) => enclose(() => inner.feed(next, scope), call, undefined, placesNoted()));
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
      const start = prepare(plan, new BoundarySink(next), scope);
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
