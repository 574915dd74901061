// Random chains that pass through streams of other kinds, from any source into any destination.
import { deepStrictEqual } from 'node:assert/strict';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import fc from 'fast-check';
import { AsyncStream, limiter } from '../../lib/index.ts';
import { idle, until } from '../support/turns.ts';

type Stream = AsyncStream<any>;

interface Element {
  readonly id: number;
}

/** Data from which a run is made. */
interface Plan {
  readonly source: keyof typeof sources;
  readonly length: number;
  readonly fails: boolean;
  readonly steps: readonly { readonly name: keyof typeof passages | keyof typeof cuts; readonly count: number }[];
  readonly destination: string;
  readonly count: number;
  /** Aborts after so many turns. */
  readonly abortsAfter: number | undefined;
  /** How the generator and callbacks wait, again and again. */
  readonly waits: readonly Wait[];
}

type Wait = 'not' | 'microtask' | 'turn';

/** What a run should give: the elements, and then the error. */
interface Outcome {
  readonly elements: readonly Element[];
  readonly error: unknown;
}

const ABORTED = new Error('aborted');

/** One run. Its source counts how often it was opened and closed. */
class Run {
  readonly plan: Plan;
  readonly failure = new Error('of the source');
  readonly elements: readonly Element[];
  readonly seen: Element[] = [];
  opened = 0;
  closed = 0;
  #waits = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.elements = Array.from({ length: plan.length }, (_, id) => ({ id }));
  }

  async wait(): Promise<void> {
    const { waits } = this.plan;
    const wait = waits[this.#waits++ % waits.length];
    if (wait === 'turn') await idle();
    else if (wait === 'microtask') await null;
  }

  async *generate(): AsyncGenerator<Element, undefined> {
    this.opened++;
    try {
      for (const element of this.elements) {
        await this.wait();
        yield element;
      }
      if (this.plan.fails) throw this.failure;
    } finally {
      this.closed++;
    }
    return undefined;
  }
}

/** Each gives all elements of the run, and fails with its error. */
const sources = {
  'a generator': (run: Run) => AsyncStream.from(() => run.generate()),
  'a given generator': (run: Run) => AsyncStream.from(run.generate()),
  'a web stream': (run: Run) => AsyncStream.from(() => ReadableStream.from(run.generate())),
  'a given web stream': (run: Run) => AsyncStream.from(ReadableStream.from(run.generate())),
  'a Node stream': (run: Run) => AsyncStream.from(() => Readable.from(run.generate())),
  'a given Node stream': (run: Run) => AsyncStream.from(Readable.from(run.generate())),
  create: (run: Run) =>
    AsyncStream.create<Element>(async (push) => {
      for await (const element of run.generate()) if (!(await push(element))) return;
      push.end();
    }),
  channel(run: Run) {
    const { push, stream } = AsyncStream.channel<Element>({ buffer: Infinity });
    for (const element of run.elements) void push(element);
    if (run.plan.fails) push.fail(run.failure);
    else push.end();
    return stream;
  },
  paginate: (run: Run) =>
    AsyncStream.paginate(
      async ({ page }) => {
        await run.wait();
        const items = run.elements.slice(3 * page - 3, 3 * page);
        if (items.length === 0 && run.plan.fails) throw run.failure;
        return items;
      },
      { prefetch: run.plan.count % 3 },
    ),
  unfold: (run: Run) =>
    AsyncStream.unfold(0, async (index): Promise<[Element, number] | undefined> => {
      await run.wait();
      if (index < run.elements.length) return [run.elements[index]!, index + 1];
      if (run.plan.fails) throw run.failure;
      return undefined;
    }),
  using: (run: Run) =>
    AsyncStream.using(
      () => run.wait(),
      () => run.generate(),
      () => run.wait(),
    ),
} satisfies Record<string, (run: Run) => Stream>;

