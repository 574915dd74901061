import { checkAmount, checkArray, checkCount, checkFunction, type Checks, countFrom, optionsOf } from '../arguments.ts';
import { macrotask, VirtualClock, type VirtualTimer } from './clock.ts';
import { show } from './journal.ts';
import { watchRejections } from './rejections.ts';

const CHECKS: Checks<ExploreOptions> = {
  runs: countFrom(1),
  seed: checkCount,
  jitter: (name, value) => checkAmount(name, value, 'a non-negative number of milliseconds'),
  order: checkArray,
};

/** How a search through orders of events goes. */
export interface ExploreOptions {
  /** The number of orders to try. Default 1000. */
  readonly runs?: number | undefined;
  /** Decides which orders are tried. Run `n` (counted from 0) of seed `s` is the first run of seed `s + n`. Default 1. */
  readonly seed?: number | undefined;
  /** By how many milliseconds a timer may be late, and so be overtaken by others. Default 0: only by those due then. */
  readonly jitter?: number | undefined;
  /** Runs this order only, as an `ExploreError` has reported it. */
  readonly order?: readonly number[] | undefined;
}

/** The promises whose order is explored, besides timers. */
export interface Explorer {
  /**
   * Returns a promise that resolves with `value` at any time: before or after every other pending pause and timer, also
   * between two microtasks. It stands for whatever the program waits for: a request, a query, another process.
   */
  readonly pause: <T = undefined>(value?: T, label?: string) => Promise<T>;
  /** Returns a source that pauses before each element and before its end. */
  readonly source: <T>(elements: Iterable<T>, label?: string) => AsyncIterable<T>;
}

/** The result of an exploration. */
export interface Exploration {
  /** The number of runs. */
  readonly runs: number;
  /** The number of different orders among them. */
  readonly orders: number;
}

/** A run failed. Its `cause` is the error. */
export class ExploreError extends Error {
  override readonly name = 'ExploreError';
  /** The seed that repeats the run, as in `explore(body, { seed, runs: 1 })`. `undefined` if the natural order fails. */
  readonly seed: number | undefined;
  /** The smallest order found that fails, to be repeated by `explore(body, { order })`. */
  readonly order: readonly number[];

  constructor(message: string, seed: number | undefined, order: readonly number[], cause: unknown) {
    super(message, { cause });
    this.seed = seed;
    this.order = order;
  }
}

/** Microtasks after which a pause may resolve while others still run. */
const MOST_MICROTASKS = 12;
/** Real macrotasks in which a run goes on by itself, or is stuck. */
const PATIENCE = 20;
const MOST_EVENTS = 10_000;
/** Runs that are spent on a smaller order. */
const MOST_REPEATS = 300;

/**
 * Runs `body` again and again in virtual time, each time with another order of its timers and pauses, until one fails: an
 * assertion in it throws, its promise never settles, or a rejection is left unhandled. Finds code that works only because
 * promises usually settle in the order in which they were made.
 *
 * The first run has the natural order. Each run starts anew: `body` has to make everything that it changes.
 * `Math.random` returns the same numbers in each run, so that every run can be repeated.
 *
 * @throws ExploreError with the seed and the order that fail, and with the smallest order that was found to fail.
 * @throws TypeError or RangeError if an option is wrong.
 *
 * @example
 * const body = async ({ pause }) => {
 *   let balance = 0;
 *   async function deposit(amount) {
 *     await pause();
 *     const before = balance;
 *     await pause();
 *     balance = before + amount;
 *   }
 *   await Promise.all([deposit(1), deposit(2)]);
 *   if (balance !== 3) throw new Error(`balance ${balance}`);
 * };
 * await explore(body).catch((error) => error.cause.message); // => 'balance 2'
 */
export async function explore(
  body: (explorer: Explorer) => unknown,
  options: ExploreOptions = {},
): Promise<Exploration> {
  checkFunction('explore: body', body);
  const { runs = 1000, seed = 1, jitter = 0, order } = optionsOf('explore', options, CHECKS);

  const exploring = new Exploring(body, jitter);
  return exploring.within(async () => {
    if (order !== undefined) {
      await exploring.check(order, 'the given order');
      return { runs: 1, orders: 1 };
    }
    await exploring.check([], 'the natural order');
    const orders = new Set<string>();
    for (let run = 0; run < runs; run++) {
      const tried = await exploring.run(randomChoices(seed + run));
      orders.add(tried.events.map(({ name }) => name).join());
      if (tried.failure !== undefined) {
        const smallest = await exploring.shrink(tried);
        throw exploring.error(`run ${run + 1} of ${runs}`, seed + run, smallest);
      }
    }
    return { runs, orders: orders.size };
  });
}

