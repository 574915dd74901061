// A fault at every call that a run makes, one after the other: of its source, its other inputs, its inner streams, its
// callbacks, its sink and its cleanups. The call throws, rejects, or hangs and settles when the run is over.
import { Duplex, Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { sources, stages, terminals } from './support/table.ts';
import { idle, outcomeOf, pause } from './support/turns.ts';

type Stream = AsyncStream<any>;
type Kind = 'throws' | 'rejects' | 'hangs, then resolves' | 'hangs, then rejects';
const KINDS: readonly Kind[] = ['throws', 'rejects', 'hangs, then resolves', 'hangs, then rejects'];
const wanted = new Error('wanted');
const upstream = new Error('upstream');
const reason = new Error('aborted');

// Nothing has to wait for a timer here; one that is left running is counted.
beforeAll(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] }));
afterAll(() => void jest.useRealTimers());
beforeEach(() => jest.clearAllTimers());

/** What a run calls, numbered in order; the call number `at` goes wrong. */
class World {
  readonly calls: string[] = [];
  /** Calls of a source after its end, second closings, and overlapping reads. */
  readonly faults: string[] = [];
  /** Settles the call that hangs. */
  late: (() => void) | undefined;
  hung: string | undefined;
  readonly #open = new Set<string>();
  readonly #at: number;
  readonly #kind: Kind;

  constructor(at = 0, kind: Kind = 'throws') {
    this.#at = at;
    this.#kind = kind;
  }

