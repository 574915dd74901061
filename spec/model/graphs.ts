// Random graphs in fake time: a stream is split, and its branches are recombined, or read side by side. What each must keep.
import { isDeepStrictEqual } from 'node:util';
import FakeTimers from '@sinonjs/fake-timers';
import fc from 'fast-check';
import { AsyncStream, type Ending, limiter, type Semaphore, type Signal } from '../../lib/index.ts';
import { watchRejections } from '../../lib/testing/rejections.ts';
import {
  type Args,
  type Course,
  END,
  firstOf,
  FREE,
  type Join,
  type JoinName,
  type Lane,
  type Parcel,
  joinOf,
  joins,
  regroupings,
  type RegroupingName,
  regroupingOf,
  splits,
  type Splitting,
  type Stage,
  type StageName,
  Watched,
  stageOf,
  stages,
  type Stream,
  type Surroundings,
  through,
} from './graph-parts.ts';
import { hash, show } from './parts.ts';
import { type Reading, type ReadingName, readingOf, readings, type Taker } from './readings.ts';

// -------------------------------------------------------------------------------------------------------- descriptions

/** A source that emits 0, 1, 2 and so on after the gaps, and ends after the last one. */
interface Script {
  /** In milliseconds; 0 is a microtask. */
  readonly gaps: readonly number[];
  readonly end: 'end' | 'fail' | 'never';
  /** How long it takes to close. */
  readonly closing: number;
}

interface Step {
  readonly kind: 'step';
  readonly stage: StageName;
  readonly args: Args;
}

/** Splits a stream, and recombines the branches. */
interface Fork extends Splitting {
  readonly kind: 'fork';
  readonly branches: readonly Chain[];
  readonly join: JoinName;
  readonly regrouping: RegroupingName;
  readonly args: Args;
}

type Chain = readonly (Step | Fork)[];

/** What a reader does with its stream: reads all, or leaves it after `count` elements, or `at` some time. */
interface Reader {
  readonly way: 'all' | 'break' | 'take' | 'return' | 'abort' | 'close' | 'unread';
  readonly count: number;
  readonly at: number;
  /** When it begins. */
  readonly start: number;
  /** How long it takes for each element. */
  readonly pause: number;
  readonly reading: ReadingName;
  readonly flag: boolean;
}

interface Graph {
  readonly source: Script;
  readonly chain: Chain;
  /** Into branches that are read side by side. None: the chain is read by the first reader. */
  readonly split: Splitting | undefined;
  readonly ends: readonly { readonly chain: Chain; readonly reader: Reader }[];
  /** When a signal of all readers aborts. */
  readonly abortsAt: number | undefined;
}

/** Wrong forms, to show that they are found. */
export interface Planted {
  readonly stages?: Partial<Readonly<Record<StageName, Stage['lib']>>>;
  readonly splits?: Partial<typeof splits>;
  readonly joins?: Partial<Readonly<Record<JoinName, Join['lib']>>>;
  readonly readings?: Partial<Readonly<Record<ReadingName, Reading['read']>>>;
}

// ---------------------------------------------------------------------------------------------------------------- runs

const { setImmediate } = globalThis;
const idle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Longer than a reader can be waited for before the library takes it for one that never reads. */
const HORIZON = 300_000;

const TIMERS: FakeTimers.FakeMethod[] = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
];

/** Milliseconds that all cleanups together may take. */
const PROMPT = 1000;

const ABORTED = new Error('aborted');
const ENDED = new Error('the end of the test');

/** One run of a branch. */
interface Delivery {
  lane: Lane | undefined;
  next: number;
  left: boolean;
}

/** How many elements may wait for a branch. Others of its lane may have gone to another group, or may have been dropped. */
function mostHeld({ split, buffer, overflow, replay, endsGroups }: Splitting): number {
  if (overflow !== 'block' || (split === 'groupByKey' && endsGroups)) return Infinity;
  return split === 'share' ? buffer + replay : buffer;
}

/** The elements that a split is given, and what it delivers. */
class Junction {
  readonly #splitting: Splitting;
  readonly #run: Run;
  readonly #lanes: number;
  readonly deliveries: Delivery[] = [];
  #current: Lane[] = [];
  #wasUnread = false;

