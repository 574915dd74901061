import { AsyncStream, type Input } from '../../lib/index.ts';

export interface ProbeOptions {
  /** How it is presented. Default `'async iterable'`. */
  readonly kind?: KindName;
  /** The nth element, counted from 1. Default: n. */
  readonly element?: (n: number) => unknown;
  /** How many elements there are. Default: it never ends. */
  readonly length?: number;
  /** Fails with `error` in place of the nth element. */
  readonly failAt?: number;
  readonly error?: unknown;
  /** Gives neither the nth element nor an error, until `late` is asked to. */
  readonly stuckAt?: number;
  /** What it does when it is closed: may throw, or answer a promise. */
  readonly close?: () => unknown;
  /** The step-numbered log that it writes in, and the name that it writes there before everything it does. */
  readonly log?: string[];
  readonly name?: string;
}

interface AnyIterator {
  next(...args: unknown[]): unknown;
  return(...args: unknown[]): unknown;
}

/** One iterator, from its first `next()` to its end. */
interface Course {
  state: 'made' | 'open' | 'exhausted' | 'failed' | 'closed';
  reading: boolean;
}

/**
 * A source that keeps a record of what is done with it: how often it was opened, asked for an element, closed, and in
 * what order; and whatever a source should never have to put up with.
 */
export class Probe {
  readonly log: string[];
  /** Iterators that somebody began to use. */
  opened = 0;
  /** How often `next()` was called: one more than elements were given, where it has come to its end. */
  pulled = 0;
  /** How often `return()` was called. */
  closed = 0;
  /** Settles what it is stuck in. */
  late: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;
  readonly kind: Kind;
  readonly input: Input<any>;
  readonly #options: ProbeOptions;
  readonly #courses: Course[] = [];
  readonly #faults: string[] = [];

  constructor(options: ProbeOptions = {}) {
    this.#options = options;
    this.log = options.log ?? [];
    this.kind = kinds[options.kind ?? 'async iterable'];
    this.input = this.kind.present(this);
  }

  get stream(): AsyncStream<any> {
    return AsyncStream.from(this.input);
  }

  get stuck(): boolean {
    return this.late !== undefined;
  }

  /** What was done that no source should have to put up with, and what was left open. Nothing is what it should be. */
  faults(): string[] {
    const open = this.#courses.filter(({ state }) => state === 'made' || state === 'open');
    return [...this.#faults, ...open.map(({ state }) => `left ${state}`)];
  }

  note(step: string): void {
    const { name } = this.#options;
    this.log.push(name === undefined ? step : `${name} ${step}`);
  }

  /** The nth element, or the end, or an error. */
  #step(n: number): IteratorResult<unknown> {
    const { element = (n: number) => n, length = Infinity, failAt, error } = this.#options;
    if (n === failAt) throw error;
    return n > length ? { done: true, value: undefined } : { done: false, value: element(n) };
  }

