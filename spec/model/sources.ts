// Random sources and consumers that take time, in fake time: what comes out and when, and what is released when.
import { deepStrictEqual } from 'node:assert/strict';
import { EventEmitter, getEventListeners } from 'node:events';
import FakeTimers from '@sinonjs/fake-timers';
import fc from 'fast-check';
import { AsyncStream, type Signal } from '../../lib/index.ts';

type Stream = AsyncStream<any>;

/** How a run goes: what the consumer gets and when, how it ends, and what else happens. */
interface Course {
  readonly events: readonly { readonly at: number; readonly value: unknown }[];
  readonly end: { readonly at: number; readonly error: string | undefined } | undefined;
  readonly notes: readonly string[];
}

/** A consumer, which takes some time for each element. */
interface Consumer {
  readonly startsAt: number;
  readonly paces: readonly number[];
  readonly by: 'forEach' | 'for await';
  /** Leaves with so many elements, or is aborted some time after its start. */
  readonly takes: number;
  readonly abortsAfter: number;
}

type Step =
  | { readonly at: number; readonly value: unknown }
  | { readonly at: number; readonly value?: never; readonly error: string | undefined };

const element = (at: number, value: unknown): Step => ({ at, value });
const ending = (at: number, error?: string): Step => ({ at, error });

/** The model of one run of a source, of which the consumer asks for one element after the other. */
interface Model {
  /** What comes next, and when, if the consumer asks for it at this moment. Undefined if nothing comes until the limit. */
  next(asked: number, limit: number): Step | undefined;
  /** The run ends at this moment. When everything is released, and the error of that. */
  release?(at: number, early: boolean): { readonly at: number; readonly error?: string };
  /** A signal of its own aborts. */
  readonly aborts?: number;
}

/** What the source of the library may use. */
interface World {
  readonly note: (what: string) => void;
  /** A timer that does not belong to the run. */
  readonly outside: (milliseconds: number, callback: () => void) => void;
  readonly later: (milliseconds: number) => Promise<void>;
  /** Looked at when all is over. */
  readonly finally: (check: () => void) => void;
}

interface Kind<S> {
  /** It does something in the very moment in which its consumer gets an element: one that leaves has to take some time. */
  readonly paced?: true;
  readonly specs: fc.Arbitrary<S>;
  readonly lib: (spec: S, world: World) => Stream;
  readonly model: (spec: S, startsAt: number, note: (what: string, at: number) => void) => Model;
}

/** So long that two things hardly ever happen in the same millisecond, in which no order is promised. */
const LONG = 1_000_000;
/** Numbers from here on are durations. */
const SHORT = 1000;
/** Until then a run is looked at; then it is aborted. */
const HORIZON = 12 * LONG;

const durations = fc.noBias(fc.integer({ min: SHORT, max: LONG }));
const sometimes = <T>(value: fc.Arbitrary<T>, otherwise: T, weight = 1): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: value }, { weight: 1, arbitrary: fc.constant(otherwise) });

/** Resolves after a while; never, if the signal aborts before. */
const sleep = (milliseconds: number, signal?: Signal): Promise<void> | undefined =>
  milliseconds === 0
    ? undefined
    : new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        signal?.addEventListener('abort', () => clearTimeout(timer));
      });

const never = () => new Promise<never>(() => undefined);

const ABORTED = 'aborted';
const OWN = 'aborted by its own signal';
const FAILED = 'failed';
const failure = () => new Error(FAILED);

// -------------------------------------------------------------------------------------------- sources that are asked

const interval: Kind<{ every: number; immediate: boolean }> = {
  specs: fc.record({ every: durations, immediate: fc.boolean() }),
  lib: ({ every, immediate }) => AsyncStream.interval(every, { immediate }),
  model({ every, immediate }, startsAt) {
    let [count, tick] = [0, 0];
    return {
      next(asked) {
        if (immediate && count === 0) return element(asked, count++);
        tick = Math.max(tick + 1, Math.ceil((asked - startsAt) / every));
        return element(startsAt + tick * every, count++);
      },
    };
  },
};

interface Steps {
  /** How long each takes. */
  readonly times: readonly number[];
  readonly end: 'end' | 'fail' | 'never';
}

const times = fc.array(sometimes(durations, 0, 3), { maxLength: 6 });
const steps: fc.Arbitrary<Steps> = fc.record({
  times,
  end: fc.constantFrom('end', 'end', 'fail', 'never'),
});

/** The time of a step, and then its number, the end, or an error. */
async function taken({ times, end }: Steps, index: number, signal?: Signal): Promise<number | undefined> {
  if (index === times.length && end === 'never') return never();
  await sleep(times[index] ?? 0, signal);
  if (index < times.length) return index;
  if (end === 'fail') throw failure();
  return undefined;
}

function stepsOf({ times, end }: Steps, note: (index: number, at: number) => void) {
  let index = 0;
  return {
    next(asked: number): Step | undefined {
      note(index, asked);
      if (index < times.length) return element(asked + times[index]!, index++);
      return end === 'never' ? undefined : ending(asked, end === 'fail' ? FAILED : undefined);
    },
  };
}

