// Random chains whose elements, stages and inner streams take time, in fake time, and what each must emit when.
import { deepStrictEqual } from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import FakeTimers from '@sinonjs/fake-timers';
import fc from 'fast-check';
import { AsyncStream, type Signal } from '../../lib/index.ts';

type Stream = AsyncStream<any>;

interface Event {
  readonly at: number;
  readonly value: unknown;
}

/** What a run emits, and how it ends: never, if it has no end. */
interface Course {
  readonly events: readonly Event[];
  readonly end: { readonly at: number; readonly error?: string | undefined } | undefined;
}

/** A source that emits 0, 1, 2 and so on after the gaps, and ends after the last one. */
interface Script {
  readonly kind: keyof typeof pushing | keyof typeof pulled;
  readonly gaps: readonly number[];
  readonly end: 'end' | 'fail' | 'never';
}

/** Two durations of a stage, a count, a flag, and other inputs or inner streams. */
interface Args {
  readonly long: number;
  readonly short: number;
  readonly count: number;
  readonly flag: boolean;
  readonly others: readonly Script[];
}

interface Operator {
  readonly lib: (stream: Stream, args: Args) => Stream;
  readonly model: (above: Course, args: Args) => Course;
}

/** So long that two things hardly ever happen in the same millisecond, in which no order is promised. */
const LONG = 1_000_000;

/**
 * Until then a chain is looked at. Not for longer: after some thousand elements a run lets real timers have a turn, and fake
 * time would go on meanwhile.
 */
const HORIZON = 15 * LONG;

const FAILURE = 'of the source';

// ------------------------------------------------------------------------------------------------------------- scripts

/** Calls `emit` with each element, and then ends or fails, at the times of the script. Returns the timers. */
function timed(
  { gaps, end }: Script,
  emit: (value: number) => void,
  finish: () => void,
  fail: (error: Error) => void,
): () => void {
  let at = 0;
  const timers = gaps.map((gap, index) => {
    at += gap;
    if (index < gaps.length - 1) return setTimeout(() => emit(index), at);
    if (end === 'fail') return setTimeout(() => fail(new Error(FAILURE)), at);
    return end === 'end' ? setTimeout(finish, at) : undefined;
  });
  return () => timers.forEach(clearTimeout);
}

/** Elements come, whether the consumer waits for them or not. */
const pushing = {
  create: (script) =>
    AsyncStream.create<number>((push) => timed(script, (value) => void push(value), push.end, push.fail), {
      buffer: Infinity,
    }),
  channel: (script) =>
    AsyncStream.from(({ signal }) => {
      const { stream, push, end, fail } = AsyncStream.channel<number>({ buffer: Infinity });
      const stop = timed(script, (value) => void push(value), end, fail);
      signal.addEventListener('abort', stop);
      return stream;
    }),
  fromEvent: (script) =>
    AsyncStream.from(({ signal }) => {
      const emitter = new EventEmitter();
      const stop = timed(
        script,
        (value) => emitter.emit('value', value),
        () => emitter.emit('end'),
        (error) => emitter.emit('error', error),
      );
      signal.addEventListener('abort', stop);
      return AsyncStream.fromEvent<number>(emitter, 'value', { end: 'end' });
    }),
  asCompleted: (script) =>
    AsyncStream.from(({ signal }) => {
      let at = 0;
      return AsyncStream.asCompleted(script.gaps.map((gap, index) => step(script, index, (at += gap), signal)));
    }).filter((value) => value !== END),
} satisfies Record<string, (script: Script) => Stream>;

const END = -1;

/** What comes of the step, when its gap has gone by: an element, the end, an error, or nothing. */
async function step({ gaps, end }: Script, index: number, gap: number, signal: Signal): Promise<number> {
  const isLast = index === gaps.length - 1;
  if (isLast && end === 'never') await new Promise(() => undefined);
  // A timer of no time takes a millisecond.
  if (gap > 0) await sleep(gap, signal);
  if (isLast && end === 'fail') throw new Error(FAILURE);
  return isLast ? END : index;
}

const generator = (script: Script): Stream =>
  AsyncStream.from(async function* ({ signal }) {
    for (const [index, gap] of script.gaps.entries()) {
      const value = await step(script, index, gap, signal);
      if (value !== END) yield value;
    }
  });