  call(name: string, answer: () => unknown): any {
    this.calls.push(name);
    if (this.calls.length !== this.#at) return answer();
    switch (this.#kind) {
      case 'throws':
        throw wanted;
      case 'rejects':
        return Promise.reject(wanted);
      case 'hangs, then resolves':
      case 'hangs, then rejects':
        this.hung = name;
        return new Promise((resolve, reject) => {
          this.late =
            this.#kind === 'hangs, then rejects' ? () => reject(wanted) : () => resolve(Promise.resolve().then(answer));
        });
    }
  }

  /** Three elements, and an end or an error of its own. */
  source(name: string, element: (n: number) => unknown = (n) => n, error?: Error): AsyncIterable<any> {
    let made = 0;
    return {
      [Symbol.asyncIterator]: (): AsyncIterator<unknown> => {
        const id = `${name}${++made > 1 ? ` ${made}` : ''}`;
        let [n, reading, closed] = [0, false, false];
        const step = async (): Promise<IteratorResult<unknown>> => {
          try {
            return await this.call(`next() of ${name}`, () => {
              if (++n <= 3) return { done: false, value: element(n) };
              this.#open.delete(id);
              if (error !== undefined) throw error;
              return { done: true, value: undefined };
            });
          } catch (error) {
            this.#open.delete(id);
            throw error;
          }
        };
        return {
          next: () => {
            if (reading) this.faults.push(`${id}: overlapping next()`);
            if (closed) this.faults.push(`${id}: next() after its end`);
            this.#open.add(id);
            reading = true;
            const result = step();
            // Until the run gets to know of it, the source is in the middle of it.
            const told = () => (reading = false);
            result.then(told, told);
            return result;
          },
          return: async () => {
            if (closed) this.faults.push(`${id}: closed twice`);
            closed = true;
            this.#open.delete(id);
            return this.call(reading ? `a return() of ${name} that nobody waits for` : `return() of ${name}`, () => ({
              done: true,
              value: undefined,
            }));
          },
        };
      },
    };
  }

  stream(element?: (n: number) => unknown, error?: Error): Stream {
    return AsyncStream.from(this.source('the source', element, error));
  }

  left(): string[] {
    return [...this.faults, ...Array.from(this.#open, (name) => `${name}: left open`)];
  }
}

/** A run in a world, with a signal that ends it. */
type Run = (world: World, signal: AbortSignal) => Promise<unknown>;

/** Runs it until nothing goes on any more, then aborts it, and then settles what hangs. */
async function course(
  run: Run,
  world: World,
): Promise<{ outcome: unknown; by: 'itself' | 'abort' | 'late' | 'nothing' }> {
  const controller = new AbortController();
  let outcome: unknown;
  void outcomeOf(() => run(world, controller.signal)).then((result) => (outcome = result));
  const settled = async () => {
    for (let turns = 0; turns < 12 && outcome === undefined; turns++) {
      await idle();
      jest.advanceTimersByTime(1);
    }
    return outcome !== undefined;
  };
  if (await settled()) return { outcome, by: 'itself' };
  controller.abort(reason);
  if (await settled()) return { outcome, by: 'abort' };
  world.late?.();
  if (await settled()) return { outcome, by: 'late' };
  return { outcome, by: 'nothing' };
}

interface Case {
  readonly name: string;
  readonly run: Run;
  /** Sees to failures of some of its parts itself: they do not fail the run. */
  readonly forgives?: boolean;
  /** Is left by its consumer. */
  readonly leaves?: true;
}

const drains =
  (build: (world: World) => Stream): Run =>
  (world, signal) =>
    build(world).drain({ signal });
const breaks =
  (build: (world: World) => Stream): Run =>
  async (world, signal) => {
    for await (const _element of build(world).withSignal(signal)) break;
  };
const bothWays = (name: string, build: (world: World) => Stream, forgives = false): Case[] => [
  { name: `${name}, to its end`, run: drains(build), forgives },
  { name: `${name}, left at its first element`, run: breaks(build), leaves: true, forgives },
];

const rows = stages.filter(({ repeats }) => !repeats);
const cases: Case[] = [
  ...rows.flatMap((row) => {
    const forgives =
      row.catches === true ||
      /^(mapSettled|switchMap|exhaustMap|race|takeUntil|withLatestFrom|retry|zip)/.test(row.call);
    const made = bothWays(row.call, (world) => row.build(world.stream(row.element)), forgives);
    const { inner, beside } = row;
    if (inner !== undefined) {
      const error = inner.when === 'error' ? upstream : undefined;
      made.push(
        ...bothWays(
          `${row.call} with an inner stream`,
          (world) => inner.build(world.stream(row.element, error), world.source('the inner stream')),
          forgives,
        ),
      );
    }
    if (beside !== undefined) {
      made.push(
        ...bothWays(
          `${row.call} of several inputs`,
          (world) => beside.build(world.source('input 1'), world.source('input 2')),
          forgives || beside.oneWins === true,
        ),
      );
    }
    for (const { name, build, answer, sync, settles, when } of row.callbacks ?? []) {
      if (sync) continue;
      const error = when === 'error' ? upstream : undefined;
      made.push(
        ...bothWays(
          `${row.call}, ${name}`,
          (world) => build(world.stream(row.element, error), (...args) => world.call(name, () => answer(...args))),
          settles === true || forgives,
        ),
      );
    }
    return made;
  }),
  ...sources.flatMap(({ call, beside }) =>
    beside === undefined
      ? []
      : bothWays(
          call,
          (world) => beside.build(world.source('input 1'), world.source('input 2')),
          beside.oneWins === true || call.startsWith('zip'),
        ),
  ),
];

const sinks: Case[] = [
  {
    name: 'pipeTo(WritableStream)',
    run: (world, signal) => world.stream().pipeTo(writableStream(world), { signal }),
  },
  {
    name: 'pipeTo(Writable)',
    run: (world, signal) => world.stream().pipeTo(writable(world), { signal }),
  },
  ...bothWays('pipeThrough(TransformStream)', (world) =>
    world.stream().pipeThrough(
      () =>
        new TransformStream({
          transform: (value, controller) => world.call('transform()', () => controller.enqueue(value)),
          flush: () => world.call('flush()', () => undefined),
        }),
    ),
  ),
  ...bothWays('pipeThrough(Duplex)', (world) => world.stream().pipeThrough(() => duplex(world))),
];
const callback = (world: World, name: string, done: (error?: Error | null) => void) => {
  let result: unknown;
  try {
    result = world.call(name, () => undefined);
  } catch (error) {
    return done(error as Error);
  }
  Promise.resolve(result).then(() => done(), done);
};

function writableStream(world: World): WritableStream {
  return new WritableStream({
    write: () => world.call('write()', () => undefined),
    close: () => world.call('close()', () => undefined),
    abort: () => world.call('abort()', () => undefined),
  });
}

function writable(world: World): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (_value, _encoding, done) => callback(world, 'write()', done),
    final: (done) => callback(world, 'final()', done),
  });
}

