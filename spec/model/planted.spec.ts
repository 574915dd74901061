// The random chains and interleavings can fail: each fault that is planted here is found within the runs of CI.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AsyncStream } from '../../lib/index.ts';
import { endsAtAnyMoment, equalToModel, type Fault } from './chain.ts';
import { holdsTogether, type Planted } from './graphs.ts';
import { splits, stageOf } from './graph-parts.ts';
import { type Operator, operators, type OperatorName, pieceOf, type Stream } from './operators.ts';
import { planted } from './interleavings.ts';
import { hash, VALUES } from './parts.ts';
import { passesOn } from './plumbing.ts';
import { type Fault as WrongSource, type SourceName, sources } from './sources.ts';
import { type Faults as WrongTerminals, rank, terminalsAgree, terminalsEnd } from './terminals.ts';
import { type Faults, onTime, operators as timed } from './timed.ts';

/** The wrong form of an operator. */
const wrong = (name: OperatorName, lib: Operator['lib']): Fault => ({
  operators: { [name]: { ...operators[name], lib } },
});

/** Between the source and the chain: a wrong engine. Repeatable, as the source is. */
const between = (iterate: (stream: Stream) => AsyncIterable<any>): Fault => ({
  source: (stream) => AsyncStream.from(() => iterate(stream)),
});

const iteratorOf = (stream: Stream) => stream[Symbol.asyncIterator]();
const iterable = (iterator: AsyncIterator<any>): AsyncIterable<any> => ({ [Symbol.asyncIterator]: () => iterator });

const faults: Record<string, Fault> = {
  'take reads one element too many': wrong('take', (stream, { args }) =>
    stream.pipe(async function* (above) {
      let taken = 0;
      if (args.count > 0) {
        for await (const value of above) {
          if (taken++ === args.count) return;
          yield value;
        }
      }
    }),
  ),
  'filter drops null and undefined': wrong('filter', (stream, build) =>
    operators.filter.lib(stream, build).filter((value) => value !== null && value !== undefined),
  ),
  'map counts from 1': wrong('map', (stream, build) => {
    const fn = build.fn((value, index) => [value, index]);
    return stream.map((value, index) => fn(value, index + 1));
  }),
  'a concurrent map emits in the order of arrival': wrong('map, concurrent', (stream, build) =>
    stream.map(
      build.fn((value, index) => [value, index]),
      { concurrency: build.args.count + 1, ordered: false },
    ),
  ),
  'concat reads the next input too early': wrong('concat', (stream, build) =>
    stream.pipe(async function* (above) {
      const other = iteratorOf(AsyncStream.from(() => build.other()()));
      const first = other.next();
      first.catch(() => undefined);
      try {
        yield* above;
        const { done, value } = await first;
        if (!done) yield value;
        yield* iterable(other);
      } finally {
        await other.return();
      }
    }),
  ),
  'chunks drops what it holds before an error': wrong('chunks', (stream, { args }) =>
    stream.pipe(async function* (above) {
      let chunk: unknown[] = [];
      for await (const value of above) {
        chunk.push(value);
        if (chunk.length <= args.count) continue;
        yield chunk;
        chunk = [];
      }
      if (chunk.length > 0) yield chunk;
    }),
  ),
  'takeWhile is never inclusive': wrong('takeWhile', (stream, build) =>
    operators.takeWhile.lib(stream, Object.assign(Object.create(build), { args: { ...build.args, flag: false } })),
  ),
  'retry tries once more': wrong('retry', (stream, build) =>
    stream.retry({ times: (build.args.count % 3) + 1, when: build.safe(() => true) }),
  ),
  'repeat emits once more': wrong('repeat', (stream, { args }) => stream.repeat((args.count % 3) + 1)),
  'mapSettled fails with a falsy error': wrong('mapSettled', (stream, build) =>
    operators.mapSettled.lib(stream, build).map((result: any) => {
      if (result.status === 'rejected' && !result.reason) throw result.reason;
      return result;
    }),
  ),
  'merge loses an error': wrong('merge', (stream, build) => operators.merge.lib(stream, build).catch(() => undefined)),
  'merge drops the last element of an input': wrong('merge', (stream, build) =>
    operators.merge.lib(stream.dropLast(1), build),
  ),
  'lines takes each piece alone': wrong('lines', (stream, build) =>
    stream.map((value) => pieceOf(value, build)).flatMap((piece) => AsyncStream.of(piece).lines()),
  ),
  'a falsy error is an end': between(async function* (stream) {
    try {
      yield* stream;
    } catch (error) {
      if (error) throw error;
    }
  }),
  'an error is wrapped': between(async function* (stream) {
    try {
      yield* stream;
    } catch (cause) {
      throw new Error('wrapped', { cause });
    }
  }),
  'undefined is an end': between(async function* (stream) {
    for await (const value of stream) {
      if (value === undefined) return;
      yield value;
    }
  }),
  'a source is never closed': between((stream) => {
    const iterator = iteratorOf(stream);
    return iterable({ next: () => iterator.next() });
  }),
  'a source is read ahead by one': between(async function* (stream) {
    const iterator = iteratorOf(stream);
    let next = iterator.next();
    try {
      for (;;) {
        const { done, value } = await next;
        if (done) return;
        next = iterator.next();
        next.catch(() => undefined);
        yield value;
      }
    } finally {
      await iterator.return();
    }
  }),
};

