import type { Streamable } from '../../types.ts';
import { Expanding, type Expander, feedChildren, type Node } from './children.ts';
import { DEMAND, DemandSink } from '../../engine/core/driver.ts';
import { isPlainArray } from '../../engine/feeding/input.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Stage } from '../../engine/core/sink.ts';
import { type Answer, Awaiting, enclose, Nested } from '../../engine/core/answer.ts';
import { isThenable, markAllHandled } from '../../engine/core/promises.ts';

/** Each element, then all of its descendants. On the way down a stream is open for each level, except for arrays. */
export function depthFirst<T>(fn: Expander<T>, maxDepth: number): Stage<T, T> {
  return (next, scope) => new DepthFirst(next, scope, fn, maxDepth);
}

class DepthFirst<T> extends Expanding<T> {
  push(value: T): Answer {
    const descent = new Descent(this);
    return enclose(this.call, () => descent.begin(value));
  }
}

/** The children of one element. */
interface Level {
  /** Emits the next child, or leaves the level if there is none. */
  emitNext(): Answer;
}

/** Expands one element. In a loop and not by recursion, so that a tree may have any depth. */
class Descent<T> extends Nested {
  readonly #stage: DepthFirst<T>;
  readonly #levels: Level[] = [];
  /** The element that was given last, until it is expanded. */
  #node: Node<T> | undefined;

  constructor(stage: DepthFirst<T>) {
    super();
    this.#stage = stage;
  }

  begin(value: T): Answer {
    return this.proceed(this.emit(value, 0));
  }

  emit(value: T, depth: number): Answer {
    if (depth < this.#stage.maxDepth) this.#node = { value, depth };
    return this.#stage.next.push(value);
  }

  leave(): void {
    this.#levels.pop();
  }

  protected override proceed(answer: Answer): Answer {
    while (answer === true && !this.#stage.scope.over) {
      const node = this.#node;
      this.#node = undefined;
      if (node !== undefined) answer = this.#expand(node);
      else if (this.#levels.length > 0) answer = this.#levels.at(-1)!.emitNext();
      else break;
    }
    return this.nest(answer);
  }

  #expand(node: Node<T>): Answer {
    return this.#stage.children(node, (children) => {
      const depth = node.depth + 1;
      const level = isPlainArray(children)
        ? new Elements(this, children, depth)
        : new ChildStream(this, children, depth, this.#stage.scope);
      this.#levels.push(level);
      return true;
    });
  }
}

/** Left with its last element, before that one is expanded. */
class Elements<T> implements Level {
  readonly #descent: Descent<T>;
  readonly #array: readonly (T | PromiseLike<T>)[];
  readonly #depth: number;
  #index = 0;

  constructor(descent: Descent<T>, array: readonly (T | PromiseLike<T>)[], depth: number) {
    markAllHandled(array);
    this.#descent = descent;
    this.#array = array;
    this.#depth = depth;
  }

  emitNext(): Answer {
    const index = this.#index++;
    if (index + 1 >= this.#array.length) this.#descent.leave();
    if (index >= this.#array.length) return true;
    const value = this.#array[index]!;
    return isThenable(value) ? this.#later(value) : this.#descent.emit(value, this.#depth);
  }

  #later(value: PromiseLike<T>): Answer {
    return new Awaiting(value, (ready: T) => this.#descent.emit(ready, this.#depth));
  }
}

/** Stops after each element, until all of its descendants were emitted. Suspends while it waits for the next one. */
class ChildStream<T> extends Nested implements Level {
  readonly #descent: Descent<T>;
  readonly #children: Streamable<T>;
  readonly #depth: number;
  readonly #scope: Scope;
  readonly #outlet = new DemandSink<T>();
  #promise: unknown;

  constructor(descent: Descent<T>, children: Streamable<T>, depth: number, scope: Scope) {
    super();
    this.#descent = descent;
    this.#children = children;
    this.#depth = depth;
    this.#scope = scope;
  }

  emitNext(): Answer {
    return this.proceed(this.inner?.resume(undefined) ?? feedChildren(this.#children, this.#outlet, this.#scope));
  }

  override wait(): unknown {
    return this.#promise;
  }

  protected override proceed(answer: Answer): Answer {
    if (typeof answer === 'boolean') {
      this.#descent.leave();
      return true;
    }
    this.inner = answer;
    try {
      this.#promise = answer.wait();
    } catch (error) {
      return this.proceed(answer.reject(error));
    }
    return this.#promise === DEMAND ? this.#descent.emit(this.#outlet.take(), this.#depth) : this;
  }
}
