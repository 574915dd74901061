import { checkArray, checkCount, checkFunction, countFrom, optionsOf } from '../arguments.ts';
import { isEqual } from './equality.ts';
import { Journal, show } from './journal.ts';
import { Findings, namesOf } from './law-error.ts';
import type { ProbeOptions } from './probe.ts';
import { type CallMode, Calls, JournaledSource, type Outcome, Reader, showOutcome } from './trial.ts';
import { World } from './world.ts';

/** The laws of stages. A stage keeps them all, except where the language does not let an `async function*` keep. */
export type StageLaw = keyof typeof RULES;

const RULES = {
  settles: 'every next() settles once the source has',
  'result-objects': 'next() and return() resolve with an object',
  lazy: 'the source is not pulled before the stage is, nor closed',
  values: 'the stage emits the results that the model returns',
  'falsy-values': 'undefined, null, NaN, false, 0 and an empty string are elements like any other',
  errors: 'the very error of the source reaches the consumer',
  'falsy-errors': 'an error that is falsy is an error',
  'errors-in-order': 'an error does not overtake the results before it',
  pulls: 'the source is pulled no more often than the results need',
  'one-pull': 'the source is not pulled while a pull is pending',
  'opens-once': 'a run opens the source once',
  'after-end': 'the source is not pulled after its end',
  closes: 'the source is closed when a run ends before it',
  'closes-once': 'the source is closed at most once, and not after it has ended or failed',
  'closes-in-time': 'return() waits until the source is closed',
  'close-error': 'an error of closing reaches the consumer that leaves',
  ends: 'after the end, after an error and after return(), next() resolves with the end',
  'concurrent-next': 'calls of next() that do not wait for each other are answered in order',
  prompt: 'return() takes effect while the source or a callback is pending',
  independent: 'a run does not depend on other runs',
  'callback-errors': 'the very error of a callback reaches the consumer',
  'callbacks-stop': 'no callback is called after the run is over',
  'first-error': 'an error of closing does not replace the error before it',
  sequential: 'no more callbacks run at once than are allowed',
  timers: 'no timer outlives the run',
  rejections: 'no rejection is left unhandled',
} as const;

/** Passes a value through. During the check it fails, hangs, or takes its time. */
export type Call = <V>(value: V) => V | Promise<V>;

/** How the checks of a stage go. */
export interface StageOptions<T, R> {
  /** The elements of the source. Default: 3, 1, 4, 1, 5, 9, 2, 6. */
  readonly elements?: readonly T[] | undefined;
  /**
   * Returns the results for the elements of a source, computed in the simplest way, or throws if the stage is to fail.
   * Without it, values are not checked.
   */
  readonly model?: ((elements: readonly T[]) => readonly R[]) | undefined;
  /** The number of elements that the stage may pull ahead of its consumer. Default 0. */
  readonly readAhead?: number | undefined;
  /**
   * The number of pulls that each result needs. Default: it is found out from a source that hangs after each element. That
   * cannot tell a stage that needs the next element from one that reads it for nothing.
   */
  readonly pulls?: readonly number[] | undefined;
  /** The number of pulls after which the stage ends by itself. */
  readonly endsAfter?: number | undefined;
  /** The number of callbacks that may run at once. Default 1. */
  readonly concurrency?: number | undefined;
  /** Laws that are not asked, with good reason. */
  readonly except?: readonly StageLaw[] | undefined;
}

/** No two in order, so that order matters; and one twice, so that the index matters. */
const ELEMENTS = [3, 1, 4, 1, 5, 9, 2, 6];
const FALSY = [undefined, null, NaN, false, 0, ''];
/** A stage that still emits after this number of results never ends. */
const MOST_RESULTS = 200;