/** Deterministic, and a fraction of the 10 500 chains of CI. */
const options = { seed: 12, numRuns: 3000, endOnFailure: true };

describe('random chains find that', () => {
  test.each(Object.keys(faults))('%s', async (name) => {
    expect(await fc.check(equalToModel(faults[name]), options)).toMatchObject({ failed: true });
  });

  test('return() waits for a pending next()', async () => {
    const fault = between((stream) => {
      const iterator = iteratorOf(stream);
      let pending: Promise<unknown> = Promise.resolve();
      return iterable({
        next: () => {
          const next = iterator.next();
          pending = next.catch(() => undefined);
          return next;
        },
        return: () => pending.then(() => iterator.return()),
      });
    });
    expect(await fc.check(endsAtAnyMoment(fault), options)).toMatchObject({ failed: true });
  });
});

describe('random interleavings find that', () => {
  test.each(Object.keys(planted))('%s', async (name) => {
    expect(await fc.check(planted[name]!(), options)).toMatchObject({ failed: true });
  });
});

/** Fails when it is read. */
async function* fails(error: unknown): AsyncGenerator<never> {
  throw error;
}

const late: Record<string, Faults> = {
  'debounce emits in the middle of a burst': {
    debounce: (stream, { long }) => stream.throttle(long, { leading: false }),
  },
  'throttle drops the last element of a burst': { throttle: timed['throttle, leading'].lib },
  'sample counts from the first element': { sample: (stream, { long }) => stream.throttle(long, { leading: false }) },
  'chunks wait twice as long': {
    'chunks, in time': (stream, { count, long }) => stream.chunks(count + 1, { within: 2 * long }),
  },
  'a timeout comes a millisecond late': {
    timeout: (stream, { long, short }) => stream.timeout({ each: 2 * long + short, first: long + short + 1 }),
  },
  'heartbeat beats once': {
    heartbeat: (stream, { long }) => stream.heartbeat(4 * long, 'beat').distinctUntilChanged(),
  },
  'delay shifts the elements in time': {
    delay: (stream, { long }) =>
      stream.flatMap((value) => AsyncStream.of(value).delay(long), { concurrency: Infinity }),
  },
  'switchMap lets inner streams continue': { switchMap: timed['flatMap, concurrent'].lib },
  'exhaustMap drops nothing': { exhaustMap: timed['flatMap, concurrent'].lib },
  'merge waits for the end of the others to tell an error': {
    merge: (stream, args) => stream.catch((error) => timed.merge.lib(AsyncStream.of(), args).concat(fails(error))),
  },
};

