// Time drawn as a line of text, for sources, for what is to come of them, and as a test of it.
import { expect, jest } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { turnsUntilSettled } from './turns.ts';

/** How many milliseconds one character of a drawing stands for. */
export const STEP = 10;

/** What `^` fails with. */
export const FAILURE = new Error('drawn');

/** For how many steps more than drawn a run may go on, so that a failing test shows when it would have ended. */
const PATIENCE = 50;
/** Microtasks in which a run that is left has to be over. */
const PROMPT = 40;

/** What happens at one step. */
interface Moment {
  readonly values: string[];
  end?: '|' | '^';
}

/**
 * The moments of a drawing: each character is one, and the first one is that of the first pull.
 *
 *     -        nothing happens
 *     a        an element, whose value is that character: a letter, a digit
 *     (ab)     an element of several characters
 *     [ab|]    all this at once
 *     |        the end
 *     ^ or #   a failure
 *
 * A space or a `;` stands for nothing: it makes drawings of several lines line up.
 */
export function momentsOf(drawing: string): Moment[] {
  const moments: Moment[] = [];
  let group: Moment | undefined;
  const unknown = () => new SyntaxError(`this is no drawing: '${drawing}'`);
  for (const [token] of drawing.replaceAll(/[ ;]/g, '').matchAll(/\([^()]+\)|./g)) {
    const moment = group ?? { values: [] };
    if (moments.at(-1)?.end !== undefined && token !== ']') throw unknown();
    if (token === ']' && group !== undefined) {
      group = undefined;
      continue;
    }
    if (group === undefined) moments.push(moment);
    if (token === '[' && group === undefined) group = moment;
    else if (token === '|') moment.end = '|';
    else if (token === '^' || token === '#') moment.end = '^';
    else if (/^(\w|\(.+\))$/.test(token)) moment.values.push(token.replaceAll(/[()]/g, ''));
    else if (token !== '-' || group !== undefined) throw unknown();
  }
  if (group !== undefined) throw unknown();
  return moments;
}

/** The drawing of moments, in the only way in which it can be said. */
function draw(moments: readonly Moment[]): string {
  return moments
    .map(({ values, end = '' }) => {
      const tokens = values.map((value) => (value.length === 1 ? value : `(${value})`)).join('') + end;
      const alone = values.length + end.length === 1;
      return alone ? tokens : tokens === '' ? '-' : `[${tokens}]`;
    })
    .join('');
}

/** An element as it is drawn: that of an array is what its elements are, one after the other. */
function text(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join('') : String(value);
}

/**
 * A source whose elements come at the times of a drawing, asked for or not: counted from its first pull on, which starts it.
 * Those that have not been asked for wait. Of what comes at the same time, that comes first which was set first: the source
 * before a timer that was set after its first pull, such as one that an element has started.
 */
export class DrawnSource implements AsyncIterable<string> {
  /** How many times it was started, and left before its end. */
  opened = 0;
  closed = 0;
  /** What no source should have to put up with. */
  readonly #faults: string[] = [];
  readonly #moments: readonly Moment[];
  #running = 0;

  constructor(drawing: string) {
    this.#moments = momentsOf(drawing);
  }

  get stream(): AsyncStream<string> {
    return AsyncStream.from<string>(this);
  }

  /** Nothing is what it should be, when all runs are over. */
  faults(): string[] {
    return this.#running === 0 ? this.#faults : [...this.#faults, 'left open'];
  }

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    const waiting: (() => IteratorResult<string, undefined>)[] = [];
    let state: 'made' | 'open' | 'over' = 'made';
    let timers: ReturnType<typeof setTimeout>[] = [];
    let asked: ((result: IteratorResult<string, undefined> | Promise<never>) => void) | undefined;

    const end = (): { done: true; value: undefined } => {
      if (state === 'open') this.#running--;
      state = 'over';
      for (const timer of timers) clearTimeout(timer);
      return { done: true, value: undefined };
    };
    const fail = () => {
      end();
      throw FAILURE;
    };
    const answer = () => {
      if (asked === undefined || waiting.length === 0) return;
      const resolve = asked;
      asked = undefined;
      resolve(new Promise((settle) => settle(waiting.shift()!() as never)));
    };
    const happen = ({ values, end: ending }: Moment) => {
      waiting.push(...values.map((value) => () => ({ done: false as const, value })));
      if (ending !== undefined) waiting.push(ending === '|' ? end : fail);
      answer();
    };
    const start = () => {
      state = 'open';
      this.opened++;
      this.#running++;
      const [first, ...later] = this.#moments;
      if (first !== undefined) happen(first);
      timers = later.flatMap((moment, index) =>
        draw([moment]) === '-' ? [] : [setTimeout(() => happen(moment), (index + 1) * STEP)],
      );
    };

    return {
      next: () => {
        if (asked !== undefined) this.#faults.push('next() while another one is pending');
        if (state === 'over') this.#faults.push('next() when it was over');
        if (state === 'made') start();
        return new Promise((resolve) => {
          asked = resolve;
          answer();
        });
      },
      return: async () => {
        if (state === 'over') this.#faults.push('return() when it was over');
        this.closed++;
        asked?.(end());
        asked = undefined;
        return end();
      },
    };
  }
}

/** Drawings of sources: of one, or of several by their names. */
export type Drawings = string | Readonly<Record<string, string>>;

export type Streams<D extends Drawings> = D extends string
  ? AsyncStream<string>
  : { readonly [Name in keyof D]: AsyncStream<string> };

