import { placing } from '../engine/core/trace.ts';
import { checkAmount, checkCount, checkDuration, checkFunction, checkNumber, optionsOf } from '../arguments.ts';
import { Supplier } from '../engine/background/supplier.ts';
import type { Producer, Receiver } from '../engine/background/producer.ts';
import { flushChunk, flushChunkBefore } from './support/flush.ts';
import { readAhead } from './support/read-ahead.ts';
import type { Scope } from '../engine/core/scope.ts';
import { type Failure, type Sink, type Stage, Scoped } from '../engine/core/sink.ts';
import type { Transform } from '../engine/core/source.ts';
import { after, type Answer } from '../engine/core/answer.ts';
import { now } from '../engine/time/clock.ts';
import { Deadline } from './support/deadline.ts';

/** The options of {@link AsyncStream.chunks | chunks}. */
export interface ChunksOptions<in T = unknown> {
  /**
   * For how many milliseconds a chunk waits for more elements, counted from its first one. Elements are then read ahead
   * while the chunk before is consumed. 0 takes what is ready. Default: without a limit.
   */
  readonly within?: number | undefined;
  /** Returns the weight of an element: a non-negative number, and not a promise. Needs a `maxWeight`. */
  readonly weight?: ((value: T) => number) | undefined;
  /** How much a chunk may weigh. An element that weighs more is a chunk of its own. Needs a `weight`. */
  readonly maxWeight?: number | undefined;
}

export function chunks<T>(size: number, options?: ChunksOptions<T>): Stage<T, T[]> | Transform<T, T[]> {
  const isWeighed = options?.weight !== undefined || options?.maxWeight !== undefined;
  const { within, weight, maxWeight } = optionsOf(
    'chunks',
    options,
    {
      within: checkDuration,
      weight: checkFunction,
      maxWeight: (name, value) => checkNumber(name, value, 'a positive number', (number) => number > 0),
    },
    ...(isWeighed ? ['weight', 'maxWeight'] : []),
  );
  checkCount('chunks: size', size, 1, within === undefined && !isWeighed ? undefined : Infinity);
  const weigh = weight && ((value: T) => checkedWeight(weight(value)));
  const make = (scope: Scope) => new Chunk(size, weigh && placing(weigh, scope.call), maxWeight);
  if (within !== undefined) return readAhead((part) => new Timed(part, make(part), within));
  if (weight !== undefined) return (next, scope) => new Weighed(next, scope, make(scope));
  return (next, scope) => new Chunks(next, scope, size);
}

function checkedWeight(weight: number): number {
  checkAmount('chunks: the result of weight', weight);
  return weight;
}

/** Its chunk in hand is empty whenever it pushes: an error that arrives while it is not empty comes from upstream. */
abstract class ChunkSink<T> extends Scoped<T, T[]> {
  /** The chunk in hand, which is then a new one. */
  protected abstract take(): T[];

  override flushes(): boolean {
    return true;
  }

  override end(): Answer {
    return flushChunk(this.next, this.scope, this.take());
  }

  override fail(failure: Failure): Answer {
    return flushChunkBefore(failure, this.next, this.scope, this.take());
  }
}

/** Elements are only counted: as an array and its length, for that is the fastest (`bench`, chunks). */
class Chunks<T> extends ChunkSink<T> {
  readonly #size: number;
  #chunk: T[] = [];

  constructor(next: Sink<T[]>, scope: Scope, size: number) {
    super(next, scope);
    this.#size = size;
  }

  push(value: T): Answer {
    const chunk = this.#chunk;
    if (chunk.push(value) < this.#size) return true;
    this.#chunk = [];
    return this.next.push(chunk);
  }

  protected take(): T[] {
    const chunk = this.#chunk;
    this.#chunk = [];
    return chunk;
  }
}

/** The elements of a chunk, and their weight. */
class Chunk<T> {
  readonly #size: number;
  readonly #weigh: ((value: T) => unknown) | undefined;
  readonly #maxWeight: number;
  #values: T[] = [];
  #weight = 0;