  constructor(splitting: Splitting, lanes: number, run: Run) {
    this.#splitting = splitting;
    this.#lanes = lanes;
    this.#run = run;
  }

  into(stream: Stream): AsyncStream<Parcel> {
    return stream.map((value, index): Parcel => {
      if (index === 0) {
        this.#current = Array.from({ length: this.#lanes }, (_, key) => ({ key, times: [] }));
      }
      const lane = this.#current[hash(value) % this.#lanes]!;
      lane.times.push(this.#run.clock.now);
      return { value, place: lane.times.length - 1, lane };
    });
  }

  /** A branch that is read once at a time. Its elements have to follow each other without a gap. */
  out(branch: AsyncStream<Parcel>): Stream {
    const { overflow, replay, split } = this.#splitting;
    const bound = mostHeld(this.#splitting);
    let delivery: Delivery = { lane: undefined, next: 0, left: false };
    this.deliveries.push(delivery);
    return branch
      .finally(() => {
        delivery.left = true;
      })
      .map(({ value, place, lane }, index) => {
        if (index === 0 && (delivery.lane !== undefined || delivery.left)) {
          delivery = { lane, next: place, left: false };
          this.deliveries.push(delivery);
        }
        if (delivery.lane === undefined) {
          this.#wasUnread ||= this.#isOverdue(lane);
          delivery.lane = lane;
          delivery.next = place;
          const startsAtFirst = split === 'tee' || split === 'partition' || (split === 'share' && replay === Infinity);
          if (place > 0 && startsAtFirst && overflow === 'block') {
            this.#run.fault(`a branch of ${split} begins with element ${place}`);
          }
        }
        // A branch of share may be run again while its earlier run is being closed.
        if (delivery.left && split !== 'share') this.#run.fault(`an element for a branch of ${split} that was left`);
        if (lane !== delivery.lane) this.#run.fault('a branch goes on with another run, or with another key');
        const isNext = overflow === 'block' ? place === delivery.next : place >= delivery.next;
        if (!isNext) this.#run.fault(`element ${place} of ${split} comes in place of ${delivery.next}`);
        delivery.next = place + 1;
        const held = lane.times.length - place;
        if (held > bound) this.#run.fault(`${split} holds ${held} elements, and ${bound} may be`);
        return value;
      });
  }

  /** There is, or was, a branch that has been full for a second before anything was read of it. */
  get isUnread(): boolean {
    return (
      this.#wasUnread || (this.deliveries.some(({ lane }) => lane === undefined) && this.#current.some(this.#isOverdue))
    );
  }

  readonly #isOverdue = ({ times }: Lane): boolean => {
    const full = times[this.#splitting.buffer - 1];
    return full !== undefined && full <= this.#run.clock.now - 1000;
  };

  /**
   * Whether it may stand still without an error, as readers cannot be told from slow ones that
   * - have begun to read a branch, and do not read it on although it is full;
   * - have neither read nor closed a branch, when all others have left;
   * - have begun to read several groups, of which they may be busy with one, while another is full.
   */
  get isHeldUp(): boolean {
    const { buffer, split } = this.#splitting;
    const open = this.deliveries.filter(({ left }) => !left);
    const begun = open.filter(({ lane }) => lane !== undefined);
    const held = (lane: Lane) =>
      lane.times.length - Math.max(0, ...this.deliveries.map((one) => (one.lane === lane ? one.next : 0)));
    return (
      begun.some(({ lane, next }) => lane!.times.length - next >= buffer) ||
      (begun.length === 0 && open.length > 0 && open.length < this.deliveries.length) ||
      (split === 'groupByKey' && begun.length > 1 && this.#current.some((lane) => held(lane) >= buffer))
    );
  }
}

class Run implements Surroundings {
  readonly clock: FakeTimers.Clock;
  readonly planted: Planted;
  readonly faults: string[] = [];
  readonly junctions: Junction[] = [];
  seats: Seat[] = [];
  /** All branches, to close those that are not read. */
  readonly branches: Stream[] = [];
  readonly failures = new Map<Args | Script, Error>();
  /** How the joins have read their branches. */
  readonly joined: (() => string | undefined)[] = [];
  /** Iterators of the source that are neither exhausted nor closed. */
  open = 0;
  opened = 0;
  /** Cleanups that are in progress. */
  cleanups = 0;
  /** Callbacks in flight that their runs have to wait for. */
  settling = 0;
  readonly limiter = limiter(2);
  calls = 0;
  /** Whether there is a branch that is perhaps read too late, or never. */
  mayStall = false;
  /** The source never settles. */
  isStuck = false;
  /** An error of a stalled reader was caught. */
  isStalled = false;
  readonly #judged = new Set<unknown>();
  readonly #timers = new Set<FakeTimers.TimerId | ReturnType<typeof setTimeout>>();

  constructor(clock: FakeTimers.Clock, planted: Planted) {
    this.clock = clock;
    this.planted = planted;
  }

  fault(what: string): void {
    if (this.faults.length < 5) this.faults.push(what);
  }

  called(): void {
    this.calls++;
  }

  caught(error: unknown): void {
    if (isStall(error)) {
      this.isStalled = true;
      this.justify(error);
    }
  }

  justify(error: unknown): void {
    if (this.#judged.has(error)) return;
    this.#judged.add(error);
    if (!this.mayStall) this.fault(`${(error as Error).name}, although all branches are read at the same time`);
    if ((error as Error).name === 'TeeStalledError' && !this.junctions.some((junction) => junction.isUnread)) {
      this.fault('a TeeStalledError, although no branch is unread');
    }
  }

  sleep(milliseconds: number, signal?: Signal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, milliseconds);
      this.#timers.add(timer);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        this.#timers.delete(timer);
      });
    });
  }

  /** A reader has ended. The last one waits until all is closed. */
  ended(seat: Seat): void {
    if (!seat.isOver || !this.seats.every(({ isOver }) => isOver) || this.mayStall) return;
    if (this.open > 0) this.fault('all readers have ended, and the source is still open');
    if (this.settling > 0) this.fault('all readers have ended, and callbacks are in flight that should have settled');
  }

  async settle(milliseconds: number): Promise<void> {
    this.settling++;
    await this.sleep(milliseconds);
    this.settling--;
  }

  async cleanup(milliseconds: number): Promise<void> {
    this.cleanups++;
    await this.sleep(milliseconds);
    this.cleanups--;
  }

  /** At the end: timers of the test itself. */
  clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer as ReturnType<typeof setTimeout>);
  }

  failureOf(args: Args | Script): Error {
    let failure = this.failures.get(args);
    if (failure === undefined) this.failures.set(args, (failure = new Error(`failure ${this.failures.size}`)));
    return failure;
  }

  source(script: Script): AsyncIterable<unknown> {
    return { [Symbol.asyncIterator]: () => this.#iterate(script) };
  }

  #iterate(script: Script): AsyncIterator<unknown> {
    const { gaps, end, closing } = script;
    let [index, reading, over, isLast] = [0, false, false, false];
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.open++;
    this.opened++;
    const read = async (): Promise<IteratorResult<unknown>> => {
      const gap = gaps[index];
      if (gap === undefined && end === 'never') {
        this.isStuck = true;
        return new Promise<never>(() => undefined);
      }
      if (gap !== undefined && gap > 0) await new Promise<void>((resolve) => (timer = setTimeout(resolve, gap)));
      else await null;
      if (gap !== undefined) return { done: false, value: index++ };
      isLast = true;
      if (end === 'fail') throw this.failureOf(script);
      return { done: true, value: undefined };
    };
    /** Right before the consumer gets to know of an element or an end: until then, it may close the iterator. */
    const told = () => {
      reading = false;
      if (!isLast || over) return;
      over = true;
      this.open--;
    };
    return {
      next: () => {
        this.calls++;
        if (reading) this.fault('next() while another one is pending');
        if (over) this.fault('next() after the end');
        reading = true;
        const result = read();
        result.then(told, told);
        return result;
      },
      return: async () => {
        this.calls++;
        if (over) this.fault('return() after the end');
        over = true;
        clearTimeout(timer);
        // One that is producing an element is not waited for.
        if (!reading && closing > 0) await this.cleanup(closing);
        this.open--;
        return { done: true, value: undefined };
      },
    };
  }
}

