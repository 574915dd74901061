import { enclosed } from '../../engine/core/trace.ts';
import type { Streamable } from '../../types.ts';
import { Expanding, type Expander, feedChildren, type Node } from './children.ts';
import { DEMAND, DemandSink } from '../../engine/core/driver.ts';
import { isPlainArray } from '../../engine/feeding/input.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Stage } from '../../engine/core/sink.ts';
import { type Answer, Awaiting, enclose, Nested, type Suspension } from '../../engine/core/answer.ts';
import { isThenable, markAllHandled } from '../../engine/core/promises.ts';

/** Each element, then all of its descendants. On the way down a stream is open for each level, except for arrays. */
export function depthFirst<T>(fn: Expander<T>, maxDepth: number): Stage<T, T> {
  return (next, scope) => new DepthFirst(next, scope, fn, maxDepth);
}

class DepthFirst<T> extends Expanding<T> {
  push(value: T): Answer {
    const descent = new Descent(this);
    return enclose(
      () => descent.begin(value),
      (error) => enclosed(error, this.call),
    );
  }
}

/** The children of one element. */
interface Level<T> {
  /** Emits the next child, or leaves the level if there is none. */
  emitNext(descent: Descent<T>): Answer;
}

/** Expands one element. In a loop and not by recursion, so that a tree may have any depth. */
class Descent<T> extends Nested {
  readonly #stage: DepthFirst<T>;
  readonly #levels: Level<T>[] = [];
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
      else if (this.#levels.length > 0) answer = this.#levels.at(-1)!.emitNext(this);
      else break;
    }
    return this.nest(answer);
  }

  #expand(node: Node<T>): Answer {
    return this.#stage.children(node, (children) => {
      const depth = node.depth + 1;
      const level = isPlainArray(children)
        ? new Elements(children, depth)
        : new ChildStream(children, depth, this.#stage.scope);
      this.#levels.push(level);
      return true;
    });
  }
}

/** Left with its last element, before that one is expanded. */
class Elements<T> implements Level<T> {
  readonly #array: readonly (T | PromiseLike<T>)[];
  readonly #depth: number;
  #index = 0;

  constructor(array: readonly (T | PromiseLike<T>)[], depth: number) {
    markAllHandled(array);
    this.#array = array;
    this.#depth = depth;
  }

  emitNext(descent: Descent<T>): Answer {
    const index = this.#index++;
    if (index + 1 >= this.#array.length) descent.leave();
    if (index >= this.#array.length) return true;
    const value = this.#array[index]!;
    return isThenable(value) ? this.#later(value, descent) : descent.emit(value, this.#depth);
  }

  #later(value: PromiseLike<T>, descent: Descent<T>): Answer {
    return new Awaiting(value, (ready: T) => descent.emit(ready, this.#depth));
  }
}

/** Stops after each element, until all of its descendants were emitted. */
class ChildStream<T> implements Level<T> {
  readonly #children: Streamable<T>;
  readonly #depth: number;
  readonly #scope: Scope;
  readonly #outlet = new DemandSink<T>();
  #suspended: Suspension | undefined;

  constructor(children: Streamable<T>, depth: number, scope: Scope) {
    this.#children = children;
    this.#depth = depth;
    this.#scope = scope;
  }

  emitNext(descent: Descent<T>): Answer {
    const suspended = this.#suspended;
    return this.#until(
      suspended?.resume(undefined) ?? feedChildren(this.#children, this.#outlet, this.#scope),
      descent,
    );
  }

  #until(answer: Answer, descent: Descent<T>): Answer {
    if (typeof answer === 'boolean') {
      descent.leave();
      return true;
    }
    this.#suspended = answer;
    let promise: unknown;
    try {
      promise = answer.wait();
    } catch (error) {
      return this.#until(answer.reject(error), descent);
    }
    return promise === DEMAND ? descent.emit(this.#outlet.take(), this.#depth) : this.#after(promise, answer, descent);
  }

  #after(promise: unknown, suspended: Suspension, descent: Descent<T>): Answer {
    const until = (inside: Answer) => this.#until(inside, descent);
    return new AwaitingInside(promise as PromiseLike<unknown>, suspended, until);
  }
}

/** Waits for the promise of another suspension. */
class AwaitingInside extends Awaiting<unknown> {
  readonly #inside: Suspension;
  readonly #use: (answer: Answer) => Answer;

  constructor(promise: PromiseLike<unknown>, inside: Suspension, use: (answer: Answer) => Answer) {
    super(promise, (value) => use(inside.resume(value)));
    this.#inside = inside;
    this.#use = use;
  }

  override late(value: unknown): void {
    this.#inside.late(value);
  }

  override reject(error: unknown): Answer {
    return this.#use(this.#inside.reject(error));
  }
}
