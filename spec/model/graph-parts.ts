// The stages of random graphs, and the ways to recombine the branches of a stream, each with what should come of it.
import { PassThrough, Readable, Transform } from 'node:stream';
import { AsyncStream, type Semaphore, type Signal } from '../../lib/index.ts';
import { hash } from './parts.ts';

export type Stream = AsyncStream<any>;

/** In place of an error: a stream has come to its end. */
export const END = Symbol('end');

/**
 * What should come of a stream that is read to its end: the elements, in this order or in any (`bag`). `free` depends on what
 * comes first.
 */
export interface Course {
  readonly grade: 'exact' | 'bag' | 'free';
  readonly elements: readonly unknown[];
  /** What it may end with: `END`, or an error. Anything if empty. */
  readonly ends: readonly unknown[];
}

export const FREE: Course = { grade: 'free', elements: [], ends: [] };

export interface Args {
  readonly count: number;
  readonly ms: number;
  readonly flag: boolean;
}

/** What the callbacks of a graph need. */
export interface Surroundings {
  /** Called by each callback. */
  called(): void;
  sleep(milliseconds: number, signal?: Signal): Promise<void>;
  cleanup(milliseconds: number): Promise<void>;
  /** As `sleep`, of a callback that its run waits for. */
  settle(milliseconds: number): Promise<void>;
  /** Of all stages and readers. */
  readonly limiter: Semaphore;
  /** The error of a stage that fails. */
  failureOf(args: Args): Error;
  /** An error that a stage has caught. */
  caught(error: unknown): void;
}

type Lib = (stream: Stream, args: Args, run: Surroundings) => Stream;

export interface Stage {
  readonly lib: Lib;
  /** The same if there is none. */
  readonly model?: (course: Course, args: Args, run: Surroundings) => Course;
  /** The model does not need to know the order of the elements. */
  readonly each?: true;
  /** Opens its source not at once, but some microtasks later. */
  readonly late?: true;
  /** Opens its source after its first element, or makes it when it is run: closed unread, it closes no branch then. */
  readonly lazy?: true;
  /** May run its source again. */
  readonly again?: true;
}

const fails = ({ ends }: Course) => ends.some((end) => end !== END);

/** With an error, elements may be dropped that were on their way. */
const unordered = (course: Course): Course =>
  course.grade === 'free' || fails(course) ? { ...FREE, ends: course.ends } : { ...course, grade: 'bag' };

/** With an error, elements may be dropped that were on their way. */
const readAhead = (course: Course): Course => (fails(course) ? { ...FREE, ends: course.ends } : course);

const only = (course: Course, elements: readonly unknown[], ends = course.ends): Course => ({
  grade: course.grade,
  elements,
  ends,
});

const numbered = (course: Course, { count }: Args): Course =>
  only(
    course,
    course.elements.map((value) => [count, value]),
  );

const isKept = (value: unknown, { count }: Args) => hash(value) % (count + 1) !== 1;
const isBad = (value: unknown, { count }: Args) => hash(value) % 7 === count;

const childrenOf = (value: unknown, depth: number): unknown[] =>
  depth < 2 && hash(value) % 3 > 0 ? [[depth, value], depth] : [];

/** Each element with its descendants. */
const family = (value: unknown, depth = 0): unknown[] => [
  value,
  ...childrenOf(value, depth).flatMap((child) => family(child, depth + 1)),
];

/** All elements of a depth, and then their descendants. */
const generations = (values: readonly unknown[], depth = 0): unknown[] =>
  values.length === 0
    ? []
    : [
        ...values,
        ...generations(
          values.flatMap((value) => childrenOf(value, depth)),
          depth + 1,
        ),
      ];

const never = new Promise<never>(() => undefined);
const FOR_LONG = 1_000_000;

/** In place of an error. */
const replacement = 'replaced';

const recovered = (course: Course): Course =>
  course.ends.length > 1
    ? FREE
    : only(course, fails(course) ? [...course.elements, replacement] : course.elements, [END]);