/** Returns a number below `count`. 0 is the natural choice. */
type Choose = (count: number) => number;

interface Event {
  readonly name: string;
  /** The pending event that was due before. */
  readonly overtakes: string | undefined;
  /** Microtasks since the event before it. `undefined`: all that there were. */
  readonly microtasks: number | undefined;
}

interface Tried {
  readonly choices: readonly number[];
  readonly events: readonly Event[];
  readonly failure: { readonly error: unknown } | undefined;
}

interface Pending {
  readonly name: string;
  readonly due: number;
  readonly id: number;
  fire(): void;
}

class Exploring {
  readonly #body: (explorer: Explorer) => unknown;
  readonly #jitter: number;
  readonly #clock = new VirtualClock();
  readonly #rejections: unknown[] = [];
  #random = generator(1);

  constructor(body: (explorer: Explorer) => unknown, jitter: number) {
    this.#body = body;
    this.#jitter = jitter;
  }

  async within<R>(act: () => Promise<R>): Promise<R> {
    const { random } = Math;
    this.#clock.install('explore');
    const unwatch = watchRejections((reason) => this.#rejections.push(reason));
    Math.random = () => this.#random();
    try {
      return await act();
    } finally {
      Math.random = random;
      unwatch();
      this.#clock.uninstall();
    }
  }

  /** Runs one order. @throws ExploreError if it fails. */
  async check(order: readonly number[], name: string): Promise<void> {
    const tried = await this.run(givenChoices(order));
    if (tried.failure !== undefined) throw this.error(name, undefined, tried);
  }

  async run(choose: Choose): Promise<Tried> {
    const clock = this.#clock;
    clock.reset();
    this.#random = generator(1);
    this.#rejections.length = 0;
    const run = new ExploredRun(clock, choose, this.#jitter);
    const failure = await run.run(this.#body);
    await macrotask();
    const [rejection] = this.#rejections.map((error) => ({ error }));
    return { choices: run.choices, events: run.events, failure: failure ?? rejection };
  }

  /** A smaller order that fails as well: fewer choices that are not natural. */
  async shrink(failing: Tried): Promise<Tried> {
    let smallest = failing;
    let repeats = 0;
    const attempt = async (choices: readonly number[]): Promise<boolean> => {
      repeats++;
      const tried = await this.run(givenChoices(choices));
      const fails = tried.failure !== undefined && weightOf(tried.choices) < weightOf(smallest.choices);
      if (fails) smallest = tried;
      return fails;
    };
    for (let length = 0; length < smallest.choices.length; length = length * 2 + 1) {
      if (await attempt(smallest.choices.slice(0, length))) break;
    }
    for (let index = 0; index < smallest.choices.length; index++) {
      for (const choice of [0, 1]) {
        if (repeats === MOST_REPEATS) return smallest;
        if (smallest.choices[index]! > choice) await attempt(smallest.choices.with(index, choice));
      }
    }
    return smallest;
  }

  error(which: string, seed: number | undefined, { choices, events, failure }: Tried): ExploreError {
    const order = choices.slice(0, choices.findLastIndex((choice) => choice > 0) + 1);
    const { error } = failure!;
    const [headline] = show(error).split('\n');
    const lines = events.map(({ name, overtakes, microtasks }, index) => {
      const notes = [
        ...(overtakes === undefined ? [] : [`overtakes ${overtakes}`]),
        ...(microtasks === undefined ? [] : [soonAfter(microtasks)]),
      ];
      const mark = notes.length > 0 ? '→' : ' ';
      return `  ${mark} ${`${index + 1}`.padStart(2)}  ${name.padEnd(20)}  ${notes.join(', ')}`.trimEnd();
    });
    const jitter = this.#jitter > 0 ? `, jitter: ${this.#jitter}` : '';
    const repeat = seed === undefined ? '' : `  repeat it with { seed: ${seed}, runs: 1${jitter} }\n`;
    const message =
      `explore: ${which} fails: ${headline!}\n\n${repeat}` +
      `  the smallest order that fails is { order: [${order.join(', ')}]${jitter} }:\n\n${lines.join('\n')}\n`;
    return new ExploreError(message, seed, order, error);
  }
}

class ExploredRun {
  /** The choices that were made. */
  readonly choices: number[] = [];
  readonly events: Event[] = [];
  readonly #clock: VirtualClock;
  readonly #choose: Choose;
  readonly #jitter: number;
  readonly #pauses = new Map<number, Pending>();
  readonly #labels = new Map<string, number>();
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;

  constructor(clock: VirtualClock, choose: Choose, jitter: number) {
    this.#clock = clock;
    this.#choose = choose;
    this.#jitter = jitter;
  }

  /** Returns how it fails. */
  async run(body: (explorer: Explorer) => unknown): Promise<{ readonly error: unknown } | undefined> {
    void this.#start(body);
    let idle = 0;
    while (!this.#isOver) {
      const soon: number = this.#pauses.size === 0 || this.events.length === 0 ? 0 : this.#decide(MOST_MICROTASKS + 2);
      if (soon === 0) await macrotask();
      else for (let turn = 1; turn < soon; turn++) await Promise.resolve();
      if (this.#isOver) break;
      const pending = this.#pending(soon > 0);
      if (pending.length === 0) {
        if (soon === 0 && ++idle > PATIENCE) return stuck('it never settles: nothing is pending');
        continue;
      }
      if (this.events.length === MOST_EVENTS) return stuck(`it does not settle within ${MOST_EVENTS} events`);
      idle = 0;
      const choice = this.#decide(pending.length);
      const event = pending[choice]!;
      const overtakes = choice > 0 ? pending[0]!.name : undefined;
      this.events.push({ name: event.name, overtakes, microtasks: soon === 0 ? undefined : soon - 1 });
      event.fire();
    }
    return this.#failure;
  }

  async #start(body: (explorer: Explorer) => unknown): Promise<void> {
    try {
      await body({ pause: this.#pause, source: this.#source });
    } catch (error) {
      this.#failure = { error };
    }
    this.#isOver = true;
  }

  /** A choice without an alternative is neither asked for nor listed, so that the list repeats the run. */
  #decide(count: number): number {
    if (count === 1) return 0;
    const choice = Math.min(this.#choose(count), count - 1);
    this.choices.push(choice);
    return choice;
  }

  /** Events that may come next, the one that is due first before the others. */
  #pending(onlyPauses: boolean): Pending[] {
    const pauses = Array.from(this.#pauses.values());
    const first = this.#clock.first();
    if (onlyPauses || first === undefined) return pauses;
    const timers = Array.from(this.#clock.timers.values())
      .filter(({ due }) => due <= Math.max(first.due, this.#clock.now) + this.#jitter)
      .map((timer) => this.#timer(timer));
    return [...pauses, ...timers].sort((a, b) => a.due - b.due || a.id - b.id);
  }

  #timer(timer: VirtualTimer): Pending {
    const { kind, delay, id, due } = timer;
    const name = kind === 'setImmediate' ? `${kind} ${id}` : `${kind} ${id} (${delay} ms)`;
    return { name, due, id, fire: () => this.#clock.fire(timer) };
  }

  readonly #pause = <T = undefined>(value?: T, label = 'pause'): Promise<T> =>
    new Promise((resolve) => {
      const count = (this.#labels.get(label) ?? 0) + 1;
      this.#labels.set(label, count);
      const id = this.#clock.nextId();
      const fire = () => {
        this.#pauses.delete(id);
        resolve(value as T);
      };
      this.#pauses.set(id, { name: `${label} ${count}`, due: this.#clock.now, id, fire });
    });

  readonly #source = <T>(elements: Iterable<T>, label = 'source'): AsyncIterable<T> => {
    const pause = this.#pause;
    return {
      async *[Symbol.asyncIterator]() {
        for (const element of elements) yield await pause(element, label);
        await pause(undefined, label);
      },
    };
  };
}

function stuck(reason: string): { readonly error: unknown } {
  return { error: new Error(reason) };
}

function soonAfter(microtasks: number): string {
  if (microtasks === 0) return 'together with the one before';
  return `${microtasks} ${microtasks === 1 ? 'microtask' : 'microtasks'} after the one before`;
}

/** How far the choices are from the natural ones. */
function weightOf(choices: readonly number[]): number {
  return choices.reduce((weight, choice) => weight + (choice === 0 ? 0 : 1000 + choice), 0);
}

function givenChoices(choices: readonly number[]): Choose {
  let next = 0;
  return () => choices[next++] ?? 0;
}

/** Runs differ in how often they depart from the natural order: some races need one departure, others many. */
function randomChoices(seed: number): Choose {
  const random = generator(seed);
  const departs = [0.1, 0.3, 0.6, 1][Math.floor(random() * 4)]!;
  return (count) => (random() < departs ? Math.floor(random() * count) : 0);
}

/** Numbers from 0 to 1, the same ones for the same seed (xorshift of 32 bits). */
function generator(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