/** The time of an element begins when the consumer asks for it. */
const pulled = {
  generator,
  unfold: (script) =>
    AsyncStream.unfold(0, async (index, { signal }) => {
      const value = await step(script, index, script.gaps[index]!, signal);
      return value === END ? undefined : ([value, index + 1] as const);
    }),
  paginate: (script) =>
    AsyncStream.paginate(
      async ({ page, signal }) => {
        const value = await step(script, page, script.gaps[page]!, signal);
        return value === END ? [] : [value];
      },
      { firstPage: 0 },
    ),
  using: (script) =>
    AsyncStream.using(
      () => undefined,
      () => generator(script),
      () => undefined,
    ),
  poll(script) {
    const every = Math.min(...script.gaps);
    return AsyncStream.poll(
      (index, { signal }) => {
        const rest = script.gaps[index]! - every;
        return step(script, index, rest, signal);
      },
      { every, immediate: false },
    ).takeWhile((value) => value !== END);
  },
} satisfies Record<string, (script: Script) => Stream>;

/** `ahead`: the consumer may not ask at once, and what comes meanwhile has to be held. */
function played(script: Script, ahead = false): Stream {
  const { kind } = script;
  if (kind in pushing) return pushing[kind as keyof typeof pushing](script);
  const stream: Stream = pulled[kind as keyof typeof pulled](script);
  return ahead ? stream.buffer(Infinity) : stream;
}

function courseOf({ gaps, end }: Script): Course {
  let at = 0;
  const times = gaps.map((gap) => (at += gap));
  const error = end === 'fail' ? FAILURE : undefined;
  return {
    events: times.slice(0, -1).map((time, value) => ({ at: time, value })),
    end: end === 'never' ? undefined : { at, error },
  };
}

const sleep = (milliseconds: number, signal: Signal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });

// ------------------------------------------------------------------------------------------------- courses put together

const lastsUntil = ({ end }: Course): number => end?.at ?? Infinity;

const from = (start: number, { events, end }: Course): Course => ({
  events: events.map(({ at, value }) => ({ at: start + at, value })),
  end: end && { ...end, at: start + end.at },
});

/** The part before a moment, which ends there. */
const until = (moment: number, { events, end }: Course, error?: string): Course =>
  moment < Infinity && moment <= lastsUntil({ events, end })
    ? { events: events.filter(({ at }) => at <= moment), end: { at: moment, error } }
    : { events, end };

/** All at the same time: ends with the last of them, or with the first error. */
function together(courses: readonly Course[]): Course {
  const events = courses.flatMap((course) => course.events).toSorted((a, b) => a.at - b.at);
  const end = Math.max(...courses.map(lastsUntil));
  return untilFailure(courses, { events, end: end === Infinity ? undefined : { at: end } });
}

/** Until the first error of one of the others. */
function untilFailure(others: readonly Course[], course: Course): Course {
  const failures = others.flatMap(({ end }) => (end?.error === undefined ? [] : [end]));
  const [first] = failures.toSorted((a, b) => a.at - b.at);
  return first === undefined ? course : until(first.at, course, first.error);
}

/** The next one starts when the one before has ended. */
const after = (first: Course, next: (error: string | undefined) => Course): Course => {
  if (first.end === undefined) return first;
  const { events, end } = from(first.end.at, next(first.end.error));
  return { events: [...first.events, ...events], end };
};

const failing = (error: string | undefined): Course => ({ events: [], end: { at: 0, error } });

const mapped = ({ events, end }: Course, fn: (event: Event, index: number) => readonly Event[]): Course => ({
  events: events.flatMap(fn),
  end,
});

/** The latest value before a moment. Undefined if there is none. */
const latest = ({ events }: Course, moment: number): Event | undefined => events.findLast(({ at }) => at < moment);

/** The moments from which on a stage emits what it holds, and what that is; at the end, and before an error, all of it. */
const emitted = ({ events, end }: Course, held: readonly (Event & { readonly since: number })[]): Course => ({
  events: held
    .filter(({ since }) => since <= lastsUntil({ events, end }))
    .map(({ at, value }) => ({ at: Math.min(at, lastsUntil({ events, end })), value }))
    .filter(({ at }) => at < Infinity),
  end,
});