const isStall = (error: unknown) => ['TeeStalledError', 'GroupStalledError'].includes((error as Error).name);

// ------------------------------------------------------------------------------------------------------ building graphs

function build(chain: Chain, source: Stream, run: Run): Stream {
  return chain.reduce<Stream>(
    (stream, part) =>
      part.kind === 'step'
        ? (run.planted.stages?.[part.stage] ?? stageOf(part.stage).lib)(stream, part.args, run)
        : fork(part, stream, run),
    source,
  );
}

function fork(plan: Fork, stream: Stream, run: Run): Stream {
  if (plan.split === 'groupByKey') return regroup(plan, stream, run);
  const branches = branchesOf(plan, stream, plan.branches.length, run).map((branch, index) =>
    build(plan.branches[index]!, branch, run),
  );
  const { lib, fits } = joinOf(plan.join);
  const join = run.planted.joins?.[plan.join] ?? lib;
  const watched = new Watched(branches.length);
  run.joined.push(() => {
    if (fits === undefined || !watched.isClear || fits(watched)) return undefined;
    return `${plan.join} has read ${show(watched.ins)}, and emitted ${show(watched.outs)}`;
  });
  const inputs = branches.map((branch, index) => branch.map((value, place) => watched.read(index, value, place)));
  return join(inputs, plan.args, run)
    .map((value, index) => watched.emit(value, index))
    .concat(() => watched.end());
}

