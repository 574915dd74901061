import { checkArray, checkFunction, countFrom, optionsOf } from '../arguments.ts';
import { wrongKind } from '../errors.ts';
import { isEqual } from './equality.ts';
import { Journal, show } from './journal.ts';
import { Findings, namesOf } from './law-error.ts';
import { type Outcome, Reader, showOutcome } from './trial.ts';
import { World } from './world.ts';

/** The laws of sources. */
export type SourceLaw = keyof typeof RULES;

const RULES = {
  settles: 'every next() and return() settles',
  'result-objects': 'next() and return() resolve with an object',
  lazy: 'nothing is open before the first pull',
  elements: 'the source emits its elements',
  ends: 'after the end, after an error and after return(), next() resolves with the end',
  'concurrent-next': 'calls of next() that do not wait for each other are answered in order',
  prompt: 'return() takes effect while next() is pending',
  closes: 'nothing is open after the run',
  independent: 'a run does not depend on other runs',
  timers: 'no timer outlives the run',
  rejections: 'no rejection is left unhandled',
} as const;

/** How the checks of a source go. */
export interface SourceOptions<T> {
  /** The elements that the source emits before it ends. Without it, they are not checked. */
  readonly elements?: readonly T[] | undefined;
  /** The number of elements that are read of a source without an end. Default 5. */
  readonly take?: number | undefined;
  /** Returns the number of resources that are open now, such as listeners, files or connections. */
  readonly open?: (() => number) | undefined;
  /** Laws that are not asked, with good reason. */
  readonly except?: readonly SourceLaw[] | undefined;
}

/**
 * Runs every law of sources against a source, in virtual time.
 *
 * The law `prompt` is not asked of an `async function*`: the language queues its `return()` behind the pending `next()`.
 *
 * @param source - Returns a new iterable for each run. An iterable that can be iterated more than once is taken as well.
 * @throws LawError that lists the broken laws, each with the smallest case and a drawing of it.
 * @throws TypeError if `source` is neither, or an option is unknown.
 *
 * @example
 * async function* ticks() {
 *   for (let tick = 1; ; tick++) {
 *     await new Promise((resolve) => setTimeout(resolve, 1000));
 *     yield tick;
 *   }
 * }
 * await checkSource(ticks); // => undefined
 */
export async function checkSource<T>(
  source: (() => AsyncIterable<T>) | AsyncIterable<T>,
  options: SourceOptions<T> = {},
): Promise<void> {
  optionsOf('checkSource', options, {
    elements: checkArray,
    take: countFrom(1),
    open: checkFunction,
    except: namesOf(RULES),
  });
  const make = typeof source === 'function' ? source : () => source;
  if (typeof source !== 'function') {
    const method = (Object(source) as Partial<AsyncIterable<T>>)[Symbol.asyncIterator];
    if (method === undefined) throw wrongKind('checkSource: source', 'a function or an async iterable', source);
    const iterator: unknown = method.call(source);
    if (iterator === source) throw wrongKind('checkSource: source', 'a function that makes a new one', source);
  }
  const world = new World();
  const findings = await world.run('checkSource', async () => {
    const check = new SourceCheck(world, make, options);
    await check.run();
    return check.findings;
  });
  findings.report('checkSource');
}

class SourceCheck {
  readonly findings: Findings<SourceLaw>;
  readonly #world: World;
  readonly #make: () => AsyncIterable<unknown>;
  readonly #options: SourceOptions<unknown>;
  readonly #open: () => number;
  readonly #before: number;

  constructor(world: World, make: () => AsyncIterable<unknown>, options: SourceOptions<unknown>) {
    this.findings = new Findings(RULES, options.except ?? []);
    this.#world = world;
    this.#make = make;
    this.#options = options;
    this.#open = options.open ?? (() => 0);
    this.#before = this.#open();
  }

  async run(): Promise<void> {
    const { elements, take = 5 } = this.#options;
    await this.#unread();
    const whole = elements === undefined ? take : elements.length + 1;
    for (let count = 1; count < Math.min(whole, 4); count++) await this.#left(count);
    const results = await this.#read(whole);
    await this.#abandoned();
    if (this.findings.has('settles') || this.findings.has('elements')) return;
    await this.#overlapping(results);
    await this.#again(results);
  }

  #reader(): Reader {
    return new Reader(this.#world, this.#make(), new Journal());
  }

