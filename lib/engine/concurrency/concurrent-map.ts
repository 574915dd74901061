import type { Fn } from '../../types.ts';
import { Producer, type Receiver } from '../background/producer.ts';
import { Supplier } from '../background/supplier.ts';
import { Queue } from '../structures/queue.ts';
import { type Limits, TaskPool, type Task, type Work } from './task-pool.ts';
import type { Scope } from '../core/scope.ts';
import { Part } from '../core/part.ts';
import type { Transform } from '../core/source.ts';
import { traced } from '../core/trace.ts';
import { Tether } from '../core/tether.ts';
import { isThenable } from '../core/promises.ts';

/** Emits the results of `fn`, which runs for several elements at the same time. */
export function concurrentMap<T, R>(fn: Fn<T, R>, limits: Limits<T>): Transform<T, R> {
  return {
    feed: (above, next, scope) =>
      new Part(scope).during((part) => {
        const results = new ConcurrentMap(fn, limits, part);
        new Producer(above, part, results).go();
        return results.supply(next, part, 'by-call');
      }),
  };
}

/** The tasks in the order in which their results are emitted: that of the elements, or that of completion. */
class ConcurrentMap<T, R> extends Supplier<R> implements Receiver<T>, Work<T> {
  readonly #tasks = new Queue<Task<T>>();
  readonly #fn: Fn<T, R>;
  readonly #ordered: boolean;
  readonly #scope: Scope;
  readonly #pool: TaskPool<T>;
  readonly #tether = new Tether<Pick<ConcurrentMap<T, unknown>, 'finish'>>(this);

  constructor(fn: Fn<T, R>, limits: Limits<T>, scope: Scope) {
    super();
    this.#fn = fn;
    this.#ordered = limits.ordered;
    this.#scope = scope;
    this.#pool = new TaskPool(limits, scope, this);
  }

  receive(value: T, producer: Producer<T>, waited: boolean): boolean {
    this.#pool.enter(this.#add(value));
    return this.#pool.admits(producer, waited);
  }

  override failed(error: unknown): void {
    this.refuse(this.#add(undefined as T), error);
  }

  override ready(): boolean {
    return this.#tasks.first?.settled === true;
  }

  override leave(): void {
    this.#pool.stop();
    this.#tether.run = undefined;
    this.#tasks.clear();
    super.leave();
  }

  override take(): R {
    const { failed, result } = this.#tasks.shift();
    this.#pool.consumed();
    if (failed) throw result;
    return result as R;
  }

  override exhausted(): boolean {
    return this.#pool.idle && super.exhausted();
  }

  #add(value: T): Task<T> {
    const task = this.#pool.add(value);
    if (this.#ordered) this.#tasks.push(task);
    return task;
  }

  start(task: Task<T>): boolean {
    const fn = this.#fn;
    let result: unknown;
    let failed = false;
    try {
      result = fn(task.value, task.index, this.#scope.context);
      if (isThenable(result)) {
        finishLater(this.#pool.track(result), task, this.#tether);
        return false;
      }
    } catch (error) {
      failed = true;
      result = error;
    }
    this.finish(task, failed, result, false);
    return true;
  }

  refuse(task: Task<T>, error: unknown): void {
    this.#pool.stop(this.#ordered ? task.index : undefined);
    this.#settle(task, true, error, false);
  }

  finish(task: Task<T>, failed: boolean, result: unknown, later: boolean): void {
    try {
      this.#pool.giveBack(task);
    } catch (error) {
      if (!failed) result = error;
      failed = true;
    }
    if (failed) {
      traced(result, this.#scope.call, task.index);
      this.#pool.stop(this.#ordered ? task.index : undefined);
    }
    this.#pool.finish(task, later);
    this.#settle(task, failed, result, later);
  }

  #settle(task: Task<T>, failed: boolean, result: unknown, later: boolean): void {
    task.settled = true;
    task.failed = failed;
    task.result = result;
    if (!this.#ordered) this.#tasks.push(task);
    if (this.ready()) this.wake(later);
    this.#pool.refill();
  }
}

/** A callback that never settles keeps the tether only, and its task. */
function finishLater<T>(
  result: PromiseLike<unknown>,
  task: Task<T>,
  tether: Tether<{ finish(task: Task<T>, failed: boolean, result: unknown, later: true): void }>,
): void {
  Promise.resolve(result).then(
    (value) => tether.run?.finish(task, false, value, true),
    (error: unknown) => tether.run?.finish(task, true, error, true),
  );
}
