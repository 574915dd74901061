import { Producer, type Receiver } from '../background/producer.ts';
import { Supplier } from '../background/supplier.ts';
import { ignore, resumeInMicrotask } from '../core/promises.ts';
import { Queue } from '../structures/queue.ts';
import type { Scope } from '../core/scope.ts';
import { Part } from '../core/part.ts';
import { discardAll, type Source } from '../core/source.ts';

/** The parts of a combination in one run. */
export interface Opening<T> {
  readonly sources: readonly Source<T>[];
  /** The part of the run in which the sources are read. */
  readonly part: Scope;
}

/** A source that reads several sources at the same time. */
export function combine<T, R>(
  sources: readonly Source<T>[],
  make: (opening: Opening<T>) => Combinator<T, R>,
): Source<R> {
  return {
    discard: () => discardAll(sources),
    once: sources.find(({ once }) => once !== undefined)?.once,
    feed: (next, scope) =>
      new Part(scope, { together: true }).during((part) => make({ sources, part }).supply(next, scope, 'by-call')),
  };
}

/**
 * Each input is asked for one element, and asked again after that was consumed. Subclasses decide which inputs are asked,
 * and how their elements are combined.
 */
export abstract class Combinator<T, R> extends Supplier<R, InputSlot<T>> {
  protected readonly slots: readonly InputSlot<T>[];
  /** Inputs whose element has arrived and is not consumed. */
  protected readonly held = new Queue<InputSlot<T>>();
  /** How many inputs were asked and have not answered. */
  protected pending = 0;
  /** How many inputs have not ended. */
  protected remaining: number;

  constructor({ sources, part }: Opening<T>) {
    super();
    this.slots = sources.map((source, index) => new InputSlot(index, this, source, part));
    for (const slot of this.slots) this.blocked.push(slot);
    this.remaining = this.slots.length;
    if (this.remaining === 0) this.end();
  }

  /** Whether more than one input has been asked: the others have to wait for their elements. */
  get waits(): boolean {
    return this.pending > 1;
  }

  override ready(): boolean {
    return this.held.length > 0;
  }

  inputArrived(slot: InputSlot<T>): void {
    this.pending--;
    this.onArrival(slot);
    if (this.ready()) this.wake(true);
  }

  inputEnded(slot: InputSlot<T>): void {
    this.pending--;
    this.remaining--;
    this.onEnd(slot);
    if (this.remaining === 0) this.end();
    else if (this.ready() || this.blocked.length > 0) this.wake(true);
  }

  protected override ask(slot: InputSlot<T>): void {
    this.pending++;
    slot.go();
  }

  /** Takes the element of an input, which is asked for another one on the next `demand`. */
  protected consume(slot: InputSlot<T>): T {
    this.blocked.push(slot);
    return slot.take();
  }

  protected onArrival(slot: InputSlot<T>): void {
    this.held.push(slot);
  }

  protected onEnd(_slot: InputSlot<T>): void {}
}

/** One of the inputs, and its element that has arrived and is not consumed. */
export class InputSlot<T> implements Receiver<T> {
  readonly prompt = true;
  readonly index: number;
  value: T | undefined = undefined;
  /** Whether its element had to be waited for. */
  waited = true;
  /** It has ended, or nothing of it is wanted any more. */
  over = false;
  readonly #combinator: Combinator<T, unknown>;
  readonly #producer: Producer<T>;
  /** It is the stream that the method was called on, and not an argument. */
  readonly #isUpstream: boolean;
  /** `receive` has not returned: `go` must not resume the producer yet. */
  #receiving = false;
  /** `go` was called meanwhile. */
  #again = false;

  constructor(index: number, combinator: Combinator<T, unknown>, source: Source<T>, part: Scope) {
    this.index = index;
    this.#combinator = combinator;
    this.#isUpstream = index === 0 && part.call?.upstream !== undefined;
    this.#producer = new Producer(source, part, this);
  }

  get alone(): boolean {
    return !this.#combinator.waits;
  }

  go(): void {
    if (this.#receiving) this.#again = true;
    else if (!this.#combinator.closed) this.#producer.go();
  }

  take(): T {
    const { value } = this;
    this.value = undefined;
    return value as T;
  }

  /** Closes it at once. Errors of that are reported when the combination is closed. */
  drop(): void {
    this.over = true;
    this.#producer.close()?.catch(ignore);
  }

  receive(value: T, _: Producer<T>, waited: boolean): boolean {
    // Come too late: dropped.
    if (this.#combinator.closed) return false;
    this.value = value;
    this.waited = waited;
    this.#again = false;
    this.#receiving = true;
    this.#combinator.inputArrived(this);
    this.#receiving = false;
    return this.#again && !this.#combinator.closed;
  }

  ended(): void {
    if (this.over) return;
    this.over = true;
    this.#combinator.inputEnded(this);
  }

  failed(error: unknown): void {
    this.#combinator.fail(this.#isUpstream ? error : this.#producer.placed(error));
  }
}

/** Each input is read again when its element was consumed: the first to arrive is emitted first. */
export abstract class ArrivalCombinator<T, R> extends Combinator<T, R> {
  /** An input that never waits would starve the others. */
  protected override ask(slot: InputSlot<T>): void {
    const others = this.pending++;
    if (slot.waited || others === 0) slot.go();
    else resumeInMicrotask(slot);
  }
}