export const stages = {
  map: {
    each: true,
    lib: (stream, { count }, run) =>
      stream.map((value) => {
        run.called();
        return [count, value];
      }),
    model: numbered,
  },
  'map, async': {
    each: true,
    lib: (stream, { count, ms, flag }, run) =>
      stream.map(async (value, _, { signal }) => {
        run.called();
        if (flag) await run.sleep(ms, signal);
        return [count, value];
      }),
    model: numbered,
  },
  'map, concurrent': {
    each: true,
    lib: (stream, { count, ms, flag }, run) =>
      stream.map(
        async (value, index, { signal }) => {
          run.called();
          if (flag && index % 2 === 0) await run.sleep(ms, signal);
          return value;
        },
        { concurrency: count + 1 },
      ),
  },
  'map, unordered': {
    each: true,
    lib: (stream, { count, ms, flag }, run) =>
      stream.map(
        async (value, index, { signal }) => {
          run.called();
          if (flag && index % 2 === 0) await run.sleep(ms, signal);
          return value;
        },
        { concurrency: count + 1, ordered: false },
      ),
    model: unordered,
  },
  'map that settles': {
    each: true,
    lib: (stream, { count, ms, flag }, run) =>
      stream.map(
        async (value) => {
          run.called();
          await run.settle(ms);
          return value;
        },
        { concurrency: count + 1, settle: true, ordered: flag },
      ),
    model: (course, { flag }) => (flag ? course : unordered(course)),
  },
  'map under a limiter': {
    each: true,
    lib: (stream, { ms, flag }, run) =>
      stream.map(
        async (value, index, { signal }) => {
          run.called();
          if (flag && index % 2 === 0) await run.sleep(ms, signal);
          return value;
        },
        { concurrency: run.limiter },
      ),
  },
  filter: {
    each: true,
    lib: (stream, args) => stream.filter((value) => isKept(value, args)),
    model: (course, args) =>
      only(
        course,
        course.elements.filter((value) => isKept(value, args)),
      ),
  },
  take: {
    lib: (stream, { count }) => stream.take(count + 1),
    model: (course, { count }) => firstOf(course, count + 1),
  },
  drop: {
    lib: (stream, { count }) => stream.drop(count),
    model: (course, { count }) => only(course, course.elements.slice(count)),
  },
  takeLast: {
    lib: (stream, { count }) => stream.takeLast(count + 1),
    model: (course, { count }) => only(course, fails(course) ? [] : course.elements.slice(-count - 1)),
  },
  dropLast: {
    lib: (stream, { count }) => stream.dropLast(count),
    model: (course, { count }) => only(course, course.elements.slice(0, Math.max(0, course.elements.length - count))),
  },
  'prepend, append': {
    late: true,
    lazy: true,
    lib: (stream, { count }) => stream.prepend(`first ${count}`).append('last'),
    model: (course, { count }) =>
      only(course, [`first ${count}`, ...course.elements, ...(fails(course) ? [] : ['last'])]),
  },
  buffer: { each: true, lib: (stream, { count }) => stream.buffer(count + 1) },
  delay: { each: true, lib: (stream, { ms }) => stream.delay(ms) },
  rateLimit: {
    each: true,
    lib: (stream, { count, ms }) => stream.rateLimit({ limit: count + 1, interval: ms + 1 }),
  },
  chunks: { each: true, lib: (stream, { count }) => stream.chunks(count + 1).flat() },
  'chunks, in time': { each: true, lib: (stream, { count, ms }) => stream.chunks(count + 1, { within: ms }).flat() },
  flatMap: {
    each: true,
    lib: (stream) => stream.flatMap((value) => [value, [value]]),
    model: (course) =>
      only(
        course,
        course.elements.flatMap((value) => [value, [value]]),
      ),
  },
  'flatMap, concurrent': {
    each: true,
    lib: (stream, { count, ms }, run) =>
      stream.flatMap(
        (value) =>
          AsyncStream.of(value, [value]).tap(async (_, __, { signal }) => {
            run.called();
            await run.sleep(ms, signal);
          }),
        { concurrency: count + 1, buffer: 2 },
      ),
    model: (course) =>
      only(
        course,
        course.elements.flatMap((value) => [value, [value]]),
      ),
  },
  'flatMap, unordered': {
    each: true,
    lib: (stream, { count }) =>
      stream.flatMap((value) => AsyncStream.of(value), { concurrency: count + 1, ordered: false }),
    model: unordered,
  },
  switchMap: { lib: (stream) => stream.switchMap((value) => AsyncStream.of(value, [value])), model: () => FREE },
  'expand, depth first': {
    each: true,
    lib: (stream, { flag }, run) =>
      stream.expand(
        (value, depth) => {
          run.called();
          return flag ? childrenOf(value, depth) : AsyncStream.from(childrenOf(value, depth));
        },
        { order: 'depth' },
      ),
    model: (course) =>
      only(
        course,
        course.elements.flatMap((value) => family(value)),
      ),
  },
  'expand, breadth first': {
    lib: (stream, { flag }, run) =>
      stream.expand((value, depth) => {
        run.called();
        return flag ? childrenOf(value, depth) : AsyncStream.from(childrenOf(value, depth));
      }),
    model: (course) => only(course, fails(course) ? course.elements : generations(course.elements)),
  },
  'expand, concurrent': {
    each: true,
    lib: (stream, { count, flag }) =>
      stream.expand(childrenOf, { concurrency: count + 2, order: flag ? 'depth' : 'breadth' }),
    model: (course) =>
      unordered(
        only(
          course,
          course.elements.flatMap((value) => family(value)),
        ),
      ),
  },
  catch: {
    lib: (stream, _, run) =>
      stream.catch((error) => {
        run.caught(error);
        return [replacement];
      }),
    model: recovered,
  },
  retry: {
    lib: (stream, _, run) =>
      stream.retry({
        times: 1,
        resume: (_last, _emitted, error) => {
          run.caught(error);
          return [replacement];
        },
      }),
    model: recovered,
  },
  'retry from the start': {
    each: true,
    late: true,
    lazy: true,
    again: true,
    lib: (stream, _, run) =>
      AsyncStream.from(() => stream).retry({
        times: 1,
        when: (error) => {
          run.caught(error);
          return true;
        },
      }),
    model: (course) => (fails(course) ? FREE : course),
  },
  'catch, and throw': {
    each: true,
    lib: (stream, _, run) =>
      stream.catch((error) => {
        run.caught(error);
        throw error;
      }),
  },
  'map that throws': {
    lib: (stream, args, run) =>
      stream.map((value) => {
        run.called();
        if (isBad(value, args)) throw run.failureOf(args);
        return value;
      }),
    model: (course, args, run) => {
      const index = course.elements.findIndex((value) => isBad(value, args));
      return index < 0 ? course : only(course, course.elements.slice(0, index), [run.failureOf(args)]);
    },
  },
  'timeout that is long': { each: true, lib: (stream) => stream.timeout(FOR_LONG) },
  'timeout that is short': {
    lib: (stream, { ms, flag }) => (flag ? stream.timeout(ms + 1) : stream.timeout({ total: 5 * ms + 1 })),
    model: () => FREE,
  },
  'takeUntil a promise': { each: true, late: true, lib: (stream) => stream.takeUntil(never) },
  'finally, progress': {
    each: true,
    lib: (stream, { ms, flag }, run) =>
      stream
        .finally(() => {
          run.called();
          return flag ? run.cleanup(ms) : undefined;
        })
        .progress(() => undefined, { every: FOR_LONG }),
  },
  'debounce, throttle': {
    lib: (stream, { ms, flag }) => (flag ? stream.debounce(ms + 1) : stream.throttle(ms + 1)),
    model: () => FREE,
  },
  share: { each: true, late: true, again: true, lib: (stream, { count }) => stream.share({ buffer: count + 1 }) },
  'tee, of which one is left': {
    each: true,
    late: true,
    lib: (stream, { count, flag }) => {
      const [one, other] = stream.tee(2, { buffer: count + 1 });
      void other.iterator().return();
      return flag ? one.tee(1)[0] : one;
    },
  },
  'a generator': {
    each: true,
    late: true,
    lib: (stream) =>
      stream.pipe(async function* (upstream) {
        for await (const value of upstream) yield value;
      }),
  },
  'an iterator': {
    each: true,
    late: true,
    lazy: true,
    lib: (stream) => AsyncStream.from(() => stream[Symbol.asyncIterator]()),
  },
  'a web stream': {
    each: true,
    late: true,
    lazy: true,
    lib: (stream) => AsyncStream.from(() => stream.toReadableStream({ highWaterMark: 0 })),
  },
  'a Node stream': {
    each: true,
    late: true,
    lib: (stream) => stream.pipe((upstream) => Readable.from(upstream)),
    model: readAhead,
  },
  'a web transform': {
    each: true,
    late: true,
    lib: (stream, { count, flag }) =>
      stream.pipeThrough(
        () => new TransformStream({}, flag ? { highWaterMark: count + 1 } : {}, { highWaterMark: count }),
      ),
    model: readAhead,
  },
  'a Node transform': {
    each: true,
    late: true,
    lib: (stream, { count, ms, flag }, run) =>
      stream.pipeThrough(() =>
        flag
          ? new PassThrough({ objectMode: true, highWaterMark: count })
          : new Transform({
              objectMode: true,
              transform: (value, _, done) => void run.sleep(ms).then(() => done(null, value)),
            }),
      ),
    model: readAhead,
  },
  toSorted: {
    lib: (stream) => stream.toSorted((a, b) => hash(a) - hash(b)),
    model: (course) => only(course, fails(course) ? [] : course.elements.toSorted((a, b) => hash(a) - hash(b))),
  },
} satisfies Record<string, Stage>;

