import type { Context } from '../../lib/index.ts';
import { idle } from './turns.ts';

interface Course {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A callback whose promises are settled by hand, one for each element, and a record of its calls. */
export class Tasks {
  /** The elements that it was called for. */
  readonly started: any[] = [];
  readonly signals: AbortSignal[] = [];
  running = 0;
  /** How many ran at the same time. */
  most = 0;
  readonly #courses = new Map<unknown, Course>();

  readonly fn = (value: any, _index?: number, context?: Context): Promise<any> => {
    this.started.push(value);
    if (context !== undefined) this.signals.push(context.signal);
    this.most = Math.max(this.most, ++this.running);
    return new Promise((resolve, reject) => this.#courses.set(value, { resolve, reject }));
  };

  /** Settles those of the elements, with their values, and lets everything come of it. */
  async resolve(...values: unknown[]): Promise<void> {
    for (const value of values) this.#end(value).resolve(value);
    await idle();
  }

  async reject(value: unknown, error: unknown): Promise<void> {
    this.#end(value).reject(error);
    await idle();
  }

  /** Those that have not settled yet. */
  get open(): unknown[] {
    return [...this.#courses.keys()];
  }

  #end(value: unknown): Course {
    const course = this.#courses.get(value);
    if (course === undefined) throw new Error(`nothing runs for ${String(value)}`);
    this.#courses.delete(value);
    this.running--;
    return course;
  }
}

/** A semaphore, and how much of it is free. */
export class Permits {
  free: number;
  /** Given back more than once. */
  faults = 0;
  readonly #queue: (() => void)[] = [];

  constructor(free: number) {
    this.free = free;
  }

  async acquire(): Promise<() => void> {
    while (this.free === 0) await new Promise<void>((resolve) => this.#queue.push(resolve));
    return this.take();
  }

  take(): () => void {
    let lent = true;
    this.free--;
    return () => {
      if (!lent) this.faults++;
      lent = false;
      this.free++;
      this.#queue.shift()?.();
    };
  }
}

/** What the values have given so far to a consumer that asks for one after the other. */
export function collecting(stream: AsyncIterable<unknown>): { seen: unknown[]; outcome: Promise<unknown> } {
  const seen: unknown[] = [];
  const loop = async () => {
    try {
      for await (const value of stream) seen.push(value);
      return 'ended';
    } catch (error) {
      return { error };
    }
  };
  return { seen, outcome: loop() };
}