const unfold: Kind<Steps> = {
  specs: steps,
  lib: (spec, { note }) =>
    AsyncStream.unfold(0, async (index, { signal }) => {
      note(`step ${index}`);
      const value = await taken(spec, index, signal);
      return value === undefined ? null : [value, index + 1];
    }),
  model: (spec, _, note) => stepsOf(spec, (index, at) => note(`step ${index}`, at)),
};

interface Polling {
  readonly every: number;
  readonly immediate: boolean;
  readonly calls: Steps;
  /** How long `until` takes to decide. */
  readonly deciding: number;
  /** The index of the last call. */
  readonly last: number;
}

const poll: Kind<Polling> = {
  specs: fc.record({
    every: sometimes(durations, 0, 5),
    immediate: fc.boolean(),
    calls: steps,
    deciding: sometimes(durations, 0),
    last: fc.nat(6),
  }),
  lib: ({ every, immediate, calls, deciding, last }, { note }) =>
    AsyncStream.poll(
      async (index, { signal }) => {
        note(`call ${index}`);
        return taken(calls, index, signal);
      },
      {
        every,
        immediate,
        until: (_, index, { signal }) => sleep(deciding, signal)?.then(() => index === last) ?? index === last,
      },
    ),
  model({ every, immediate, calls: { times, end }, deciding, last }, startsAt, note) {
    let [index, called] = [0, startsAt];
    return {
      next(asked, limit) {
        if (index > last) return ending(asked);
        // A timer of no time takes a millisecond.
        const begin = immediate && index === 0 ? asked : Math.max(asked + 1, called + every);
        if (begin > limit) return undefined;
        note(`call ${index}`, begin);
        if (index >= times.length && end === 'never') return undefined;
        called = begin + (times[index] ?? 0);
        if (index >= times.length && end === 'fail') return ending(called, FAILED);
        const value = index < times.length ? index : undefined;
        index++;
        return element(called + deciding, value);
      },
    };
  },
};

interface Pages {
  readonly sizes: readonly number[];
  readonly times: readonly number[];
  readonly prefetch: number;
  /** What says which page is the last one. */
  readonly by: 'empty' | 'short' | 'next' | 'total';
  readonly failsAt: number;
  readonly whole: boolean;
}

const PAGE = 3;

const paginate: Kind<Pages> = {
  paced: true,
  specs: fc.record({
    sizes: fc.array(fc.constantFrom(0, 1, PAGE, PAGE, PAGE), { minLength: 1, maxLength: 6 }),
    times: fc.array(sometimes(durations, 0, 3), { minLength: 1, maxLength: 4 }),
    prefetch: fc.nat(3),
    by: fc.constantFrom<Pages['by']>('empty', 'short', 'next', 'total'),
    failsAt: fc.constantFrom(-1, -1, 0, 1, 3),
    whole: fc.boolean(),
  }),
  lib({ sizes, times, prefetch, by, failsAt, whole }, { note }) {
    const options = {
      empty: {},
      short: { stopOnShortPage: true, size: PAGE },
      next: { next: (_: unknown, { page }: { page: number }) => (page + 1 < sizes.length ? page : null) },
      total: { totalPages: sizes.length },
    }[by];
    return AsyncStream.paginate<number[], number, number>(
      async ({ page, offset, cursor, signal }) => {
        note(`fetch ${page} from ${offset} with ${cursor}`);
        let pending = true;
        signal.addEventListener('abort', () => pending && note(`fetch ${page} is aborted`));
        await sleep(times[page % times.length]!, signal);
        pending = false;
        if (page === failsAt) throw failure();
        return Array.from({ length: sizes[page] ?? 0 }, (_, index) => 10 * page + index);
      },
      { ...options, firstPage: 0, prefetch, pages: whole as never },
    );
  },
  model({ sizes, times, prefetch, by, failsAt, whole }, _, note) {
    const asked: number[] = [];
    const fetches: { readonly what: string; readonly begin: number; readonly end: number }[] = [];
    let [offset, stopped, items]: [number, boolean, unknown[]] = [0, false, []];
    /** The pages that may be fetched by the time that this one is asked for, one after the other. */
    function fetch(): void {
      while (!stopped && fetches.length < asked.length + prefetch) {
        const page = fetches.length;
        const begin = Math.max(asked[Math.max(0, page - prefetch)]!, fetches.at(-1)?.end ?? 0);
        const cursor = by === 'next' && page > 0 ? page - 1 : undefined;
        const size = sizes[page] ?? 0;
        const what = `fetch ${page} from ${offset} with ${cursor}`;
        fetches.push({ what, begin, end: begin + times[page % times.length]! });
        offset += size;
        stopped =
          page === failsAt ||
          (by === 'next' || by === 'total' ? page + 1 === sizes.length : size < (by === 'short' ? PAGE : 1));
      }
    }
    return {
      next(at) {
        while (items.length === 0) {
          const page = asked.push(at) - 1;
          fetch();
          if (page >= fetches.length) return ending(at);
          at = Math.max(at, fetches[page]!.end);
          if (page === failsAt) return ending(at, FAILED);
          const elements = Array.from({ length: sizes[page] ?? 0 }, (_, index) => 10 * page + index);
          // An empty page that only says that there are no more is no page.
          const isPage = elements.length > 0 || by === 'next' || by === 'total';
          items = whole ? (isPage ? [elements] : []) : elements;
        }
        return element(at, items.shift());
      },
      release(at) {
        for (const [page, { what, begin, end }] of fetches.entries()) {
          if (begin <= at) note(what, begin);
          if (begin <= at && at < end) note(`fetch ${page} is aborted`, at);
        }
        return { at };
      },
    };
  },
};