export type StageName = keyof typeof stages;

/** A consumer that has all it wants sees no later error. */
export function firstOf(course: Course, count: number): Course {
  if (course.grade !== 'exact') return course.ends.length === 0 ? FREE : { ...FREE, ends: [...course.ends, END] };
  return course.elements.length < count ? course : only(course, course.elements.slice(0, count), [END]);
}

export function through(course: Course, name: StageName, args: Args, run: Surroundings): Course {
  const { model, each } = stageOf(name);
  if (course.grade !== 'exact' && each === undefined) return FREE;
  return model?.(course, args, run) ?? course;
}

export const stageOf = (name: StageName): Stage => stages[name];

// -------------------------------------------------------------------------------------------------------------- splits

export interface Splitting {
  readonly split: 'tee' | 'share' | 'partition' | 'groupByKey';
  readonly buffer: number;
  readonly overflow: 'block' | 'drop-oldest' | 'drop-newest' | 'error';
  readonly replay: number;
  /** Whether the side or key of an element has to be waited for. */
  readonly waits: boolean;
  /** Whether groups end before their source. */
  readonly endsGroups: boolean;
}

/** All elements that are for the same branches: when each of them was emitted. */
export interface Lane {
  readonly key: number;
  readonly times: number[];
}

/** An element on its way from a split into a branch. */
export interface Parcel {
  readonly value: unknown;
  readonly lane: Lane;
  /** Its index in the lane. */
  readonly place: number;
}

