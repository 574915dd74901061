import { PassThrough, Transform } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors, type Trace } from '../../lib/index.ts';
import { thrown } from '../support/iterators.ts';
import { idle } from '../support/turns.ts';

const boom = new Error('boom');
type Stream = AsyncStream<any>;

function parse(value: number): number {
  if (value === 2) throw boom;
  return value;
}
function raise(): never {
  throw boom;
}
async function parseLater(value: number): Promise<number> {
  return parse(value);
}
async function* generate() {
  yield 1;
  yield 2;
}
async function* fail() {
  yield 1;
  throw new Error('source');
}
async function* failAtOnce(): AsyncGenerator<number> {
  throw new Error('source');
}

/** The trace of the error of a stream that is run by a terminal, and by `for await`. */
async function tracesOf(make: () => Stream): Promise<[Trace | undefined, Trace | undefined]> {
  const loop = async () => {
    for await (const _ of make());
  };
  return [await traceOf(make().toArray()), await traceOf(loop())];
}

async function traceOf(promise: Promise<unknown>): Promise<Trace | undefined> {
  const error: unknown = await promise.then(
    () => expect(promise).rejects.toBeDefined(),
    (reason: unknown) => reason,
  );
  // Nothing that still settles may change it.
  await idle();
  return AsyncStream.traceOf(error);
}

