// The parts of the kit that depend on the platform, as they are on others than Node.
import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { isEqual } from '../../lib/testing/equality.ts';
import { checkSource, checkStage, explore, type Explorer, type LawError, timeline } from '../../lib/testing/index.ts';
import { show } from '../../lib/testing/journal.ts';
import { watchRejections } from '../../lib/testing/rejections.ts';
import { outcomeOf } from '../support/turns.ts';

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

// Jest hides rejections from the code that it runs, so the platform reports them here as Node does.
describe('a rejection that is left unhandled', () => {
  const { setImmediate } = globalThis;
  const platform = new EventEmitter();
  const reported = <R>(run: () => Promise<R>) => withGlobals({ process: platform }, () => outcomeOf(run));
  const lose = (reason: unknown) => void setImmediate(() => platform.emit('unhandledRejection', reason));

  test('is named by checkStage and checkSource in the smallest case', async () => {
    async function* stage(source: AsyncIterable<number>) {
      lose(new Error('lost'));
      yield* source;
    }
    const broken = [{ law: 'rejections', got: 'error Error: lost', situation: 'a source of 0 elements' }];
    expect(await reported(() => checkStage(stage))).toMatchObject({ error: { broken } });
    async function* source() {
      lose(undefined);
      yield 1;
    }
    const { error } = (await reported(() => checkSource(source))) as { error: LawError };
    expect(error.broken.map(({ law, got, situation }) => [law, got, situation])).toEqual([
      ['rejections', 'error undefined', 'the consumer leaves after 1 element'],
    ]);
    expect(platform.listenerCount('unhandledRejection')).toBe(0);
  });

  test('fails a run of explore, unless it throws', async () => {
    const losing = async ({ pause }: Explorer) => {
      const seen: string[] = [];
      await Promise.all(['a', 'b'].map(async (name) => seen.push(await pause(name))));
      if (seen[0] === 'b') lose(undefined);
    };
    const outcome = await reported(() => explore(losing));
    expect(outcome).toMatchObject({ error: { name: 'ExploreError', order: [1], cause: undefined } });
    const throwing = async () => {
      lose('lost');
      await Promise.reject(new Error('thrown'));
    };
    expect(await reported(() => explore(throwing))).toMatchObject({ error: { cause: { message: 'thrown' } } });
    expect(platform.listenerCount('unhandledRejection')).toBe(0);
  });
});

describe('virtual time', () => {
  test('adds no function that the platform does not have', async () => {
    const types: string[] = [];
    async function* stage(source: AsyncIterable<string>) {
      types.push(typeof setImmediate, typeof AbortSignal.timeout);
      yield* source;
    }
    const globals = { setImmediate: undefined, AbortSignal: {} };
    expect(await withGlobals(globals, () => timeline('a-b|', stage))).toBe('a-b|');
    expect(types).toEqual(['undefined', 'undefined']);
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

describe('show', () => {
  const circular: unknown[] = [1];
  circular.push(circular);
  const object: { self?: unknown } = {};
  object.self = object;
  const fails = () => {
    throw new Error('not to be read');
  };
  class Session {
    toJSON = fails;
  }

  test.each<[string, unknown, string]>([
    ['a string', 'a', "'a'"],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('a'), 'Symbol(a)'],
    ['a function', fails, '[object Function]'],
    ['an array', [undefined, [NaN, 'a']], "[undefined, [NaN, 'a']]"],
    ['an array that contains itself', circular, '[1, [1, [1, [1, [object Array]]]]]'],
    ['an error', new RangeError('a'), 'RangeError: a'],
    [
      'an error whose message cannot be read',
      Object.defineProperty(new Error(), 'message', { get: fails }),
      '[object Error]',
    ],
    ['an object', { a: 1 }, '{"a":1}'],
    ['an object that contains itself', object, '[object Object]'],
    ['an object whose toJSON returns undefined', { toJSON: () => undefined }, '[object Object]'],
    ['an object whose toJSON throws', new Session(), '[object Session]'],
    ['an object without a prototype', Object.create(null), '{}'],
  ])('shows %s', (_name, value, shown) => {
    expect(show(value)).toBe(shown);
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