type Parcels = AsyncStream<Parcel>;
type Split = (stream: Parcels, count: number, splitting: Splitting) => Parcels[];

const told = <T>(value: T, { waits }: Splitting) => (waits ? Promise.resolve(value) : value);

export const splits = {
  tee: ((stream, count, { buffer, overflow }) => stream.tee(count, { buffer, overflow })) as Split,
  share: ((stream, count, { buffer, overflow, replay }) => {
    const shared = stream.share({ buffer, overflow, replay });
    return Array.from({ length: count }, () => shared);
  }) as Split,
  partition: ((stream, _, splitting) => {
    const { buffer, overflow } = splitting;
    return stream.partition(({ lane }) => told(lane.key === 0, splitting), { buffer, overflow });
  }) as Split,
  groupByKey: (stream: Parcels, splitting: Splitting): AsyncStream<[key: number, group: Parcels]> =>
    stream.groupByKey(({ lane }) => told(lane.key, splitting), {
      buffer: splitting.buffer,
      ...(splitting.endsGroups && (splitting.replay > 0 ? { maxKeys: 1 } : { idle: 15 })),
    }),
};

// --------------------------------------------------------------------------------------------------------------- joins

/** What a join has read of its branches, and has emitted, and in which order. */
export class Watched {
  readonly ins: unknown[][];
  readonly outs: unknown[] = [];
  /** The index of each branch that was read, and -1 for each element that was emitted. */
  readonly order: number[] = [];
  /** All has been emitted. */
  ended = false;
  #runs = 0;

  constructor(count: number) {
    this.ins = Array.from({ length: count }, () => []);
  }

  /** Whether it was run once, and each element of a branch is known by its value. */
  get isClear(): boolean {
    return this.#runs < 2 && this.ins.every((values) => new Set(values).size === values.length);
  }

  read(index: number, value: unknown, place: number): unknown {
    if (this.ins[index]!.push(value) > place + 1) this.#runs = Infinity;
    this.order.push(index);
    return value;
  }

  emit(value: unknown, index: number): unknown {
    if (index === 0) this.#runs++;
    this.outs.push(value);
    this.order.push(-1);
    return value;
  }

  end(): [] {
    this.ended = true;
    return [];
  }
}

