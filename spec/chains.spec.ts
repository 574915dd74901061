// Chains of stages that nobody thought of, against the same chain of functions on arrays.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AsyncStream } from '../lib/index.ts';
import { DONE } from './support/iterators.ts';
import { type KindName, KINDS, kinds, Probe, type ProbeOptions } from './support/probe.ts';
import { type StageRow, stages } from './support/table.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled, until } from './support/turns.ts';

interface Chain {
  readonly rows: readonly StageRow[];
  readonly length: number;
  readonly kind: KindName;
  /** Before which stages a callback is put that answers a promise. */
  readonly slow: readonly boolean[];
}

const rows = stages.filter(({ element, timed }) => element === undefined && !timed);
const repeatable = KINDS.filter((kind) => !('oneShot' in kinds[kind]));

/** No stage repeats one that gives a stream to be run once. */
const canBeRun = ({ rows }: Chain) =>
  !rows.some(({ once }, index) => once && rows.slice(index).some(({ repeats }) => repeats));

const anyChain: fc.Arbitrary<Chain> = fc.record({
  rows: fc.array(
    fc.constantFrom(...rows).map((row) => Object.assign(Object.create(row), { toString: () => row.call }) as StageRow),
    { minLength: 1, maxLength: 6 },
  ),
  length: fc.nat(8),
  kind: fc.constantFrom(...repeatable),
  slow: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
});

const chains = anyChain.filter(canBeRun);

function build({ rows, slow }: Chain, stream: AsyncStream<unknown>): AsyncStream<unknown> {
  return rows.reduce((chain, row, index) => row.build(slow[index] ? chain.map(async (value) => value) : chain), stream);
}

/** What comes of the first stages. What is repeated is made anew. */
function model({ rows, length }: Pick<Chain, 'rows' | 'length'>): unknown[] {
  if (rows.length === 0) return Array.from({ length }, (_, index) => index + 1);
  const above = () => model({ rows: rows.slice(0, -1), length });
  const row = rows.at(-1)!;
  return row.repeats ? [...above(), ...above()] : row.model(above());
}

const probeOf = ({ kind, length }: Chain, options: ProbeOptions = {}) => new Probe({ kind, length, ...options });

const check = (property: fc.IAsyncProperty<unknown>) => fc.assert(property, { numRuns: 200 });

describe('a chain of any stages', () => {
  test('gives what the same functions on arrays give', async () => {
    await check(
      fc.asyncProperty(chains, async (chain) => {
        const probe = probeOf(chain);
        expect(await build(chain, probe.stream).toArray()).toStrictEqual(model(chain));
        expect(probe.faults()).toEqual([]);
      }),
    );
  });

  test('gives the same to a for await loop, up to where it breaks off', async () => {
    await check(
      fc.asyncProperty(chains, fc.nat(12), async (chain, count) => {
        const probe = probeOf(chain, { close: idle });
        const seen: unknown[] = [];
        for await (const value of build(chain, probe.stream)) {
          seen.push(value);
          if (seen.length > count) break;
        }
        expect(seen).toStrictEqual(model(chain).slice(0, count + 1));
        expect(probe.faults()).toEqual([]);
      }),
    );
  });

  test('gives the same to calls of next() that do not wait for each other', async () => {
    await check(
      fc.asyncProperty(chains, async (chain) => {
        const probe = probeOf(chain);
        const iterator = build(chain, probe.stream)[Symbol.asyncIterator]();
        const expected = model(chain);
        const results = await Promise.all(Array.from({ length: expected.length + 2 }, () => iterator.next()));
        expect(results.map(({ done, value }) => (done ? 'done' : value))).toStrictEqual([...expected, 'done', 'done']);
        expect(probe.faults()).toEqual([]);
      }),
    );
  });

  test('gives a later stage no more than it takes, and closes the source', async () => {
    await check(
      fc.asyncProperty(chains, fc.nat(12), async (chain, count) => {
        const probe = probeOf(chain);
        expect(await build(chain, probe.stream).take(count).toArray()).toStrictEqual(model(chain).slice(0, count));
        expect(probe.faults()).toEqual([]);
      }),
    );
  });

  test('passes on the very error of its source, or has no need of what is in its place', async () => {
    await check(
      fc.asyncProperty(chains, fc.integer({ min: 1, max: 9 }), async (chain, failAt) => {
        const error = { name: 'of the source' };
        const probe = probeOf(chain, { length: Infinity, failAt, error });
        const { seen, ...outcome } = await seenOf(build(chain, probe.stream));
        const stops = chain.rows.some(({ catches, stopsAfter }) => catches ?? stopsAfter !== undefined);
        if (!stops || 'error' in outcome) expect(outcome).toStrictEqual({ error });
        expect(seen).not.toContain(error);
        expect(probe.faults()).toEqual([]);
      }),
    );
  });

  test('passes on the very error of a callback after it, and closes the source', async () => {
    await check(
      fc.asyncProperty(chains, fc.nat(12), async (chain, count) => {
        const error = { name: 'of a callback' };
        const probe = probeOf(chain);
        const expected = model(chain);
        const stream = build(chain, probe.stream).tap((_, index) => {
          if (index === count) throw error;
        });
        expect(await outcomeOf(() => stream.toArray())).toStrictEqual(
          count < expected.length ? { error } : { value: expected },
        );
        expect(probe.faults()).toEqual([]);
      }),
    );
  });

  test('is left at once also where its source is stuck, and closes it', async () => {
    await check(
      fc.asyncProperty(chains, fc.integer({ min: 1, max: 6 }), async (chain, stuckAt) => {
        const probe = probeOf(chain, { stuckAt, length: Infinity });
        const iterator = build(chain, probe.stream)[Symbol.asyncIterator]();
        // As far as it goes: some stages end before.
        let answered = true;
        let ended = false;
        let pending: Promise<unknown> | undefined;
        while (answered && !ended) {
          answered = false;
          pending = iterator.next().then((result) => {
            answered = true;
            ended = result.done === true;
          });
          // Several timers after each other may have to fire.
          await until(() => answered || probe.stuck, 100_000);
          // Given time to answer although the source is stuck: it may hold something.
          await idle();
          await idle();
        }
        expect(await turnsUntilSettled(iterator.return(), 1000)).toBeLessThan(40 + 40 * chain.rows.length);
        await pending;
        expect(await iterator.next()).toEqual(DONE);
        probe.late?.resolve(0);
        await idle();
        await idle();
        expect(probe.faults()).toEqual([]);
      }),
    );
  });
});
