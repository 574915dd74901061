// The laws of the library, each against every stage, source and terminal. What these are is in support/table.ts.
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Collector, collectors, type Ending, StreamConsumedError } from '../lib/index.ts';
import { DONE, iterate, thrown } from './support/iterators.ts';
import { type KindName, kinds, Probe, type ProbeOptions } from './support/probe.ts';
import {
  type Bad,
  type Beside,
  type Callback,
  type Ends,
  inspections,
  slowly,
  type SourceRow,
  sources,
  type StageRow,
  stages,
  type TerminalRow,
  terminals,
} from './support/table.ts';
import { idle, type Outcome, outcomeOf, seenOf, turnsUntilSettled, until } from './support/turns.ts';

const ALL = 10;
/** Microtasks that a run may take to be cancelled: some, for a chain of promises that are ready, and no more. */
const PROMPT = 40;
const FALSY = [undefined, null, 0, '', false, NaN];
const VALUES = [undefined, null, NaN, false, 0, '', new Error('a value'), {}, undefined];
const KINDS = Object.keys(kinds) as KindName[];

const isOneShot = (kind: KindName) => 'oneShot' in kinds[kind];

/** What comes of each kind, under its name. */
async function forKinds<R>(act: (kind: KindName) => R | Promise<R>): Promise<Record<string, R>> {
  const results: Record<string, R> = {};
  for (const kind of KINDS) results[kind] = await act(kind);
  return results;
}

const elementsOf = ({ element = (n) => n }: Pick<StageRow, 'element'>, length = ALL): unknown[] =>
  Array.from({ length }, (_, index) => element(index + 1));

/** What has come of a source before its nth element, where that is an error. */
const resultsBefore = (row: StageRow, n: number): unknown[] => {
  if (row.flushes) return row.model(elementsOf(row, n - 1));
  return row.model(elementsOf(row)).slice(0, row.asks.filter((asked) => asked < n).length);
};

const isEnd = (outcome: Outcome) => 'value' in outcome && (outcome.value as IteratorResult<unknown>).done === true;

async function take(iterator: AsyncIterator<unknown>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for (let i = 0; i < count; i++) taken.push((await iterator.next()).value);
  return taken;
}

/** Turns of the event loop that a source has to see before it has emitted `TURNS * 5000` elements. */
const TURNS = 3;

/** Runs the stage beside a source that never waits, until there were enough turns, and returns how many there were. */
async function turnsBeside({ build, element = (n) => n }: StageRow, kind: string): Promise<number> {
  let turns = 0;
  function turn(): void {
    turns++;
    timer = setImmediate(turn);
  }
  let timer = setImmediate(turn);
  function* restless() {
    for (let n = 1; turns < TURNS && n < TURNS * 5000; n++) yield element(n);
  }
  async function* restlessAsync() {
    yield* restless();
  }
  try {
    const source = AsyncStream.from<any>(kind.startsWith('sync') ? restless : restlessAsync);
    await build(kind.endsWith('dropped') ? source.filter(() => false) : source).drain();
    return Math.min(turns, TURNS);
  } finally {
    clearImmediate(timer);
  }
}

/** A consumer that takes some elements, in each place in which a stream can run. */
const PLACES: Record<string, (stream: AsyncStream<any>, count: number) => AsyncStream<unknown>> = {
  alone: (stream, count) => stream.take(count),
  'in flatMap': (stream, count) => AsyncStream.of(0).flatMap(() => stream.take(count)),
  'after flatMap': (stream, count) =>
    AsyncStream.of(0)
      .flatMap(() => stream)
      .take(count),
  'in flatMap in flatMap': (stream, count) =>
    AsyncStream.of(0).flatMap(() => AsyncStream.of(1).flatMap(() => stream.take(count))),
  'in concurrent flatMap': (stream, count) => AsyncStream.of(0).flatMap(() => stream.take(count), { concurrency: 2 }),
  'after concurrent flatMap': (stream, count) =>
    AsyncStream.of(0)
      .flatMap(() => stream, { concurrency: 2 })
      .take(count),
  'in switchMap': (stream, count) => AsyncStream.of(0).switchMap(() => stream.take(count)),
  'in concat': (stream, count) => AsyncStream.concat(stream.take(count), []),
  'second in concat': (stream, count) => AsyncStream.concat([], stream.take(count)),
  'after concat': (stream, count) => AsyncStream.concat([], stream).take(count),
  'in prepend': (stream, count) => AsyncStream.from([]).prepend().concat(stream).take(count),
  'in repeat': (stream, count) => stream.take(count).repeat(1),
  'after repeat': (stream, count) => stream.repeat(1).take(count),
  'in pipe': (stream, count) => stream.pipe((upstream) => upstream.take(count)),
  'before pipe': (stream, count) => stream.take(count).pipe((upstream) => upstream),
  'after pipe': (stream, count) => stream.pipe((upstream) => upstream).take(count),
  'before a generator in pipe': (stream, count) =>
    stream.take(count).pipe(async function* (upstream) {
      yield* upstream;
    }),
  'after a generator in pipe': (stream, count) =>
    stream
      .pipe(async function* (upstream) {
        yield* upstream;
      })
      .take(count),
  'in merge': (stream, count) => AsyncStream.merge(stream.take(count), []),
  'after merge': (stream, count) => AsyncStream.merge(stream, []).take(count),
  'before buffer': (stream, count) => stream.take(count).buffer(2),
  'before catch': (stream, count) => stream.take(count).catch(() => ['caught']),
  'after catch': (stream, count) => stream.catch(() => ['caught']).take(count),
  'in catch': (stream, count) =>
    AsyncStream.from(() => {
      throw new Error('first');
    }).catch(() => stream.take(count)),
  'in expand': (stream, count) =>
    AsyncStream.of(0)
      .expand(() => stream.take(count), { maxDepth: 1 })
      .drop(1),
  'in expand, depth first': (stream, count) =>
    AsyncStream.of(0)
      .expand(() => stream.take(count), { order: 'depth', maxDepth: 1 })
      .drop(1),
  'by an iterator': (stream, count) => AsyncStream.from(() => stream.take(count)[Symbol.asyncIterator]()),
  'by chunks': (stream, count) => stream.chunks(count).take(1).flat(),
};

/** A cleanup that takes its time. */
const cleaning = (name: string, log: string[], act?: () => unknown) => async () => {
  log.push(name);
  act?.();
  await idle().then(idle);
  log.push(`${name} done`);
};

/** The ways in which a callback leaves its own run at its first element, and goes on. */
const LEFT_WITHIN: readonly ((stream: AsyncStream<unknown>) => Promise<unknown>)[] = [
  async function abort(stream) {
    const controller = new AbortController();
    const run = stream.forEach(() => controller.abort('stop'), { signal: controller.signal });
    expect(await outcomeOf(() => run)).toEqual({ error: 'stop' });
  },
  async function abortInLoop(stream) {
    const controller = new AbortController();
    const run = seenOf(stream.withSignal(controller.signal).tap(() => controller.abort('stop')));
    expect(await run).toEqual({ seen: [], error: 'stop' });
  },
  async function leave(stream) {
    let returned: unknown;
    const iterator = iterate(stream.tap(() => void (returned = iterator.return!())));
    await iterator.next();
    await returned;
  },
];

// --------------------------------------------------------------------------------------------------------- the table

