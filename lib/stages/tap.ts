import { placing } from '../engine/core/trace.ts';
import { checkFunction, checkObject, checkOptionalFunction } from '../arguments.ts';
import { whenReady } from '../engine/core/answer.ts';
import type { Scope } from '../engine/core/scope.ts';
import { untilClosed } from '../engine/core/tether.ts';
import { ignore } from '../engine/core/promises.ts';
import { Relay } from './support/relay.ts';
import type { Context, Fn } from '../types.ts';
import type { Stage } from '../engine/core/sink.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import { step } from '../engine/core/fused-steps.ts';

/** Callbacks for the run of a stream. Each one is awaited. */
export interface Observer<in T> {
  /** Called before the source is opened. */
  readonly start?: ((context: Context) => unknown) | undefined;
  /** Called with each element before it is emitted. */
  readonly next?: Fn<T, unknown> | undefined;
  /** Called if the upstream fails, except by an abort. The error then passes on. */
  readonly error?: ((error: unknown) => unknown) | undefined;
  /** Called if the upstream ends by itself. */
  readonly complete?: (() => unknown) | undefined;
  /** Called when the run is over, however it ended: after `error` or `complete`, or alone if the consumer has left. */
  readonly close?: (() => unknown) | undefined;
}

export function tap<T>(fn: Fn<T, unknown>): Stage<T, T> {
  checkFunction('tap: fn', fn);
  return step('tap', () => fn);
}

/** The callbacks of an observer that concern the upstream run as a whole. */
export function observe<T>(observer: Observer<T>): Transform<T, T> {
  checkObject('tap: observer', observer);
  for (const name of ['start', 'next', 'error', 'complete', 'close'] as const) {
    checkOptionalFunction(`tap: ${name}`, observer[name]);
  }
  return {
    feed(above, next, scope) {
      const observing = new Observing<T>(above, observer, scope);
      return whenReady(observing.start(), () => observing.feed(next));
    },
  };
}

class Observing<T> extends Relay<T> {
  readonly start: () => unknown;
  readonly #complete: () => unknown;
  readonly #observer: Observer<T>;

  constructor(above: Source<T>, observer: Observer<T>, scope: Scope) {
    super(above, scope);
    const { call, context } = scope;
    this.#observer = observer;
    this.start = placing(() => observer.start?.(context), call);
    this.#complete = placing(() => observer.complete?.(), call);
  }

  override ended(): void {
    void this.#completed().then(
      () => this.end(),
      (error: unknown) => this.fail(error),
    );
  }

  async #completed(): Promise<void> {
    if (!this.scope.ended) await untilClosed(this.#complete(), this.scope);
  }

  protected override async recover(error: unknown): Promise<void> {
    // An error of the callback comes second, and is dropped.
    await untilClosed((async () => this.#observer.error?.(error))().catch(ignore), this.scope);
    throw error;
  }
}
