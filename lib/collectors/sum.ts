import type { Collector } from '../engine/collector.ts';
import { Last } from '../engine/sink.ts';

/** Adds up the elements; 0 if there are none. */
export function sum(): Collector<number, number> {
  return () => new Sum();
}

class Sum extends Last<number, number> {
  #total = 0;

  push(value: number): boolean {
    this.#total += value;
    return true;
  }

  result(): number {
    return this.#total;
  }
}
