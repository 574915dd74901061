import { describe, expect, test } from '@jest/globals';
import type { Suspension } from '../../../lib/engine/core/answer.ts';
import { Scope } from '../../../lib/engine/core/scope.ts';
import { End } from '../../../lib/engine/core/sink.ts';
import { feed as feedInput } from '../../../lib/engine/feeding/input.ts';
import { AsyncStream, type Input } from '../../../lib/index.ts';
import { Probe } from '../../support/probe.ts';
import { outcomeOf, seenOf } from '../../support/turns.ts';

class Ignoring extends End<number> {
  push(): boolean {
    return true;
  }
}

/** Wherever a stream takes its elements from. */
const feeders: Record<string, (input: any) => AsyncStream<unknown>> = {
  'from(input)': (input) => AsyncStream.from(input),
  'from(() => input)': (input) => AsyncStream.from(() => input),
  'from(async () => input)': (input) => AsyncStream.from(async () => input),
  'flatMap(() => input)': (input) => AsyncStream.of(0).flatMap(() => input as []),
  'flatMap(async () => input)': (input) => AsyncStream.of(0).flatMap(async () => input as []),
  'flat()': (input) =>
    AsyncStream.from([[input]])
      .flat()
      .flat(),
  'concat(input)': (input) => AsyncStream.of().concat(input as Input<unknown>),
  'pipe(() => input)': (input) => AsyncStream.of(0).pipe(() => input as []),
  'pipe(async () => input)': (input) => AsyncStream.of(0).pipe(async () => input as []),
  'using(open, () => input)': (input) => AsyncStream.using(Object, () => input as [], Object),
  'catch(() => input)': (input) =>
    AsyncStream.from(() => Promise.reject<[]>(new Error('caught'))).catch(() => input as []),
};

describe.each(Object.keys(feeders))('%s', (name) => {
  const feed = feeders[name]!;
  const errorOf = async (input: unknown) => {
    const { error } = (await outcomeOf(() => feed(input).toArray())) as { error: unknown };
    return String(error);
  };

  test('takes whatever can be streamed', async () => {
    const inputs: unknown[] = [
      [1, 2],
      new Set([1, 2]),
      [1, 2].values(),
      (function* () {
        yield* [1, 2];
      })(),
      (async function* () {
        yield* [1, 2];
      })(),
      ((n = 0) => ({ next: () => ({ done: n === 2, value: ++n }) }))(),
      ((n = 0) => ({ next: async () => ({ done: n === 2, value: ++n }) }))(),
      AsyncStream.of(1, 2),
      AsyncStream.of(1, 2)[Symbol.asyncIterator](),
      AsyncStream.of(0, 1, 2).drop(1),
      new ReadableStream({
        start(controller) {
          controller.enqueue(1);
          controller.enqueue(2);
          controller.close();
        },
      }),
    ];
    for (const input of inputs) expect(await feed(input).toArray()).toEqual([1, 2]);
  });

  test.each([5, true, null, undefined, {}, new Date(0)])('refuses what cannot: %p', async (input) => {
    // At the call, where it is known by then.
    expect(await errorOf(input).catch(String)).toMatch(
      name === 'catch(() => input)' && input == null ? /^undefined$/ : /must be an iterable or an iterator, got /,
    );
  });

  test.each([undefined, null, 5, 'done'])(
    'refuses an iterator whose next() returns %p, and does not close it',
    async (result) => {
      const given = typeof result === 'string' ? `'${result}'` : String(result);
      const message = `TypeError: the result of an iterator's next() must be an object, got ${given}`;
      let closed = 0;
      const methods = { return: () => ({ done: true, value: ++closed }) };
      expect(await errorOf({ [Symbol.iterator]: () => ({ next: () => result, ...methods }) })).toBe(message);
      expect(await errorOf({ [Symbol.asyncIterator]: () => ({ next: async () => result, ...methods }) })).toBe(message);
      expect(await errorOf({ next: () => result, ...methods })).toBe(message);
      expect(closed).toBe(0);
    },
  );

  test('refuses an iterable that gives no iterator', async () => {
    for (const make of [() => 5, () => undefined, () => null, () => ({})]) {
      expect(await errorOf({ [Symbol.asyncIterator]: make })).toMatch(/^TypeError: /);
      expect(await errorOf({ [Symbol.iterator]: make })).toMatch(/^TypeError: /);
    }
  });

  test('passes on what opening fails with', async () => {
    const error = new Error('open');
    for (const symbol of [Symbol.asyncIterator, Symbol.iterator]) {
      const input = {
        [symbol]() {
          throw error;
        },
      };
      expect(await seenOf(feed(input))).toStrictEqual({ seen: [], error });
    }
  });

  test('passes on what next() throws, and does not close', async () => {
    for (const error of [new Error('next'), undefined, null, 0, '']) {
      const closed: string[] = [];
      const iterator = {
        next() {
          throw error;
        },
        return: () => closed.push('return'),
      };
      // An async iterator may throw as well.
      for (const input of [
        { [Symbol.asyncIterator]: () => ({ ...iterator }) },
        { [Symbol.iterator]: () => ({ ...iterator }) },
        { ...iterator },
      ]) {
        expect(await seenOf(feed(input))).toStrictEqual({ seen: [], error });
      }
      expect(closed).toEqual([]);
    }
  });
});

test('an async input is not read if its run has ended before the driver waits for it', async () => {
  const probe = new Probe();
  const scope = new Scope();
  const answer = feedInput(probe.input as AsyncIterable<number>, new Ignoring(), scope, 'from: input') as Suspension;
  await scope.cancel();
  expect(await answer.wait()).toBe(undefined);
  expect([probe.pulled, probe.closed, probe.faults()]).toEqual([0, 1, []]);
});