/**
 * Runs every law of stages against a stage, in virtual time. A stage is a function from an async iterable to another one,
 * such as an `async function*`.
 *
 * A stage that calls functions of the user has to pass their results through `call`, so that the check can let them fail
 * and hang: `(source, call) => map(source, (value) => call(value * 2))`.
 *
 * The law `prompt` is not asked of an `async function*`: the language queues its `return()` behind the pending `next()`.
 *
 * @throws LawError that lists the broken laws, each with the smallest case and a drawing of it.
 * @throws TypeError if `stage` is not a function, or an option is unknown.
 *
 * @example
 * async function* firstTwo(source) {
 *   let count = 0;
 *   for await (const value of source) {
 *     yield value;
 *     if (++count === 2) return;
 *   }
 * }
 * await checkStage(firstTwo, { model: (elements) => elements.slice(0, 2), endsAfter: 2 }); // => undefined
 */
export async function checkStage<T = number, R = unknown>(
  stage: (source: AsyncIterable<T>, call: Call) => AsyncIterable<R>,
  options: StageOptions<T, R> = {},
): Promise<void> {
  checkFunction('checkStage: stage', stage);
  optionsOf('checkStage', options, {
    elements: checkArray,
    model: checkFunction,
    readAhead: countFrom(0, Infinity),
    pulls: checkArray,
    endsAfter: countFrom(0, Infinity),
    concurrency: countFrom(1, Infinity),
    except: namesOf(RULES),
  });
  for (const pulls of options.pulls ?? []) checkCount('checkStage: pulls', pulls);
  const world = new World();
  const findings = await world.run('checkStage', async () => {
    const check = new StageCheck(world, stage as Stage, options as StageOptions<unknown, unknown>);
    await check.run();
    return check.findings;
  });
  findings.report('checkStage');
}

type Stage = (source: AsyncIterable<unknown>, call: Call) => AsyncIterable<unknown>;

interface TrialOptions extends ProbeOptions {
  readonly elements?: readonly unknown[];
  readonly calls?: { readonly mode?: CallMode; failAt?: number; error?: unknown; hangAt?: number };
}

/** One run of the stage over a source of its own. */
class Trial extends Reader {
  readonly source: JournaledSource;
  readonly calls: Calls;

  constructor(world: World, stage: Stage, elements: readonly unknown[], options: TrialOptions) {
    const { calls: { mode = 'sync', ...faults } = {}, elements: given = elements, ...ofSource } = options;
    const journal = new Journal();
    const calls = new Calls(journal, mode, faults);
    const source = new JournaledSource(journal, given, ofSource);
    super(world, stage(source, calls.call), journal);
    this.source = source;
    this.calls = calls;
  }

  override ended(): void {
    this.calls.isOver = true;
  }
}

/** The facts about the stage, found out by running it. */
interface Facts {
  /** The results over all elements. */
  readonly results: readonly unknown[];
  /** How often it calls its callback for them. */
  readonly calls: number;
  /** The number of results that it emits at once when the source hangs after n elements. */
  readonly now: number[];
}

class StageCheck {
  readonly findings: Findings<StageLaw>;
  readonly #world: World;
  readonly #stage: Stage;
  readonly #elements: readonly unknown[];
  readonly #options: StageOptions<unknown, unknown>;

  constructor(world: World, stage: Stage, options: StageOptions<unknown, unknown>) {
    this.#world = world;
    this.#stage = stage;
    this.#options = options;
    this.#elements = options.elements ?? ELEMENTS;
    this.findings = new Findings(RULES, options.except ?? []);
  }

