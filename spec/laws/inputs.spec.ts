// Each stage and source that opens inner streams, or several inputs at a time.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError } from '../../lib/index.ts';
import { DONE, iterate, thrown } from '../support/iterators.ts';
import { byCall, STUCK_KINDS, TURNS } from '../support/laws.ts';
import { KINDS, Probe, type ProbeOptions } from '../support/probe.ts';
import { type Beside, sources, type StageRow, stages } from '../support/table.ts';
import { idle, type Outcome, outcomeOf, PROMPT, seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { ODD_ERRORS, VALUES } from '../support/values.ts';

describe.each(byCall(stages.filter(({ inner }) => inner !== undefined)))('%s', (_, row) => {
  describe('opens sources of its own: it', () => innerLaws(row));
});

describe.each(byCall([...stages, ...sources].filter(({ beside }) => beside !== undefined)))('%s', (_, { beside }) => {
  describe('has several inputs: it', () => besideLaws(beside!));
});

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
    for (const error of [new Error('inner'), ...ODD_ERRORS]) {
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
      for (const error of [new Error('input'), ...ODD_ERRORS]) {
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
    test.each(STUCK_KINDS)('is left at once by return(): %s', async (kind) => {
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
