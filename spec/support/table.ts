// One row for each stage, source and terminal: how it is made, and what the laws need to know of it.
import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { AsyncStream, collectors, type Ending, type Push } from '../../lib/index.ts';
import { describe } from '../../lib/errors.ts';
import { idle, pause } from './turns.ts';

type Stream = AsyncStream<any>;

/** What the source fails with if a callback is called for an error. */
export const UPSTREAM = new Error('upstream');
type Callable = (...args: any[]) => any;

/** Arguments that are refused at the call, and the error as text. */
export type Bad = readonly [args: readonly unknown[], error: string];

/** A function that is passed to a method. */
export interface Callback<Made, Base = Stream> {
  readonly name: string;
  readonly build: (base: Base, fn: Callable) => Made;
  /** What it is to answer for the method to do what its row says. */
  readonly answer: Callable;
  /** What it is called for, where that is not each element: once then. */
  readonly when?: 'start' | 'error' | 'complete' | 'end';
  /** What it fails with takes the place of the error it was called for. */
  readonly replacesErrors?: true;
  /** Takes no promises: a function that is asked very often and never needs one. */
  readonly sync?: true;
  /** Is not given a context. */
  readonly bare?: true;
  /** What it fails with is an element: nothing fails. */
  readonly settles?: true;
  /** Is given a context of its own each time. */
  readonly own?: true;
  /** The arguments of its first calls before the context: default those for which it is called, and their indices. */
  readonly calls?: readonly (readonly unknown[])[];
}

/** Several inputs that are open at the same time. */
export interface Beside {
  readonly build: (...inputs: any[]) => Stream;
  /** Reads each only when its turn comes: a stuck one holds up the others. */
  readonly inTurns?: true;
  /** Only the first one that gives something stays open. */
  readonly oneWins?: true;
}

interface Row {
  /** The name of the method. */
  readonly method: string;
  /** What is called, as the tests name it. */
  readonly call: string;
  readonly beside?: Beside;
  readonly bad?: readonly Bad[];
}

export interface StageRow extends Row {
  readonly build: (stream: Stream) => Stream;
  /** The nth element of the source, where it cannot be any: default n. */
  readonly element?: (n: number) => any;
  /** What it makes of all elements of a source. */
  readonly model: (elements: any[]) => unknown[];
  /** How many elements it asks a source for until it gives its first, second, third … result. */
  readonly asks: readonly number[];
  /** How many it has asked for by then where it reads ahead, and the consumer takes its time. */
  readonly ahead?: readonly number[];
  /** Gives nothing before the source has ended. */
  readonly waits?: true;
  /** Emits the elements it holds before an error from upstream. All other stages drop them. */
  readonly flushes?: true;
  /** Drops elements on their way when its source fails: it hands them to a stream of the platform. */
  readonly drops?: true;
  /** Waits for a timer, or decouples its source in another way that neither `ahead` nor `beside` tells. */
  readonly fair?: true | 'to what reaches it';
  /** What it gives depends on how fast the stream above is: not to be put in chains of any stages. */
  readonly timed?: true;
  /** After how many elements it ends by itself. */
  readonly stopsAfter?: number;
  /** Runs its source more than once. */
  readonly repeats?: true;
  /** Gives streams that can be run once, whatever their source is. */
  readonly once?: true;
  /** Sees to errors of the source itself: they go no further. */
  readonly catches?: true;
  /** Gives elements of other sources too: of this one after those of the stream, or for each element, or after an error. */
  readonly inner?: {
    readonly when: 'element' | 'end' | 'error';
    /** Has several open at once: only that of the first element is the other source, the others never come. */
    readonly first?: true;
    build(stream: Stream, inner: any): Stream;
  };
  /** Puts more than one promise between the source and the consumer: a generator stage. */
  readonly generator?: true;
  readonly callbacks?: readonly Callback<Stream>[];
}

const one = (value: any): any => value;
const NEVER = new Promise<any>(() => undefined);
const fulfilled = (value: unknown) => ({ status: 'fulfilled', value });
const function1 = (method: string, parameter = 'fn'): Bad[] => [
  [[], `TypeError: ${method}: ${parameter} must be a function, got undefined`],
  [[null], `TypeError: ${method}: ${parameter} must be a function, got null`],
  [['x'], `TypeError: ${method}: ${parameter} must be a function, got 'x'`],
];
const refused = (rule: string, ...values: unknown[]): Bad[] =>
  values.map((value) => [[value], `TypeError: ${rule}, got ${describe(value)}`]);
const pairs = (all: any[]): any[][] =>
  all.flatMap((_, index) => (index % 2 === 0 ? [all.slice(index, index + 2)] : []));
const concurrency = (method: string, ...before: unknown[]): Bad[] => [
  [[...before, null], `TypeError: ${method}: options must be an object, got null`],
  [
    [...before, { concurrency: '2' }],
    `TypeError: ${method}: concurrency must be a positive integer or Infinity, got '2'`,
  ],
  [
    [...before, { concurrency: null }],
    `TypeError: ${method}: concurrency must be a positive integer or Infinity, got null`,
  ],
  [[...before, { concurrency: 0 }], `RangeError: ${method}: concurrency must be a positive integer or Infinity, got 0`],
  [
    [...before, { concurrency: NaN }],
    `RangeError: ${method}: concurrency must be a positive integer or Infinity, got NaN`,
  ],
  [
    [...before, { concurrency: 1.5 }],
    `RangeError: ${method}: concurrency must be a positive integer or Infinity, got 1.5`,
  ],
  [[...before, { settle: 1 }], `TypeError: ${method}: settle must be a boolean, got 1`],
  [[...before, { concurrency: {} }], `TypeError: ${method}: concurrency.acquire must be a function, got undefined`],
  [[...before, { ordered: 1 }], `TypeError: ${method}: ordered must be a boolean, got 1`],
  [[...before, { buffer: -1 }], `RangeError: ${method}: buffer must be a non-negative integer or Infinity, got -1`],
  [[...before, { key: 'x' }], `TypeError: ${method}: key must be a function, got 'x'`],
];
const buffering = (method: string, least: string, ...before: unknown[]): Bad[] => [
  [[...before, null], `TypeError: ${method}: options must be an object, got null`],
  [[...before, { buffer: -1 }], `RangeError: ${method}: buffer must be a ${least} integer or Infinity, got -1`],
  [[...before, { buffer: '2' }], `TypeError: ${method}: buffer must be a ${least} integer or Infinity, got '2'`],
  [
    [...before, { buffer: 0, overflow: 'error' }],
    `RangeError: ${method}: buffer must be a positive integer or Infinity, got 0`,
  ],
  [
    [...before, { overflow: 'drop' }],
    `RangeError: ${method}: overflow must be one of 'block', 'error', 'drop-oldest', 'drop-newest', got 'drop'`,
  ],
];
const count = (method: string, rule: string, refused: number[], parameter = 'count'): Bad[] => [
  ...refused.map((number): Bad => [[number], `RangeError: ${method}: ${parameter} must be ${rule}, got ${number}`]),
  [['2'], `TypeError: ${method}: ${parameter} must be ${rule}, got '2'`],
  [[null], `TypeError: ${method}: ${parameter} must be ${rule}, got null`],
  [[2n], `TypeError: ${method}: ${parameter} must be ${rule}, got 2n`],
];
const duration = (min: number) => `a number of milliseconds from ${min} to 2147483647`;
const NO_DURATIONS = [-1, NaN, Infinity, 2 ** 31];
const outOfRange = (method: string, min = 0, refused = NO_DURATIONS): Bad[] =>
  refused.map((number) => [[number], `RangeError: ${method}: milliseconds must be ${duration(min)}, got ${number}`]);
const durations = (method: string, min = 0, refused = NO_DURATIONS): Bad[] => [
  [[], `TypeError: ${method}: milliseconds must be ${duration(min)}, got undefined`],
  [['10'], `TypeError: ${method}: milliseconds must be ${duration(min)}, got '10'`],
  ...outOfRange(method, min, refused),
];
const NON_NEGATIVE = 'a non-negative integer';
const POSITIVE = 'a positive integer';

/** Left before its start. */
function leave(stream: Stream): void {
  void stream[Symbol.asyncIterator]().return();
}

/** What is left of a partition where nobody wants the rest. */
function matching(stream: Stream, guard: Callable): Stream {
  const [matching, rest] = stream.partition(guard);
  leave(rest);
  return matching;
}
const inputs = (method: string): Bad[] => [
  [[5], `TypeError: ${method}: input must be an iterable or an iterator, got 5`],
  [[[], null], `TypeError: ${method}: input must be an iterable or an iterator, got null`],
];
const listOfInputs = (method: string): Bad[] => [
  [[], `TypeError: ${method}: inputs must be an array, got undefined: pass the inputs as in ${method}([a, b])`],
  [
    [new Set([[1]])],
    `TypeError: ${method}: inputs must be an array, got [object Set]: pass the inputs as in ${method}([a, b])`,
  ],
  [
    [[1], [2]],
    `TypeError: ${method}: the second argument must be no array, got [object Array]: pass the inputs as in ${method}([a, b])`,
  ],
  [[[[1], 5]], `TypeError: ${method}: input must be an iterable or an iterator, got 5`],
];
const comparison = (method: string, ...before: unknown[]): Bad[] => [
  [[...before, null], `TypeError: ${method}: compare must be a function, got null`],
  [[...before, 'x'], `TypeError: ${method}: compare must be a function, got 'x'`],
  [
    [...before, (element: { key: number }) => element.key],
    `TypeError: ${method}: compare must be a function of two elements, got [object Function]`,
  ],
];
const misplacedOptions = (method: string): Bad[] => [
  [
    [{ signal: new AbortController().signal }],
    `TypeError: ${method}: options must be the second argument, got [object Object]`,
  ],
];
const namedInputs = (method: string): Bad[] => [
  [[], `TypeError: ${method}: inputs must be an object of inputs, got undefined`],
  [[null], `TypeError: ${method}: inputs must be an object of inputs, got null`],
  [[[[1]]], `TypeError: ${method}: inputs must be an object of inputs, got [object Array]`],
  [[new Map([['a', [1]]])], `TypeError: ${method}: inputs must be an object of inputs, got [object Map]`],
  [[AsyncStream.of(1)], `TypeError: ${method}: inputs must be an object of inputs, got [object AsyncStream]`],
  [[{ a: [1], b: 5 }], `TypeError: ${method}: input 'b' must be an iterable or an iterator, got 5`],
];
const zipOptions = (method: string, inputs: unknown): Bad[] => [
  [[inputs, null], `TypeError: ${method}: options must be an object, got null`],
  [
    [inputs, { mode: 'long' }],
    `RangeError: ${method}: mode must be one of 'shortest', 'longest', 'strict', got 'long'`,
  ],
  [[inputs, { mode: 1 }], `TypeError: ${method}: mode must be a string, got 1`],
];

