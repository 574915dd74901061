import { checkDuration, optionsOf } from '../arguments.ts';
import { feedApart } from '../iterating/run-iterator.ts';
import { wrongKind, documented } from '../errors.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Scoped, type Sink } from '../engine/core/sink.ts';
import { Part, type Source, type Transform } from '../engine/core/source.ts';
import { after, type Answer } from '../engine/core/answer.ts';
import { traced } from '../engine/core/trace.ts';
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

export function timeout<T>(limits: number | TimeoutOptions): Transform<T, T> {
  const { each, first = each, total } = timeoutsOf(limits);
  return {
    feed: (above, next, scope) =>
      new Part(scope).during((part) =>
        feedApart(above, next, part, (sink, run) => new Timeout(sink, run, part, { each, first, total }).feed(above)),
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

class Timeout<T> extends Scoped<T> {
  readonly #limits: TimeoutOptions;
  readonly #wait: Deadline;
  #end = Infinity;
  #empty = true;

  /** Ends the run upstream when an element is late, and the `whole` run when that takes too long. */
  constructor(next: Sink<T>, run: Scope, whole: Scope, limits: TimeoutOptions) {
    super(next, run);
    this.#limits = limits;
    pace(whole);
    this.#wait = new Deadline(run, () => run.interrupt(this.#tooLate()));
    const { total } = limits;
    if (total === undefined) return;
    if (!mayStandStill()) this.#end = now() + total;
    new Timer(whole, () => whole.interrupt(this.#tooLong())).start(total);
  }

  feed(above: Source<T>): Answer {
    this.#goOn(true);
    return above.feed(this, this.scope);
  }

  push(value: T): Answer {
    // The timer has had no turn yet if nothing in this run has waited.
    if (this.#end !== Infinity && now() >= this.#end) throw this.#tooLong();
    this.#empty = false;
    this.#wait.clear();
    return after(this.next.push(value), this.#goOn);
  }

  readonly #goOn = (wanted: boolean): boolean => {
    const limit = this.#limit;
    if (wanted && limit !== undefined && !this.scope.over) this.#wait.set(limit);
    return wanted;
  };

  get #limit(): number | undefined {
    return this.#empty ? this.#limits.first : this.#limits.each;
  }

  #tooLate(): Error {
    const limit = this.#limit;
    return this.#error(`no ${limit === this.#limits.each ? '' : 'first '}element came within ${limit} ms`);
  }

  #tooLong(): Error {
    return this.#error(`the run was not over within ${this.#limits.total} ms`);
  }

  /** Traced here: an interrupted run rejects without passing through the stages around this one. */
  #error(limit: string): Error {
    return traced(timeoutError(limit), this.call);
  }
}

/** As `AbortSignal.timeout` makes it. Not every platform has `DOMException`. */
function timeoutError(limit: string): Error {
  const message = documented('TimeoutError', `timeout: ${limit}`);
  const { DOMException } = globalThis as Partial<Pick<typeof globalThis, 'DOMException'>>;
  if (DOMException !== undefined) return new DOMException(message, 'TimeoutError');
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}