  constructor(size: number, weigh?: (value: T) => unknown, maxWeight = Infinity) {
    this.#size = size;
    this.#weigh = weigh;
    this.#maxWeight = maxWeight;
  }

  get empty(): boolean {
    return this.#values.length === 0;
  }

  /** Whether it has an end other than that of its time. */
  get bounded(): boolean {
    return this.#size !== Infinity || this.#maxWeight !== Infinity;
  }

  get full(): boolean {
    return this.#values.length >= this.#size || this.#weight >= this.#maxWeight;
  }

  weigh(value: T): number {
    return this.#weigh === undefined ? 0 : (this.#weigh(value) as number);
  }

  /** Returns whether there was room for it. An empty chunk has room for an element of any weight. */
  add(value: T, weight: number): boolean {
    if (!this.empty && this.#weight + weight > this.#maxWeight) return false;
    this.#values.push(value);
    this.#weight += weight;
    return true;
  }

  take(): T[] {
    const values = this.#values;
    this.#values = [];
    this.#weight = 0;
    return values;
  }
}

class Weighed<T> extends ChunkSink<T> {
  readonly #chunk: Chunk<T>;

  constructor(next: Sink<T[]>, scope: Scope, chunk: Chunk<T>) {
    super(next, scope);
    this.#chunk = chunk;
  }

  push(value: T): Answer {
    const weight = this.#chunk.weigh(value);
    return this.#chunk.add(value, weight) ? this.#added() : this.#addToNext(value, weight);
  }

  #addToNext(value: T, weight: number): Answer {
    return after(this.next.push(this.take()), (wanted) => {
      // A callback may have ended the run with that chunk.
      if (!wanted || this.scope.over) return false;
      this.#chunk.add(value, weight);
      return this.#added();
    });
  }

  protected take(): T[] {
    return this.#chunk.take();
  }

  #added(): Answer {
    return !this.#chunk.full || this.next.push(this.take());
  }
}

/**
 * Collects beside the consumer: a chunk whose time is over is emitted as soon as the consumer wants it. It grows until
 * then, unless nothing but the time bounds it.
 */
class Timed<T> extends Supplier<T[]> implements Receiver<T> {
  readonly timed = true;
  readonly #chunk: Chunk<T>;
  readonly #within: number;
  readonly #deadline: Deadline;
  #due = false;
  /** Found no room in the chunk in hand. It is the first one of the next. */
  #rest: { readonly value: T; readonly weight: number; readonly since: number } | undefined;

  constructor(part: Scope, chunk: Chunk<T>, within: number) {
    super();
    this.#chunk = chunk;
    this.#within = within;
    this.#deadline = new Deadline(part, () => {
      this.#due = true;
      this.wake(true);
    });
  }

  receive(value: T, producer: Producer<T>, waited: boolean): boolean {
    const weight = this.#chunk.weigh(value);
    if (!this.#add(value, weight)) this.#rest = { value, weight, since: now() };
    if (this.ready()) this.wake(waited);
    if (this.hasRoom()) return true;
    this.blocked.push(producer);
    return false;
  }

  override ready(): boolean {
    return !this.#chunk.empty && (this.#due || !this.hasRoom());
  }

  override take(): T[] {
    const values = this.#chunk.take();
    const rest = this.#rest;
    this.#rest = undefined;
    this.#due = false;
    this.#deadline.clear();
    if (rest !== undefined) this.#add(rest.value, rest.weight, now() - rest.since);
    this.refill();
    return values;
  }

  protected override hasRoom(): boolean {
    if (this.closed || this.#chunk.full || this.#rest !== undefined) return false;
    return this.#chunk.bounded || !this.#due;
  }

  #add(value: T, weight: number, waited = 0): boolean {
    if (this.#chunk.empty) this.#deadline.set(this.#within - waited);
    return this.#chunk.add(value, weight);
  }
}
