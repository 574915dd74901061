import { ignore } from '../engine/core/promises.ts';
import { checkDuration, checkFunction, checkInterval, countFrom, optionsOf } from '../arguments.ts';
import { VirtualClock } from './clock.ts';
import { draw, drawAligned, drawValue, type Moment, momentsOf } from './drawing.ts';
import { DrawnSource } from './drawn-source.ts';
import { show } from './journal.ts';

/** Drawings of sources: of one, or of several by their names. */
export type Drawings = string | Readonly<Record<string, string>>;

/** A source for each drawing. */
export type DrawnSources<D extends Drawings> = D extends string
  ? AsyncIterable<string>
  : { readonly [Name in keyof D]: AsyncIterable<string> };

/** How a run over drawings goes. */
export interface TimelineOptions {
  /** The number of milliseconds that a character stands for. Default 10. */
  readonly step?: number | undefined;
  /** The number of milliseconds that the consumer takes for each element. Default 0: it pulls the next one at once. */
  readonly consumer?: number | undefined;
  /** The error of `^` in the drawing of a source. Default: an Error with the message `'drawn'`. */
  readonly failure?: unknown;
  /** The number of steps after which the consumer leaves. Default: 50 more than are drawn. */
  readonly steps?: number | undefined;
  /**
   * Requires that the run ends as soon as the consumer leaves, also while a source is silent. Default false: an
   * `async function*` cannot do that.
   */
  readonly prompt?: boolean | undefined;
}

/** The results differ from the expected drawing, or the run left something behind. */
export class TimelineError extends Error {
  override readonly name = 'TimelineError';
  /** The drawing of the results. */
  readonly actual: string;
  /** The drawing that was expected. */
  readonly expected: string | undefined;

  constructor(message: string, actual: string, expected: string | undefined) {
    super(message);
    this.actual = actual;
    this.expected = expected;
  }
}

/** The steps for which a run may go on after its drawing, so that the error shows when it would have ended. */
const PATIENCE = 50;

/** Microtasks in which a run has to end when it is left. */
const PROMPT = 40;

/**
 * Runs `build` over drawn sources in virtual time, and returns the drawing of the results.
 *
 * | character | stands for |
 * | --- | --- |
 * | `-` | a step at which nothing happens |
 * | `a` | an element, whose value is that letter or digit |
 * | `(ab)` | an element of several characters |
 * | `[ab\|]` | several events at the same step |
 * | `\|` | the end |
 * | `^` or `#` | the failure of a drawn source |
 * | `^(Error: text)` | any other error, in the drawing of results |
 *
 * A space is ignored, so that drawings of several lines can be aligned. The first character of a source is the time of its
 * first pull. Elements arrive at their time whether they are pulled or not; a slow consumer finds them queued.
 *
 * With `expected`, the results must have that drawing. If it has no end, the consumer leaves after its last step. The
 * outcome of a `next()` that is pending then is ignored, but `return()` may reject only with `failure`.
 *
 * Real I/O and `node:timers/promises` do not follow virtual time.
 *
 * @throws TimelineError if the drawing differs from `expected`, the run fails or does not end when the consumer leaves, a
 * source is left open, or a timer is left running.
 * @throws SyntaxError if a drawing cannot be read.
 *
 * @example
 * async function* pairs(source) {
 *   let last;
 *   for await (const value of source) {
 *     if (last) yield last + value;
 *     last = value;
 *   }
 * }
 * await timeline('a-b-c|', pairs); // => '--(ab)-(bc)|'
 */
