// Each terminal, its collector, and the signal that ends it.
import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { type AsyncStream, type Collector, collectors, type Ending } from '../../lib/index.ts';
import { never, thrown } from '../support/iterators.ts';
import { ALL, byCall, elementsOf, forKinds, probesOf } from '../support/laws.ts';
import type { Probe, ProbeOptions } from '../support/probe.ts';
import { type Ends, type TerminalRow, terminals } from '../support/table.ts';
import { idle, type Outcome, outcomeOf, PROMPT, turnsUntilSettled, until } from '../support/turns.ts';
import { ODD_ERRORS } from '../support/values.ts';

describe.each(byCall(terminals))('%s', (_, row) => {
  const { end, model, stopsAfter, fails, failsEmpty } = row;
  const { endless, finite } = probesOf(row);
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
    for (const error of [new Error('source'), ...ODD_ERRORS]) {
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

  if (!row.noEnding) describe('takes a signal: it', () => endingLaws(row, endless));
});

/** What holds of the `signal` of a terminal. */
function endingLaws({ method, end, stopsAfter }: TerminalRow, endless: (more?: ProbeOptions) => Probe): void {
  const run = (stream: AsyncStream<unknown>, signal: unknown): Promise<unknown> =>
    end(stream as unknown as Ends, { signal } as Ending) as Promise<unknown>;
  const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

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