describe('random chains in fake time find that', () => {
  test.each(Object.keys(late))('%s', async (name) => {
    expect(await fc.check(onTime(late[name]), options)).toMatchObject({ failed: true });
  });
});

const leaks: Record<string, (stream: Stream) => Stream> = {
  'loses the last element': (stream) => stream.dropLast(1),
  'gives an element twice': (stream) =>
    stream.flatMap((element: { id: number }) => (element.id === 3 ? [element, element] : [element])),
  'swallows an error': (stream) => stream.catch(() => []),
  'tells another error': (stream) =>
    stream.catch((cause) => {
      throw new Error('wrapped', { cause });
    }),
  'never ends': (stream) => stream.concat(AsyncStream.create<unknown>(() => undefined)),
};

describe('random chains through other streams find one that', () => {
  test.each(Object.keys(leaks))('%s', async (name) => {
    expect(await fc.check(passesOn({ toReadableStream: leaks[name]! }), options)).toMatchObject({ failed: true });
  });
});

const terminals: Record<string, WrongTerminals> = {
  'toArray takes one element more than its limit': {
    toArray: (stream, { args: { flag, count } }) => stream.toArray({ limit: flag ? count + 1 : Infinity }),
  },
  'toMap keeps the first of equal keys': {
    'toMap of pairs': (stream) => stream.toMap(undefined, undefined, { merge: (first) => first }),
  },
  'find reads one element after the one that it finds': {
    async find(stream, build) {
      const fn = build.fn((value) => hash(value) % 2);
      let [found, index]: [{ value: unknown } | undefined, number] = [undefined, 0];
      for await (const value of stream) {
        if (found !== undefined) break;
        if (await fn(value, index++)) found = { value };
      }
      return found?.value;
    },
  },
  'first takes undefined for no element': {
    first: (stream, { args: { count } }) => stream.filter((value) => value !== undefined).first(VALUES[count * 2]),
  },
  'some leaves the source open': {
    async some(stream, build) {
      const fn = build.fn((value) => hash(value) % 2);
      const iterator = iteratorOf(stream);
      for (let index = 0; ; index++) {
        const { done, value } = await iterator.next();
        if (done || (await fn(value, index))) return !done;
      }
    },
  },
  'isEmpty does not wait until the source is closed': {
    async isEmpty(stream) {
      const iterator = iteratorOf(stream);
      const { done } = await iterator.next();
      void iterator.return();
      return done;
    },
  },
  'minBy takes the last of equal elements': {
    minBy: async (stream, build) =>
      stream
        .map(build.fn(rank))
        .toArray()
        .then((keys) => stream.toArray().then((all) => all[keys.lastIndexOf(Math.min(...keys))])),
  },
  'top puts undefined last': {
    top: (stream, { args: { count } }) =>
      count === 0
        ? Promise.resolve([])
        : stream.toArray().then((all) => all.sort((a, b) => hash(b) - hash(a)).slice(0, count)),
  },
  'an iterator reads one element too many': {
    'reading: an iterator': (stream, { args: { count } }) =>
      stream
        .take(count + 2)
        .toArray()
        .then((all) => all.slice(0, count + 1)),
  },
  'a web stream reads ahead': {
    'reading: a web stream': (stream, { args: { count } }) =>
      AsyncStream.from(() => stream.toReadableStream({ highWaterMark: 1 }))
        .take(count + 1)
        .toArray(),
  },
  'the rest of a run loses an element': {
    async 'reading: rests of rests'(stream, { args: { count } }) {
      const iterator = stream.iterator();
      const { done, value } = await iterator.next();
      const rest = iterator.rest();
      return done ? rest.toArray() : [value, ...(await rest.drop(1).take(count).toArray())];
    },
  },
  'average counts no zeros': { 'average of numbers': (stream) => stream.filter(Boolean).average() },
};