export async function timeline<const D extends Drawings>(
  drawings: D,
  build: (sources: DrawnSources<D>) => AsyncIterable<unknown>,
  expected?: string,
  options: TimelineOptions = {},
): Promise<string> {
  checkFunction('timeline: build', build);
  const {
    step = 10,
    consumer = 0,
    prompt = false,
    failure = new Error('drawn'),
  } = optionsOf('timeline', options, {
    step: checkInterval,
    consumer: checkDuration,
    failure: ignore,
    steps: countFrom(0, Infinity),
    prompt: ignore,
  });
  const drawn = Object.entries(typeof drawings === 'string' ? { source: drawings } : drawings).map(
    ([name, drawing]) => [name, momentsOf(drawing)] as const,
  );
  const course = expected === undefined ? undefined : momentsOf(expected);
  const longest = Math.max(0, ...drawn.map(([, moments]) => moments.length), course?.length ?? 0);
  const cut = course !== undefined && course.at(-1)?.end === undefined ? course.length - 1 : undefined;

  const clock = new VirtualClock();
  clock.install('timeline');
  try {
    const sources = drawn.map(([name, moments]) => [name, new DrawnSource(moments, step, failure)] as const);
    const named = Object.fromEntries(sources);
    const input: unknown = typeof drawings === 'string' ? named['source'] : named;
    const run = new Run(clock, build(input as DrawnSources<D>)[Symbol.asyncIterator](), { step, consumer, failure });
    await run.play(options.steps ?? cut ?? longest + PATIENCE);
    const faults = await run.leave(prompt ? undefined : () => sources.forEach(([, source]) => source.end()));

    for (const [name, source] of sources) faults.push(...source.faults().map((fault) => `${name}: ${fault}`));
    if (clock.timers.size > 0) faults.push(`${clock.timers.size} timers left running`);
    const least = cut === undefined ? (run.ended ? 0 : longest) : cut + 1;
    while (run.moments.length < least) run.moments.push({ values: [] });
    const actual = draw(run.moments);
    const differs = course !== undefined && draw(course) !== actual;
    if (!differs && faults.length === 0) return actual;
    const rows = [
      ...drawn,
      ...(course === undefined ? [] : [['expected', course] as const]),
      [course === undefined ? 'results' : 'actual', run.moments] as const,
    ];
    const reasons = differs ? [`the results differ at ${firstDifference(course, run.moments) * step} ms`] : [];
    const message = `timeline: ${[...reasons, ...faults].join('; ')}\n\n  ${drawAligned(rows).join('\n  ')}\n`;
    throw new TimelineError(message, actual, course && draw(course));
  } finally {
    clock.uninstall();
  }
}

function firstDifference(expected: readonly Moment[], actual: readonly Moment[]): number {
  const at = (moments: readonly Moment[], step: number) => (step < moments.length ? draw([moments[step]!]) : undefined);
  let step = 0;
  while (at(expected, step) === at(actual, step)) step++;
  return step;
}

interface RunOptions {
  readonly step: number;
  readonly consumer: number;
  readonly failure: unknown;
}

/** One run, and its results at each step. */
class Run {
  readonly moments: Moment[] = [];
  /** Whether it ended by itself. */
  ended = false;
  readonly #clock: VirtualClock;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #options: RunOptions;
  #left = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(clock: VirtualClock, iterator: AsyncIterator<unknown>, options: RunOptions) {
    this.#clock = clock;
    this.#iterator = iterator;
    this.#options = options;
  }

  /** Goes on until it has ended, no timer is left, or the steps are over. */
  async play(steps: number): Promise<void> {
    void this.#consume();
    await this.#clock.advanceTo(0);
    for (let step = 1; step <= steps && !this.ended && this.#clock.timers.size > 0; step++) {
      await this.#clock.advanceTo(step * this.#options.step);
    }
  }

  /** Returns what is wrong about how it ends. `unpark` releases stages that can only be left when a source settles. */
  async leave(unpark: (() => void) | undefined): Promise<string[]> {
    if (this.ended) return [];
    this.#left = true;
    clearTimeout(this.#pause);
    let faults = undefined as string[] | undefined;
    void this.#return().then((found) => (faults = found));
    const isPending = () => faults === undefined;
    for (let turn = 0; turn < PROMPT && isPending(); turn++) await Promise.resolve();
    if (isPending() && unpark !== undefined) {
      unpark();
      await this.#clock.advanceTo(this.#clock.now + PATIENCE * this.#options.step);
    }
    return faults ?? ['the run does not end when the consumer leaves'];
  }

  /** Returns what is wrong about its result. A drawn source may fail at any time, also for a stage that reads it to its end. */
  async #return(): Promise<string[]> {
    try {
      await this.#iterator.return?.();
      return [];
    } catch (error) {
      if (Object.is(error, this.#options.failure)) return [];
      return [`the run fails with ${show(error)} when the consumer leaves`];
    }
  }

  async #consume(): Promise<void> {
    const { consumer, failure } = this.#options;
    try {
      for (;;) {
        const result: IteratorResult<unknown, unknown> = await this.#iterator.next();
        if (this.#left) return;
        if (result.done) break;
        this.#now().values.push(drawValue(result.value));
        if (consumer > 0) await new Promise((wake) => (this.#pause = setTimeout(wake, consumer)));
      }
      this.#now().end = '|';
    } catch (error) {
      if (this.#left) return;
      this.#now().end = Object.is(error, failure) ? '^' : `^(${drawValue(error)})`;
    }
    this.ended = true;
  }

  #now(): Moment {
    const step = this.#clock.now / this.#options.step;
    const length = Math.ceil(step) + 1;
    while (this.moments.length < length) this.moments.push({ values: [] });
    const moment = this.moments.at(-1)!;
    if (!Number.isInteger(step)) moment.values.push(`at ${this.#clock.now} ms`);
    return moment;
  }
}
