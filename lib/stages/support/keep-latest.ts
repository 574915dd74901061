import type { Producer } from '../../engine/background/producer.ts';
import { Channel } from '../../engine/background/channel.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { Timer } from '../../engine/time/timer.ts';

/**
 * Stands between a source that is read all the time and a consumer that gets only some of its elements: keeps the
 * latest element until it is time to emit it, and then until the consumer takes it, or a later one replaces it.
 */
export abstract class KeepLatest<T> extends Channel<T> {
  readonly timed = true;
  readonly #run: Scope;
  readonly #timers: Timer[] = [];
  #latest: T | undefined;
  #kept = false;

  constructor(run: Scope) {
    super(1, 'drop-oldest');
    this.#run = run;
  }

  /** An element has come. `waited`: as in `Receiver`. */
  protected abstract arrived(value: T, waited: boolean): void;

  override receive(value: T, producer: Producer<T>, waited: boolean): boolean {
    this.arrived(value, waited);
    return !this.closed && producer.hurry(waited);
  }

  override ended(): void {
    this.#conclude();
    super.ended();
  }

  override failed(error: unknown): void {
    this.#conclude();
    super.failed(error);
  }

  /** A timer that runs no longer than the source. */
  protected timer(use: () => void): Timer {
    const timer = new Timer(this.#run, use);
    this.#timers.push(timer);
    return timer;
  }

  protected keep(value: T): void {
    this.#latest = value;
    this.#kept = true;
  }

  /** Emits the kept element. Returns whether there was one. */
  protected emit(waited = true): boolean {
    if (!this.#kept) return false;
    const value = this.#latest as T;
    this.#latest = undefined;
    this.#kept = false;
    this.put(value, waited);
    return true;
  }

  #conclude(): void {
    for (const timer of this.#timers) timer.stop();
    this.emit(false);
  }
}