describe('random terminals find that', () => {
  test.each(Object.keys(terminals))('%s', async (name) => {
    expect(await fc.check(terminalsAgree(terminals[name]), options)).toMatchObject({ failed: true });
  });

  test('a terminal does not see an abort while its source is stuck', async () => {
    const fault = terminalsEnd({ drain: (stream) => stream.drain() });
    expect(await fc.check(fault, options)).toMatchObject({ failed: true });
  });
});

/** Reads it by hand, and closes it in a wrong way. */
const closing =
  (close: (iterator: AsyncIterator<unknown>) => Promise<unknown> | undefined): WrongSource =>
  (stream) =>
    AsyncStream.from(() => {
      const iterator = iteratorOf(stream);
      return iterable({
        next: () => iterator.next(),
        return: async () => {
          await close(iterator);
          return { done: true, value: undefined };
        },
      });
    });

const misbehaving: [name: string, source: SourceName, fault: WrongSource][] = [
  ['ticks are queued while the consumer is busy', 'interval', (stream) => stream.buffer(Infinity)],
  ['a step is made before it is asked for', 'unfold', (stream) => stream.buffer(1)],
  ['a call is made while the consumer is busy', 'poll', (stream) => stream.buffer(1)],
  ['a page more is fetched ahead', 'paginate', (stream) => stream.buffer(3)],
  ['a resource is not closed', 'using', closing(() => undefined)],
  ['a cleanup is not awaited', 'create', closing((iterator) => void iterator.return!().catch(() => undefined))],
  ['an error of a cleanup is lost', 'create', closing((iterator) => iterator.return!().catch(() => undefined))],
  ['a producer is not told that its consumer has left', 'create, by a producer that waits', closing(() => undefined)],
  ['listeners stay', 'fromEvent', closing(() => undefined)],
  ['one more element is held than there is room for', 'channel', (stream) => stream.buffer(1)],
  ['a rejection ends the stream', 'from promises', (stream) => stream.catch(() => [])],
  ['the fastest promise is lost', 'asCompleted', (stream) => stream.drop(1)],
  [
    'rounding errors add up',
    'range',
    (stream) => stream.scan((sum: number, value: number) => (value > 0 ? sum + 0.1 : value)),
  ],
];

describe('random sources find that', () => {
  test.each(misbehaving)('%s', async (_, source, fault) => {
    expect(await fc.check(sources[source](fault), options)).toMatchObject({ failed: true });
  });
});

/** A wrong `tee`, through which each element passes. */
const wrongTee = (lib: (stream: AsyncStream<any>, count: number, buffer: number) => AsyncStream<any>[]): Planted => ({
  splits: { tee: (stream, count, { buffer }) => lib(stream, count, buffer) },
});

/** The first branch is wrong. */
const wrongBranch = (lib: (branch: AsyncStream<any>) => AsyncStream<any>): Planted =>
  wrongTee((stream, count, buffer) =>
    stream.tee(count, { buffer }).map((branch, index) => (index === 0 ? lib(branch) : branch)),
  );