// ----------------------------------------------------------------------------------------------------------- operators

const inner = ({ others }: Args, index: number): Script => others[index % others.length]!;

/** When the consumer of each element is free for the next one, if it takes some time for each. */
function oneByOne({ events, end }: Course, next: (at: number, before: readonly number[]) => number): Course {
  const times: number[] = [];
  for (const { at } of events) times.push(next(Math.max(at, times.at(-1) ?? 0), times));
  const free = times.at(-1) ?? 0;
  return {
    events: events.map(({ value }, index) => ({ at: times[index]!, value })),
    end: end && { ...end, at: Math.max(end.at, free) },
  };
}

function throttled(above: Course, ms: number, leading: boolean, trailing: boolean): Course {
  const held: (Event & { since: number })[] = [];
  let free = 0;
  let early = false;
  for (const { at, value } of above.events) {
    // A trailing element starts a time of its own.
    while (early && at >= free) {
      early = held.at(-1)!.at === free;
      if (early) free += ms;
    }
    if (!early) {
      early = true;
      free = at + ms;
      if (leading || trailing) held.push({ at: leading ? at : free, value, since: at });
    } else if (trailing) {
      if (held.at(-1)?.at === free) held.pop();
      held.push({ at: free, value, since: at });
    }
  }
  return emitted(above, held);
}

function sampled(above: Course, ms: number): Course {
  const held: (Event & { since: number })[] = [];
  for (const { at, value } of above.events) {
    const tick = (Math.floor(at / ms) + 1) * ms;
    if (held.at(-1)?.at === tick) held.pop();
    held.push({ at: tick, value, since: at });
  }
  return emitted(above, held);
}

function debounced(above: Course, ms: number, maxWait: number): Course {
  const held: (Event & { since: number })[] = [];
  let first = 0;
  for (const { at, value } of above.events) {
    const before = held.at(-1);
    if (before !== undefined && before.at > at) held.pop();
    else first = at;
    held.push({ at: Math.min(at + ms, first + maxWait), value, since: at });
  }
  return emitted(above, held);
}

function chunked(above: Course, size: number, within: number): Course {
  const held: { at: number; value: unknown[]; since: number }[] = [];
  for (const { at, value } of above.events) {
    let chunk = held.at(-1);
    if (chunk === undefined || chunk.at <= at) held.push((chunk = { at: at + within, value: [], since: at }));
    chunk.value.push(value);
    if (chunk.value.length === size) chunk.at = at;
  }
  return emitted(above, held);
}

function beating(above: Course, ms: number): Course {
  const events: Event[] = [];
  let silent = 0;
  const beats = (moment: number) => {
    while (silent + ms < moment) events.push({ at: (silent += ms), value: 'beat' });
    silent = moment;
  };
  for (const event of above.events) {
    beats(event.at);
    events.push(event);
  }
  beats(above.end?.at ?? HORIZON);
  return { events, end: above.end };
}

/** The inner streams of elements: a later one takes the place of the one that runs, or is dropped. */
function oneAtATime(above: Course, args: Args, replaces: boolean): Course {
  const runs: { start: number; course: Course }[] = [];
  above.events.forEach(({ at }, index) => {
    const running = runs.at(-1);
    if (running !== undefined && lastsUntil(running.course) > at) {
      if (!replaces) return;
      running.course = until(at, running.course);
    }
    runs.push({ start: at, course: from(at, courseOf(inner(args, index))) });
  });
  return together([{ ...above, events: [] }, ...runs.map(({ course }) => course)]);
}

/** One course for each element, all at once. */
const flattened = (above: Course, course: (event: Event, index: number) => Course): Course =>
  together([{ ...above, events: [] }, ...above.events.map(course)]);

