import { macrotask, VirtualClock } from './clock.ts';
import { type Journal, show } from './journal.ts';
import type { Findings } from './law-error.ts';
import { watchRejections } from './rejections.ts';

/** How often time may move on while one promise is awaited: a heartbeat never stops. */
const MOST_TIMERS = 100;

export type Settled = { readonly value: unknown } | { readonly error: unknown };

/** Findings of which the laws about what a run leaves behind are a part. */
type Leftovers = Pick<Findings<'timers' | 'rejections'>, 'add'>;

/** Virtual time, and the unhandled rejections in it. */
export class World {
  readonly clock = new VirtualClock();
  /** Reasons of the unhandled rejections since they were looked at last. */
  readonly #rejections: unknown[] = [];

  /** Runs `body` in virtual time. `caller` is the function that needs it. */
  async run<R>(caller: string, body: () => Promise<R>): Promise<R> {
    this.clock.install(caller);
    const unwatch = watchRejections((reason) => this.#rejections.push(reason));
    try {
      return await body();
    } finally {
      unwatch();
      this.clock.uninstall();
    }
  }

  /** Lets happen what happens without time. */
  async quiet(): Promise<void> {
    await this.clock.advanceTo(this.clock.now);
  }

  /** The outcome of the promise, without time or with as much of it as it takes. `undefined` if it never settles. */
  async settled(promise: unknown, time: 'now' | 'later'): Promise<Settled | undefined> {
    let outcome = undefined as Settled | undefined;
    Promise.resolve(promise).then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    await this.quiet();
    for (let fired = 0; outcome === undefined && time === 'later' && fired < MOST_TIMERS; fired++) {
      const timer = this.clock.first();
      if (timer === undefined) break;
      await this.clock.advanceTo(timer.due);
    }
    return outcome;
  }

  /** Adds the timers that are left running, which are then cleared, and the unhandled rejections. */
  async addLeftovers(findings: Leftovers, situation: string, journal: Journal): Promise<void> {
    const { timers } = this.clock;
    if (timers.size > 0) {
      const got = Array.from(timers.values(), ({ kind, delay }) => `${kind} of ${delay} ms`).join();
      findings.add('timers', situation, got, journal);
      timers.clear();
    }
    for (const reason of await this.takeRejections()) {
      findings.add('rejections', situation, `error ${show(reason)}`, journal);
    }
  }

  /** Takes the unhandled rejections. A platform reports them after the microtasks. */
  async takeRejections(): Promise<unknown[]> {
    await macrotask();
    return this.#rejections.splice(0);
  }
}
