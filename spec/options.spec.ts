import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors, limiter, retrying } from '../lib/index.ts';
import { refusal } from './support/failures.ts';

const numbers = AsyncStream.of(1, 2);
const same = (x: number) => x;
type Call = (options: never) => unknown;

/** Each method that takes options: its options, with valid values, and a call of it. */
const METHODS: Readonly<Record<string, [options: Readonly<Record<string, unknown>>, call: Call]>> = {
  iterator: [{ close: true }, (o) => numbers.iterator(o)],
  paginate: [
    {
      items: () => [],
      next: () => null,
      totalPages: 1,
      size: 1,
      firstPage: 1,
      cursor: 'c',
      stopOnShortPage: true,
      prefetch: 1,
      pages: false,
    },
    (o) => AsyncStream.paginate(() => [], o),
  ],
  interval: [{ immediate: true }, (o) => AsyncStream.interval(1, o)],
  poll: [{ every: 1, until: same, immediate: true }, (o) => AsyncStream.poll(same, o)],
  create: [{ buffer: 1, overflow: 'block' }, (o) => AsyncStream.create(() => undefined, o)],
  channel: [{ buffer: 1, overflow: 'block' }, (o) => AsyncStream.channel(o)],
  using: [
    { settle: true },
    (o) =>
      AsyncStream.using(
        () => 1,
        () => [],
        same,
        o,
      ),
  ],
  fromEvent: [
    { end: 'a', error: 'b', eager: false, buffer: 1, overflow: 'error', signal: undefined, select: same },
    (o) => AsyncStream.fromEvent(new EventTarget(), 'x', o),
  ],
  map: [{ concurrency: 2, ordered: true, buffer: 1, key: same, settle: false }, (o) => numbers.map(same, o)],
  mapSettled: [
    { concurrency: 2, ordered: true, buffer: 1, key: same, settle: false },
    (o) => numbers.mapSettled(same, o),
  ],
  filter: [{ concurrency: 2, ordered: true, buffer: 1, key: same, settle: false }, (o) => numbers.filter(same, o)],
  flatMap: [
    { concurrency: 2, ordered: true, buffer: 1, key: same, settle: false },
    (o) => numbers.flatMap((x) => [x], o),
  ],
  flat: [{ concurrency: 2, ordered: true, buffer: 1, key: same, settle: false }, (o) => AsyncStream.of([1]).flat(o)],
  takeWhile: [{ inclusive: true }, (o) => numbers.takeWhile(same, o)],
  distinct: [{ limit: 1 }, (o) => numbers.distinct(same, o)],
  chunks: [{ within: 1, weight: same, maxWeight: 1 }, (o) => numbers.chunks(2, o)],
  groupByKey: [{ buffer: 1, maxKeys: 1, idle: 1 }, (o) => numbers.groupByKey(same, o)],
  expand: [{ order: 'depth', maxDepth: 1, concurrency: 1 }, (o) => numbers.expand(() => [], o)],
  zip: [{ mode: 'longest', padding: [] }, (o) => AsyncStream.zip([[1]], o)],
  zipKeyed: [{ mode: 'longest', padding: {} }, (o) => AsyncStream.zipKeyed({ a: [1] }, o)],
  buffer: [{ overflow: 'block', refillAt: 1 }, (o) => numbers.buffer(2, o)],
  rateLimit: [{ limit: 1, interval: 1, burst: 1 }, (o) => numbers.rateLimit(o)],
  debounce: [{ maxWait: 1 }, (o) => numbers.debounce(1, o)],
  throttle: [{ leading: true, trailing: true }, (o) => numbers.throttle(1, o)],
  timeout: [{ each: 1, first: 1, total: 1 }, (o) => numbers.timeout(o)],
  partition: [{ buffer: 1, overflow: 'block' }, (o) => numbers.partition(() => true, o)],
  tee: [{ buffer: 1, overflow: 'block' }, (o) => numbers.tee(2, o)],
  share: [{ buffer: 1, overflow: 'block', replay: 1 }, (o) => numbers.share(o)],
  decode: [{ fatal: true, ignoreBOM: true }, (o) => AsyncStream.of(new Uint8Array()).decode('utf-8', o)],
  lines: [{ maxLength: 1 }, (o) => AsyncStream.of('a').lines(o)],
  retry: [
    {
      times: 1,
      delay: 1,
      backoff: 2,
      maxDelay: 1,
      jitter: 0,
      when: same,
      resetOnSuccess: true,
      resume: () => [],
    },
    (o) => numbers.retry(o),
  ],
  retrying: [
    { times: 1, delay: 1, backoff: 2, maxDelay: 1, jitter: 0, when: same, limiter: undefined },
    (o) => retrying(same, o),
  ],
  progress: [{ every: 1, total: 2 }, (o) => numbers.progress(same as never, o)],
  profile: [{ every: 1 }, (o) => numbers.profile(same as never, o)],
  toArray: [{ limit: 2, signal: undefined }, (o) => numbers.toArray(o)],
  toReadableStream: [{ type: 'bytes', highWaterMark: 1 }, (o) => AsyncStream.of('a').toReadableStream(o)],
  toMap: [{ merge: same, signal: undefined }, (o) => numbers.toMap(same, same, o)],
  toObject: [{ merge: same, signal: undefined }, (o) => numbers.toObject(same, same, o)],
  forEach: [
    { concurrency: 2, ordered: true, buffer: 1, key: same, settle: false, signal: undefined },
    (o) => numbers.forEach(same, o),
  ],
  count: [{ signal: undefined }, (o) => numbers.count(o)],
  first: [{ signal: undefined }, (o) => numbers.first(0, o)],
};

