import type { Collector } from '../engine/collector.ts';
import { Last } from '../engine/sink.ts';

/** The first element, after which the source is closed; the default, or undefined, if there is none. */
export function first<T>(): Collector<T, T | undefined>;
export function first<T, D>(defaultValue: D): Collector<T, T | D>;
export function first<T>(defaultValue?: T): Collector<T, T | undefined> {
  return () => new First(defaultValue);
}

class First<T> extends Last<T, T | undefined> {
  #value: T | undefined;
  #done = false;

  constructor(defaultValue: T | undefined) {
    super();
    this.#value = defaultValue;
  }

  push(value: T): boolean {
    this.#value = value;
    this.#done = true;
    return false;
  }

  result(): T | undefined {
    return this.#value;
  }

  override done(): boolean {
    return this.#done;
  }
}
