import { enclosed, traced } from '../engine/core/trace.ts';
import { checkFunction } from '../arguments.ts';
import { discardLate, sourceOf } from '../engine/feeding/input.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Context, Input } from '../types.ts';
import { untilClosed } from '../engine/core/tether.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import { Relay } from './support/relay.ts';

type Replacement<R> = Input<R> | null | undefined | void;

/** Returns the stream that continues after an error. */
type Replace<R> = (error: unknown, context: Context) => Replacement<R> | PromiseLike<Replacement<R>>;

export function catchError<T, R>(fn: Replace<R>): Transform<T, T | R> {
  checkFunction('catch: fn', fn);
  return { feed: (above, next, scope) => new Catching<T | R>(above, fn as Replace<T | R>, scope).feed(next) };
}

class Catching<T> extends Relay<T> {
  readonly #fn: Replace<T>;
  #caught = false;

  constructor(above: Source<T>, fn: Replace<T>, scope: Scope) {
    super(above, scope);
    this.#fn = fn;
  }

  protected override async recover(error: unknown): Promise<void> {
    if (this.#caught) throw enclosed(error, this.call);
    this.#caught = true;
    try {
      const replacement = await untilClosed(this.#fn(error, this.scope.context), this.scope, discardLate);
      this.read(sourceOf(replacement ?? [], 'catch: the result of fn'));
    } catch (thrown) {
      throw traced(thrown, this.call);
    }
  }
}
