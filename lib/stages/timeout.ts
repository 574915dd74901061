import { checkDuration, optionsOf } from '../arguments.ts';
import { feedApart } from './support/relay.ts';
import { wrongKind, documented } from '../errors.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Scoped, type Sink, type Stage } from '../engine/core/sink.ts';
import { Part } from '../engine/core/part.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import { after, type Answer } from '../engine/core/answer.ts';
import { type Call, traced } from '../engine/core/trace.ts';
import { mayStandStill, now } from '../engine/time/clock.ts';
import { Deadline } from './support/deadline.ts';
import { Timer } from '../engine/time/timer.ts';
import { pace } from '../engine/time/turns.ts';

/** How long a run may wait, in milliseconds. */
export interface TimeoutOptions {
  /** The limit for each element, counted from its pull. The time of later stages and the consumer is not counted. */
  readonly each?: number | undefined;
  /** The limit for the first element, in place of `each`. */
  readonly first?: number | undefined;
  /** The limit for the whole run, later stages and the consumer included. */
  readonly total?: number | undefined;
}

/** A stage for the limits of elements, and one for that of the whole run. */
export function timeout<T>(limits: number | TimeoutOptions): {
  readonly each: Stage<T, T> | Transform<T, T>;
  readonly total: Stage<T, T>;
} {
  const { each, first = each, total } = timeoutsOf(limits);
  return {
    each: first === undefined ? unlimited : elementTimeout(first, each),
    total: total === undefined ? unlimited : (next, scope) => new TotalTimeout(next, scope, total),
  };
}

function unlimited<T>(next: Sink<T>): Sink<T> {
  return next;
}

function elementTimeout<T>(first: number, each: number | undefined): Transform<T, T> {
  return {
    feed: (above, next, scope) =>
      new Part(scope).during((part) =>
        feedApart(above, next, part, (sink, run) => new Timeout(sink, run, first, each).feed(above)),
      ),
  };
}

function timeoutsOf(limits: number | TimeoutOptions): TimeoutOptions {
  if (typeof limits === 'number') {
    checkDuration('timeout: milliseconds', limits);
    return { each: limits };
  }
  const { each, first, total } = Object(limits) as TimeoutOptions;
  if ([each, first, total].every((limit) => limit === undefined))
    throw wrongKind('timeout: limits', 'a number of milliseconds, or an object with each, first or total', limits);
  return optionsOf('timeout', limits, { each: checkDuration, first: checkDuration, total: checkDuration });
}

/** Ends its run when an element is late. */
class Timeout<T> extends Scoped<T> {
  readonly #each: number | undefined;
  readonly #wait: Deadline;
  /** For the next element. */
  #limit: number | undefined;

  constructor(next: Sink<T>, scope: Scope, first: number, each: number | undefined) {
    super(next, scope);
    this.#limit = first;
    this.#each = each;
    pace(scope);
    this.#wait = new Deadline(scope, () => scope.interrupt(this.#tooLate()));
  }

  feed(above: Source<T>): Answer {
    this.#goOn(true);
    return above.feed(this, this.scope);
  }

  push(value: T): Answer {
    this.#limit = this.#each;
    this.#wait.clear();
    return after(this.next.push(value), this.#goOn);
  }

  readonly #goOn = (wanted: boolean): boolean => {
    if (wanted && this.#limit !== undefined && !this.scope.over) this.#wait.set(this.#limit);
    return wanted;
  };

  #tooLate(): Error {
    const limit = this.#limit;
    return timeoutError(`no ${limit === this.#each ? '' : 'first '}element came within ${limit} ms`, this.call);
  }
}

/** Ends its run when that takes too long: also for what comes after the end of the source. */
class TotalTimeout<T> extends Scoped<T> {
  readonly #total: number;
  readonly #timer: Timer;
  #end = Infinity;

  constructor(next: Sink<T>, scope: Scope, total: number) {
    super(next, scope);
    this.#total = total;
    pace(scope);
    this.#timer = new Timer(scope, () => scope.interrupt(this.#tooLong()));
  }

  override start(): Answer {
    if (!mayStandStill()) this.#end = now() + this.#total;
    this.#timer.start(this.#total);
    return this.next.start();
  }

  push(value: T): Answer {
    // The timer has had no turn yet if nothing in this run has waited.
    if (this.#end !== Infinity && now() >= this.#end) throw this.#tooLong();
    return this.next.push(value);
  }

  #tooLong(): Error {
    return timeoutError(`the run was not over within ${this.#total} ms`, this.call);
  }
}

/**
 * As `AbortSignal.timeout` makes it. Not every platform has `DOMException`. Traced here: an interrupted run rejects without
 * passing through the stages around this one.
 */
function timeoutError(limit: string, call: Call | undefined): Error {
  const message = documented('TimeoutError', `timeout: ${limit}`);
  const { DOMException } = globalThis as Partial<Pick<typeof globalThis, 'DOMException'>>;
  const error =
    DOMException === undefined
      ? Object.assign(new Error(message), { name: 'TimeoutError' })
      : new DOMException(message, 'TimeoutError');
  return traced(error, call);
}
