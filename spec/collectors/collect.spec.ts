import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type Collector, collectors } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { idle } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

const { collect, count, first, sum, toArray } = collectors;

/** Notes in a log what it takes, and wants no more than `wanted` elements. */
function logging(log: unknown[], name: string, { wanted = Infinity, wait = false } = {}): Collector<unknown, string> {
  return () => {
    let left = wanted;
    return {
      push(value) {
        log.push(`${name} takes ${String(value)}`);
        left--;
        if (!wait) return left > 0;
        return Promise.resolve().then(() => {
          log.push(`${name} has ${String(value)}`);
          return left > 0;
        });
      },
      result() {
        log.push(`${name} is asked`);
        return name;
      },
    };
  };
}

const never: Collector<unknown, never> = () => ({
  push: () => true,
  result() {
    throw new Error('asked for its result');
  },
});

/** Its result never comes. */
const pending: Collector<unknown, never> = () => ({
  push: () => true,
  result: () => new Promise<never>(() => undefined),
});

describe.each<[string, Collector<unknown, unknown>]>([
  ['a result', pending],
  ['one of several results', collect({ count: count(), pending })],
])('while %s is pending', (_what, collector) => {
  test('an abort ends the run', async () => {
    const controller = new AbortController();
    const reason = new Error('stop');
    const result = AsyncStream.of(1).collect(collector, { signal: controller.signal });
    await idle();
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
  });

  test('a total timeout ends the run', async () => {
    jest.useFakeTimers();
    try {
      const result = AsyncStream.of(1).timeout({ total: 50 }).collect(collector);
      const rejected = expect(result).rejects.toThrow('timeout');
      await jest.advanceTimersByTimeAsync(60);
      await rejected;
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('collect with one collector', () => {
  test('gives its result', async () => {
    expect(await AsyncStream.of(1, 2, 3).collect(sum())).toBe(6);
  });

  test('takes a collector that anybody wrote', async () => {
    const log: unknown[] = [];
    expect(await AsyncStream.of(1, 2).collect(logging(log, 'mine'))).toBe('mine');
    expect(log).toEqual(['mine takes 1', 'mine takes 2', 'mine is asked']);
  });

  test('ends the run where a promise says that no more is wanted', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).collect(logging([], 'mine', { wanted: 2, wait: true }))).toBe('mine');
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('gives nothing to a collector that wants no more, also where the stages above still have something', async () => {
    const log: unknown[] = [];
    await AsyncStream.of([1, 2], [3])
      .flat()
      .collect(logging(log, 'mine', { wanted: 1 }));
    await AsyncStream.of(1, 2, 3)
      .chunks(2)
      .append(9)
      .collect(logging(log, 'other', { wanted: 1 }));
    expect(log).toEqual(['mine takes 1', 'mine is asked', 'other takes 1,2', 'other is asked']);
  });

  test('waits for a result', async () => {
    expect(await AsyncStream.of(1).collect(() => ({ push: () => true, result: async () => 'later' }))).toBe('later');
  });

  test('makes the state anew for each run, given the context', async () => {
    const contexts: unknown[] = [];
    const counting: Collector<unknown, number> = (context) => {
      contexts.push(context);
      let pushed = 0;
      return { push: () => ++pushed > 0, result: () => pushed };
    };
    const stream = AsyncStream.of(1, 2);
    expect([await stream.collect(counting), await stream.collect(counting)]).toEqual([2, 2]);
    expect(contexts).toEqual([aContext, aContext]);
    expect(contexts[0]).not.toBe(contexts[1]);
  });

  test('calls push and result as methods', async () => {
    class Counting {
      #count = 0;
      push() {
        return ++this.#count > 0;
      }
      result() {
        return this.#count;
      }
    }
    expect(await AsyncStream.of(1, 2).collect(() => new Counting())).toBe(2);
  });

  test('does not ask for the result when the source fails', async () => {
    const error = new Error('wanted');
    const source = AsyncStream.of(1).tap(() => {
      throw error;
    });
    await expect(source.collect(never)).rejects.toBe(error);
  });

  test.each([undefined, 1, null, Promise.resolve('yes')])('rejects a push that answers %p', async (answer) => {
    const source = new Watched(1, 2);
    const got = answer instanceof Promise ? "'yes'" : String(answer);
    await expect(
      AsyncStream.from(source).collect(() => ({ push: () => answer as never, result: () => 1 })),
    ).rejects.toThrow(new TypeError(`collect: the result of push must be a boolean, got ${got}`));
    expect(source.log).toEqual(['open', 'next', 'return']);
  });

  test.each([
    [undefined, 'collect: push must be a function, got undefined'],
    [5, 'collect: push must be a function, got undefined'],
    [collectors.sum(), 'collect: collector must be called, as in collectors.sum(), got [object Function]'],
    [{ push: true }, 'collect: push must be a function, got true'],
    [{ push: () => true }, 'collect: result must be a function, got undefined'],
  ])('rejects a collector that makes %p, and opens nothing', async (made, message) => {
    const source = new Watched(1);
    await expect(AsyncStream.from(source).collect(() => made as never)).rejects.toThrow(new TypeError(message));
    expect(source.log).toEqual([]);
  });

  test('can be driven by hand', async () => {
    const context = { signal: new AbortController().signal };
    const gathering = collect({ sum: sum(), found: collectors.find(async (x: number) => x === 2) })(context);
    expect([await gathering.push(1), await gathering.push(2), await gathering.push(3)]).toEqual([true, true, true]);
    expect(await gathering.result()).toEqual({ sum: 6, found: 2 });
  });
});

describe('collect with a record', () => {
  test('gives the result of each collector under its name, in one pass', async () => {
    const source = new Watched(3, 1, 2);
    const results = await AsyncStream.from(source).collect({ sum: sum(), all: toArray(), max: collectors.max() });
    expect(results).toEqual({ sum: 6, all: [3, 1, 2], max: 3 });
    expect(source.log.filter((step) => step === 'open')).toHaveLength(1);
  });

  test('opens nothing where the record is empty', async () => {
    const source = new Watched(1);
    expect(await AsyncStream.from(source).collect({})).toEqual({});
    expect(source.log).toEqual([]);
  });

  test('gives each element to one collector after the other, and waits for each', async () => {
    const log: unknown[] = [];
    const results = await AsyncStream.of(1, 2)
      .tap((x) => log.push(x))
      .collect({ b: logging(log, 'b', { wait: true }), a: logging(log, 'a'), c: logging(log, 'c', { wait: true }) });
    expect(results).toEqual({ b: 'b', a: 'a', c: 'c' });
    expect(log).toEqual(
      [
        [1, 'b takes 1', 'b has 1', 'a takes 1', 'c takes 1', 'c has 1'],
        [2, 'b takes 2', 'b has 2', 'a takes 2', 'c takes 2', 'c has 2'],
        ['b is asked', 'a is asked', 'c is asked'],
      ].flat(),
    );
  });

  test('gives no element to a collector that wants none from the start', async () => {
    const compared: unknown[] = [];
    const none = collectors.top(0, (...pair: number[]) => compared.push(pair));
    expect(await AsyncStream.of(1, 2).collect({ none, all: toArray<number>() })).toEqual({ none: [], all: [1, 2] });
    expect(compared).toEqual([]);
  });

  test.each([false, true])('gives no element to a collector that wants no more (waiting: %p)', async (wait) => {
    const log: unknown[] = [];
    await AsyncStream.of(1, 2).collect({ one: logging(log, 'one', { wanted: 1, wait }), all: logging(log, 'all') });
    expect(log.filter((step) => step !== 'one has 1')).toEqual([
      'one takes 1',
      'all takes 1',
      'all takes 2',
      'one is asked',
      'all is asked',
    ]);
  });

  test.each([false, true])(
    'ends the run as soon as none wants more, and closes the source (waiting: %p)',
    async (wait) => {
      const source = new Watched('a', 'b', 'c');
      const results = await AsyncStream.from(source).collect({
        first: first(),
        two: logging([], 'two', { wanted: 2, wait }),
        isEmpty: collectors.isEmpty(),
      });
      expect(results).toEqual({ first: 'a', two: 'two', isEmpty: false });
      expect(source.log).toEqual(['open', 'next', 'next', 'return']);
    },
  );

  test('waits for results', async () => {
    const later: Collector<unknown, string> = () => ({ push: () => true, result: async () => 'later' });
    expect(await AsyncStream.of(1).collect({ later, count: count() })).toEqual({ later: 'later', count: 1 });
  });

  test('takes a record for one of its collectors', async () => {
    const source = new Watched(1, 2, 3);
    const nested = await AsyncStream.from(source).collect({
      inner: collect({ first: first(), none: collect({}) }),
      at: collectors.at(1),
    });
    expect(nested).toEqual({ inner: { first: 1, none: {} }, at: 2 });
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('gives a plain object, of which __proto__ is a property like any other', async () => {
    const results = await AsyncStream.of(1).collect({ ['__proto__']: count(), constructor: sum() });
    expect(Object.entries(results)).toEqual([
      ['__proto__', 1],
      ['constructor', 1],
    ]);
    expect(Object.getPrototypeOf(results)).toBe(Object.prototype);
  });

  test('is not changed by what becomes of the record', async () => {
    const record: Record<string, Collector<number, number>> = { sum: sum() };
    const collector = collect(record);
    record['count'] = count();
    expect(await AsyncStream.of(1, 2).collect(collector)).toEqual({ sum: 3 });
  });

  test('lets all collectors have the same context', async () => {
    const contexts: unknown[] = [];
    const one: Collector<unknown, number> = (context) => {
      contexts.push(context);
      return { push: () => true, result: () => 1 };
    };
    await AsyncStream.of(1).collect({ one, other: one });
    expect(contexts[0]).toBe(contexts[1]);
  });

  test.each(failures)(
    'fails with the same error when a collector %s, and closes the source',
    async (_how, fail, error) => {
      const source = new Watched(1, 2);
      const log: unknown[] = [];
      const failing = AsyncStream.from(source).collect({
        before: logging(log, 'before'),
        failing: collectors.forEach(fail),
        after: logging(log, 'after'),
      });
      await expect(failing).rejects.toBe(error);
      expect(source.log).toEqual(['open', 'next', 'return']);
      expect(log).toEqual(['before takes 1']);
    },
  );

  test('fails with the error of the first result that fails', async () => {
    const failing =
      (error: Error): Collector<unknown, never> =>
      () => ({
        push: () => true,
        result: () => Promise.reject(error) as never,
      });
    const [one, other] = [new Error('one'), new Error('other')];
    await expect(AsyncStream.of(1).collect({ one: failing(one), other: failing(other) })).rejects.toBe(one);
  });
});

test.each(['first', 'last'] as const)(
  'an abort ends a run that waits for the promise of a default: %s',
  async (method) => {
    const controller = new AbortController();
    const never = new Promise<number>(() => undefined);
    const result = AsyncStream.of<number>()[method](never, { signal: controller.signal });
    await idle();
    controller.abort('stop');
    await expect(result).rejects.toBe('stop');
  },
);
