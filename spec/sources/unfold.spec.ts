import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE } from '../support/iterators.ts';
import { idle, outcomeOf, turnsUntilSettled, until } from '../support/turns.ts';

const upTo = (end: number) => (n: number) => (n < end ? ([n, n + 1] as const) : null);

describe('unfold', () => {
  test('gives one element after the other, each from the state that the one before left', async () => {
    const fibonacci = AsyncStream.unfold([0, 1] as [number, number], ([a, b]) => [a, [b, a + b] as [number, number]]);
    expect(await fibonacci.take(7).toArray()).toEqual([0, 1, 1, 2, 3, 5, 8]);
  });

  test.each([null, undefined])('ends with %p', async (end) => {
    expect(await AsyncStream.unfold(0, (n) => (n < 3 ? [n, n + 1] : end)).toArray()).toEqual([0, 1, 2]);
  });

  test('is empty where the first step ends it', async () => {
    expect(await AsyncStream.unfold(0, () => null).toArray()).toEqual([]);
  });

  test('waits for an element that is a promise, and not for a state', async () => {
    const state = Promise.resolve('state');
    const states: unknown[] = [];
    const stream = AsyncStream.unfold<unknown, unknown>(0, (before) => {
      states.push(before);
      return states.length < 3 ? [Promise.resolve(states.length), state] : null;
    });
    expect(await stream.toArray()).toEqual([1, 2]);
    expect(states).toEqual([0, state, state]);
  });

  test('takes falsy elements and states for what they are', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    const states: unknown[] = [];
    const stream = AsyncStream.unfold<unknown, unknown>(undefined, (state) => {
      states.push(state);
      return states.length <= values.length ? [values[states.length - 1], values[states.length - 1]] : null;
    });
    expect(await stream.toArray()).toEqual(values);
    expect(states).toEqual([undefined, ...values]);
  });

  test('waits for a promise of the step, one at a time', async () => {
    const log: string[] = [];
    const stream = AsyncStream.unfold(0, async (n) => {
      log.push(`step ${n}`);
      await idle();
      log.push(`made ${n}`);
      return upTo(2)(n);
    });
    await stream.forEach((n) => log.push(`got ${n}`));
    expect(log).toEqual(['step 0', 'made 0', 'got 0', 'step 1', 'made 1', 'got 1', 'step 2', 'made 2']);
  });

  test('may answer now at once, and now with a promise', async () => {
    const step = (n: number) => (n % 2 === 0 ? upTo(5)(n) : Promise.resolve(upTo(5)(n)));
    expect(await AsyncStream.unfold(0, step).toArray()).toEqual([0, 1, 2, 3, 4]);
  });

  test('asks for a step only when its element is wanted', async () => {
    const states: number[] = [];
    const stream = AsyncStream.unfold(0, (n) => {
      states.push(n);
      return [n, n + 1];
    });
    expect(states).toEqual([]);
    expect(await stream.take(2).toArray()).toEqual([0, 1]);
    expect(states).toEqual([0, 1]);
    await stream.take(0).toArray();
    expect(states).toEqual([0, 1]);
  });

  test('does not wait for a step that never answers, when the consumer has left', async () => {
    let asked = false;
    const stream = AsyncStream.unfold(0, () => {
      asked = true;
      return new Promise<null>(() => undefined);
    });
    const iterator = stream[Symbol.asyncIterator]();
    const pending = iterator.next();
    await until(() => asked);
    expect(await turnsUntilSettled(iterator.return!())).toBeLessThan(10);
    expect(await pending).toEqual(DONE);
  });

  test.each([
    [0, '0'],
    [false, 'false'],
    ['', "''"],
    ['ab', "'ab'"],
    [{ value: 1 }, '[object Object]'],
    [[], '[object Array]'],
    [[1], '[object Array]'],
    [[1, 2, 3], '[object Array]'],
  ])('fails where the step answers %p', async (answer, described) => {
    for (const step of [() => answer, async () => answer]) {
      const { error } = (await outcomeOf(() => AsyncStream.unfold(0, step as never).toArray())) as { error: unknown };
      expect(String(error)).toBe(
        `TypeError: unfold: the result of step must be a pair [value, state] or null, got ${described}`,
      );
    }
  });
});