  async run(): Promise<void> {
    const reference = this.#trial();
    const last = await reference.pull(MOST_RESULTS);
    const whole = this.#elements.length;
    if (last.kind !== 'end') {
      await this.#over(reference, situationOf(whole), last);
      if (last.kind === 'error') {
        const got = `${showOutcome(last)}: pass elements that the stage accepts`;
        this.findings.add('values', situationOf(whole), got, reference.journal);
      }
      return;
    }
    // Seen again below, in the smallest case.
    this.#world.clock.timers.clear();
    await this.#world.takeRejections();
    const { results } = reference;
    const facts: Facts = { results, calls: reference.calls.count, now: [] };
    await this.#unstarted();
    for (let n = 0; n <= whole; n++) await this.#exhausted(n);
    await this.#again(facts);
    if (this.#options.elements === undefined) await this.#falsy();
    for (let count = 1; count <= results.length; count++) await this.#left(count);
    for (let n = 0; n <= whole; n++) await this.#hanging(n, facts);
    await this.#pulled(facts);
    for (let n = 1; n <= whole + 1; n++) await this.#failing(n, facts);
    await this.#refusing();
    await this.#overlapping(facts);
    if (facts.calls > 0) await this.#calling(facts);
  }

  #trial(options: TrialOptions = {}): Trial {
    return new Trial(this.#world, this.#stage, this.#elements, options);
  }

  /** Nothing is pulled before the stage is. */
  async #unstarted(): Promise<void> {
    const situation = 'the stage is never pulled';
    const leaving = 'the consumer leaves before its first pull';
    const unread = this.#trial();
    await this.#world.quiet();
    if (unread.source.log.length > 0) this.findings.add('lazy', situation, unread.source.log.join(), unread.journal);
    const left = this.#trial();
    this.#isEnd(await left.leave(), left, leaving);
    if (left.source.log.length > 0) this.findings.add('lazy', leaving, left.source.log.join(), left.journal);
    await this.#over(left, leaving);
  }