describe('the table of laws', () => {
  const functionsOf = (object: object) =>
    Object.getOwnPropertyNames(object).filter(
      (name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(object, name)!.value === 'function',
    );
  const methodsIn = (...rows: { method: string }[][]) => [...new Set(rows.flat().map(({ method }) => method))].sort();

  test('has a row for every method of a stream, and no other', () => {
    const methods = [...methodsIn([...stages], [...terminals]), ...inspections];
    expect(methods.sort()).toEqual(functionsOf(AsyncStream.prototype).sort());
  });

  test('has a row for every source, and no other', () => {
    expect([...methodsIn([...sources]), 'traceOf'].sort()).toEqual(functionsOf(AsyncStream).sort());
  });

  test('has a row for every collector, and no other', () => {
    expect(methodsIn(terminals.filter(({ alone }) => !alone))).toEqual(Object.keys(collectors).sort());
  });

  test('gives each row a name of its own', () => {
    const calls = [...stages, ...sources, ...terminals].map(({ call }) => call);
    expect(calls).toEqual([...new Set(calls)]);
  });
});

// ------------------------------------------------------------------------------------------------------------ stages

describe.each(stages.map((row) => [row.call, row] as const))('%s', (_, row) => {
  const { build, model, asks, stopsAfter } = row;
  const elements = elementsOf(row);
  const results = model(elements);
  /** After how many results the source has been opened. */
  const opening = row.waits ? 1 : asks.findIndex((asked) => asked > 0) + 1;
  const options: ProbeOptions = row.element === undefined ? {} : { element: row.element };
  const endless = (more: ProbeOptions = {}) => new Probe({ ...options, ...more });
  const finite = (more: ProbeOptions = {}) => endless({ length: ALL, ...more });
  /** Where it reads ahead, until the source is no longer in the middle of producing a value. */
  const pause = () => (row.ahead === undefined ? undefined : idle().then(idle));
  const paused = (stream: AsyncStream<unknown>) => (row.ahead === undefined ? stream : stream.tap(pause));

  function expectAsked(asked: number[]): void {
    if (row.ahead === undefined) return expect(asked).toEqual(asks);
    asked.forEach((pulled, index) => expect(pulled).toBeLessThanOrEqual(row.ahead![index]!));
  }

  /** As long as it takes for it to give something. */
  const lasting = row.waits ? finite : endless;

  describe('can be looked into: it', () => {
    test('says its name and its source, and runs nothing', () => {
      const probe = finite();
      const stream = build(probe.stream);
      const called = [stream.explain(), ...(stream.explain().source.inputs ?? [])].flatMap(
        ({ source, stages: all }) => [source, ...all],
      );
      if (!['named', 'iterator', 'toReadableStream'].includes(row.method))
        expect(called.map(({ method }) => method)).toContain(row.method);
      expect(called.map(({ method }) => method)).toContain('from');
      expect(stream.toString()).toContain('from(');
      expect(probe.opened).toBe(0);
    });
  });

  describe('is lazy: it', () => {
    test('touches nothing when it is put on a stream', async () => {
      const probe = finite();
      build(probe.stream);
      await idle();
      expect(probe.log).toEqual([]);
    });

    test('asks for no more elements than its results need', async () => {
      const probe = endless();
      const iterator = iterate(build(probe.stream));
      const asked: number[] = [];
      for (let result = 0; result < asks.length; result++) {
        expect(await iterator.next()).toEqual({ done: false, value: results[result] });
        await idle();
        asked.push(probe.pulled);
      }
      expectAsked(asked);
      await iterator.return!();
      expect(probe.faults()).toEqual([]);
    });

    test('asks for nothing more where the stream ends with a result that it gave', async () => {
      const asked: number[] = [];
      for (let count = 1; count <= asks.length; count++) {
        const probe = endless();
        expect(await build(probe.stream).take(count).toArray()).toEqual(results.slice(0, count));
        asked.push(probe.pulled);
        expect(probe.faults()).toEqual([]);
        expect(probe.closed).toBe(probe.opened);
      }
      expectAsked(asked);
    });

    test('opens nothing where nothing is wanted', async () => {
      const probe = finite();
      expect(await build(probe.stream).take(0).toArray()).toEqual([]);
      expect(probe.log).toEqual([]);
    });

    test('closes a given iterator that is not wanted, and does not start it', async () => {
      const probe = finite({ kind: 'given async iterator' });
      expect(await build(probe.stream).take(0).toArray()).toEqual([]);
      expect(probe.log).toEqual(['close', 'closed']);
    });

    if (stopsAfter !== undefined) {
      test('closes an endless source by itself, with the last element that it needs', async () => {
        const probe = endless();
        expect(await build(probe.stream).toArray()).toEqual(results);
        expect([probe.pulled, probe.closed]).toEqual([stopsAfter, 1]);
      });

      test('opens no source that follows the last element that it needs', async () => {
        const probe = endless();
        const stream = AsyncStream.from(elementsOf(row, stopsAfter)).concat(probe.stream);
        expect(await build(stream).toArray()).toEqual(results);
        expect(probe.log).toEqual([]);
      });
    }
  });

  describe('takes every value for a value: it', () => {
    test('gives what is to be given of a source that ends', async () => {
      const probe = finite();
      expect(await build(probe.stream).toArray()).toEqual(results);
      expect(probe.faults()).toEqual([]);
      const [passes, closed] = [row.repeats ? 2 : 1, stopsAfter === undefined ? 0 : 1];
      expect([probe.opened, probe.closed]).toEqual([passes, closed]);
    });

    test('gives the same to a for await loop', async () => {
      const probe = finite();
      expect(await seenOf(build(probe.stream))).toEqual({ seen: results });
      expect(probe.faults()).toEqual([]);
    });

    test('gives what is to be given of an empty source', async () => {
      const probe = endless({ length: 0 });
      expect(await build(probe.stream).toArray()).toEqual(model([]));
      expect(probe.faults()).toEqual([]);
    });

    if (row.element === undefined) {
      test.each(['async iterable', 'sync iterable'] as const)(
        'gives undefined, null, NaN and errors of a %s',
        async (kind) => {
          const probe = new Probe({ kind, element: (n) => VALUES[n - 1], length: VALUES.length });
          expect(await build(probe.stream).toArray()).toStrictEqual(model(VALUES));
        },
      );
    }
  });

  describe('closes what it opened: the source is', () => {
    test('closed once when the loop breaks off', async () => {
      const probe = lasting();
      let seen = 0;
      for await (const _value of build(probe.stream)) if (++seen === opening) break;
      expect(probe.faults()).toEqual([]);
      expect(probe.closed).toBe(row.waits ? 0 : 1);
    });

    test('closed once when the body of the loop throws', async () => {
      const probe = lasting();
      const error = new Error('body');
      let seen = 0;
      const loop = async () => {
        for await (const _value of build(probe.stream)) if (++seen === opening) throw error;
      };
      expect(await outcomeOf(loop)).toStrictEqual({ error });
      expect(probe.faults()).toEqual([]);
      expect(probe.closed).toBe(row.waits ? 0 : 1);
    });

    test('closed once when a later callback throws or rejects', async () => {
      const error = new Error('later');
      const ways = [() => Promise.reject(error), () => thrown(error)];
      for (const fail of ways) {
        const probe = lasting();
        expect(
          await outcomeOf(() =>
            build(probe.stream)
              .drop(opening - 1)
              .map(fail)
              .toArray(),
          ),
        ).toStrictEqual({ error });
        expect(probe.faults()).toEqual([]);
        expect(probe.closed).toBe(row.waits ? 0 : 1);
      }
    });

    test('not closed after it has failed, and its very error is passed on after the results before it', async () => {
      for (const error of [new Error('source'), ...FALSY]) {
        const probe = endless({ failAt: 2, error });
        const seen = resultsBefore(row, 2);
        const expected = row.catches ? { seen: [...seen, 'caught'] } : { seen, error };
        expect(await seenOf(build(probe.stream))).toStrictEqual(expected);
        expect(probe.faults()).toEqual([]);
        expect(probe.closed).toBe(0);
      }
    });

    test.each(Object.keys(PLACES))(
      'failing after a consumer has all it needs, which does not see it: %s',
      async (place) => {
        for (const failAt of row.drops ? [2] : [2, 4]) {
          const seen = resultsBefore(row, failAt);
          for (let count = 1; count <= seen.length; count++) {
            const probe = endless({ failAt, error: new Error('source') });
            const taken = PLACES[place]!(build(probe.stream), count).toArray();
            expect(await outcomeOf(() => taken)).toStrictEqual({ value: seen.slice(0, count) });
            expect(probe.faults()).toEqual([]);
          }
        }
      },
    );

    test('not closed after it has failed at its first element', async () => {
      const error = new Error('source');
      const probe = endless({ failAt: 1, error });
      const expected = row.catches ? { value: ['caught'] } : { error };
      expect(await outcomeOf(() => build(probe.stream).toArray())).toStrictEqual(expected);
      expect([probe.pulled, probe.closed]).toEqual([1, 0]);
    });

    if (!row.waits) {
      const leave: Record<string, (stream: AsyncStream<unknown>) => Promise<unknown>> = {
        'a later take': (stream) => paused(stream).take(opening).toArray(),
        break: async (stream) => {
          let seen = 0;
          for await (const _value of paused(stream)) if (++seen === opening) break;
        },
        'return()': async (stream) => {
          const iterator = iterate(stream);
          await take(iterator, opening);
          await pause();
          await iterator.return!();
        },
      };

      test.each(Object.keys(leave))('closed before the run is over, when it is left by %s', async (how) => {
        const log: string[] = [];
        await leave[how]!(build(endless({ log, close: () => idle().then(idle) }).stream));
        log.push('over');
        expect(log.slice(-3)).toEqual(['close', 'closed', 'over']);
      });

      test.each(Object.keys(leave))('failing to close, where it is left by %s, and that is not lost', async (how) => {
        for (const error of [new Error('close'), undefined]) {
          const probe = endless({ close: () => thrown(error) });
          expect(await outcomeOf(() => leave[how]!(build(probe.stream)))).toStrictEqual({ error });
          expect(probe.closed).toBe(1);
        }
      });

      test('failing to close after an error, and that error comes first, and suppresses the other', async () => {
        const second = new Error('second');
        for (const close of [() => thrown(second), () => idle().then(() => thrown(second))]) {
          const error = new Error('first');
          const probe = endless({ close });
          const fail = () => thrown(error);
          expect(
            await outcomeOf(() =>
              build(probe.stream)
                .drop(opening - 1)
                .map(fail)
                .toArray(),
            ),
          ).toStrictEqual({ error });
          expect(probe.closed).toBe(1);
          expect(AsyncStream.traceOf(error)!.suppressed).toEqual([second]);
        }
      });

      test('closed before the run is over, which is left within a callback', async () => {
        for (const leave of LEFT_WITHIN) {
          for (const kind of ['async iterable', 'sync iterable'] as const) {
            const log: string[] = [];
            const { stream } = endless({ kind });
            const cleaned = build(stream.finally(cleaning('above', log))).finally(cleaning('below', log));
            await leave(cleaned.drop(opening - 1));
            log.push('over');
            expect(log).toEqual(['above', 'above done', 'below', 'below done', 'over']);
          }
        }
      });

      test('closed in order, also if the run ends while or within the first cleanup', async () => {
        for (const when of ['while', 'within']) {
          for (const how of ['abort', 'return']) {
            const log: string[] = [];
            const controller = new AbortController();
            let left: unknown;
            const leave = () => (left = how === 'abort' ? controller.abort('stop') : iterator.return!());
            const above = cleaning('above', log, when === 'within' ? leave : undefined);
            const stream = build(endless().stream.finally(above)).finally(cleaning('below', log));
            const first = stream.drop(opening - 1).take(1);
            const iterator = iterate(first.withSignal(controller.signal));
            const ended = outcomeOf(() => take(iterator, 2));
            await until(() => log.length > 0);
            if (when === 'while') void leave();
            await (left ?? ended);
            log.push('over');
            expect(log).toEqual(['above', 'above done', 'below', 'below done', 'over']);
            await ended;
          }
        }
      });

      test.each(['before', 'after'])('closed before the abort of a signal %s it is passed on', async (where) => {
        const log: string[] = [];
        const controller = new AbortController();
        const reason = new Error('reason');
        const { stream } = endless({ log, close: () => idle().then(idle) });
        const { signal } = controller;
        const aborted = where === 'before' ? build(stream.withSignal(signal)) : build(stream).withSignal(signal);
        const outcome = await outcomeOf(() =>
          paused(aborted)
            .drop(opening - 1)
            .finally(() => log.push('finally'))
            .map(() => controller.abort(reason))
            .toArray(),
        );
        log.push('over');
        expect(outcome).toStrictEqual({ error: reason });
        expect(log.slice(-4)).toEqual(['close', 'closed', 'finally', 'over']);
      });

      test('closed before the error of a callback is passed on', async () => {
        const log: string[] = [];
        const probe = endless({ log, close: () => idle().then(idle) });
        await outcomeOf(() =>
          paused(build(probe.stream))
            .drop(opening - 1)
            .map(() => thrown('later'))
            .toArray(),
        );
        log.push('over');
        expect(log.slice(-3)).toEqual(['close', 'closed', 'over']);
      });
    }
  });

  describe('is an iterator: it', () => {
    test('opens nothing when it is left before its start', async () => {
      const probe = lasting();
      const iterator = iterate(build(probe.stream));
      expect(await iterator.return!()).toEqual(DONE);
      expect(await iterator.next()).toEqual(DONE);
      expect(probe.log).toEqual([]);
    });

    test('closes a given iterator when it is left before its start', async () => {
      const probe = lasting({ kind: 'given async iterator' });
      const iterator = iterate(build(probe.stream));
      expect(await iterator.return!()).toEqual(DONE);
      expect(await iterator.next()).toEqual(DONE);
      expect(probe.log).toEqual(['close', 'closed']);
    });

    test('may be left twice', async () => {
      const probe = lasting({ close: idle });
      const iterator = iterate(build(probe.stream));
      await take(iterator, opening);
      expect(await Promise.all([iterator.return!(), iterator.return!()])).toEqual([DONE, DONE]);
      expect(await iterator.return!()).toEqual(DONE);
      expect(probe.faults()).toEqual([]);
    });

    test('stays at its end', async () => {
      const probe = finite();
      const iterator = iterate(build(probe.stream));
      await take(iterator, results.length);
      expect([await iterator.next(), await iterator.next(), await iterator.return!()]).toEqual([DONE, DONE, DONE]);
      expect(probe.faults()).toEqual([]);
    });

    test('stays at its end after an error', async () => {
      const error = new Error('later');
      const probe = lasting();
      const iterator = iterate(
        build(probe.stream)
          .drop(opening - 1)
          .map(() => thrown(error)),
      );
      expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error });
      expect([await iterator.next(), await iterator.return!(), await iterator.next()]).toEqual([DONE, DONE, DONE]);
      expect(probe.faults()).toEqual([]);
    });

    test('answers calls of next() that did not wait for each other in their order', async () => {
      const probe = finite();
      const iterator = iterate(build(probe.stream));
      const calls = Array.from({ length: results.length + 2 }, () => iterator.next());
      const values = (await Promise.all(calls)).map(({ done, value }) => (done ? 'done' : value));
      expect(values).toEqual([...results, 'done', 'done']);
      expect(probe.faults()).toEqual([]);
    });

    test('fails the first of the calls of next() that did not wait, and ends for the others', async () => {
      const error = new Error('source');
      const probe = endless({ failAt: 1, error });
      const iterator = iterate(build(probe.stream).filter((value) => !['a', 'b', 'caught'].includes(value)));
      const outcomes = await Promise.all([1, 2, 3].map(() => outcomeOf(() => iterator.next())));
      const expected = [row.catches ? { value: DONE } : { error }, { value: DONE }, { value: DONE }];
      expect(outcomes).toStrictEqual(expected);
      expect(probe.faults()).toEqual([]);
    });

    test('is no promise', () => {
      const stream = build(finite().stream);
      expect('then' in stream || 'then' in iterate(stream)).toBe(false);
    });
  });

  describe('is cancelled at once: return()', () => {
    const stuckKinds: KindName[] = ['async iterable', 'sync iterable', 'async generator', 'ReadableStream', 'stream'];

    /** Pulled until the source does not answer. */
    async function stuckRun(kind: KindName, close?: () => unknown) {
      const probe = endless({ kind, stuckAt: 2, ...(close === undefined ? {} : { close }) });
      const values: unknown[] = [];
      const iterator = iterate(build(probe.stream).tap((value) => values.push(value)));
      for (;;) {
        const pending = iterator.next();
        await until(() => probe.stuck || values.length > 0);
        await idle();
        if (values.length === 0) return { probe, values, iterator, pending };
        values.length = 0;
      }
    }

    test.each(stuckKinds)('does not wait for a stuck %s', async (kind) => {
      const { probe, values, iterator, pending } = await stuckRun(kind);
      const queued = iterator.next();
      const returned = iterator.return!();
      expect(await turnsUntilSettled(returned)).toBeLessThan(PROMPT);
      expect(await Promise.all([pending, queued, returned])).toEqual([DONE, DONE, DONE]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);

      probe.late!.resolve(elements[1]);
      await idle();
      expect([values, await iterator.next()]).toEqual([[], DONE]);
      expect([probe.closed, probe.pulled, probe.faults()]).toEqual([1, 2, []]);
    });

    test.each(stuckKinds)('swallows the late error of a stuck %s', async (kind) => {
      const { probe, iterator, pending } = await stuckRun(kind);
      await iterator.return!();
      probe.late!.reject(new Error('late'));
      await idle();
      expect(await pending).toEqual(DONE);
    });

    test('does not wait for the cleanup of a source in the middle of a value, and swallows its error', async () => {
      const { probe, iterator, pending } = await stuckRun('async iterable', () => idle().then(() => thrown('late')));
      expect(await turnsUntilSettled(iterator.return!())).toBeLessThan(PROMPT);
      expect(await pending).toEqual(DONE);
      expect(probe.closed).toBe(1);
      await idle();
    });

    test('but the rejection of an aborted run waits for the cleanups above a stuck source', async () => {
      const controller = new AbortController();
      const probe = endless({ stuckAt: 2 });
      let cleaned = false;
      const stream = build(
        probe.stream.finally(async () => {
          await idle();
          cleaned = true;
        }),
      );
      const ended = outcomeOf(() => stream.drain({ signal: controller.signal }));
      await until(() => probe.stuck);
      controller.abort('reason');
      expect([await ended, cleaned]).toEqual([{ error: 'reason' }, true]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    // Of these, the source is read by a run of its own, which is left in its turn.
    if (!row.waits && !['pipe', 'iterator', 'toReadableStream', 'tee', 'partition', 'share'].includes(row.method)) {
      test('and an abort is told to the source at once, also where what is below it takes its time to be closed', async () => {
        const controller = new AbortController();
        const probe = endless();
        let above: AbortSignal | undefined;
        let stuck = false;
        const slow = new Probe({ close: () => idle() });
        const stream = build(
          AsyncStream.from(({ signal }) => {
            above = signal;
            return probe.stream;
          }),
        )
          .drop(opening - 1)
          .flatMap(() => slow.stream)
          .map(() => {
            stuck = true;
            return new Promise(() => undefined);
          });
        const ended = outcomeOf(() => stream.drain({ signal: controller.signal }));
        await until(() => stuck);
        controller.abort('reason');
        expect([above!.aborted, probe.closed]).toEqual([true, 0]);
        expect(await ended).toEqual({ error: 'reason' });
        expect([above!.reason, probe.closed, slow.closed, probe.faults()]).toEqual(['reason', 1, 1, []]);
      });
    }

    if (!row.waits) {
      test('does not wait for a stuck callback after it', async () => {
        const probe = endless();
        let stuck = false;
        const iterator = iterate(
          build(probe.stream)
            .drop(opening - 1)
            .map(() => {
              stuck = true;
              return new Promise(() => undefined);
            }),
        );
        const pending = iterator.next();
        await until(() => stuck);
        const returned = iterator.return!();
        expect(await turnsUntilSettled(returned)).toBeLessThan(PROMPT);
        expect(await pending).toEqual(DONE);
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      });
    }
  });

  if (row.once) {
    test('can be run once: a second run is refused', async () => {
      const probe = finite();
      const stream = build(probe.stream);
      const outcomes = await Promise.all([1, 2].map(() => outcomeOf(() => stream.toArray())));
      expect(outcomes[0]).toEqual({ value: results });
      expect(outcomes[1]).toMatchObject({ error: { name: 'StreamConsumedError' } });
      expect(probe.faults()).toEqual([]);
    });
  } else describe('can be repeated where the source can: it', () => repetitionLaws());

  function repetitionLaws(): void {
    test('gives the same to each run', async () => {
      const probe = finite();
      const stream = build(probe.stream);
      expect([await stream.toArray(), await stream.toArray()]).toEqual([results, results]);
      expect(probe.faults()).toEqual([]);
    });

    test('gives the same to runs at the same time', async () => {
      const probe = finite();
      const stream = build(probe.stream);
      expect(await Promise.all([stream.toArray(), stream.toArray()])).toEqual([results, results]);
    });

    test('gives the same to consumers in turns', async () => {
      const probe = finite();
      const stream = build(probe.stream);
      const [one, other] = [iterate(stream), iterate(stream)];
      const seen: [unknown[], unknown[]] = [[], []];
      for (const _ of results) {
        seen[0].push((await one.next()).value);
        seen[1].push((await other.next()).value);
      }
      expect(seen).toEqual([results, results]);
    });

    test('stays as it is when something is put on it', async () => {
      const stream = build(finite().stream);
      stream.map(() => 'other');
      stream.take(1);
      expect(await stream.toArray()).toEqual(results);
    });

    test('refuses the second run over an iterator, naming it and what to do', async () => {
      const probe = finite({ kind: 'async generator' });
      const stream = build(probe.stream);
      if (!row.repeats) await stream.toArray();
      const { error } = (await outcomeOf(() => stream.filter((value) => value !== 'caught').drain())) as {
        error: unknown;
      };
      const expected = row.catches ? undefined : StreamConsumedError;
      expect(error?.constructor).toBe(expected);
      if (error !== undefined) {
        expect(error).toMatchObject({
          name: 'StreamConsumedError',
          message: expect.stringContaining(
            '[object AsyncGenerator] has been run before, and gives its elements only once: ' +
              'pass a function that makes a new one, as in AsyncStream.from(() => source())',
          ),
          source: probe.input,
        });
      }
      expect(probe.faults()).toEqual([]);
    });
  }

  describe('takes a source of every kind: it', () => {
    const isRefused = (kind: KindName) => row.repeats && isOneShot(kind);

    test('gives what is to be given', async () => {
      const given = await forKinds(async (kind) => {
        const probe = finite({ kind });
        const outcome = await outcomeOf(() => build(probe.stream).toArray());
        return {
          outcome: isRefused(kind) ? (outcome as { error: Error }).error.name : outcome,
          faults: probe.faults(),
        };
      });
      expect(given).toStrictEqual(
        await forKinds((kind) => ({
          outcome: isRefused(kind) ? 'StreamConsumedError' : { value: results },
          faults: [],
        })),
      );
    });

    test('closes it once when the loop breaks off', async () => {
      const closed = await forKinds(async (kind) => {
        const probe = lasting({ kind });
        let seen = 0;
        for await (const _value of build(probe.stream)) if (++seen === opening) break;
        return [probe.closed, ...probe.faults()];
      });
      expect(closed).toEqual(await forKinds(() => [row.waits ? 0 : 1]));
    });

    test('does not close it when it has failed', async () => {
      const error = new Error('source');
      const failed = await forKinds(async (kind) => {
        const probe = finite({ kind, failAt: 2, error });
        return { ...(await seenOf(build(probe.stream))), closed: [probe.closed, ...probe.faults()] };
      });
      const seen = resultsBefore(row, 2);
      const expected = row.catches ? { seen: [...seen, 'caught'] } : { seen, error };
      expect(failed).toStrictEqual(await forKinds(() => ({ ...expected, closed: [0] })));
    });

    test('touches it before the start only to close what was given', async () => {
      const touched = await forKinds(async (kind) => {
        const probe = finite({ kind });
        await iterate(build(probe.stream)).return!();
        return [...probe.log, ...probe.faults()];
      });
      expect(touched).toEqual(await forKinds((kind) => (isOneShot(kind) ? ['close', 'closed'] : [])));
    });

    test('closes what was given in whatever turn it is left', async () => {
      for (let turns = 0; turns < 12; turns++) {
        const probe = endless({ kind: 'given async iterator' });
        const iterator = iterate(build(probe.stream));
        const pending = iterator.next();
        for (let turn = 0; turn < turns; turn++) await null;
        await iterator.return!();
        await pending;
        expect([turns, probe.closed, probe.faults()]).toEqual([turns, 1, []]);
      }
    });
  });

  if (row.inner !== undefined) describe('opens sources of its own: it', () => innerLaws(row));

  if (row.fair || row.ahead !== undefined) {
    describe('is fair: beside a source that never waits', () => {
      const dropped = row.fair === 'to what reaches it' ? [] : ['sync and dropped', 'async and dropped'];
      test.each(['sync', 'async', ...dropped])('timers and I/O get their turns: %s', async (kind) => {
        expect(await turnsBeside(row, kind)).toBe(TURNS);
      });
    });
  }

  if (row.beside !== undefined) describe('has several inputs: it', () => besideLaws(row.beside!));

  for (const callback of row.callbacks ?? []) {
    describe(`asks ${callback.name}: it`, () =>
      callbackLaws(callback, {
        base: () => finite(callback.when === 'error' ? { failAt: 2, error: UPSTREAM } : {}),
        build: (probe, fn) => callback.build(probe.stream, fn),
        stops: stopsAfter !== undefined,
      }));
  }

  describe('checks its arguments: it', () => argumentLaws(row.bad ?? [], (args) => call(finite(), row.method, args)));
});

/** Calls the method with arguments that may be wrong, and sees to it that the source is not touched. */
function call(probe: Probe, method: string, args: readonly unknown[]): void {
  const stream = probe.stream as unknown as Ends;
  try {
    stream[method]!(...args);
  } finally {
    expect(probe.log).toEqual([]);
  }
}

function argumentLaws(bad: readonly Bad[], invoke: (args: readonly unknown[]) => void): void {
  if (bad.length === 0) test('takes none that could be wrong', () => expect(bad).toEqual([]));
  for (const [args, error] of bad) {
    test(`refuses at the call: ${error}`, () => {
      let refusal: unknown;
      try {
        invoke(args);
      } catch (thrown) {
        refusal = thrown;
      }
      expect(String(refusal)).toBe(error);
    });
  }
}

// --------------------------------------------------------------------------------------- stages with inner sources

function innerLaws({ inner, ahead, element = (n) => n }: StageRow): void {
  const { when, first } = inner!;
  /** Where it reads ahead, until the sources are no longer in the middle of producing a value. */
  const pause = () => (ahead === undefined ? undefined : idle().then(idle));
  const build = (outer: AsyncStream<any>, other: any) =>
    ahead === undefined ? inner!.build(outer, other) : inner!.build(outer, other).tap(pause);
  const failure = new Error('upstream');
  /** Both write in one log. */
  function pair(of: ProbeOptions = {}, ofOuter: ProbeOptions = {}): { log: string[]; outer: Probe; inner: Probe } {
    const log: string[] = [];
    const end: ProbeOptions = when === 'end' ? { length: 1 } : when === 'error' ? { failAt: 2, error: failure } : {};
    return {
      log,
      outer: new Probe({ name: 'outer', log, element, ...end, ...ofOuter }),
      inner: new Probe({ name: 'inner', log, element: (n) => `inner ${n}`, ...of }),
    };
  }
  const isInner = (value: unknown) => String(value).startsWith('inner');
  const outerOpen = when === 'element';
  const kindsOfInner =
    when === 'element' ? KINDS.filter((kind) => typeof new Probe({ kind }).input === 'object') : KINDS;

  test.each(kindsOfInner)('gives the elements of an inner source of the kind: %s', async (kind) => {
    const { outer, inner } = pair({ kind, length: 3 }, when === 'element' ? { length: 1 } : {});
    expect(await build(outer.stream, inner.input).filter(isInner).toArray()).toEqual(['inner 1', 'inner 2', 'inner 3']);
    expect([inner.faults(), outer.faults()]).toEqual([[], []]);
    expect([inner.closed, outer.closed]).toEqual([0, 0]);
  });

  test.each(kindsOfInner)(
    'closes the inner source of the kind %s before the outer one when the loop breaks off',
    async (kind) => {
      const { log, outer, inner } = pair({ kind, close: idle });
      for await (const _value of build(outer.stream, inner.input).filter(isInner)) break;
      log.push('over');
      const closing = ['inner close', 'inner closed', ...(outerOpen ? ['outer close', 'outer closed'] : []), 'over'];
      expect(log.slice(-closing.length)).toEqual(closing);
      expect([inner.faults(), outer.faults()]).toEqual([[], []]);
    },
  );

  test('closes the inner source before the outer one when a later stage has enough', async () => {
    const { log, outer, inner } = pair({ close: idle });
    expect(await build(outer.stream, inner.input).filter(isInner).take(2).toArray()).toEqual(['inner 1', 'inner 2']);
    const closing = ['inner close', 'inner closed', ...(outerOpen ? ['outer close', 'outer closed'] : [])];
    expect(log.slice(-closing.length)).toEqual(closing);
    expect([inner.faults(), outer.faults()]).toEqual([[], []]);
    if (ahead === undefined) expect(inner.pulled).toBe(2);
  });

  test('closes both when a later callback throws', async () => {
    const { outer, inner } = pair();
    const error = new Error('later');
    const stream = build(outer.stream, inner.input).filter(isInner);
    expect(await outcomeOf(() => stream.forEach(() => thrown(error)))).toStrictEqual({ error });
    expect([inner.closed, outer.closed]).toEqual([1, outerOpen ? 1 : 0]);
    expect([inner.faults(), outer.faults()]).toEqual([[], []]);
  });

  test('closes the outer source, and not the inner one, when the inner one has failed', async () => {
    for (const error of [new Error('inner'), ...FALSY]) {
      const { outer, inner } = pair({ failAt: 2, error });
      expect(await seenOf(build(outer.stream, inner.input).filter(isInner))).toStrictEqual({
        seen: ['inner 1'],
        error,
      });
      expect([inner.closed, outer.closed]).toEqual([0, outerOpen ? 1 : 0]);
      expect([inner.faults(), outer.faults()]).toEqual([[], []]);
    }
  });

  test('closes the outer source also where closing the inner one fails, and that is not lost', async () => {
    const error = new Error('close');
    const { outer, inner } = pair({ close: () => thrown(error) });
    expect(await outcomeOf(() => build(outer.stream, inner.input).filter(isInner).first())).toStrictEqual({ error });
    expect([inner.closed, outer.closed]).toEqual([1, outerOpen ? 1 : 0]);
  });

  test('passes on the first of two errors of closing, which suppresses the other', async () => {
    const error = new Error('inner');
    const second = new Error('outer');
    const { outer, inner } = pair({ close: () => thrown(error) }, { close: () => thrown(second) });
    const loop = async () => {
      for await (const _value of build(outer.stream, inner.input).filter(isInner)) break;
    };
    expect(await outcomeOf(loop)).toStrictEqual({ error });
    expect([inner.closed, outer.closed]).toEqual([1, outerOpen ? 1 : 0]);
    expect(AsyncStream.traceOf(error)?.suppressed ?? []).toEqual(outerOpen ? [second] : []);
  });

  test.each(['async iterable', 'sync iterable', 'async generator', 'ReadableStream'] as const)(
    'does not wait for a stuck inner %s',
    async (kind) => {
      const { outer, inner } = pair({ kind, stuckAt: 1 });
      const iterator = iterate(build(outer.stream, inner.input).filter(isInner));
      const pending = iterator.next();
      await until(() => inner.stuck);
      const returned = iterator.return!();
      expect(await turnsUntilSettled(returned)).toBeLessThan(PROMPT);
      expect(await pending).toEqual(DONE);
      expect([inner.closed, outer.closed]).toEqual([1, outerOpen ? 1 : 0]);
      expect([inner.faults(), outer.faults()]).toEqual([[], []]);
    },
  );

  test('refuses a given inner iterator the second time, and closes the outer source', async () => {
    const { outer, inner } = pair({ kind: 'async generator', length: 1 }, first ? { length: 1 } : {});
    const stream = build(outer.stream, inner.input);
    const { error } = (await outcomeOf(async () => {
      await stream.drain();
      await stream.drain();
    })) as { error: unknown };
    expect(error).toBeInstanceOf(StreamConsumedError);
    expect([inner.faults(), outer.faults()]).toEqual([[], []]);
  });

  if (when === 'end') {
    test('opens the inner source only when its turn comes', async () => {
      const { log, outer, inner } = pair({ length: 1 });
      await build(outer.stream, inner.input).drain();
      expect(log).toEqual([
        'outer next',
        'outer next',
        'outer exhausted',
        'inner next',
        'inner next',
        'inner exhausted',
      ]);
    });

    test('closes a given inner iterator whose turn never comes because the outer source has failed', async () => {
      const error = new Error('outer');
      const { outer, inner } = pair({ kind: 'given async iterator' }, { failAt: 1, error });
      expect(await outcomeOf(() => build(outer.stream, inner.input).toArray())).toStrictEqual({ error });
      expect([inner.pulled, inner.closed, inner.faults(), outer.faults()]).toEqual([0, 1, [], []]);
    });

    test('closes a given inner iterator whose turn never comes', async () => {
      const { outer, inner } = pair({ kind: 'given async iterator' });
      expect(await build(outer.stream, inner.input).first()).toBe(1);
      expect([inner.pulled, inner.closed, inner.faults(), outer.faults()]).toEqual([0, 1, [], []]);
    });
  }
}

// ------------------------------------------------------------------------------------------ inputs beside each other

function besideLaws({ build, inTurns, oneWins }: Beside): void {
  const PLACES = [0, 1, 2];
  /** Three of them, one of which is another one, writing in one log. */
  function probes(place = -1, other: ProbeOptions = {}, all: ProbeOptions = {}): Probe[] {
    const log: string[] = [];
    return PLACES.map((index) => new Probe({ name: `${index}`, log, ...all, ...(index === place ? other : {}) }));
  }
  const combined = (all: Probe[]): AsyncStream<any> => build(...all.map(({ input }) => input));
  const closedOf = (all: Probe[]) => all.map(({ closed }) => closed);
  const openedOf = (all: Probe[]) => all.map(({ opened }) => opened);
  const faultsOf = (all: Probe[]) => all.flatMap((probe) => probe.faults());
  const pause = () => idle().then(idle);

  /** Pulled until each input is open and none is in the middle of producing a value, but for those that are stuck. */
  async function underWay(stream: AsyncStream<any>) {
    const iterator = iterate(stream);
    const pulls: Promise<Outcome>[] = [];
    for (let pull = 0; pull < (inTurns ? 3 : 1); pull++) {
      pulls.push(outcomeOf(() => iterator.next()));
      await pause();
    }
    return { iterator, pulls };
  }

  if (!oneWins)
    test.each(['sync', 'async'] as const)(
      'lets the others have their turns beside one that never waits: %s',
      async (kind) => {
        let ticks = 0;
        async function* ticking() {
          while (ticks < TURNS) {
            await idle();
            yield [++ticks];
          }
        }
        function* restless() {
          for (let n = 1; ticks < TURNS && n < TURNS * 5000; n++) yield [n];
        }
        async function* restlessAsync() {
          yield* restless();
        }
        await build(kind === 'sync' ? restless() : restlessAsync(), ticking(), ticking()).drain();
        expect(Math.min(ticks, TURNS)).toBe(TURNS);
      },
    );

  test('touches none of them before it is run', async () => {
    const all = probes();
    combined(all);
    await idle();
    expect(all[0]!.log).toEqual([]);
  });

  test.each(KINDS)('takes inputs of the kind: %s', async (kind) => {
    const all = probes(-1, {}, { kind, length: 2 });
    await combined(all).drain();
    expect(faultsOf(all)).toEqual([]);
    expect(closedOf(all).slice(0, 1)).toEqual([0]);
  });

  test('closes given inputs that it does not come to open, at once, and does not start them', async () => {
    const ways: ((stream: AsyncStream<any>) => unknown)[] = [
      (stream) => stream.take(0).drain(),
      (stream) => iterate(stream).return!(),
      (stream) => stream.pipe(() => []).drain(),
      (stream) => AsyncStream.of(1).concat(stream).first(),
    ];
    for (const way of ways) {
      const all = probes(-1, {}, { kind: 'given async iterator', close: idle });
      await way(combined(all));
      expect(all[0]!.log).toEqual(['0 close', '1 close', '2 close', '0 closed', '1 closed', '2 closed']);
      expect(faultsOf(all)).toEqual([]);
    }
  });

  test('closes all of them, none behind another one, and is over when they are closed', async () => {
    const all = probes(-1, {}, { close: pause });
    const { iterator } = await underWay(combined(all));
    const { log } = all[0]!;
    await iterator.return!();
    log.push('over');
    expect([closedOf(all), faultsOf(all)]).toEqual([[1, 1, 1], []]);
    if (!oneWins) {
      expect(log.slice(-7)).toEqual(['0 close', '1 close', '2 close', '0 closed', '1 closed', '2 closed', 'over']);
    }
    expect(log.slice(-2)[1]).toBe('over');
  });

  test('closes all of them when a later callback throws', async () => {
    const error = new Error('later');
    const all = probes();
    const outcome = await outcomeOf(() =>
      combined(all)
        .drop(inTurns ? 2 : 0)
        .map(() => thrown(error))
        .drain(),
    );
    expect(outcome).toStrictEqual({ error });
    expect([closedOf(all), faultsOf(all)]).toEqual([openedOf(all), []]);
  });

  describe.each(oneWins ? [0] : PLACES)('where closing input %d fails', (place) => {
    test('closes the others, and that is not lost', async () => {
      for (const error of [new Error('close'), undefined]) {
        const all = probes(place, { close: () => thrown(error) });
        const { iterator } = await underWay(combined(all));
        expect(await outcomeOf(() => iterator.return!())).toStrictEqual({ error });
        expect(closedOf(all)).toEqual([1, 1, 1]);
      }
    });

    test('passes on an earlier error', async () => {
      const error = new Error('later');
      const all = probes(place, { close: () => thrown(new Error('close')) });
      const fail = () => pause().then(() => thrown(error));
      const stream = combined(all)
        .drop(inTurns ? 2 : 0)
        .map(fail);
      expect(await outcomeOf(() => stream.drain())).toStrictEqual({ error });
      expect(closedOf(all)).toEqual([1, 1, 1]);
    });
  });

  describe.each(PLACES)('where input %d fails', (place) => {
    test('passes on the very error at once, though the others are stuck, and closes these', async () => {
      for (const error of [new Error('input'), ...FALSY]) {
        const all = probes(place, { failAt: 1, error, stuckAt: 0 }, inTurns ? {} : { stuckAt: 1 });
        const run = outcomeOf(() => combined(all).drain());
        expect(await turnsUntilSettled(run)).toBeLessThan(PROMPT);
        expect(await run).toStrictEqual({ error });
        expect([all[place]!.closed, faultsOf(all)]).toEqual([0, []]);
        expect(closedOf(all)).toEqual(openedOf(all).map((opened, index) => (index === place ? 0 : opened)));
      }
    });

    // Of a race, the others are closed before.
    if (oneWins && place > 0) return;

    // In a race, one that does not wait emits before another has failed.
    test.each(oneWins ? (['sync'] as const) : (['sync', 'async'] as const))(
      'at once, passes that on, also beside inputs that end at once: %s',
      async (kind) => {
        const error = new Error('input');
        const failing = { sync: () => thrown(error), async: () => Promise.reject(error) }[kind];
        const inputs = PLACES.map((index) => (index === place ? failing : [[1]]));
        expect(await outcomeOf(() => build(...inputs).drain())).toStrictEqual({ error });
      },
    );

    test.each(['fails', 'times out'])(
      'knows of it before the cleanups of that input are over, which it waits for: %s',
      async (how) => {
        const error = new Error('input');
        const fault = how === 'fails' ? { failAt: 2, error } : { stuckAt: 2 };
        const all = probes(place, fault, { length: 99_999 });
        let finish!: () => void;
        const cleanup = new Promise<void>((resolve) => (finish = resolve));
        const started: string[] = [];
        const inputs = all.map(({ stream }, index) => {
          if (index !== place) return stream.tap(idle);
          const failing = stream.finally(() => (started.push('cleanup'), cleanup));
          return how === 'fails' ? failing : failing.timeout(1);
        });
        const run = outcomeOf(() => build(...inputs).drain());
        await until(() => started.length > 0, 100_000);
        const asked = all.map(({ pulled }) => pulled);
        await pause();
        expect(all.map(({ pulled }) => pulled)).toEqual(asked);
        started.push('finished');
        void run.then(() => started.push('over'));
        finish();
        expect(await run).toStrictEqual({
          error: how === 'fails' ? error : expect.objectContaining({ name: 'TimeoutError' }),
        });
        await idle();
        expect([started, faultsOf(all)]).toEqual([['cleanup', 'finished', 'over'], []]);
      },
    );

    test('waits until the others are closed, whose errors come second', async () => {
      const error = new Error('input');
      const close = () => pause().then(() => thrown(new Error('close')));
      const all = probes(place, { failAt: 2, error }, { close });
      const { log } = all[0]!;
      const outcome = await outcomeOf(() => combined(all).tap(pause).drain());
      log.push('over');
      expect(outcome).toStrictEqual({ error });
      expect(faultsOf(all)).toEqual([]);
      const open = openedOf(all)
        .filter((opened, index) => opened > 0 && index !== place)
        .map(() => 'closed');
      if (!oneWins) expect(log.slice(-1 - open.length).map((step) => step.slice(2))).toEqual([...open, 'er']);
    });
  });

  describe.each(PLACES)('where input %d is stuck', (place) => {
    const stuckKinds: KindName[] = ['async iterable', 'sync iterable', 'async generator', 'ReadableStream', 'stream'];

    test.each(stuckKinds)('is left at once by return(): %s', async (kind) => {
      for (const stuckAt of oneWins && place > 0 ? [1] : [1, 2]) {
        const all = probes(place, { kind, stuckAt });
        const { iterator, pulls } = await underWay(combined(all));
        for (let pull = 0; pull < 9 && !all[place]!.stuck; pull++) {
          pulls.push(outcomeOf(() => iterator.next()));
          await pause();
        }
        const queued = outcomeOf(() => iterator.next());
        const returned = iterator.return!();
        expect(await turnsUntilSettled(returned)).toBeLessThan(PROMPT);
        await Promise.all([...pulls, queued]);
        expect([closedOf(all), faultsOf(all)]).toEqual([openedOf(all), []]);

        const asked = all.map(({ pulled }) => pulled);
        all[place]!.late?.resolve(5);
        await pause();
        expect([await iterator.next(), all.map(({ pulled }) => pulled)]).toEqual([DONE, asked]);
        expect([closedOf(all), faultsOf(all)]).toEqual([openedOf(all), []]);
      }
    });

    test('is ended at once by a signal, and swallows the late error', async () => {
      const all = probes(place, { stuckAt: 1 });
      const controller = new AbortController();
      const reason = new Error('aborted');
      const { iterator, pulls } = await underWay(combined(all).withSignal(controller.signal));
      const pending = outcomeOf(() => iterator.next());
      await pause();
      controller.abort(reason);
      const last = outcomeOf(() => iterator.next());
      expect(await turnsUntilSettled(last)).toBeLessThan(PROMPT);
      expect(await Promise.all([...pulls, pending, last])).toContainEqual({ error: reason });
      expect([closedOf(all), faultsOf(all)]).toEqual([openedOf(all), []]);
      all[place]!.late?.reject(new Error('late'));
      await pause();
    });
  });

  test('takes undefined, null, false, NaN and errors for elements', async () => {
    const all = probes(-1, {}, { element: (n) => VALUES[n - 1], length: VALUES.length });
    expect(await outcomeOf(() => combined(all).drain())).toEqual({ value: undefined });
    expect([openedOf(all).slice(0, 1), faultsOf(all)]).toEqual([[1], []]);
  });
}

// --------------------------------------------------------------------------------------------------------- callbacks

const UPSTREAM = new Error('upstream');

interface Asked {
  /** Ends before its source does. */
  readonly stops?: boolean;
  /** What it is put on. */
  base(): Probe;
  build(probe: Probe, fn: (...args: any[]) => unknown): AsyncStream<any>;
}

/** What holds of each function that is passed to a stage or a source. */
function callbackLaws(
  { when, answer, sync, bare, replacesErrors, settles, own }: Callback<unknown, never>,
  { stops = false, base, build }: Asked,
) {
  const failsAt = when === undefined ? 2 : 1;
  const errors = [new Error('callback'), ...FALSY];
  /** Some fail once their answer comes, and some without giving one. */
  const ways: Record<string, (error: unknown) => unknown> = {
    'is thrown': thrown,
    ...(sync ? {} : { 'it rejects with': (error) => Promise.reject(error) }),
    ...(sync ? {} : { 'it rejects with later': (error) => idle().then(() => thrown(error)) }),
  };
  /** With an error of the source underway, that one came first. */
  const passedOn = (error: unknown) => (when === 'error' && !replacesErrors ? UPSTREAM : error);
  const expected = async () => outcomeOf(() => build(base(), answer).toArray());

  test('calls it for nothing before it runs', async () => {
    let calls = 0;
    build(base(), () => calls++);
    await idle();
    expect(calls).toBe(0);
  });

  if (!sync) {
    test('starts a thenable that it returns only once, however the run ends', async () => {
      const started: number[] = [];
      const lazy = (...args: unknown[]) => {
        const id = started.push(0) - 1;
        const then = (use: (value: unknown) => void) => {
          started[id]!++;
          setImmediate(() => use(answer(...args)));
        };
        return { then };
      };
      await outcomeOf(() => build(base(), lazy).toArray());
      for (let turns = 0; turns < 8; turns++) {
        const iterator = iterate(build(base(), lazy));
        iterator.next().catch(() => undefined);
        for (let turn = 0; turn < turns; turn++) await null;
        await outcomeOf(() => iterator.return!());
      }
      for (let turn = 0; turn < 3; turn++) await idle();
      expect(started).toEqual(started.map((times) => Math.min(times, 1)));
    });
  }

  for (const [how, fail] of settles ? [] : Object.entries(ways)) {
    test(`passes on the very error that ${how}, asks no more, and closes the source`, async () => {
      for (const error of errors) {
        const probe = base();
        let calls = 0;
        const stream = build(probe, (...args) => (++calls === failsAt ? fail(error) : answer(...args)));
        expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error: passedOn(error) });
        expect([calls, probe.faults()]).toEqual([failsAt, []]);
      }
    });

    test(`passes on the very error that ${how} to a for await loop`, async () => {
      const error = new Error('callback');
      const probe = base();
      let calls = 0;
      const stream = build(probe, (...args) => (++calls === failsAt ? fail(error) : answer(...args)));
      expect((await seenOf(stream)).error).toBe(passedOn(error));
      expect([calls, probe.faults()]).toEqual([failsAt, []]);
    });

    if (when === 'end') {
      test(`passes on an earlier error and not the one that ${how}`, async () => {
        const error = new Error('earlier');
        const fn = () => fail(new Error('callback'));
        expect(
          await outcomeOf(() =>
            build(base(), fn)
              .map(() => thrown(error))
              .toArray(),
          ),
        ).toStrictEqual({ error });
      });
    }
  }

  if (when === 'end') {
    const error = new Error('consumer');
    const ends: Record<string, (stream: AsyncStream<any>) => Promise<unknown>> = {
      'comes to its end': (stream) => stream.toArray(),
      'is stopped by a later stage': (stream) => stream.take(1).toArray(),
      'is left by break': async (stream) => {
        for await (const _value of stream) break;
      },
      'is left by an error in the loop': async (stream) => {
        for await (const _value of stream) throw error;
      },
      'fails in a later callback': (stream) => stream.forEach(() => thrown(error)),
    };

    test.each(Object.keys(ends))('calls it once, and waits for it, where the run %s', async (how) => {
      const log: string[] = [];
      const fn = async (...args: unknown[]) => {
        log.push('begin');
        await idle();
        log.push('end');
        return answer(...args) as unknown;
      };
      await outcomeOf(() => ends[how]!(build(base(), fn)));
      log.push('over');
      expect(log).toEqual(['begin', 'end', 'over']);
    });
  }

  if (!sync) {
    test('waits for its promise, and asks for one thing at a time', async () => {
      let running = 0;
      let most = 0;
      const fn = async (...args: unknown[]) => {
        most = Math.max(most, ++running);
        const answered: unknown = await slowly(answer)(...args);
        running--;
        return answered;
      };
      const probe = base();
      expect(await outcomeOf(() => build(probe, fn).toArray())).toStrictEqual(await expected());
      expect([most, running, probe.faults()]).toEqual([1, 0, []]);
    });
  }

  test('gives it the context of the consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores = new Set<unknown>();
    const note = (...args: unknown[]) => {
      stores.add(storage.getStore());
      return answer(...args) as unknown;
    };
    const stream = storage.run('builder', () => build(base(), sync ? note : slowly(note)));
    await storage.run('consumer', () => outcomeOf(() => stream.map(slowly((x) => x)).toArray()));
    expect([...stores]).toEqual(['consumer']);
  });

  if (!bare) {
    const run = async (use: (stream: AsyncStream<any>) => unknown) => {
      const contexts: { signal: AbortSignal }[] = [];
      const stream = build(base(), (...args: any[]) => {
        contexts.push(args.at(-1));
        // Made on first access, and then the same.
        if (!own) expect(contexts.at(-1)!.signal).toBe(contexts[0]!.signal);
        return answer(...args) as unknown;
      });
      await outcomeOf(() => use(stream));
      return contexts.at(-1)!.signal;
    };

    test('gives it a signal that aborts only where the run ends before its source', async () => {
      expect((await run((stream) => stream.toArray())).aborted).toBe(stops);
    });

    // Nothing comes after what is called for an error and answers no stream.
    if (when !== 'error') {
      test('gives it a signal that aborts when a later callback throws', async () => {
        const error = new Error('later');
        expect((await run((stream) => stream.forEach(() => thrown(error)))).reason).toBe(error);
      });

      test('gives it a signal that aborts when the loop breaks off', async () => {
        const leave = async (stream: AsyncStream<any>) => {
          for await (const _value of stream) break;
        };
        expect((await run(leave)).aborted).toBe(true);
      });
    }
  }

  test('lets it call next() of its own stream', async () => {
    const probe = base();
    let queued: Promise<Outcome> | undefined;
    const iterator = iterate(
      build(probe, (...args) => {
        queued ??= outcomeOf(() => iterator.next());
        return answer(...args) as unknown;
      }),
    );
    const outcomes: Outcome[] = [];
    let noted = false;
    while (!outcomes.some(isEnd)) {
      outcomes.push(await outcomeOf(() => iterator.next()));
      if (noted || queued === undefined) continue;
      outcomes.push(await queued);
      noted = true;
    }
    const { seen, ...failed } = await seenOf(build(base(), answer));
    const expected: Outcome[] = seen.map((value) => ({ value: { done: false, value } }));
    if ('error' in failed) expected.push({ error: failed.error });
    expect(outcomes.filter((outcome) => !isEnd(outcome))).toStrictEqual(expected);
    expect(probe.faults()).toEqual([]);
  });

  const leaves: Record<string, (iterator: AsyncIterator<unknown>, args: unknown[]) => unknown> = {
    'and go on': (iterator, args) => {
      void iterator.return!();
      return answer(...args);
    },
    // An error of a cleanup is passed on.
    ...(when !== 'end' && {
      'and throw': (iterator) => {
        void iterator.return!();
        throw new Error('callback');
      },
    }),
    // What is called at the end is what `return()` waits for.
    ...(sync || when === 'end'
      ? {}
      : {
          'and wait for it': async (iterator, args) => {
            await iterator.return!();
            return answer(...args);
          },
        }),
  };

  test.each(Object.keys(leaves))('lets it call return() of its own stream, %s', async (how) => {
    const probe = base();
    let calls = 0;
    const iterator = iterate(
      build(probe, (...args) => {
        calls++;
        return leaves[how]!(iterator, args);
      }),
    );
    let last: Outcome;
    do last = await outcomeOf(() => iterator.next());
    while ('value' in last && !isEnd(last));
    expect(last).toStrictEqual({ value: DONE });
    expect([await iterator.return!(), await iterator.next()]).toEqual([DONE, DONE]);
    // Nothing interrupts a sort.
    if (!sync) expect(calls).toBe(1);
    expect(probe.faults()).toEqual([]);
  });
}