/** The branches of a stream, which are watched. */
function branchesOf(splitting: Splitting, stream: Stream, count: number, run: Run): Stream[] {
  const { split } = splitting;
  if (split === 'groupByKey') throw new Error('its groups are no branches');
  const junction = new Junction(splitting, split === 'partition' ? 2 : 1, run);
  run.junctions.push(junction);
  const parcels = junction.into(stream);
  const branches = (run.planted.splits?.[split] ?? splits[split])(parcels, count, splitting);
  run.branches.push(...branches);
  return branches.map((branch) => junction.out(branch));
}

function grouped(splitting: Splitting, stream: Stream, keys: number, run: Run): AsyncStream<[number, Stream]> {
  const junction = new Junction(splitting, keys, run);
  run.junctions.push(junction);
  return (run.planted.splits?.groupByKey ?? splits.groupByKey)(junction.into(stream), splitting).map(([key, group]) => [
    key,
    junction.out(group),
  ]);
}

function regroup(plan: Fork, stream: Stream, run: Run): Stream {
  const groups = grouped(plan, stream, plan.branches.length, run);
  const chain = (key: number, group: Stream) => build(plan.branches[key]!, group, run);
  return regroupingOf(plan.regrouping).lib(groups, chain, plan.args);
}

// ------------------------------------------------------------------------------------------------------- expectations

function follow(chain: Chain, source: Course, run: Run): Course {
  return chain.reduce(
    (course, part) =>
      part.kind === 'step' ? through(course, part.stage, part.args, run) : followFork(part, course, run),
    source,
  );
}

function followFork(plan: Fork, course: Course, run: Run): Course {
  if (plan.split === 'groupByKey') {
    const { branches } = plan;
    const groups = groupsOf(plan, course, branches.length);
    if (groups === undefined || !branches.every(readsAll)) return FREE;
    const courses = groups.map(([key, group]) => follow(branches[key]!, group, run));
    return regroupingOf(plan.regrouping).model([...courses, { ...course, elements: [] }]);
  }
  const { model, atOnce } = joinOf(plan.join);
  // A reader that comes later misses what was emitted before, and one that leaves before may be the last.
  if (
    plan.split === 'share' &&
    (atOnce === undefined || plan.join === 'one of them' || plan.branches.some(isLateChain))
  )
    return FREE;
  const courses = plan.branches.map((branch, index) => follow(branch, sideOf(plan, course, index), run));
  return model(courses, plan.args);
}

const isLateChain = (chain: Chain) => chain.some((part) => part.kind === 'fork' || stageOf(part.stage).late === true);

