// Native `for await` as the oracle: thousands of iterators that do not keep to the protocol, through every stage.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AsyncStream } from '../lib/index.ts';
import { asSpecified } from './support/for-await.ts';
import { soak } from './support/soak.ts';
import { stages } from './support/table.ts';

/** An error for each place, so that it is seen which one came out. */
const errors = Object.fromEntries(
  ['next', 'value', 'done', 'reading', 'return', 'returned', 'body'].map((place) => [place, new Error(place)]),
);

const fail = (place: string): never => {
  throw errors[place];
};

/** The results of `next()`. All that come after the last one are `done`. */
const results: Record<string, (n: number) => unknown> = {
  value: (value) => ({ value, done: false }),
  'no done': (value) => ({ value }),
  'a promise of a value': (value) => ({ value: Promise.resolve(value) }),
  'a thenable of a value': (value) => ({ value: { then: (use: (value: number) => void) => use(value) } }),
  'a function with a value': (value) => Object.assign(() => undefined, { value }),
  'an array': () => [],
  'a rejecting promise': () => ({ value: Promise.reject(errors['value']) }),
  done: () => ({ done: true }),
  'a truthy done': () => ({ done: 'yes', value: 1 }),
  'a final promise': () => ({ done: true, value: Promise.resolve(1) }),
  'a final rejecting promise': () => ({ done: true, value: Promise.reject(errors['value']) }),
  'a function that is done': () => Object.assign(() => undefined, { done: true }),
  undefined: () => undefined,
  null: () => null,
  'a number': () => 1,
  'a throwing done': () => ({
    get done() {
      return fail('done');
    },
  }),
  'a throwing value': () => ({
    get value() {
      return fail('reading');
    },
  }),
  'a throw': () => fail('next'),
};

const returns: Record<string, (() => unknown) | null | 1 | undefined> = {
  none: undefined,
  null: null,
  'not a function': 1,
  'an empty object': () => ({}),
  'a function': () => () => undefined,
  'a promise': () => ({ value: Promise.resolve(1) }),
  'a rejecting promise': () => ({ value: Promise.reject(errors['returned']) }),
  'a throwing value': () => ({
    get value() {
      return fail('returned');
    },
  }),
  undefined: () => undefined,
  'a string': () => 'x',
  'a throw': () => fail('return'),
};

interface Behaviour {
  readonly async: boolean;
  /** The iterator is a function. */
  readonly callable: boolean;
  readonly steps: readonly string[];
  readonly closing: string;
}

/** Values are the usual case: an iterator that fails at once says little. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('value', 'a promise of a value') },
  fc.constantFrom(...Object.keys(results)),
);

const behaviours: fc.Arbitrary<Behaviour> = fc.record({
  async: fc.boolean(),
  callable: fc.boolean(),
  steps: fc.array(step, { maxLength: 6 }),
  closing: fc.constantFrom(...Object.keys(returns)),
});

/** An iterable that behaves so, and notes what is called. Promises that nobody awaits are not of interest. */
function misbehaving({ async, callable, steps, closing }: Behaviour, log: string[]) {
  let index = 0;
  const mark = (result: unknown) => {
    const value = Object.getOwnPropertyDescriptor(Object(result), 'value')?.value as unknown;
    // Those of an async iterator are elements, and not awaited.
    if (async && value instanceof Promise) value.catch(() => undefined);
    return result;
  };
  const promised = (fn: () => unknown) => (async ? async () => mark(fn()) : () => mark(fn()));
  const iterator: Record<string, unknown> = callable ? Object.assign(() => undefined) : {};
  iterator['next'] = promised(() => {
    log.push('next');
    const kind = steps[index++];
    return kind === undefined ? { done: true } : results[kind]!(index);
  });
  const close = returns[closing];
  iterator['return'] =
    typeof close !== 'function'
      ? close
      : promised(() => {
          log.push('return');
          return close();
        });
  return { [async ? Symbol.asyncIterator : Symbol.iterator]: () => iterator } as unknown as AsyncIterable<unknown>;
}