// ----------------------------------------------------------------------------------------------------------- sources

describe.each(sources.map((row) => [row.call, row] as const))('%s', (_, row: SourceRow) => {
  const { build, elements, endless } = row;
  const bounded = () => (endless ? build().take(elements.length) : build());

  test('gives its elements', async () => {
    expect(await bounded().toArray()).toEqual(elements);
  });

  test('gives its elements to a for await loop', async () => {
    expect(await seenOf(bounded())).toEqual({ seen: elements });
  });

  test(row.once ? 'refuses a second run' : 'gives the same to each run, and to runs at the same time', async () => {
    const stream = bounded();
    if (row.once) {
      expect(await stream.toArray()).toEqual(elements);
      return expect(await outcomeOf(() => stream.toArray())).toMatchObject({ error: { name: 'StreamConsumedError' } });
    }
    expect(await Promise.all([stream.toArray(), stream.toArray()])).toEqual([elements, elements]);
    expect(await stream.toArray()).toEqual(elements);
  });

  test('gives as many as are taken', async () => {
    for (let count = 0; count <= elements.length; count++) {
      expect(await build().take(count).toArray()).toEqual(elements.slice(0, count));
    }
  });

  test('may be left before its start, twice, and after its end', async () => {
    const iterator = iterate(bounded());
    expect(await Promise.all([iterator.return!(), iterator.return!(), iterator.next()])).toEqual([DONE, DONE, DONE]);
    const other = iterate(bounded());
    await take(other, elements.length + 1);
    expect([await other.next(), await other.return!()]).toEqual([DONE, DONE]);
  });

  if (elements.length > 0)
    test('is over when all is closed, if a callback leaves it', async () => {
      for (const leave of LEFT_WITHIN) {
        for (let before = 0; before < elements.length; before++) {
          const log: string[] = [];
          const resource = AsyncStream.using(
            () => 'open',
            () => build(),
            cleaning('above', log),
          );
          await leave(resource.finally(cleaning('below', log)).drop(before));
          log.push('over');
          expect(log).toEqual(['above', 'above done', 'below', 'below done', 'over']);
        }
      }
    });

  test('answers calls of next() that did not wait for each other in their order', async () => {
    const iterator = iterate(bounded());
    const calls = Array.from({ length: elements.length + 1 }, () => iterator.next());
    const values = (await Promise.all(calls)).map(({ done, value }) => (done ? 'done' : value));
    expect(values).toEqual([...elements, 'done']);
  });

  test('is no promise', () => {
    expect('then' in build()).toBe(false);
  });

  if (row.beside !== undefined) describe('has several inputs: it', () => besideLaws(row.beside!));

  for (const callback of row.callbacks ?? []) {
    describe(`asks ${callback.name}: it`, () =>
      callbackLaws(callback, {
        // Not looked at: the source is the function itself.
        base: () => new Probe(),
        build: (_, fn) => callback.build(undefined, fn),
      }));
  }

  describe('checks its arguments: it', () =>
    argumentLaws(row.bad ?? [], (args) => (AsyncStream as unknown as Ends)[row.method]!(...args)));
});

