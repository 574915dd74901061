import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Hand, watch } from '../support/hand.ts';
import { idle } from '../support/turns.ts';

describe('exhaustMap', () => {
  test('drops the elements that arrive while the inner stream runs, and opens another one after that', async () => {
    const outer = new Hand<number>();
    const inner = new Map([1, 2, 3].map((n) => [n, new Hand<string>()]));
    const calls: unknown[] = [];
    const watched = watch(
      AsyncStream.from(outer).exhaustMap((n, index) => {
        calls.push([n, index]);
        return inner.get(n)!;
      }),
    );
    await idle();
    await outer.give(1);
    await inner.get(1)!.give('a');
    await outer.give(2);
    await inner.get(1)!.give('b');
    await inner.get(1)!.end();
    await outer.give(3);
    await outer.end();
    await inner.get(3)!.give('c');
    await inner.get(3)!.end();
    expect([watched, calls, inner.get(1)!.closed]).toEqual([
      { seen: ['a', 'b', 'c'], outcome: 'end' },
      [
        [1, 0],
        [3, 2],
      ],
      0,
    ]);
  });

  test('loses no element of an inner stream to a slow consumer', async () => {
    const stream = AsyncStream.of(1, 2).exhaustMap((n) => [n, n * 10, n * 100]);
    expect(await stream.tap(idle).toArray()).toEqual([1, 10, 100]);
  });

  test('lets the consumer have its turn beside an outer stream that never waits', async () => {
    expect(
      await AsyncStream.range(0)
        .exhaustMap((n) => [n])
        .take(3)
        .count(),
    ).toBe(3);
  });
});
