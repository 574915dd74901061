// Random chains, run by the library and by the model, and what must be equal.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { AsyncStream } from '../../lib/index.ts';
import { type Args, Build, type Model, type OperatorName, type Operator, operators, type Stream } from './operators.ts';
import { asSpecified } from '../support/for-await.ts';
import { idle } from '../support/turns.ts';
import { callbackSpecs, Recorder, show, source, sourceSpecs, type SourceSpec, stuckSpecs } from './parts.ts';

interface Step {
  readonly name: OperatorName;
  readonly args: Args;
}

export interface Chain {
  readonly source: SourceSpec;
  readonly steps: readonly Step[];
}

type Table = Readonly<Record<string, Operator>>;
const table: Table = operators;
const FLUSHING = new Set<OperatorName>([
  'chunks',
  'chunks, in time',
  'chunkBy',
  'chunkWhen',
  'debounce for long',
  'throttle for long',
  'sample for long',
]);
const gradeOf = ({ name }: Step) => table[name]!.grade;
const named = (...grades: Operator['grade'][]) =>
  (Object.keys(operators) as OperatorName[]).filter((name) => grades.includes(table[name]!.grade));

const args: fc.Arbitrary<Args> = fc.record({
  count: fc.nat(4),
  flag: fc.boolean(),
  fn: callbackSpecs,
  other: sourceSpecs,
});

const steps = (names: OperatorName[], maxLength = 12) =>
  fc.array(fc.record({ name: fc.constantFrom(...names), args }), { maxLength, size: 'max' });

const exact = steps(named('exact'));
const inOrder = steps(named('exact', 'values'));
// Elements that come in another order have another index: nothing may follow that tells one from the other.
const mixed = fc
  .tuple(inOrder, fc.record({ name: fc.constantFrom(...named('bag', 'free')), args }))
  .map(([before, last]) => [...before.slice(0, 11), last]);

/** A failure that comes in some runs only is for chains that open the source as often as the model does. */
const always = (spec: SourceSpec): SourceSpec => ({ ...spec, failRuns: Infinity });

function settled({ source, steps }: Chain): Chain {
  if (steps.every((step) => gradeOf(step) === 'exact')) return { source, steps };
  return {
    source: always(source),
    steps: steps.map(({ name, args }) => ({ name, args: { ...args, other: always(args.other) } })),
  };
}

const chainsOver = (sources: fc.Arbitrary<SourceSpec>): fc.Arbitrary<Chain> =>
  fc.record({ source: sources, steps: fc.oneof(exact, inOrder, mixed) }).map(settled);

const chains = chainsOver(sourceSpecs);
const stuckChains = chainsOver(stuckSpecs);

/** Short chains that keep the order of elements. */
export const chainsInOrder = (maxLength: number, sources = sourceSpecs): fc.Arbitrary<Chain> =>
  fc
    .record({
      source: sources,
      steps: fc.oneof(steps(named('exact'), maxLength), steps(named('exact', 'values'), maxLength)),
    })
    .map(settled);

/** `exact`: no stage reads ahead. `flushes`: one emits what it holds before an error. */
export const natureOf = ({ steps }: Chain) => ({
  exact: steps.every((step) => gradeOf(step) === 'exact'),
  flushes: steps.some(({ name }) => FLUSHING.has(name)),
});

/** A fault that is planted in the library, which the model must find: in some operators, or between the source and them. */
export interface Fault {
  readonly operators?: Table;
  readonly source?: (stream: Stream) => Stream;
}

/** The stages that make a stream which can be run once cannot follow each other with one that runs its source again. */
export function build({ source: spec, steps }: Chain, recorder: Recorder, fault: Fault): Stream {
  const faulty: Table = { ...table, ...fault.operators };
  const first = AsyncStream.from<unknown>(source(spec, 'source', recorder));
  return steps.reduce<Stream>(
    (stream, { name, args }, index) => faulty[name]!.lib(stream, new Build(args, `${index} ${name}`, recorder)),
    fault.source?.(first) ?? first,
  );
}

export function model({ source: spec, steps }: Chain, recorder: Recorder): Model {
  const open = source(spec, 'source', recorder);
  const first: Model = async function* () {
    for await (const value of asSpecified(open())) yield value;
  };
  return steps.reduce(
    (above, { name, args }, index) => table[name]!.model(above, new Build(args, `${index} ${name}`, recorder)),
    first,
  );
}

interface Outcome {
  readonly seen: unknown[];
  readonly failure: { readonly error: unknown } | undefined;
}