export interface Join {
  readonly lib: (branches: readonly Stream[], args: Args, run: Surroundings) => Stream;
  readonly model: (courses: readonly Course[], args: Args) => Course;
  /** Whether it has emitted what it should of what it has read, as far as it has come. */
  readonly fits?: (watched: Watched) => boolean;
  /** Opens all branches in the same tick. */
  readonly atOnce?: true;
  /** Reads branches in runs of their own, or closed unread, does not close them. */
  readonly lazy?: true;
}

const areExact = (courses: readonly Course[]) => courses.every(({ grade }) => grade === 'exact');
const areKnown = (courses: readonly Course[]) =>
  courses.every(({ grade, ends }) => grade !== 'free' && ends.length === 1);

const elementsOf = (courses: readonly Course[]) => courses.flatMap(({ elements }) => elements);

/** Of several that are all read to their ends: fails if one of them does. */
function endsOf(courses: readonly Course[]): unknown[] {
  if (courses.some(({ ends }) => ends.length === 0)) return [];
  const errors = courses.flatMap(({ ends }) => ends.filter((end) => end !== END));
  return [...new Set(errors), ...(courses.every(({ ends }) => ends.includes(END)) ? [END] : [])];
}

function merged(courses: readonly Course[]): Course {
  const ends = endsOf(courses);
  if (ends.length !== 1 || ends[0] !== END || courses.some(({ grade }) => grade === 'free')) return { ...FREE, ends };
  return { grade: 'bag', elements: elementsOf(courses), ends };
}

/** One after the other, up to the first that fails. */
function inTurn(courses: readonly Course[]): Course {
  if (!areExact(courses) || !areKnown(courses)) return FREE;
  const last = courses.findIndex(fails);
  const read = last < 0 ? courses : courses.slice(0, last + 1);
  return { grade: 'exact', elements: elementsOf(read), ends: read.at(-1)!.ends };
}

/** As `inTurn`, of several that are read at the same time. */
const inTurnIfAllEnd = (courses: readonly Course[]): Course => {
  const ends = endsOf(courses);
  return areExact(courses) && ends[0] === END ? inTurn(courses) : { ...FREE, ends };
};

function zipped(courses: readonly Course[]): Course {
  if (!areExact(courses)) return FREE;
  const length = Math.min(...courses.map(({ elements }) => elements.length));
  const ends = courses.filter(({ elements }) => elements.length === length).flatMap((course) => course.ends);
  return {
    grade: 'exact',
    elements: Array.from({ length }, (_, row) => courses.map(({ elements }) => elements[row])),
    ends: [...new Set(ends)],
  };
}

function interleaved(courses: readonly Course[]): Course {
  if (!areExact(courses) || !areKnown(courses)) return FREE;
  const elements: unknown[] = [];
  let open = [...courses];
  for (let row = 0; open.length > 0; row++) {
    const left: Course[] = [];
    for (const course of open) {
      if (row < course.elements.length) {
        elements.push(course.elements[row]);
        left.push(course);
      } else if (fails(course)) return { grade: 'exact', elements, ends: course.ends };
    }
    open = left;
  }
  return { grade: 'exact', elements, ends: [END] };
}

function sortedTogether(courses: readonly Course[]): Course {
  if (!areExact(courses) || endsOf(courses)[0] !== END) return { ...FREE, ends: endsOf(courses) };
  const rests = courses.map(({ elements }) => [...elements]);
  const elements: unknown[] = [];
  for (;;) {
    const heads = rests.filter((rest) => rest.length > 0);
    if (heads.length === 0) return { grade: 'exact', elements, ends: [END] };
    const [least] = heads.toSorted((a, b) => hash(a[0]) - hash(b[0]));
    elements.push(least!.shift());
  }
}

/** The second in place of the first element of the first, or of the error of it. */
const inserted = ([first, second]: readonly Course[]): Course => {
  const courses = [first!, second!];
  if (!areExact(courses) || !areKnown(courses)) return FREE;
  if (first!.elements.length === 0) return first!;
  return inTurn([second!, { ...first!, elements: first!.elements.slice(1) }]);
};

const replaced = ([first, second]: readonly Course[]): Course => {
  if (!areExact([first!, second!]) || !areKnown([first!, second!])) return FREE;
  if (!fails(first!)) return first!;
  return { ...second!, elements: [...first!.elements, ...second!.elements] };
};

const same = Object.is;

