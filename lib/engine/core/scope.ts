import { detailOf } from '../../errors.ts';
import type { Signal } from '../../types.ts';
import { abortContext, RunContext } from './context.ts';
import { ignore, isThenable } from './promises.ts';
import { type Call, suppress } from './trace.ts';

/** Something that a run has opened and must close. */
export interface Closable {
  close(): unknown;
  /**
   * Told at once when the run ends before its source: what was opened later is closed first, and that may take a while.
   */
  ending?(reason: unknown): void;
}

/** Counts the elements of a run in which something waits for a timer. */
export interface Turns {
  /**
   * Counts one element. Returns whether timers and I/O have to get a turn before the next one. `waited`: it had to be
   * awaited, so that timers may have had a turn.
   */
  due(waited?: boolean): boolean;
}

/** An error, which may be undefined itself. */
export interface Thrown {
  readonly error: unknown;
}

/** A cleanup, or the closing of several resources. */
interface Underway {
  /** Undefined while it is being called. */
  result: unknown;
}

/** How many producers may be nested, each of which takes some of the stack to be opened and closed. */
const MAX_DEPTH = 1000;

/** Runs whose parts are being told of the end: not by each of them, as more may be nested than the stack takes. */
const untold: Scope[] = [];

/** Starts a cleanup in the asynchronous context of the run, and not in that of the caller who ends it. */
export type Within = (cleanup: () => unknown) => Promise<void>;

/**
 * `'told'`: the run that it is part of has ended, and will close it. `'closing'`: it is being closed. `'closed'`: nothing is
 * open any more, and what is opened later is closed at once.
 */
type State = 'running' | 'told' | 'closing' | 'closed';

/**
 * The open resources of one run, innermost last, and how the run ends.
 *
 * | call | made by | the run | closes | errors of closing |
 * | --- | --- | --- | --- | --- |
 * | `finish()` | its driver, at the end | has ended | all | the first is thrown |
 * | `stop(size)` | a stage that wants no more | continues, to flush | what was opened since | the first is thrown |
 * | `close(size, first)` | a stage that flushes before an error | continues | what was opened since | suppressed |
 * | `fail(error)` | its driver | is over | all | suppressed |
 * | `cancel(reason)` | its consumer, or its parent | is over | all | the first is thrown |
 * | `interrupt(error)` | a timer or a stage | is over, with the error | all | dropped |
 * | `abort(reason)` | a signal | is over, with the whole run | all | dropped |
 * | `tell(reason)` | its parent | is over | nothing yet: `cancel` follows, in order | |
 *
 * A run that has come to its own end stays in the state `running`: `over` means that it ended before its source did.
 */
export class Scope {
  readonly #open: Closable[] = [];
  #state: State = 'running';
  /** The error that has ended it. */
  #cause: Thrown | undefined;
  /** The latest closing. If the run ends while it is in progress, that is awaited. */
  #underway: Underway | undefined;
  /** A stage wanted no more of what the source still had. */
  #stopped = false;
  #adopted = false;
  /** The abort reason of a signal, here or in a run that is part of this one. */
  #abort: { readonly reason: unknown } | undefined;
  /** The run that this one is part of. */
  #parent: Scope | undefined;
  /** Closes this run in its parent. */
  #closable: Closable | undefined;
  /** How deep producers are nested. */
  #depth = 0;
  /** The run whose user code created this one, and may handle its errors: they do not end together. */
  #maker: Scope | undefined;
  /** Undefined: as the run that it is part of. */
  #settles: boolean | undefined;
  #call: Call | undefined;
  #turns: Turns | undefined;
  /** In place of the list, if all is closed at once: then many may come and go, in any order. */
  readonly #siblings: Set<Closable> | undefined;
  #onCancel: (closing: void | Promise<void>) => void;
  readonly context: RunContext = new RunContext();

  /**
   * `onCancel` is called when the run is cancelled from outside. Everything is closed when `closing` settles. `together`:
   * all is closed at once, so that nothing waits behind another.
   */
  constructor(onCancel: (closing: void | Promise<void>) => void = ignore, together = false, settles?: boolean) {
    this.#onCancel = onCancel;
    this.#siblings = together ? new Set() : undefined;
    this.#settles = settles;
  }

  // ------------------------------------------------------------------------------------------------ the runs around it

  /**
   * Makes this run a part of another one, which ends and closes it. More nested runs than the stack takes are refused,
   * and do not hang.
   */
  join(parent: Scope, closable: Closable, deeper = 1): void {
    this.#parent = parent;
    this.#closable = closable;
    this.#depth = parent.#depth + deeper;
    this.#turns ??= parent.#turns;
    if (this.#depth > MAX_DEPTH) {
      const error = new RangeError('too many stages with runs of their own follow each other');
      // Not caught, or retried, by each of those stages.
      parent.root.interrupt(error);
      throw error;
    }
    parent.add(closable);
  }