const REQUIRED = new Set(['every', 'limit', 'interval']);

/** Any value will do. */
const UNCHECKED = new Set(['cursor']);

describe.each(Object.entries(METHODS))('the options of %s', (method, [options, call]) => {
  test('are all known', () => expect(refusal(() => call(options as never))).toBe('not refused'));

  test.each([null, 'x', new Map(), limiter(2)])('must be an object, and not %p', (given) => {
    const refused = refusal(() => call(given as never));
    expect(refused).toMatch(new RegExp(`^TypeError: ${method}: (?:options|limits) must be .*an object.*, got `));
  });

  test('may be undefined', () => {
    const required = method === 'rateLimit' || method === 'poll';
    const entries = Object.entries(options).map(([name, value]) => [
      name,
      required && REQUIRED.has(name) ? value : method === 'timeout' && name === 'total' ? value : undefined,
    ]);
    expect(refusal(() => call(Object.fromEntries(entries) as never))).toBe('not refused');
  });

  const checked = Object.keys(options).filter((name) => !UNCHECKED.has(name));

  test.each(checked)('are refused with a wrong value of %p, which the message names', (name) => {
    const refused = refusal(() => call({ ...options, [name]: 5n } as never));
    expect(refused).toMatch(new RegExp(`^(Type|Range)Error: ${method}: ${name}(?:\\.acquire)? must be .*, got 5n$`));
  });

  test.each(Object.keys(options))('are refused with %p misspelled, and the known ones are named', (name) => {
    const { [name]: value, ...rest } = options;
    const misspelled = `${name}x`;
    const required = ['every', 'interval'].includes(name) || (method === 'rateLimit' && name === 'limit');
    const refused = refusal(() => call({ ...rest, [misspelled]: value } as never));
    if (required) expect(refused).toMatch(/^TypeError/);
    else
      expect(refused).toMatch(
        new RegExp(`^TypeError: ${method}: unknown option '${misspelled}', known: .*\\b${name}\\b`),
      );
  });
});

test('a limiter has to have the method acquire', () => {
  expect(refusal(() => numbers.map(same, { concurrency: {} as never }))).toBe(
    'TypeError: map: concurrency.acquire must be a function, got undefined',
  );
});

test('a misspelled option of a limiter is refused, and not taken for no limit', () => {
  expect(refusal(() => limiter({ concurency: 2 } as never))).toBe(
    "TypeError: limiter: unknown option 'concurency', known: concurrency, limit, interval",
  );
  expect(refusal(() => limiter([2] as never))).toBe(
    'TypeError: limiter: options must be an object, got [object Array]',
  );
});

test('an unknown option is refused with all that are known, as it may be the name of another library', () => {
  expect(refusal(() => numbers.retry({ retries: 3 } as never))).toBe(
    "TypeError: retry: unknown option 'retries', " +
      'known: times, delay, backoff, maxDelay, jitter, when, resume, resetOnSuccess',
  );
  expect(refusal(() => numbers.map(same, { concurency: 8 } as never))).toBe(
    "TypeError: map: unknown option 'concurency', known: concurrency, ordered, buffer, key, settle",
  );
  expect(refusal(() => numbers.map(same, [] as never))).toBe(
    'TypeError: map: options must be an object, got [object Array]',
  );
});

test('a signal in place of options is refused: it would never end the run', () => {
  const { signal } = new AbortController();
  expect(refusal(() => numbers.drain(signal as never))).toBe(
    'TypeError: drain: options must be an object, got [object AbortSignal]: pass it as an option',
  );
});

test('a limiter in place of options is refused: its number would be taken for a limit of this stage alone', () => {
  expect(refusal(() => numbers.map(same, limiter(2)))).toMatch(
    /^TypeError: map: options must be an object, got \[object \w+\]: pass it as an option$/,
  );
});

test('collectors take the same options as the terminals', () => {
  expect(refusal(() => collectors.toArray({ limt: 1 } as never))).toBe(
    "TypeError: toArray: unknown option 'limt', known: limit, signal",
  );
});
