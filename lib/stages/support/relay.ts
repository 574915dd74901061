import { Channel } from '../../engine/background/channel.ts';
import { Producer } from '../../engine/background/producer.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Answer } from '../../engine/core/answer.ts';
import type { Sink } from '../../engine/core/sink.ts';
import type { Source } from '../../engine/core/source.ts';

/**
 * Reads a source in a run of its own, and asks it for an element when the one before was consumed. Errors of that run
 * come to `failed`; those from downstream never do.
 */
export abstract class Relay<T> extends Channel<T> {
  protected readonly scope: Scope;
  #producer: Producer<T>;

  constructor(above: Source<T>, scope: Scope) {
    super(0);
    this.scope = scope;
    this.call = scope.call;
    this.#producer = this.#producerOf(above);
  }

  /** Feeds the sink from the source, and from the next ones that `recover` reads. */
  feed(next: Sink<T>): Answer {
    this.#producer.go();
    return this.supply(next, this.scope, 'by-call');
  }

  /** Reads another source, which is closed with the run if that has ended on the way here. */
  protected read(source: Source<T>): void {
    this.#producer = this.#producerOf(source);
    if (!this.scope.over) this.#producer.go();
  }

  /** It takes less of the stack than others do: two thousand may follow each other. */
  #producerOf(source: Source<T>): Producer<T> {
    return new Producer(source, this.scope, this, 0.5);
  }

  /** An abort is no error that could be handled. */
  override failed(error: unknown): void {
    if (this.scope.ended || this.#producer.scope.isAbort(error)) this.fail(error);
    else this.recover(error).catch((thrown: unknown) => this.fail(thrown));
  }

  /** Continues after an error, or throws it, or another in its place. */
  protected abstract recover(error: unknown): Promise<void>;
}

/**
 * Feeds a sink by a function that may interrupt its run. If stages downstream emit what they hold before an error, it gets a
 * run of its own: only that is interrupted then, and the error comes to them from upstream.
 */
export function feedApart<T>(above: Source<unknown>, next: Sink<T>, scope: Scope, feed: Source<T>['feed']): Answer {
  if (!next.flushes()) return feed(next, scope);
  const channel = new Channel<T>(0);
  new Producer({ feed, discard: () => above.discard() }, scope, channel).go();
  return channel.supply(next, scope, 'by-call');
}
