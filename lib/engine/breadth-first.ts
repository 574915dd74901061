import { childrenOf, type Expander, feedChildren, type Node } from './children.ts';
import { feedIterator } from './feed-iterator.ts';
import { ignore } from './ignore.ts';
import { Queue } from './queue.ts';
import type { Scope } from './scope.ts';
import { type Sink, type Stage, Through } from './sink.ts';
import { hold } from './source.ts';
import { after, type Answer } from './suspension.ts';

/** Level by level. One stream is open at a time, and elements are kept until their turn comes to be expanded. */
export function breadthFirst<T>(fn: Expander<T>, maxDepth: number): Stage<T, T> {
  return (next, scope) => new BreadthFirst(next, scope, fn, maxDepth);
}

class BreadthFirst<T> extends Through<T, T> {
  readonly #scope: Scope;
  readonly #fn: Expander<T>;
  readonly #maxDepth: number;
  readonly #frontier = new Queue<Node<T>>();

  constructor(next: Sink<T>, scope: Scope, fn: Expander<T>, maxDepth: number) {
    super(next);
    this.#scope = scope;
    this.#fn = fn;
    this.#maxDepth = maxDepth;
  }

  push(value: T): Answer {
    return this.give(value, 0);
  }

  give(value: T, depth: number): Answer {
    if (depth < this.#maxDepth) this.#frontier.push({ value, depth });
    return this.next.push(value);
  }

  expand(node: Node<T>): Answer {
    const open = hold({ feed: (next, scope) => this.#feed(node, next, scope), discard: ignore }, this.#scope);
    return open(new Level(this, node.depth + 1));
  }

  override end(): Answer {
    const expanded = () => feedIterator(this.#nodes(), new Expansion(this), this.#scope, true, false);
    return after(this.next.done() || expanded(), () => this.next.end());
  }

  *#nodes(): Generator<Node<T>> {
    while (this.#frontier.length > 0) yield this.#frontier.shift();
  }

  #feed(node: Node<T>, next: Sink<T>, scope: Scope): Answer {
    return childrenOf(this.#fn, node, scope.context, scope, (children) => feedChildren(children, next, scope));
  }
}

class Expansion<T> extends Through<Node<T>, T> {
  declare readonly next: BreadthFirst<T>;

  push(node: Node<T>): Answer {
    return this.next.expand(node);
  }
}

class Level<T> extends Through<T, T> {
  declare readonly next: BreadthFirst<T>;
  readonly #depth: number;

  constructor(next: BreadthFirst<T>, depth: number) {
    super(next);
    this.#depth = depth;
  }

  push(value: T): Answer {
    return this.next.give(value, this.#depth);
  }
}
