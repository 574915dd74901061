import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type Context, limiter, retrying, type RetryingOptions } from '../lib/index.ts';
import { pass, played } from './support/fake-time.ts';
import { refusal } from './support/failures.ts';
import { DONE } from './support/iterators.ts';
import { type Outcome, outcomeOf, turnsUntilSettled } from './support/turns.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** A callback that fails with each of the errors, and then returns its value; and when each attempt started. */
function failing(...errors: unknown[]) {
  const starts: number[] = [];
  const begin = Date.now();
  const fn = async (value: unknown, _index?: number, _context?: Context): Promise<unknown> => {
    const attempt = starts.push(Date.now() - begin);
    if (attempt <= errors.length) throw errors[attempt - 1];
    return value;
  };
  return { fn, starts };
}

describe('retrying', () => {
  test('returns what the callback returns, and passes all its arguments on', async () => {
    const fn = jest.fn((...args: unknown[]) => args.length);
    expect(await retrying(fn)('a', 1, 'context')).toBe(3);
    expect(fn.mock.calls).toEqual([['a', 1, 'context']]);
  });

  test('rejects if acquire() of its limiter returns no function', async () => {
    const refusing = { acquire: () => undefined as never };
    const wrapped = retrying(String, { times: 0, limiter: refusing });
    await expect(wrapped(1)).rejects.toThrow('retrying: the result of acquire() must be a function, got undefined');
  });

  test('repeats a call that rejects, up to three times by default, and rejects with the last error', async () => {
    const { fn, starts } = failing('a', 'b', 'c');
    expect(await played(retrying(fn)('value'))).toBe('value');
    expect(starts.length).toBe(4);
    const more = failing('a', 'b', 'c', 'd', 'e');
    expect(await played(outcomeOf(() => retrying(more.fn)('value')))).toEqual({ error: 'd' });
    expect(more.starts.length).toBe(4);
  });

  test('repeats a call that throws, and passes on the very error: also undefined and null', async () => {
    for (const error of [new Error('callback'), undefined, null, 0, '']) {
      let calls = 0;
      const wrapped = retrying(
        () => {
          calls++;
          throw error;
        },
        { times: 1 },
      );
      expect(await played(outcomeOf(wrapped))).toStrictEqual({ error });
      expect(calls).toBe(2);
    }
  });

  test.each<[RetryingOptions, number[]]>([
    [{ delay: 10 }, [0, 10, 20, 30]],
    [{ delay: 10, backoff: 'exponential' }, [0, 10, 30, 70]],
    [{ delay: 10, backoff: 3, maxDelay: 20 }, [0, 10, 30, 50]],
    [{ delay: (_error, attempt) => attempt * 100 }, [0, 100, 300, 600]],
    [{ delay: async (error) => Number(error), backoff: 'exponential' }, [0, 5, 11, 18]],
    [{ delay: () => Infinity, maxDelay: 50 }, [0, 50, 100, 150]],
  ])('waits by the policy of retry: %j', async (options, expected) => {
    const { fn, starts } = failing(5, 6, 7);
    await played(retrying(fn, options)('value'));
    expect(starts).toEqual(expected);
    // The same policy for a stream that is run again.
    const source = failing(5, 6, 7);
    const stream = AsyncStream.from(async () => [await source.fn('value')]);
    expect(await played(stream.retry(options).toArray())).toEqual(['value']);
    expect(source.starts).toEqual(expected);
  });

  test('asks when and delay with the error, the attempt and the context of the call', async () => {
    const asked: unknown[] = [];
    const context = { signal: new AbortController().signal };
    const when = (...args: unknown[]) => asked.push(['when', ...args]);
    const delay = (...args: unknown[]) => {
      asked.push(['delay', ...args]);
      return 0;
    };
    await played(retrying(failing('a', 'b').fn, { when, delay })('value', 0, context));
    expect(asked).toEqual([
      ['when', 'a', 1, context],
      ['delay', 'a', 1, context],
      ['when', 'b', 2, context],
      ['delay', 'b', 2, context],
    ]);
    const signal = await new Promise((resolve) => {
      void retrying(failing('a').fn, { when: (_error, _attempt, given) => resolve(given.signal) })('value').catch(
        () => 0,
      );
    });
    expect(signal).toBeInstanceOf(AbortSignal);
  });

  test('calls neither delay nor the callback once the signal has aborted', async () => {
    const calls: string[] = [];
    const controller = new AbortController();
    const call = async (_context: unknown) => {
      calls.push('callback');
      throw new Error('callback');
    };
    const when = async () => {
      controller.abort('left');
      return true;
    };
    const delay = () => calls.push('delay');
    await outcomeOf(() => retrying(call, { when, delay })(controller));
    expect(calls).toEqual(['callback']);
  });

  test('calls no callback if the signal aborts in the turn in which its limiter has admitted it', async () => {
    const controller = new AbortController();
    const one = limiter(1);
    const release = await one.acquire();
    const callback = jest.fn(async (_context: unknown) => undefined);
    const outcome = outcomeOf(() => retrying(callback, { limiter: one })(controller));
    release();
    controller.abort('left');
    expect([await outcome, callback.mock.calls, one.running]).toEqual([{ error: 'left' }, [], 0]);
  });

  test('rejects if when returns a falsy value, throws, or if delay returns no duration', async () => {
    const outcome = (options: RetryingOptions) =>
      played(outcomeOf(() => retrying(failing('a', 'b').fn, options)('value')));
    const fail = () => {
      throw 'asked';
    };
    expect(await outcome({ when: async () => 0 })).toEqual({ error: 'a' });
    expect(await outcome({ when: fail })).toEqual({ error: 'asked' });
    expect(await outcome({ delay: fail })).toEqual({ error: 'asked' });
    const wrong = [-1, NaN, '5'].map((said) => outcome({ delay: () => said as number }));
    expect((await Promise.all(wrong)).map((each) => String((each as { error: unknown }).error))).toEqual([
      'RangeError: retrying: the result of delay must be a non-negative number of milliseconds, got -1',
      'RangeError: retrying: the result of delay must be a non-negative number of milliseconds, got NaN',
      "TypeError: retrying: the result of delay must be a non-negative number of milliseconds, got '5'",
    ]);
  });

  test('gives timers and I/O a turn before each retry, so that endless retries can be aborted', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('stop'), 5);
    const fail = async (_context: unknown) => {
      throw new Error('callback');
    };
    const { signal } = controller;
    const pending = outcomeOf(() => retrying(fail, { times: Infinity })({ signal }));
    await pass(5);
    expect(await pending).toEqual({ error: 'stop' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('ends a wait at once when its signal aborts, with the reason, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const { fn, starts } = failing('a', 'b');
    const call = retrying(fn, { delay: 60_000 })('value', 0, controller);
    const pending: Promise<Outcome> = outcomeOf(() => call);
    await pass(10);
    expect(jest.getTimerCount()).toBe(1);
    controller.abort('stop');
    expect(await turnsUntilSettled(pending)).toBeLessThan(20);
    expect([await pending, jest.getTimerCount(), starts.length]).toEqual([{ error: 'stop' }, 0, 1]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('leaves no listener and no timer after a retry', async () => {
    const { signal } = new AbortController();
    await played(retrying(failing('a', 'b').fn, { delay: 10 })('value', 0, { signal }));
    expect([getEventListeners(signal, 'abort'), jest.getTimerCount()]).toEqual([[], 0]);
  });

  test('never retries after an abort, also one that comes while when is asked', async () => {
    const controller = new AbortController();
    const aborted = jest.fn(async (_context: unknown) => {
      controller.abort('stop');
      throw new Error('aborted');
    });
    expect(await played(outcomeOf(() => retrying(aborted)(controller)))).toEqual({ error: new Error('aborted') });
    expect(aborted).toHaveBeenCalledTimes(1);
    const later = new AbortController();
    const { fn, starts } = failing('a');
    const when = async () => {
      later.abort('later');
      return true;
    };
    expect(await played(outcomeOf(() => retrying(fn, { when, delay: 10 })('value', 0, later)))).toEqual({
      error: 'later',
    });
    expect(starts.length).toBe(1);
  });

  test('makes no signal while the calls succeed', async () => {
    const context = {
      get signal(): AbortSignal {
        throw new Error('looked at');
      },
    };
    expect(await retrying(async (_context: unknown) => 'value')(context)).toBe('value');
  });

  test('is refused at the call: a callback that is none, and options that are wrong', () => {
    const refused = (...args: unknown[]) => refusal(() => retrying(...(args as Parameters<typeof retrying>)));
    expect(refused()).toBe('TypeError: retrying: fn must be a function, got undefined');
    expect(refused(Number, null)).toBe('TypeError: retrying: options must be an object, got null');
    expect(refused(Number, { times: -1 })).toBe(
      'RangeError: retrying: times must be a non-negative integer or Infinity, got -1',
    );
    expect(refused(Number, { delay: '1' })).toBe(
      "TypeError: retrying: delay must be a number of milliseconds from 0 to 2147483647, got '1'",
    );
    expect(refused(Number, { when: 1 })).toBe('TypeError: retrying: when must be a function, got 1');
  });

  test('keeps the name of its callback, for explain() and traces', () => {
    const fetchUser = async () => 'user';
    expect(retrying(fetchUser).name).toBe('retrying(fetchUser)');
    expect(String(AsyncStream.of(1).map(retrying(fetchUser)))).toContain('retrying(fetchUser)');
  });
});

describe('a retrying callback', () => {
  const fails = () => {
    const failed = new Set<unknown>();
    return <T>(key: unknown, value: T): T => {
      if (failed.has(key)) return value;
      failed.add(key);
      throw new Error(`failed for ${String(key)}`);
    };
  };

  test('works in every method that calls one', async () => {
    const once = fails();
    const square = retrying(async (x: number) => once(x, x * x));
    expect(await played(AsyncStream.of(1, 2).map(square).toArray())).toEqual([1, 4]);
    expect(await played(AsyncStream.of(3, 4).map(square, { concurrency: 2 }).toArray())).toEqual([9, 16]);
    expect(await played(AsyncStream.of(0, 5).filter(square).toArray())).toEqual([5]);
    const pair = retrying((x: number) => once(x, [x, x]));
    expect(await played(AsyncStream.of(6, 7).flatMap(pair, { concurrency: 2 }).toArray())).toEqual([6, 6, 7, 7]);
    const seen: number[] = [];
    await played(AsyncStream.of(8, 9).forEach(retrying((x: number) => seen.push(once(x, x)))));
    expect(seen).toEqual([8, 9]);
    const page = retrying(({ page: n }: { page: number }) => once(`page ${n}`, n < 3 ? [n] : []));
    expect(await played(AsyncStream.paginate(page).toArray())).toEqual([1, 2]);
    const count = retrying((index: number) => once(`poll ${index}`, index));
    expect(await played(AsyncStream.poll(count, { every: 10 }).take(2).toArray())).toEqual([0, 1]);
  });

  test.each([undefined, 2])('stops waiting when its run ends, with concurrency %p', async (concurrency) => {
    const fail = async () => {
      throw new Error('callback');
    };
    const fn = retrying(fail, { times: Infinity, delay: 60_000 });
    const options = concurrency === undefined ? {} : { concurrency };
    const iterator = AsyncStream.of(1, 2, 3).map(fn, options)[Symbol.asyncIterator]();
    const pending = iterator.next();
    await pass(10);
    expect(jest.getTimerCount()).toBe(concurrency ?? 1);
    await iterator.return();
    expect([await pending, jest.getTimerCount()]).toEqual([DONE, 0]);
  });

  test('adds one listener to a signal, however many calls wait under it', async () => {
    const { signal } = new AbortController();
    const fn = retrying(
      async (_context: { readonly signal: AbortSignal }) => {
        throw new Error('callback');
      },
      { times: 1, delay: 10 },
    );
    const calls = Array.from({ length: 11 }, () => outcomeOf(() => fn({ signal })));
    await pass(5);
    expect(getEventListeners(signal, 'abort').length).toBe(1);
    await pass(20);
    await Promise.all(calls);
    expect(getEventListeners(signal, 'abort').length).toBe(0);
  });
});