  /** It has come to its end: the run that it is part of has no more to do with it. */
  detach(): void {
    if (this.#closable !== undefined) this.#parent!.remove(this.#closable);
  }

  /** A stage of a run pulls this one by code of its own. It may be cancelled before that code awaits what it asked for. */
  adoptedBy(run: Scope): void {
    this.#adopted = true;
    const { root } = this;
    if (root === run.root) return;
    this.#turns ??= run.#turns;
    root.#turns ??= run.#turns;
    root.#maker = run;
    root.#settles = run.settles;
  }

  get adopted(): boolean {
    return this.#adopted;
  }

  /** The scope of the whole run. */
  get root(): Scope {
    return this.#parent?.root ?? this;
  }

  /** Whether its end waits for a source that is producing a value. */
  get settles(): boolean {
    return this.#settles ?? this.#parent?.settles === true;
  }

  /** Whether it, or a run that it is part of, has ended. */
  get ended(): boolean {
    return this.over || this.#parent?.ended === true;
  }

  /** The method call whose stage is being linked: stages keep it to say where an error came from. */
  get call(): Call | undefined {
    return this.#call;
  }

  linkAt(call: Call | undefined): void {
    this.#call = call;
  }

  /** Set if something in this run, or in one that it is part of, waits for a timer: sources then count what is read. */
  get turns(): Turns | undefined {
    return this.#turns;
  }

  pacedBy<T extends Turns>(turns: T): T {
    this.#turns = turns;
    return turns;
  }

  // ---------------------------------------------------------------------------------------- whether and why it is over

  /** Whether the run has ended before its source did. */
  get over(): boolean {
    return this.#state !== 'running';
  }

  /** Whether the run has ended that it is part of, which is still to close it. */
  get told(): boolean {
    return this.#state === 'told';
  }

  get #isClosing(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  /** The error that has ended it. Undefined if its consumer has left. */
  get cause(): Thrown | undefined {
    return this.#cause;
  }

  /** The reason it was ended with. */
  get reason(): unknown {
    return this.#cause?.error;
  }

  /** The error for a consumer that still waits when the run is cancelled: by default, an AbortError. */
  get cancellation(): unknown {
    return (this.#cause ?? { error: this.signal.reason as unknown }).error;
  }

  get signal(): Signal {
    return this.context.signal;
  }

  // ------------------------------------------------------------------------------------------------------ what is open

  /** How much is open: `close(size)` later closes all that was opened since. */
  get size(): number {
    return this.#siblings?.size ?? this.#open.length;
  }

  add(closable: Closable): void {
    if (this.#siblings === undefined) this.#open.push(closable);
    else this.#siblings.add(closable);
    if (this.#state === 'closed') this.#rest()?.catch(ignore);
  }

  remove(closable: Closable): void {
    if (this.#siblings !== undefined) return void this.#siblings.delete(closable);
    // Nearly always the last one: what is opened inside is closed first.
    const open = this.#open;
    if (open[open.length - 1] === closable) return void open.pop();
    const index = open.lastIndexOf(closable);
    if (index >= 0) open.splice(index, 1);
  }

  /** Closes one resource now, while the run continues. */
  release(closable: Closable): unknown {
    this.remove(closable);
    return this.#begin(() => closable.close());
  }

  /**
   * Closes what was opened since there were `size`, the innermost first, while the run continues. If that ends meanwhile,
   * it waits for this. Errors of closing are suppressed by the `first` error. Without one, the first of them is thrown.
   */
  close(size = 0, first?: Thrown): void | Promise<void> {
    if (!this.over) return this.#rest(size, first);
  }

  /** As `close`, because nothing more is wanted of a source. */
  stop(size: number): void | Promise<void> {
    this.#stopped = true;
    return this.close(size);
  }

  // ------------------------------------------------------------------------------------------------------- how it ends

  /** The run has ended: closes the remaining resources. */
  finish(): void | Promise<void> {
    // Cancelled by a callback on the way: that closes what is open, and is waited for by its caller.
    if (this.#isClosing) return this.#underway?.result as Promise<void> | undefined;
    if (this.#stopped) this.#end('closing');
    return this.#rest();
  }

  /** Something threw: closes everything. Errors of closing are suppressed by that one. */
  async fail(error: unknown): Promise<void> {
    this.#end('closing', { error });
    await this.#rest(0, { error });
  }

  /**
   * Ends the run from outside, however far it has come: its consumer has left, a signal has aborted, a time is over.
   * Closes everything, without waiting for a source that is producing a value. The default `reason` is that of the run
   * that this one is part of.
   */
  cancel(reason: unknown = this.#parent?.reason, within?: Within): void | Promise<void> {
    return this.#cancel(causeOf(reason), within);
  }

  #cancel(cause: Thrown | undefined, within: Within | undefined): void | Promise<void> {
    // A callback that is told of the end may end it once more, before the closing has begun.
    if (this.#isClosing) return Promise.resolve().then(() => this.#underway?.result as Promise<void> | undefined);
    this.#end('closing', cause);
    const before = this.#underway;
    const close = () => (before === undefined ? this.#rest() : this.#restAfter(before));
    const closing = within === undefined ? close() : within(close);
    this.#underway = { result: closing };
    this.#onCancel(closing);
    // A callback that never settles may keep an iterator of this run, and so this scope. Neither may keep the run.
    this.#onCancel = ignore;
    this.#maker = undefined;
    return closing;
  }

  /** The run that this one is part of has ended. It will be cancelled later, in order. */
  tell(reason: unknown): void {
    if (!this.over) this.#end('told', causeOf(reason));
  }

  /** Ends the run with an error from outside of its course. What goes wrong in closing comes second, and is dropped. */
  interrupt(error: unknown, within?: Within): void {
    if (!this.over) this.#cancel({ error }, within)?.catch(ignore);
  }

  /**
   * A signal has aborted: ends the whole run with its reason, also if this is the scope of a part of it. The signal of a
   * run aborts when the run ends; passed on to a stream in it, that is an echo of the end and aborts nothing.
   */
  abort(reason: unknown, within?: Within): void {
    if (this.ended) return;
    this.aborting(reason);
    this.root.interrupt(reason, within);
  }

  aborting(reason: unknown): void {
    if (this.over) return;
    this.#abort ??= { reason };
    (this.#parent ?? this.#maker)?.aborting(reason);
  }

  /** Whether it is the reason of an abort, which is no error that could be caught. */
  isAbort(error: unknown): boolean {
    return this.#abort !== undefined && Object.is(this.#abort.reason, error);
  }

  // ----------------------------------------------------------------------------------------------------------- closing

  /** If it was not over before, tells all that is open, and aborts the signal. */
  #end(state: State, cause?: Thrown): void {
    const { over } = this;
    this.#state = state;
    if (over) return;
    this.#cause = cause;
    untold.push(this);
    if (untold.length > 1) return;
    try {
      for (const scope of untold) scope.#tellParts();
    } finally {
      // Parts first, and after all were told: their listeners may do anything.
      for (const { context, reason } of untold.splice(0).reverse()) abortContext(context, reason);
    }
  }

  #tellParts(): void {
    const { reason } = this;
    for (const closable of [...(this.#siblings ?? this.#open)]) closable.ending?.(reason);
  }

  /** Outer resources wait for an inner one that is being closed, or whose own cleanup has ended the run. */
  #restAfter(before: Underway): Promise<void> {
    const closed = Promise.resolve().then(() => before.result);
    const rest = () => this.#rest();
    return all([closed, closed.then(rest, rest)]);
  }

  #rest(size = 0, first?: Thrown): void | Promise<void> {
    if (this.size <= size) return this.#closed();
    return this.#begin(() => this.#close(size, first)) as Promise<void>;
  }

  /** Starts a cleanup. Its promise is taken once: a thenable may start its work with each `then`. */
  #begin(cleanup: () => unknown): unknown {
    const underway: Underway = { result: undefined };
    this.#underway = underway;
    const result = cleanup();
    return (underway.result = isThenable(result) ? Promise.resolve(result) : result);
  }

  async #close(size: number, first: Thrown | undefined): Promise<void> {
    let failure = first;
    while (this.size > size) {
      try {
        await (this.#siblings === undefined ? this.#open.pop()!.close() : this.#closeAll(this.#siblings));
      } catch (error) {
        if (!this.isEcho(error)) failure = firstOf(failure, error);
      }
    }
    this.#closed();
    if (first === undefined && failure !== undefined) throw failure.error;
  }

  async #closeAll(siblings: Set<Closable>): Promise<void> {
    const closed = [...siblings].map(async (closable) => closable.close());
    siblings.clear();
    await all(closed, (error) => !this.isEcho(error));
  }

  /**
   * Whether a cleanup has failed only because the run, or a source in it, was closed before its end: with the reason of
   * the run's signal, or an AbortError.
   */
  protected isEcho(error: unknown): boolean {
    return (this.ended || this.#stopped) && echoes(error, this.signal.reason);
  }

  #closed(): void {
    if (this.#state === 'closing' && this.size === 0) this.#state = 'closed';
  }
}

/** The cause of an end with a reason. A consumer that leaves gives none. */
function causeOf(reason: unknown): Thrown | undefined {
  return reason === undefined ? undefined : { error: reason };
}

/** Whether it is the reason, or the error with which resources respond to being aborted or closed, or names the reason. */
function echoes(error: unknown, reason: unknown): boolean {
  const isReason = (value: unknown) => reason !== undefined && Object.is(value, reason);
  return (
    isReason(error) ||
    detailOf(error, 'name') === 'AbortError' ||
    detailOf(error, 'code') === 'ABORT_ERR' ||
    isReason(detailOf(error, 'cause'))
  );
}

/** The first of several errors. It suppresses the others. */
function firstOf(first: Thrown | undefined, error: unknown): Thrown {
  if (first === undefined) return { error };
  suppress(first.error, error);
  return first;
}

/** Waits for all, and then throws the first error that counts. By default, each does. */
export async function all(closed: readonly unknown[], counts: (error: unknown) => boolean = () => true): Promise<void> {
  let failure: Thrown | undefined;
  for (const outcome of await Promise.allSettled(closed))
    if (outcome.status === 'rejected' && counts(outcome.reason)) failure = firstOf(failure, outcome.reason);
  if (failure !== undefined) throw failure.error;
}
