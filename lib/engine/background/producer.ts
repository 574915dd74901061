import { Driver, UNTIL_DEMAND } from '../core/driver.ts';
import { ignore, resumeInMicrotask } from '../core/promises.ts';
import { fairTurn, TurnCounter } from '../time/turns.ts';
import { bare } from '../core/run.ts';
import { all, type Closable, type Parent, type Scope } from '../core/scope.ts';
import { End, type Sink } from '../core/sink.ts';
import type { Source } from '../core/source.ts';
import type { Answer } from '../core/answer.ts';

/** Receives the values of branches. It must not resume a producer before `receive` has returned. */
export interface Receiver<T> {
  /** Waits for nothing else: no timer can starve in it, and the producer need not wait for a macrotask. */
  readonly alone?: boolean;
  /** Waits for a timer, which must not be late because the elements of a producer that never waits cost much. */
  readonly timed?: boolean;
  /**
   * `waited`: the producer had to wait for it. Returns whether the producer may continue. Otherwise it is blocked until
   * it is resumed.
   */
  receive(value: T, producer: Producer<T>, waited: boolean): boolean;
  /** It has come to its natural end. */
  ended(producer: Producer<T>): void;
  failed(error: unknown, producer: Producer<T>): void;
}

/**
 * A source that runs beside the run which has made it, and passes its values to a receiver. It starts with the first
 * `go`, in the context of its caller, and is closed with the run.
 */
export class Producer<T> extends Driver<T> implements Closable {
  readonly #receiver: Receiver<T>;
  readonly #timed: boolean;
  readonly #turns = new TurnCounter();
  /** Has to wait for a macrotask before it continues: otherwise it would starve timers and I/O. */
  #yields = false;

  constructor(source: Source<T>, parent: Parent, receiver: Receiver<T>) {
    super(bare(source));
    this.#receiver = receiver;
    this.#timed = receiver.timed === true;
    this.scope.join(parent, this);
  }

  /** Starts it, or resumes it. */
  override go(): void {
    if (this.#yields) this.#yield();
    else super.go();
  }

  /**
   * For a receiver that does not block: returns whether the producer continues now. Otherwise it is resumed in a later
   * microtask: a source that never waits would starve the consumer.
   */
  hurry(waited: boolean): boolean {
    if (!waited) resumeInMicrotask(this);
    return waited;
  }

  #yield(): void {
    this.#yields = false;
    void fairTurn(this.scope).then(() => this.go());
  }

  /** Returns whether the source may be read on. */
  give(value: T): boolean {
    const { waited } = this;
    this.waited = false;
    this.#yields = this.#turns.due() && this.#receiver.alone !== true;
    if (this.#timed && this.#turns.isLate(waited)) this.#yields = true;
    const continues = this.#receiver.receive(value, this, waited);
    if (!continues || !this.#yields) return continues;
    this.#yield();
    return false;
  }

  protected last(): Sink<T> {
    return new ProducerSink(this);
  }

  protected deliver(): boolean {
    return false;
  }

  protected ended(): void {
    this.scope.detach();
    this.#receiver.ended(this);
  }

  protected failed(error: unknown): void {
    this.scope.detach();
    this.#receiver.failed(error, this);
  }
}

/** Halts if the producer is blocked. */
class ProducerSink<T> extends End<T> {
  readonly #producer: Producer<T>;

  constructor(producer: Producer<T>) {
    super();
    this.#producer = producer;
  }

  push(value: T): Answer {
    return this.#producer.give(value) || UNTIL_DEMAND;
  }
}

/** Branches that are closed all at once, so that none waits behind another. */
export class Branches implements Closable, Parent {
  readonly settles: boolean;
  readonly #scope: Scope;
  readonly #open = new Set<Closable>();
  #closed = false;
  #closing: void | Promise<void> = undefined;

  /** `settles`: closing them waits for each branch that is producing a value. */
  constructor(scope: Scope, settles = scope.settles) {
    this.#scope = scope;
    this.settles = settles;
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

  /** May be called again, to wait until all are closed. */
  close(): void | Promise<void> {
    this.#closed = true;
    const open = Array.from(this.#open);
    this.#open.clear();
    if (open.length > 0) this.#closing = all(this.#closing, ...open.map((producer) => producer.close()));
    return this.#closing;
  }
}