export const stages: readonly StageRow[] = [
  {
    method: 'map',
    call: 'map(fn)',
    build: (stream) => stream.map((x) => [x]),
    model: (all) => all.map((x) => [x]),
    asks: [1, 2, 3],
    callbacks: [{ name: 'fn', build: (stream, fn) => stream.map(fn), answer: (x) => [x] }],
    bad: [...function1('map'), ...concurrency('map', one)],
  },
  {
    method: 'map',
    call: 'map(fn, { concurrency: 2 })',
    build: (stream) => stream.map(async (x) => [x], { concurrency: 2 }),
    model: (all) => all.map((x) => [x]),
    asks: [1, 2, 3],
    ahead: [5, 6, 7],
  },
  {
    method: 'map',
    call: 'map(fn, { concurrency: 2, ordered: false })',
    build: (stream) => stream.map(async (x) => [x], { concurrency: 2, ordered: false }),
    model: (all) => all.map((x) => [x]),
    asks: [1, 2, 3],
    ahead: [5, 6, 7],
  },
  {
    method: 'mapSettled',
    call: 'mapSettled(fn)',
    build: (stream) => stream.mapSettled((x) => [x]),
    model: (all) => all.map((x) => fulfilled([x])),
    asks: [1, 2, 3],
    callbacks: [{ name: 'fn', build: (stream, fn) => stream.mapSettled(fn), answer: (x) => [x], settles: true }],
    bad: [...function1('mapSettled'), ...concurrency('mapSettled', one)],
  },
  {
    method: 'mapSettled',
    call: 'mapSettled(fn, { concurrency: 2 })',
    build: (stream) => stream.mapSettled(async (x) => [x], { concurrency: 2 }),
    model: (all) => all.map((x) => fulfilled([x])),
    asks: [1, 2, 3],
    ahead: [5, 6, 7],
  },
  {
    method: 'filter',
    call: 'filter(predicate, { concurrency: 2 })',
    build: (stream) => stream.filter((_, index) => index % 2 === 1, { concurrency: 2 }),
    model: (all) => all.filter((_, index) => index % 2 === 1),
    asks: [2, 4, 6],
    ahead: [6, 8, 10],
  },
  {
    method: 'flatMap',
    call: 'flatMap(fn, { concurrency: 2 })',
    build: (stream) => stream.flatMap((x) => [x, x], { concurrency: 2 }),
    model: (all) => all.flatMap((x) => [x, x]),
    asks: [1, 1, 2, 2],
    ahead: [3, 3, 4, 4],
    inner: {
      when: 'element',
      first: true,
      build: (stream, inner) => stream.flatMap((_, index) => (index === 0 ? inner : NEVER), { concurrency: 2 }),
    },
  },
  {
    method: 'flatMap',
    call: 'flatMap(fn, { concurrency: 2, ordered: false })',
    build: (stream) => stream.flatMap((x) => [x], { concurrency: 2, ordered: false }),
    model: one,
    asks: [1, 2, 3],
    ahead: [3, 4, 5],
    inner: {
      when: 'element',
      first: true,
      build: (stream, inner) =>
        stream.flatMap((_, index) => (index === 0 ? inner : NEVER), { concurrency: 2, ordered: false }),
    },
  },
  {
    method: 'flat',
    call: 'flat({ concurrency: 2 })',
    build: (stream) => stream.flat({ concurrency: 2 }),
    element: (n) => [n, -n],
    model: (all) => all.flat(),
    asks: [1, 1, 2, 2],
    ahead: [3, 3, 4, 4],
    inner: {
      when: 'element',
      first: true,
      build: (stream, inner) =>
        stream
          .map((_, index) => (index === 0 ? inner : () => NEVER))
          .map((made) => AsyncStream.from(made))
          .flat({ concurrency: 2 }),
    },
  },
  {
    method: 'buffer',
    call: 'buffer(2)',
    build: (stream) => stream.buffer(2),
    model: one,
    asks: [1, 2, 3],
    ahead: [3, 4, 5],
    bad: [
      [[], 'TypeError: buffer: size must be a positive integer or Infinity, got undefined'],
      ...count('buffer', `${POSITIVE} or Infinity`, [0, -1, 1.5, NaN], 'size'),
      [
        [2, { overflow: 'x' }],
        "RangeError: buffer: overflow must be one of 'block', 'error', 'drop-oldest', 'drop-newest', got 'x'",
      ],
      [[2, { refillAt: 2 }], 'RangeError: buffer: refillAt must be less than the size of 2, got 2'],
      [[Infinity, { refillAt: Infinity }], 'RangeError: buffer: refillAt must be a non-negative integer, got Infinity'],
    ],
  },
  {
    method: 'rateLimit',
    call: 'rateLimit({ limit: 100, interval: 60_000 })',
    build: (stream) => stream.rateLimit({ limit: 100, interval: 60_000 }),
    model: one,
    asks: [1, 2, 3],
    bad: [
      [[], 'TypeError: rateLimit: options must be an object, got undefined'],
      [[null], 'TypeError: rateLimit: options must be an object, got null'],
      [[{ interval: 10 }], `TypeError: rateLimit: limit must be ${POSITIVE}, got undefined`],
      ...[0, -1, 1.5, NaN, Infinity].map((limit): Bad => [
        [{ limit, interval: 10 }],
        `RangeError: rateLimit: limit must be ${POSITIVE}, got ${limit}`,
      ]),
      [[{ limit: 2 }], `TypeError: rateLimit: interval must be ${duration(1)}, got undefined`],
      ...[0, -1, NaN, 2 ** 31].map((interval): Bad => [
        [{ limit: 2, interval }],
        `RangeError: rateLimit: interval must be ${duration(1)}, got ${interval}`,
      ]),
      [[{ limit: 2, interval: 10, burst: 0 }], `RangeError: rateLimit: burst must be ${POSITIVE}, got 0`],
      [[{ limit: 2, interval: 10, burst: '1' }], `TypeError: rateLimit: burst must be ${POSITIVE}, got '1'`],
      [[{ limit: 2, interval: 10, burst: 3 }], 'RangeError: rateLimit: burst must be at most the limit of 2, got 3'],
    ],
  },
  {
    method: 'throttle',
    call: 'throttle(60_000, { leading: false })',
    fair: true,
    build: (stream) => stream.throttle(60_000, { leading: false }),
    model: (all) => all.slice(-1),
    asks: [],
    waits: true,
    flushes: true,
    bad: [
      ...durations('throttle'),
      [[10, null], 'TypeError: throttle: options must be an object, got null'],
      [[10, { leading: 1 }], 'TypeError: throttle: leading must be a boolean, got 1'],
      [[10, { trailing: null }], 'TypeError: throttle: trailing must be a boolean, got null'],
      [
        [10, { leading: false, trailing: false }],
        'RangeError: throttle: trailing must be true where leading is false, got false',
      ],
    ],
  },
  {
    method: 'sample',
    call: 'sample(60_000)',
    fair: true,
    build: (stream) => stream.sample(60_000),
    model: (all) => all.slice(-1),
    asks: [],
    waits: true,
    flushes: true,
    bad: durations('sample', 1, [0, -1, NaN, Infinity, 2 ** 31]),
  },
  {
    method: 'debounce',
    call: 'debounce(60_000)',
    fair: true,
    build: (stream) => stream.debounce(60_000),
    model: (all) => all.slice(-1),
    asks: [],
    waits: true,
    flushes: true,
    bad: [
      ...durations('debounce'),
      [[10, null], 'TypeError: debounce: options must be an object, got null'],
      ...[-1, NaN, Infinity].map((maxWait): Bad => [
        [10, { maxWait }],
        `RangeError: debounce: maxWait must be ${duration(0)}, got ${maxWait}`,
      ]),
      [[10, { maxWait: '20' }], `TypeError: debounce: maxWait must be ${duration(0)}, got '20'`],
      [[10, { maxWait: 9 }], 'RangeError: debounce: maxWait must be at least the 10 ms, got 9'],
    ],
  },
  {
    method: 'delay',
    call: 'delay(0)',
    build: (stream) => stream.delay(0),
    model: one,
    asks: [1, 2, 3],
    bad: durations('delay'),
  },
  {
    method: 'merge',
    call: 'merge()',
    build: (stream) => stream.merge(),
    model: one,
    asks: [1, 2, 3],
    bad: inputs('merge'),
  },
  {
    method: 'merge',
    call: 'merge(...others)',
    build: (stream) => stream.merge([], AsyncStream.of()),
    model: one,
    asks: [1, 2, 3],
    beside: { build: (first, ...others) => AsyncStream.from(first).merge(...others) },
  },
  {
    method: 'zip',
    call: 'zip(...others)',
    build: (stream) => stream.zip(AsyncStream.range(0), () => ENDLESS()),
    model: (all) => all.map((x, index) => [x, index, 'endless']),
    asks: [1, 2, 3],
    beside: { build: (first, ...others) => AsyncStream.from(first).zip(...others) },
    bad: inputs('zip'),
  },
  {
    method: 'combineLatest',
    call: 'combineLatest(...others)',
    build: (stream) => stream.combineLatest(['x'], AsyncStream.of('y')),
    model: (all) => all.map((x) => [x, 'x', 'y']),
    asks: [1, 2, 3],
    beside: { build: (first, ...others) => AsyncStream.from(first).combineLatest(...others) },
    bad: inputs('combineLatest'),
  },
  {
    method: 'withLatestFrom',
    call: 'withLatestFrom(...others)',
    build: (stream) => stream.withLatestFrom(['w', 'x'], AsyncStream.of('y')),
    model: (all) => all.map((x) => [x, 'x', 'y']),
    asks: [1, 2, 3],
    beside: { build: (first, ...others) => AsyncStream.from(first).withLatestFrom(...others) },
    bad: inputs('withLatestFrom'),
  },
  {
    method: 'race',
    call: 'race(...others)',
    build: (stream) => stream.race([], AsyncStream.of()),
    model: one,
    asks: [1, 2, 3],
    beside: { build: (first, ...others) => AsyncStream.from(first).race(...others), oneWins: true },
    bad: inputs('race'),
  },
  {
    method: 'interleave',
    call: 'interleave(...others)',
    build: (stream) => stream.interleave([], ['y']),
    model: (all) => [...all.slice(0, 1), 'y', ...all.slice(1)],
    asks: [1, 1, 2, 3],
    beside: { build: (first, ...others) => AsyncStream.from(first).interleave(...others), inTurns: true },
    bad: inputs('interleave'),
  },
  {
    method: 'tee',
    call: 'tee(1)',
    fair: true,
    build: (stream) => stream.tee(1)[0],
    model: one,
    asks: [1, 2, 3],
    once: true,
    bad: [...count('tee', POSITIVE, [0, -1, 1.5, NaN, Infinity]), ...buffering('tee', 'positive', 2)],
  },
  {
    method: 'tee',
    call: 'tee(2), one branch left',
    fair: true,
    build: (stream) => {
      const [branch, other] = stream.tee();
      leave(other);
      return branch;
    },
    model: one,
    asks: [1, 2, 3],
    once: true,
  },
  {
    method: 'partition',
    call: 'partition(guard)',
    fair: true,
    build: (stream) => matching(stream, (_, index) => index % 2 === 1),
    model: (all) => all.filter((_, index) => index % 2 === 1),
    asks: [2, 4, 6],
    once: true,
    callbacks: [{ name: 'guard', build: matching, answer: (_, index: number) => index % 2 === 1 }],
    bad: [...function1('partition', 'guard'), ...buffering('partition', 'positive', one)],
  },
  {
    method: 'share',
    call: 'share({ replay: Infinity })',
    fair: true,
    build: (stream) => stream.share({ replay: Infinity }),
    model: one,
    asks: [1, 2, 3],
    bad: [
      ...buffering('share', 'positive'),
      [[{ replay: -1 }], 'RangeError: share: replay must be a non-negative integer or Infinity, got -1'],
      [[{ replay: '1' }], "TypeError: share: replay must be a non-negative integer or Infinity, got '1'"],
    ],
  },
  {
    method: 'takeUntil',
    call: 'takeUntil(signal)',
    fair: true,
    build: (stream) => stream.takeUntil(new AbortController().signal),
    model: one,
    asks: [1, 2, 3],
    bad: [
      [[], 'TypeError: takeUntil: stop must be an AbortSignal, a promise or an iterable, got undefined'],
      [[{}], 'TypeError: takeUntil: stop must be an AbortSignal, a promise or an iterable, got [object Object]'],
    ],
  },
  {
    method: 'takeUntil',
    call: 'takeUntil(promise)',
    fair: true,
    build: (stream) => stream.takeUntil(new Promise(() => undefined)),
    model: one,
    asks: [1, 2, 3],
  },
  {
    method: 'takeUntil',
    call: 'takeUntil(iterable)',
    fair: true,
    build: (stream) => stream.takeUntil([]),
    model: one,
    asks: [1, 2, 3],
  },
  {
    method: 'timeout',
    call: 'timeout({ each, first, total })',
    fair: true,
    build: (stream) => stream.timeout({ each: 1000, first: 2000, total: 3000 }),
    model: one,
    asks: [1, 2, 3],
    bad: [
      ...(
        [
          [undefined, 'undefined'],
          [null, 'null'],
          [{}, '[object Object]'],
          ['5', "'5'"],
        ] as const
      ).map(([limits, got]): Bad => {
        const rule = 'a number of milliseconds, or an object with each, first or total';
        return [[limits], `TypeError: timeout: limits must be ${rule}, got ${got}`];
      }),
      [[{ total: '5' }], `TypeError: timeout: total must be ${duration(0)}, got '5'`],
      [[{ each: null }], `TypeError: timeout: each must be ${duration(0)}, got null`],
      [[{ first: -1 }], `RangeError: timeout: first must be ${duration(0)}, got -1`],
      ...outOfRange('timeout'),
    ],
  },
  {
    method: 'heartbeat',
    call: "heartbeat(1000, 'beat')",
    fair: true,
    build: (stream) => stream.heartbeat(1000, 'beat'),
    model: one,
    asks: [1, 2, 3],
    bad: durations('heartbeat', 1, [0, NaN, Infinity, 2 ** 31]),
  },
  {
    method: 'withSignal',
    call: 'withSignal(signal)',
    build: (stream) => stream.withSignal(new AbortController().signal),
    model: one,
    asks: [1, 2, 3],
    fair: true,
    bad: [
      [[], 'TypeError: withSignal: signal must be an AbortSignal, got undefined'],
      [[{}], 'TypeError: withSignal: signal must be an AbortSignal, got [object Object]'],
      [[{ aborted: false }], 'TypeError: withSignal: signal must be an AbortSignal, got [object Object]'],
      [[new EventTarget()], 'TypeError: withSignal: signal must be an AbortSignal, got [object EventTarget]'],
    ],
  },
  {
    method: 'retry',
    call: 'retry({ when, resume })',
    // Without `resume`, it refuses what can be run only once.
    build: (stream) => stream.retry({ when: () => false, resume: () => [] }),
    model: one,
    asks: [1, 2, 3],
    generator: true,
    inner: {
      when: 'error',
      build: (stream, inner) =>
        stream.retry({ when: (error) => String(error) === 'Error: upstream', resume: () => inner }),
    },
    callbacks: [
      {
        name: 'when',
        build: (stream, when) => stream.retry({ when, resume: () => ['caught'] }),
        answer: () => true,
        when: 'error',
        replacesErrors: true,
        calls: [[UPSTREAM, 1]],
      },
      {
        name: 'resume',
        build: (stream, resume) => stream.retry({ resume }),
        answer: () => ['caught'],
        when: 'error',
        replacesErrors: true,
        calls: [[1, 1, UPSTREAM]],
      },
    ],
    bad: [
      [[null], 'TypeError: retry: options must be an object, got null'],
      [[3], 'TypeError: retry: options must be an object, got 3'],
      [[{ times: -1 }], 'RangeError: retry: times must be a non-negative integer or Infinity, got -1'],
      [[{ times: 1.5 }], 'RangeError: retry: times must be a non-negative integer or Infinity, got 1.5'],
      [[{ times: '3' }], "TypeError: retry: times must be a non-negative integer or Infinity, got '3'"],
      [[{ delay: -1 }], 'RangeError: retry: delay must be a number of milliseconds from 0 to 2147483647, got -1'],
      [[{ delay: NaN }], 'RangeError: retry: delay must be a number of milliseconds from 0 to 2147483647, got NaN'],
      [
        [{ delay: 2 ** 31 }],
        'RangeError: retry: delay must be a number of milliseconds from 0 to 2147483647, got 2147483648',
      ],
      [
        [{ maxDelay: Infinity }],
        'RangeError: retry: maxDelay must be a number of milliseconds from 0 to 2147483647, got Infinity',
      ],
      [
        [{ backoff: 'linear' }],
        "RangeError: retry: backoff must be 'fixed', 'exponential' or a number from 1 on, got 'linear'",
      ],
      [[{ backoff: 0.5 }], "RangeError: retry: backoff must be 'fixed', 'exponential' or a number from 1 on, got 0.5"],
      [[{ backoff: null }], "TypeError: retry: backoff must be 'fixed', 'exponential' or a number from 1 on, got null"],
      [[{ jitter: 2 }], 'RangeError: retry: jitter must be a number from 0 to 1, got 2'],
      [[{ jitter: -0.1 }], 'RangeError: retry: jitter must be a number from 0 to 1, got -0.1'],
      [[{ jitter: true }], 'TypeError: retry: jitter must be a number from 0 to 1, got true'],
      [[{ when: 1 }], 'TypeError: retry: when must be a function, got 1'],
      [[{ resetOnSuccess: 1 }], 'TypeError: retry: resetOnSuccess must be a boolean, got 1'],
      [[{ resume: 'x' }], "TypeError: retry: resume must be a function, got 'x'"],
    ],
  },
  {
    method: 'iterator',
    call: 'iterator()',
    // Read by a stage of one's own, so that it can be asked what a stage is asked.
    build: (stream) => stream.pipe((above) => above.iterator()),
    model: one,
    asks: [1, 2, 3],
    generator: true,
    bad: [
      [[null], 'TypeError: iterator: options must be an object, got null'],
      [[{ close: 1 }], 'TypeError: iterator: close must be a boolean, got 1'],
    ],
  },
  {
    method: 'iterator',
    call: 'iterator({ close: false })',
    build: (stream) => stream.pipe((above) => above.iterator({ close: false })),
    model: one,
    asks: [1, 2, 3],
    generator: true,
  },
  {
    method: 'iterator',
    call: 'iterator().rest()',
    build: (stream) => stream.pipe((above) => above.iterator().rest()),
    model: one,
    asks: [1, 2, 3],
    generator: true,
  },
  {
    method: 'toReadableStream',
    call: 'toReadableStream()',
    build: (stream) => stream.pipe((above) => above.toReadableStream()),
    model: one,
    asks: [1, 2, 3],
    generator: true,
    bad: [
      [[null], 'TypeError: toReadableStream: options must be an object, got null'],
      [[{ type: 1 }], 'TypeError: toReadableStream: type must be a string, got 1'],
      [[{ type: 'byte' }], "RangeError: toReadableStream: type must be one of 'bytes', got 'byte'"],
      [[{ highWaterMark: '1' }], "TypeError: toReadableStream: highWaterMark must be a non-negative number, got '1'"],
      [[{ highWaterMark: -1 }], 'RangeError: toReadableStream: highWaterMark must be a non-negative number, got -1'],
      [[{ highWaterMark: NaN }], 'RangeError: toReadableStream: highWaterMark must be a non-negative number, got NaN'],
    ],
  },
  {
    method: 'filter',
    call: 'filter(predicate)',
    build: (stream) => stream.filter((_, index) => index % 2 === 1),
    model: (all) => all.filter((_, index) => index % 2 === 1),
    asks: [2, 4, 6],
    callbacks: [
      { name: 'predicate', build: (stream, fn) => stream.filter(fn), answer: (_, index: number) => index % 2 === 1 },
    ],
    bad: [...function1('filter', 'predicate'), ...concurrency('filter', one)],
  },
  {
    method: 'compact',
    call: 'compact()',
    build: (stream) => stream.compact(),
    model: (all) => all.filter((x) => x !== undefined && x !== null),
    asks: [1, 2, 3],
  },
  {
    method: 'entries',
    call: 'entries()',
    build: (stream) => stream.entries(),
    model: (all) => all.map((x, index) => [index, x]),
    asks: [1, 2, 3],
  },
  {
    method: 'profile',
    call: 'profile(report)',
    build: (stream) => stream.profile(() => undefined),
    model: one,
    asks: [1, 2, 3],
    callbacks: [
      {
        name: 'report',
        build: (stream, fn) => stream.profile(fn),
        answer: () => undefined,
        when: 'end',
        bare: true,
        calls: [],
      },
    ],
    bad: [
      ...function1('profile', 'report'),
      [[String, null], 'TypeError: profile: options must be an object, got null'],
      [
        [String, { every: 0 }],
        'RangeError: profile: every must be a number of milliseconds from 1 to 2147483647, got 0',
      ],
    ],
  },
  {
    method: 'progress',
    call: 'progress(async report)',
    build: (stream) => stream.progress(async () => undefined),
    model: one,
    asks: [1, 2, 3],
    fair: true,
  },
  {
    method: 'progress',
    call: 'progress(report)',
    build: (stream) => stream.progress(() => undefined),
    model: one,
    asks: [1, 2, 3],
    fair: true,
    callbacks: [
      {
        name: 'report, first',
        build: (stream, fn) =>
          stream.progress((figures) => (figures.over ? undefined : fn(figures)), { every: 100_000 }),
        answer: () => undefined,
        when: 'start',
        bare: true,
        calls: [],
      },
      {
        name: 'report, last',
        build: (stream, fn) => stream.progress((figures) => (figures.over ? fn(figures) : undefined)),
        answer: () => undefined,
        when: 'end',
        bare: true,
        calls: [],
      },
    ],
    bad: [
      ...function1('progress', 'report'),
      [[String, null], 'TypeError: progress: options must be an object, got null'],
      [
        [String, { every: '1' }],
        "TypeError: progress: every must be a number of milliseconds from 1 to 2147483647, got '1'",
      ],
      [
        [String, { every: 0 }],
        'RangeError: progress: every must be a number of milliseconds from 1 to 2147483647, got 0',
      ],
      [[String, { total: '9' }], "TypeError: progress: total must be a non-negative integer, got '9'"],
      [[String, { total: -1 }], 'RangeError: progress: total must be a non-negative integer, got -1'],
      [[String, { total: NaN }], 'RangeError: progress: total must be a non-negative integer, got NaN'],
    ],
  },
  {
    method: 'named',
    call: "named('x')",
    build: (stream) => stream.named('x'),
    model: one,
    asks: [1, 2, 3],
    bad: [
      [[], 'TypeError: named: name must be a string, got undefined'],
      [[null], 'TypeError: named: name must be a string, got null'],
      [[1], 'TypeError: named: name must be a string, got 1'],
    ],
  },
  {
    method: 'tap',
    call: 'tap(fn)',
    build: (stream) => stream.tap(() => 'ignored'),
    model: one,
    asks: [1, 2, 3],
    callbacks: [{ name: 'fn', build: (stream, fn) => stream.tap(fn), answer: () => undefined }],
    bad: [
      [[], 'TypeError: tap: fn must be a function, got undefined'],
      [[null], 'TypeError: tap: fn must be a function, got null'],
      [['x'], "TypeError: tap: fn must be a function, got 'x'"],
    ],
  },
  {
    method: 'tap',
    call: 'tap(observer)',
    build: (stream) =>
      stream.tap({ start: one, next: one, error: one, complete: () => 'ignored', close: () => 'ignored' }),
    model: one,
    asks: [1, 2, 3],
    generator: true,
    callbacks: [
      { name: 'start', build: (stream, start) => stream.tap({ start }), answer: () => undefined, when: 'start' },
      { name: 'next', build: (stream, next) => stream.tap({ next }), answer: () => undefined },
      {
        name: 'error',
        build: (stream, error) => stream.tap({ error }),
        answer: () => undefined,
        when: 'error',
        bare: true,
      },
      {
        name: 'complete',
        build: (stream, complete) => stream.tap({ complete }),
        answer: () => undefined,
        when: 'complete',
        bare: true,
      },
      {
        name: 'close',
        build: (stream, close) => stream.tap({ close }),
        answer: () => undefined,
        when: 'end',
        bare: true,
      },
    ],
    bad: [
      [[[]], 'TypeError: tap: observer must be an object, got [object Array]'],
      ...['start', 'next', 'error', 'complete', 'close'].map((name): Bad => [
        [{ [name]: 1 }],
        `TypeError: tap: ${name} must be a function, got 1`,
      ]),
    ],
  },
  {
    method: 'take',
    call: 'take(3)',
    build: (stream) => stream.take(3),
    model: (all) => all.slice(0, 3),
    asks: [1, 2, 3],
    stopsAfter: 3,
    bad: [
      [[], 'TypeError: take: count must be a non-negative integer or Infinity, got undefined'],
      ...count('take', `${NON_NEGATIVE} or Infinity`, [-1, 1.5, NaN, -Infinity]),
    ],
  },
  {
    method: 'drop',
    call: 'drop(2)',
    build: (stream) => stream.drop(2),
    model: (all) => all.slice(2),
    asks: [3, 4, 5],
    bad: [
      [[], 'TypeError: drop: count must be a non-negative integer or Infinity, got undefined'],
      ...count('drop', `${NON_NEGATIVE} or Infinity`, [-1, 1.5, NaN, -Infinity]),
    ],
  },
  {
    method: 'takeWhile',
    call: 'takeWhile(predicate)',
    build: (stream) => stream.takeWhile((_, index) => index < 2),
    model: (all) => all.slice(0, 2),
    asks: [1, 2],
    stopsAfter: 3,
    callbacks: [
      { name: 'predicate', build: (stream, fn) => stream.takeWhile(fn), answer: (_, index: number) => index < 2 },
    ],
    bad: [
      ...function1('takeWhile', 'predicate'),
      [[one, null], 'TypeError: takeWhile: options must be an object, got null'],
      [[one, { inclusive: 1 }], 'TypeError: takeWhile: inclusive must be a boolean, got 1'],
    ],
  },
  {
    method: 'takeWhile',
    call: 'takeWhile(predicate, { inclusive: true })',
    build: (stream) => stream.takeWhile((_, index) => index < 2, { inclusive: true }),
    model: (all) => all.slice(0, 3),
    asks: [1, 2, 3],
    stopsAfter: 3,
  },
  {
    method: 'dropWhile',
    call: 'dropWhile(predicate)',
    build: (stream) => stream.dropWhile((_, index) => index < 2),
    model: (all) => all.slice(2),
    asks: [3, 4, 5],
    callbacks: [
      { name: 'predicate', build: (stream, fn) => stream.dropWhile(fn), answer: (_, index: number) => index < 2 },
    ],
    bad: function1('dropWhile', 'predicate'),
  },
  {
    method: 'takeLast',
    call: 'takeLast(2)',
    build: (stream) => stream.takeLast(2),
    model: (all) => all.slice(-2),
    asks: [],
    waits: true,
    bad: [
      [[], 'TypeError: takeLast: count must be a non-negative integer, got undefined'],
      ...count('takeLast', NON_NEGATIVE, [-1, 1.5, NaN, Infinity]),
    ],
  },
  {
    method: 'dropLast',
    call: 'dropLast(2)',
    build: (stream) => stream.dropLast(2),
    model: (all) => all.slice(0, -2),
    asks: [3, 4, 5],
    bad: [
      [[], 'TypeError: dropLast: count must be a non-negative integer, got undefined'],
      ...count('dropLast', NON_NEGATIVE, [-1, 1.5, NaN, Infinity]),
    ],
  },
  {
    method: 'distinct',
    call: 'distinct()',
    build: (stream) => stream.distinct(),
    model: (all) => [...new Set(all)],
    asks: [1, 2, 3],
    callbacks: [{ name: 'key', build: (stream, fn) => stream.distinct(fn), answer: (x: number) => x % 5 }],
    bad: [
      [['x'], "TypeError: distinct: key must be a function, got 'x'"],
      [[one, null], 'TypeError: distinct: options must be an object, got null'],
      [[one, { limit: 0 }], 'RangeError: distinct: limit must be a positive integer or Infinity, got 0'],
      [[one, { limit: '1' }], "TypeError: distinct: limit must be a positive integer or Infinity, got '1'"],
    ],
  },
  {
    method: 'distinctUntilChanged',
    call: 'distinctUntilChanged()',
    build: (stream) => stream.distinctUntilChanged(),
    model: (all) => all.filter((x, index) => index === 0 || ![all[index - 1]].includes(x)),
    asks: [1, 2, 3],
    callbacks: [
      { name: 'key', build: (stream, fn) => stream.distinctUntilChanged(fn), answer: (x: number) => x >> 1 },
      {
        name: 'equals',
        build: (stream, fn) => stream.distinctUntilChanged((x) => x, fn),
        answer: (previous, next) => previous === next,
        bare: true,
        calls: [
          [1, 2],
          [2, 3],
        ],
      },
    ],
    bad: [
      [['x'], "TypeError: distinctUntilChanged: key must be a function, got 'x'"],
      [[undefined, 'x'], "TypeError: distinctUntilChanged: equals must be a function, got 'x'"],
    ],
  },
  {
    method: 'scan',
    call: 'scan(fn, seed)',
    build: (stream) => stream.scan((seen: unknown[], x) => [...seen, x], []),
    model: (all) => all.map((_, index) => all.slice(0, index + 1)),
    asks: [1, 2, 3],
    callbacks: [
      {
        name: 'fn',
        build: (stream, fn) => stream.scan(fn, []),
        answer: (seen: unknown[], x: unknown) => [...seen, x],
        calls: [
          [[], 1, 0],
          [[1], 2, 1],
        ],
      },
    ],
    bad: function1('scan'),
  },
  {
    method: 'scan',
    call: 'scan(fn)',
    build: (stream) => stream.scan((seen, x) => [seen, x]),
    model: (all) => all.slice(1).reduce<unknown[]>((results, x) => [...results, [results.at(-1), x]], all.slice(0, 1)),
    asks: [1, 2, 3],
  },
  {
    method: 'prepend',
    call: "prepend('a', 'b')",
    build: (stream) => stream.prepend('a', 'b'),
    model: (all) => ['a', 'b', ...all],
    asks: [0, 0, 1, 2],
  },
  {
    method: 'append',
    call: "append('y', 'z')",
    build: (stream) => stream.append('y', 'z'),
    model: (all) => [...all, 'y', 'z'],
    asks: [1, 2, 3],
  },
  {
    method: 'intersperse',
    call: "intersperse('-')",
    build: (stream) => stream.intersperse('-'),
    model: (all) => all.flatMap((x, index) => (index === 0 ? [x] : ['-', x])),
    asks: [1, 2, 2, 3, 3],
  },
  {
    method: 'defaultIfEmpty',
    call: "defaultIfEmpty('none')",
    build: (stream) => stream.defaultIfEmpty('none'),
    model: (all) => (all.length === 0 ? ['none'] : all),
    asks: [1, 2, 3],
  },
  {
    method: 'repeat',
    call: 'repeat(2)',
    build: (stream) => stream.repeat(2),
    model: (all) => [...all, ...all],
    asks: [1, 2, 3],
    repeats: true,
    bad: count('repeat', `${NON_NEGATIVE} or Infinity`, [-1, 1.5, NaN, -Infinity]),
  },
  {
    method: 'toSorted',
    call: 'toSorted()',
    build: (stream) => stream.toSorted(),
    model: (all) => all.toSorted(),
    asks: [],
    waits: true,
    callbacks: [
      {
        name: 'compare',
        build: (stream, fn) => stream.toSorted(fn),
        answer: (a, b) => (String(a) < String(b) ? -1 : 1),
        sync: true,
        bare: true,
      },
    ],
    bad: comparison('toSorted'),
  },
  {
    method: 'yieldEvery',
    call: 'yieldEvery(0)',
    build: (stream) => stream.yieldEvery(0),
    model: one,
    asks: [1, 2, 3],
    bad: [
      [[-1], 'RangeError: yieldEvery: milliseconds must be a non-negative number, got -1'],
      [[NaN], 'RangeError: yieldEvery: milliseconds must be a non-negative number, got NaN'],
      [['5'], "TypeError: yieldEvery: milliseconds must be a non-negative number, got '5'"],
    ],
  },
  {
    method: 'flat',
    call: 'flat()',
    build: (stream) => stream.flat(),
    element: (n) => [n, -n],
    model: (all) => all.flat(),
    asks: [1, 1, 2, 2],
    inner: { when: 'element', build: (stream, inner) => stream.map(() => inner).flat() },
    bad: concurrency('flat'),
  },
  {
    method: 'flatMap',
    call: 'flatMap(fn)',
    build: (stream) => stream.flatMap((x) => [x, x]),
    model: (all) => all.flatMap((x) => [x, x]),
    asks: [1, 1, 2, 2],
    inner: { when: 'element', build: (stream, inner) => stream.flatMap(() => inner) },
    callbacks: [{ name: 'fn', build: (stream, fn) => stream.flatMap(fn), answer: (x) => [x, x] }],
    bad: [...function1('flatMap'), ...concurrency('flatMap', one)],
  },
  {
    method: 'switchMap',
    call: 'switchMap(fn)',
    fair: true,
    // Every element but the last one is followed by another one before its own stream gives anything.
    build: (stream) =>
      stream.switchMap(async function* (x) {
        await pause(3);
        yield x;
      }),
    model: (all) => all.slice(-1),
    asks: [],
    waits: true,
    timed: true,
    inner: {
      when: 'element',
      build: (stream, inner) => stream.tap((_, index) => (index === 0 ? undefined : pause(30))).switchMap(() => inner),
    },
    callbacks: [
      {
        name: 'fn',
        build: (stream, fn) => stream.tap(() => pause(6)).switchMap(fn),
        answer: async function* (x) {
          yield x;
        },
        own: true,
      },
    ],
    bad: function1('switchMap'),
  },
  {
    method: 'exhaustMap',
    call: 'exhaustMap(fn)',
    fair: true,
    // The inner stream of the first element ends after all others have been dropped.
    build: (stream) =>
      stream.exhaustMap(async function* (x) {
        await pause(40);
        yield x;
      }),
    model: (all) => all.slice(0, 1),
    asks: [],
    waits: true,
    timed: true,
    inner: {
      when: 'element',
      build: (stream, inner) => stream.tap((_, index) => (index === 0 ? undefined : pause(30))).exhaustMap(() => inner),
    },
    callbacks: [
      {
        name: 'fn',
        build: (stream, fn) => stream.tap(() => pause(6)).exhaustMap(fn),
        answer: async function* (x) {
          yield x;
        },
        own: true,
      },
    ],
    bad: function1('exhaustMap'),
  },
  {
    method: 'expand',
    call: 'expand(fn)',
    fair: 'to what reaches it',
    build: (stream) => stream.expand((x, depth) => (depth === 0 ? [[x]] : null)),
    model: (all) => [...all, ...all.map((x) => [x])],
    asks: [1, 2, 3],
    callbacks: [
      {
        name: 'fn',
        // The first of what it makes comes after all elements of the source.
        build: (stream, fn) => stream.expand(fn).drop(10),
        answer: (x, depth: number) => (depth === 0 ? [[x]] : undefined),
        calls: [
          [1, 0],
          [2, 0],
        ],
      },
    ],
    bad: [
      ...function1('expand'),
      [[one, null], 'TypeError: expand: options must be an object, got null'],
      [[one, { order: 'up' }], "RangeError: expand: order must be one of 'breadth', 'depth', got 'up'"],
      [[one, { order: 1 }], 'TypeError: expand: order must be a string, got 1'],
      [[one, { maxDepth: -1 }], 'RangeError: expand: maxDepth must be a non-negative integer or Infinity, got -1'],
      [[one, { maxDepth: '1' }], "TypeError: expand: maxDepth must be a non-negative integer or Infinity, got '1'"],
      [[one, { concurrency: 0 }], 'RangeError: expand: concurrency must be a positive integer or Infinity, got 0'],
      [[one, { concurrency: NaN }], 'RangeError: expand: concurrency must be a positive integer or Infinity, got NaN'],
    ],
  },
  {
    method: 'expand',
    call: "expand(fn, { order: 'depth' })",
    build: (stream) => stream.expand((x, depth) => (depth === 0 ? [[x]] : null), { order: 'depth' }),
    model: (all) => all.flatMap((x) => [x, [x]]),
    asks: [1, 1, 2, 2],
    inner: {
      when: 'element',
      build: (stream, inner) => stream.expand((_, depth) => (depth === 0 ? inner : null), { order: 'depth' }),
    },
    callbacks: [
      {
        name: 'fn',
        build: (stream, fn) => stream.expand(fn, { order: 'depth' }).drop(1),
        answer: (x, depth: number) => (depth === 0 ? [[x]] : undefined),
        calls: [
          [1, 0],
          [[1], 1],
        ],
      },
    ],
  },
  {
    method: 'expand',
    call: 'expand(fn, { concurrency: 2 })',
    fair: true,
    build: (stream) => stream.expand(async () => [], { concurrency: 2 }),
    model: one,
    asks: [1, 2, 3],
    ahead: [2, 3, 4],
  },
  {
    method: 'concat',
    call: "concat(['y'], stream)",
    build: (stream) => stream.concat(['y'], AsyncStream.of('z')),
    model: (all) => [...all, 'y', 'z'],
    asks: [1, 2, 3],
    inner: { when: 'end', build: (stream, inner) => stream.concat(inner) },
    bad: [
      [[5], 'TypeError: concat: input must be an iterable or an iterator, got 5'],
      [[[], null], 'TypeError: concat: input must be an iterable or an iterator, got null'],
    ],
  },
  {
    method: 'chunks',
    call: 'chunks(2)',
    build: (stream) => stream.chunks(2),
    model: (all) => all.flatMap((_, index) => (index % 2 === 0 ? [all.slice(index, index + 2)] : [])),
    asks: [2, 4, 6],
    flushes: true,
    bad: [
      [[], 'TypeError: chunks: size must be a positive integer, got undefined'],
      ...count('chunks', POSITIVE, [0, -1, 1.5, NaN, Infinity], 'size'),
      [[2, null], 'TypeError: chunks: options must be an object, got null'],
      [[2, { within: '5' }], `TypeError: chunks: within must be ${duration(0)}, got '5'`],
      [[2, { within: -1 }], `RangeError: chunks: within must be ${duration(0)}, got -1`],
      [[2, { within: Infinity }], `RangeError: chunks: within must be ${duration(0)}, got Infinity`],
      [[2, { maxWeight: 1 }], 'TypeError: chunks: weight must be a function, got undefined'],
      [[2, { weight: one }], 'TypeError: chunks: maxWeight must be a positive number, got undefined'],
      [[2, { weight: one, maxWeight: 0 }], 'RangeError: chunks: maxWeight must be a positive number, got 0'],
      [[2, { weight: one, maxWeight: NaN }], 'RangeError: chunks: maxWeight must be a positive number, got NaN'],
    ],
  },
  {
    method: 'chunks',
    call: 'chunks(9, { weight, maxWeight })',
    build: (stream) => stream.chunks(9, { weight: () => 2, maxWeight: 5 }),
    model: pairs,
    asks: [3, 5, 7],
    flushes: true,
    callbacks: [
      {
        name: 'weight',
        build: (stream, weight) => stream.chunks(9, { weight, maxWeight: 5 }),
        answer: () => 2,
        sync: true,
        bare: true,
      },
    ],
  },
  {
    method: 'chunks',
    call: 'chunks(2, { within: 1000 })',
    fair: true,
    build: (stream) => stream.chunks(2, { within: 1000 }),
    model: pairs,
    asks: [2, 4, 6],
    ahead: [4, 6, 8],
    flushes: true,
  },
  {
    method: 'chunks',
    call: 'chunks(9, { within: 1000, weight, maxWeight })',
    fair: true,
    build: (stream) => stream.chunks(9, { within: 1000, weight: () => 2, maxWeight: 5 }),
    model: pairs,
    asks: [3, 5, 7],
    ahead: [5, 7, 9],
    flushes: true,
    callbacks: [
      {
        name: 'weight',
        build: (stream, weight) => stream.chunks(9, { within: 1000, weight, maxWeight: 5 }),
        answer: () => 2,
        sync: true,
        bare: true,
      },
    ],
  },
  {
    method: 'chunks',
    call: 'chunks(Infinity, { weight, maxWeight })',
    build: (stream) => stream.chunks(Infinity, { weight: () => 2, maxWeight: 5 }),
    model: pairs,
    asks: [3, 5, 7],
    flushes: true,
  },
  {
    method: 'chunks',
    call: 'chunks(Infinity, { within: 1000, weight, maxWeight })',
    fair: true,
    build: (stream) => stream.chunks(Infinity, { within: 1000, weight: () => 2, maxWeight: 5 }),
    model: pairs,
    asks: [3, 5, 7],
    ahead: [5, 7, 9],
    flushes: true,
  },
  {
    method: 'windows',
    call: 'windows(2)',
    build: (stream) => stream.windows(2),
    model: (all) => all.slice(1).map((x, index) => [all[index], x]),
    asks: [2, 3, 4],
    bad: [
      [[], 'TypeError: windows: size must be a positive integer, got undefined'],
      ...count('windows', POSITIVE, [0, -1, 1.5, NaN, Infinity], 'size'),
      [[2, 'some'], "RangeError: windows: undersized must be one of 'only-full', 'allow-partial', got 'some'"],
      [[2, true], 'TypeError: windows: undersized must be a string, got true'],
    ],
  },
  {
    method: 'windows',
    call: "windows(20, 'allow-partial')",
    build: (stream) => stream.windows(20, 'allow-partial'),
    model: (all) =>
      all.length < 20
        ? [all].filter(({ length }) => length > 0)
        : all.slice(19).map((_, index) => all.slice(index, index + 20)),
    asks: [],
    waits: true,
  },
  {
    method: 'chunkBy',
    call: 'chunkBy(key)',
    build: (stream) => stream.chunkBy((_, index) => index >> 1),
    model: (all) => all.flatMap((_, index) => (index % 2 === 0 ? [all.slice(index, index + 2)] : [])),
    asks: [3, 5, 7],
    flushes: true,
    callbacks: [{ name: 'key', build: (stream, fn) => stream.chunkBy(fn), answer: (_, index: number) => index >> 1 }],
    bad: function1('chunkBy', 'key'),
  },
  {
    method: 'chunkWhen',
    call: 'chunkWhen(predicate)',
    build: (stream) => stream.chunkWhen((_previous, _next, index) => index % 2 === 0),
    model: (all) => all.flatMap((_, index) => (index % 2 === 0 ? [all.slice(index, index + 2)] : [])),
    asks: [3, 5, 7],
    flushes: true,
    callbacks: [
      {
        name: 'predicate',
        build: (stream, fn) => stream.chunkWhen(fn),
        answer: (_previous, _next, index: number) => index % 2 === 0,
        calls: [
          [1, 2, 1],
          [2, 3, 2],
          [3, 4, 3],
        ],
      },
    ],
    bad: function1('chunkWhen', 'predicate'),
  },
  {
    method: 'groupByKey',
    call: 'groupByKey(key)',
    fair: true,
    build: (stream) => stream.groupByKey(() => 'key', { buffer: 1 }).flatMap(([, group]) => group),
    model: one,
    asks: [1, 2, 3],
    ahead: [2, 3, 4],
    callbacks: [
      {
        name: 'key',
        build: (stream, fn) => stream.groupByKey(fn, { buffer: 1 }).flatMap(([, group]) => group),
        answer: () => 'key',
      },
    ],
    bad: [
      ...function1('groupByKey', 'key'),
      [[one, null], 'TypeError: groupByKey: options must be an object, got null'],
      [[one, { buffer: 0 }], 'RangeError: groupByKey: buffer must be a positive integer or Infinity, got 0'],
      [[one, { buffer: '1' }], "TypeError: groupByKey: buffer must be a positive integer or Infinity, got '1'"],
      [[one, { maxKeys: 0 }], 'RangeError: groupByKey: maxKeys must be a positive integer or Infinity, got 0'],
      [[one, { maxKeys: NaN }], 'RangeError: groupByKey: maxKeys must be a positive integer or Infinity, got NaN'],
      [
        [one, { idle: -1 }],
        'RangeError: groupByKey: idle must be a number of milliseconds from 0 to 2147483647, got -1',
      ],
      [
        [one, { idle: 2 ** 31 }],
        'RangeError: groupByKey: idle must be a number of milliseconds from 0 to 2147483647, got 2147483648',
      ],
    ],
  },
  {
    method: 'decode',
    call: 'decode()',
    build: (stream) => stream.decode(),
    element: (n) => new TextEncoder().encode(`${n}é`),
    model: (all) => all.map((bytes: Uint8Array) => new TextDecoder().decode(bytes)),
    asks: [1, 2, 3],
    bad: [
      [['latin-9000'], "RangeError: decode: encoding must be one that TextDecoder knows, got 'latin-9000'"],
      [[''], "RangeError: decode: encoding must be one that TextDecoder knows, got ''"],
      [[1], 'TypeError: decode: encoding must be a string, got 1'],
      [['utf-8', null], 'TypeError: decode: options must be an object, got null'],
      [['utf-8', { fatal: 1 }], 'TypeError: decode: fatal must be a boolean, got 1'],
    ],
  },
  {
    method: 'lines',
    call: 'lines()',
    build: (stream) => stream.lines(),
    element: (n) => `line ${n}\n`,
    model: (all) => all.map((line: string) => line.trimEnd()),
    asks: [1, 2, 3],
    bad: [
      [[null], 'TypeError: lines: options must be an object, got null'],
      [[{ maxLength: 0 }], 'RangeError: lines: maxLength must be a positive integer or Infinity, got 0'],
      [[{ maxLength: '9' }], "TypeError: lines: maxLength must be a positive integer or Infinity, got '9'"],
    ],
  },
  {
    method: 'split',
    call: "split(';')",
    build: (stream) => stream.split(';'),
    element: (n) => `${n};`,
    model: (all) => (all.length === 0 ? [] : all.join('').split(';')),
    asks: [1, 2, 3],
    bad: [
      [[], 'TypeError: split: delimiter must be a string, got undefined'],
      [[1], 'TypeError: split: delimiter must be a string, got 1'],
      [[''], "RangeError: split: delimiter must be a non-empty string, got ''"],
    ],
  },
  {
    method: 'catch',
    call: 'catch(fn)',
    build: (stream) => stream.catch(() => ['caught']),
    model: one,
    asks: [1, 2, 3],
    generator: true,
    catches: true,
    inner: { when: 'error', build: (stream, inner) => stream.catch(() => inner) },
    callbacks: [
      {
        name: 'fn',
        build: (stream, fn) => stream.catch(fn),
        answer: () => undefined,
        when: 'error',
        replacesErrors: true,
      },
    ],
    bad: function1('catch'),
  },
  {
    method: 'finally',
    call: 'finally(fn)',
    build: (stream) => stream.finally(() => 'ignored'),
    model: one,
    asks: [1, 2, 3],
    callbacks: [
      { name: 'fn', build: (stream, fn) => stream.finally(fn), answer: () => undefined, when: 'end', bare: true },
    ],
    bad: function1('finally'),
  },
  {
    method: 'pipeThrough',
    call: 'pipeThrough(() => TransformStream)',
    build: (stream) => stream.pipeThrough(() => new TransformStream()),
    model: one,
    asks: [1, 2, 3],
    ahead: [3, 4, 5],
    drops: true,
    generator: true,
    callbacks: [
      {
        name: 'transform',
        build: (stream, fn) => stream.pipeThrough(fn as never),
        answer: () => new TransformStream(),
        when: 'start',
      },
    ],
    bad: refused(
      'pipeThrough: transform must be a { readable, writable } pair of web streams or a Node Duplex',
      undefined,
      null,
      { readable: new ReadableStream() },
      new Writable(),
    ),
  },
  {
    method: 'pipeThrough',
    call: 'pipeThrough(() => Duplex)',
    // A stream that says when it has closed is waited for: that takes more than microtasks.
    build: (stream) =>
      stream.pipeThrough(() => new PassThrough({ objectMode: true, highWaterMark: 1, emitClose: false })),
    // Null ends a Node stream.
    element: (n) => n,
    model: one,
    asks: [1, 2, 3],
    ahead: [4, 5, 6],
    generator: true,
  },
  {
    method: 'pipe',
    call: 'pipe(async function*)',
    build: (stream) =>
      stream.pipe(async function* (above) {
        for await (const value of above) yield value;
      }),
    model: one,
    asks: [1, 2, 3],
    generator: true,
    callbacks: [
      {
        name: 'stage',
        build: (stream, fn) => stream.pipe(fn),
        answer: (above: Stream) => above,
        when: 'start',
        calls: [],
      },
    ],
    bad: function1('pipe', 'stage'),
  },
  {
    method: 'pipe',
    call: 'pipe((stream) => stream)',
    build: (stream) => stream.pipe((above) => above),
    model: one,
    asks: [1, 2, 3],
  },
  {
    method: 'pipe',
    call: 'pipe(async (stream) => stream.map(fn))',
    build: (stream) => stream.pipe(async (above) => above.map((x: unknown) => [x])),
    model: (all) => all.map((x) => [x]),
    asks: [1, 2, 3],
    generator: true,
  },
  {
    method: 'pipe',
    call: 'pipe((stream) => stream.pipe(async function*))',
    build: (stream) =>
      stream.pipe((above) =>
        above.pipe(async function* (again) {
          yield* again;
        }),
      ),
    model: one,
    asks: [1, 2, 3],
    generator: true,
  },
];