export interface DrawingOptions {
  /** How many milliseconds the consumer takes for each element. Default 0: it asks for the next one at once. */
  readonly consumer?: number;
  /** What `^` in the drawing of the results stands for, where it is not `FAILURE`: compared as by `toEqual`. */
  readonly error?: unknown;
}

/**
 * Runs what is made of the sources, step by step, and compares the drawing of what comes of it. Where that has no end, the
 * consumer leaves after it. Then nothing may be left: no timer, and no source open.
 *
 *     await expectDrawing('ab--c-|', (source) => source.debounce(2 * STEP), '---b--[c|]');
 *     await expectDrawing({ a: 'a--b|', b: '-x-|' }, ({ a, b }) => a.merge(b), 'ax-b|');
 */
export async function expectDrawing<const D extends Drawings>(
  drawings: D,
  build: (streams: Streams<D>) => AsyncIterable<unknown>,
  expected: string,
  options: DrawingOptions = {},
): Promise<void> {
  const { error = FAILURE, consumer = 0 } = options;
  const faked = 'clock' in setTimeout;
  if (!faked) jest.useFakeTimers();
  try {
    const named = typeof drawings === 'string' ? { source: drawings } : drawings;
    const sources = Object.entries(named).map(([name, drawing]) => [name, new DrawnSource(drawing)] as const);
    const streams = Object.fromEntries(sources.map(([name, source]) => [name, source.stream]));
    const course = momentsOf(expected);
    const run = new Run(build((typeof drawings === 'string' ? streams['source'] : streams) as Streams<D>), consumer);
    const ends = course.at(-1)?.end !== undefined;
    await run.play(course.length - 1 + (ends ? PATIENCE : 0));
    const left = await run.leave();

    expect(draw(padded(run.moments, ends ? 0 : course.length))).toBe(draw(course));
    if (run.failed !== undefined) expect(run.failed.error).toEqual(error);
    expect({ left, timers: jest.getTimerCount(), sources: Object.fromEntries(sources.map(faultsOf)) }).toEqual({
      left: true,
      timers: 0,
      sources: Object.fromEntries(sources.map(([name]) => [name, []])),
    });
  } finally {
    if (!faked) jest.useRealTimers();
  }
}

/** A drawing in a comment: of sources, and of what is made of them. */
export interface DrawnExample {
  readonly drawings: Readonly<Record<string, string>>;
  readonly expression: string;
  readonly expected: string;
}

/**
 * The drawings in the comments of a source file: indented lines that begin with the name of a source or an expression, and
 * end with a drawing. Where there are several expressions, the sources are those of all.
 *
 *     source               ab--c-|
 *     source.debounce(20)  ---b--[c|]
 */
export function drawingsInSource(text: string): DrawnExample[] {
  return Array.from(text.matchAll(/(?:^ *\* {5}\S.* \S+\n)+/gm)).flatMap(([block]) => {
    const lines = Array.from(
      block.matchAll(/^ *\* {5}(.*\S) +(\S+)$/gm),
      ([, what, drawing]) => [what!, drawing!] as const,
    );
    const drawings = Object.fromEntries(lines.filter(([what]) => /^\w+$/.test(what)));
    return lines
      .filter(([what]) => what.endsWith(')'))
      .map(([expression, expected]) => ({ drawings, expression, expected }));
  });
}

export async function expectDrawn({ drawings, expression, expected }: DrawnExample): Promise<void> {
  const compile = (() => undefined).constructor as FunctionConstructor;
  const make = compile('AsyncStream', ...Object.keys(drawings), `return ${expression}`) as Callable;
  await expectDrawing(drawings, (streams) => make(AsyncStream, ...Object.values(streams)), expected);
}

type Callable = (...args: unknown[]) => AsyncIterable<unknown>;

function faultsOf([name, source]: readonly [string, DrawnSource]): [string, string[]] {
  return [name, source.faults()];
}

function padded(moments: readonly Moment[], length: number): Moment[] {
  return Array.from({ length: Math.max(length, moments.length) }, (_, index) => moments[index] ?? { values: [] });
}

/** One run, and what came of it at each step. */
class Run {
  readonly moments: Moment[] = [];
  failed: { readonly error: unknown } | undefined;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #consumer: number;
  readonly #start = Date.now();
  #over = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(results: AsyncIterable<unknown>, consumer: number) {
    this.#iterator = results[Symbol.asyncIterator]();
    this.#consumer = consumer;
  }

  /** Until so many steps have been made after the first one, or it is over. */
  async play(steps: number): Promise<void> {
    void this.#consume();
    await jest.advanceTimersByTimeAsync(0);
    for (let step = 0; step < steps && !this.#over; step++) await jest.advanceTimersByTimeAsync(STEP);
  }

  /** Answers whether it was over promptly. */
  async leave(): Promise<boolean> {
    if (this.#over) return true;
    this.#over = true;
    clearTimeout(this.#pause);
    return (await turnsUntilSettled(this.#iterator.return!(), PROMPT)) !== Infinity;
  }

  async #consume(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#iterator.next();
        if (this.#over) return;
        if (done) break;
        this.#now().values.push(text(value));
        if (this.#consumer > 0) await new Promise((wake) => (this.#pause = setTimeout(wake, this.#consumer)));
      }
      this.#now().end = '|';
    } catch (error) {
      if (this.#over) return;
      this.failed = { error };
      this.#now().end = '^';
    }
    this.#over = true;
  }

  #now(): Moment {
    const step = (Date.now() - this.#start) / STEP;
    const length = Math.ceil(step) + 1;
    while (this.moments.length < length) this.moments.push({ values: [] });
    const moment = this.moments.at(-1)!;
    if (!Number.isInteger(step)) moment.values.push(`at ${step * STEP} ms`);
    return moment;
  }
}
