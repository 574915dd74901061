// The parts of the kit that depend on the platform, as they are on others than Node.
import { describe, expect, test } from '@jest/globals';
import { isEqual } from '../../lib/testing/equality.ts';
import { watchRejections } from '../../lib/testing/rejections.ts';

/** Runs it while some globals have other values. */
async function withGlobals<R>(values: Record<string, unknown>, run: () => R | Promise<R>): Promise<R> {
  const before = Object.fromEntries(
    Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  );
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    return await run();
  } finally {
    for (const [name, descriptor] of Object.entries(before)) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

describe('watchRejections', () => {
  const rejection = (reason: unknown) =>
    Object.assign(new Event('unhandledrejection', { cancelable: true }), { reason });

  test('listens to the events of a browser, which then does not report them, until it is told to stop', async () => {
    const page = new EventTarget();
    const globals = {
      process: undefined,
      addEventListener: page.addEventListener.bind(page),
      removeEventListener: page.removeEventListener.bind(page),
    };
    const seen: unknown[] = [];
    const [first, second] = [rejection('first'), rejection('second')];
    await withGlobals(globals, () => {
      const stop = watchRejections((reason) => seen.push(reason));
      page.dispatchEvent(first);
      stop();
      page.dispatchEvent(second);
    });
    expect(seen).toEqual(['first']);
    expect([first.defaultPrevented, second.defaultPrevented]).toEqual([true, false]);
  });

  test('does nothing where there are neither', async () => {
    const globals = { process: undefined, addEventListener: undefined, removeEventListener: undefined };
    await withGlobals(globals, () => watchRejections(() => undefined)());
  });
});

describe('macrotask', () => {
  test.each([
    ['a message channel', { setImmediate: undefined }],
    ['a timer', { setImmediate: undefined, MessageChannel: undefined }],
  ])('waits for %s where there is nothing quicker, and until all microtasks have run', async (name, globals) => {
    // The query makes it a module of its own, which sees the globals as they are now.
    const { macrotask } = await withGlobals(
      globals,
      () => import(`../../lib/testing/clock.ts?${encodeURIComponent(name)}`) as Promise<{ macrotask(): Promise<void> }>,
    );
    let microtasks = 0;
    void (async () => {
      for (; microtasks < 100; microtasks++) await undefined;
    })();
    await macrotask();
    expect(microtasks).toBe(100);
  });
});

describe('isEqual', () => {
  const fn = () => undefined;
  const error = new Error('same');
  test.each<[a: unknown, b: unknown, equal: boolean]>([
    [Number.NaN, Number.NaN, true],
    [0, -0, false],
    [null, undefined, false],
    [1, [1], false],
    [[1, [2]], [1, [2]], true],
    [[1, [2]], [1, [3]], false],
    [[1], [1, 2], false],
    [{ a: 1 }, { a: 1 }, true],
    [{ a: undefined }, { b: undefined }, false],
    [{ a: 1 }, [1], false],
    [new Date(1), new Date(1), true],
    [new Date(1), new Date(2), false],
    [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]]), true],
    [new Map([['a', 1]]), new Map([['a', 2]]), false],
    [new Set([1]), new Set([1]), true],
    [new Set([1]), new Set([2]), false],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2]), true],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3]), false],
    [fn, fn, true],
    [fn, () => undefined, false],
    [error, error, true],
    [error, new Error('same'), false],
  ])('of %p and %p is %p', (a, b, equal) => {
    expect([isEqual(a, b), isEqual(b, a)]).toEqual([equal, equal]);
  });
});