/** Each row is read when the one before was taken: of inputs that are over by then, one that has failed is told first. */
function zipped(courses: readonly Course[]): Course {
  const events: Event[] = [];
  for (let row = 0, before = 0; ; row++) {
    const ends = courses.flatMap(({ events: own, end }) =>
      own.length <= row && end !== undefined ? [{ ...end, at: Math.max(end.at, before) }] : [],
    );
    const [end] = ends.toSorted((a, b) => a.at - b.at || (a.error === undefined ? 1 : -1));
    const last = Math.max(...courses.map((course) => course.events[row]?.at ?? Infinity), before);
    if (last === Infinity) return { events, end };
    events.push({ at: last, value: courses.map((course) => course.events[row]!.value) });
    before = last;
  }
}

function combined(courses: readonly Course[]): Course {
  const row: unknown[] = [];
  const arrived = new Set<number>();
  const all = together(
    courses.map((course, index) => mapped(course, ({ at, value }) => [{ at, value: { index, value } }])),
  );
  const rows = mapped(all, ({ at, value }) => {
    const arrival = value as { index: number; value: unknown };
    row[arrival.index] = arrival.value;
    arrived.add(arrival.index);
    return arrived.size === courses.length ? [{ at, value: [...row] }] : [];
  });
  // Without an element of one of them there will never be a row.
  const empty = courses.filter(({ events, end }) => events.length === 0 && end?.error === undefined);
  return until(Math.min(...empty.map(lastsUntil)), rows);
}

const inputs = ({ others }: Args) => others.map((other) => played(other));
const courses = ({ others }: Args) => others.map(courseOf);