  #wait(): Promise<unknown> {
    return new Promise((resolve, reject) => (this.late = { resolve, reject }));
  }

  /** A hand-written iterator, whose `return()` answers also while it is stuck. */
  iterator(): any {
    let n = 0;
    return this.#recorded({
      next: async () => {
        if (++n !== this.#options.stuckAt) return this.#step(n);
        return { done: false, value: await this.#wait() };
      },
      return: async () => {
        await this.#options.close?.();
        return { done: true, value: undefined };
      },
    });
  }

  /** Where it is stuck, it is the value that never comes: `next()` itself answers. */
  syncIterator(): any {
    let n = 0;
    return this.#recorded({
      next: () => (++n === this.#options.stuckAt ? { done: false, value: this.#wait() } : this.#step(n)),
      return: () => {
        this.#options.close?.();
        return { done: true, value: undefined };
      },
    });
  }

  /** A generator, whose `return()` waits while it is stuck. */
  generator(): any {
    const { stuckAt, close } = this.#options;
    const step = (n: number) => this.#step(n);
    const wait = () => this.#wait();
    async function* generate() {
      let left = false;
      try {
        for (let n = 1; ; n++) {
          if (n === stuckAt) yield await wait();
          const { done, value } = step(n);
          if (done) return;
          left = true;
          yield value;
          left = false;
        }
      } finally {
        if (left) await close?.();
      }
    }
    return this.#recorded(generate() as AnyIterator);
  }

  syncGenerator(): any {
    const { stuckAt, close } = this.#options;
    const step = (n: number) => this.#step(n);
    const wait = () => this.#wait();
    function* generate(): Generator<unknown, undefined> {
      let left = false;
      try {
        for (let n = 1; ; n++) {
          const { done, value } = n === stuckAt ? { done: false, value: wait() } : step(n);
          if (done) return;
          left = true;
          yield value;
          left = false;
        }
      } finally {
        if (left) close?.();
      }
    }
    return this.#recorded(generate() as AnyIterator);
  }

  /** Asked for a chunk only when one is read, so that what is asked for can be counted. */
  readableStream(): ReadableStream<unknown> {
    let n = 0;
    const course: Course = { state: 'made', reading: false };
    this.#courses.push(course);
    return new ReadableStream<unknown>(
      {
        pull: async (controller) => {
          this.#begin(course);
          if (++n === this.#options.stuckAt) return controller.enqueue(await this.#wait());
          try {
            const { done, value } = this.#step(n);
            course.reading = false;
            if (!done) return controller.enqueue(value);
            this.#ends(course, 'exhausted');
            controller.close();
          } catch (error) {
            this.#ends(course, 'failed');
            controller.error(error);
          }
        },
        cancel: async () => {
          this.#leave(course);
          await this.#options.close?.();
          this.note('closed');
        },
      },
      { highWaterMark: 0 },
    );
  }

  #recorded(iterator: AnyIterator): any {
    const { next, return: close } = iterator;
    const course: Course = { state: 'made', reading: false };
    this.#courses.push(course);
    iterator.next = (...args) => {
      if (args.length > 0) this.#faults.push('next() with an argument');
      this.#begin(course);
      return this.#settle(
        () => next.call(iterator),
        (result) => {
          course.reading = false;
          if ((result as IteratorResult<unknown>).done && course.state === 'open') this.#ends(course, 'exhausted');
        },
        () => {
          if (course.state === 'open') this.#ends(course, 'failed');
        },
      );
    };
    iterator.return = () => {
      this.#leave(course);
      const closed = () => this.note('closed');
      return this.#settle(() => close.call(iterator), closed, closed);
    };
    return iterator;
  }

  /** Looks on while something is done, sync or async, and changes nothing about it. */
  #settle(act: () => unknown, done: (result: unknown) => void, failed: () => void): unknown {
    const fail = (error: unknown) => {
      failed();
      throw error;
    };
    let result: unknown;
    try {
      result = act();
    } catch (error) {
      return fail(error);
    }
    if (result instanceof Promise) {
      // Right before whoever asked gets to know: until then, they may close it.
      result.then(done, failed);
      return result;
    }
    done(result);
    return result;
  }

  #begin(course: Course): void {
    this.note('next');
    this.pulled++;
    if (course.reading) this.#faults.push('next() while another one is pending');
    if (course.state !== 'made' && course.state !== 'open') this.#faults.push(`next() when ${course.state}`);
    else {
      if (course.state === 'made') this.opened++;
      course.state = 'open';
      course.reading = true;
    }
  }

  #ends(course: Course, state: 'exhausted' | 'failed'): void {
    this.note(state);
    course.state = state;
    course.reading = false;
  }

  #leave(course: Course): void {
    this.note('close');
    this.closed++;
    if (course.state !== 'made' && course.state !== 'open') this.#faults.push(`return() when ${course.state}`);
    course.state = 'closed';
  }
}

export interface Kind {
  present(probe: Probe): Input<any>;
  /** Gives its elements once: a second run is refused. */
  readonly oneShot?: true;
  /** `next()` answers at once: what it fails with is thrown. */
  readonly sync?: true;
}

/** All that a source may be. */
export const kinds = {
  'async iterable': { present: (probe) => ({ [Symbol.asyncIterator]: () => probe.iterator() }) },
  'sync iterable': {
    sync: true,
    present: (probe) => ({ [Symbol.iterator]: () => probe.syncIterator() }),
  },
  'given async iterator': { oneShot: true, present: (probe) => itself(probe.iterator(), Symbol.asyncIterator) },
  'given sync iterator': {
    oneShot: true,
    sync: true,
    present: (probe) => itself(probe.syncIterator(), Symbol.iterator),
  },
  'hand-written async iterator': { oneShot: true, present: (probe) => probe.iterator() },
  'hand-written sync iterator': {
    oneShot: true,
    sync: true,
    present: (probe) => probe.syncIterator(),
  },
  'async generator': { oneShot: true, present: (probe) => probe.generator() },
  'sync generator': { oneShot: true, sync: true, present: (probe) => probe.syncGenerator() },
  ReadableStream: { oneShot: true, present: (probe) => probe.readableStream() },
  'generator function': { present: (probe) => () => probe.generator() },
  'sync generator function': { sync: true, present: (probe) => () => probe.syncGenerator() },
  'function that promises an iterable': {
    present: (probe) => async () => ({ [Symbol.asyncIterator]: () => probe.iterator() }),
  },
  stream: {
    present: (probe) => AsyncStream.from({ [Symbol.asyncIterator]: () => probe.iterator() }).map((value) => value),
  },
  'stream with a stage of its own': {
    present: (probe) =>
      AsyncStream.from({ [Symbol.asyncIterator]: () => probe.iterator() }).pipe(async function* (above) {
        yield* above;
      }),
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

export const KINDS = Object.keys(kinds) as KindName[];

function itself(iterator: any, symbol: symbol): Input<any> {
  return Object.assign(iterator, { [symbol]: () => iterator });
}
