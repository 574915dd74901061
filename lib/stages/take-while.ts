import { checkBoolean, checkFunction, optionsOf } from '../arguments.ts';
import { Decider } from './support/decider.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Context, Fn } from '../types.ts';
import type { Sink, Stage } from '../engine/core/sink.ts';
import { after, type Answer } from '../engine/core/answer.ts';

/** The options of {@link AsyncStream.takeWhile | takeWhile}. */
export interface TakeWhileOptions {
  /** Whether the first element for which the predicate does not hold is given too, as the last one. Default false. */
  readonly inclusive?: boolean | undefined;
}

export function takeWhile<T, S extends T>(
  guard: (value: T, index: number, context: Context) => value is S,
  options?: TakeWhileOptions & { readonly inclusive?: false | undefined },
): Stage<T, S>;
export function takeWhile<T>(predicate: Fn<T, unknown>, options?: TakeWhileOptions): Stage<T, T>;
export function takeWhile<T>(predicate: Fn<T, unknown>, options?: TakeWhileOptions): Stage<T, T> {
  checkFunction('takeWhile: predicate', predicate);
  const { inclusive = false } = optionsOf('takeWhile', options, { inclusive: checkBoolean });
  return (next, scope) => new TakeWhile(next, scope, predicate, inclusive);
}

class TakeWhile<T> extends Decider<T, unknown> {
  readonly #inclusive: boolean;
  #ended = false;

  constructor(next: Sink<T>, scope: Scope, predicate: Fn<T, unknown>, inclusive: boolean) {
    super(next, scope, predicate);
    this.#inclusive = inclusive;
  }

  protected override decide(value: T, holds: unknown): Answer {
    if (holds) return this.next.push(value);
    this.#ended = true;
    return this.#inclusive && after(this.next.push(value), () => false);
  }

  override done(): boolean {
    return this.#ended || this.next.done();
  }
}