/** Each element is the next one of a branch. The branches may hold the same elements, so all ways are followed. */
function areShuffled({ ins, outs, ended }: Watched): boolean {
  let ways = new Set([ins.map(() => 0).join()]);
  for (const value of outs) {
    const next = new Set<string>();
    for (const way of ways) {
      const places = way.split(',').map(Number);
      places.forEach((place, index) => {
        if (place < ins[index]!.length && same(ins[index]![place], value))
          next.add(places.with(index, place + 1).join());
      });
    }
    ways = next;
  }
  return ended ? ways.has(ins.map(({ length }) => length).join()) : ways.size > 0;
}

const areRows = ({ ins, outs }: Watched) =>
  (outs as unknown[][]).every((row, index) => row.every((value, column) => same(value, ins[column]![index])));

const isPrefix = (prefix: readonly unknown[], of: readonly unknown[]) =>
  prefix.length <= of.length && prefix.every((value, index) => same(value, of[index]));

/** In each row, no element is older than in the row before. */
function areLatest({ ins, outs }: Watched, column?: number): boolean {
  const places = ins.map(() => -1);
  return (outs as unknown[][]).every((row) => {
    const before = [...places];
    row.forEach((value, index) => (places[index] = ins[index]!.indexOf(value)));
    const steps = places.map((place, index) => place - before[index]!);
    return steps.every((step) => step >= 0) && steps.some((step, index) => step > 0 && index === (column ?? index));
  });
}

/** One row for each element, from the one on that is the first of the last branch. */
const areCombined = (watched: Watched) =>
  areLatest(watched) && (!watched.ended || watched.outs.length === rowsOf(watched));

function rowsOf({ ins, order }: Watched): number {
  if (ins.some(({ length }) => length === 0)) return 0;
  const reads = order.filter((index) => index >= 0);
  return reads.length - Math.max(...ins.map((_, index) => reads.indexOf(index)));
}

/** After the notifier has emitted, no more than the element that was on its way. */
function isStopped({ ins: [first], outs, order }: Watched): boolean {
  const stop = order.indexOf(1);
  const late = stop < 0 ? [] : order.slice(stop).filter((index) => index < 0);
  return isPrefix(outs, first!) && late.length < 2;
}

/** Closes branches that are not read. */
function leave(branches: readonly Stream[]): void {
  for (const branch of branches) void branch.iterator().return();
}

const two = (branches: readonly Stream[]): [Stream, Stream] => {
  leave(branches.slice(2));
  return [branches[0]!, branches[1]!];
};

