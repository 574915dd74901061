import { type Answer, whenReady } from '../engine/core/answer.ts';
import { closing } from '../engine/core/part.ts';
import { andThen } from '../engine/core/promises.ts';
import { placing } from '../engine/core/trace.ts';
import type { Closable, Scope, Turns } from '../engine/core/scope.ts';
import { type Sink, Scoped } from '../engine/core/sink.ts';
import { Timer } from '../engine/time/timer.ts';
import { fairTurn, pace } from '../engine/time/turns.ts';

/** Passes figures of a run to `report`: at intervals during the run, and when it is over. */
export class Reporter<Figures> implements Closable {
  readonly #report: (figures: Figures) => unknown;
  readonly #figures: (over: boolean) => Figures;
  readonly #every: number | undefined;
  readonly #scope: Scope;
  #timer: Timer | undefined;

  constructor(
    report: (figures: Figures) => unknown,
    figures: (over: boolean) => Figures,
    every: number | undefined,
    scope: Scope,
  ) {
    this.#report = placing(report, scope.call);
    this.#figures = figures;
    this.#every = every;
    this.#scope = scope;
  }

  report(over: boolean): unknown {
    return this.#report(this.#figures(over));
  }

  /** Reports at intervals from `begin` on while a source is fed, and when that has ended. */
  during(feed: () => Answer): Answer {
    return closing(this.#scope, this, feed);
  }

  close(): unknown {
    this.#timer?.close();
    this.#timer = undefined;
    return this.report(true);
  }

  /** One report at a time: the next one is scheduled when the promise of the last one has settled. */
  begin(): void {
    const every = this.#every;
    if (every === undefined) return;
    const timer = new Timer(this.#scope, () => {
      try {
        Promise.resolve(andThen(this.report(false), () => timer.start(every))).catch(fail);
      } catch (error) {
        fail(error);
      }
    });
    const fail = (error: unknown) => {
      // After the end of the reported part, it is not an error of the run any more.
      if (this.#timer === timer) this.#scope.interrupt(error);
    };
    this.#timer = timer;
    timer.start(every);
  }
}

/** Lets timers fire beside a source that never waits, and counts the elements. */
export class Paced<T> extends Scoped<T> {
  readonly #turns: Turns;
  count = 0;

  constructor(next: Sink<T>, scope: Scope) {
    super(next, scope);
    this.#turns = pace(scope);
  }

  push(value: T): Answer {
    this.count++;
    if (!this.#turns.due()) return this.next.push(value);
    return whenReady(fairTurn(this.scope), () => this.next.push(value));
  }
}