/** A loop that breaks off after `count` elements. */
async function loop(stream: AsyncIterable<unknown>, count: number): Promise<Outcome> {
  const seen: unknown[] = [];
  try {
    for await (const value of stream) {
      seen.push(value);
      if (seen.length >= count) break;
    }
  } catch (error) {
    return { seen, failure: { error } };
  }
  return { seen, failure: undefined };
}

async function terminal(stream: Stream): Promise<Outcome> {
  const seen: unknown[] = [];
  try {
    await stream.forEach((value) => void seen.push(value));
  } catch (error) {
    return { seen, failure: { error } };
  }
  return { seen, failure: undefined };
}

/** Calls of `next()` that do not wait for each other. */
async function overlapping(stream: Stream, count: number): Promise<Outcome> {
  const iterator = stream[Symbol.asyncIterator]();
  const results = await Promise.allSettled(Array.from({ length: count }, () => iterator.next()));
  const seen: unknown[] = [];
  let failure: Outcome['failure'];
  let over = false;
  for (const result of results) {
    if (result.status === 'fulfilled' && !result.value.done) {
      if (over) throw new Error('an element after the end');
      seen.push(result.value.value);
    } else {
      if (result.status === 'rejected') {
        if (over) throw new Error('an error after the end');
        failure = { error: result.reason };
      }
      over = true;
    }
  }
  return { seen, failure };
}

export function fail(what: string, chain: Chain, ...pairs: unknown[]): never {
  const text = pairs.map((value) => `\n  ${typeof value === 'string' ? value : show(value)}`).join('');
  throw new Error(`${what}\n  ${chain.steps.map(({ name }) => name).join(' → ')}${text}`);
}

export function equal(what: string, chain: Chain, got: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(got, expected))
    fail(`${what} are not those of the model`, chain, 'got:', got, 'expected:', expected);
}

/**
 * Nothing is left open, and no source had to put up with anything. `early`: the run may have ended before its sources. One
 * whose end is on its way then may have `return()` called.
 */
export function clean(chain: Chain, recorder: Recorder, early: boolean): void {
  const faults = recorder.faults.filter((fault) => !early || !fault.endsWith('return() after its end'));
  if (faults.length > 0) fail('a source was misused', chain, faults);
  if (recorder.open !== 0) fail(`${recorder.open} sources were left open`, chain, recorder.log);
}

const sorted = (values: unknown[]) => values.map(show).sort();

type Consumer = 'terminal' | 'loop' | 'overlapping';

/** Stages that emit elements before their source is opened, or when it has ended. */
const APART = new Set<OperatorName>([
  ...FLUSHING,
  ...(['prepend', 'toSorted', 'takeLast', 'append', 'defaultIfEmpty', 'expand', 'lines', 'split', 'decode'] as const),
]);

/**
 * The events whose order is promised, and those of which only the number is. A source is closed once, and before the run
 * settles. Two closings have no place in the order of the other events:
 * - at an error, beside a stage that first emits what it holds, that of any source;
 * - downstream of a stage that emits at its start or end, that of an inner stream which a later stage stops.
 */
export function promised({ log }: Recorder, chain: Chain): [inOrder: string[], inAnyOrder: string[]] {
  const names = chain.steps.map(({ name }) => name);
  const flushes = names.some((name) => FLUSHING.has(name));
  const isFlattenedApart = names.some((name, index) => APART.has(name) && names.includes('flatMap to sources', index));
  const isUnplaced = (event: string) =>
    (flushes && mayFail(chain) && event.endsWith(' close')) ||
    (isFlattenedApart && event.endsWith('flatMap to sources other close'));
  const inOrder = log.filter((event) => !isUnplaced(event));
  return [
    // Of two errors, which one a `catch` or a `retry` is called with.
    flushes ? inOrder.map((event) => event.replace(/ (catch|retry) .*/, ' $1')) : inOrder,
    log.filter(isUnplaced).sort(),
  ];
}

