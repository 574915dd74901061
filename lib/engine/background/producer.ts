import { Driver } from '../core/driver.ts';
import { ignore } from '../core/promises.ts';
import { resumeInMicrotask, macrotask } from '../time/turns.ts';
import { SuspendingSink } from '../core/suspending-sink.ts';
import { bare } from '../core/run.ts';
import { all, type Closable, type Parent, type Scope } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import type { Source } from '../core/source.ts';
import type { Answer } from '../core/answer.ts';

/** What becomes of what branches give. It may not let a producer go on before it has answered. */
export interface Receiver<T> {
  /**
   * `waited`: the producer had to wait for it. Answers whether the producer is to go on. Else it stands still until it is
   * told to.
   */
  receive(value: T, producer: Producer<T>, waited: boolean): boolean;
  /** It has come to its natural end. */
  ended(producer: Producer<T>): void;
  failed(error: unknown, producer: Producer<T>): void;
}

/** How many branches let each other go on, one within the other. */
let depth = 0;
const MAX_SYNC_DEPTH = 50;

/** After so many values, a source that is never made to wait lets timers and I/O have a turn: some 100 µs. */
export const YIELD_EVERY = 1000;

/**
 * A source that runs beside the run which has made it, and gives its values to a receiver. It starts with the first
 * `go`, in the context of whoever calls it, and is closed with the run.
 */
export class Producer<T> extends Driver<T> implements Closable {
  readonly #parent: Parent;
  readonly #receiver: Receiver<T>;
  #hurried = 0;

  constructor(source: Source<T>, parent: Parent, receiver: Receiver<T>) {
    super(bare(source));
    this.#parent = parent;
    this.#receiver = receiver;
    this.scope.belongTo(parent);
    parent.add(this);
  }

  /** Starts it, or lets it go on where it stands still. */
  go(): void {
    // A producer lets the one above it go on, and that one the next: more of them than the stack takes, in long chains.
    if (depth === MAX_SYNC_DEPTH) return resumeInMicrotask(this);
    depth++;
    try {
      this.advance(undefined);
    } finally {
      depth--;
    }
  }

  /**
   * For a receiver that does not block: answers whether the producer is to go on, or else lets it go on when others have
   * had their turn. A source that gives its values at once would not let the consumer have it, and one that never waits
   * for more than a microtask, no timer.
   */
  hurry(waited: boolean): boolean {
    if (++this.#hurried % YIELD_EVERY === 0) this.#breathe();
    else if (waited) return true;
    else resumeInMicrotask(this);
    return false;
  }

  #breathe(): void {
    void macrotask(this.scope).then(() => this.go());
  }

  /** Answers whether it is to go on. */
  give(value: T): boolean {
    const { waited } = this;
    this.waited = false;
    return this.#receiver.receive(value, this, waited);
  }

  protected last(): Sink<T> {
    return new ProducerSink(this);
  }

  protected deliver(): boolean {
    return false;
  }

  protected ended(): void {
    this.#parent.remove(this);
    this.#receiver.ended(this);
  }

  protected failed(error: unknown): void {
    this.#parent.remove(this);
    this.#receiver.failed(error, this);
  }
}

/** Halts where the producer is to stand still. */
class ProducerSink<T> extends SuspendingSink<T> {
  readonly #producer: Producer<T>;

  constructor(producer: Producer<T>) {
    super();
    this.#producer = producer;
  }

  push(value: T): Answer {
    return this.#producer.give(value) || this;
  }
}

/** Branches that are closed all at once, so that none waits behind another. */
export class Branches implements Closable, Parent {
  readonly #scope: Scope;
  readonly #open = new Set<Closable>();
  #closed = false;
  #closing: void | Promise<void> = undefined;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get reason(): unknown {
    return this.#scope.reason;
  }

  get root(): Scope {
    return this.#scope.root;
  }

  get ended(): boolean {
    return this.#scope.ended;
  }

  get depth(): number {
    return this.#scope.depth;
  }

  aborting(reason: unknown): void {
    this.#scope.aborting(reason);
  }

  add(producer: Closable): void {
    this.#open.add(producer);
    if (this.#closed) this.close()?.catch(ignore);
  }

  remove(producer: Closable): void {
    this.#open.delete(producer);
  }

  ending(reason: unknown): void {
    for (const producer of Array.from(this.#open)) producer.ending?.(reason);
  }

  /** May be called again, by whoever waits for all to be closed. */
  close(): void | Promise<void> {
    this.#closed = true;
    const open = Array.from(this.#open);
    this.#open.clear();
    if (open.length > 0) this.#closing = all(this.#closing, ...open.map((producer) => producer.close(false)));
    return this.#closing;
  }
}
