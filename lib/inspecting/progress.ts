import { checkCount, checkFunction, checkInterval, optionsOf } from '../arguments.ts';
import { type Answer, whenReady } from '../engine/core/answer.ts';
import { markShared, untilClosed } from '../engine/core/tether.ts';
import { isThenable } from '../engine/core/promises.ts';
import { type Call, traced } from '../engine/core/trace.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Sink } from '../engine/core/sink.ts';
import { hold, type Source, type Transform } from '../engine/core/source.ts';
import { now } from '../engine/time/clock.ts';
import { feedApart } from '../stages/support/relay.ts';
import { Paced, Reporter } from './reporter.ts';

/** The options of {@link AsyncStream.progress | progress}. */
export interface ProgressOptions {
  /** The number of all elements, if it is known, or a promise of it. Default: unknown. */
  readonly total?: number | PromiseLike<number> | undefined;
  /** Milliseconds between two reports. Default 100. */
  readonly every?: number | undefined;
}

/** How far a run has come. Times are in milliseconds. */
export interface Progress {
  /** The number of elements so far. */
  readonly done: number;
  /** The number of all elements. Undefined if it is not known, or not yet. */
  readonly total: number | undefined;
  /**
   * Elements a second: an average in which the last five seconds weigh most. In the last report, the average of the
   * whole run.
   */
  readonly rate: number;
  /** An estimate of the time until all are done, by `rate`. Undefined as long as `total` or the rate is not known. */
  readonly remaining: number | undefined;
  /** The time since the run started. */
  readonly elapsed: number;
  /** Whether the run is over, however it ended: this is the last report. */
  readonly over: boolean;
}

export function progress<T>(report: (progress: Progress) => unknown, options?: ProgressOptions): Transform<T, T> {
  checkFunction('progress: report', report);
  const { total, every = 100 } = optionsOf('progress', options, { total: checkTotal, every: checkInterval });
  markShared(total);
  return {
    feed: (above, next, scope) =>
      feedApart(above, next, scope, (sink, run) => new Gauge(sink, run).feed(above, report, total, every)),
  };
}

function checkTotal(name: string, total: unknown): void {
  if (!isThenable(total)) checkCount(name, total);
}

/** The milliseconds in which the weight of a measurement falls to a third. */
const SMOOTHING = 5000;

/** The figures of one run. */
class Gauge<T> {
  readonly #scope: Scope;
  readonly #elements: Paced<T>;
  readonly #start = now();
  #total: number | undefined;
  /** Elements a millisecond, smoothed, times the sum of the weights so far. */
  #rate = 0;
  #weight = 0;
  /** When the rate was last measured, and how many elements there were by then. */
  #at = this.#start;
  #counted = 0;

  constructor(next: Sink<T>, scope: Scope) {
    this.#scope = scope;
    this.#elements = new Paced(next, scope);
  }

  feed(
    above: Source<T>,
    report: (progress: Progress) => unknown,
    total: number | PromiseLike<number> | undefined,
    every: number,
  ): Answer {
    if (isThenable(total)) void this.#await(total, this.#scope.call);
    else this.#total = total;
    const reporter = new Reporter(report, (over) => this.#progress(over), every, this.#scope);
    return reporter.during(() => {
      const open = hold(above, this.#scope);
      return whenReady(reporter.report(false), () => {
        reporter.begin();
        return open(this.#elements);
      });
    });
  }

  async #await(total: PromiseLike<number>, call: Call | undefined): Promise<void> {
    try {
      const value = await untilClosed(total, this.#scope);
      checkCount('progress: total', value);
      this.#total = value;
    } catch (error) {
      this.#scope.interrupt(traced(error, call));
    }
  }

  #progress(over: boolean): Progress {
    const { count: done } = this.#elements;
    const time = now();
    const elapsed = time - this.#start;
    this.#measure(done, time);
    const average = over ? done / elapsed : this.#rate / this.#weight;
    // Not known before time has passed.
    const rate = Number.isFinite(average) ? average : 0;
    const total = this.#total;
    const left = total === undefined ? undefined : Math.max(0, total - done);
    const remaining = left && (rate === 0 ? undefined : left / rate);
    return { done, total, rate: rate * 1000, remaining, elapsed, over };
  }

  /** An exponentially weighted average. It starts with the first measurements, and not with a rate of 0. */
  #measure(done: number, time: number): void {
    const passed = time - this.#at;
    if (passed <= 0) return;
    const kept = Math.exp(-passed / SMOOTHING);
    this.#rate = kept * this.#rate + (1 - kept) * ((done - this.#counted) / passed);
    this.#weight = kept * this.#weight + (1 - kept);
    this.#at = time;
    this.#counted = done;
  }
}
