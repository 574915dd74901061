// Operators that do several things at once, under every order in which these may settle.
import fc from 'fast-check';
import { AsyncStream } from '../../lib/index.ts';

/** A source whose elements settle when the scheduler says so. Notes whether it is read as a source may be read. */
class Scheduled {
  pulled = 0;
  /** Called when an element has arrived, right before it is emitted. */
  arrived: (value: number) => void = () => undefined;
  readonly faults: string[] = [];
  readonly stream: AsyncStream<number>;

  constructor(scheduler: fc.Scheduler, name: string, elements: readonly number[], failAt = -1) {
    let reading = false;
    let over = false;
    let closed = 0;
    this.stream = AsyncStream.from<number>({
      [Symbol.asyncIterator]: () => ({
        next: async (): Promise<IteratorResult<number>> => {
          if (reading) this.faults.push(`${name}: next() while another one is pending`);
          if (over) this.faults.push(`${name}: next() after its end`);
          reading = true;
          const index = this.pulled++;
          await scheduler.schedule(Promise.resolve(), `${name} ${index}`);
          reading = false;
          if (index === failAt) {
            over = true;
            throw FAILURE;
          }
          if (index < elements.length) {
            this.arrived(elements[index]!);
            return { done: false, value: elements[index]! };
          }
          over = true;
          return { done: true, value: undefined };
        },
        return: async () => {
          if (++closed > 1) this.faults.push(`${name}: closed twice`);
          over = true;
          return { done: true, value: undefined };
        },
      }),
    });
  }
}

const FAILURE = new Error('of the source');

const concurrency = fc.integer({ min: 1, max: 4 });
const lists = fc.array(fc.nat(5), { maxLength: 8 });
const failures = fc.constantFrom(-1, -1, 0, 2, 4);

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Of a check that has failed in a callback, or of the library. */
function known(error: unknown): void {
  if (error !== FAILURE) throw error;
}

function same(got: unknown, expected: unknown, what: string): void {
  check(
    JSON.stringify(got) === JSON.stringify(expected),
    `${what}: ${JSON.stringify(got)}, not ${JSON.stringify(expected)}`,
  );
}

/** A callback that settles when the scheduler says so, and how many of its calls run at a time. */
function task(scheduler: fc.Scheduler, most: number, keyOf?: (value: any) => unknown) {
  const running = new Map<unknown, number>();
  let count = 0;
  const started: unknown[] = [];
  const fn = async (value: any): Promise<any> => {
    const key = keyOf?.(value);
    started.push(value);
    check(++count <= most, `${count} callbacks run, and ${most} may`);
    running.set(key, (running.get(key) ?? 0) + 1);
    if (keyOf !== undefined) check(running.get(key) === 1, `two callbacks run for key ${String(key)}`);
    await scheduler.schedule(Promise.resolve(), `task ${value}`);
    running.set(key, running.get(key)! - 1);
    count--;
    return value;
  };
  return { fn, started };
}

/** Runs it to its end, whatever is scheduled meanwhile, at the pace of a consumer that is scheduled as well. */
async function consume(scheduler: fc.Scheduler, stream: AsyncStream<any>, take = Infinity, seen: any[] = []) {
  const loop = async () => {
    try {
      for await (const value of stream) {
        seen.push(value);
        if (seen.length >= take) break;
        await scheduler.schedule(Promise.resolve(), 'consumer');
      }
    } catch (error) {
      return { seen, error };
    }
    return { seen };
  };
  return scheduler.waitFor(loop() as Promise<{ seen: any[]; error?: unknown }>);
}

const sorted = (values: number[]) => values.toSorted((a, b) => a - b);

interface Options {
  readonly concurrency: number;
  readonly ordered: boolean;
  readonly buffer: number;
  readonly key?: (value: number) => number;
}

type Concurrent = (stream: AsyncStream<any>, fn: (value: any) => Promise<any>, options: Options) => AsyncStream<any>;

