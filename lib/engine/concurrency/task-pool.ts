import type { Signal } from '../../types.ts';
import { wrongKind } from '../../errors.ts';
import type { Producer } from '../background/producer.ts';
import { Queue } from '../structures/queue.ts';
import { all, type Closable, type Scope } from '../core/scope.ts';
import { untilClosed } from '../core/tether.ts';
import { isThenable } from '../core/promises.ts';
import { traced } from '../core/trace.ts';

/** Limits how many callbacks run: a semaphore. Any number of stages and streams may share it. */
export interface Limiter {
  /**
   * Returns a function that gives the slot back, or a promise of it that resolves when a slot is free. Stops waiting
   * when the signal aborts.
   */
  acquire(signal?: Signal): (() => void) | PromiseLike<() => void>;
}

/** When tasks start, and in which order their results are emitted. */
export interface Limits<T> {
  readonly concurrency: number;
  readonly limiter: Limiter | undefined;
  readonly ordered: boolean;
  readonly buffer: number;
  readonly key: ((value: T) => unknown) | undefined;
  readonly settle: boolean;
}

/** An element, and later its result. */
export class Task<T> {
  readonly value: T;
  readonly index: number;
  settled = false;
  failed = false;
  result: unknown = undefined;
  /** Set if there are keys. */
  declare key: unknown;
  /** The slot that the limiter has lent. */
  declare release?: (() => void) | undefined;

  constructor(value: T, index: number) {
    this.value = value;
    this.index = index;
  }
}

/** The work of a pool. */
export interface Work<T> {
  /** Starts the task. Returns whether it has ended already; otherwise it calls `finish` at its end. */
  start(task: Task<T>): boolean;
  /** The task cannot start: its key could not be computed, or the limiter has refused it. */
  refuse(task: Task<T>, error: unknown): void;
}

/**
 * Decides when a task starts: as many at once as `concurrency` or the limiter allows, and one at a time for each key.
 * Another element is read only while no more than `buffer` tasks wait, for their start or to be consumed.
 */
export class TaskPool<T> implements Closable {
  readonly #limits: Limits<T>;
  readonly #scope: Scope;
  readonly #work: Work<T>;
  #count = 0;
  #running = 0;
  #waiting = 0;
  /** How many tasks start now, or when the limiter lets them: an element that is read meanwhile takes no slot of them. */
  #starting = 0;
  /** The last index that may start. */
  #last = Infinity;
  /** The source, while it stands still. */
  #standing: Producer<T> | undefined;
  /** For each key with a running task: that task and the tasks behind it. Undefined if there are no keys. */
  readonly #lines: Map<unknown, Queue<Task<T>>> | undefined;
  /** The tasks that hold a slot of the limiter. Undefined without one. */
  readonly #lent: Set<Task<T>> | undefined;
  /** The promises of the callbacks in flight. Undefined without `settle`. */
  readonly #inFlight: Set<Promise<unknown>> | undefined;