/** Elements, errors and events are those of the model, however the chain is consumed. */
async function agrees(chain: Chain, consumer: Consumer, count: number, fault: Fault): Promise<void> {
  const [record, expectedRecord] = [new Recorder(), new Recorder()];
  const grades = new Set(chain.steps.map(gradeOf));
  const unordered = grades.has('bag') || grades.has('free');
  const breaksAt = consumer === 'loop' && !unordered ? count + 1 : Infinity;
  const expected = await loop(model(chain, expectedRecord)(), breaksAt);
  const stream = build(chain, record, fault);
  let got: Outcome;
  if (consumer === 'terminal') got = await terminal(stream);
  else if (consumer === 'loop') got = await loop(stream, breaksAt);
  else got = await overlapping(stream, expected.seen.length + (unordered ? 50 : 2));
  await idle();
  // By a break, or by an error of another input or downstream: what is read ahead may be at its end by then.
  const isLeft = got.failure !== undefined || got.seen.length >= breaksAt;
  clean(chain, record, isLeft && chain.steps.some((step) => gradeOf(step) !== 'exact'));
  if (grades.has('free')) {
    if (expected.failure === undefined) equal('errors', chain, got.failure, undefined);
    return;
  }
  if (unordered) {
    if (expected.failure === undefined) {
      equal('errors', chain, got.failure, undefined);
      equal('elements', chain, sorted(got.seen), sorted(expected.seen));
    } else if (got.failure === undefined) fail('an error is lost', chain, expected.failure);
    return;
  }
  equal('elements', chain, got.seen, expected.seen);
  // Where what was held is emitted before an error, a later callback may fail with it: the error of the source came first.
  const flushes = chain.steps.some(({ name }) => FLUSHING.has(name));
  const two = got.failure !== undefined && expected.failure !== undefined && flushes;
  if (!two) equal('errors', chain, got.failure, expected.failure);
  if (grades.has('values') || consumer === 'overlapping') return;
  equal('events', chain, promised(record, chain), promised(expectedRecord, chain));
}

/** A run that is left at any moment ends promptly, has emitted no more than the model, and leaves nothing open. */
async function ends(
  chain: Chain,
  way: 'return' | 'throw' | 'abort',
  microtasks: number,
  turns: number,
  fault: Fault,
): Promise<void> {
  const record = new Recorder();
  const stream = build(chain, record, fault);
  const reason = new Error('left');
  const controller = new AbortController();
  const iterator = (way === 'abort' ? stream.withSignal(controller.signal) : stream)[Symbol.asyncIterator]();
  let outcome: unknown;
  const read = async () => {
    while (!(await iterator.next()).done);
  };
  const reading = read().then(
    () => (outcome = 'ended'),
    (error: unknown) => (outcome = { error }),
  );
  for (let count = 0; count < microtasks; count++) await undefined;
  for (let count = 0; count < turns; count++) await idle();
  const before = outcome;
  let left: Promise<unknown> = Promise.resolve();
  if (way === 'abort') controller.abort(reason);
  else if (way === 'return') left = iterator.return();
  else left = (iterator as AsyncIterator<unknown>).throw?.(reason).catch(() => undefined) ?? iterator.return();
  left = left.catch((error: unknown) => {
    if (error !== reason) throw error;
  });
  // No promise that never settles holds it up; a timer of the source may have to fire.
  let over = false;
  void Promise.allSettled([left, reading]).then(() => (over = true));
  for (let count = 0; !over && count < 200; count++) await idle();
  if (!over) fail(`it does not end by ${way}`, chain, record.log);
  await left;
  if (before === undefined && way === 'abort' && outcome !== 'ended') {
    const { error } = outcome as { error: unknown };
    if (error !== reason && before === undefined && !mayFail(chain)) fail('another error', chain, outcome);
  }
  for (let count = 0; count < 4; count++) await idle();
  const { length } = record.log;
  for (let count = 0; count < 4; count++) await idle();
  if (record.log.length > length) fail('it goes on after its end', chain, record.log.slice(length));
  clean(chain, record, true);
}

/** Whether something in it may fail by itself. */
const mayFail = ({ source, steps }: Chain) =>
  [source, ...steps.map(({ args }) => args.other)].some(({ failAt }) => failAt >= 0) ||
  steps.some(({ args }) => args.fn.fails > 0);

export const equalToModel = (fault: Fault = {}) =>
  fc.asyncProperty(
    chains,
    fc.constantFrom<Consumer>('terminal', 'terminal', 'loop', 'overlapping'),
    fc.nat(6),
    (chain, consumer, count) => agrees(chain, consumer, count, fault),
  );

export const endsAtAnyMoment = (fault: Fault = {}) =>
  fc.asyncProperty(
    stuckChains,
    fc.constantFrom('return', 'throw', 'abort'),
    fc.nat(30),
    fc.nat(3),
    (chain, way, microtasks, turns) => ends(chain, way, microtasks, turns, fault),
  );