/** Each passes all on. A stream that is made here is made for each run. */
const passages = {
  'a web transform': (stream) => stream.pipeThrough(() => new TransformStream()),
  'a web transform that holds some': (stream, _, count) =>
    stream.pipeThrough(() => new TransformStream({}, { highWaterMark: count }, { highWaterMark: count })),
  'a Node transform': (stream, run) =>
    stream.pipeThrough(
      () =>
        new Transform({
          objectMode: true,
          transform: (element, _, done) => void run.wait().then(() => done(null, element)),
        }),
    ),
  'a PassThrough': (stream, _, highWaterMark) =>
    stream.pipeThrough(() => new PassThrough({ objectMode: true, highWaterMark })),
  'a generator': (stream) =>
    stream.pipe(async function* (upstream) {
      for await (const element of upstream) yield element;
    }),
  'a Node stream': (stream) => stream.pipe((upstream) => Readable.from(upstream)),
  'a web stream': (stream) => stream.pipe((upstream) => ReadableStream.from(upstream)),
  toReadableStream: (stream, _, highWaterMark) => AsyncStream.from(() => stream.toReadableStream({ highWaterMark })),
  'an iterator': (stream) => AsyncStream.from(() => stream[Symbol.asyncIterator]()),
  'a reader': (stream) => AsyncStream.from({ [Symbol.asyncIterator]: () => stream.iterator() }),
  buffer: (stream, _, count) => stream.buffer(count),
  share: (stream, _, count) => stream.share({ buffer: count }),
  chunks: (stream, _, count) => stream.chunks(count).flat(),
  'chunks in time': (stream, _, count) => stream.chunks(count, { within: 100_000 }).flat(),
  'map, concurrent': (stream, run, concurrency) =>
    stream.map((element) => run.wait().then(() => element), { concurrency }),
  'map under a limiter': (stream, run, count) =>
    stream.map((element) => run.wait().then(() => element), { concurrency: limiter(count) }),
  'flatMap, concurrent': (stream, _, concurrency) => stream.flatMap((element) => [element], { concurrency }),
  groupByKey: (stream) => stream.groupByKey(() => 0).flatMap(([, group]) => group),
  timeout: (stream) => stream.timeout(100_000),
  'progress, profile': (stream) => stream.progress(() => undefined).profile(() => undefined),
  retry: (stream) => AsyncStream.from(() => stream).retry({ times: 0 }),
  catch: (stream) =>
    stream.catch((error) => {
      throw error;
    }),
  takeUntil: (stream) => stream.takeUntil(new Promise(() => undefined)),
  finally: (stream, run) => stream.finally(() => run.wait()),
} satisfies Record<string, (stream: Stream, run: Run, count: number) => Stream>;

/** Each changes the outcome. */
const cuts = {
  take: {
    lib: (stream, _, count) => stream.take(count),
    model: (outcome, _, count) => firstOf(outcome, count),
  },
  drop: {
    lib: (stream, _, count) => stream.drop(count),
    model: ({ elements, error }, _, count) => ({ elements: elements.slice(count), error }),
  },
  filter: {
    lib: (stream) => stream.filter(({ id }) => id % 2 > 0),
    model: ({ elements, error }) => ({ elements: elements.filter(({ id }) => id % 2 > 0), error }),
  },
  'map that throws': {
    lib: (stream, { failure }, count) =>
      stream.map((element) => {
        if (element.id === count) throw failure;
        return element;
      }),
    model({ elements, error }, { failure }, count) {
      const index = elements.findIndex(({ id }) => id === count);
      return index < 0 ? { elements, error } : { elements: elements.slice(0, index), error: failure };
    },
  },
} satisfies Record<
  string,
  {
    lib: (stream: Stream, run: Run, count: number) => Stream;
    model: (outcome: Outcome, run: Run, count: number) => Outcome;
  }
>;

/** A consumer that has all it wants sees no later error. */
function firstOf({ elements, error }: Outcome, count: number): Outcome {
  return elements.length < count ? { elements, error } : { elements: elements.slice(0, count), error: undefined };
}

async function read(elements: AsyncIterable<Element>, run: Run, count = Infinity): Promise<void> {
  for await (const element of elements) {
    run.seen.push(element);
    if (run.seen.length === count) break;
    await run.wait();
  }
}

