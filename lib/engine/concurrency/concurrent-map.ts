import type { Fn } from '../../types.ts';
import { Branch } from '../background/producer.ts';
import { Channel } from '../background/channel.ts';
import type { Limits } from './options.ts';
import { Gate, type Task, type Work } from './task-pool.ts';
import type { Scope } from '../core/scope.ts';
import { inPart, type Transform } from '../core/source.ts';
import { isThenable } from '../core/promises.ts';

/** What `fn` makes of the elements, for several at the same time. */
export function parallel<T, R>(fn: Fn<T, R>, limits: Limits<T>): Transform<T, R> {
  return {
    feed: (above, next, scope) =>
      inPart(scope, (part) => {
        const results = new Results(fn, limits, part);
        new Branch(above, part, results).go();
        return results.feed(next, part, true);
      }),
  };
}

/** The tasks in the order in which their results are to be given: that of the elements, or that in which they come. */
class Results<T, R> extends Channel<R, Task<T>, T> implements Work<T> {
  readonly #fn: Fn<T, R>;
  readonly #ordered: boolean;
  readonly #scope: Scope;
  readonly #gate: Gate<T>;

  constructor(fn: Fn<T, R>, limits: Limits<T>, scope: Scope) {
    super(limits.concurrency);
    this.#fn = fn;
    this.#ordered = limits.ordered;
    this.#scope = scope;
    this.#gate = new Gate(limits, scope, this);
  }

  override receive(value: T, branch: Branch<T>, waited: boolean): boolean {
    this.#gate.enter(this.#add(value));
    if (this.#gate.open) return this.#gate.bounded || branch.hurry(waited);
    this.stand(branch);
    return false;
  }

  override failed(error: unknown): void {
    this.refuse(this.#add(undefined as T), error);
  }

  override ready(): boolean {
    return this.held.first?.settled === true;
  }

  override leave(): void {
    this.#gate.stop(-1);
    super.leave();
  }

  override take(): R {
    const { failed, result } = this.held.shift();
    this.#gate.consumed();
    this.refill();
    if (failed) throw result;
    return result as R;
  }

  override exhausted(): boolean {
    return this.#gate.idle && super.exhausted();
  }

  protected override hasRoom(): boolean {
    return this.#gate.open;
  }

  #add(value: T): Task<T> {
    const task = this.#gate.add(value);
    if (this.#ordered) this.held.push(task);
    return task;
  }

  start(task: Task<T>): boolean {
    const fn = this.#fn;
    let result: unknown;
    let failed = false;
    try {
      result = fn(task.value, task.index, this.#scope.context);
      if (isThenable(result)) {
        Promise.resolve(result).then(
          (value) => this.#finish(task, false, value, true),
          (error: unknown) => this.#finish(task, true, error, true),
        );
        return false;
      }
    } catch (error) {
      failed = true;
      result = error;
    }
    this.#finish(task, failed, result, false);
    return true;
  }

  refuse(task: Task<T>, error: unknown): void {
    this.#gate.stop(this.#ordered ? task.index : -1);
    this.#settle(task, true, error, false);
  }

  freed(): void {
    this.refill();
  }

  #finish(task: Task<T>, failed: boolean, result: unknown, later: boolean): void {
    try {
      task.giveBack();
    } catch (error) {
      if (!failed) result = error;
      failed = true;
    }
    if (failed) this.#gate.stop(this.#ordered ? task.index : -1);
    this.#gate.finish(task, later);
    this.#settle(task, failed, result, later);
  }

  #settle(task: Task<T>, failed: boolean, result: unknown, later: boolean): void {
    // Come too late: dropped.
    if (this.#scope.over) return;
    task.settle(failed, result);
    if (!this.#ordered) this.held.push(task);
    if (this.ready()) this.wake(later);
    this.refill();
  }
}
