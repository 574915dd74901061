import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE, thrown } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { soak } from '../support/soak.ts';
import { idle, outcomeOf, seenOf } from '../support/turns.ts';

const REASONS = [new Error('reason'), 'reason', null, 0, '', false, NaN];

describe('withSignal', () => {
  test.each(REASONS)('ends the run with the very reason %p, and closes the source', async (reason) => {
    const controller = new AbortController();
    const probe = new Probe();
    const stream = probe.stream.withSignal(controller.signal).tap((value) => value === 2 && controller.abort(reason));
    expect(await seenOf(stream)).toStrictEqual({ seen: [1], error: reason });
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('ends the run with an AbortError where no reason is given', async () => {
    const controller = new AbortController();
    const stream = new Probe().stream.withSignal(controller.signal).tap(() => controller.abort());
    expect(await outcomeOf(() => stream.toArray())).toMatchObject({ error: { name: 'AbortError' } });
  });

  test.each(['async iterable', 'sync iterable', 'given async iterator', 'async generator', 'ReadableStream'] as const)(
    'does not open the source where the signal has aborted before: %s',
    async (kind) => {
      const probe = new Probe({ kind });
      const stream = probe.stream.withSignal(AbortSignal.abort('before'));
      expect(await outcomeOf(() => stream.toArray())).toEqual({ error: 'before' });
      expect([probe.pulled, probe.faults()]).toEqual([0, []]);
      expect(probe.closed).toBe('oneShot' in probe.kind ? 1 : 0);
    },
  );

  test('does not open the source where the signal aborts between the call and the run', async () => {
    const controller = new AbortController();
    const probe = new Probe();
    const iterator = probe.stream.withSignal(controller.signal)[Symbol.asyncIterator]();
    controller.abort('meanwhile');
    expect(await outcomeOf(() => iterator.next())).toEqual({ error: 'meanwhile' });
    expect(await iterator.next()).toEqual(DONE);
    expect(probe.log).toEqual([]);
  });

  test('gives the reason to the next() after an abort for which nobody waited', async () => {
    const controller = new AbortController();
    const probe = new Probe({ close: idle });
    const iterator = probe.stream.withSignal(controller.signal)[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort('reason');
    expect(await outcomeOf(() => iterator.next())).toEqual({ error: 'reason' });
    expect(probe.log.slice(-2)).toEqual(['close', 'closed']);
    expect(await iterator.next()).toEqual(DONE);
  });

  test('ends the run at once in the middle of a long run that never waits', async () => {
    const controller = new AbortController();
    let count = 0;
    const stream = AsyncStream.range(0)
      .tap((n) => {
        count++;
        if (n === 10) controller.abort('reason');
      })
      .withSignal(controller.signal);
    expect(await outcomeOf(() => stream.drain())).toEqual({ error: 'reason' });
    expect(count).toBe(11);
  });

  describe('leaves no listener on the signal', () => {
    const ways: Record<string, (stream: AsyncStream<any>) => Promise<unknown>> = {
      'that came to their end': (stream) => stream.take(3).toArray(),
      'that were exhausted': (stream) => stream.drain(),
      'that were left by break': async (stream) => {
        for await (const _value of stream) break;
      },
      'that were left by return()': async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        const pending = iterator.next();
        await iterator.return!();
        await pending;
      },
      'that were left before their start': async (stream) => stream[Symbol.asyncIterator]().return!(),
      'that failed in a later callback': (stream) => stream.forEach(() => thrown('later')),
      'whose source failed': (stream) => stream.concat(new Probe({ failAt: 1 }).stream).drain(),
      'that were aborted by another signal': (stream) => {
        const controller = new AbortController();
        return stream.withSignal(controller.signal).forEach(() => controller.abort());
      },
      'that were inner streams': (stream) =>
        AsyncStream.of(1, 2)
          .flatMap(() => stream)
          .drain(),
    };
    const puts: Record<string, (stream: AsyncStream<any>, signal: AbortSignal) => AsyncStream<any>> = {
      'on a stream': (stream, signal) => stream.withSignal(signal),
      'before buffer': (stream, signal) => stream.withSignal(signal).buffer(2),
      'before and after a concurrent map': (stream, signal) =>
        stream
          .withSignal(signal)
          .map(async (value) => value, { concurrency: 2 })
          .withSignal(signal),
      'in merged streams': (stream, signal) => stream.withSignal(signal).merge(stream.withSignal(signal)),
      'in what flatMap makes concurrently': (stream, signal) =>
        AsyncStream.of(1, 2).flatMap(() => stream.withSignal(signal), { concurrency: 2 }),
      'before catch': (stream, signal) => stream.withSignal(signal).catch(() => []),
      'in a pipe': (stream, signal) =>
        stream.withSignal(signal).pipe(async function* (above) {
          yield* above;
        }),
    };

    const RUNS = soak(1000, 100);

    test.each(Object.keys(puts))(`%s: of ${RUNS} runs that ended in every other way`, async (where) => {
      const { signal } = new AbortController();
      const ends = Object.values(ways);
      for (let n = 0; n < RUNS; n++) {
        const stream = puts[where]!(new Probe({ length: 4 }).stream, signal);
        await outcomeOf(() => ends[n % ends.length]!(stream));
        // Early, to be told in which way.
        if (n < ends.length) expect([n, getEventListeners(signal, 'abort').length]).toEqual([n, 0]);
      }
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    test.each(Object.keys(puts))(`%s: of ${RUNS} runs that it has aborted`, async (where) => {
      const controller = new AbortController();
      const runs = Array.from({ length: RUNS }, () =>
        outcomeOf(() => puts[where]!(new Probe({ stuckAt: 2 }).stream, controller.signal).toArray()),
      );
      await idle();
      controller.abort('reason');
      expect(
        new Set((await Promise.all(runs)).map((outcome) => ('error' in outcome ? outcome.error : outcome))),
      ).toEqual(new Set(['reason']));
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    });
  });
});