/** Each takes all elements, or the first `count` of them if it is `partial`. */
const destinations: Record<string, { partial?: true; lib: (stream: Stream, run: Run) => Promise<unknown> }> = {
  'for await': { lib: (stream, run) => read(stream, run) },
  'for await, with a break': { partial: true, lib: (stream, run) => read(stream, run, run.plan.count) },
  forEach: { lib: (stream, run) => stream.forEach((element) => run.wait().then(() => void run.seen.push(element))) },
  'Readable.from': { lib: (stream, run) => read(Readable.from(stream), run) },
  'a web stream': { lib: (stream, run) => read(stream.toReadableStream() as unknown as AsyncIterable<Element>, run) },
  'a web stream, cancelled': {
    partial: true,
    lib: (stream, run) => read(stream.toReadableStream() as unknown as AsyncIterable<Element>, run, run.plan.count),
  },
  'a web writable': {
    lib: (stream, run) =>
      stream.pipeTo(
        new WritableStream({
          async write(element: Element) {
            run.seen.push(element);
            await run.wait();
          },
        }),
      ),
  },
  'a Node writable': {
    lib: (stream, run) =>
      stream.pipeTo(
        new Writable({
          objectMode: true,
          highWaterMark: run.plan.count,
          write(element: Element, _, done) {
            run.seen.push(element);
            void run.wait().then(() => done());
          },
        }),
      ),
  },
};

const isCut = (name: string): name is keyof typeof cuts => Object.hasOwn(cuts, name);

function expected(run: Run): Outcome {
  const { plan } = run;
  const last = plan.steps.reduce<Outcome>(
    (outcome, { name, count }) => (isCut(name) ? cuts[name].model(outcome, run, count) : outcome),
    { elements: run.elements, error: plan.fails ? run.failure : undefined },
  );
  return destinations[plan.destination]!.partial ? firstOf(last, plan.count) : last;
}

/** A stream that a stage has made can be run once only, or is not known to: `retry` is passed a function. */
function build(run: Run, passing: typeof passages): Stream {
  return run.plan.steps.reduce<Stream>(
    (stream, { name, count }) => (isCut(name) ? cuts[name].lib(stream, run, count) : passing[name](stream, run, count)),
    sources[run.plan.source](run),
  );
}

/**
 * They read ahead. When their source fails, some of them drop what they hold; and if they are left with an error that has
 * not been read, they tell it.
 */
const AHEAD = new Set(
  [...Object.keys(passages), ...Object.keys(destinations)].filter((name) => /Node|web|Pass|Read/.test(name)),
);

const plans: fc.Arbitrary<Plan> = fc.record({
  source: fc.constantFrom(...(Object.keys(sources) as Plan['source'][])),
  length: fc.nat(12),
  fails: fc.boolean(),
  steps: fc.array(
    fc.record({
      name: fc.constantFrom(...([...Object.keys(passages), ...Object.keys(cuts)] as Plan['steps'][number]['name'][])),
      count: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 6 },
  ),
  destination: fc.constantFrom(...Object.keys(destinations)),
  count: fc.integer({ min: 1, max: 6 }),
  abortsAfter: fc.option(fc.nat(12), { nil: undefined, freq: 3 }),
  waits: fc.array(fc.constantFrom<Wait>('not', 'microtask', 'turn'), { minLength: 1, maxLength: 5 }),
});

async function check(plan: Plan, passing: typeof passages): Promise<void> {
  const run = new Run(plan);
  const { elements, error } = expected(run);
  const controller = new AbortController();
  const stream = build(run, passing).withSignal(controller.signal);
  let outcome: { readonly error?: unknown } | undefined;
  destinations[plan.destination]!.lib(stream, run).then(
    () => (outcome = {}),
    (reason: unknown) => (outcome = { error: reason }),
  );
  if (plan.abortsAfter !== undefined) {
    for (let turn = 0; turn < plan.abortsAfter; turn++) await idle();
    controller.abort(ABORTED);
  }
  try {
    await until(() => outcome !== undefined, 3000);
  } finally {
    controller.abort(ABORTED);
  }
  await until(() => run.closed === run.opened);
  const failed = outcome!.error;
  const isAhead = [plan.destination, ...plan.steps.map(({ name }) => name)].some((name) => AHEAD.has(name));
  if (failed === ABORTED || (isAhead && failed === run.failure)) {
    deepStrictEqual(run.seen, elements.slice(0, run.seen.length));
  } else {
    deepStrictEqual([run.seen, failed], [elements, error]);
  }
}

/**
 * All elements arrive in order, and then the error; or the first ones, if the run is left. Everything is closed. `faults`
 * replaces passages, to show that they are found.
 */
export const passesOn = (faults: Partial<typeof passages> = {}): fc.IAsyncProperty<[Plan]> =>
  fc.asyncProperty(plans, (plan) => check(plan, { ...passages, ...faults }));
