// Each stage: lazy, the same over every kind of source, every value a value, repeatable, and fair.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError } from '../../lib/index.ts';
import { iterate } from '../support/iterators.ts';
import { byCall, elementsOf, forKinds, resultsBefore, stageOf, TURNS } from '../support/laws.ts';
import { type KindName, kinds, Probe } from '../support/probe.ts';
import { type StageRow, stages } from '../support/table.ts';
import { idle, microtasks, outcomeOf, seenOf } from '../support/turns.ts';
import { VALUES } from '../support/values.ts';

const isOneShot = (kind: KindName) => 'oneShot' in kinds[kind];

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

describe.each(byCall(stages))('%s', (_, row) => {
  const { build, model, asks, stopsAfter } = row;
  const { results, endless, finite, opening, lasting } = stageOf(row);

  function expectAsked(asked: number[]): void {
    if (row.ahead === undefined) return expect(asked).toEqual(asks);
    asked.forEach((pulled, index) => expect(pulled).toBeLessThanOrEqual(row.ahead![index]!));
  }

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

      test('gives what is to be given of one element, whatever that is', async () => {
        for (const value of VALUES) {
          const probe = new Probe({ element: () => value, length: 1 });
          expect(await build(probe.stream).toArray()).toStrictEqual(model([value]));
          expect(probe.faults()).toEqual([]);
        }
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
      await Promise.all([one.return!(), other.return!()]);
      expect(seen).toEqual([results, results]);
    });

    test('stays as it is when something is put on it', async () => {
      const stream = build(finite().stream);
      stream.map(() => 'other');
      stream.take(1);
      expect(await stream.toArray()).toEqual(results);
    });

    test.each([
      ['an iterator', '[object AsyncGenerator]', (iterator: any) => iterator],
      [
        'an iterable that returns the same iterator again',
        '[object Object]',
        (iterator: any) => ({ [Symbol.asyncIterator]: () => iterator }),
      ],
    ])('refuses the second run over %s, naming it and what to do', async (_, name, inputOf) => {
      const probe = finite({ kind: 'async generator' });
      const source = inputOf(probe.input);
      const stream = build(AsyncStream.from<any>(source));
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
            `${name} can be run only once: pass a function that makes a new one, as in AsyncStream.from(() => source())`,
          ),
          source,
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
        await microtasks(turns);
        await iterator.return!();
        await pending;
        expect([turns, probe.closed, probe.faults()]).toEqual([turns, 1, []]);
      }
    });
  });

  if (row.fair || row.ahead !== undefined) {
    describe('is fair: beside a source that never waits', () => {
      const dropped = row.fair === 'to what reaches it' ? [] : ['sync and dropped', 'async and dropped'];
      test.each(['sync', 'async', ...dropped])('timers and I/O get their turns: %s', async (kind) => {
        expect(await turnsBeside(row, kind)).toBe(TURNS);
      });
    });
  }
});
