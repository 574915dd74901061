import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

/** Endless, and never waits for more than a microtask. */
async function* restless(): AsyncGenerator<number> {
  for (let n = 0; ; n++) yield n;
}

const wait = () => new Promise<void>((resolve) => void setTimeout(resolve, 1));

describe('a branch that is read without a limit', () => {
  test.each([
    ['sync', AsyncStream.range(0, Infinity)],
    ['async', AsyncStream.from(restless)],
  ])('lets a consumer wait for timers, where its source is endless, %s and never waits', async (_kind, source) => {
    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      expect(await source.buffer(1, { overflow }).tap(wait).take(2).count()).toBe(2);
    }
  });

  test('lets the consumer have its turn under fake timers', async () => {
    jest.useFakeTimers();
    try {
      expect(await AsyncStream.range(0, 100).buffer(1, { overflow: 'drop-oldest' }).last()).toBe(99);
    } finally {
      jest.useRealTimers();
    }
  });
});