function duplex(world: World): Duplex {
  return new Duplex({
    objectMode: true,
    write(value, _encoding, done) {
      callback(world, 'write()', (error) => {
        if (error == null) this.push(value);
        done(error);
      });
    },
    final(done) {
      callback(world, 'final()', (error) => {
        if (error == null) this.push(null);
        done(error);
      });
    },
    read: () => undefined,
  });
}

const cleanups: Case[] = [
  ...bothWays('finally', (world) => world.stream().finally(() => world.call('finally', () => undefined))),
  ...bothWays('tap({ close })', (world) => world.stream().tap({ close: () => world.call('close', () => undefined) })),
  ...bothWays('using', (world) =>
    AsyncStream.using(
      () => world.call('open', () => 'resource'),
      () => world.source('the source'),
      () => world.call('close', () => undefined),
    ),
  ),
  ...bothWays('create', (world) =>
    AsyncStream.create<number>((push) => {
      for (let n = 1; n <= 3; n++) void push(n);
      push.end();
      return () => world.call('cleanup', () => undefined);
    }),
  ),
  ...terminals
    .filter(({ alone, noEnding }) => !alone && !noEnding)
    .flatMap(({ call, callbacks = [], element, end }) =>
      callbacks
        .filter(({ sync }) => !sync)
        .map(({ name, build, answer }) => ({
          name: `${call}, ${name}`,
          run: (world: World, signal: AbortSignal) =>
            build(world.stream(element).withSignal(signal) as never, (...args) =>
              world.call(name, () => answer(...args)),
            ),
        }))
        .concat(
          callbacks.length > 0
            ? []
            : [{ name: call, run: (world, signal) => end(world.stream(element) as never, { signal }) }],
        ),
    ),
];

/** Right also after the end: closing a resource that was opened too late, and what a web stream does after a late write. */
const BELATED = new Set(['close', 'abort()']);
/** Cleanups: only these may hold up a run that was aborted. */
const CLEANUP = /return\(\)|^close$|abort\(\)|finally|cleanup|^fn$|report|result/;

/** What is wrong with a run whose call number `at` goes wrong; nothing, if it is as it should be. */
async function wrongs({ run, forgives, leaves }: Case, at: number, kind: Kind, plain: unknown): Promise<unknown[]> {
  const world = new World(at, kind);
  const { outcome, by } = await course(run, world);
  const call = `call ${at}, ${world.calls[at - 1]}`;
  const { length } = world.calls;
  world.late?.();
  await pause(3);
  const later = world.calls.slice(length).filter((name) => !BELATED.has(name));
  const found: unknown[] = [...world.left(), ...later.map((name) => `${name} after the end`)];
  if (jest.getTimerCount() > 0) found.push('a timer is left');
  if (by === 'nothing') found.push('it never ends');
  if (by === 'late' && !CLEANUP.test(world.hung!)) found.push('it is held up after its abort');
  // An error that came first wins, and a consumer that has enough does not see the error of what it does not need.
  const passes = forgives === true || 'error' in (plain as object) || (leaves === true && !call.includes(', return()'));
  const allowed = [{ error: wanted }, ...(passes ? [plain] : [])];
  const fails = kind === 'throws' || kind === 'rejects';
  if (fails && !allowed.some((one) => isDeepStrictEqual(one, outcome))) found.push(outcome);
  return found.length > 0 ? [call, ...found] : [];
}

describe.each([...cases, ...sinks, ...cleanups].map((one) => [one.name, one] as const))('%s', (_name, one) => {
  test.each(KINDS)('survives each call that %s', async (kind) => {
    const world = new World();
    const { outcome } = await course(one.run, world);
    const found: unknown[] = [];
    for (let at = 1; at <= world.calls.length; at++) found.push(...(await wrongs(one, at, kind, outcome)));
    expect(found).toEqual([]);
  });
});
