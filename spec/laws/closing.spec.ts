// Each stage closes its source once, whatever ends the run, waits for that, and never waits for a stuck source.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE, iterate, never, thrown } from '../support/iterators.ts';
import { byCall, cleaning, LEFT_WITHIN, resultsBefore, stageOf, STUCK_KINDS, take } from '../support/laws.ts';
import { type KindName, Probe } from '../support/probe.ts';
import { stages } from '../support/table.ts';
import { idle, outcomeOf, PROMPT, seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { ODD_ERRORS } from '../support/values.ts';

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

describe.each(byCall(stages))('%s', (_, row) => {
  const { build } = row;
  const { elements, results, opening, endless, finite, lasting, pause, paused } = stageOf(row);
  /** The outcome of a run whose later callback fails with the first element that the stage emits for the source. */
  const failingLater = (stream: AsyncStream<any>, fail: () => unknown) =>
    outcomeOf(() =>
      build(stream)
        .drop(opening - 1)
        .map(fail)
        .toArray(),
    );

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
        expect(await failingLater(probe.stream, fail)).toStrictEqual({ error });
        expect(probe.faults()).toEqual([]);
        expect(probe.closed).toBe(row.waits ? 0 : 1);
      }
    });

    test('not closed after it has failed, and its very error is passed on after the results before it', async () => {
      for (const error of [new Error('source'), ...ODD_ERRORS]) {
        const probe = endless({ failAt: 2, error });
        const seen = resultsBefore(row, 2);
        const expected = row.catches ? { seen: [...seen, 'caught'] } : { seen, error };
        expect(await seenOf(build(probe.stream))).toStrictEqual(expected);
        expect(probe.faults()).toEqual([]);
        expect(probe.closed).toBe(0);
      }
    });

    test('failing after a consumer has all it needs, which does not see it, wherever that stands', async () => {
      for (const [place, taking] of Object.entries(PLACES)) {
        for (const failAt of row.drops ? [2] : [2, 4]) {
          const seen = resultsBefore(row, failAt);
          for (let count = 1; count <= seen.length; count++) {
            const probe = endless({ failAt, error: new Error('source') });
            const taken = await outcomeOf(() => taking(build(probe.stream), count).toArray());
            expect([place, taken]).toStrictEqual([place, { value: seen.slice(0, count) }]);
            expect([place, probe.faults()]).toEqual([place, []]);
          }
        }
      }
    });

    test('not closed after it has failed at its first element', async () => {
      const error = new Error('source');
      const probe = endless({ failAt: 1, error });
      const seen = resultsBefore(row, 1);
      const expected = row.catches ? { seen: [...seen, 'caught'] } : { seen, error };
      expect(await seenOf(build(probe.stream))).toStrictEqual(expected);
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
          expect(await failingLater(probe.stream, fail)).toStrictEqual({ error });
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
      await idle();
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
      for (const error of [new Error('source'), undefined]) {
        const probe = endless({ failAt: 1, error });
        const iterator = iterate(build(probe.stream).filter((value) => !['a', 'b', 'caught'].includes(value)));
        const outcomes = await Promise.all([1, 2, 3].map(() => outcomeOf(() => iterator.next())));
        const expected = [row.catches ? { value: DONE } : { error }, { value: DONE }, { value: DONE }];
        expect(outcomes).toStrictEqual(expected);
        expect(probe.faults()).toEqual([]);
      }
    });

    test('is no promise', () => {
      const stream = build(finite().stream);
      expect('then' in stream || 'then' in iterate(stream)).toBe(false);
    });
  });

  describe('is cancelled at once: return()', () => {
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

    test('does not wait for a stuck source of any kind, whose late value and late error are dropped', async () => {
      for (const kind of STUCK_KINDS) {
        const { probe, values, iterator, pending } = await stuckRun(kind);
        const queued = iterator.next();
        const returned = iterator.return!();
        expect([kind, (await turnsUntilSettled(returned)) < PROMPT]).toEqual([kind, true]);
        expect([kind, await Promise.all([pending, queued, returned])]).toEqual([kind, [DONE, DONE, DONE]]);
        expect([kind, probe.closed, probe.faults()]).toEqual([kind, 1, []]);

        probe.late!.resolve(elements[1]);
        await idle();
        expect([kind, values, await iterator.next()]).toEqual([kind, [], DONE]);
        expect([kind, probe.closed, probe.pulled, probe.faults()]).toEqual([kind, 1, 2, []]);

        const failing = await stuckRun(kind);
        await failing.iterator.return!();
        failing.probe.late!.reject(new Error('late'));
        await idle();
        expect([kind, await failing.pending]).toEqual([kind, DONE]);
      }
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
            return never();
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
              return never();
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
});