// --------------------------------------------------------------------------------------------------------- terminals

describe.each(terminals.map((row) => [row.call, row] as const))('%s', (_, row: TerminalRow) => {
  const { end, model, stopsAfter, fails, failsEmpty } = row;
  const options: ProbeOptions = row.element === undefined ? {} : { element: row.element };
  const endless = (more: ProbeOptions = {}) => new Probe({ ...options, ...more });
  const finite = (more: ProbeOptions = {}) => endless({ length: ALL, ...more });
  const elements = elementsOf(row);
  const run = (probe: Probe): Promise<unknown> => end(probe.stream as unknown as Ends);
  const asText = (outcome: Outcome) => ('error' in outcome ? { error: String(outcome.error) } : outcome);
  const expected = fails === undefined ? { value: model(elements) } : { error: fails };

  test('gives its result', async () => {
    const probe = finite();
    expect(asText(await outcomeOf(() => run(probe)))).toStrictEqual(expected);
    expect(probe.faults()).toEqual([]);
    expect([probe.opened, probe.closed]).toEqual([1, stopsAfter === undefined ? 0 : 1]);
  });

  test('gives its result over a source of every kind', async () => {
    const outcomes = await forKinds(async (kind) => {
      const probe = finite({ kind });
      return { ...asText(await outcomeOf(() => run(probe))), faults: probe.faults() };
    });
    expect(outcomes).toStrictEqual(await forKinds(() => ({ ...expected, faults: [] })));
  });

  test('gives its result of an empty stream', async () => {
    const probe = endless({ length: 0 });
    const empty = failsEmpty === undefined ? { value: model([]) } : { error: failsEmpty };
    expect(asText(await outcomeOf(() => run(probe)))).toStrictEqual(empty);
    expect(probe.faults()).toEqual([]);
  });

  test('gives its result each time', async () => {
    const stream = finite().stream as unknown as Ends;
    const outcomes = await Promise.all([outcomeOf(() => end(stream)), outcomeOf(() => end(stream))]);
    expect(outcomes.map(asText)).toStrictEqual([expected, expected]);
  });

  const collectorTest = row.alone ? undefined : test;

  collectorTest?.('gives the same as its collector, whose state is that of one run', async () => {
    const collector = end(collectors as unknown as Ends);
    const stream = finite().stream;
    const outcomes = await Promise.all([1, 2].map(() => outcomeOf(() => stream.collect(collector))));
    expect(outcomes.map(asText)).toStrictEqual([expected, expected]);
  });

  collectorTest?.('gives the same as its collector driven by another one', async () => {
    const inner = end(collectors as unknown as Ends) as Collector<unknown, unknown>;
    const driven: Collector<unknown, unknown> = (context) => {
      const gathering = inner(context);
      return { push: (value) => gathering.push(value), result: () => gathering.result() };
    };
    const probe = finite();
    expect(asText(await outcomeOf(() => probe.stream.collect(driven)))).toStrictEqual(expected);
    expect([probe.pulled, probe.faults()]).toEqual([stopsAfter ?? ALL + 1, []]);
  });

  collectorTest?.('gives the same as its collector beside another one, which gets all elements', async () => {
    const both = { one: end(collectors as unknown as Ends), all: collectors.toArray() };
    const outcome = asText(await outcomeOf(() => finite().stream.collect(both)));
    expect(outcome).toStrictEqual(
      fails === undefined ? { value: { one: model(elements), all: elements } } : { error: fails },
    );
  });

  test('passes on the very error of its source, which is not closed any more', async () => {
    for (const error of [new Error('source'), ...FALSY]) {
      const probe = endless({ failAt: stopsAfter ?? 2, error });
      expect(await outcomeOf(() => run(probe))).toStrictEqual({ error });
      expect([probe.closed, probe.faults()]).toEqual([0, []]);
    }
  });

  test('closes the source when a callback before it throws, and is over only then', async () => {
    const error = new Error('callback');
    const log: string[] = [];
    const probe = endless({ log, close: idle });
    const stream = probe.stream.map(() => thrown(error)) as unknown as Ends;
    expect(await outcomeOf(() => end(stream))).toStrictEqual({ error });
    log.push('over');
    expect(log).toEqual(['next', 'close', 'closed', 'over']);
  });

  test('refuses the second run over an iterator', async () => {
    const probe = finite({ kind: 'async generator' });
    await outcomeOf(() => run(probe));
    expect((await outcomeOf(() => run(probe))) as object).toMatchObject({ error: { name: 'StreamConsumedError' } });
  });

  if (stopsAfter === undefined) {
    test('asks for all elements, and once for the end', async () => {
      const probe = finite();
      await run(probe);
      expect(probe.pulled).toBe(ALL + 1);
    });
  } else {
    test('asks for no more elements than its result needs, and closes the source', async () => {
      const probe = endless();
      expect(asText(await outcomeOf(() => run(probe)))).toStrictEqual(expected);
      expect([probe.pulled, probe.closed, probe.faults()]).toEqual([stopsAfter, 1, []]);
    });

    test('takes nothing of what would come after, and closes it', async () => {
      const after = finite({ kind: 'given async iterator' });
      const stream = endless().stream.append('appended').concat(after.input) as unknown as Ends;
      expect(asText(await outcomeOf(() => end(stream)))).toStrictEqual(expected);
      expect([after.pulled, after.closed, after.faults()]).toEqual([0, 1, []]);
    });

    test('is over when the source has been closed', async () => {
      const log: string[] = [];
      await outcomeOf(() => run(endless({ log, close: () => idle().then(idle) })));
      log.push('over');
      expect(log.slice(-3)).toEqual(['close', 'closed', 'over']);
    });

    test('fails with what closing the source fails with, unless there was an error before', async () => {
      for (const error of [new Error('close'), undefined]) {
        const probe = endless({ close: () => thrown(error) });
        const outcome = await outcomeOf(() => run(probe));
        expect(fails === undefined ? outcome : asText(outcome)).toStrictEqual(
          fails === undefined ? { error } : { error: fails },
        );
      }
    });
  }

  for (const callback of row.callbacks ?? []) {
    describe(`asks ${callback.name}: it`, () => terminalCallbackLaws(callback, row));
  }

  if (!row.noEnding) describe('takes a signal: it', () => endingLaws(row, endless));

  describe('checks its arguments: it', () => argumentLaws(row.bad ?? [], (args) => call(finite(), row.method, args)));
});