describe('traceOf', () => {
  describe('with pipeThrough', () => {
    const failing = () =>
      new TransformStream<number, number>({
        transform() {
          throw boom;
        },
      });
    const duplex = () =>
      new Transform({
        objectMode: true,
        transform(_chunk, _encoding, callback) {
          callback(boom);
        },
      });
    const transforms: Record<string, () => any> = {
      'a web transform': failing,
      'a Node transform': duplex,
      'a writable side with a silent readable side': () => ({
        writable: new WritableStream({ write: () => Promise.reject(boom) }),
        readable: new ReadableStream(),
      }),
      'a readable side': () => ({
        writable: new WritableStream(),
        readable: new ReadableStream({ pull: () => Promise.reject(boom) }),
      }),
      'the function that makes it': () => {
        throw boom;
      },
      'the promise of it': () => Promise.reject(boom),
      'a flush': () =>
        new TransformStream<number, number>({
          flush() {
            throw boom;
          },
        }),
    };

    test.each(Object.keys(transforms))('places an error of %s at the pipeThrough', async (name) => {
      const traces = await tracesOf(() =>
        AsyncStream.of(1, 2)
          .map((x) => x + 1)
          .pipeThrough(transforms[name]!)
          .map(String),
      );
      for (const trace of traces) expect(trace).toMatchObject({ source: 'of', method: 'pipeThrough', position: 2 });
    });

    test('leaves an error of the source at the source, and of a stage before it at that stage', async () => {
      for (const transform of [() => new TransformStream(), () => new PassThrough({ objectMode: true })]) {
        const traces = await tracesOf(() => AsyncStream.from(fail).pipeThrough<number>(transform).map(String));
        for (const trace of traces) expect(trace).toMatchObject({ source: 'from', method: 'from', position: 0 });
        const ofStage = await tracesOf(() => AsyncStream.of(1, 2).map(parse).pipeThrough<number>(transform));
        for (const trace of ofStage) expect(trace).toMatchObject({ method: 'map', position: 1, index: 1 });
      }
    });
  });

  const callbacks: Record<string, (stream: Stream, fn: (value: any) => any) => Stream> = {
    map: (stream, fn) => stream.map(fn),
    filter: (stream, fn) => stream.filter(fn),
    tap: (stream, fn) => stream.tap(fn),
    takeWhile: (stream, fn) => stream.takeWhile(fn),
    dropWhile: (stream, fn) => stream.dropWhile(fn),
    chunkBy: (stream, fn) => stream.chunkBy(fn),
    distinct: (stream, fn) => stream.distinct(fn),
    flatMap: (stream, fn) => stream.flatMap((value) => [fn(value)]),
  };

  test.each(Object.keys(callbacks))(
    'names %s, its callback and the element, in the same tick and later',
    async (method) => {
      for (const fn of [parse, parseLater]) {
        if (method === 'flatMap' && fn === parseLater) continue;
        const traces = await tracesOf(() =>
          callbacks[method]!(AsyncStream.from([1, 1, 2, 3]).compact(), fn).map(String),
        );
        const stage = { source: 'from', method, position: 2, index: 2, suppressed: [] };
        for (const trace of traces) expect(trace).toMatchObject(stage);
        if (method !== 'flatMap') expect(traces[0]!.callback).toBe(fn.name);
      }
    },
  );

  test.each([parse, parseLater])('names a stage with concurrency: %p', async (fn) => {
    const traces = await tracesOf(() => AsyncStream.of(1, 2, 3).map(fn, { concurrency: 2 }).buffer(2));
    const trace = { source: 'of', method: 'map', callback: fn.name, position: 1, index: 1, suppressed: [] };
    expect(traces).toEqual([trace, trace]);
  });

  test.each([parse, parseLater])('names a stage upstream of one that reads in the background: %p', async (fn) => {
    const traces = await tracesOf(() => AsyncStream.of(1, 2).map(fn).buffer(2).merge([5]).map(String));
    for (const trace of traces) expect(trace).toMatchObject({ method: 'map', position: 1, index: 1 });
  });

  /** Each fails in a callback of its own, or in a stream that it reads beside the one upstream. */
  const failing: Record<string, () => Stream> = {
    catch: () => AsyncStream.from(fail).catch(raise),
    chunks: () => AsyncStream.of(1).chunks(2, { weight: raise, maxWeight: 3 }),
    combineLatest: () => AsyncStream.of(1).combineLatest(fail),
    concat: () => AsyncStream.of(1).concat(fail),
    exhaustMap: () => AsyncStream.of(1).exhaustMap(fail),
    expand: () => AsyncStream.of(1).expand(fail),
    finally: () => AsyncStream.of(1).finally(raise),
    flatMap: () => AsyncStream.of(1).flatMap(fail, { concurrency: 2 }),
    groupByKey: () => AsyncStream.of(1).groupByKey(raise),
    interleave: () => AsyncStream.of(1).interleave(fail),
    map: () => AsyncStream.of(1).map(Number, { concurrency: 2, key: raise }),
    merge: () => AsyncStream.of(1).merge(fail),
    partition: () => AsyncStream.of(1).partition(raise)[0],
    pipeThrough: () => AsyncStream.of(1).pipeThrough(raise),
    race: () => AsyncStream.from(() => new Promise<number[]>(() => undefined)).race(fail),
    retry: () => AsyncStream.from(fail).retry({ times: 2, when: raise }),
    switchMap: () => AsyncStream.of(1).switchMap(fail),
    takeUntil: () => AsyncStream.interval(1).takeUntil(failAtOnce),
    tap: () => AsyncStream.of(1).tap({ complete: raise }),
    toSorted: () => AsyncStream.of(1, 2).toSorted(raise),
    withLatestFrom: () => AsyncStream.interval(1).withLatestFrom(fail),
    zip: () => AsyncStream.of(1, 2).zip(fail),
  };

  test.each([
    ...Object.entries(failing),
    ['expand', () => AsyncStream.of(1).expand(fail, { order: 'breadth' })] as const,
    ['expand', () => AsyncStream.of(1).expand(fail, { concurrency: 2 })] as const,
    ['catch', () => AsyncStream.from(fail).catch(() => fail)] as const,
    ['takeUntil', () => AsyncStream.interval(1).takeUntil(Promise.reject(boom))] as const,
  ])('names %s, and not the source', async (method, make) => {
    for (const trace of await tracesOf(make)) expect(trace).toMatchObject({ method, position: 1 });
  });

  test('names the source under a stage that reads other streams', async () => {
    for (const method of ['merge', 'zip', 'interleave', 'combineLatest', 'concat'] as const) {
      const trace = await traceOf(AsyncStream.from(fail)[method]([1, 2, 3]).toArray());
      expect(trace).toMatchObject({ source: 'from', method: 'from', position: 0 });
    }
  });

  test('names the way into another stream, which is an input', async () => {
    const other = AsyncStream.of(1).map(raise).named('other');
    for (const merged of [AsyncStream.of(1).merge(other), AsyncStream.merge(other, [1])]) {
      const trace = await traceOf(merged.toArray());
      expect(trace).toMatchObject({ method: 'merge', inner: { method: 'map', source: 'of', index: 0 } });
    }
  });

  test('names a transform and a destination', async () => {
    const make = () => new TransformStream({ transform: raise });
    for (const trace of await tracesOf(() => AsyncStream.of(1).map(Number).pipeThrough(make)))
      expect(trace).toMatchObject({ method: 'pipeThrough', callback: 'make', position: 2 });
    const disk = new WritableStream({ write: raise });
    expect(await traceOf(AsyncStream.of(1).map(Number).pipeTo(disk))).toMatchObject({ method: 'pipeTo' });
  });

  test('does not name a destination for an error of the source, or for an abort', async () => {
    for (const make of [() => new WritableStream(), () => new PassThrough({ objectMode: true })]) {
      const failing = async function* () {
        yield 1;
        throw boom;
      };
      expect(await traceOf(AsyncStream.from(failing).pipeTo(make()))).toMatchObject({ method: 'from', position: 0 });
      const controller = new AbortController();
      const stream = AsyncStream.from(failing).tap(() => controller.abort(new Error('left')));
      expect(await traceOf(stream.pipeTo(make(), { signal: controller.signal }))).toBeUndefined();
    }
  });

  test('names the source', async () => {
    const source = { source: 'from', method: 'from', callback: 'fail', position: 0, suppressed: [] };
    expect(await tracesOf(() => AsyncStream.from(fail).map(parseLater))).toEqual([source, source]);
    const sync = AsyncStream.from(function* () {
      yield 1;
      throw boom;
    });
    expect(await traceOf(sync.map(String).toArray())).toMatchObject({ method: 'from', position: 0 });
    expect(await traceOf(AsyncStream.of(1, Promise.reject(boom)).toArray())).toMatchObject({
      method: 'of',
      position: 0,
    });
  });

  test('names the terminal', async () => {
    const terminal = { source: 'of', method: 'reduce', position: 2, index: 1, suppressed: [] };
    const add = (sum: number, value: number) => sum + parse(value);
    expect(await traceOf(AsyncStream.of(1, 2).map(Number).reduce(add, 0))).toEqual(terminal);
    const addLater = async (sum: number, value: number) => sum + parse(value);
    expect(await traceOf(AsyncStream.of(1, 2).map(Number).reduce(addLater, 0))).toEqual(terminal);
    expect(await traceOf(AsyncStream.of(1, 2).forEach(parse))).toMatchObject({ method: 'forEach', index: 1 });
    expect(await traceOf(AsyncStream.of().single())).toMatchObject({ method: 'single', position: 1 });
    const collector = () => ({ push: () => true, result: () => Promise.reject(boom) });
    expect(await traceOf(AsyncStream.of(1).collect(collector))).toMatchObject({ method: 'collect', position: 1 });
  });

  test('names a stage by an error of its own', async () => {
    const weighed = AsyncStream.of(1, 2)
      .map(Number)
      .chunks(2, { weight: () => -1, maxWeight: 5 });
    expect(await traceOf(weighed.buffer(1).toArray())).toMatchObject({ method: 'chunks', position: 2 });
    expect(await traceOf(AsyncStream.of('long').lines({ maxLength: 2 }).toArray())).toMatchObject({ method: 'lines' });
    const stuck = AsyncStream.from(() => new Promise<number[]>(() => undefined)).timeout(1);
    expect(await traceOf(stuck.toArray())).toMatchObject({ method: 'timeout', position: 1 });
  });

  test('names the stage whose report fails: first, later, last, or as a promise', async () => {
    const slow = () => AsyncStream.range(0, 10).map(async (value) => new Promise((done) => setTimeout(done, 3, value)));
    const failing = (calls: number) => {
      let left = calls;
      return function report(): unknown {
        if (--left === 0) throw boom;
        return undefined;
      };
    };
    for (const calls of [1, 2]) {
      for (const wrap of [<F>(fn: F) => fn, (fn: () => unknown) => async () => fn()]) {
        const progress = slow().progress(wrap(failing(calls)), { every: 2 });
        expect(await traceOf(progress.toArray())).toMatchObject({ source: 'range', method: 'progress', position: 2 });
        const profile = slow().profile(wrap(failing(calls)), { every: 2 });
        expect(await traceOf(profile.toArray())).toMatchObject({ source: 'range', method: 'profile', position: 2 });
      }
    }
    expect(await traceOf(AsyncStream.of(1).progress(failing(2)).toArray())).toMatchObject({ method: 'progress' });
    expect(await traceOf(AsyncStream.of(1).profile(failing(1)).toArray())).toMatchObject({ method: 'profile' });
    const total = Promise.reject(boom);
    expect(await traceOf(slow().progress(String, { total }).toArray())).toMatchObject({ method: 'progress' });
  });

  test('names the buffer that is full', async () => {
    const full = AsyncStream.range(0, 9)
      .buffer(2, { overflow: 'error' })
      .map(async () => new Promise(setImmediate));
    expect(await traceOf(full.toArray())).toMatchObject({ method: 'buffer', position: 1 });
    const source = AsyncStream.create<number>((push) => [1, 2, 3].forEach((x) => void push(x)), {
      buffer: 1,
      overflow: 'error',
    });
    expect(await traceOf(source.buffer(9).toArray())).toMatchObject({ method: 'create', position: 0 });
  });

  test('names the shared stream whose reader is slow, or never reads', async () => {
    const idle = async () => new Promise(setImmediate);
    const full = { buffer: 1, overflow: 'error' } as const;
    const numbers = () => AsyncStream.range(0, 9).map(Number);
    const isEven = (x: number) => x % 2 === 0;
    const shared = numbers().share(full);
    const readers: Record<string, AsyncStream<number>[]> = {
      tee: numbers().tee(2, full),
      partition: numbers().partition(isEven, full),
      share: [shared, shared],
    };
    for (const [method, [quick, slow]] of Object.entries(readers)) {
      const trace = traceOf(slow!.tap(idle).toArray());
      await quick!.drain();
      expect(await trace).toMatchObject({ source: 'range', method, position: 2 });
    }
    const [read] = numbers().tee(2, { buffer: 1 });
    expect(await traceOf(read!.map(Number).toArray())).toMatchObject({ method: 'tee', position: 2 });
    const [even] = numbers().partition(isEven, { buffer: 1 });
    expect(await traceOf(even.toArray())).toMatchObject({ method: 'partition', callback: 'isEven' });
  });

  test('names the timeout that is over: of several, and in another stream', async () => {
    const never = () => AsyncStream.from(() => new Promise<number[]>(() => undefined));
    const short = () => never().timeout(1);
    expect(await traceOf(short().timeout(100_000).toArray())).toMatchObject({ method: 'timeout', position: 1 });
    const inner = { source: 'from', method: 'timeout' };
    expect(await traceOf(AsyncStream.of(1).flatMap(short).toArray())).toMatchObject(inner);
    expect(await traceOf(AsyncStream.of(1).concat(short()).toArray())).toMatchObject(inner);
    expect(await traceOf(AsyncStream.from(raise).catch(short).toArray())).toMatchObject({ method: 'catch', inner });
    expect(await traceOf(AsyncStream.merge(short()).toArray())).toMatchObject({ method: 'merge', inner });
  });

  test('names a stage with several inputs upstream of one that reads them in the background', async () => {
    const merged = () => AsyncStream.of(1).merge(fail);
    const downstream: ((stream: Stream) => Stream)[] = [
      (stream) => stream.buffer(2),
      (stream) => stream.retry({ times: 0 }),
      (stream) => stream.tee(2, { buffer: Infinity })[0]!,
      (stream) => stream.share(),
      (stream) => stream.catch((error) => thrown(error)),
      (stream) => stream.zip([1, 2, 3]),
      (stream) => stream.tap({}),
      (stream) => stream.map(String, { concurrency: 2 }),
      (stream) => stream.pipe((all) => all),
    ];
    for (const then of downstream) {
      for (const trace of await tracesOf(() => then(merged()))) {
        const place = trace?.method === 'catch' ? trace.inner : trace;
        expect(place).toMatchObject({ method: 'merge', callback: 'fail', position: 1 });
      }
    }
  });

  test('leads inwards where a stage or a callback ran a stream of its own', async () => {
    const inner = (name: string) => AsyncStream.from(generate).map(parseLater).named(name);
    const traces = await tracesOf(() =>
      AsyncStream.of(0, 7)
        .drop(1)
        .flatMap(() => inner('inside'))
        .map(String),
    );
    for (const trace of traces) {
      expect(trace).toMatchObject({ method: 'flatMap', position: 2, index: 0 });
      expect(trace!.inner).toMatchObject({ method: 'map', callback: 'parseLater', position: 1, index: 1 });
    }
    const called = await traceOf(
      AsyncStream.of(0)
        .map(async () => inner('called').toArray())
        .toArray(),
    );
    expect(called).toMatchObject({
      method: 'map',
      index: 0,
      inner: { method: 'map', callback: 'parseLater', index: 1 },
    });
  });

  describe('leads inwards to the source of a stream that another one reads', () => {
    const paginate = () => AsyncStream.paginate(raise).named('users');
    const fetched = () => AsyncStream.from(fail).map(String).named('users');
    const merged = () => AsyncStream.merge(fail).named('users');
    const inners: Record<string, (inner: () => Stream) => Stream> = {
      flatMap: (inner) => AsyncStream.of(1).flatMap(inner),
      'flatMap with a promise': (inner) => AsyncStream.of(1).flatMap(async () => inner()),
      'flatMap with concurrency': (inner) => AsyncStream.of(1).flatMap(inner, { concurrency: 2 }),
      flat: (inner) => AsyncStream.of(inner()).flat(),
      switchMap: (inner) => AsyncStream.of(1).switchMap(inner),
      exhaustMap: (inner) => AsyncStream.of(1).exhaustMap(inner),
      expand: (inner) => AsyncStream.of(1).expand(inner),
      catch: (inner) => AsyncStream.from(raise).catch(inner),
      concat: (inner) => AsyncStream.of(1).concat(inner()),
      merge: (inner) => AsyncStream.of(1).merge(inner()),
      zip: (inner) => AsyncStream.of(1, 2).zip(inner()),
      mergeSorted: (inner) => AsyncStream.mergeSorted([[1], inner()]),
      withLatestFrom: (inner) => AsyncStream.from(generate).withLatestFrom(inner()),
    };

    test.each(Object.keys(inners))('%s', async (name) => {
      const method = name.split(' ')[0]!;
      const outer = (inner: () => Stream) => inners[name]!(inner).map(Number).named('outer');
      for (const [source, inner] of Object.entries({ paginate, from: fetched, merge: merged })) {
        for (const trace of await tracesOf(() => outer(inner))) {
          expect(trace).toMatchObject({ name: 'outer', method });
          expect(trace!.inner).toMatchObject({ name: 'users', source, method: source, position: 0 });
          expect(trace!.inner).not.toHaveProperty('inner');
        }
      }
    });

    test('and not for an error of a stage after it, or of the terminal', async () => {
      const stream = () => AsyncStream.of(1).flatMap(() => AsyncStream.from(generate).named('inside'));
      for (const trace of await tracesOf(() => stream().map(parse))) {
        expect(trace).toMatchObject({ method: 'map', position: 2 });
        expect(trace).not.toHaveProperty('inner');
        expect(trace).not.toHaveProperty('name');
      }
      expect(await traceOf(stream().forEach(parse))).toEqual({
        source: 'of',
        method: 'forEach',
        position: 2,
        index: 1,
        suppressed: [],
      });
    });

    test('with the name that it has after the stage that has failed', async () => {
      const inner = () => AsyncStream.from(generate).map(parse).named('inside').map(String);
      for (const trace of await tracesOf(() => AsyncStream.of(1).flatMap(inner)))
        expect(trace!.inner).toMatchObject({ name: 'inside', method: 'map', position: 1 });
    });
  });

  test('does not take an error of a later stage for one of the inner stream', async () => {
    for (const fn of [parse, parseLater]) {
      const traces = await tracesOf(() => AsyncStream.of(0).flatMap(generate).map(fn));
      for (const trace of traces) {
        expect(trace).toMatchObject({ method: 'map', position: 2, index: 1 });
        expect(trace).not.toHaveProperty('inner');
      }
    }
  });

  test('does not take an error of a stage before it, which continues after an inner stream, for one of that stream', async () => {
    const stream = AsyncStream.of(1, 2).intersperse(0).map(parse).flatMap(generate);
    for (const trace of await tracesOf(() => stream))
      expect(trace).toEqual({ source: 'of', method: 'map', callback: 'parse', position: 2, index: 2, suppressed: [] });
  });

  test('gives the label of the stream', async () => {
    expect(await traceOf(AsyncStream.of(2).named('numbers').map(parse).toArray())).toMatchObject({
      name: 'numbers',
      position: 1,
    });
  });

  test('gives the label also if it stands after the stage that has failed, and that of the stream inside', async () => {
    const failing = (name: string) => AsyncStream.of(2).map(parse).named(name).chunks(2);
    const named = { name: 'numbers', method: 'map', position: 1 };
    for (const trace of await tracesOf(() => failing('numbers'))) expect(trace).toMatchObject(named);
    const outer = AsyncStream.of(1).map(() => failing('numbers').toArray());
    expect(await traceOf(outer.named('outer').toArray())).toMatchObject({ name: 'outer', inner: named });
    const both = AsyncStream.of(2).named('before').map(parse).named('after');
    expect(await traceOf(both.toArray())).toMatchObject({ name: 'before' });
    const silent = AsyncStream.from(new ReadableStream()).timeout(1).named('silent');
    expect(await traceOf(silent.toArray())).toMatchObject({ name: 'silent', method: 'timeout' });
  });

  test('gives the errors of cleanups that were dropped', async () => {
    const error = new Error('first');
    const dropped = [new Error('inner'), new Error('outer')];
    const stream = AsyncStream.of(1)
      .finally(() => Promise.reject(dropped[1]!))
      .finally(() => {
        throw dropped[0];
      })
      .map(() => {
        throw error;
      });
    expect((await traceOf(stream.toArray()))!.suppressed.map(String).sort()).toEqual(['Error: inner', 'Error: outer']);
    expect(Object.keys(error)).toEqual([]);
  });

  test('gives the error of a source that is closed before a stage emits what it holds', async () => {
    const dropped = new Error('closing');
    const source = {
      [Symbol.asyncIterator]: (n = 0) => ({
        next: async () => ({ done: false, value: ++n }),
        return: () => thrown(dropped),
      }),
    };
    const trace = await traceOf(AsyncStream.from(source).map(parse).chunks(5).toArray());
    expect(trace!.suppressed).toEqual([dropped]);
  });

  test('gives no errors of cleanups in other runs that threw the same error object', async () => {
    for (const cleanup of [new Error('first'), new Error('second')]) {
      const source = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: 2 }),
          return: () => thrown(cleanup),
        }),
      };
      for (const trace of await tracesOf(() => AsyncStream.from(source).map(parse)))
        expect(trace!.suppressed).toEqual([cleanup]);
    }
  });

  test('stays short for an error object that is thrown again and again', async () => {
    const again = AsyncStream.from(() => [2])
      .map(parse)
      .retry({ times: 50 });
    const trace = (await traceOf(again.map(Number).toArray()))!;
    let depth = 0;
    for (let at: Trace | undefined = trace; at !== undefined; at = at.inner) depth++;
    expect(depth).toBeLessThan(3);
  });

  test('knows nothing of earlier runs where the same error object was caught', async () => {
    const error = new Error('same');
    const fail = () => {
      throw error;
    };
    const traces: unknown[] = [];
    for (let run = 0; run < 3; run++) {
      const cleanup = () => {
        throw new Error(`cleanup ${run}`);
      };
      const caught = AsyncStream.of(1)
        .finally(cleanup)
        .map(fail)
        .catch((caught) => void traces.push(AsyncStream.traceOf(caught)));
      await caught.toArray();
    }
    expect(traces).toEqual(
      [0, 1, 2].map((run) => ({
        source: 'of',
        method: 'map',
        callback: 'fail',
        position: 2,
        index: 0,
        suppressed: [new Error(`cleanup ${run}`)],
      })),
    );
  });

  test('knows the latest place of an error object that two streams throw', async () => {
    await traceOf(AsyncStream.of(2).filter(parse).toArray());
    expect(await traceOf(AsyncStream.of(2).map(parse).toArray())).toMatchObject({ method: 'map' });
  });

  test('is undefined for what is no object, and for an error that no stream has passed on', async () => {
    const primitives = AsyncStream.of(1).map(() => {
      throw 'text';
    });
    expect(await traceOf(primitives.toArray())).toBeUndefined();
    expect(AsyncStream.traceOf(new Error('elsewhere'))).toBeUndefined();
    expect(AsyncStream.traceOf(undefined)).toBeUndefined();
  });

  test('is undefined for an error of a collector that is driven by hand', () => {
    const error = new Error('callback');
    const gathering = collectors.forEach(() => {
      throw error;
    })({ signal: new AbortController().signal });
    expect(() => gathering.push(1)).toThrow(error);
    expect(AsyncStream.traceOf(error)).toBeUndefined();
  });

  test('is undefined for an error of a collector that is driven by hand, also if it comes later', async () => {
    const error = new Error('callback');
    const gathering = collectors.forEach(() => Promise.reject(error))({ signal: new AbortController().signal });
    await expect(gathering.push(1)).rejects.toBe(error);
    expect(AsyncStream.traceOf(error)).toBeUndefined();
  });

  test('passes on an error that throws when it is read', async () => {
    const hostile = new Proxy(new Error('hostile'), {
      get() {
        throw new Error('read');
      },
    });
    const thrown = await AsyncStream.from(() => {
      throw hostile;
    })
      .toArray()
      .catch((reason: unknown) => [reason]);
    expect(Object.is(thrown[0], hostile)).toBe(true);
  });

  test('is the generator of a pipe, where that fails by itself', async () => {
    async function* broken(source: AsyncIterable<number>) {
      for await (const x of source) if (x === 1) throw new Error('broken');
      yield 0;
    }
    async function* passing(source: AsyncIterable<number>) {
      yield* source;
    }
    const fail = () => {
      throw new Error('upstream');
    };
    const failing = AsyncStream.from(function* (): Generator<number> {
      fail();
      yield 0;
    });
    const placeOf = async (stream: Stream) => {
      const error = await stream.toArray().catch((reason: unknown) => reason);
      const { method, callback, position } = AsyncStream.traceOf(error)!;
      return { method, callback, position };
    };
    const numbers = AsyncStream.range(0, 3);
    expect(await placeOf(numbers.pipe(broken).map(String))).toEqual({
      method: 'pipe',
      callback: 'broken',
      position: 1,
    });
    expect(await placeOf(numbers.map(fail).pipe(passing).map(String))).toMatchObject({ method: 'map', position: 1 });
    expect(await placeOf(failing.pipe(passing).map(String))).toMatchObject({ method: 'from', position: 0 });
    expect(await placeOf((numbers.pipe(passing) as Stream).lines())).toMatchObject({ method: 'lines', position: 2 });
  });
});