export const operators = {
  map: {
    lib: (stream) => stream.map((value, index) => [index, value]),
    model: (above) => mapped(above, ({ at, value }, index) => [{ at, value: [index, value] }]),
  },
  filter: {
    lib: (stream, { count }) => stream.filter((_, index) => index % (count + 1) !== 1),
    model: (above, { count }) => mapped(above, (event, index) => (index % (count + 1) === 1 ? [] : [event])),
  },
  take: {
    lib: (stream, { count }) => stream.take(count),
    model: ({ events, end }, { count }) => ({
      events: events.slice(0, count),
      end: events.length < count ? end : { at: events[count - 1]!.at },
    }),
  },
  'prepend, append': {
    lib: (stream) => stream.prepend('first').append('last'),
    model: ({ events, end }) => ({
      events: [
        { at: 0, value: 'first' },
        ...events,
        ...(end !== undefined && end.error === undefined ? [{ at: end.at, value: 'last' }] : []),
      ],
      end,
    }),
  },
  takeLast: {
    lib: (stream, { count }) => stream.takeLast(count),
    model: ({ events, end }, { count }) => ({
      events:
        end === undefined || end.error !== undefined
          ? []
          : events.slice(-count).map(({ value }) => ({ at: end.at, value })),
      end,
    }),
  },
  'buffer, share, progress': {
    lib: (stream) =>
      stream
        .buffer(8)
        .share({ buffer: 8 })
        .progress(() => undefined, { every: LONG }),
    model: (above) => above,
  },
  chunks: {
    lib: (stream, { count }) => stream.chunks(count + 1),
    model: (above, { count }) => chunked(above, count + 1, Infinity),
  },
  'chunks, in time': {
    lib: (stream, { count, long }) => stream.chunks(count + 1, { within: long }),
    model: (above, { count, long }) => chunked(above, count + 1, long),
  },
  debounce: {
    lib: (stream, { long }) => stream.debounce(long),
    model: (above, { long }) => debounced(above, long, Infinity),
  },
  'debounce, maxWait': {
    lib: (stream, { long, short }) => stream.debounce(short, { maxWait: short + long }),
    model: (above, { long, short }) => debounced(above, short, short + long),
  },
  throttle: {
    lib: (stream, { long, flag }) => stream.throttle(long, { leading: flag }),
    model: (above, { long, flag }) => throttled(above, long, flag, true),
  },
  'throttle, leading': {
    lib: (stream, { long }) => stream.throttle(long, { trailing: false }),
    model: (above, { long }) => throttled(above, long, true, false),
  },
  timeout: {
    lib: (stream, { long, short }) => stream.timeout({ each: 2 * long + short, first: long + short }),
    model(above, { long, short }) {
      let moment = long + short;
      for (const { at } of above.events) {
        if (at > moment) break;
        moment = at + 2 * long + short;
      }
      return until(moment, above, 'TimeoutError');
    },
  },
  heartbeat: {
    lib: (stream, { long }) => stream.heartbeat(4 * long, 'beat'),
    model: (above, { long }) => beating(above, 4 * long),
  },
  takeUntil: {
    lib: (stream, args) => stream.takeUntil(played(inner(args, 0))),
    model(above, args) {
      const { events, end } = courseOf(inner(args, 0));
      if (events.length > 0) return until(events[0]!.at, above);
      return end?.error === undefined ? above : until(end.at, above, end.error);
    },
  },
  merge: {
    lib: (stream, args) => stream.merge(...inputs(args)),
    model: (above, args) => together([above, ...courses(args)]),
  },
  concat: {
    lib: (stream, args) => stream.concat(played(inner(args, 0))),
    model: (above, args) => after(above, (error) => (error === undefined ? courseOf(inner(args, 0)) : failing(error))),
  },
  catch: {
    lib: (stream, args) => stream.catch(() => played(inner(args, 0))),
    model: (above, args) => after(above, (error) => (error === undefined ? failing(error) : courseOf(inner(args, 0)))),
  },
  combineLatest: {
    lib: (stream, args) => stream.combineLatest(...inputs(args)),
    model: (above, args) => combined([above, ...courses(args)]),
  },
  withLatestFrom: {
    lib: (stream, args) => stream.withLatestFrom(...inputs(args)),
    model(above, args) {
      const others = courses(args);
      const rows = mapped(above, ({ at, value }) => {
        const row = others.map((course) => latest(course, at));
        return row.every((event) => event !== undefined)
          ? [{ at, value: [value, ...row.map((event) => event!.value)] }]
          : [];
      });
      return untilFailure(others, rows);
    },
  },
  switchMap: {
    lib: (stream, args) => stream.switchMap((_, index) => played(inner(args, index))),
    model: (above, args) => oneAtATime(above, args, true),
  },
  sample: {
    lib: (stream, { long }) => stream.sample(long),
    model: (above, { long }) => sampled(above, long),
  },
  exhaustMap: {
    lib: (stream, args) => stream.exhaustMap((_, index) => played(inner(args, index))),
    model: (above, args) => oneAtATime(above, args, false),
  },
  'flatMap, concurrent': {
    lib: (stream, args) =>
      stream.flatMap((_, index) => played(inner(args, index)), { concurrency: Infinity, ordered: false }),
    model: (above, args) => flattened(above, ({ at }, index) => from(at, courseOf(inner(args, index)))),
  },
  'map, concurrent': {
    lib: (stream, { long, short }) =>
      stream.map(
        async (value, index, { signal }) => {
          await sleep(index % 2 === 0 ? long : short + index, signal);
          return value;
        },
        { concurrency: Infinity, ordered: false },
      ),
    model: (above, { long, short }) =>
      flattened(above, ({ at, value }, index) => {
        const done = at + (index % 2 === 0 ? long : short + index);
        return { events: [{ at: done, value }], end: { at: done } };
      }),
  },
  delay: {
    lib: (stream, { long }) => stream.delay(long),
    model: (above, { long }) => oneByOne(above, (at) => at + long),
  },
  rateLimit: {
    lib: (stream, { count, long }) => stream.rateLimit({ limit: count, interval: long }),
    model: (above, { count, long }) =>
      oneByOne(above, (at, before) => Math.max(at, (before.at(-count) ?? -Infinity) + long)),
  },
  zip: {
    lib: (stream, { others }) => stream.zip(...others.map(pushing.create)),
    model: (above, args) => zipped([above, ...courses(args)]),
  },
  'timeout, total': {
    lib: (stream, { long, short }) => stream.timeout({ total: 5 * long + short }),
    model: (above, { long, short }) => until(5 * long + short, above, 'TimeoutError'),
  },
} satisfies Record<string, Operator>;

export type TimedName = keyof typeof operators;

/** They let their source wait, and so have to stand right behind it, which holds what comes meanwhile. */
const FIRST: readonly TimedName[] = ['delay', 'rateLimit', 'zip'];

/** Ends the whole run, as an abort does: what later stages hold is dropped. */
const LAST: readonly TimedName[] = ['timeout, total'];

const BETWEEN = (Object.keys(operators) as TimedName[]).filter((name) => ![...FIRST, ...LAST].includes(name));

