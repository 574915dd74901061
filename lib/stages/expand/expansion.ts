import { Producer, type Receiver } from '../../engine/background/producer.ts';
import { Channel } from '../../engine/background/channel.ts';
import { childrenOf, type Expander, feedChildren, type Node } from './children.ts';
import { ignore } from '../../engine/core/promises.ts';
import { Queue } from '../../engine/structures/queue.ts';
import { TurnCounter } from '../../engine/time/turns.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { Part } from '../../engine/core/part.ts';
import type { Source, Transform } from '../../engine/core/source.ts';

/** In which order elements are expanded. */
export type ExpandOrder = 'breadth' | 'depth';

/** The options, checked and complete. */
interface ExpansionLimits {
  readonly maxDepth: number;
  readonly order: ExpandOrder;
  readonly concurrency: number;
}

/** Elements as they come from the source and from several streams of children at the same time. */
export function expandAll<T>(fn: Expander<T>, limits: ExpansionLimits): Transform<T, T> {
  return {
    feed(above, next, scope) {
      const expansion = new Expansion(above, fn, limits, scope);
      return expansion.part.during(() => expansion.start().supply(next, scope));
    },
  };
}

/** The source and the streams of children: each is read again when its element was consumed. */
class Expansion<T> extends Channel<T> {
  /** The part of the run in which children are read. */
  readonly part: Part;
  readonly #source: Producer<T>;
  readonly #fn: Expander<T>;
  readonly #limits: ExpansionLimits;
  readonly #scope: Scope;
  readonly #turns = new TurnCounter();
  /** The elements to expand: the oldest first, or the latest. */
  readonly #frontier: Queue<Node<T>> | Node<T>[];
  /** The source is not read on, although its element was consumed: others have to be expanded first. */
  #standing = false;
  #open = 0;
  #opening = false;
  #ended = false;

  constructor(above: Source<T>, fn: Expander<T>, limits: ExpansionLimits, scope: Scope) {
    super(0);
    this.#fn = fn;
    this.#limits = limits;
    this.#scope = scope;
    this.#source = new Producer(above, scope, this);
    // After the source: the children are closed before it.
    this.part = new Part(scope, { together: true });
    this.#frontier = limits.order === 'breadth' ? new Queue() : [];
  }

  start(): this {
    this.#source.go();
    return this;
  }

  override receive(value: T, source: Producer<T>, waited: boolean): boolean {
    if (this.#emit(value, 0, waited)) return this.#admits();
    this.blocked.push(source);
    return false;
  }

  override ended(): void {
    this.#ended = true;
    this.#endIfDone();
  }

  protected override ask(producer: Producer<T>): void {
    if (producer !== this.#source || this.#admits()) producer.go();
  }

  /** Whether the source may be read. Otherwise it stands still until it may be. */
  #admits(): boolean {
    this.#standing = this.#open === this.#limits.concurrency || this.#frontier.length > 0;
    return !this.#standing;
  }

  #emit(value: T, depth: number, waited: boolean): boolean {
    if (depth < this.#limits.maxDepth) this.#frontier.push({ value, depth });
    const more = this.put(value, waited);
    this.#expand();
    return more;
  }

  /** Opens as many as may be open. In a loop: what it opens may give elements, or end, at once. */
  #expand(): void {
    if (this.#opening) return;
    this.#opening = true;
    while (this.#open < this.#limits.concurrency && this.#frontier.length > 0 && !this.closed && !this.#scope.over) {
      const frontier = this.#frontier;
      const node = frontier instanceof Queue ? frontier.shift() : frontier.pop()!;
      this.#open++;
      new Producer(this.#children(node), this.part, this.#receiver(node.depth + 1)).go();
    }
    this.#opening = false;
  }

  #children(node: Node<T>): Source<T> {
    return {
      feed: (next, scope) =>
        childrenOf(this.#fn, node, this.#scope.context, scope, this.#turns, (children) =>
          feedChildren(children, next, scope),
        ),
      discard: ignore,
    };
  }

  #receiver(depth: number): Receiver<T> {
    return {
      receive: (value, producer, waited) => {
        const more = this.#emit(value, depth, waited);
        if (!more) this.blocked.push(producer);
        return more;
      },
      ended: () => {
        this.#open--;
        this.#expand();
        this.#endIfDone();
      },
      failed: (error, producer) => this.fail(producer.placed(error)),
    };
  }

  /** Ends if everything is expanded. Otherwise the source may resume, if there is room. */
  #endIfDone(): void {
    if (this.#ended && this.#open === 0 && this.#frontier.length === 0) return this.end();
    if (this.#standing && this.#admits()) this.#source.go();
  }
}
