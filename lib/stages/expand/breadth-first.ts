import type { Streamable } from '../../types.ts';
import type { Call } from '../../engine/core/trace.ts';
import { childrenOf, type Expander, feedChildren, type Node } from './children.ts';
import { Queue } from '../../engine/structures/queue.ts';
import { TurnCounter } from '../../engine/time/turns.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { type Sink, type Stage, Through } from '../../engine/core/sink.ts';
import { orStop } from '../../engine/core/source.ts';
import { after, type Answer, enclose, Nested } from '../../engine/core/answer.ts';

/** Level by level. One stream is open at a time, and elements are kept until their turn comes to be expanded. */
export function breadthFirst<T>(fn: Expander<T>, maxDepth: number): Stage<T, T> {
  return (next, scope) => new BreadthFirst(next, scope, fn, maxDepth);
}

class BreadthFirst<T> extends Through<T, T> {
  readonly #scope: Scope;
  readonly #fn: Expander<T>;
  readonly #maxDepth: number;
  readonly #call: Call | undefined;
  readonly #frontier = new Queue<Node<T>>();

  readonly #turns = new TurnCounter();

  constructor(next: Sink<T>, scope: Scope, fn: Expander<T>, maxDepth: number) {
    super(next);
    this.#scope = scope;
    this.#fn = fn;
    this.#call = scope.call;
    this.#maxDepth = maxDepth;
  }

  push(value: T): Answer {
    return this.emit(value, 0);
  }

  emit(value: T, depth: number): Answer {
    if (depth < this.#maxDepth) this.#frontier.push({ value, depth });
    return this.next.push(value);
  }

  /** The one that has waited longest; undefined if there is no more to do. */
  take(): Node<T> | undefined {
    return this.#frontier.length === 0 || this.#scope.over ? undefined : this.#frontier.shift();
  }

  expand(node: Node<T>): Answer {
    const scope = this.#scope;
    const children = new AtDepth(this, node.depth + 1);
    const feed = (given: Streamable<T>) => feedChildren(given, children, scope);
    return orStop(scope, () =>
      enclose(() => childrenOf(this.#fn, node, scope.context, scope, this.#turns, feed), this.#call),
    );
  }

  override end(): Answer {
    return after(this.next.done() || new Remainder(this).proceed(true), () => this.next.end());
  }
}

/** All kept elements, and all of their descendants. */
class Remainder<T> extends Nested {
  readonly #stage: BreadthFirst<T>;

  constructor(stage: BreadthFirst<T>) {
    super();
    this.#stage = stage;
  }

  override proceed(answer: Answer): Answer {
    while (answer === true) {
      const node = this.#stage.take();
      if (node === undefined) break;
      answer = this.#stage.expand(node);
    }
    return this.nest(answer);
  }
}

class AtDepth<T> extends Through<T, T> {
  declare readonly next: BreadthFirst<T>;
  readonly #depth: number;

  constructor(next: BreadthFirst<T>, depth: number) {
    super(next);
    this.#depth = depth;
  }

  push(value: T): Answer {
    return this.next.emit(value, this.#depth);
  }
}