const graphs: Record<string, Planted> = {
  'tee holds one element too many': wrongTee((stream, count, buffer) => stream.tee(count, { buffer: buffer + 1 })),
  'tee drops elements for a slow branch': wrongTee((stream, count, buffer) =>
    stream.tee(count, { buffer, overflow: 'drop-oldest' }),
  ),
  'tee reads its source for each branch': wrongTee((stream, count) => Array.from({ length: count }, () => stream)),
  'tee leaves its source open': wrongTee((stream, count, buffer) =>
    between((source) => {
      const iterator = iteratorOf(source);
      return iterable({ next: () => iterator.next() });
    }).source!(stream).tee(count, { buffer }),
  ),
  'tee waits for a branch that has left': wrongBranch((branch) =>
    between((source) => {
      const iterator = iteratorOf(source);
      return iterable({ next: () => iterator.next(), return: async () => ({ done: true, value: undefined }) });
    }).source!(branch),
  ),
  'a branch of tee swallows an error': wrongBranch((branch) => branch.catch(() => [])),
  'a branch of tee tells another error': wrongBranch((branch) =>
    branch.catch((cause) => {
      throw new Error('wrapped', { cause });
    }),
  ),
  'a branch of tee loses its last element': wrongBranch((branch) => branch.dropLast(1)),
  'a branch of tee gives an element twice': wrongBranch((branch) =>
    branch.flatMap((parcel: { place: number }) => (parcel.place === 2 ? [parcel, parcel] : [parcel])),
  ),
  'a branch of tee never ends': wrongBranch((branch) => branch.concat(AsyncStream.create<any>(() => undefined))),
  'a branch of tee leaves a timer': wrongBranch((branch) => {
    setTimeout(() => undefined, 1_000_000);
    return branch;
  }),
  'a reader of share that leaves takes the others along': {
    splits: {
      share(stream, count, { buffer }) {
        const controller = new AbortController();
        const shared = stream.withSignal(controller.signal).share({ buffer });
        return Array.from({ length: count }, () => shared.finally(() => controller.abort()));
      },
    },
  },
  'share starts a run for each reader': {
    splits: { share: (stream, count) => Array.from({ length: count }, () => stream) },
  },
  'an element comes on the wrong side': {
    splits: {
      partition: (stream, count, splitting) =>
        splits.partition(stream, count, { ...splitting, split: 'partition' }).toReversed(),
    },
  },
  'a group loses its last element': {
    splits: {
      groupByKey: (stream, splitting) =>
        splits.groupByKey(stream, splitting).map(([key, group]) => [key, group.dropLast(1)]),
    },
  },
  'zip pairs elements of different rows': {
    joins: { zip: ([first, ...others]) => AsyncStream.zip([first!.drop(1), ...others]) },
  },
  'merge drops a branch': { joins: { merge: ([first, second]) => first!.merge(second!) } },
  'combineLatest emits a row late': {
    joins: { combineLatest: ([first, ...others]) => first!.withLatestFrom(...others) },
  },
  'race lets the loser go on': { joins: { race: (branches) => AsyncStream.merge(...branches) } },
  'share replays nothing': {
    splits: {
      share(stream, count, { buffer, overflow }) {
        const shared = stream.share({ buffer, overflow });
        return Array.from({ length: count }, () => shared);
      },
    },
  },
  'a run does not wait for its callbacks': {
    stages: {
      'map that settles': (stream, { count, ms, flag }, run) =>
        stream.map(
          async (value) => {
            await run.settle(ms);
            return value;
          },
          { concurrency: count + 1, ordered: flag },
        ),
    },
  },
  'expand goes down before it goes on': {
    stages: { 'expand, breadth first': (stream, args, run) => stageOf('expand, depth first').lib(stream, args, run) },
  },
  'retry resumes twice': {
    stages: { retry: (stream) => stream.retry({ times: 1, resume: () => ['replaced', 'replaced'] }) },
  },
  'peek takes an element': {
    readings: {
      async 'by hand'(stream, taker) {
        const iterator = stream.iterator();
        await iterator.next();
        for await (const value of iterator.rest()) await taker.take(value);
      },
    },
  },
  'pipeTo does not wait for the last element': {
    readings: {
      'a web destination': (stream, taker) =>
        stream.withSignal(taker.ending.signal!).forEach((value) => {
          setTimeout(() => void taker.take(value), 1);
        }),
    },
  },
  'takeUntil stops late': { joins: { takeUntil: ([first, second]) => first!.takeUntil(second!.drop(2)) } },
};

describe('random graphs find that', () => {
  test.each(Object.keys(graphs))('%s', async (name) => {
    expect(await fc.check(holdsTogether(graphs[name]), options)).toMatchObject({ failed: true });
  });
});
