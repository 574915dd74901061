import type { Streamable, Context } from '../../types.ts';
import { feedMade, sourceOf } from '../../engine/feeding/input.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { type Sink, Scoped } from '../../engine/core/sink.ts';
import { acquire, type Answer } from '../../engine/core/answer.ts';
import { fairTurn, TurnCounter } from '../../engine/time/turns.ts';

const NAME = 'expand: the result of fn';

/** It may return null or undefined if there are no children. */
export type Children<T> = Streamable<T> | null | undefined;

/** Returns the children of an element that is `depth` steps away from the source. */
export type Expander<T> = (value: T, depth: number, context: Context) => Children<T> | PromiseLike<Children<T>>;

/** An element and its depth. */
export interface Node<T> {
  readonly value: T;
  readonly depth: number;
}

/** A stage that asks for the children of its elements. */
export abstract class Expanding<T> extends Scoped<T> {
  readonly maxDepth: number;
  readonly #fn: Expander<T>;
  readonly #turns = new TurnCounter();

  constructor(next: Sink<T>, scope: Scope, fn: Expander<T>, maxDepth: number) {
    super(next, scope);
    this.maxDepth = maxDepth;
    this.#fn = fn;
  }

  children(node: Node<T>, use: (children: Streamable<T>) => Answer): Answer {
    const { scope } = this;
    return childrenOf(this.#fn, node, scope.context, scope, this.#turns, use);
  }
}

/**
 * Asks for the children. Children that arrive after the end of the run are closed. A tree may be endless and never wait,
 * so timers and I/O get a turn now and then.
 */
export function childrenOf<T>(
  fn: Expander<T>,
  { value, depth }: Node<T>,
  context: Context,
  scope: Scope,
  turns: TurnCounter,
  use: (children: Streamable<T>) => Answer,
): Answer {
  const made = turns.due() ? fairTurn(scope).then(() => fn(value, depth, context)) : fn(value, depth, context);
  return acquire(made, scope, discard, (children) => use(children ?? []));
}

function discard(children: Children<unknown>): unknown {
  return sourceOf(children ?? [], NAME).discard();
}

export function feedChildren<T>(children: Streamable<T>, next: Sink<T>, scope: Scope): Answer {
  return feedMade(children, next, scope, NAME);
}