/** `keyed`: it has the option `key`. */
function concurrentMap(build: Concurrent, hasKey = true) {
  return fc.asyncProperty(
    fc.scheduler(),
    lists,
    concurrency,
    fc.record({ ordered: fc.boolean(), keyed: fc.boolean(), buffer: fc.nat(4) }),
    failures,
    fc.constantFrom(1, 3, Infinity),
    async (scheduler, elements, concurrency, { ordered, keyed: wantsKey, buffer }, failAt, take) => {
      const keyed = hasKey && wantsKey;
      const source = new Scheduled(scheduler, 'source', elements, failAt);
      const key = (value: number) => value % 2;
      const { fn, started } = task(scheduler, concurrency, keyed ? key : undefined);
      const options = {
        concurrency,
        ordered,
        buffer: Math.max(buffer, 1),
        ...(keyed && { key }),
      };
      const seen: unknown[] = [];
      const watched = build(source.stream, fn, options).tap(() => {
        // What runs, what is done and waits, and the element in hand.
        const bound = seen.length + concurrency + options.buffer + 1;
        check(source.pulled <= bound, `${source.pulled} elements were read, and ${bound} may be`);
      });
      const { error } = await consume(scheduler, watched, take, seen);
      const fails = failAt >= 0 && failAt <= elements.length;
      const all = fails ? elements.slice(0, failAt) : elements;
      if (ordered) same(seen, all.slice(0, take).slice(0, seen.length), 'elements');
      if (error !== undefined) known(error);
      else if (!fails && take === Infinity) {
        if (!ordered) same(sorted(seen as number[]), sorted(all), 'elements');
        check(seen.length === all.length, `${seen.length} elements of ${all.length}`);
      }
      if (fails && take === Infinity) {
        check(error === FAILURE, 'the error is lost');
        if (ordered) same(seen, all, 'elements before the error');
      }
      // No callback is called once it is over, and no element is given to two.
      const { length } = started;
      await scheduler.waitIdle();
      check(started.length === length, 'a callback was called after the end');
      // In the order of the source, or in that of each key.
      for (const group of keyed ? [0, 1] : [undefined]) {
        const mine = (value: unknown) => group === undefined || key(value as number) === group;
        const calls = started.filter(mine);
        same(calls, elements.filter(mine).slice(0, calls.length), 'order of calls');
      }
      same(source.faults, [], 'faults');
    },
  );
}

/** Each input once, in its order, however they take turns. */
function combination(
  build: (inputs: AsyncStream<number>[]) => AsyncStream<any>,
  { inTurn = false, fair = false }: { inTurn?: boolean; fair?: boolean },
) {
  return fc.asyncProperty(
    fc.scheduler(),
    fc.array(lists, { minLength: 1, maxLength: 3 }),
    failures,
    fc.constantFrom(1, 3, Infinity),
    async (scheduler, all, failAt, take) => {
      const tagged = all.map((list, input) => list.map((_, index) => input * 100 + index));
      const sources = tagged.map(
        (list, input) => new Scheduled(scheduler, `input ${input}`, list, input === 0 ? failAt : -1),
      );
      const fails = failAt >= 0 && failAt <= all[0]!.length;
      const seen: number[] = [];
      /** What has been emitted since an element has arrived. */
      const since = new Map<number, number[]>();
      const inputOf = (value: number) => Math.floor(value / 100);
      if (fair) for (const source of sources) source.arrived = (value) => since.set(value, []);
      const watched = build(sources.map(({ stream }) => stream)).tap((value: number) => {
        const before = since.get(value) ?? [];
        since.delete(value);
        const inputs = new Set(before.map(inputOf));
        check(inputs.size === before.length, `${value} waited for ${before.join()}`);
        for (const emitted of since.values()) emitted.push(value);
        for (const [input, { pulled }] of sources.entries()) {
          const given = seen.filter((one) => inputOf(one) === input).length;
          check(pulled <= given + 1, `input ${input} was read ${pulled} times, ${given} elements of it were given`);
        }
      });
      const { error } = await consume(scheduler, watched, take, seen);
      for (const input of all.keys()) {
        const mine = seen.filter((value) => inputOf(value) === input);
        same(mine, tagged[input]!.slice(0, mine.length), `order of input ${input}`);
      }
      if (error !== undefined) known(error);
      else if (fails && take === Infinity) throw new Error('the error is lost');
      if (!fails && take === Infinity) check(seen.length === tagged.flat().length, 'elements are lost');
      if (inTurn && !fails && take === Infinity) same(seen, roundRobin(tagged), 'turns');
      await scheduler.waitIdle();
      same(
        sources.flatMap(({ faults }) => faults),
        [],
        'faults',
      );
    },
  );
}

function roundRobin(lists: number[][]): number[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat();
}

/** Every branch has all elements, in order; the source is read once. */
function branches(make: (stream: AsyncStream<number>, count: number) => AsyncStream<number>[]) {
  return fc.asyncProperty(
    fc.scheduler(),
    lists,
    fc.integer({ min: 1, max: 3 }),
    failures,
    fc.array(fc.constantFrom(1, 2, Infinity), { minLength: 3, maxLength: 3 }),
    async (scheduler, elements, count, failAt, takes) => {
      const source = new Scheduled(scheduler, 'source', elements, failAt);
      const fails = failAt >= 0 && failAt <= elements.length;
      const streams = make(source.stream, count);
      const outcomes = await Promise.all(streams.map((stream, index) => consume(scheduler, stream, takes[index])));
      for (const [index, { seen, error }] of outcomes.entries()) {
        const all = (fails ? elements.slice(0, failAt) : elements).slice(0, takes[index]);
        same(seen, all, `branch ${index}`);
        const sated = seen.length >= takes[index]!;
        check(error === (fails && !sated ? FAILURE : undefined), `the error of branch ${index}`);
      }
      await scheduler.waitIdle();
      same(source.faults, [], 'faults');
    },
  );
}

