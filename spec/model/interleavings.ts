// Operators that do several things at once, under every order in which these may settle.
import fc from 'fast-check';
import { AsyncStream } from '../../lib/index.ts';

/** A source whose elements settle when the scheduler says so. Notes whether it is read as a source may be read. */
class Scheduled {
  pulled = 0;
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
          if (index < elements.length) return { done: false, value: elements[index]! };
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

function concurrentMap(method: 'map' | 'flatMap' | 'filter' | 'mapSettled') {
  return fc.asyncProperty(
    fc.scheduler(),
    lists,
    concurrency,
    fc.record({ ordered: fc.boolean(), keyed: fc.boolean(), buffer: fc.nat(4) }),
    failures,
    fc.constantFrom(1, 3, Infinity),
    async (scheduler, elements, concurrency, { ordered, keyed, buffer }, failAt, take) => {
      const source = new Scheduled(scheduler, 'source', elements, failAt);
      const key = (value: number) => value % 2;
      const { fn, started } = task(scheduler, concurrency, keyed && method !== 'flatMap' ? key : undefined);
      const options = {
        concurrency,
        ordered,
        buffer: Math.max(buffer, 1),
        ...(keyed && method !== 'flatMap' && { key }),
      };
      const seen: unknown[] = [];
      const build = (stream: AsyncStream<any>): AsyncStream<any> => {
        if (method === 'map') return stream.map(fn, options);
        if (method === 'filter') return stream.filter(async (value) => (await fn(value)) >= 0, options);
        if (method === 'mapSettled') return stream.mapSettled(fn, options).map((result: any) => result.value);
        return stream.flatMap(async (value) => [await fn(value)], options);
      };
      const watched = build(source.stream).tap(() => {
        // What runs, what is done and waits, and the element in hand.
        const bound = seen.length + concurrency + options.buffer + 1;
        check(source.pulled <= bound, `${source.pulled} elements were read, and ${bound} may be`);
      });
      const { error } = await consume(scheduler, watched, take, seen);
      const fails = failAt >= 0 && failAt <= elements.length;
      const all = fails ? elements.slice(0, failAt) : elements;
      if (ordered) same(seen, all.slice(0, take).slice(0, seen.length), 'elements');
      if (error !== undefined) check(fails && error === FAILURE, 'another error');
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
      for (const group of keyed && method !== 'flatMap' ? [0, 1] : [undefined]) {
        const mine = (value: unknown) => group === undefined || key(value as number) === group;
        const calls = started.filter(mine);
        same(calls, elements.filter(mine).slice(0, calls.length), 'order of calls');
      }
      same(source.faults, [], 'faults');
    },
  );
}

/** Each input once, in its order, however they take turns. */
function combination(build: (inputs: AsyncStream<number>[]) => AsyncStream<any>, inTurn: boolean) {
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
      const watched = build(sources.map(({ stream }) => stream)).tap(() => {
        for (const [input, { pulled }] of sources.entries()) {
          const given = seen.filter((value) => Math.floor(value / 100) === input).length;
          check(pulled <= given + 1, `input ${input} was read ${pulled} times, ${given} elements of it were given`);
        }
      });
      const { error } = await consume(scheduler, watched, take, seen);
      for (const input of all.keys()) {
        const mine = seen.filter((value) => Math.floor(value / 100) === input);
        same(mine, tagged[input]!.slice(0, mine.length), `order of input ${input}`);
      }
      if (error !== undefined) check(fails && error === FAILURE, 'another error');
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

export const interleavings: Record<string, () => fc.IAsyncProperty<any>> = {
  'map, concurrent': () => concurrentMap('map'),
  'filter, concurrent': () => concurrentMap('filter'),
  'mapSettled, concurrent': () => concurrentMap('mapSettled'),
  'flatMap, concurrent': () => concurrentMap('flatMap'),
  merge: () => combination((inputs) => AsyncStream.merge(...inputs), false),
  interleave: () => combination((inputs) => AsyncStream.interleave(...inputs), true),
  tee: () => branches((stream, count) => stream.tee(count, { buffer: 8 })),
  share: () =>
    branches((stream, count) => {
      const shared = stream.share({ replay: Infinity });
      return Array.from({ length: count }, () => shared);
    }),
  buffer: () => ahead((stream, size) => stream.buffer(size)),
  groupByKey: () => ahead((stream, size) => stream.groupByKey(() => 0, { buffer: size }).flatMap(([, group]) => group)),
};
