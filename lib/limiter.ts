import { checkCount } from './engine/core/arguments.ts';
import type { Limiter } from './engine/concurrency/options.ts';
import type { SignalLike } from './types.ts';

/** What `limiter()` makes: a limiter that can be looked into, and changed while it is in use. */
export interface Semaphore extends Limiter {
  /**
   * How many may run at once. Raising it lets those in that wait; lowering it ends nothing that runs, and lets nobody
   * in before fewer run.
   */
  concurrency: number;
  /** How many run. */
  readonly running: number;
  /** How many wait to be let in. */
  readonly waiting: number;
}

/**
 * A limit for any number of stages and streams together: passed as their `concurrency`, it lets `concurrency` of their
 * callbacks run at once, in the order in which they come.
 *
 * By hand, `acquire(signal?)` answers, at once or when there is room, with what is to be called when the work is done.
 * A signal that aborts takes whoever waits out of the queue: the promise rejects with its reason. What runs under a
 * limiter is not to wait for something under the same one, such as `flatMap` for the streams it opens: all might wait.
 *
 * @throws {RangeError} at the call, where `concurrency` is not a positive integer. `Infinity` is allowed.
 * @example
 * const two = limiter(2);
 * const squares = AsyncStream.range(0, 3).map(async (x) => x * x, { concurrency: two });
 * const cubes = AsyncStream.range(0, 3).map(async (x) => x ** 3, { concurrency: two });
 * await Promise.all([squares.toArray(), cubes.toArray()]); // => [[0, 1, 4], [0, 1, 8]]
 */
export function limiter(concurrency: number): Semaphore {
  return new Permits(concurrency);
}

type Release = () => void;

class Permits implements Semaphore {
  #concurrency = 0;
  #running = 0;
  readonly #waiting = new Set<() => void>();
  // Kept: a new iterator would walk over the places of all that were let in before it comes to the first.
  readonly #first = this.#waiting.values();

  constructor(concurrency: number) {
    this.concurrency = concurrency;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(concurrency: number) {
    checkCount('limiter: concurrency', concurrency, 1, Infinity);
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
    if (signal?.aborted) return Promise.reject(signal.reason);
    return this.#running < this.#concurrency ? this.#lend() : this.#wait(signal);
  }

  #wait(signal: SignalLike | undefined): Promise<Release> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', leave);
        resolve(this.#lend());
      };
      const leave = () => {
        signal?.removeEventListener('abort', leave);
        this.#waiting.delete(enter);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave);
      this.#waiting.add(enter);
    });
  }

  #lend(): Release {
    let running = true;
    this.#running++;
    return () => {
      if (!running) return;
      running = false;
      this.#running--;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#running < this.#concurrency && this.#waiting.size > 0) {
      const enter = this.#first.next().value!;
      this.#waiting.delete(enter);
      enter();
    }
  }
}