// --------------------------------------------------------------------------------------------------------- sources

export interface SourceRow extends Row {
  readonly build: () => Stream;
  /** Its first elements: all of them, where it ends. */
  readonly elements: readonly unknown[];
  readonly endless?: true;
  /** Gives streams that can be run once. */
  readonly once?: true;
  readonly callbacks?: readonly Callback<Stream, void>[];
}

async function* ENDLESS(): AsyncGenerator<string> {
  for (;;) yield 'endless';
}

const PAGES: Readonly<Record<number, number[]>> = { 1: [1, 2], 2: [3, 4], 3: [5] };

/** A producer that waits for each push. */
function pushing(...values: unknown[]) {
  return async (push: Push<unknown>): Promise<void> => {
    for (const value of values) await push(value);
  };
}

const EMITTER = new EventEmitter();

/** Emits the values when somebody listens. */
function emitting(...values: unknown[]): EventEmitter {
  const emitter = new EventEmitter();
  emitter.on('newListener', (name) => {
    if (name !== 'data') return;
    queueMicrotask(() => {
      for (const value of values) emitter.emit('data', value);
      emitter.emit('end');
    });
  });
  return emitter;
}

export const sources: readonly SourceRow[] = [
  {
    method: 'from',
    call: 'from(array)',
    build: () => AsyncStream.from([1, Promise.resolve(2), 3]),
    elements: [1, 2, 3],
    bad: (
      [
        [undefined, 'undefined'],
        [null, 'null'],
        [5, '5'],
        [true, 'true'],
        [{}, '[object Object]'],
        [{ next: 1 }, '[object Object]'],
        [{ [Symbol.iterator]: [] }, '[object Object]'],
        [Symbol.iterator, 'Symbol(Symbol.iterator)'],
        [new Date(0), '[object Date]'],
        [Promise.resolve([]), '[object Promise]: await it, or pass a function that returns it'],
        [new Response('text'), '[object Response]: pass its body'],
        ['abc', "'abc': for its characters, use [...text]"],
      ] as const
    ).map(([input, got]) => [[input], `TypeError: from: input must be an iterable or an iterator, got ${got}`]),
  },
  {
    method: 'from',
    call: 'from(fn)',
    build: () => AsyncStream.from(async () => [1, 2, 3]),
    elements: [1, 2, 3],
    callbacks: [{ name: 'fn', build: (_, fn) => AsyncStream.from(fn), answer: () => [1, 2, 3], when: 'start' }],
  },
  { method: 'of', call: 'of(...values)', build: () => AsyncStream.of(1, Promise.resolve(2), 3), elements: [1, 2, 3] },
  { method: 'of', call: 'of()', build: () => AsyncStream.of(), elements: [] },
  {
    method: 'range',
    call: 'range(0)',
    build: () => AsyncStream.range(0),
    elements: [0, 1, 2, 3],
    endless: true,
    bad: [
      [[], 'TypeError: range: start must be a finite number, got undefined'],
      [['0'], "TypeError: range: start must be a finite number, got '0'"],
      [[NaN], 'RangeError: range: start must be a finite number, got NaN'],
      [[Infinity], 'RangeError: range: start must be a finite number, got Infinity'],
      [[0, '5'], "TypeError: range: end must be a number, got '5'"],
      [[0, null], 'TypeError: range: end must be a number, got null'],
      [[0, NaN], 'RangeError: range: end must be a number, got NaN'],
      [[0, 5, 0], 'RangeError: range: step must be a finite number other than 0, got 0'],
      [[0, 5, NaN], 'RangeError: range: step must be a finite number other than 0, got NaN'],
      [[0, 5, Infinity], 'RangeError: range: step must be a finite number other than 0, got Infinity'],
      [[0, 5, '1'], "TypeError: range: step must be a finite number other than 0, got '1'"],
    ],
  },
  { method: 'range', call: 'range(3, 0, -1)', build: () => AsyncStream.range(3, 0, -1), elements: [3, 2, 1] },
  {
    method: 'unfold',
    call: 'unfold(seed, step)',
    build: () => AsyncStream.unfold(1, (n: number) => (n < 4 ? [n, n + 1] : null)),
    elements: [1, 2, 3],
    callbacks: [
      {
        name: 'step',
        build: (_, fn) => AsyncStream.unfold(1, fn),
        answer: (n: number) => (n < 4 ? [n, n + 1] : undefined),
        calls: [[1], [2]],
      },
    ],
    bad: [
      [[0], 'TypeError: unfold: step must be a function, got undefined'],
      [[0, 'x'], "TypeError: unfold: step must be a function, got 'x'"],
    ],
  },
  {
    method: 'paginate',
    call: 'paginate(fetchPage)',
    build: () => AsyncStream.paginate<any>(async ({ page }) => PAGES[page] ?? []),
    elements: [1, 2, 3, 4, 5],
    callbacks: [
      {
        name: 'fetchPage',
        build: (_, fn) => AsyncStream.paginate<any>(fn),
        answer: ({ page }: { page: number }) => PAGES[page] ?? [],
        calls: [],
      },
      {
        name: 'items',
        build: (_, items) =>
          AsyncStream.paginate<any, any>(({ page }) => ({ rows: PAGES[page] ?? [] }), { items } as any),
        answer: ({ rows }: { rows: unknown[] }) => rows,
        sync: true,
        bare: true,
      },
      {
        name: 'next',
        build: (_, next) => AsyncStream.paginate<any, any>(({ page }) => PAGES[page]!, { next } as any),
        answer: (page: number[]) => (page.length === 2 ? 0 : null),
        sync: true,
        bare: true,
      },
      {
        name: 'totalPages',
        build: (_, totalPages) => AsyncStream.paginate<any>(({ page }) => PAGES[page]!, { totalPages } as any),
        answer: () => 3,
        sync: true,
        bare: true,
      },
    ],
    bad: [
      ...function1('paginate', 'fetchPage'),
      [[one, null], 'TypeError: paginate: options must be an object, got null'],
      [[one, { items: 1 }], 'TypeError: paginate: items must be a function, got 1'],
      [[one, { next: 1 }], 'TypeError: paginate: next must be a function, got 1'],
      [[one, { totalPages: -1 }], 'RangeError: paginate: totalPages must be a non-negative integer, got -1'],
      [[one, { totalPages: NaN }], 'RangeError: paginate: totalPages must be a non-negative integer, got NaN'],
      [[one, { totalPages: '3' }], "TypeError: paginate: totalPages must be a non-negative integer, got '3'"],
      [[one, { size: 0 }], 'RangeError: paginate: size must be a positive integer, got 0'],
      [[one, { size: Infinity }], 'RangeError: paginate: size must be a positive integer, got Infinity'],
      [[one, { stopOnShortPage: true }], 'TypeError: paginate: size must be a positive integer, got undefined'],
      [[one, { size: 5, stopOnShortPage: 1 }], 'TypeError: paginate: stopOnShortPage must be a boolean, got 1'],
      [[one, { firstPage: 0.5 }], 'RangeError: paginate: firstPage must be a non-negative integer, got 0.5'],
      [[one, { prefetch: Infinity }], 'RangeError: paginate: prefetch must be a non-negative integer, got Infinity'],
      [[one, { pages: 'x' }], "TypeError: paginate: pages must be a boolean, got 'x'"],
    ],
  },
  {
    method: 'paginate',
    call: 'paginate(fetchPage, { prefetch: 2, pages: true })',
    build: () => AsyncStream.paginate<any>(async ({ page }) => PAGES[page] ?? [], { prefetch: 2, pages: true }),
    elements: [[1, 2], [3, 4], [5]],
  },
  {
    method: 'concat',
    call: 'concat(...inputs)',
    build: () => AsyncStream.concat([1, 2], [], AsyncStream.of(3)),
    elements: [1, 2, 3],
    bad: inputs('concat'),
  },
  {
    method: 'merge',
    call: 'merge(...inputs)',
    build: () => AsyncStream.merge([1, 3], AsyncStream.of(2)),
    elements: [1, 2, 3],
    beside: { build: (...all) => AsyncStream.merge(...all) },
    bad: inputs('merge'),
  },
  {
    method: 'mergeKeyed',
    call: 'mergeKeyed({ a, b })',
    build: () => AsyncStream.mergeKeyed({ a: [1, 3], b: AsyncStream.of(2) }),
    elements: [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ],
    beside: { build: (a, b, c) => AsyncStream.mergeKeyed({ a, b, c }) },
    bad: namedInputs('mergeKeyed'),
  },
  {
    method: 'zip',
    call: 'zip([a, b])',
    build: () => AsyncStream.zip([[1, 2], AsyncStream.of(3, 4, 5)]),
    elements: [
      [1, 3],
      [2, 4],
    ],
    beside: { build: (...all) => AsyncStream.zip(all) },
    bad: [
      ...listOfInputs('zip'),
      ...zipOptions('zip', []),
      [[[], { padding: {} }], 'TypeError: zip: padding must be an array, got [object Object]'],
    ],
  },
  {
    method: 'zip',
    call: "zip([a, b], { mode: 'longest' })",
    build: () => AsyncStream.zip([[1, 2], AsyncStream.of(3)], { mode: 'longest' }),
    elements: [
      [1, 3],
      [2, undefined],
    ],
    beside: { build: (...all) => AsyncStream.zip(all, { mode: 'longest' }) },
  },
  {
    method: 'zip',
    call: "zip([a, b], { mode: 'strict' })",
    build: () => AsyncStream.zip([[1, 2], AsyncStream.of(3, 4)], { mode: 'strict' }),
    elements: [
      [1, 3],
      [2, 4],
    ],
    beside: { build: (...all) => AsyncStream.zip(all, { mode: 'strict' }) },
  },
  {
    method: 'zipKeyed',
    call: 'zipKeyed({ a, b })',
    build: () => AsyncStream.zipKeyed({ a: [1, 2], b: AsyncStream.of(3, 4, 5) }),
    elements: [
      { a: 1, b: 3 },
      { a: 2, b: 4 },
    ],
    beside: { build: (a, b, c) => AsyncStream.zipKeyed({ a, b, c }) },
    bad: [
      ...namedInputs('zipKeyed'),
      ...zipOptions('zipKeyed', {}),
      [[{}, { padding: 1 }], 'TypeError: zipKeyed: padding must be an object, got 1'],
    ],
  },
  {
    method: 'combineLatest',
    call: 'combineLatest(...inputs)',
    build: () => AsyncStream.combineLatest([1, 2], AsyncStream.of(3)),
    elements: [
      [1, 3],
      [2, 3],
    ],
    beside: { build: (...all) => AsyncStream.combineLatest(...all) },
    bad: inputs('combineLatest'),
  },
  {
    method: 'race',
    call: 'race(...inputs)',
    build: () => AsyncStream.race([], AsyncStream.of(1, 2), [3]),
    elements: [1, 2],
    beside: { build: (...all) => AsyncStream.race(...all), oneWins: true },
    bad: inputs('race'),
  },
  {
    method: 'interleave',
    call: 'interleave(...inputs)',
    build: () => AsyncStream.interleave([1, 3, 4], AsyncStream.of(2)),
    elements: [1, 2, 3, 4],
    beside: { build: (...all) => AsyncStream.interleave(...all), inTurns: true },
    bad: inputs('interleave'),
  },
  {
    method: 'mergeSorted',
    call: 'mergeSorted(inputs)',
    build: () => AsyncStream.mergeSorted([[1, 4], AsyncStream.of(2, 3)]),
    elements: [1, 2, 3, 4],
    beside: { build: (...all) => AsyncStream.mergeSorted(all) },
    callbacks: [
      {
        name: 'compare',
        build: (_, fn) => AsyncStream.mergeSorted([[1, 4], AsyncStream.of(2, 3)], fn),
        answer: (a: number, b: number) => a - b,
        sync: true,
        bare: true,
      },
    ],
    bad: [...listOfInputs('mergeSorted'), ...comparison('mergeSorted', [])],
  },
  {
    method: 'interval',
    call: 'interval(1)',
    build: () => AsyncStream.interval(1),
    elements: [0, 1, 2, 3],
    endless: true,
    bad: [
      ...durations('interval', 1, [0, NaN, Infinity, 2 ** 31]),
      [[5, null], 'TypeError: interval: options must be an object, got null'],
      [[5, { immediate: 1 }], 'TypeError: interval: immediate must be a boolean, got 1'],
    ],
  },
  {
    method: 'poll',
    call: 'poll(fn, { every, until })',
    build: () => AsyncStream.poll((index) => index, { every: 0, until: (n) => n === 3 }),
    elements: [0, 1, 2, 3],
    callbacks: [
      {
        name: 'fn',
        build: (_, fn) => AsyncStream.poll(fn, { every: 0, until: (n) => n === 3 }),
        answer: (index: number) => index,
        calls: [[0], [1]],
      },
      {
        name: 'until',
        build: (_, until) => AsyncStream.poll((index) => index, { every: 0, until }),
        answer: (n: number) => n === 3,
        calls: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
    bad: [
      ...function1('poll'),
      [[one], 'TypeError: poll: options must be an object, got undefined'],
      [[one, {}], `TypeError: poll: every must be ${duration(0)}, got undefined`],
      [[one, { every: -1 }], `RangeError: poll: every must be ${duration(0)}, got -1`],
      [[one, { every: 2 ** 31 }], `RangeError: poll: every must be ${duration(0)}, got 2147483648`],
      [[one, { every: 1, until: 1 }], 'TypeError: poll: until must be a function, got 1'],
      [[one, { every: 1, immediate: 'x' }], "TypeError: poll: immediate must be a boolean, got 'x'"],
    ],
  },
  {
    method: 'asCompleted',
    call: 'asCompleted(promises)',
    build: () => AsyncStream.asCompleted([1, Promise.resolve(2), 3]),
    elements: [1, 2, 3],
    bad: [
      [[], 'TypeError: asCompleted: promises must be an iterable, got undefined'],
      [[null], 'TypeError: asCompleted: promises must be an iterable, got null'],
      [[5], 'TypeError: asCompleted: promises must be an iterable, got 5'],
      [[Promise.resolve([])], 'TypeError: asCompleted: promises must be an iterable, got [object Promise]'],
      [[AsyncStream.of(1)], 'TypeError: asCompleted: promises must be an iterable, got [object AsyncStream]'],
    ],
  },
  {
    method: 'using',
    call: 'using(open, use, close)',
    build: () =>
      AsyncStream.using(
        () => ({}),
        () => [1, 2, 3],
        () => undefined,
      ),
    elements: [1, 2, 3],
    callbacks: [
      {
        name: 'open',
        build: (_, fn) => AsyncStream.using(fn, () => [1, 2, 3], one),
        answer: () => ({}),
        when: 'start',
      },
      {
        name: 'use',
        build: (_, fn) => AsyncStream.using(() => 'resource', fn, one),
        answer: () => [1, 2, 3],
        when: 'start',
        calls: [['resource']],
      },
      {
        name: 'close',
        build: (_, fn) =>
          AsyncStream.using(
            async () => 'resource',
            async () => [1, 2, 3],
            fn,
          ),
        answer: () => undefined,
        when: 'end',
        bare: true,
        calls: [['resource']],
      },
    ],
    bad: [
      [[], 'TypeError: using: open must be a function, got undefined'],
      [[one], 'TypeError: using: use must be a function, got undefined'],
      [[one, one, null], 'TypeError: using: close must be a function, got null'],
      [[one, one, one, { settle: 1 }], 'TypeError: using: settle must be a boolean, got 1'],
    ],
  },
  {
    method: 'create',
    call: 'create(producer)',
    build: () => AsyncStream.create(pushing(1, 2, 3)),
    elements: [1, 2, 3],
    callbacks: [
      {
        name: 'producer',
        build: (_, fn) => AsyncStream.create((push, context) => fn(push, context)),
        answer: pushing(1, 2, 3),
        when: 'start',
        calls: [],
      },
      {
        name: 'the cleanup',
        build: (_, fn) =>
          AsyncStream.create((push) => {
            for (const value of [1, 2, 3]) void push(value);
            push.end();
            return fn;
          }),
        answer: () => undefined,
        when: 'end',
        bare: true,
      },
      {
        name: 'the cleanup that is promised',
        build: (_, fn) =>
          AsyncStream.create(async (push) => {
            for (const value of [1, 2, 3]) void push(value);
            push.end();
            return fn;
          }),
        answer: () => undefined,
        when: 'end',
        bare: true,
      },
    ],
    bad: [...function1('create', 'producer'), ...buffering('create', 'non-negative', one)],
  },
  {
    method: 'create',
    call: 'create(producer, { buffer: 0 })',
    build: () => AsyncStream.create(pushing(1, 2, 3), { buffer: 0 }),
    elements: [1, 2, 3],
  },
  {
    method: 'create',
    call: 'create(endless producer)',
    build: () =>
      AsyncStream.create(async (push) => {
        for (let n = 0; await push(n); n++);
      }),
    elements: [0, 1, 2, 3],
    endless: true,
  },
  {
    method: 'channel',
    call: 'channel()',
    build: () => {
      const { stream, push, end } = AsyncStream.channel<number>();
      for (const value of [1, 2, 3]) void push(value);
      end();
      return stream;
    },
    elements: [1, 2, 3],
    once: true,
    bad: buffering('channel', 'non-negative'),
  },
  {
    method: 'fromEvent',
    call: 'fromEvent(emitter, name, { end })',
    build: () => AsyncStream.fromEvent(emitting(1, 2, 3), 'data', { end: 'end' }),
    elements: [1, 2, 3],
    callbacks: [
      {
        name: 'select',
        build: (_, select) => AsyncStream.fromEvent(emitting(1, 2, 3), 'data', { end: 'end', select }),
        answer: one,
        sync: true,
        bare: true,
      },
    ],
    bad: [
      [[], 'TypeError: fromEvent: target must be an EventTarget or an EventEmitter, got undefined'],
      [
        [{ on: one }, 'x'],
        'TypeError: fromEvent: target must be an EventTarget or an EventEmitter, got [object Object]',
      ],
      [[EMITTER], 'TypeError: fromEvent: name must be the name of an event, got undefined'],
      [[EMITTER, ['x']], 'TypeError: fromEvent: name must be the name of an event, got [object Array]'],
      [[EMITTER, 'x', null], 'TypeError: fromEvent: options must be an object, got null'],
      [[EMITTER, 'x', { end: 1 }], 'TypeError: fromEvent: end must be the name of an event, got 1'],
      [[EMITTER, 'x', { error: [null] }], 'TypeError: fromEvent: error must be the name of an event, got null'],
      [[EMITTER, 'x', { eager: 1 }], 'TypeError: fromEvent: eager must be a boolean, got 1'],
      [[EMITTER, 'x', { select: 'x' }], "TypeError: fromEvent: select must be a function, got 'x'"],
      [[EMITTER, 'x', { signal: {} }], 'TypeError: fromEvent: signal must be an AbortSignal, got [object Object]'],
      [[EMITTER, 'x', { buffer: 0 }], 'RangeError: fromEvent: buffer must be a positive integer or Infinity, got 0'],
      [
        [EMITTER, 'x', { overflow: 'block' }],
        "RangeError: fromEvent: overflow must be one of 'error', 'drop-oldest', 'drop-newest', got 'block'",
      ],
    ],
  },
  {
    method: 'fromEvent',
    call: 'fromEvent(emitter, name, { eager: true })',
    build: () => {
      const emitter = new EventEmitter();
      const stream = AsyncStream.fromEvent(emitter, 'data', { end: 'end', eager: true });
      for (const value of [1, 2, 3]) emitter.emit('data', value);
      emitter.emit('end');
      return stream;
    },
    elements: [1, 2, 3],
    once: true,
  },
];

// ------------------------------------------------------------------------------------------------------- terminals

/** Streams and `collectors` have the same methods: of the one they give a promise, of the other a collector. */
export type Ends = Record<string, Callable>;

export interface TerminalRow extends Row {
  /** With an `Ending` as its last argument, or without. */
  readonly end: (on: Ends, ...ending: readonly Ending[]) => any;
  readonly element?: (n: number) => any;
  /** What comes of all elements. */
  readonly model: (elements: any[]) => unknown;
  /** What comes of a stream without any, where that is an error. */
  readonly failsEmpty?: string;
  /** After how many elements of an endless source it has what it wants. */
  readonly stopsAfter?: number;
  /** What it then fails with. */
  readonly fails?: string;
  /** Is no collector. */
  readonly alone?: true;
  /** Has no place for an `Ending`. */
  readonly noEnding?: true;
  readonly callbacks?: readonly Callback<any, Ends>[];
}

const group = (all: any[], key: Callable): Map<unknown, unknown[]> => {
  const groups = new Map<unknown, unknown[]>();
  for (const value of all) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
};
const pair = (n: number) => [`key ${n}`, n];
const bare = (object: object) => Object.assign(Object.create(null) as object, object);
const total = (all: number[]) => all.reduce((sum, x) => sum + x, 0);
const ascend = (a: number, b: number) => a - b;
const parity = (n: number) => n % 2;

function storing(method: 'toMap' | 'toObject', made: (entries: [any, any][]) => unknown): TerminalRow[] {
  return [
    {
      method,
      call: `${method}()`,
      end: (on, ...ending) => on[method]!(undefined, undefined, ...ending),
      element: pair,
      model: made,
      bad: [
        [['x'], `TypeError: ${method}: key must be a function, got 'x'`],
        [[one, 'x'], `TypeError: ${method}: value must be a function, got 'x'`],
        [[undefined, one], `TypeError: ${method}: key must be a function, got undefined`],
        [[one, one, null], `TypeError: ${method}: options must be an object, got null`],
        [[one, one, { merge: 1 }], `TypeError: ${method}: merge must be a function, got 1`],
      ],
    },
    {
      method,
      call: `${method}(key, value, { merge })`,
      end: (on, ending) => on[method]!(parity, one, { merge: (sum: number, n: number) => sum + n, ...ending }),
      model: (all) =>
        made(Array.from(group(all, parity), ([key, values]) => [key, total(values as number[])] as [any, any])),
      callbacks: [
        {
          name: 'key',
          build: (on, fn) => on[method]!(fn, one, { merge: (sum: number, n: number) => sum + n }),
          answer: parity,
        },
        {
          name: 'value',
          build: (on, fn) => on[method]!(parity, fn, { merge: (sum: number, n: number) => sum + n }),
          answer: one,
        },
        {
          name: 'merge',
          build: (on, merge) => on[method]!(parity, one, { merge }),
          answer: (sum: number, n: number) => sum + n,
          bare: true,
          calls: [
            [1, 3, 1],
            [2, 4, 0],
          ],
        },
      ],
    },
  ];
}

function extremes(method: 'min' | 'max', pick: (...numbers: number[]) => number): TerminalRow[] {
  const by = `${method}By`;
  return [
    {
      method,
      call: `${method}()`,
      end: (on, ...ending) => on[method]!(undefined, ...ending),
      model: (all) => (all.length === 0 ? undefined : pick(...all)),
      callbacks: [{ name: 'compare', build: (on, fn) => on[method]!(fn), answer: ascend, sync: true, bare: true }],
      bad: comparison(method),
    },
    {
      method: by,
      call: `${by}(key)`,
      end: (on, ...ending) => on[by]!(one, ...ending),
      model: (all) => (all.length === 0 ? undefined : pick(...all)),
      callbacks: [{ name: 'key', build: (on, fn) => on[by]!(fn), answer: one }],
      bad: function1(by, 'key'),
    },
  ];
}

/** Terminals that ask a predicate, and stop at the third element. */
function searching(method: string, answer: Callable, model: (all: any[]) => unknown): TerminalRow {
  return {
    method,
    call: `${method}(predicate)`,
    end: (on, ...ending) => on[method]!(answer, ...ending),
    model,
    stopsAfter: 3,
    callbacks: [{ name: 'predicate', build: (on, fn) => on[method]!(fn), answer }],
    bad: function1(method, 'predicate'),
  };
}

export const terminals: readonly TerminalRow[] = [
  {
    method: 'toArray',
    call: 'toArray()',
    end: (on, ...ending) => on['toArray']!(...ending),
    model: one,
    bad: [
      [[null], 'TypeError: toArray: options must be an object, got null'],
      [[{ limit: -1 }], 'RangeError: toArray: limit must be a non-negative integer or Infinity, got -1'],
      [[{ limit: '3' }], "TypeError: toArray: limit must be a non-negative integer or Infinity, got '3'"],
    ],
  },
  {
    method: 'toArray',
    call: 'toArray({ limit: 2 })',
    end: (on, ending) => on['toArray']!({ limit: 2, ...ending }),
    model: one,
    stopsAfter: 3,
    fails: 'RangeError: toArray: the stream has more than 2 elements',
  },
  { method: 'toSet', call: 'toSet()', end: (on, ...ending) => on['toSet']!(...ending), model: (all) => new Set(all) },
  ...storing('toMap', (entries) => new Map(entries)),
  ...storing('toObject', (entries) => bare(Object.fromEntries(entries))),
  {
    method: 'groupBy',
    call: 'groupBy(key)',
    end: (on, ...ending) => on['groupBy']!(parity, ...ending),
    model: (all) => group(all, parity),
    callbacks: [{ name: 'key', build: (on, fn) => on['groupBy']!(fn), answer: parity }],
    bad: function1('groupBy', 'key'),
  },
  {
    method: 'countBy',
    call: 'countBy(key)',
    end: (on, ...ending) => on['countBy']!(parity, ...ending),
    model: (all) => new Map(Array.from(group(all, parity), ([key, values]) => [key, values.length])),
    callbacks: [{ name: 'key', build: (on, fn) => on['countBy']!(fn), answer: parity }],
    bad: function1('countBy', 'key'),
  },
  {
    method: 'reduce',
    call: 'reduce(fn, initial)',
    end: (on, ...ending) => on['reduce']!((sum: number, x: number) => sum + x, 0, ...ending),
    model: total,
    callbacks: [
      {
        name: 'fn',
        build: (on, fn) => on['reduce']!(fn, 0),
        answer: (sum: number, x: number) => sum + x,
        calls: [
          [0, 1, 0],
          [1, 2, 1],
        ],
      },
    ],
    bad: function1('reduce'),
  },
  {
    method: 'reduce',
    call: 'reduce(fn)',
    end: (on) => on['reduce']!((sum: number, x: number) => sum + x),
    model: total,
    noEnding: true,
    failsEmpty: 'TypeError: reduce: a stream without elements needs an initial value',
  },
  {
    method: 'forEach',
    call: 'forEach(fn)',
    end: (on, ...ending) => on['forEach']!(() => 'ignored', ...ending),
    model: () => undefined,
    callbacks: [{ name: 'fn', build: (on, fn) => on['forEach']!(fn), answer: () => undefined }],
    bad: function1('forEach'),
  },
  {
    method: 'forEach',
    call: 'forEach(fn, { concurrency: 2 })',
    end: (on, ending) => on['forEach']!(() => 'ignored', { concurrency: 2, ...ending }),
    model: () => undefined,
    bad: concurrency('forEach', one),
  },
  { method: 'count', call: 'count()', end: (on, ...ending) => on['count']!(...ending), model: (all) => all.length },
  { method: 'sum', call: 'sum()', end: (on, ...ending) => on['sum']!(...ending), model: total },
  {
    method: 'average',
    call: 'average()',
    end: (on, ...ending) => on['average']!(...ending),
    model: (all) => total(all) / all.length,
  },
  ...extremes('min', Math.min),
  ...extremes('max', Math.max),
  {
    method: 'top',
    call: 'top(2, compare)',
    end: (on, ...ending) => on['top']!(2, ascend, ...ending),
    model: (all) => all.toSorted(ascend).reverse().slice(0, 2),
    callbacks: [{ name: 'compare', build: (on, fn) => on['top']!(2, fn), answer: ascend, sync: true, bare: true }],
    bad: [
      [[], 'TypeError: top: count must be a non-negative integer, got undefined'],
      ...count('top', NON_NEGATIVE, [-1, 1.5, NaN, Infinity]),
      ...comparison('top', 2),
    ],
  },
  {
    method: 'join',
    call: 'join()',
    end: (on, ...ending) => on['join']!(undefined, ...ending),
    model: (all) => all.join(),
    bad: [[[1], 'TypeError: join: separator must be a string, got 1']],
  },
  searching(
    'some',
    (x) => x > 2,
    (all) => all.some((x) => x > 2),
  ),
  searching(
    'every',
    (x) => x < 3,
    (all) => all.every((x) => x < 3),
  ),
  searching(
    'find',
    (x) => x > 2,
    (all) => all.find((x) => x > 2),
  ),
  searching(
    'findIndex',
    (x) => x > 2,
    (all) => all.findIndex((x) => x > 2),
  ),
  {
    method: 'includes',
    call: 'includes(3)',
    end: (on, ...ending) => on['includes']!(3, ...ending),
    model: (all) => all.includes(3),
    stopsAfter: 3,
  },
  {
    method: 'first',
    call: 'first()',
    end: (on, ...ending) => on['first']!(undefined, ...ending),
    model: (all) => all[0],
    stopsAfter: 1,
    bad: misplacedOptions('first'),
  },
  {
    method: 'last',
    call: 'last()',
    end: (on, ...ending) => on['last']!(undefined, ...ending),
    model: (all) => all.at(-1),
    bad: misplacedOptions('last'),
  },
  {
    method: 'at',
    call: 'at(2)',
    end: (on, ...ending) => on['at']!(2, ...ending),
    model: (all) => all[2],
    stopsAfter: 3,
    bad: [
      [[], 'TypeError: at: index must be an integer, got undefined'],
      [['1'], "TypeError: at: index must be an integer, got '1'"],
      [[NaN], 'RangeError: at: index must be an integer, got NaN'],
      [[0.5], 'RangeError: at: index must be an integer, got 0.5'],
    ],
  },
  { method: 'at', call: 'at(-2)', end: (on, ...ending) => on['at']!(-2, ...ending), model: (all) => all.at(-2) },
  {
    method: 'single',
    call: 'single()',
    end: (on, ...ending) => on['single']!(...ending),
    model: one,
    stopsAfter: 2,
    fails: 'RangeError: single: the stream has more than one element',
    failsEmpty: 'RangeError: single: the stream has no element',
  },
  {
    method: 'isEmpty',
    call: 'isEmpty()',
    end: (on, ...ending) => on['isEmpty']!(...ending),
    model: (all) => all.length === 0,
    stopsAfter: 1,
  },
  {
    method: 'pipeTo',
    call: 'pipeTo(WritableStream)',
    end: (on, ...ending) => on['pipeTo']!(new WritableStream(), ...ending),
    model: () => undefined,
    alone: true,
    bad: [
      ...refused('pipeTo: destination must be a WritableStream or a Node Writable', undefined, null, 'x', {}),
      [[new WritableStream(), null], 'TypeError: pipeTo: options must be an object, got null'],
      [[new WritableStream(), { preventClose: 1 }], 'TypeError: pipeTo: preventClose must be a boolean, got 1'],
      [[new WritableStream(), { preventAbort: 1 }], 'TypeError: pipeTo: preventAbort must be a boolean, got 1'],
    ],
  },
  {
    method: 'pipeTo',
    call: 'pipeTo(Writable)',
    // A stream that says when it has closed is waited for: that takes more than microtasks.
    end: (on, ...ending) =>
      on['pipeTo']!(
        new Writable({ objectMode: true, emitClose: false, write: (_chunk, _encoding, done) => done() }),
        ...ending,
      ),
    model: () => undefined,
    alone: true,
  },
  { method: 'drain', call: 'drain()', end: (on, ...ending) => on['drain']!(...ending), model: () => undefined },
  {
    method: 'collect',
    call: 'collect({ sum, count })',
    end: (on, ...ending) => on['collect']!({ sum: collectors.sum(), count: collectors.count() }, ...ending),
    model: (all) => ({ sum: total(all), count: all.length }),
    callbacks: [
      {
        name: 'collector',
        build: (on, fn) => on['collect']!(fn),
        answer: () => ({ push: () => true, result: () => ({ sum: 55, count: 10 }) }),
        when: 'start',
        sync: true,
        calls: [[]],
      },
      {
        name: 'push',
        build: (on, push) => on['collect']!(() => ({ push, result: () => ({ sum: 55, count: 10 }) })),
        answer: () => true,
        bare: true,
        calls: [[1], [2]],
      },
      {
        name: 'result',
        build: (on, result) => on['collect']!(() => ({ push: () => true, result })),
        answer: () => ({ sum: 55, count: 10 }),
        when: 'complete',
        bare: true,
      },
    ],
    bad: [
      [[], 'TypeError: collect: collector must be a function or an object of functions, got undefined'],
      [[null], 'TypeError: collect: collector must be a function or an object of functions, got null'],
      [[new Map()], 'TypeError: collect: collector must be a function or an object of functions, got [object Map]'],
      [[{ a: 1 }], 'TypeError: collect: a must be a function, got 1'],
    ],
  },
  {
    method: 'collect',
    call: 'collect(custom)',
    end: (on, ...ending) =>
      on['collect']!(
        () => {
          const seen: unknown[] = [];
          return { push: (value: unknown) => seen.push(value) < 2, result: () => seen };
        },
        ...ending,
      ),
    model: (all) => all.slice(0, 2),
    stopsAfter: 2,
  },
  {
    method: 'collect',
    call: 'collect({ first, second })',
    end: (on, ...ending) => on['collect']!({ first: collectors.first(), second: collectors.at(1) }, ...ending),
    model: (all) => ({ first: all[0], second: all[1] }),
    stopsAfter: 2,
  },
];

/** An async version of a callback, which comes to its answer later than in the next turn. */
export function slowly(fn: Callable): Callable {
  return async (...args) => {
    await idle();
    return fn(...args);
  };
}

/** Methods that say what a stream is, and run nothing. */
export const inspections: readonly (keyof AsyncStream<unknown>)[] = ['explain', 'toString'];