/** Reads its source to the end, and needs to know nothing of the other elements. */
const readsAll = (chain: Chain) => chain.every((part) => part.kind === 'step' && stageOf(part.stage).each === true);

function sideOf({ split, overflow }: Splitting, course: Course, index: number): Course {
  if (overflow !== 'block') return FREE;
  if (split !== 'partition') return course;
  return { ...course, elements: course.elements.filter((value) => hash(value) % 2 === index) };
}

/** In the order in which they are opened. */
function groupsOf(
  { endsGroups }: Splitting,
  course: Course,
  count: number,
): [key: number, group: Course][] | undefined {
  if (course.grade !== 'exact' || endsGroups) return undefined;
  const keys = [...new Set(course.elements.map((value) => hash(value) % count))];
  return keys.map((key) => [
    key,
    { ...course, elements: course.elements.filter((value) => hash(value) % count === key) },
  ]);
}

const courseOf = (script: Script, run: Run): Course => ({
  grade: 'exact',
  elements: script.gaps.map((_, index) => index),
  ends: script.end === 'never' ? [] : [script.end === 'end' ? END : run.failureOf(script)],
});

// ------------------------------------------------------------------------------------------------------------- readers

/** A reader, what it has seen, and how it has ended. */
class Seat implements Taker {
  readonly seen: unknown[] = [];
  readonly course: Course;
  readonly reader: Reader;
  readonly controller = new AbortController();
  /** What has aborted it. */
  reason: unknown;
  outcome: { readonly end: unknown } | undefined;
  /** When it was aborted, or left by `return()`. */
  leftAt: number | undefined;
  isLeft = false;
  readonly ending: Ending = { signal: this.controller.signal };
  readonly limiter: Semaphore;
  readonly #run: Run;
  #beganAt = 0;
  #leaveBy: (() => Promise<unknown>) | undefined;
  /** Settles when all is closed, if it has left. */
  #closed: Promise<unknown> | undefined;

  constructor(reader: Reader, course: Course, run: Run) {
    this.reader = reader;
    this.course = course;
    this.limiter = run.limiter;
    this.#run = run;
  }

  fault(what: string): void {
    this.#run.fault(what);
  }

  get isOver(): boolean {
    return this.outcome !== undefined || this.reader.way === 'unread' || this.reader.way === 'close';
  }

  abort(reason: unknown): void {
    if (this.outcome === undefined) this.reason ??= reason;
    this.leftAt ??= this.#run.clock.now;
    this.controller.abort(reason);
  }

