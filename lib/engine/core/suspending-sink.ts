import { DEMAND } from './driver.ts';
import type { Failure, Sink } from './sink.ts';
import { type Answer, Suspension } from './answer.ts';

/** The last sink of a run that is driven, and what suspends it there until it is to go on. */
export abstract class SuspendingSink<T> extends Suspension implements Sink<T> {
  abstract push(value: T): Answer;

  wait(): unknown {
    return DEMAND;
  }

  resume(): Answer {
    return true;
  }

  start(): Answer {
    return true;
  }

  end(): Answer {
    return true;
  }

  fail({ error }: Failure): never {
    throw error;
  }

  flushes(): boolean {
    return false;
  }

  done(): boolean {
    return false;
  }
}

/** Halts with each value, until it is taken. */
export class DemandSink<T> extends SuspendingSink<T> {
  #value: T | undefined;

  push(value: T): Answer {
    this.#value = value;
    return this;
  }

  take(): T {
    const value = this.#value as T;
    this.#value = undefined;
    return value;
  }
}
