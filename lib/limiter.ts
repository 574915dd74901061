import { checkFunction, checkInterval, countFrom, optionsOf } from './arguments.ts';
import type { Limiter } from './engine/concurrency/task-pool.ts';
import { now } from './engine/time/clock.ts';
import { Timer } from './engine/time/timer.ts';
import { ignore } from './engine/core/promises.ts';
import { Oldest } from './oldest.ts';
import { Quota } from './quota.ts';
import { unlessAborted } from './signals.ts';
import type { SignalLike } from './types.ts';

/** The options of {@link limiter}. */
export interface LimiterOptions {
  /** How many may run at once; `Infinity` is allowed, and 0 admits none until it is raised. Default `Infinity`. */
  readonly concurrency?: number | undefined;
  /** How many may start within any `interval`. Needs an `interval`. Default: no limit. */
  readonly limit?: number | undefined;
  /** The length of the interval in milliseconds. Needs a `limit`. */
  readonly interval?: number | undefined;
}

/** A limiter that can be inspected, and changed while it is in use. */
export interface Semaphore extends Limiter {
  /**
   * How many may run at once. Raising it admits callers that wait. Lowering it stops nothing that runs, and admits no
   * caller until fewer run; 0 pauses the limiter.
   */
  concurrency: number;
  /** How many run. */
  readonly running: number;
  /** How many wait to be admitted. */
  readonly waiting: number;
}

/**
 * A limit that any number of stages and streams share: passed as their `concurrency`, it lets `concurrency` of their
 * callbacks run at once, in the order in which they ask. With `{ limit, interval }`, at most `limit` of them start
 * within any `interval` milliseconds, also when they end sooner. `limiter.from(limit)` adapts the limit of another
 * package, such as p-limit's.
 *
 * Setting its `concurrency` to 0 pauses it, and a positive number resumes it. A run that waits for a paused limiter ends
 * as usual when its consumer leaves or a signal aborts.
 *
 * A run gives its slots back when it is closed, also those of callbacks that are still pending. Such a callback, unless it
 * observes the signal of its context, may then overlap with the callbacks that are admitted next.
 *
 * By hand, `acquire(signal?)` returns a function to call when the work is done, or a promise of it if the limit is
 * reached. A signal that aborts removes the caller from the queue: the promise rejects with its reason.
 *
 * **Deadlock**: work that holds a slot must not wait for work that needs a slot of the same limiter, for all slots may be
 * held by work that waits. Examples are a `flatMap` and the streams that it opens, and `retrying` with a `limiter` in a
 * stage under the same one. Give each level a limiter of its own.
 *
 * @throws {TypeError | RangeError} at the call, if `concurrency` is not a non-negative integer or `Infinity`, or if only
 * one of `limit` and `interval` is given.
 * @example
 * const two = limiter(2);
 * const squares = AsyncStream.range(0, 3).map(async (x) => x * x, { concurrency: two });
 * const cubes = AsyncStream.range(0, 3).map(async (x) => x ** 3, { concurrency: two });
 * await Promise.all([squares.toArray(), cubes.toArray()]); // => [[0, 1, 4], [0, 1, 8]]
 */
export function limiter(concurrency: number | LimiterOptions): Semaphore {
  if (typeof concurrency === 'object' && concurrency !== null) {
    const required = concurrency.limit === undefined && concurrency.interval === undefined ? [] : ['limit', 'interval'];
    const checks = { concurrency: checkConcurrency, limit: countFrom(1), interval: checkInterval };
    return new Permits(optionsOf('limiter', concurrency, checks, ...required));
  }
  checkConcurrency('limiter: concurrency', concurrency);
  return new Permits({ concurrency });
}

/**
 * Adapts a function that runs functions under a limit of its own, such as p-limit's `limit` or p-queue's `add`: a slot
 * is held for as long as the promise of the function passed to it is pending.
 *
 * A caller whose signal aborts stops waiting at once; its place in the queue of the adapted limit is then skipped.
 *
 * @throws {TypeError} at the call, if `limit` is not a function.
 * @example
 * const limit = (fn) => fn(); // or pLimit(4)
 * await AsyncStream.of(1, 2).map(async (x) => x * 2, { concurrency: limiter.from(limit) }).toArray(); // => [2, 4]
 */
limiter.from = (limit: (fn: () => Promise<void>) => unknown): Limiter => {
  checkFunction('limiter.from: limit', limit);
  return {
    acquire: (signal?: SignalLike) =>
      unlessAborted<Release>(signal, (resolve, reject) => {
        const hold = async () => {
          if (!signal?.aborted) await new Promise<void>((release) => resolve(release));
        };
        const run = async () => limit(hold);
        // After the slot was given, a rejection changes nothing.
        run().catch(reject);
        return ignore;
      }),
  };
};

type Release = () => void;

const checkConcurrency = countFrom(0, Infinity);

class Permits implements Semaphore {
  #concurrency = 0;
  #running = 0;
  readonly #quota: Quota | undefined;
  /** Never behind the end of a wait: a timer may fire early by a fraction of a millisecond. */
  #now = 0;
  /** Runs while the first of the queue waits for the quota. */
  readonly #timer = new Timer({ add: ignore }, () => this.#expire());
  #due = 0;
  readonly #waiting = new Set<() => void>();
  readonly #oldest = new Oldest(this.#waiting);

  constructor({ concurrency = Infinity, limit, interval }: LimiterOptions) {
    if (limit !== undefined) this.#quota = new Quota(limit, interval!);
    this.concurrency = concurrency;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(concurrency: number) {
    checkConcurrency('limiter: concurrency', concurrency);
    this.#concurrency = concurrency;
    this.#admit();
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  acquire(signal?: SignalLike): Release | Promise<Release> {
    return !signal?.aborted && this.#waiting.size === 0 && this.#open() ? this.#lend() : this.#wait(signal);
  }

  #wait(signal: SignalLike | undefined): Promise<Release> {
    return unlessAborted(signal, (resolve) => {
      const enter = () => resolve(this.#lend());
      this.#waiting.add(enter);
      this.#admit();
      return () => {
        this.#waiting.delete(enter);
        this.#oldest.deleted();
        if (this.#waiting.size === 0) this.#timer.stop();
      };
    });
  }

  #lend(): Release {
    let running = true;
    this.#running++;
    this.#quota?.enter(this.#now);
    return () => {
      if (!running) return;
      running = false;
      this.#running--;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#waiting.size > 0 && this.#open()) {
      const enter = this.#oldest.take();
      this.#waiting.delete(enter);
      enter();
    }
    if (this.#waiting.size === 0) return this.#timer.stop();
    if (this.#running >= this.#concurrency || this.#timer.running) return;
    this.#due = this.#quota!.freeAt;
    this.#timer.start(Math.ceil(this.#due - this.#now));
  }

  #expire(): void {
    this.#now = Math.max(this.#now, this.#due);
    this.#admit();
  }

  /** Whether one more may start now. */
  #open(): boolean {
    if (this.#running >= this.#concurrency) return false;
    if (this.#quota === undefined) return true;
    this.#now = Math.max(this.#now, now());
    return this.#quota.freeAt <= this.#now;
  }
}