  sit(stream: Stream): void {
    const { way, start } = this.reader;
    if (way === 'unread') return;
    if (way === 'close') return void stream.iterator().return();
    const watched = stream.withSignal(this.controller.signal);
    const begin = () => {
      this.#beganAt = this.#run.clock.now;
      this.#read(watched).then(
        () => this.#ended(END),
        (error: unknown) => this.#ended(error),
      );
    };
    if (start === 0) begin();
    else void this.#run.sleep(start).then(begin);
  }

  #ended(end: unknown): void {
    this.outcome = { end };
    const since = Math.max(this.#beganAt, this.leftAt ?? Infinity);
    if (this.#run.clock.now > since + PROMPT) this.#run.fault('it takes long to be left');
    this.#run.ended(this);
    if (end !== END && isStall(end)) this.#run.justify(end);
  }

  async #read(stream: Stream): Promise<void> {
    const { way, count, at, reading } = this.reader;
    if (way === 'abort') void this.#run.sleep(at).then(() => this.abort(ABORTED));
    if (way === 'return') void this.#run.sleep(at).then(() => this.#leave());
    const { breaks, read } = readingOf(reading);
    const isLimited = way === 'take' || (way === 'break' && breaks === undefined);
    await (this.#run.planted.readings?.[reading] ?? read)(isLimited ? stream.take(count) : stream, this);
    await this.#closed;
  }

  get most(): number {
    const { way, count } = this.reader;
    return way === 'break' ? count : Infinity;
  }

  get wants(): boolean {
    return this.seen.length < this.most;
  }

  /** Called by a reading that can be left at any time. */
  leaveBy(leave: () => Promise<unknown>): void {
    this.#leaveBy = leave;
  }

  #leave(): void {
    if (this.outcome !== undefined || this.#leaveBy === undefined) return;
    this.isLeft = true;
    this.leftAt ??= this.#run.clock.now;
    this.#closed = this.#leaveBy();
    this.#closed.catch(() => undefined);
  }

  take(value: unknown): void | Promise<void> {
    if (this.isLeft) this.fault('an element after it was left');
    if (this.outcome !== undefined) this.#run.fault('an element after the end');
    this.#run.called();
    this.seen.push(value);
    if (this.reader.pause > 0) return this.#run.sleep(this.reader.pause);
  }

  /** What is wrong with what it has seen. */
  verdict(): string | undefined {
    const { way, count } = this.reader;
    const { seen } = this;
    if (way === 'unread' || way === 'close' || this.#run.isStalled) return undefined;
    const course = way === 'break' || way === 'take' ? firstOf(this.course, count) : this.course;
    const { end } = this.outcome!;
    const all = course.elements.map(show);
    const got = seen.map(show);
    const told = `${got.join()} and ${String(end === END ? 'end' : end)}, not ${all.join()} and ${course.ends.map(String).join(' or ')}`;
    if (course.grade === 'exact' && !isDeepStrictEqual(got, all.slice(0, got.length))) return `other elements: ${told}`;
    if (course.grade === 'bag' && !isPart(got, all)) return `elements that were not emitted: ${told}`;
    if (end !== END) {
      if (isStall(end)) return undefined;
      if (end === this.reason) return undefined;
      if (course.ends.length === 0) return this.#isKnown(end) ? undefined : `another error: ${told}`;
      if (!course.ends.includes(end)) return `another error: ${told}`;
    }
    if (end === END && this.isLeft) return undefined;
    if (end === END && course.ends.length > 0 && !course.ends.includes(END)) return `an error is lost: ${told}`;
    if (course.grade !== 'free' && got.length < all.length) return `elements are lost: ${told}`;
    return undefined;
  }

  #isKnown(error: unknown): boolean {
    const { name, message } = error as Error;
    return (
      [...this.#run.failures.values()].includes(error as Error) ||
      ['TimeoutError', 'OverflowError', 'StreamConsumedError'].includes(name) ||
      error === ABORTED ||
      message.startsWith('groupByKey: the stream of groups was closed')
    );
  }
}

/** Whether it has no more of each than the others. */
function isPart(part: readonly string[], all: readonly string[]): boolean {
  const rest = [...all];
  return part.every((value) => {
    const index = rest.indexOf(value);
    if (index < 0) return false;
    rest.splice(index, 1);
    return true;
  });
}

function seat(graph: Graph, run: Run): Seat[] {
  const { source, chain, ends, split } = graph;
  const trunk = build(chain, AsyncStream.from(run.source(source)), run);
  const course = follow(chain, courseOf(source, run), run);
  const [first] = ends;
  if (split === undefined) {
    const only = new Seat(first!.reader, course, run);
    only.sit(trunk);
    run.branches.push(trunk);
    return [only];
  }
  if (split.split === 'groupByKey') return seatGroups(graph, split, trunk, course, run);
  const branches = branchesOf(split, trunk, ends.length, run);
  const seats = branches.map((_, index) => {
    const { chain: own, reader } = ends[index]!;
    const isFree =
      split.split === 'share' &&
      ends.some((end) => end.reader.start > 0 || end.reader.way === 'unread' || isLateChain(end.chain));
    return new Seat(reader, isFree ? FREE : follow(own, sideOf(split, course, index), run), run);
  });
  branches.forEach((branch, index) => seats[index]!.sit(build(ends[index]!.chain, branch, run)));
  return seats;
}

/** A reader for each group, besides that of the groups. */
function seatGroups({ ends }: Graph, split: Splitting, trunk: Stream, course: Course, run: Run): Seat[] {
  const keys = ends.length;
  const courses = new Map(groupsOf(split, course, keys));
  const areAllRead = ends.every(({ chain, reader }) => readsAll(chain) && reader.way === 'all');
  const reader: Reader = { way: 'all', count: 1, at: 0, start: 0, pause: 0, reading: 'forEach', flag: false };
  const main = new Seat(reader, { ...FREE, ends: areAllRead ? course.ends : [] }, run);
  const seats = [main];
  main.sit(
    grouped(split, trunk, keys, run).tap(([key, group]) => {
      const { chain, reader } = ends[key]!;
      const own = areAllRead ? courses.get(key) : undefined;
      const place = new Seat(reader, own === undefined ? FREE : follow(chain, own, run), run);
      if (reader.way === 'unread') run.branches.push(group);
      seats.push(place);
      place.sit(build(chain, group, run));
    }),
  );
  return seats;
}

/** Whether it reads branches one after the other, or can be closed without closing them. */
const mayStallIn = (chain: Chain): boolean =>
  chain.some((part) => {
    if (part.kind === 'step') return stageOf(part.stage).lazy === true;
    const { atOnce, lazy } = part.split === 'groupByKey' ? regroupingOf(part.regrouping) : joinOf(part.join);
    return atOnce === undefined || lazy === true || part.branches.some(mayStallIn);
  });

const runsAgainIn = (chain: Chain): boolean =>
  chain.some((part) =>
    part.kind === 'step'
      ? stageOf(part.stage).again === true
      : part.split === 'share' || part.branches.some(runsAgainIn),
  );

/** Whether it may open its source several times. */
const runsAgain = ({ chain, ends, split }: Graph): boolean =>
  split?.split === 'share' || runsAgainIn(chain) || ends.some((end) => runsAgainIn(end.chain));

const mayStall = ({ chain, ends, split }: Graph): boolean =>
  mayStallIn(chain) ||
  ends.some((end) => mayStallIn(end.chain)) ||
  (split !== undefined && ends.some(({ reader }) => reader.start >= 700 || reader.way === 'unread'));

// ----------------------------------------------------------------------------------------------------------- generation

const args: fc.Arbitrary<Args> = fc.record({ count: fc.nat(3), ms: fc.nat(40), flag: fc.boolean() });

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('step' as const),
  stage: fc.constantFrom(...(Object.keys(stages) as StageName[])),
  args,
});