// -------------------------------------------------------------------------------------------------------------- chains

interface Step {
  readonly operator: TimedName;
  readonly args: Args;
}

interface TimedChain {
  readonly source: Script;
  readonly steps: readonly Step[];
}

const duration = (least: number) => fc.noBias(fc.integer({ min: least, max: LONG }));

const scripts: fc.Arbitrary<Script> = fc.record({
  kind: fc.constantFrom(...(Object.keys({ ...pushing, ...pulled }) as Script['kind'][])),
  gaps: fc.array(duration(1), { minLength: 1, maxLength: 9 }),
  end: fc.constantFrom('end', 'end', 'end', 'fail', 'never'),
});

const args: fc.Arbitrary<Args> = fc.record({
  long: duration(LONG / 10),
  short: duration(1),
  count: fc.integer({ min: 1, max: 4 }),
  flag: fc.boolean(),
  others: fc.array(scripts, { minLength: 1, maxLength: 3 }),
});

const steps = (names: readonly TimedName[], maxLength: number) =>
  fc.array(fc.record({ operator: fc.constantFrom(...names), args }), { maxLength });

const chains: fc.Arbitrary<TimedChain> = fc.record({
  source: scripts,
  steps: fc.tuple(steps(FIRST, 1), steps(BETWEEN, 4), steps(LAST, 1)).map((parts) => parts.flat()),
});

function expected({ source, steps }: TimedChain): Course {
  return steps.reduce((above, { operator, args }) => operators[operator].model(above, args), courseOf(source));
}

/** Wrong forms of operators, to show that they are found. */
export type Faults = Partial<Readonly<Record<TimedName, Operator['lib']>>>;

/** What the library emits in fake time. */
async function observed({ source, steps }: TimedChain, faults: Faults): Promise<Course> {
  const clock = FakeTimers.withGlobal(globalThis).install();
  try {
    const stream = steps.reduce<Stream>(
      (above, { operator, args }) => (faults[operator] ?? operators[operator].lib)(above, args),
      // Of two inputs that are over when a row is asked for, which one is told depends on their kinds.
      steps[0]?.operator === 'zip'
        ? pushing.create(source)
        : played(source, FIRST.includes(steps[0]?.operator as TimedName)),
    );
    const start = clock.now;
    const events: Event[] = [];
    let end: Course['end'];
    const controller = new AbortController();
    const run = stream
      .withSignal(controller.signal)
      .forEach((value) => void events.push({ at: clock.now - start, value }))
      .then(
        () => undefined,
        (error: Error) => (error.name === 'Error' ? error.message : error.name),
      )
      .then((error) => (end = { at: clock.now - start, error }));
    await clock.tickAsync(HORIZON);
    const course = { events, end };
    controller.abort();
    await run;
    if (clock.countTimers() > 0) throw new Error(`${clock.countTimers()} timers are left`);
    return course;
  } finally {
    clock.uninstall();
  }
}

const visible = ({ events, end }: Course): unknown => ({
  events: events.filter(({ at }) => at < HORIZON),
  end: end && end.at < HORIZON ? { at: end.at, error: end.error } : undefined,
});

/** Other durations, which do not coincide where these do. */
function shifted(chain: TimedChain): TimedChain {
  let count = 0;
  const shift = (milliseconds: number) => milliseconds + ((milliseconds * 7919) % 1013) + 101 * count++;
  const script = ({ gaps, ...rest }: Script): Script => ({ gaps: gaps.map(shift), ...rest });
  return {
    source: script(chain.source),
    steps: chain.steps.map(({ operator, args }) => ({
      operator,
      args: { ...args, long: shift(args.long), short: shift(args.short), others: args.others.map(script) },
    })),
  };
}

async function compare(chain: TimedChain, faults: Faults): Promise<void> {
  deepStrictEqual(visible(await observed(chain, faults)), visible(expected(chain)));
}

export const onTime = (faults: Faults = {}): fc.IAsyncProperty<[TimedChain]> =>
  fc.asyncProperty(chains, async (chain) => {
    try {
      await compare(chain, faults);
    } catch {
      await compare(shifted(chain), faults);
    }
  });
