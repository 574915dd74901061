import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { Probe } from '../support/probe.ts';
import { idle, seenOf } from '../support/turns.ts';

describe('interleave', () => {
  test('gives one element of each in turn, and leaves out those that have ended', async () => {
    const stream = AsyncStream.of('a1', 'a2', 'a3', 'a4').interleave(['b1'], AsyncStream.of('c1', 'c2'));
    expect(await stream.toArray()).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', 'a4']);
  });

  test('keeps to the turns also where another one is faster', async () => {
    const [a, b] = [new Hand<string>(), new Hand<string>()];
    const all = watch(AsyncStream.interleave(a, b));
    await idle();
    expect([a.asked, b.asked]).toEqual([1, 0]);
    await a.give('a1');
    expect([a.asked, b.asked]).toEqual([1, 1]);
    await b.give('b1');
    await a.end();
    await b.give('b2');
    await b.end();
    expect(all).toEqual({ seen: ['a1', 'b1', 'b2'], outcome: 'end' });
  });

  test('takes no element for an end', async () => {
    expect(await AsyncStream.interleave([undefined, 1], [null, NaN]).toArray()).toEqual([undefined, null, 1, NaN]);
  });

  test('gives nothing without inputs, and of those that are empty', async () => {
    expect(await AsyncStream.interleave().toArray()).toEqual([]);
    expect(await AsyncStream.interleave([], AsyncStream.of(), []).toArray()).toEqual([]);
    expect(await AsyncStream.of(1, 2).interleave().toArray()).toEqual([1, 2]);
  });

  test('opens each when its turn comes for the first time', async () => {
    const log: string[] = [];
    const all = ['a', 'b', 'c'].map((name) => new Probe({ log, name, kind: 'given async iterator' }));
    expect(
      await AsyncStream.interleave(...all.map(({ input }) => input))
        .take(2)
        .toArray(),
    ).toEqual([1, 1]);
    expect(all.map(({ pulled, closed }) => [pulled, closed])).toEqual([
      [1, 1],
      [1, 1],
      [0, 1],
    ]);
    expect(all.flatMap((probe) => probe.faults())).toEqual([]);
  });

  test('gives the elements before an error', async () => {
    const stream = AsyncStream.interleave(['a', 'b'], new Probe({ failAt: 2, error: 'failed' }).input, ['c', 'd']);
    expect(await seenOf(stream)).toEqual({ seen: ['a', 1, 'c', 'b'], error: 'failed' });
  });

  test('takes ten thousand inputs', async () => {
    const empty = Array.from({ length: 10_000 }, () => [] as number[]);
    expect(await AsyncStream.interleave(...empty, [1]).toArray()).toEqual([1]);
    const later = Array.from({ length: 10_000 }, () => AsyncStream.of<number>().tap(idle));
    expect(await AsyncStream.interleave(...later, [1]).toArray()).toEqual([1]);
  });
});
