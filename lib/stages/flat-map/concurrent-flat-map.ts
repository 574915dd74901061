import type { Fn, Streamable } from '../../types.ts';
import { Producer, type Receiver } from '../../engine/background/producer.ts';
import { Channel } from '../../engine/background/channel.ts';
import { type Limits, TaskPool, type Task, type Work } from '../../engine/concurrency/task-pool.ts';
import { discardLate, feedLater } from '../../engine/feeding/input.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { Scoped, type Sink } from '../../engine/core/sink.ts';
import { Part } from '../../engine/core/part.ts';
import type { Source, Transform } from '../../engine/core/source.ts';
import { isThenable } from '../../engine/core/promises.ts';
import { traced } from '../../engine/core/trace.ts';
import { after, type Answer } from '../../engine/core/answer.ts';

/** Emits the elements of the streams that `fn` returns, several of which are open at the same time. */
export function concurrentFlatMap<T, R>(fn: Fn<T, Streamable<R>>, limits: Limits<T>, name: string): Transform<T, R> {
  const ConcurrentFlatMap = limits.ordered ? OrderedFlatMap<T, R> : UnorderedFlatMap<T, R>;
  return {
    feed: (above, next, scope) =>
      new Part(scope).during((part) => new ConcurrentFlatMap(above, fn, limits, name, part).read().deliver(next)),
  };
}

/** The runs of the inner streams. Each is a task, which lasts until its stream has ended. */
abstract class Inners<T, R> implements Receiver<T>, Work<T> {
  protected readonly pool: TaskPool<T>;
  protected readonly scope: Scope;
  readonly #fn: Fn<T, Streamable<R>>;
  readonly #name: string;
  readonly #outer: Producer<T>;
  /** The part of the run in which the inner streams are read. */
  readonly #inner: Scope;

  constructor(above: Source<T>, fn: Fn<T, Streamable<R>>, limits: Limits<T>, name: string, scope: Scope) {
    this.pool = new TaskPool(limits, scope, this);
    this.scope = scope;
    this.#fn = fn;
    this.#name = name;
    this.#outer = new Producer(above, scope, this);
    // After the outer one: the inner streams are closed before it.
    this.#inner = new Part(scope, { together: true, settles: limits.settle || scope.settles });
  }

  read(): this {
    this.#outer.go();
    return this;
  }

  abstract deliver(next: Sink<R>): Answer;
  abstract ended(): void;
  abstract failed(error: unknown): void;
  abstract refuse(task: Task<T>, error: unknown): void;

  /** The destination of a task's elements. */
  protected abstract place(task: Task<T>): Channel<R>;
  protected abstract finished(task: Task<T>): void;

  receive(value: T, producer: Producer<T>, waited: boolean): boolean {
    const task = this.pool.add(value);
    task.result = this.place(task);
    this.pool.enter(task);
    return this.pool.admits(producer, waited);
  }

  start(task: Task<T>): boolean {
    const fn = this.#fn;
    let inner: Streamable<R> | PromiseLike<Streamable<R>>;
    try {
      inner = fn(task.value, task.index, this.scope.context);
      if (isThenable(inner)) inner = this.pool.track(inner);
    } catch (error) {
      // At once, and not when a producer has failed: until then, another one would start.
      this.refuse(task, traced(error, this.scope.call, task.index));
      this.#finish(task, false);
      return true;
    }
    if (this.scope.over) {
      discardLate(inner);
      this.#finish(task, false);
      return true;
    }
    let later = false;
    const finish = () => this.#finish(task, later);
    const channel = task.result as Channel<R>;
    const receiver: Receiver<R> = {
      receive: (value, producer, waited) => channel.receive(value, producer, waited),
      ended: finish,
      failed: (error, producer) => {
        this.refuse(task, producer.placed(error, task.index));
        finish();
      },
    };
    new Producer(sourceOfInner(inner, this.#name), this.#inner, receiver).go();
    later = true;
    return task.settled;
  }

  #finish(task: Task<T>, later: boolean): void {
    try {
      this.pool.giveBack(task);
    } catch (error) {
      this.refuse(task, traced(error, this.scope.call, task.index));
    }
    task.settled = true;
    this.pool.finish(task, later);
    this.finished(task);
    this.pool.refill();
  }
}

function sourceOfInner<R>(inner: Streamable<R> | PromiseLike<Streamable<R>>, name: string): Source<R> {
  return {
    // The pool waits for the callback: the source is closed before that.
    feed: (next, scope) => feedLater(inner, next, scope, name, false),
    discard: () => discardLate(inner),
  };
}

class UnorderedFlatMap<T, R> extends Inners<T, R> {
  readonly #channel = new Channel<R>(0);
  #ended = false;

  override deliver(next: Sink<R>): Answer {
    return this.#channel.supply(next, this.scope, 'by-call');
  }

  override ended(): void {
    this.#ended = true;
    if (this.pool.idle) this.#channel.end();
  }

  override failed(error: unknown): void {
    this.pool.stop();
    this.#channel.fail(error);
  }

  override refuse(_: Task<T>, error: unknown): void {
    this.failed(error);
  }

  protected override place(): Channel<R> {
    return this.#channel;
  }

  protected override finished(): void {
    this.pool.consumed();
    if (this.#ended && this.pool.idle) this.#channel.end();
  }
}

/** Each inner stream has a channel of its own; these are emptied one after the other. */
class OrderedFlatMap<T, R> extends Inners<T, R> {
  readonly #channels = new Channel<Channel<R>>(Infinity);
  readonly #size: number;

  constructor(above: Source<T>, fn: Fn<T, Streamable<R>>, limits: Limits<T>, name: string, scope: Scope) {
    super(above, fn, limits, name, scope);
    const { buffer, concurrency } = limits;
    this.#size = concurrency === Infinity ? 1 : Math.max(1, Math.floor(buffer / concurrency));
  }

  override deliver(next: Sink<R>): Answer {
    return this.#channels.supply(new ChannelDrain(next, this.scope, () => this.pool.consumed()), this.scope, 'by-call');
  }

  override ended(): void {
    this.#channels.end();
  }

  override failed(error: unknown): void {
    this.#channels.fail(error);
  }

  override refuse(task: Task<T>, error: unknown): void {
    this.pool.stop(task.index);
    (task.result as Channel<R>).fail(error);
  }

  protected override place(): Channel<R> {
    const channel = new Channel<R>(this.#size);
    this.#channels.put(channel);
    return channel;
  }

  protected override finished(task: Task<T>): void {
    (task.result as Channel<R>).end();
  }
}

class ChannelDrain<R> extends Scoped<Channel<R>, R> {
  readonly #consumed: () => void;

  constructor(next: Sink<R>, scope: Scope, consumed: () => void) {
    super(next, scope);
    this.#consumed = consumed;
  }

  push(channel: Channel<R>): Answer {
    return after(channel.supply(this.next, this.scope, 'by-call'), (more) => {
      this.#consumed();
      return more;
    });
  }
}
