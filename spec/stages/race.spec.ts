import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, turnsUntilSettled } from '../support/turns.ts';

describe('race', () => {
  test('gives the elements of the first to give one, and closes the others then', async () => {
    const [a, b, c] = [new Hand<string>(), new Hand<string>(), new Hand<string>()];
    const won = watch(AsyncStream.from(a).race(b, c));
    await idle();
    expect([a.asked, b.asked, c.asked]).toEqual([1, 1, 1]);
    await b.give('b1');
    expect([won.seen, a.closed, b.closed, c.closed]).toEqual([['b1'], 1, 0, 1]);
    await b.give('b2');
    await b.end();
    expect(won).toEqual({ seen: ['b1', 'b2'], outcome: 'end' });
    expect([a.asked, b.closed, c.asked]).toEqual([1, 0, 1]);
  });

  test('takes any element for one', async () => {
    for (const value of [undefined, null, false, 0]) {
      expect(await AsyncStream.race([value, 1], [2]).toArray()).toEqual([value, 1]);
    }
  });

  test('does not let one win that has no elements', async () => {
    const [empty, late] = [new Hand<string>(), new Hand<string>()];
    const won = watch(AsyncStream.race(empty, late));
    await idle();
    await empty.end();
    await late.give('late');
    await late.end();
    expect(won).toEqual({ seen: ['late'], outcome: 'end' });
  });

  test('gives nothing where all are empty, and without inputs', async () => {
    expect(await AsyncStream.race([], AsyncStream.of(), []).toArray()).toEqual([]);
    expect(await AsyncStream.race().toArray()).toEqual([]);
    expect(await AsyncStream.of(1).race().toArray()).toEqual([1]);
  });

  test('does not start those after one that has an element at once', async () => {
    const [before, given, other] = [new Probe(), new Probe({ kind: 'given async iterator' }), new Probe()];
    expect(await AsyncStream.race(before.input, [1, 2], given.input, other.input).toArray()).toEqual([1, 2]);
    expect([before.closed, given.pulled, given.closed, other.log]).toEqual([1, 0, 1, []]);
    expect([...before.faults(), ...given.faults()]).toEqual([]);
  });

  test('fails with an error that comes before any element', async () => {
    const [a, b] = [new Hand<string>(), new Hand<string>()];
    const won = watch(AsyncStream.race(a, b));
    await idle();
    await b.fail(undefined);
    expect([won.outcome, a.closed]).toEqual([{ error: undefined }, 1]);
  });

  test('fails with such an error when what that leaves behind is closed, and closes the others meanwhile', async () => {
    const [a, b] = [new Hand<string>(), new Hand<string>()];
    const cleanup = new Hand<never>();
    const failing = AsyncStream.from(b).finally(() => cleanup[Symbol.asyncIterator]().next());
    const won = watch(AsyncStream.race(a, failing));
    await idle();
    const error = new Error('b');
    await b.fail(error);
    expect([won, a.closed]).toEqual([{ seen: [], outcome: undefined }, 1]);
    await cleanup.end();
    expect(won).toEqual({ seen: [], outcome: { error } });
  });

  test('goes on where one that has lost comes to its end', async () => {
    const [a, b] = [new Hand<string>(), new Hand<string>()];
    const cleanup = new Hand<never>();
    const ending = AsyncStream.from(b).finally(() => cleanup[Symbol.asyncIterator]().next());
    const won = watch(AsyncStream.race(a, ending));
    await idle();
    await b.end();
    await a.give('a1');
    await cleanup.end();
    await a.give('a2');
    await a.end();
    expect(won).toEqual({ seen: ['a1', 'a2'], outcome: 'end' });
  });

  test('does not keep the winner waiting for what closes the others, and is over only after that', async () => {
    const [a, cleanup] = [new Hand<string>(), new Hand<never>()];
    const loser = AsyncStream.from(new Hand<string>()).finally(() => cleanup[Symbol.asyncIterator]().next());
    const won = watch(AsyncStream.race(loser, a));
    await idle();
    await a.give('a1');
    await a.give('a2');
    await a.end();
    expect(won).toEqual({ seen: ['a1', 'a2'], outcome: undefined });
    await cleanup.end();
    expect(won.outcome).toBe('end');
  });

  test('fails with what closing another one fails with, when the winner has ended', async () => {
    const error = new Error('close');
    const loser = AsyncStream.from(new Hand<string>()).finally(() => Promise.reject(error));
    const won = watch(AsyncStream.race(loser, AsyncStream.of(1, 2)));
    await idle();
    expect(won).toEqual({ seen: [1, 2], outcome: { error } });
  });

  test('does not wait for others that are stuck', async () => {
    const stuck = new Probe({ kind: 'async generator', stuckAt: 1 });
    const run = outcomeOf(() => AsyncStream.race(stuck.input, AsyncStream.of(1)).toArray());
    expect(await turnsUntilSettled(run)).toBeLessThan(40);
    expect([await run, stuck.closed]).toEqual([{ value: [1] }, 1]);
    stuck.late!.reject(new Error('late'));
    await idle();
  });
});