const splitting: fc.Arbitrary<Splitting> = fc.record({
  waits: fc.boolean(),
  replay: fc.constantFrom(0, 2, Infinity),
  endsGroups: fc.constantFrom(false, false, false, true),
  split: fc.constantFrom('tee', 'tee', 'share', 'partition', 'groupByKey'),
  buffer: fc.integer({ min: 1, max: 5 }),
  overflow: fc.oneof(
    { arbitrary: fc.constant('block' as const), weight: 9 },
    { arbitrary: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const, 'error' as const), weight: 1 },
  ),
});

function chainOf(depth: number, maxLength: number): fc.Arbitrary<Chain> {
  if (depth === 0) return fc.array(step, { maxLength });
  return fc.array(fc.oneof({ arbitrary: step, weight: 3 }, { arbitrary: forkOf(depth - 1), weight: 1 }), { maxLength });
}

const forkOf = (depth: number): fc.Arbitrary<Fork> =>
  fc
    .record({
      kind: fc.constant('fork' as const),
      splitting,
      branches: fc.array(chainOf(depth, 2), { minLength: 2, maxLength: 3 }),
      join: fc.constantFrom(...(Object.keys(joins) as JoinName[])),
      regrouping: fc.constantFrom(...(Object.keys(regroupings) as RegroupingName[])),
      args,
    })
    .map(({ splitting, branches, ...fork }) => ({
      ...fork,
      ...splitting,
      branches: splitting.split === 'partition' ? branches.slice(0, 2) : branches,
    }));

const script: fc.Arbitrary<Script> = fc.record({
  gaps: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 })), { maxLength: 10 }),
  end: fc.constantFrom('end', 'end', 'end', 'end', 'fail', 'fail', 'never'),
  closing: fc.constantFrom(0, 0, 10),
});

