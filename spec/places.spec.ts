import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Collector, type Limiter } from '../lib/index.ts';

type Stream = AsyncStream<any>;

const boom = new Error('boom');
function raise(): never {
  throw boom;
}
const broken = (): Promise<never> => {
  const promise = Promise.reject(boom);
  promise.catch(() => undefined);
  return promise;
};
const limiters: Record<string, () => Limiter> = {
  throws: () => ({ acquire: raise }),
  rejects: () => ({ acquire: broken }),
  'lends nothing': () => ({ acquire: () => undefined as never }),
  'fails to take a slot back': () => ({ acquire: () => raise }),
};
const bytes = (stream: Stream) => stream.map(() => Uint8Array.of(0xff));
const collecting = (parts: Partial<ReturnType<Collector<number, unknown>>>) =>
  (() => ({ push: () => true, result: () => 0, ...parts })) as Collector<any, unknown>;

/** Each error is that of the method it is listed under, and of nothing before or after it. */
const failures: Readonly<Record<string, Readonly<Record<string, (stream: Stream) => Stream | Promise<unknown>>>>> = {
  decode: {
    'an element that is not bytes': (stream) => stream.decode(),
    'bytes that are not valid': (stream) => bytes(stream).decode('utf-8', { fatal: true }),
    'bytes that are not complete': (stream) => stream.map(() => Uint8Array.of(0xc3)).decode('utf-8', { fatal: true }),
  },
  lines: {
    'an element that is no text': (stream) => stream.lines(),
    'a line that is too long': (stream) => stream.map(() => 'long').lines({ maxLength: 2 }),
  },
  split: { 'an element that is no text': (stream) => stream.split(',') },
  chunks: {
    'a weight that is negative': (stream) => stream.chunks(2, { weight: () => -1, maxWeight: 1 }),
    'a weight, in time': (stream) => stream.chunks(2, { within: 5, weight: raise, maxWeight: 1 }),
  },
  prepend: { 'a promise': (stream) => stream.prepend(0, broken()) },
  append: { 'a promise': (stream) => stream.append(broken()) },
  intersperse: { 'a promise': (stream) => stream.intersperse(broken()) },
  defaultIfEmpty: { 'a promise': (stream) => stream.drop(9).defaultIfEmpty(broken()) },
  flat: { 'a promise in an array': (stream) => stream.map(() => [0, broken()] as unknown[]).flat() },
  flatMap: {
    'a promise in an array': (stream) => stream.flatMap(() => [0, broken()]),
    'a promise in a set': (stream) => stream.flatMap(() => new Set([0, broken()])),
    ...Object.fromEntries(
      Object.entries(limiters).map(([how, concurrency]) => [
        `a limiter that ${how}`,
        (stream: Stream) => stream.flatMap((x: unknown) => [x], { concurrency: concurrency() }),
      ]),
    ),
  },
  map: Object.fromEntries(
    Object.entries(limiters).map(([how, concurrency]) => [
      `a limiter that ${how}`,
      (stream: Stream) => stream.map((x: unknown) => x, { concurrency: concurrency() }),
    ]),
  ),
  catch: {
    'a result that is no stream': (stream) => stream.pipe(failing).catch(() => 5 as never),
  },
  retry: {
    'a result of resume that is no stream': (stream) => stream.pipe(failing).retry({ resume: () => 5 as never }),
    'a promise of resume': (stream) => stream.pipe(failing).retry({ resume: broken }),
  },
  pipeThrough: {
    'a transform that was used before': async (stream) => {
      const used = new TransformStream<unknown, unknown>();
      const piped = stream.pipeThrough(() => used);
      await piped.drain();
      await piped.drain();
    },
    'a transform that is locked by then': (stream) => {
      const transform = new TransformStream<unknown, unknown>();
      const piped = stream.pipeThrough(transform);
      transform.writable.getWriter();
      return piped;
    },
    'an element that the transform does not take': (stream) => stream.pipeThrough(() => new PassThrough()),
  },
  pipeTo: {
    'an element that the destination does not take': (stream) => stream.pipeTo(new PassThrough()),
    'a destination that throws': (stream) => stream.pipeTo(new Writable({ objectMode: true, write: raise })),
  },
  forEach: {
    'a callback': (stream) => stream.forEach(raise, { concurrency: 2 }),
    'a promise': (stream) => stream.forEach(broken, { concurrency: 2 }),
    'a key': (stream) => stream.forEach(() => undefined, { concurrency: 2, key: raise }),
    ...Object.fromEntries(
      Object.entries(limiters).map(([how, concurrency]) => [
        `a limiter that ${how}`,
        (stream: Stream) => stream.forEach(() => undefined, { concurrency: concurrency() }),
      ]),
    ),
  },
  top: { 'a comparison at the end': (stream) => stream.top(9, raise) },
  first: { 'a promise of the default': (stream) => stream.drop(9).first(broken()) },
  last: { 'a promise of the default': (stream) => stream.drop(9).last(broken()) },
  single: { 'two elements': (stream) => stream.single() },
  collect: {
    'a collector': (stream) => stream.collect(raise),
    'a push': (stream) => stream.collect(collecting({ push: raise })),
    'a promise of push': (stream) => stream.collect(collecting({ push: broken })),
    'an answer of push': (stream) => stream.collect(collecting({ push: () => 1 as never })),
    'a result': (stream) => stream.collect(collecting({ result: raise })),
    'a promise of the result': (stream) => stream.collect(collecting({ result: broken })),
    'a push of several': (stream) => stream.collect({ one: collecting({ push: raise }) }),
    'a result of several': (stream) => stream.collect({ one: collecting({ result: raise }) }),
  },
};

async function* failing(): AsyncGenerator<number> {
  throw new Error('upstream');
}

/** A stage upstream that reads other streams must not take an error of a later stage for one of theirs. */
const upstreams: Readonly<Record<string, () => Stream>> = {
  'a source': () => AsyncStream.of(1, 2),
  concat: () => AsyncStream.of(1).concat([2]),
  flatMap: () => AsyncStream.of(1).flatMap(() => new Set([1, 2])),
  expand: () => AsyncStream.of(1).expand((x) => (x < 2 ? new Set([x + 1]) : [])),
  buffer: () => AsyncStream.of(1, 2).buffer(2),
};

const rows = Object.entries(failures).flatMap(([method, causes]) =>
  Object.entries(causes).map(([cause, build]) => [method, cause, build] as const),
);

async function methodOf(run: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await run.then(
    () => expect(run).rejects.toBeDefined(),
    (reason: unknown) => reason,
  );
  return AsyncStream.traceOf(error)?.method;
}

describe('an error is placed', () => {
  test.each(rows)('at %s: %s', async (method, _cause, build) => {
    const places = [];
    for (const [upstream, make] of Object.entries(upstreams)) {
      const built = build(make());
      places.push([upstream, await methodOf(built instanceof AsyncStream ? built.map(String).toArray() : built)]);
    }
    expect(places).toEqual(Object.keys(upstreams).map((upstream) => [upstream, method]));
  });

  test('at toReadableStream, which reports it to its reader', async () => {
    const reading = (stream: Stream) => stream.toReadableStream({ type: 'bytes' }).getReader().read();
    expect(await methodOf(reading(AsyncStream.of(5)))).toBe('toReadableStream');
    expect(await methodOf(reading(AsyncStream.from(raise)))).toBe('from');
  });

  test('at the source, whatever its message begins with', async () => {
    const source = AsyncStream.from(() => {
      throw new Error('map: no such file');
    });
    expect(await methodOf(source.map(String).toArray())).toBe('from');
  });
});