export const joins = {
  merge: { lib: (branches) => AsyncStream.merge(...branches), model: merged, fits: areShuffled, atOnce: true },
  mergeKeyed: {
    lib: (branches) =>
      AsyncStream.mergeKeyed(Object.fromEntries(branches.entries()) as Record<string, Stream>).map(
        ([, value]) => value,
      ),
    model: merged,
    fits: areShuffled,
    atOnce: true,
  },
  zip: {
    lib: (branches) => AsyncStream.zip(branches as Stream[]),
    model: zipped,
    fits: areRows,
    atOnce: true,
  },
  concat: { lib: ([first, ...others]) => first!.concat(...others), model: inTurn },
  'concat, when it is their turn': {
    lib: ([first, ...others]) => first!.concat(...others.map((other) => () => other)),
    model: inTurn,
  },
  interleave: { lib: (branches) => AsyncStream.interleave(...branches), model: interleaved, fits: areShuffled },
  mergeSorted: {
    lib: (branches) => AsyncStream.mergeSorted(branches, (a, b) => hash(a) - hash(b)),
    model: sortedTogether,
    fits: areShuffled,
    atOnce: true,
  },
  combineLatest: {
    lib: (branches) => AsyncStream.combineLatest(...branches),
    model: () => FREE,
    fits: areCombined,
    atOnce: true,
  },
  withLatestFrom: {
    lib: ([first, ...others]) => first!.withLatestFrom(...others),
    model: () => FREE,
    fits: (watched) => areLatest(watched, 0),
    atOnce: true,
  },
  race: {
    lib: (branches) => AsyncStream.race(...branches),
    model: () => FREE,
    fits: ({ ins, outs }) => ins.some((values) => isPrefix(outs, values)),
    atOnce: true,
  },
  takeUntil: {
    lib(branches) {
      const [first, second] = two(branches);
      return first.takeUntil(second);
    },
    model: () => FREE,
    fits: isStopped,
  },
  catch: {
    lib(branches, _, run) {
      const [first, second] = two(branches);
      return first.catch((error) => {
        run.caught(error);
        return second;
      });
    },
    model: replaced,
  },
  retry: {
    lib(branches, _, run) {
      const [first, second] = two(branches);
      return first.retry({
        times: 1,
        resetOnSuccess: false,
        resume: (_last, _emitted, error) => {
          run.caught(error);
          return second;
        },
      });
    },
    model: replaced,
  },
  flatMap: {
    lib(branches) {
      const [first, second] = two(branches);
      return first.flatMap((value, index) => (index === 0 ? second : [value]));
    },
    model: inserted,
  },
  'flatMap of all': {
    lib: (branches, { count }) =>
      AsyncStream.of(...branches).flatMap((branch) => branch, { concurrency: count + 1, buffer: count + 1 }),
    model: inTurn,
  },
  'flatMap of all, unordered': {
    lib: (branches) =>
      AsyncStream.of(...branches).flatMap((branch) => branch, { concurrency: Infinity, ordered: false }),
    model: merged,
    fits: areShuffled,
    atOnce: true,
    lazy: true,
  },
  switchMap: {
    lib(branches) {
      const [first, second] = two(branches);
      return first.switchMap((value, index) => (index === 0 ? second : [value]));
    },
    model: () => FREE,
  },
  exhaustMap: {
    lib(branches) {
      const [first, second] = two(branches);
      return first.exhaustMap((value, index) => (index === 0 ? second : [value]));
    },
    model: () => FREE,
  },
  'arrays of all': {
    lib: (branches) =>
      AsyncStream.from(({ signal }) => Promise.all(branches.map((branch) => branch.toArray({ signal })))).flat(),
    model: inTurnIfAllEnd,
    atOnce: true,
    lazy: true,
  },
  'one of them': {
    lib(branches, { count }) {
      const chosen = branches[count % branches.length]!;
      leave(branches.filter((branch) => branch !== chosen));
      return chosen;
    },
    model: (courses, { count }) => courses[count % courses.length]!,
    atOnce: true,
  },
} satisfies Record<string, Join>;

export type JoinName = keyof typeof joins;
export const joinOf = (name: JoinName): Join => joins[name];

// -------------------------------------------------------------------------------------------------------------- groups

type Groups = AsyncStream<[key: number, group: Stream]>;

/** How the groups of a stream are recombined, each after stages of its own. */
interface Regrouping {
  readonly lib: (groups: Groups, chain: (key: number, group: Stream) => Stream, args: Args) => Stream;
  /** If all groups are read to their ends: their courses, in the order in which they are opened. */
  readonly model: (courses: readonly Course[]) => Course;
  /** Reads all groups at the same time. */
  readonly atOnce?: true;
  /** Reads groups in runs of their own. */
  readonly lazy?: true;
}

export const regroupings = {
  flatMap: {
    lib: (groups, chain) =>
      groups.flatMap(([key, group]) => chain(key, group), { concurrency: Infinity, ordered: false }),
    model: merged,
    atOnce: true,
  },
  'flatMap, ordered': {
    lib: (groups, chain, { count }) =>
      groups.flatMap(([key, group]) => chain(key, group), { concurrency: count + 1, buffer: 2 * count + 2 }),
    model: inTurnIfAllEnd,
  },
  'flatMap, one by one': {
    lib: (groups, chain) => groups.flatMap(([key, group]) => chain(key, group)),
    model: inTurnIfAllEnd,
  },
  'map to arrays': {
    lib: (groups, chain) =>
      groups
        .map(([key, group], _, { signal }) => chain(key, group).toArray({ signal }), { concurrency: Infinity })
        .flat(),
    model: inTurnIfAllEnd,
    atOnce: true,
    lazy: true,
  },
  'map to arrays, some at a time': {
    lib: (groups, chain, { count }) =>
      groups
        .map(([key, group], _, { signal }) => chain(key, group).toArray({ signal }), { concurrency: count + 1 })
        .flat(),
    model: inTurnIfAllEnd,
    lazy: true,
  },
  switchMap: {
    lib: (groups, chain) => groups.switchMap(([key, group]) => chain(key, group)),
    model: () => FREE,
  },
} satisfies Record<string, Regrouping>;

export const regroupingOf = (name: RegroupingName): Regrouping => regroupings[name];
export type RegroupingName = keyof typeof regroupings;