/** How the loop is left, after some elements. */
type Leaving = 'break' | 'throw';

interface Ended {
  readonly log: readonly string[];
  readonly seen: readonly unknown[];
  readonly error: unknown;
}

async function consume(
  behaviour: Behaviour,
  make: (input: AsyncIterable<unknown>) => AsyncIterable<unknown>,
  after = Infinity,
  leaving: Leaving = 'break',
): Promise<Ended> {
  const log: string[] = [];
  const seen: unknown[] = [];
  let error: unknown = 'none';
  try {
    for await (const value of make(misbehaving(behaviour, log))) {
      // Promises and functions are other ones in each run.
      seen.push(typeof value === 'object' ? 'object' : value);
      if (seen.length < after) continue;
      if (leaving === 'throw') throw errors['body'];
      break;
    }
  } catch (thrown) {
    error = thrown instanceof TypeError || String(thrown).startsWith('TypeError') ? 'TypeError' : thrown;
  }
  return { log, seen, error };
}

const native = (behaviour: Behaviour, after?: number, leaving?: Leaving) =>
  consume(behaviour, asSpecified, after, leaving);

const plain = fc.record({
  behaviour: behaviours,
  after: fc.integer({ min: 1, max: 5 }),
  leaving: fc.constantFrom('break' as const, 'throw' as const),
});

const numRuns = soak(20_000, 2000);

describe('an iterator that does not keep to the protocol', () => {
  test('is treated as a native for await treats it', async () => {
    const property = fc.asyncProperty(plain, async ({ behaviour, after, leaving }) => {
      const stream = (input: AsyncIterable<unknown>) => AsyncStream.from(input);
      expect(await consume(behaviour, stream, after, leaving)).toStrictEqual(await native(behaviour, after, leaving));
      expect(await consume(behaviour, stream)).toStrictEqual(await native(behaviour));
    });
    await fc.assert(property, { numRuns, seed: 8 });
  });

  test('is treated so as an inner iterable', async () => {
    const nested: ((input: AsyncIterable<unknown>) => AsyncIterable<unknown>)[] = [
      (input) => AsyncStream.of(1).flatMap(() => input),
      (input) => AsyncStream.from([input]).flat(),
      (input) => AsyncStream.concat([], input),
      (input) => AsyncStream.from(() => input),
    ];
    const property = fc.asyncProperty(
      plain,
      fc.constantFrom(...nested),
      async ({ behaviour, after, leaving }, nest) => {
        expect(await consume(behaviour, nest, after, leaving)).toStrictEqual(await native(behaviour, after, leaving));
      },
    );
    await fc.assert(property, { numRuns, seed: 8 });
  });

  const rows = stages.filter(({ element, repeats, catches }) => element === undefined && !repeats && !catches);

  /** A rejecting promise that is an element is awaited by some stages, and not by others. */
  const fit = behaviours.filter(({ async, steps }) => !(async && steps.includes('a rejecting promise')));

  test.each(rows)('is called through $call as a native for await calls it', async ({ build }) => {
    const property = fc.asyncProperty(fit, async (behaviour) => {
      const stream = (input: AsyncIterable<unknown>) => build(AsyncStream.from(input));
      const { log, error } = await consume(behaviour, stream);
      // The stage may have left the iterator by itself after any element.
      const left = await Promise.all([1, 2, 3, 4, 5, 6].map((after) => native(behaviour, after)));
      const known = [await native(behaviour), ...left].filter((ended) => ended.log.join() === log.join());
      expect([log, known.length > 0]).toEqual([log, true]);
      expect(known.map((ended) => ended.error)).toContain(error);
    });
    await fc.assert(property, { numRuns: soak(500, 60), seed: 8 });
  });
});