  constructor(limits: Limits<T>, scope: Scope, work: Work<T>) {
    this.#limits = limits;
    this.#scope = scope;
    this.#work = work;
    // A collection is made only where it is needed (`bench`, short runs).
    this.#lines = limits.key && new Map();
    this.#lent = limits.limiter && new Set();
    this.#inFlight = limits.settle ? new Set() : undefined;
    // Before the source, so that the source is closed first and does not wait for the callbacks.
    if (this.#lent !== undefined || this.#inFlight !== undefined) scope.add(this);
  }

  /** Turns what a callback returned into a promise that the end of the run waits for, with `settle`. */
  track<R>(result: PromiseLike<R>): Promise<R> {
    const promise = Promise.resolve(result);
    const inFlight = this.#inFlight;
    if (inFlight !== undefined) {
      inFlight.add(promise);
      const settled = () => inFlight.delete(promise);
      void promise.then(settled, settled);
    }
    return promise;
  }

  /** Slots are given back with the run: a callback that never settles would block the limiter for all other runs. */
  close(): Promise<void> {
    const giveBack = () => all([...(this.#lent ?? [])].map(async (task) => this.giveBack(task)));
    return this.#inFlight === undefined ? giveBack() : Promise.allSettled(this.#inFlight).then(giveBack);
  }

  /** Gives back the slot of the limiter, once. */
  giveBack(task: Task<T>): void {
    const { release } = task;
    if (release === undefined) return;
    task.release = undefined;
    this.#lent!.delete(task);
    release();
  }

  /** Whether another element may be read. */
  get #open(): boolean {
    const { concurrency, buffer } = this.#limits;
    const free = this.#running < concurrency && this.#starting === 0;
    return free && this.#waiting <= buffer && this.#last === Infinity;
  }

  /** Whether the source may continue. Otherwise it stands still until another element may be read. */
  admits(source: Producer<T>, waited: boolean): boolean {
    if (this.#open) return this.#limits.concurrency !== Infinity || source.hurry(waited);
    this.#standing = source;
    return false;
  }

  /** Resumes the source if another element may be read. */
  refill(): void {
    const source = this.#standing;
    if (source === undefined || !this.#open) return;
    this.#standing = undefined;
    source.go();
  }

  /** Whether nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#running + this.#waiting === 0;
  }

  add(value: T): Task<T> {
    this.#waiting++;
    return new Task<T>(value, this.#count++);
  }

  /** Starts it when a slot is free. */
  enter(task: Task<T>): void {
    const { key } = this.#limits;
    if (key === undefined) return void this.#begin(task);
    try {
      this.#queue(task, key(task.value));
    } catch (error) {
      this.#refuse(task, error);
    }
  }

  /** It runs no more, and waits to be consumed. `later`: it has not finished in its very start. */
  finish(task: Task<T>, later: boolean): void {
    this.#running--;
    this.#waiting++;
    if (later) this.#next(task);
  }

  consumed(): void {
    this.#waiting--;
    this.refill();
  }

  /** Starts no more tasks, or only those up to the given index. */
  stop(last = -1): void {
    this.#last = Math.min(this.#last, last);
  }

  #queue(task: Task<T>, key: unknown): void {
    const line = this.#lines!.get(key) ?? new Queue();
    task.key = key;
    line.push(task);
    if (line.length > 1) return;
    this.#lines!.set(key, line);
    this.#proceed(key, line);
  }

  #proceed(key: unknown, line: Queue<Task<T>>): void {
    this.#starting++;
    while (line.length > 0 && this.#begin(line.first!)) line.shift();
    this.#starting--;
    if (line.length === 0) this.#lines!.delete(key);
  }

  /** Lets those in that have waited for it. */
  #next({ key }: Task<T>): void {
    const line = this.#lines?.get(key);
    if (line === undefined) return;
    line.shift();
    this.#proceed(key, line);
  }

  #begin(task: Task<T>): boolean {
    if (this.#isOut(task)) return true;
    const { limiter } = this.#limits;
    if (limiter === undefined) return this.#start(task);
    try {
      const lent = limiter.acquire(this.#scope.signal);
      if (!isThenable(lent)) return this.#lend(task, lent);
      this.#starting++;
      void this.#acquire(task, lent);
      return false;
    } catch (error) {
      this.#refuse(task, error);
      return true;
    }
  }

  #refuse(task: Task<T>, error: unknown): void {
    this.#work.refuse(task, traced(error, this.#scope.call, task.index));
  }

  /** A limiter that never settles does not keep the pool. */
  async #acquire(task: Task<T>, lent: PromiseLike<() => void>): Promise<void> {
    try {
      const release = await untilClosed(lent, this.#scope, (late) => late());
      if (this.#lend(task, release)) this.#next(task);
    } catch (error) {
      this.#refuse(task, error);
    }
    this.#starting--;
    this.refill();
  }

  #lend(task: Task<T>, release: () => void): boolean {
    if (typeof release !== 'function') throw wrongKind('concurrency: the result of acquire()', 'a function', release);
    task.release = release;
    this.#lent!.add(task);
    if (!this.#isOut(task)) return this.#start(task);
    // Come too late.
    this.giveBack(task);
    return true;
  }

  #isOut(task: Task<T>): boolean {
    return this.#scope.over || task.index > this.#last;
  }

  #start(task: Task<T>): boolean {
    this.#waiting--;
    this.#running++;
    return this.#work.start(task);
  }
}
