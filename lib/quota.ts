import { Queue } from './engine/structures/queue.ts';

/** Admits at most `limit` entries within any `interval` milliseconds. */
export class Quota {
  readonly #limit: number;
  readonly #interval: number;
  /** When each of the last `limit` entries leaves the interval. */
  readonly #leaving = new Queue<number>();

  constructor(limit: number, interval: number) {
    this.#limit = limit;
    this.#interval = interval;
  }

  /** The time from which on there is room for another entry. */
  get freeAt(): number {
    return this.#leaving.length < this.#limit ? 0 : this.#leaving.first!;
  }

  enter(now: number): void {
    if (this.#leaving.length === this.#limit) this.#leaving.shift();
    this.#leaving.push(now + this.#interval);
  }
}
