import type { Context, Signal } from '../../types.ts';
import { type Call, suppress } from './trace.ts';
import { ignore, isThenable } from './promises.ts';

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

interface Thrown {
  readonly error: unknown;
}

const MAX_DEPTH = 1000;

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
 * | `abandon(size, error)` | a stage that flushes before an error | continues | what was opened since | suppressed |
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
  /** A closing in progress. If the run ends meanwhile, it is awaited. Null while a cleanup is being called. */
  #underway: PromiseLike<unknown> | null | undefined;
  /** A stage wanted no more of what the source still had. */
  #stopped = false;
  #adopted = false;
  /** The abort reason of a signal, here or in a run that is part of this one. */
  #abort: { readonly reason: unknown } | undefined;
  /** The run that this one is part of. */
  #parent: Scope | undefined;
  /** Closes this run in its parent. */
  #closable: Closable | undefined;
  /** The number of runs that it is part of. */
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
  /** Separate from the scope: a callback can neither reach into the run nor, if it never settles, keep it. */
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

  /**
   * Makes this run a part of another one, which ends and closes it. More nested runs than the stack takes are refused,
   * and do not hang.
   */
  join(parent: Scope, closable: Closable, deeper = 1): void {
    this.#parent = parent;
    this.#closable = closable;
    this.#depth = parent.#depth + deeper;
    this.#turns ??= parent.#turns;
    if (this.#depth > MAX_DEPTH)
      throw new RangeError(`more than ${MAX_DEPTH} stages that read in the background follow each other`);
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

  /** The reason with which the run was ended that this one is part of. */
  get parentReason(): unknown {
    return this.#parent?.reason;
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

  /** How much is open: `close(size)` later closes all that was opened since. */
  get size(): number {
    return this.#siblings?.size ?? this.#open.length;
  }

  /** Whether the run has ended before its source did. */
  get over(): boolean {
    return this.#state !== 'running';
  }

  /** Whether the run has ended that it is part of, which is still to close it. */
  get told(): boolean {
    return this.#state === 'told';
  }

  /** Whether it, or a run that it is part of, has ended. */
  get ended(): boolean {
    return this.over || this.#parent?.ended === true;
  }

  /** The error that has ended it, which may be undefined itself. Undefined if its consumer has left. */
  get cause(): Thrown | undefined {
    return this.#cause;
  }

  /** The error for a consumer that still waits when the run is cancelled: by default, an AbortError. */
  get cancellation(): unknown {
    return (this.#cause ?? { error: this.signal.reason as unknown }).error;
  }

  /** The reason it was ended with. */
  get reason(): unknown {
    return this.#cause?.error;
  }

  /** The scope of the whole run. */
  get root(): Scope {
    return this.#parent?.root ?? this;
  }

  /** Whether its end waits for a source that is producing a value. */
  get settles(): boolean {
    return this.#settles ?? this.#parent?.settles === true;
  }

  get signal(): Signal {
    return this.context.signal;
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
    this.#underway = null;
    const closed = closable.close();
    return isThenable(closed) ? (this.#underway = Promise.resolve(closed)) : closed;
  }

  /** The run has ended: closes the remaining resources. */
  finish(): void | Promise<void> {
    // Cancelled by a callback on the way: that closes what is open, and is waited for by its caller.
    if (this.#isClosing) return this.#underway as Promise<void> | undefined;
    if (this.#stopped) this.#markOver();
    return this.#rest();
  }

  get #isClosing(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  /** Nothing more is wanted of a source: closes what was opened since there were `size`. */
  stop(size: number): void | Promise<void> {
    this.#stopped = true;
    return this.close(size);
  }

  /** Something threw: closes everything. Errors of closing are suppressed by that one. */
  async fail(error: unknown): Promise<void> {
    this.#markOver({ error });
    this.#underway = this.#close(0, { error });
    await this.#underway;
  }

  /** As `fail`, for what was opened since there were `size`, while the run continues. */
  abandon(size: number, error: unknown): void | Promise<void> {
    if (this.size > size) return this.#close(size, { error });
  }

  /**
   * Ends the run from outside, however far it has come: its consumer has left, a signal has aborted, a time is over.
   * Closes everything, without waiting for a source that is producing a value.
   */
  cancel(reason?: unknown, within?: Within): void | Promise<void> {
    return this.#cancel(causeOf(reason), within);
  }

  #cancel(cause: Thrown | undefined, within: Within | undefined): void | Promise<void> {
    // A callback that is told of the end may end it once more, before the closing has begun.
    if (this.#isClosing) return Promise.resolve().then(() => this.#underway as Promise<void> | undefined);
    this.#markOver(cause);
    this.#state = 'closing';
    // A cleanup that calls this is known only when it has returned, and may be over by then.
    const begun = (): unknown => (this.#underway === closing ? undefined : this.#underway);
    const underway = this.#underway === null ? Promise.resolve().then(begun) : this.#underway;
    const close = () => (underway === undefined ? this.#rest() : all([underway, this.#restAfter(underway)]));
    const closing = within === undefined ? close() : within(close);
    if (closing !== undefined) this.#underway = closing;
    this.#onCancel(closing);
    // A callback that never settles may keep an iterator of this run, and so this scope. Neither may keep the run.
    this.#onCancel = ignore;
    this.#maker = undefined;
    return closing;
  }

  /** The run that this one is part of has ended. It will be cancelled later, in order. */
  tell(reason: unknown): void {
    this.#markOver(causeOf(reason), 'told');
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

  /**
   * Whether a cleanup has failed only because the run, or a source in it, was closed before its end: with the reason of
   * the run's signal, or an AbortError.
   */
  protected isEcho(error: unknown): boolean {
    if (!this.ended && !this.#stopped) return false;
    const reason: unknown = this.signal.reason;
    if (reason !== undefined && Object.is(error, reason)) return true;
    try {
      // The error with which resources respond to being aborted or closed, or one that names the reason.
      const { name, code, cause } = Object(error) as Partial<Record<'name' | 'code' | 'cause', unknown>>;
      return name === 'AbortError' || code === 'ABORT_ERR' || (reason !== undefined && Object.is(cause, reason));
    } catch {
      // A getter of the error has thrown.
      return false;
    }
  }

  #markOver(cause?: Thrown, state: State = 'closing'): void {
    if (this.over) return;
    this.#state = state;
    this.#cause = cause;
    const { reason } = this;
    for (const closable of Array.from(this.#siblings ?? this.#open)) closable.ending?.(reason);
    abortContext(this.context, reason);
  }

  /**
   * Closes what was opened since there were `size`, the innermost first, and then throws the first error of it. A run
   * that is over closes it with all the rest, and its end waits for that.
   */
  close(size = 0): void | Promise<void> {
    if (!this.over) return this.#rest(size);
  }

  /** Outer resources wait for the inner ones that are being closed. */
  async #restAfter(underway: PromiseLike<unknown>): Promise<void> {
    await all([underway], () => false);
    await this.#rest();
  }

  #rest(size = 0): void | Promise<void> {
    if (this.size <= size) return this.#closed();
    this.#underway = null;
    const closed = this.#close(size);
    this.#underway = closed;
    return closed;
  }

  /** Errors of closing are suppressed by the `first` error. Without one, the first of them is thrown. */
  async #close(size: number, first?: Thrown): Promise<void> {
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
    const closed = Array.from(siblings, async (closable) => closable.close());
    siblings.clear();
    await all(closed, (error) => !this.isEcho(error));
  }

  #closed(): void {
    if (this.#state === 'closing' && this.size === 0) this.#state = 'closed';
  }
}

/** The cause of an end with a reason. A consumer that leaves gives none. */
function causeOf(reason: unknown): Thrown | undefined {
  return reason === undefined ? undefined : { error: reason };
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

/**
 * Node takes more than ten listeners for a leak and warns of it, while each of the callbacks that run at once may
 * listen. Looked up and not imported, as there is no such module elsewhere.
 */
function allowListeners(signal: Signal): void {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: 'node:events'): NodeEvents | undefined } };
  process?.getBuiltinModule?.('node:events')?.setMaxListeners(0, signal);
}

interface NodeEvents {
  setMaxListeners(count: number, ...targets: unknown[]): void;
}

/** Not a method: callbacks have the context. */
let abortContext: (context: RunContext, reason: unknown) => void;

// Not a literal with a getter: each would have a hidden class of its own, which V8 keeps, and the run with it, until a
// full collection.
class RunContext implements Context {
  static {
    abortContext = (context, reason) => {
      context.#ended = true;
      context.#reason = reason;
      context.#controller?.abort(reason);
    };
  }

  #controller: AbortController | undefined;
  #ended = false;
  #reason: unknown;

  get signal(): Signal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      allowListeners(this.#controller.signal);
      if (this.#ended) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }
}
