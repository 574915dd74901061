import { checkFunction } from '../arguments.ts';
import { feedLater } from '../engine/feeding/input.ts';
import { ignore } from '../engine/core/promises.ts';
import type { Answer } from '../engine/core/answer.ts';
import { all, type Closable, type Scope } from '../engine/core/scope.ts';
import type { Context, Streamable } from '../types.ts';
import type { Sink } from '../engine/core/sink.ts';
import { closing } from '../engine/core/part.ts';
import type { Source, Transform } from '../engine/core/source.ts';

/**
 * Emits the elements of a generator stage over the upstream. The upstream runs that the stage opens belong to this run:
 * they are closed if the stage leaves them open, and if the stage is stuck in one, so that it wakes up and ends too.
 */
export function pipe<S, T, R>(
  toStream: (source: Source<T>) => S,
  stage: (stream: S, context: Context) => Streamable<R> | PromiseLike<Streamable<R>>,
): Transform<T, R> {
  checkFunction('pipe: stage', stage);
  return {
    feed(above, next, scope) {
      const upstream = new Upstream(above, scope);
      return closing(scope, upstream, () =>
        feedLater(stage(toStream(upstream), scope.context), next, scope, 'pipe: the result of stage'),
      );
    },
  };
}

/** The upstream as the stage sees it. A class: the closures of `feed` would have a stage that is stuck keep its run. */
class Upstream<T> implements Source<T>, Closable {
  readonly #above: Source<T>;
  /** Undefined once the run is closed. */
  #scope: Scope | undefined;
  readonly #context: Context;
  readonly #runs = new Set<Scope>();
  #opened = false;
  #cancelled: Promise<void> | undefined;

  constructor(above: Source<T>, scope: Scope) {
    this.#above = above;
    this.#scope = scope;
    this.#context = scope.context;
  }

  feed(next: Sink<T>, run: Scope): Answer {
    const scope = this.#scope;
    // The stage was on its way here when the run ended, or has kept the stream.
    if (scope === undefined) {
      const { signal } = this.#context;
      throw signal.aborted ? signal.reason : new Error('pipe: the run of this stream has ended');
    }
    this.#opened = true;
    if (run !== scope) {
      this.#runs.add(run);
      run.adoptedBy(scope);
      run.add({ close: () => this.#runs.delete(run) });
    }
    return this.#above.feed(next, run);
  }

  discard(): unknown {
    return this.#above.discard();
  }

  /** With `settle`, the end of the stage is waited for, and the stage may be waiting for its upstream. */
  ending(reason: unknown): void {
    if (this.#scope?.settles !== true) return;
    // Not before the stage was told to close: one that is not stuck closes its upstream itself.
    this.#cancelled = Promise.resolve().then(() => this.#cancel(reason));
    this.#cancelled.catch(ignore);
  }

  async close(): Promise<void> {
    const reason = this.#scope?.reason;
    this.#scope = undefined;
    await this.#cancelled;
    await this.#cancel(reason);
    if (!this.#opened) await this.#above.discard();
  }

  #cancel(reason: unknown): Promise<void> {
    return all([...this.#runs].map(async (run) => run.cancel(reason)));
  }
}
