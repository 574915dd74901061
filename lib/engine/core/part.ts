import { type Closable, Scope, type Within } from './scope.ts';
import { after, type Answer, whenReady } from './answer.ts';

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

/** Feeds a sink, and closes what that has opened if the sink wants no more. */
export function orStop(scope: Scope, feed: () => Answer): Answer {
  const { size } = scope;
  return after(feed(), (exhausted) => exhausted || whenReady(scope.stop(size), () => false));
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