interface Resource {
  readonly opening: number;
  readonly using: number;
  readonly closing: number;
  readonly inner: Steps;
  readonly fails: 'open' | 'use' | 'close' | undefined;
}

/** An iterator by hand, which can be closed while it is in the middle of a step. */
function iterated(spec: Steps, { note }: World): AsyncIterable<number> {
  return {
    [Symbol.asyncIterator]() {
      let index = 0;
      const timers = new AbortController();
      return {
        async next() {
          const value = await taken(spec, index++, timers.signal);
          return value === undefined ? { done: true, value } : { done: false, value };
        },
        async return() {
          note('the iterator is closed');
          timers.abort();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** Closed when the run ends, unless it has ended or failed. */
function iteratedModel(spec: Steps, note: (what: string, at: number) => void) {
  const steps = stepsOf(spec, () => undefined);
  let begun = false;
  let endsAt = Infinity;
  return {
    next(asked: number): Step | undefined {
      const step = steps.next(asked);
      begun = true;
      if (step !== undefined && !('value' in step)) endsAt = step.at;
      return step;
    },
    release(at: number): void {
      if (begun && at < endsAt) note('the iterator is closed', at);
    },
  };
}

const using: Kind<Resource> = {
  specs: fc.record({
    opening: sometimes(durations, 0),
    using: sometimes(durations, 0),
    closing: sometimes(durations, 0),
    inner: steps,
    fails: fc.constantFrom<Resource['fails']>('open', 'use', 'close', undefined, undefined, undefined),
  }),
  lib({ opening, using, closing, inner, fails }, world) {
    const later = async <R>(milliseconds: number, what: Resource['fails'], result: R): Promise<R> => {
      if (milliseconds > 0) await world.later(milliseconds);
      if (fails === what) throw failure();
      return result;
    };
    return AsyncStream.using(
      () => later(opening, 'open', 'resource'),
      () => later(using, 'use', iterated(inner, world)),
      (resource) => {
        world.note(`${resource} is closed`);
        return later(closing, 'close', undefined);
      },
    );
  },
  model({ opening, using, closing, inner: spec, fails }, startsAt, note) {
    const inner = iteratedModel(spec, note);
    const [opened, used] = [startsAt + opening, startsAt + opening + using];
    return {
      next(asked) {
        if (fails === 'open') return ending(opened, FAILED);
        if (fails === 'use') return ending(used, FAILED);
        return inner.next(Math.max(asked, used));
      },
      release(at) {
        if (at >= used) inner.release(at);
        if (fails === 'open') return { at };
        // Come too late, it is closed when it has come, and not waited for.
        note('resource is closed', Math.max(at, opened));
        if (at < opened) return { at };
        return fails === 'close' ? { at: at + closing, error: FAILED } : { at: at + closing };
      },
    };
  },
};

const factory: Kind<{ opening: number; fails: boolean; inner: Steps }> = {
  specs: fc.record({ opening: sometimes(durations, 0), fails: sometimes(fc.boolean(), false), inner: steps }),
  lib: ({ opening, fails, inner }, world) =>
    AsyncStream.from(async () => {
      if (opening > 0) await world.later(opening);
      if (fails) throw failure();
      return iterated(inner, world);
    }),
  model({ opening, fails, inner: spec }, startsAt, note) {
    const inner = iteratedModel(spec, note);
    const opened = startsAt + opening;
    return {
      next: (asked) => (fails ? ending(opened, FAILED) : inner.next(Math.max(asked, opened))),
      release(at) {
        if (at >= opened) inner.release(at);
        return { at };
      },
    };
  },
};

interface Promises {
  readonly all: readonly { readonly at: number; readonly fails: boolean }[];
  readonly as: 'array' | 'set' | 'arguments';
}

const promises: fc.Arbitrary<Promises> = fc.record({
  all: fc.array(fc.record({ at: sometimes(durations, 0, 3), fails: sometimes(fc.boolean(), false) }), { maxLength: 6 }),
  as: fc.constantFrom('array', 'set', 'arguments'),
});

const promised = ({ all }: Promises, { later }: World): Promise<number>[] =>
  all.map(async ({ at, fails }, index) => {
    if (at > 0) await later(at);
    if (fails) throw failure();
    return index;
  });

const settles = ({ at, fails }: Promises['all'][number], index: number, asked: number): Step =>
  fails ? ending(Math.max(at, asked), FAILED) : element(Math.max(at, asked), index);

const list: Kind<Promises> = {
  specs: promises,
  lib: (spec, world) =>
    spec.as === 'arguments' ? AsyncStream.of(...promised(spec, world)) : AsyncStream.from(promised(spec, world)),
  model({ all }) {
    let index = 0;
    return { next: (asked) => (index < all.length ? settles(all[index]!, index++, asked) : ending(asked)) };
  },
};

const asCompleted: Kind<Promises> = {
  specs: promises,
  lib(spec, world) {
    const all = promised(spec, world);
    return AsyncStream.asCompleted(spec.as === 'set' ? new Set(all) : all);
  },
  model({ all }, startsAt) {
    // Those that have settled before come in the order of the list.
    const order = all
      .map((promise, index) => ({ promise, index, at: Math.max(promise.at, startsAt) }))
      .sort((a, b) => a.at - b.at || a.index - b.index);
    return {
      next(asked) {
        const first = order.shift();
        return first === undefined ? ending(asked) : settles(first.promise, first.index, asked);
      },
    };
  },
};

const range: Kind<{ start: number; end: number; step: number }> = {
  specs: fc.record({
    start: fc.integer({ min: -5, max: 5 }),
    end: fc.integer({ min: -9, max: 9 }),
    step: fc.constantFrom(1, 2, 3, 0.1, -1, -2, -0.5),
  }),
  lib: ({ start, end, step }) => AsyncStream.range(start, end, step),
  model({ start, end, step }) {
    let count = 0;
    return {
      next(asked) {
        const value = start + count++ * step;
        return (step > 0 ? value < end : value > end) ? element(asked, value) : ending(asked);
      },
    };
  },
};

// -------------------------------------------------------------------------------------------- sources that are pushed

interface Burst {
  readonly after: number;
  readonly count: number;
  readonly then: 'end' | 'fail' | undefined;
}

interface Buffering {
  readonly buffer: number;
  readonly overflow: 'block' | 'error' | 'drop-oldest' | 'drop-newest';
}

const bursts = fc.array(
  fc.record({
    after: durations,
    count: fc.nat(4),
    then: fc.constantFrom<Burst['then']>('end', 'fail', ...Array.from({ length: 8 }, () => undefined)),
  }),
  { maxLength: 6 },
);

const buffering: fc.Arbitrary<Buffering> = fc
  .record({
    buffer: fc.constantFrom(0, 1, 2, 3, Infinity),
    overflow: fc.constantFrom<Buffering['overflow']>('block', 'block', 'error', 'drop-oldest', 'drop-newest'),
  })
  .map(({ buffer, overflow }) => ({ buffer: overflow === 'block' ? buffer : Math.max(buffer, 1), overflow }));

/** Elements that wait for the consumer, and producers that wait for room. */
class Held {
  readonly #limits: Buffering;
  readonly elements: unknown[] = [];
  readonly #waiting: ((accepted: boolean, at: number) => void)[] = [];
  closed: { readonly at: number; readonly error: string | undefined } | undefined;
  #left = false;

  constructor(limits: Buffering) {
    this.#limits = limits;
  }

  /** `told` whether the element was accepted, which may be later. */
  push(value: unknown, at: number, told: (accepted: boolean, at: number) => void = () => undefined): void {
    if (this.over) return told(false, at);
    const { buffer, overflow } = this.#limits;
    const { elements } = this;
    const isFull = elements.length >= buffer;
    if (isFull && overflow === 'error') {
      this.close(at, 'OverflowError');
      return told(false, at);
    }
    if (isFull && overflow === 'drop-oldest') elements.shift();
    if (!isFull || overflow !== 'drop-newest') elements.push(value);
    if (elements.length <= buffer) told(true, at);
    else this.#waiting.push(told);
  }

  get over(): boolean {
    return this.#left || this.closed !== undefined;
  }

  close(at: number, error?: string): void {
    if (!this.over) this.closed = { at, error };
  }

  take(at: number): Step {
    const value = this.elements.shift();
    this.#waiting.shift()?.(true, at);
    return element(at, value);
  }

  leave(at: number): void {
    this.#left = true;
    for (const told of this.#waiting.splice(0)) told(false, at);
  }
}

/** What happens outside, in order: each says when the next one does. Undefined if nothing does any more. */
interface Outside {
  next(): number | undefined;
  happen(): void;
}

/** A run over what is pushed from outside. */
function pushedModel(held: Held, outside: Outside): Pick<Model, 'next'> & { until(at: number): void } {
  function until(at: number): void {
    for (let next = outside.next(); next !== undefined && next <= at; next = outside.next()) outside.happen();
  }
  return {
    until,
    next(asked, limit) {
      until(asked);
      while (held.elements.length === 0 && held.closed === undefined) {
        const next = outside.next();
        if (next === undefined || next > limit) return undefined;
        asked = next;
        outside.happen();
      }
      if (held.elements.length > 0) return held.take(asked);
      return ending(Math.max(asked, held.closed!.at), held.closed!.error);
    },
  };
}

/** Bursts at moments that depend on nothing else. */
function scheduled(all: readonly Burst[], burst: (burst: Burst, at: number) => void): Outside {
  let [index, at] = [0, 0];
  return {
    next: () => (index < all.length ? at + all[index]!.after : undefined),
    happen() {
      at += all[index]!.after;
      burst(all[index++]!, at);
    },
  };
}

/** Calls it for each burst at its moment. */
function schedule(all: readonly Burst[], { outside }: World, burst: (burst: Burst) => void): void {
  let at = 0;
  for (const each of all) outside((at += each.after), () => burst(each));
}

interface Pusher {
  (value: number): boolean | Promise<boolean>;
  end(): void;
  fail(error: unknown): void;
}

/** Pushes without waiting, and notes what each push returns. */
function pushing(push: Pusher, { note }: World): (burst: Burst) => void {
  let value = 0;
  const pushOne = async (pushed: number) => note(`${pushed} is ${(await push(pushed)) ? 'accepted' : 'refused'}`);
  return ({ count, then }) => {
    for (let index = 0; index < count; index++) void pushOne(value++);
    if (then === 'end') push.end();
    if (then === 'fail') push.fail(failure());
  };
}

function pushingModel(held: Held, note: (what: string, at: number) => void): (burst: Burst, at: number) => void {
  let value = 0;
  return ({ count, then }, at) => {
    for (let index = 0; index < count; index++) {
      const pushed = value++;
      held.push(pushed, at, (accepted, told) => note(`${pushed} is ${accepted ? 'accepted' : 'refused'}`, told));
    }
    if (then !== undefined) held.close(at, then === 'fail' ? FAILED : undefined);
  };
}

const channel: Kind<{ bursts: readonly Burst[]; limits: Buffering }> = {
  specs: fc.record({ bursts, limits: buffering }),
  lib({ bursts, limits }, world) {
    const { stream, push, end, fail } = AsyncStream.channel<number>(limits);
    schedule(
      bursts,
      world,
      pushing(
        Object.assign((value: number) => push(value), { end, fail }),
        world,
      ),
    );
    return stream;
  },
  model({ bursts, limits }, _, note) {
    const held = new Held(limits);
    const { next, until } = pushedModel(held, scheduled(bursts, pushingModel(held, note)));
    return {
      next,
      release(at) {
        until(at);
        held.leave(at);
        until(HORIZON);
        return { at };
      },
    };
  },
};

interface Production {
  readonly bursts: readonly Burst[];
  readonly limits: Buffering;
  /** How the producer returns: at once, or as a promise of a cleanup, or of none after it has awaited each push. */
  readonly by: 'cleanup' | 'nothing' | 'throw' | 'promise of a cleanup' | 'promise' | 'rejection';
  /** How long it takes to resolve, and how long the cleanup takes. */
  readonly returning: number;
  readonly cleaning: number;
  readonly cleanupFails: boolean;
}

const create: Kind<Production> = {
  specs: fc.record({
    bursts,
    limits: buffering,
    by: fc.constantFrom<Production['by']>(
      'cleanup',
      'cleanup',
      'nothing',
      'throw',
      'promise of a cleanup',
      'promise',
      'rejection',
    ),
    returning: sometimes(durations, 0),
    cleaning: sometimes(durations, 0),
    cleanupFails: sometimes(fc.boolean(), false, 1),
  }),
  lib: ({ bursts, limits, by, returning, cleaning, cleanupFails }, world) =>
    AsyncStream.create<number>((push) => {
      schedule(bursts, world, pushing(push, world));
      const cleanup = async () => {
        world.note('cleanup');
        if (cleaning > 0) await world.later(cleaning);
        if (cleanupFails) throw failure();
      };
      const later = async () => {
        if (returning > 0) await world.later(returning);
        if (by === 'rejection') throw failure();
        return by === 'promise' ? undefined : cleanup;
      };
      if (by === 'throw') throw failure();
      return by === 'cleanup' ? cleanup : by === 'nothing' ? undefined : later();
    }, limits),
  model({ bursts, limits, by, returning, cleaning, cleanupFails }, startsAt, note) {
    const held = new Held(limits);
    const burst = pushingModel(held, note);
    const isAsync = by === 'promise' || by === 'promise of a cleanup' || by === 'rejection';
    const returned = startsAt + (isAsync ? returning : 0);
    const isFailed = by === 'throw' || by === 'rejection';
    const pushes = scheduled(bursts, (each, at) => burst(each, startsAt + at));
    let hasReturned = !isFailed && by !== 'promise';
    const { next, until } = pushedModel(held, {
      next() {
        const pushed = pushes.next();
        const at = pushed === undefined ? Infinity : startsAt + pushed;
        const first = hasReturned ? at : Math.min(at, returned);
        return first === Infinity ? undefined : first;
      },
      happen() {
        if (!hasReturned && returned <= startsAt + (pushes.next() ?? Infinity)) {
          hasReturned = true;
          held.close(returned, isFailed ? FAILED : undefined);
        } else pushes.happen();
      },
    });
    return {
      next(asked, limit) {
        const step = next(asked, limit);
        // After its end, the producer is waited for, and its error is that of the run.
        if (step === undefined || 'value' in step || step.error !== undefined || !isAsync) return step;
        const at = Math.max(step.at, returned);
        return ending(at, by === 'rejection' ? FAILED : undefined);
      },
      release(at) {
        until(at);
        held.leave(at);
        until(HORIZON);
        if (by !== 'cleanup' && by !== 'promise of a cleanup') return { at };
        note('cleanup', Math.max(at, returned));
        if (at < returned) return { at };
        return cleanupFails ? { at: at + cleaning, error: FAILED } : { at: at + cleaning };
      },
    };
  },
};

/** A producer that waits until each push is accepted, and stops when one is refused. */
const waiting: Kind<Pick<Production, 'bursts' | 'limits' | 'returning'> & { by: 'end' | 'fail' | 'cleanup' }> = {
  paced: true,
  specs: fc.record({
    bursts,
    limits: buffering.map(({ buffer }) => ({ buffer, overflow: 'block' as const })),
    returning: sometimes(durations, 0),
    by: fc.constantFrom('end', 'fail', 'cleanup'),
  }),
  lib: ({ bursts, limits, returning, by }, { note, later }) =>
    AsyncStream.create<number>(async (push) => {
      const cleanup = () => note('cleanup');
      let value = 0;
      for (const { after, count, then } of bursts) {
        await later(after);
        for (let index = 0; index < count; index++) {
          const accepted = await push(value);
          note(`${value++} is ${accepted ? 'accepted' : 'refused'}`);
          if (!accepted) return cleanup;
        }
        if (then === 'end') push.end();
        if (then === 'fail') push.fail(failure());
      }
      if (returning > 0) await later(returning);
      if (by === 'fail') throw failure();
      return by === 'cleanup' ? cleanup : undefined;
    }, limits),
  model({ bursts, limits, returning, by }, startsAt, note) {
    const held = new Held(limits);
    let [burst, index, value]: [number, number, number] = [0, 0, 0];
    /** When it goes on; undefined while it waits for a push, or has returned. */
    let due: number | undefined = startsAt + (bursts[0]?.after ?? returning);
    let returned: { readonly at: number; readonly by: typeof by } | undefined;
    function goOn(at: number): void {
      due = undefined;
      const current = bursts[burst];
      if (current === undefined) {
        returned = { at, by };
        if (by !== 'cleanup') held.close(at, by === 'fail' ? FAILED : undefined);
      } else if (index < current.count) {
        index++;
        const pushed = value++;
        held.push(pushed, at, (accepted, told) => {
          note(`${pushed} is ${accepted ? 'accepted' : 'refused'}`, told);
          if (accepted) return goOn(told);
          returned = { at: told, by: 'cleanup' };
        });
      } else {
        if (current.then !== undefined) held.close(at, current.then === 'fail' ? FAILED : undefined);
        burst++;
        index = 0;
        due = at + (bursts[burst]?.after ?? returning);
      }
    }
    const { next, until } = pushedModel(held, { next: () => due, happen: () => goOn(due!) });
    return {
      next(asked, limit) {
        const step = next(asked, limit);
        if (step === undefined || 'value' in step || step.error !== undefined) return step;
        until(limit);
        if (returned === undefined) return undefined;
        const { at, by } = returned;
        return ending(Math.max(step.at, at), by === 'fail' ? FAILED : undefined);
      },
      release(at) {
        until(at);
        held.leave(at);
        until(Infinity);
        if (returned?.by === 'cleanup') note('cleanup', Math.max(at, returned.at));
        return { at };
      },
    };
  },
};

const EVENTS = ['value', 'end', 'fail'];

const abortable = () => {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
};

function emitterWith<T extends object>(methods: (emitter: EventEmitter) => T) {
  const emitter = new EventEmitter();
  return {
    target: methods(emitter) as EventEmitter,
    dispatch: (name: string, value: unknown) => void emitter.emit(name, value),
    listeners: () => EVENTS.flatMap((name) => emitter.listeners(name)).length,
  };
}

const targets = {
  EventTarget() {
    const target = new EventTarget();
    return {
      target: target as never as EventEmitter,
      dispatch: (name: string, value: unknown) =>
        void target.dispatchEvent(
          name === 'fail' ? Object.assign(new Event(name), { error: value }) : new CustomEvent(name, { detail: value }),
        ),
      listeners: () => EVENTS.flatMap((name) => getEventListeners(target, name)).length,
    };
  },
  EventEmitter: () => emitterWith((emitter) => emitter),
  'an emitter with other names': () =>
    emitterWith((emitter) => ({
      addListener: emitter.on.bind(emitter),
      removeListener: emitter.off.bind(emitter),
    })),
};

interface Listening {
  readonly bursts: readonly Burst[];
  readonly limits: Buffering;
  readonly target: keyof typeof targets;
  readonly eager: boolean;
  readonly selects: 'nothing' | 'a pair' | 'and fails';
  readonly abortsAt: number;
}

const fromEvent: Kind<Listening> = {
  specs: fc.record({
    bursts,
    limits: buffering.map(({ buffer, overflow }) => ({
      buffer: Math.max(buffer, 1),
      overflow: overflow === 'block' ? 'error' : overflow,
    })),
    target: fc.constantFrom(...(Object.keys(targets) as Listening['target'][])),
    eager: fc.boolean(),
    selects: fc.constantFrom('nothing', 'a pair', 'and fails'),
    abortsAt: sometimes(durations, Infinity),
  }),
  lib({ bursts, limits, target: kind, eager, selects, abortsAt }, world) {
    const { target, dispatch, listeners } = targets[kind]();
    let value = 0;
    schedule(bursts, world, ({ count, then }) => {
      for (let index = 0; index < count; index++) dispatch('value', value++);
      if (then !== undefined) dispatch(then, failure());
      world.note(`${listeners()} listeners`);
    });
    const { signal, abort } = abortable();
    if (abortsAt < Infinity) world.outside(abortsAt, () => abort(new Error(OWN)));
    world.finally(() => deepStrictEqual([listeners(), getEventListeners(signal, 'abort').length], [0, 0]));
    return AsyncStream.fromEvent(target, 'value', {
      end: 'end',
      error: ['fail'],
      eager,
      buffer: limits.buffer,
      overflow: limits.overflow as 'error',
      ...(abortsAt < Infinity && { signal }),
      select(event: unknown, ...more: unknown[]) {
        const selected: unknown = event instanceof CustomEvent ? event.detail : event;
        if (selects === 'and fails' && selected === 4) throw failure();
        return selects === 'nothing' ? selected : [selected, more.length];
      },
    });
  },
  model({ bursts, limits, eager, selects, abortsAt }, startsAt, note) {
    const held = new Held(limits);
    let value = 0;
    let released = false;
    const isListening = (at: number) => (eager || at >= startsAt) && !held.over && !released;
    const { next, until } = pushedModel(
      held,
      scheduled(bursts, ({ count, then }, at) => {
        if (at >= abortsAt) held.leave(at);
        for (let index = 0; index < count; index++) {
          const pushed = value++;
          if (!isListening(at)) continue;
          if (selects === 'and fails' && pushed === 4) held.close(at, FAILED);
          else held.push(selects === 'nothing' ? pushed : [pushed, 0], at);
        }
        if (then !== undefined && isListening(at)) held.close(at, then === 'fail' ? FAILED : undefined);
        note(`${isListening(at) ? 3 : 0} listeners`, at);
      }),
    );
    return {
      aborts: abortsAt,
      next,
      release(at) {
        until(at);
        released = true;
        until(HORIZON);
        return { at };
      },
    };
  },
};

// ----------------------------------------------------------------------------------------------------------------- runs

const kinds = {
  interval,
  unfold,
  poll,
  paginate,
  using,
  'from a function': factory,
  'from promises': list,
  asCompleted,
  range,
  channel,
  create,
  'create, by a producer that waits': waiting,
  fromEvent,
} satisfies Record<string, Kind<any>>;

export type SourceName = keyof typeof kinds;

const consumers: fc.Arbitrary<Consumer> = fc.record({
  startsAt: sometimes(durations, 1),
  paces: fc.array(sometimes(durations, 0), { minLength: 1, maxLength: 4 }),
  by: fc.constantFrom('forEach', 'for await'),
  takes: sometimes(fc.integer({ min: 1, max: 5 }), Infinity),
  abortsAfter: sometimes(durations, Infinity),
});

const pacesOf = ({ paced }: { readonly paced?: true }, { paces }: Consumer) =>
  paced ? paces.map((pace) => Math.max(pace, SHORT)) : paces;

function expected<S>(kind: Kind<S>, spec: S, consumer: Consumer): Course {
  const { startsAt, by, takes, abortsAfter } = consumer;
  const paces = pacesOf(kind, consumer);
  const notes: string[] = [];
  const source = kind.model(spec, startsAt, (what, at) => {
    if (at < HORIZON) notes.push(`${what} at ${at}`);
  });
  const events: { at: number; value: unknown }[] = [];
  const own = Math.max(source.aborts ?? Infinity, startsAt);
  const aborted = Math.min(startsAt + abortsAfter, own, HORIZON);
  const reason = aborted === own ? OWN : ABORTED;

  /** An abort during the last cleanup is one still, unless a loop has been left. */
  function ends(at: number, early: boolean, error?: string): Course {
    const released = source.release?.(at, early) ?? { at };
    const late = aborted < released.at && !(early && by === 'for await') ? reason : undefined;
    return { events, end: { at: released.at, error: error ?? late ?? released.error }, notes };
  }

  for (let at = startsAt; ;) {
    if (aborted <= at) return ends(aborted, true, reason);
    const step = source.next(at, aborted);
    if (step === undefined || step.at >= aborted) return ends(aborted, true, reason);
    if (!('value' in step)) return ends(step.at, false, step.error);
    at = step.at + paces[events.length % paces.length]!;
    events.push({ at: step.at, value: step.value });
    const leaves = events.length === takes;
    if (aborted > at) {
      if (leaves) return ends(at, true);
      continue;
    }
    const course = ends(aborted, true, reason);
    if (by === 'forEach') return course;
    // A loop comes to know of it when its body is done, and not if it is left then.
    return { ...course, end: { at: Math.max(course.end!.at, at), error: leaves ? undefined : reason } };
  }
}

/** A wrong form of a source, to show that it is found. */
export type Fault = (stream: Stream) => Stream;

async function observed<S>(kind: Kind<S>, spec: S, consumer: Consumer, fault: Fault): Promise<Course> {
  const { startsAt, by, takes, abortsAfter } = consumer;
  const paces = pacesOf(kind, consumer);
  const clock = FakeTimers.withGlobal(globalThis).install();
  const start = clock.now;
  const time = () => clock.now - start;
  const notes: string[] = [];
  const checks: (() => void)[] = [];
  const outside = new Set<unknown>();
  const world: World = {
    note(what) {
      if (time() < HORIZON) notes.push(`${what} at ${time()}`);
    },
    outside(milliseconds, callback) {
      const timer = setTimeout(() => {
        outside.delete(timer);
        callback();
      }, milliseconds);
      outside.add(timer);
    },
    later: (milliseconds) => new Promise((resolve) => world.outside(milliseconds, resolve)),
    finally: (check) => void checks.push(check),
  };
  try {
    const stream = fault(kind.lib(spec, world));
    const events: { at: number; value: unknown }[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    const consume = (value: unknown): Promise<void> | undefined => {
      const pace = paces[events.length % paces.length]!;
      events.push({ at: time(), value });
      return pace === 0 ? undefined : world.later(pace);
    };
    const loop = async () => {
      for await (const value of stream.withSignal(signal)) {
        await consume(value);
        if (events.length === takes) break;
      }
    };
    const each = () => (takes < Infinity ? stream.take(takes) : stream).forEach(consume, { signal });
    let end: Course['end'];
    const run = async () => {
      await world.later(startsAt);
      if (abortsAfter < Infinity) world.outside(abortsAfter, () => controller.abort(new Error(ABORTED)));
      try {
        await (by === 'forEach' ? each() : loop());
        end = { at: time(), error: undefined };
      } catch (error) {
        const { name, message } = error as Error;
        end = { at: time(), error: name === 'Error' ? message : name };
      }
    };
    const running = run();
    await clock.tickAsync(HORIZON);
    controller.abort(new Error(ABORTED));
    await clock.tickAsync(0);
    // The consumer, or a cleanup, may be at work.
    if (end === undefined) await clock.tickAsync(LONG);
    const left = clock.countTimers() - outside.size;
    if (left > 0) throw new Error(`${left} timers are left`);
    await clock.tickAsync(3 * LONG);
    await running;
    for (const check of checks) check();
    return { events, end, notes };
  } finally {
    clock.uninstall();
  }
}

const visible = ({ events, end, notes }: Course): unknown => ({
  events: events.filter(({ at }) => at < HORIZON),
  end: end && end.at < HORIZON ? end : undefined,
  notes: [...notes].sort(),
});

/** Other durations, which do not coincide where these do. */
function shifted<S>(spec: S): S {
  let count = 0;
  const shift = (value: any): any => {
    if (typeof value === 'number' && value >= SHORT && value < Infinity) {
      return value + ((value * 7919) % 1013) + 101 * count++;
    }
    if (Array.isArray(value)) return value.map(shift);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shift(each)]));
  };
  return shift(spec);
}

async function compare<S>(kind: Kind<S>, spec: S, consumer: Consumer, fault: Fault): Promise<void> {
  deepStrictEqual(visible(await observed(kind, spec, consumer, fault)), visible(expected(kind, spec, consumer)));
}

/** Each source, consumed in any way, emits what its model says, ends as it says, and has released all by then. */
export const sources: Record<SourceName, (fault?: Fault) => fc.IAsyncProperty<any>> = Object.fromEntries(
  Object.entries(kinds).map(([name, kind]: [string, Kind<any>]) => [
    name,
    (fault: Fault = (stream) => stream) =>
      fc.asyncProperty(fc.tuple(kind.specs, consumers), async ([spec, consumer]) => {
        try {
          await compare(kind, spec, consumer, fault);
        } catch {
          const [other, same] = shifted([spec, consumer]);
          await compare(kind, other, same, fault);
        }
      }),
  ]),
) as never;