  /** The consumer reads on to the end of a source that ends after n elements. */
  async #exhausted(n: number): Promise<void> {
    const situation = situationOf(n);
    const elements = this.#elements.slice(0, n);
    const trial = this.#trial({ elements });
    const last = await trial.pull(MOST_RESULTS);
    if (last.kind === 'end' || last.kind === 'error') {
      const expected = this.#expected(elements);
      const isRight = last.kind === 'error' ? expected === 'an error' : isEqual(trial.results, expected);
      if (expected !== undefined && !isRight) {
        const wanted = expected === 'an error' ? expected : show(expected);
        const got = `${show(trial.results)}, ${showOutcome(last)}, and not ${wanted}`;
        this.findings.add('values', situation, got, trial.journal);
      }
      await this.#staysOver(trial, situation);
    }
    await this.#over(trial, situation, last);
  }

  /** The results that the model returns. `undefined` if there is no model. */
  #expected(elements: readonly unknown[]): readonly unknown[] | 'an error' | undefined {
    const { model } = this.#options;
    try {
      return model && Array.from(model(elements));
    } catch {
      return 'an error';
    }
  }

  async #staysOver(trial: Trial, situation: string): Promise<void> {
    for (const method of ['next', 'next', 'return'] as const) {
      this.#isEnd(await trial.outcome(trial.start(method)), trial, situation);
    }
  }

  async #falsy(): Promise<void> {
    const expected = this.#expected(FALSY);
    // A model for numbers may throw for other values.
    if (!Array.isArray(expected) || this.findings.has('values')) return;
    const situation = `a source of ${show(FALSY)}`;
    const trial = this.#trial({ elements: FALSY });
    const last = await trial.pull(MOST_RESULTS);
    if (last.kind !== 'end' || !isEqual(trial.results, expected)) {
      const got = `${show(trial.results)}, ${showOutcome(last)}, and not ${show(expected)}`;
      this.findings.add('falsy-values', situation, got, trial.journal);
    }
    await this.#over(trial, situation);
  }

  /** Runs one after the other, and beside each other. */
  async #again({ results }: Facts): Promise<void> {
    const one = this.#trial();
    const other = this.#trial();
    for (let count = 0; count <= results.length; count++) {
      await one.next();
      await other.next();
    }
    for (const trial of [one, other]) {
      if (!isEqual(trial.results, results)) {
        const got = `${show(trial.results)}, and ${show(results)} in the first run`;
        this.findings.add('independent', 'two runs beside each other, over sources of their own', got, trial.journal);
      }
      await this.#over(trial, 'two runs beside each other, over sources of their own');
    }
  }

  /** The source hangs after n elements, the consumer leaves, and the source settles late. */
  async #hanging(n: number, facts: Facts): Promise<void> {
    for (const ending of ['an element', 'an error'] as const) {
      const situation = `a source that hangs after ${counted(n)}, and settles late with ${ending}`;
      const failing = ending === 'an error' ? { failAt: n + 1, error: new Error('late') } : {};
      const trial = this.#trial({ hangAt: n + 1, ...failing });
      await trial.pull(MOST_RESULTS, 'now');
      facts.now[n] = trial.results.length;
      await trial.pull(MOST_RESULTS);
      if (trial.source.hanging) await this.#abandoned(trial, situation, trial.source);
      await this.#over(trial, situation);
    }
  }

  /** The consumer leaves while something hangs. */
  async #abandoned(trial: Trial, situation: string, hanging: { release(): void }): Promise<void> {
    const count = trial.results.length;
    const returned = trial.start('return');
    const outcome = await trial.outcome(returned, 'now');
    if (outcome.kind === 'pending' && !trial.isGenerator) {
      this.findings.add('prompt', situation, 'return() does not settle', trial.journal);
    } else if (outcome.kind !== 'pending' && trial.source.faults().includes('left open')) {
      this.findings.add('prompt', situation, 'the source is not closed', trial.journal);
    }
    hanging.release();
    const late = await trial.outcome(returned);
    if (late.kind === 'pending') this.#unsettled(trial, situation, 'return() never settles');
    if (trial.isGenerator) return;
    this.#isEnd(await trial.next(), trial, situation);
    if (trial.results.length > count) {
      this.findings.add('ends', situation, 'an element after return()', trial.journal);
    }
  }

  /** The consumer leaves after some results. */
  async #left(count: number): Promise<void> {
    const situation = `the consumer leaves after ${counted(count, 'result')}`;
    const take = async (options: TrialOptions = {}) => {
      const trial = this.#trial(options);
      await trial.pull(count);
      await this.#world.quiet();
      return trial;
    };

    const trial = await take();
    this.#isEnd(await trial.leave(), trial, situation);
    this.#isEnd(await trial.next(), trial, situation);
    this.#isEnd(await trial.leave(), trial, situation);
    await this.#over(trial, situation);

    const slow = await take({ hangAt: 'close' });
    const returned = slow.start('return');
    const early = await slow.outcome(returned, 'now');
    if (slow.source.hanging) {
      const slowly = `${situation}, and closing takes its time`;
      if (early.kind !== 'pending') {
        this.findings.add('closes-in-time', slowly, 'return() settles before the source is closed', slow.journal);
      }
      slow.source.release();
      this.#isEnd(await slow.outcome(returned), slow, slowly);
    }
    await this.#over(slow, situation);

    for (const error of [new Error('close'), undefined]) {
      const failing = await take({ failAt: 'close', error });
      if (failing.source.closed > 0) continue;
      const outcome = await failing.leave();
      if (failing.source.closed > 0 && (outcome.kind !== 'error' || !Object.is(outcome.error, error))) {
        const got = `${showOutcome(outcome)} and not error ${show(error)}`;
        this.findings.add('close-error', `${situation}, and closing fails`, got, failing.journal);
      }
      await this.#over(failing, `${situation}, and closing fails`);
    }
  }

  /** The number of pulls, beside the number that each result needs. */
  async #pulled(facts: Facts): Promise<void> {
    const { readAhead = 0, pulls, endsAfter = Infinity } = this.#options;
    const trial = this.#trial();
    for (let count = 1; count <= facts.results.length && (await trial.next()).kind === 'value'; count++) {
      await this.#world.quiet();
      const need = pulls?.[count - 1] ?? observedNeed(facts, count);
      if (trial.source.pulled > need + readAhead) {
        const situation = `the consumer has pulled ${counted(count, 'result')}`;
        const got = `${trial.source.pulled} pulls and not ${need}`;
        this.findings.add('pulls', situation, got, trial.journal);
      }
    }
    if (!isEqual(trial.results, facts.results)) {
      const got = `${show(trial.results)}, and ${show(facts.results)} in the first run`;
      this.findings.add('independent', 'a run after many others', got, trial.journal);
    }
    await trial.next();
    if (trial.source.pulled > endsAfter + readAhead) {
      const got = `${trial.source.pulled} pulls and not ${endsAfter}`;
      this.findings.add('pulls', 'the consumer reads to the end', got, trial.journal);
    }
    await this.#over(trial, 'the consumer reads to the end');
  }

  /** The source fails at its nth pull. */
  async #failing(n: number, facts: Facts): Promise<void> {
    for (const error of [new Error('source'), ...FALSY]) {
      if (this.findings.has('errors')) return;
      const situation = `a source that fails after ${counted(n - 1)} with ${show(error)}`;
      const trial = this.#trial({ failAt: n, error });
      const last = await trial.pull(MOST_RESULTS);
      if (!trial.source.log.includes('failed')) {
        await this.#over(trial, situation, last);
        continue;
      }
      if (last.kind !== 'error' || !Object.is(last.error, error)) {
        const law = error instanceof Error ? 'errors' : 'falsy-errors';
        this.findings.add(law, situation, `${showOutcome(last)} and not that error`, trial.journal);
      } else {
        const before = facts.results.slice(0, facts.now[n - 1]);
        if (trial.results.length < before.length) {
          const got = `the error after ${show(trial.results)} and not after ${show(before)}`;
          this.findings.add('errors-in-order', situation, got, trial.journal);
        }
        await this.#staysOver(trial, situation);
      }
      await this.#over(trial, situation);
    }
  }

  /** The source fails when it is opened. */
  async #refusing(): Promise<void> {
    const situation = 'a source that fails when it is opened';
    const error = new Error('open');
    let trial: Trial;
    try {
      trial = this.#trial({ failAt: 'open', error });
    } catch {
      // A stage may open its source when it is opened itself, and fail then.
      return;
    }
    const last = await trial.pull(MOST_RESULTS);
    const isRight = last.kind === 'error' && Object.is(last.error, error);
    if (!isRight) this.findings.add('errors', situation, `${showOutcome(last)} and not that error`, trial.journal);
    await this.#over(trial, situation);
  }

  /** The consumer calls `next()` without waiting. */
  async #overlapping({ results }: Facts): Promise<void> {
    const situation = 'the consumer calls next() several times without waiting';
    const trial = this.#trial();
    const pending = Array.from({ length: results.length + 2 }, () => trial.start('next'));
    const outcomes: Outcome[] = [];
    for (const one of pending) outcomes.push(await trial.outcome(one));
    const isRight = ({ kind }: Outcome, index: number) => (kind === 'value') === index < results.length;
    if (!outcomes.every(isRight) || !isEqual(trial.results, results)) {
      const got = `${outcomes.map(showOutcome).join(', ')} and not ${show(results)}`;
      this.findings.add('concurrent-next', situation, got, trial.journal);
    }
    await this.#over(trial, situation);
  }

  /** A callback takes its time, fails, or hangs. */
  async #calling(facts: Facts): Promise<void> {
    const { concurrency = 1 } = this.#options;
    const slow = this.#trial({ calls: { mode: 'async' } });
    const end = await slow.pull(MOST_RESULTS);
    if (slow.calls.most > concurrency) {
      const got = `${slow.calls.most} at once and not ${concurrency}`;
      this.findings.add('sequential', 'a callback that takes its time', got, slow.journal);
    }
    await this.#over(slow, 'a callback that takes its time', end);

    // Callbacks that take their time are in flight when the source fails.
    for (let n = 1; n <= this.#elements.length + 1; n++) {
      const situation = `a callback that takes its time, and a source that fails after ${counted(n - 1)}`;
      const error = new Error('source');
      const trial = this.#trial({ failAt: n, error, calls: { mode: 'async' } });
      const last = await trial.pull(MOST_RESULTS);
      if (trial.source.log.includes('failed') && (last.kind !== 'error' || !Object.is(last.error, error))) {
        this.findings.add('errors', situation, `${showOutcome(last)} and not that error`, trial.journal);
      }
      await this.#over(trial, situation);
    }

    for (let call = 1; call <= facts.calls; call++) {
      for (const mode of ['sync', 'async'] as const) {
        for (const error of [new Error('callback'), undefined]) await this.#callFails(call, mode, error);
      }
      await this.#callHangs(call);
    }
  }

  async #callFails(call: number, mode: CallMode, error: unknown): Promise<void> {
    const how = mode === 'sync' ? 'throws' : 'rejects with';
    const situation = `a callback that ${how} ${show(error)} at its ${ordinal(call)} call`;
    const trial = this.#trial({ calls: { mode, failAt: call, error } });
    const last = await trial.pull(MOST_RESULTS);
    if (last.kind !== 'error' || !Object.is(last.error, error)) {
      this.findings.add('callback-errors', situation, `${showOutcome(last)} and not that error`, trial.journal);
    } else {
      await this.#staysOver(trial, situation);
      const closing = this.#trial({ failAt: 'close', error: 'close', calls: { mode, failAt: call, error } });
      const outcome = await closing.pull(MOST_RESULTS);
      if (outcome.kind !== 'error' || !Object.is(outcome.error, error)) {
        const got = `${showOutcome(outcome)} and not ${show(error)}`;
        this.findings.add('first-error', `${situation}, and closing fails`, got, closing.journal);
      }
      await this.#over(closing, `${situation}, and closing fails`);
    }
    await this.#over(trial, situation, last);
  }

  async #callHangs(call: number): Promise<void> {
    const situation = `a callback that hangs at its ${ordinal(call)} call`;
    const trial = this.#trial({ calls: { hangAt: call } });
    await trial.pull(MOST_RESULTS);
    await this.#abandoned(trial, situation, trial.calls);
    await this.#over(trial, situation);
  }

  #isEnd(outcome: Outcome, trial: Trial, situation: string): void {
    if (outcome.kind === 'end') return;
    if (outcome.kind === 'garbage') this.findings.add('result-objects', situation, showOutcome(outcome), trial.journal);
    else if (outcome.kind === 'pending') this.#unsettled(trial, situation, 'it never settles');
    else this.findings.add('ends', situation, `${showOutcome(outcome)} and not the end`, trial.journal);
  }

  #unsettled(trial: Trial, situation: string, got: string): void {
    this.findings.add('settles', situation, got, trial.journal);
  }

  /** The laws of every run that is over. */
  async #over(trial: Trial, situation: string, last?: Outcome): Promise<void> {
    const { source, journal } = trial;
    if (last?.kind === 'pending') this.#unsettled(trial, situation, 'next() never settles');
    if (last?.kind === 'value') this.#unsettled(trial, situation, `${MOST_RESULTS} results and no end`);
    if (last?.kind === 'garbage') this.findings.add('result-objects', situation, showOutcome(last), journal);
    if (last?.kind === 'pending' || last?.kind === 'value') await trial.leave();
    await this.#world.quiet();
    // Callbacks in flight end by themselves: their timers are not those of the stage.
    if (trial.calls.running > 0) await this.#world.clock.advanceTo(this.#world.clock.now + 1);
    const laws: [law: StageLaw, pattern: RegExp][] = [
      ['closes', /^left open/],
      ['one-pull', /is pending/],
      ['after-end', /^next\(\) when/],
      ['closes-once', /^return\(\) when/],
    ];
    for (const fault of source.faults()) {
      for (const [law, pattern] of laws) if (pattern.test(fault)) this.findings.add(law, situation, fault, journal);
    }
    const { late } = trial.calls;
    if (late > 0) this.findings.add('callbacks-stop', situation, `${counted(late, 'call')} after the run`, journal);
    if (source.opened > 1) this.findings.add('opens-once', situation, `${source.opened} times`, journal);
    await this.#world.addLeftovers(this.findings, situation, journal);
  }
}

/** The number of elements after which a source may hang, and the stage still emits `count` results. */
function observedNeed({ now }: Facts, count: number): number {
  const need = now.findIndex((results) => results >= count);
  return need === -1 ? Infinity : need;
}

function counted(n: number, noun = 'element'): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function ordinal(n: number): string {
  return ['', 'first', 'second', 'third'][n] ?? `${n}th`;
}

function situationOf(n: number): string {
  return `a source of ${counted(n)}`;
}
