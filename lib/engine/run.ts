import type { Source } from './feed.ts';
import { type Context, Scope } from './scope.ts';
import { Last, type Sink, Through } from './sink.ts';
import { after, type Answer, whenReady } from './suspension.ts';

/** A source and what was put on it, ready to be run any number of times. */
export interface Plan<T> {
  readonly source: Source<unknown>;
  /** Puts the stages in front of the last sink, with the state of one run. */
  link(last: Sink<T>, scope: Scope): Sink<unknown>;
}

/** Runs the plan to its end, closes what it opened, and gives the result. */
export async function run<T, R>(plan: Plan<T>, gather: (context: Context) => Last<T, R>): Promise<R> {
  const scope = new Scope();
  const last = gather(scope.context);
  try {
    let answer = prepare(plan, last, scope)();
    while (typeof answer === 'object') answer = answer.resume(await answer.promise);
  } catch (error) {
    await scope.fail(error);
    throw error;
  }
  await scope.finish();
  return last.result();
}

/**
 * Links the plan, and gives what starts it: open, push, close, flush. From now on, closing the scope also closes a
 * given iterator that was never started; what is left open at the end of the course is for the scope to close.
 */
export function prepare<T>({ source, link }: Plan<T>, last: Sink<T>, scope: Scope): () => Answer {
  const sink = link(last, scope);
  const size = scope.size;
  const unopened = { close: () => source.discard() };
  scope.add(unopened);

  function open(): Answer {
    if (sink.done()) return false;
    scope.remove(unopened);
    return source.feed(sink, scope);
  }

  function end(exhausted: boolean): Answer {
    if (exhausted) return sink.end();
    scope.stopped = true;
    return whenReady(scope.close(size), () => sink.end());
  }

  return () => after(after(sink.start(), open), end);
}

/** A plan as the source of another: run into the same sink, under the same scope, with nothing in between. */
export function asSource<T>(plan: Plan<T>): Source<T> {
  return {
    feed: (next, scope) => after(prepare(plan, new Joint(next), scope)(), () => !next.done()),
    discard: () => plan.source.discard(),
  };
}

/** The end of one plan inside another, whose start and end are not those of the other. */
class Joint<T> extends Through<T, T> {
  push(value: T): Answer {
    return this.next.push(value);
  }

  override start(): Answer {
    return true;
  }

  override end(): Answer {
    return true;
  }
}