function ahead(build: (stream: AsyncStream<number>, size: number) => AsyncStream<any>) {
  return fc.asyncProperty(
    fc.scheduler(),
    lists,
    fc.integer({ min: 1, max: 4 }),
    failures,
    fc.constantFrom(1, 3, Infinity),
    async (scheduler, elements, size, failAt, take) => {
      const source = new Scheduled(scheduler, 'source', elements, failAt);
      const fails = failAt >= 0 && failAt <= elements.length;
      const seen: any[] = [];
      const watched = build(source.stream, size).tap(() => {
        const bound = seen.length + 1 + size;
        check(source.pulled <= bound, `${source.pulled} elements were read, and ${bound} may be`);
      });
      const { error } = await consume(scheduler, watched, take, seen);
      const all = (fails ? elements.slice(0, failAt) : elements).slice(0, take);
      same(seen, all, 'elements');
      check(error === (fails && seen.length < take ? FAILURE : undefined), 'another error');
      await scheduler.waitIdle();
      same(source.faults, [], 'faults');
    },
  );
}

const settledValue = (result: any): unknown => result.value;

export const interleavings: Record<string, () => fc.IAsyncProperty<any>> = {
  'map, concurrent': () => concurrentMap((stream, fn, options) => stream.map(fn, options)),
  'filter, concurrent': () =>
    concurrentMap((stream, fn, options) => stream.filter(async (value) => (await fn(value)) >= 0, options)),
  'mapSettled, concurrent': () =>
    concurrentMap((stream, fn, options) => stream.mapSettled(fn, options).map(settledValue)),
  'flatMap, concurrent': () =>
    concurrentMap((stream, fn, options) => stream.flatMap(async (value) => [await fn(value)], options), false),
  merge: () => combination((inputs) => AsyncStream.merge(...inputs), { fair: true }),
  mergeKeyed: () =>
    combination((inputs) => AsyncStream.mergeKeyed(Object.fromEntries(inputs.entries())).map(([, value]) => value), {
      fair: true,
    }),
  interleave: () => combination((inputs) => AsyncStream.interleave(...inputs), { inTurn: true }),
  tee: () => branches((stream, count) => stream.tee(count, { buffer: 8 })),
  share: () =>
    branches((stream, count) => {
      const shared = stream.share({ replay: Infinity });
      return Array.from({ length: count }, () => shared);
    }),
  buffer: () => ahead((stream, size) => stream.buffer(size)),
  groupByKey: () => ahead((stream, size) => stream.groupByKey(() => 0, { buffer: size }).flatMap(([, group]) => group)),
};

/** Races, each of which the properties above must find. */
export const planted: Record<string, () => fc.IAsyncProperty<any>> = {
  'a concurrent map runs one callback too many': () =>
    concurrentMap((stream, fn, options) => stream.map(fn, { ...options, concurrency: options.concurrency + 1 })),
  'a concurrent map overtakes': () =>
    concurrentMap((stream, fn, options) => stream.map(fn, { ...options, ordered: false })),
  'a concurrent map forgets the key': () =>
    concurrentMap((stream, fn, { key: _, ...options }) => stream.map(fn, options)),
  'a concurrent map holds too many elements': () =>
    concurrentMap((stream, fn, options) => stream.map(fn, options).buffer(2)),
  'merge favours its first input': () =>
    combination((inputs) => AsyncStream.from(() => biased(inputs)), { fair: true }),
  'merge reads its inputs ahead': () =>
    combination((inputs) => AsyncStream.merge(...inputs.map((input) => input.buffer(2))), {}),
  'interleave takes what comes first': () => combination((inputs) => AsyncStream.merge(...inputs), { inTurn: true }),
  'a branch of tee misses an element if the other one is slow': () =>
    branches((stream, count) => stream.tee(count, { buffer: 1, overflow: 'drop-oldest' })),
  'buffer holds one element too many': () => ahead((stream, size) => stream.buffer(size + 1)),
};

/** Takes the element of the first input that has one, and not that of the input that has waited longest. */
async function* biased(inputs: AsyncStream<number>[]): AsyncGenerator<number> {
  const slots = inputs.map((input) => ({
    iterator: input[Symbol.asyncIterator](),
    asked: false,
    held: undefined as { value: number } | undefined,
  }));
  let open = slots.length;
  let failure: { error: unknown } | undefined;
  let wake: () => void = () => undefined;
  const ask = async (slot: (typeof slots)[number]) => {
    slot.asked = true;
    try {
      const { done, value } = await slot.iterator.next();
      if (done) open--;
      else slot.held = { value };
    } catch (error) {
      failure ??= { error };
    }
    wake();
  };
  try {
    for (;;) {
      for (const slot of slots) if (!slot.asked) void ask(slot);
      const ready = slots.find(({ held }) => held !== undefined);
      if (ready !== undefined) {
        const { value } = ready.held!;
        ready.held = undefined;
        yield value;
        ready.asked = false;
      } else if (failure !== undefined) throw failure.error;
      else if (open === 0) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    await Promise.all(slots.map(({ iterator }) => iterator.return()));
  }
}