/** What holds of the `signal` of a terminal. */
function endingLaws({ method, end, stopsAfter }: TerminalRow, endless: (more?: ProbeOptions) => Probe): void {
  const run = (stream: AsyncStream<unknown>, signal: unknown): Promise<unknown> =>
    end(stream as unknown as Ends, { signal } as Ending) as Promise<unknown>;
  const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
  const never = () => new Promise<never>(() => undefined);

  test.each([[new Error('reason')], ['stop'], [0], [undefined]])(
    'rejects at once with the reason: %p',
    async (given) => {
      const controller = new AbortController();
      const probe = endless({ stuckAt: 1 });
      const ended = outcomeOf(() => run(probe.stream, controller.signal));
      await until(() => probe.stuck);
      controller.abort(given);
      expect(await turnsUntilSettled(ended)).toBeLessThan(PROMPT);
      expect(await ended).toStrictEqual({ error: controller.signal.reason });
      expect([probe.closed, probe.faults(), listenersOf(controller.signal)]).toEqual([1, [], 0]);
      probe.late!.reject(new Error('late'));
      await idle();
    },
  );

  test('rejects at once also where a callback is stuck, and closes the source', async () => {
    const controller = new AbortController();
    const probe = endless();
    let stuck = false;
    const stream = probe.stream.map(() => {
      stuck = true;
      return never();
    });
    const ended = outcomeOf(() => run(stream, controller.signal));
    await until(() => stuck);
    controller.abort('stop');
    expect(await turnsUntilSettled(ended)).toBeLessThan(PROMPT);
    expect(await ended).toStrictEqual({ error: 'stop' });
    expect([probe.closed, probe.faults(), listenersOf(controller.signal)]).toEqual([1, [], 0]);
  });

  test('does not touch the source with a signal that has aborted before', async () => {
    for (const reason of ['stop', new Error('reason')]) {
      const probe = endless();
      const signal = AbortSignal.abort(reason);
      expect(await outcomeOf(() => run(probe.stream, signal))).toStrictEqual({ error: reason });
      expect([probe.log, listenersOf(signal)]).toEqual([[], 0]);
    }
  });

  test('leaves no listener behind, and does not react any more, however it has ended', async () => {
    const controller = new AbortController();
    const ends: (() => Promise<unknown>)[] = [
      () => run(endless({ length: ALL }).stream, controller.signal),
      () => run(endless({ length: 0 }).stream, controller.signal),
      () => run(endless().stream.take(2), controller.signal),
      () => run(endless({ failAt: 1, error: 'source' }).stream, controller.signal),
      () =>
        run(
          endless().stream.map(() => thrown('callback')),
          controller.signal,
        ),
      () =>
        run(
          endless().stream.map(async () => thrown('callback')),
          controller.signal,
        ),
    ];
    const before = await Promise.all(ends.map((end) => outcomeOf(end)));
    expect(listenersOf(controller.signal)).toBe(0);
    controller.abort();
    expect(before.filter((outcome) => 'error' in outcome && outcome.error === controller.signal.reason)).toEqual([]);
  });

  if (stopsAfter !== undefined) {
    test('leaves no listener behind where it has enough', async () => {
      const { signal } = new AbortController();
      await outcomeOf(() => run(endless().stream, signal));
      expect(listenersOf(signal)).toBe(0);
    });
  }

  test('refuses what is no signal at the call', () => {
    for (const [signal, described] of [
      [null, 'null'],
      [{}, '[object Object]'],
      [new AbortController(), '[object AbortController]: pass its signal'],
    ]) {
      const probe = endless();
      expect(() => run(probe.stream, signal)).toThrow(
        new TypeError(`${method}: signal must be an AbortSignal, got ${described as string}`),
      );
      expect(probe.log).toEqual([]);
    }
  });
}

