import { Driver, GivingSink, UNTIL_DEMAND } from '../core/driver.ts';
import { resumeInMicrotask } from '../core/promises.ts';
import { fairTurn, TurnCounter } from '../time/turns.ts';
import { bare } from '../core/plan.ts';
import type { Closable, Scope, Turns } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import type { Source } from '../core/source.ts';
import { type Call, enclosed } from '../core/trace.ts';
import type { Answer } from '../core/answer.ts';

/** Receives the values of branches. It must not resume a producer before `receive` has returned. */
export interface Receiver<T> {
  /** Waits for nothing else: no timer can starve in it, and the producer need not wait for a macrotask. */
  readonly alone?: boolean;
  /** Waits for a timer, which must not be late because the elements of a producer that never waits cost much. */
  readonly timed?: boolean;
  /** Hears of an error at once, and not when everything is closed: it may end meanwhile, by another input. */
  readonly prompt?: boolean;
  /**
   * `waited`: the producer had to wait for it. Returns whether the producer may continue. Otherwise it is blocked until
   * it is resumed.
   */
  receive(value: T, producer: Producer<T>, waited: boolean): boolean;
  /** It has come to its natural end. */
  ended(): void;
  failed(error: unknown, producer: Producer<T>): void;
}

/**
 * A source that runs beside the run which has made it, and passes its values to a receiver. It starts with the first
 * `go`, in the context of its caller, and is closed with the run.
 */
export class Producer<T> extends Driver<T> implements Closable {
  readonly #receiver: Receiver<T>;
  /** The call whose stage reads the source. */
  readonly #call: Call | undefined;
  readonly #turns: Turns;
  /** Has to wait for a macrotask before it continues: otherwise it would starve timers and I/O. */
  #yields = false;

  /** `deeper`: how much of the stack it takes, if others are nested in it. */
  constructor(source: Source<T>, parent: Scope, receiver: Receiver<T>, deeper = 1) {
    super(bare(source));
    this.#receiver = receiver;
    this.#turns = this.scope.pacedBy(new TurnCounter(receiver.timed));
    this.#call = parent.call;
    this.scope.join(parent, this, deeper);
    this.scope.linkAt(parent.call);
  }

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

  /** Places an error of a source that is not upstream of the stage, but one of its inputs or inner streams. */
  placed(error: unknown, index?: number): unknown {
    return this.scope.isAbort(error) ? error : enclosed(error, this.#call, index);
  }

  #yield(): void {
    this.#yields = false;
    void fairTurn(this.scope).then(() => this.go());
  }

  /** Suspends the run if the source may not be read on. */
  give(value: T): Answer {
    const { waited } = this;
    this.waited = false;
    this.#yields = this.#turns.due(waited) && this.#receiver.alone !== true;
    const continues = this.#receiver.receive(value, this, waited);
    if (continues && !this.#yields) return true;
    if (continues) this.#yield();
    return UNTIL_DEMAND;
  }

  protected last(): Sink<T> {
    return new GivingSink(this);
  }

  protected deliver(): boolean {
    return false;
  }

  protected ended(): void {
    this.scope.detach();
    this.#receiver.ended();
  }

  /** The run waits for the closing in any case. */
  protected override async failing(error: unknown, closing: Promise<void>): Promise<void> {
    if (this.#receiver.prompt !== true) await closing;
    this.#fails(error);
    await closing;
    this.scope.detach();
  }

  protected failed(error: unknown): void {
    this.scope.detach();
    this.#fails(error);
  }

  #fails(error: unknown): void {
    this.attribute(error);
    this.#receiver.failed(error, this);
  }
}
