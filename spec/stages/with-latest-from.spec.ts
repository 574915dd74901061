import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, turnsUntilSettled } from '../support/turns.ts';

function* always() {
  for (let n = 1; ; n++) yield n;
}
async function* alwaysLater() {
  yield* always();
}

describe('withLatestFrom', () => {
  test('gives each element in a row with the latest of the others, and drops those that come before there are such', async () => {
    const [stream, a, b] = [new Hand<number>(), new Hand<string>(), new Hand<string>()];
    const rows = watch(AsyncStream.from(stream).withLatestFrom(a, b));
    await idle();
    await stream.give(1);
    await a.give('a1');
    await stream.give(2);
    await b.give('b1');
    expect(rows.seen).toEqual([]);
    await stream.give(3);
    await a.give('a2');
    await a.give('a3');
    await stream.give(4);
    await stream.give(5);
    expect(rows.seen).toEqual([
      [3, 'a1', 'b1'],
      [4, 'a3', 'b1'],
      [5, 'a3', 'b1'],
    ]);
    await stream.end();
    expect([rows.outcome, a.closed, b.closed]).toEqual(['end', 1, 1]);
  });

  test('gives rows of one without others', async () => {
    expect(await AsyncStream.of(1, 2).withLatestFrom().toArray()).toEqual([[1], [2]]);
  });

  test('takes no element for a missing one', async () => {
    expect(await AsyncStream.of(1).withLatestFrom([undefined], [1, null]).toArray()).toEqual([[1, undefined, null]]);
  });

  test('gives each row as an array of its own', async () => {
    const rows = await AsyncStream.of(1, 2).withLatestFrom(['a']).toArray();
    (rows[0] as unknown[]).length = 0;
    expect(rows[1]).toEqual([2, 'a']);
  });

  test('goes on with the last element of another one that has ended', async () => {
    const [stream, other] = [new Hand<number>(), new Hand<string>()];
    const rows = watch(AsyncStream.from(stream).withLatestFrom(other));
    await idle();
    await other.give('only');
    await other.end();
    await stream.give(1);
    await stream.give(2);
    expect(rows).toEqual({
      seen: [
        [1, 'only'],
        [2, 'only'],
      ],
      outcome: undefined,
    });
  });

  test('ends without a row where another one has no element', async () => {
    expect(await AsyncStream.of(1, 2).withLatestFrom([]).toArray()).toEqual([]);
  });

  test('reads the others also while nobody asks, and the stream only when it is wanted', async () => {
    const [stream, other] = [new Probe(), new Hand<number>()];
    const iterator = AsyncStream.from(stream.input).withLatestFrom(other)[Symbol.asyncIterator]();
    await idle();
    expect([stream.pulled, other.asked]).toEqual([0, 0]);
    const first = iterator.next();
    // Waits for an element of the other one, and drops those of the stream.
    await idle();
    await other.give(1);
    await first;
    await idle();
    const { pulled } = stream;
    await other.give(2);
    await other.give(3);
    expect([stream.pulled, other.asked]).toEqual([pulled, 4]);
    expect((await iterator.next()).value).toEqual([expect.any(Number), 3]);
    await iterator.return();
    expect([stream.closed, stream.faults(), other.closed]).toEqual([1, [], 1]);
  });

  test.each(['sync iterable', 'async iterable', 'async generator', 'ReadableStream', 'stream'] as const)(
    'has what another one emits at once before the first element of the stream: %s',
    async (kind) => {
      const other = new Probe({ kind, length: 1 });
      expect(await AsyncStream.of(1, 2).withLatestFrom(other.input).toArray()).toEqual([
        [1, 1],
        [2, 1],
      ]);
    },
  );

  test('fails at once with the error of another one, though the stream is stuck', async () => {
    for (const error of [new Error('other'), undefined]) {
      const [stream, other] = [new Probe({ stuckAt: 1 }), new Probe({ failAt: 9, error })];
      const run = outcomeOf(() => stream.stream.withLatestFrom(other.input).drain());
      expect(await turnsUntilSettled(run)).toBeLessThan(60);
      expect([await run, stream.closed, other.closed]).toEqual([{ error }, 1, 0]);
    }
  });

  describe('lets timers and I/O have their turn', () => {
    test.each([
      ['always ready', always],
      ['asynchronous, and never waits', alwaysLater],
    ])('beside another one that is %s', async (_, endless) => {
      async function* turns() {
        for (let n = 1; n <= 3; n++) {
          await idle();
          yield n;
        }
      }
      const rows = await AsyncStream.from(turns).withLatestFrom(endless).toArray();
      expect(rows.map(([n]) => n)).toEqual([1, 2, 3]);
      expect(rows[2]![1]).toBeGreaterThan(rows[0]![1]);
    });

    test.each([
      ['always ready', always],
      ['asynchronous, and never waits', alwaysLater],
    ])('where the stream is %s, and another one has given nothing yet', async (_, endless) => {
      const other = AsyncStream.from(async () => {
        await idle();
        await idle();
        return ['other'];
      });
      expect((await AsyncStream.from(endless).withLatestFrom(other).first())?.[1]).toBe('other');
    });

    test('and read no more when one of the others has failed, though nobody has asked yet', async () => {
      let read = 0;
      const [stream, other] = [new Hand<number>(), new Hand<string>()];
      const ready = AsyncStream.from(always).tap(() => read++);
      const iterator = AsyncStream.from(stream).withLatestFrom(ready, other)[Symbol.asyncIterator]();
      const first = iterator.next();
      await idle();
      await other.give('o');
      await stream.give(1);
      expect((await first).value).toEqual([1, expect.any(Number), 'o']);
      await other.fail('failed');
      const before = read;
      await idle();
      await idle();
      expect(read).toBe(before);
      await expect(iterator.next()).rejects.toBe('failed');
    });

    test('and leaves nothing running when it is left meanwhile', async () => {
      let read = 0;
      const other = AsyncStream.from(always).tap(() => read++);
      const iterator = new Probe({ stuckAt: 1 }).stream.withLatestFrom(other)[Symbol.asyncIterator]();
      const pending = iterator.next();
      await iterator.return();
      const before = read;
      await idle();
      await idle();
      expect([await pending, read]).toEqual([DONE, before]);
    });
  });
});
