import { Producer, type Receiver } from '../background/producer.ts';
import { Supplier } from '../background/supplier.ts';
import { ignore, resumeInMicrotask } from '../core/promises.ts';
import { Queue } from '../structures/queue.ts';
import type { Scope } from '../core/scope.ts';
import { discardAll, Part, type Source } from '../core/source.ts';

/** The parts of a combination in one run. */
export interface Opening<T> {
  readonly sources: readonly Source<T>[];
  /** The part of the run in which the sources are read. */
  readonly part: Scope;
}

/** Several sources beside each other, as one. */
export function combine<T, R>(
  sources: readonly Source<T>[],
  make: (opening: Opening<T>) => Combinator<T, R>,
): Source<R> {
  return {
    discard: () => discardAll(sources),
    once: sources.find(({ once }) => once !== undefined)?.once,
    feed(next, scope) {
      const part = new Part(scope, { together: true });
      return part.during(() => make({ sources, part }).supply(next, scope, true));
    },
  };
}

/**
 * Branches each of which is asked for one element, and asked again when that was consumed. Which of them are asked, and
 * what becomes of their elements, is for each kind of combination to say.
 */
export abstract class Combinator<T, R> extends Supplier<R> {
  protected readonly slots: readonly InputSlot<T>[];
  /** Whose element has come and is not consumed. */
  protected readonly held = new Queue<InputSlot<T>>();
  /** To be asked when the consumer wants more. */
  protected readonly wanted = new Queue<InputSlot<T>>();
  /** How many reads are pending. */
  protected pending = 0;
  /** How many have not come to their end. */
  protected open: number;

  constructor({ sources, part }: Opening<T>) {
    super();
    this.slots = sources.map((source, index) => new InputSlot(index, this, source, part));
    for (const slot of this.slots) this.wanted.push(slot);
    this.open = this.slots.length;
    if (this.open === 0) this.end();
  }

  /** Whether more than one input has been asked: the others have to wait for their elements. */
  get waits(): boolean {
    return this.pending > 1;
  }

  override ready(): boolean {
    return this.held.length > 0;
  }

  /** Combines the elements that have arrived into the consumer's next one. */
  abstract override take(): R;

  /** An element has come. */
  arrived(slot: InputSlot<T>): void {
    this.pending--;
    this.came(slot);
    if (this.ready()) this.wake(true);
  }

  /** It has come to its end. */
  left(slot: InputSlot<T>): void {
    this.pending--;
    this.open--;
    this.went(slot);
    if (this.open === 0) this.end();
    else if (this.ready() || this.wanted.length > 0) this.wake(true);
  }

  override demand(): void {
    const { wanted } = this;
    while (wanted.length > 0) this.ask(wanted.shift());
  }

  protected ask(slot: InputSlot<T>): void {
    this.pending++;
    slot.go();
  }

  /** Takes its element, and has it asked for another one. */
  protected consume(slot: InputSlot<T>): T {
    this.wanted.push(slot);
    return slot.take();
  }

  protected came(slot: InputSlot<T>): void {
    this.held.push(slot);
  }

  protected went(_slot: InputSlot<T>): void {}
}

/** One of the branches, and the element of it that has come and is not consumed. */
export class InputSlot<T> implements Receiver<T> {
  readonly prompt = true;
  readonly index: number;
  value: T | undefined = undefined;
  /** Whether its element had to be waited for. */
  waited = true;
  /** It has ended, or nothing of it is wanted any more. */
  over = false;
  readonly #combination: Combinator<T, unknown>;
  readonly #producer: Producer<T>;
  /** It is the stream that the method was called on, and not an argument. */
  readonly #isUpstream: boolean;
  /** Its element is being seen to at this very moment. */
  #answering = false;
  /** It may continue after that. */
  #again = false;

  constructor(index: number, combination: Combinator<T, unknown>, source: Source<T>, part: Scope) {
    this.index = index;
    this.#combination = combination;
    this.#isUpstream = index === 0 && part.call?.upstream !== undefined;
    this.#producer = new Producer(source, part, this);
  }

  get alone(): boolean {
    return !this.#combination.waits;
  }

  go(): void {
    if (this.#answering) this.#again = true;
    else if (!this.#combination.closed) this.#producer.go();
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
    if (this.#combination.closed) return false;
    this.value = value;
    this.waited = waited;
    this.#again = false;
    this.#answering = true;
    this.#combination.arrived(this);
    this.#answering = false;
    return this.#again && !this.#combination.closed;
  }

  ended(): void {
    if (this.over) return;
    this.over = true;
    this.#combination.left(this);
  }

  failed(error: unknown): void {
    if (!this.over) this.#combination.fail(this.#isUpstream ? error : this.#producer.placed(error));
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
