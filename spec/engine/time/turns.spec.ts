import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../../lib/index.ts';

/** Takes a millisecond of the processor, as parsing a large text does. */
function work(): void {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

/** Never waits, and takes a millisecond for each of its elements. */
function busy(): { source: AsyncStream<number>; read: () => number } {
  let read = 0;
  const source = AsyncStream.range(0, 300).tap(() => {
    work();
    read++;
  });
  return { source, read: () => read };
}

const timer = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Each emits, or ends the run, when its timer fires. */
const timed: Record<string, (source: AsyncStream<number>) => AsyncStream<unknown>> = {
  sample: (source) => source.sample(2),
  throttle: (source) => source.throttle(2, { leading: false }),
  debounce: (source) => source.debounce(1, { maxWait: 2 }),
  'chunks within': (source) => source.chunks(1000, { within: 2 }),
  takeUntil: (source) => source.takeUntil(timer()).takeLast(1),
  timeout: (source) =>
    source
      .timeout({ total: 1 })
      .catch(() => ['late'])
      .takeLast(1),
  expand: (source) =>
    AsyncStream.of(0)
      .expand(() => source, { maxDepth: 1 })
      .takeUntil(timer())
      .takeLast(1),
};

describe('beside a source that never waits and works for each element, the timer fires of', () => {
  test.each(Object.entries(timed))('%s', async (_, put) => {
    const { source, read } = busy();
    await put(source).first();
    expect(read()).toBeLessThan(150);
  });
});
