import { Expanding, type Expander, feedChildren, type Node } from './children.ts';
import { Queue } from '../../engine/structures/queue.ts';
import { type Stage, Through } from '../../engine/core/sink.ts';
import { orStop } from '../../engine/core/part.ts';
import { flush } from '../support/flush.ts';
import { type Answer, enclose, Nested } from '../../engine/core/answer.ts';

/** Level by level. One stream is open at a time, and elements are kept until their turn comes to be expanded. */
export function breadthFirst<T>(fn: Expander<T>, maxDepth: number): Stage<T, T> {
  return (next, scope) => new BreadthFirst(next, scope, fn, maxDepth);
}

class BreadthFirst<T> extends Expanding<T> {
  readonly #frontier = new Queue<Node<T>>();

  push(value: T): Answer {
    return this.emit(value, 0);
  }

  emit(value: T, depth: number): Answer {
    if (depth < this.maxDepth) this.#frontier.push({ value, depth });
    return this.next.push(value);
  }

  /** The one that has waited longest; undefined if there is no more to do. */
  take(): Node<T> | undefined {
    return this.#frontier.length === 0 || this.scope.over ? undefined : this.#frontier.shift();
  }

  expand(node: Node<T>): Answer {
    const { scope } = this;
    const children = new AtDepth(this, node.depth + 1);
    return orStop(scope, () =>
      enclose(this.call, () => this.children(node, (given) => feedChildren(given, children, scope))),
    );
  }

  override end(): Answer {
    return flush(this.next, this.scope, () => new Remainder(this).proceed(true));
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