  /** The consumer does not read, and then leaves. */
  async #unread(): Promise<void> {
    const situation = 'the consumer leaves before its first pull';
    const reader = this.#reader();
    await this.#world.quiet();
    const open = this.#open() - this.#before;
    if (open > 0) this.findings.add('lazy', 'the source is never pulled', `${open} open`, reader.journal);
    this.#isEnd(await reader.leave(), reader, situation);
    this.#isEnd(await reader.next(), reader, situation);
    await this.#over(reader, situation);
  }

  async #left(count: number): Promise<void> {
    const situation = `the consumer leaves after ${count} element${count === 1 ? '' : 's'}`;
    const reader = this.#reader();
    const last = await reader.pull(count);
    if (last.kind === 'value' || last.kind === 'pending') {
      this.#isEnd(await reader.leave(), reader, situation);
      this.#isEnd(await reader.next(), reader, situation);
      this.#isEnd(await reader.leave(), reader, situation);
    }
    await this.#over(reader, situation);
  }

  /** The consumer reads on to the end, if there is one. */
  async #read(count: number): Promise<readonly unknown[]> {
    const situation = 'the consumer reads to the end';
    const reader = this.#reader();
    const last = await reader.pull(count);
    const { elements } = this.#options;
    if (last.kind === 'pending') this.findings.add('settles', situation, 'next() never settles', reader.journal);
    else if (elements !== undefined && (last.kind !== 'end' || !isEqual(reader.results, elements))) {
      const got = `${show(reader.results)}, ${showOutcome(last)}, and not ${show(elements)}`;
      this.findings.add('elements', situation, got, reader.journal);
    }
    if (last.kind === 'end' || last.kind === 'error') {
      for (const method of ['next', 'next', 'return'] as const) {
        this.#isEnd(await reader.outcome(reader.start(method)), reader, situation);
      }
    } else await reader.leave();
    await this.#over(reader, situation);
    return reader.results;
  }

  /** The consumer leaves while `next()` is pending. */
  async #abandoned(): Promise<void> {
    const situation = 'the consumer leaves while next() is pending';
    const reader = this.#reader();
    const pending = reader.start('next');
    const returned = reader.start('return');
    const early = await reader.outcome(returned, 'now');
    if (early.kind === 'pending' && !reader.isGenerator) {
      this.findings.add('prompt', situation, 'return() does not settle at once', reader.journal);
    }
    this.#isEnd(early.kind === 'pending' ? await reader.outcome(returned) : early, reader, situation);
    if ((await reader.outcome(pending)).kind === 'pending') {
      this.findings.add('settles', situation, 'next() never settles', reader.journal);
    }
    this.#isEnd(await reader.next(), reader, situation);
    await this.#over(reader, situation);
  }

  async #overlapping(results: readonly unknown[]): Promise<void> {
    const situation = 'the consumer calls next() several times without waiting';
    const reader = this.#reader();
    const calls = Math.max(results.length, 1);
    const pending = Array.from({ length: calls }, () => reader.start('next'));
    for (const one of pending) await reader.outcome(one);
    if (!isEqual(reader.results, results)) {
      const got = `${show(reader.results)} and not ${show(results)}`;
      this.findings.add('concurrent-next', situation, got, reader.journal);
    }
    await reader.leave();
    await this.#over(reader, situation);
  }

  /** Two runs beside each other. */
  async #again(results: readonly unknown[]): Promise<void> {
    const situation = 'two runs beside each other';
    const readers = [this.#reader(), this.#reader()];
    for (const _result of results) for (const reader of readers) await reader.next();
    for (const reader of readers) {
      if (!isEqual(reader.results, results)) {
        const got = `${show(reader.results)}, and ${show(results)} in a run alone`;
        this.findings.add('independent', situation, got, reader.journal);
      }
      await reader.leave();
    }
    await this.#over(readers[0]!, situation);
  }

  #isEnd(outcome: Outcome, reader: Reader, situation: string): void {
    if (outcome.kind === 'end') return;
    const law = outcome.kind === 'garbage' ? 'result-objects' : outcome.kind === 'pending' ? 'settles' : 'ends';
    this.findings.add(law, situation, `${showOutcome(outcome)} and not the end`, reader.journal);
  }

  /** The laws of every run that is over. */
  async #over({ journal }: Reader, situation: string): Promise<void> {
    await this.#world.quiet();
    const open = this.#open() - this.#before;
    if (open > 0) this.findings.add('closes', situation, `${open} open`, journal);
    await this.#world.addLeftovers(this.findings, situation, journal);
  }
}