const reader: fc.Arbitrary<Reader> = fc.record({
  way: fc.constantFrom('all', 'all', 'all', 'all', 'all', 'break', 'take', 'return', 'abort', 'close', 'unread'),
  count: fc.integer({ min: 1, max: 5 }),
  at: fc.nat(120),
  start: fc.constantFrom(0, 0, 0, 0, 0, 0, 20, 20, 700, 1500),
  pause: fc.constantFrom(0, 0, 0, 5, 40),
  reading: fc.constantFrom(...(Object.keys(readings) as ReadingName[])),
  flag: fc.boolean(),
});

const graphs: fc.Arbitrary<Graph> = fc
  .record({
    source: script,
    chain: chainOf(2, 3),
    split: fc.option(splitting, { nil: undefined }),
    ends: fc.array(fc.record({ chain: chainOf(1, 3), reader }), { minLength: 2, maxLength: 4 }),
    abortsAt: fc.option(fc.nat(150), { nil: undefined, freq: 8 }),
  })
  .map((graph) => (graph.split?.split === 'partition' ? { ...graph, ends: graph.ends.slice(0, 2) } : graph));

// ---------------------------------------------------------------------------------------------------------------- check

/** Lets so much time pass, or less if it is over by then, or if nothing waits for a time. */
async function until(clock: FakeTimers.Clock, isOver: () => boolean, milliseconds: number): Promise<void> {
  let isLate = false;
  const alarm = setTimeout(() => (isLate = true), milliseconds);
  for (let turns = 0; !isLate;) {
    // Streams of the platform take some turns.
    for (let turn = 0; turn < 3; turn++) await idle();
    if (isOver()) break;
    if (clock.countTimers() > 1) clock.next();
    // Some more turns: a run may have waited for one.
    else if (++turns === 4) break;
  }
  clearTimeout(alarm);
}

/** What is wrong with the run of a graph. */
async function check(graph: Graph, planted: Planted): Promise<string[]> {
  const clock = FakeTimers.withGlobal(globalThis).install({ toFake: TIMERS });
  const run = new Run(clock, planted);
  const unwatch = watchRejections((reason) => run.fault(`unhandled rejection: ${String(reason)}`));
  try {
    run.mayStall = mayStall(graph);
    const seats = (run.seats = seat(graph, run));
    const { abortsAt } = graph;
    if (abortsAt !== undefined) {
      void run.sleep(abortsAt).then(() => {
        for (const place of seats) place.abort(ABORTED);
      });
    }
    const isOver = () => seats.every((place) => place.isOver);
    await until(clock, isOver, HORIZON);
    if (!isOver()) {
      if (!run.isStuck && !run.junctions.some((junction) => junction.isHeldUp)) {
        run.fault('it waits, and nothing says for what');
      }
      for (const place of seats) if (!place.isOver) place.isLeft = true;
    }
    for (const place of seats) place.abort(ENDED);
    await until(clock, isOver, 10_000);
    if (!isOver()) run.fault('an abort does not end it');
    let closed = false;
    void Promise.allSettled(run.branches.map((branch) => branch.iterator().return())).then(() => (closed = true));
    await until(clock, () => closed && run.open + run.cleanups + run.settling === 0, 10_000);
    if (!closed) run.fault('a branch that is not read cannot be closed');
    if (run.opened > 1 && !runsAgain(graph)) run.fault(`the source is opened ${run.opened} times`);
    if (run.open > 0) run.fault(`the source is left open ${run.open} times`);
    run.clearTimers();
    const { calls } = run;
    if (clock.countTimers() > 0) run.fault(`${clock.countTimers()} timers are left`);
    await until(clock, () => false, 5000);
    if (run.calls > calls) run.fault('it goes on after its end');
    for (const place of seats) {
      const verdict = place.outcome === undefined ? undefined : place.verdict();
      if (verdict !== undefined) run.fault(verdict);
    }
    for (const verdict of run.joined) {
      const fault = verdict();
      if (fault !== undefined) run.fault(fault);
    }
    return run.faults;
  } finally {
    unwatch();
    clock.uninstall();
  }
}

export const holdsTogether = (planted: Planted = {}): fc.IAsyncProperty<[Graph]> =>
  fc.asyncProperty(graphs, async (graph) => {
    const faults = await check(graph, planted);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  });