function terminalCallbackLaws(callback: Callback<any, Ends>, { element = (n) => n }: TerminalRow): void {
  const { when, answer, sync, bare, build } = callback;
  const failsAt = when === undefined ? 2 : 1;
  const base = (more: ProbeOptions = {}) => new Probe({ element, length: ALL, ...more });
  const run = (probe: Probe, fn: (...args: any[]) => unknown): Promise<unknown> =>
    build(probe.stream as unknown as Ends, fn);
  const ways: Record<string, (error: unknown) => unknown> = {
    'is thrown': thrown,
    ...(sync ? {} : { 'it rejects with': (error) => Promise.reject(error) }),
    ...(sync ? {} : { 'it rejects with later': (error) => idle().then(() => thrown(error)) }),
  };

  test.each(Object.keys(ways))('passes on the very error that %s, asks no more, and closes the source', async (how) => {
    for (const error of [new Error('callback'), ...FALSY]) {
      const probe = base();
      let calls = 0;
      const fn = (...args: unknown[]) => (++calls === failsAt ? ways[how]!(error) : (answer(...args) as unknown));
      expect(await outcomeOf(() => run(probe, fn))).toStrictEqual({ error });
      expect([calls, probe.faults()]).toEqual([failsAt, []]);
    }
  });

  test('passes on its error and not that of closing the source', async () => {
    const error = new Error('callback');
    const probe = base({ close: () => thrown(new Error('close')) });
    let calls = 0;
    const fn = (...args: unknown[]) => (++calls === failsAt ? thrown(error) : (answer(...args) as unknown));
    expect(await outcomeOf(() => run(probe, fn))).toStrictEqual({ error });
  });

  if (!sync) {
    test('waits for its promise, and asks for one thing at a time', async () => {
      let running = 0;
      let most = 0;
      const fn = async (...args: unknown[]) => {
        most = Math.max(most, ++running);
        const answered: unknown = await slowly(answer)(...args);
        running--;
        return answered;
      };
      expect(await run(base(), fn)).toStrictEqual(await run(base(), answer));
      expect([most, running]).toEqual([1, 0]);
    });
  }

  test('gives it the context of the consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores = new Set<unknown>();
    const note = (...args: unknown[]) => {
      stores.add(storage.getStore());
      return answer(...args) as unknown;
    };
    const probe = storage.run('builder', () => base());
    await storage.run('consumer', () => run(probe, sync ? note : slowly(note)));
    expect([...stores]).toEqual(['consumer']);
  });

  if (!bare) {
    test('gives it a signal that aborts with its error', async () => {
      const error = new Error('callback');
      let signal!: AbortSignal;
      const fail = (...args: any[]) => {
        signal = args.at(-1).signal;
        throw error;
      };
      await outcomeOf(() => run(base(), fail));
      expect(signal.reason).toBe(error);
    });
  }
}
