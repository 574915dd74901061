import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, OverflowError, StreamConsumedError } from '../../lib/index.ts';
import { DONE } from '../support/iterators.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled } from '../support/turns.ts';

describe('channel', () => {
  test('streams what is pushed while it is consumed', async () => {
    const { stream, push, end } = AsyncStream.channel<unknown>();
    const all = stream.toArray();
    for (const value of [undefined, null, 0, new Error('a value')]) {
      await idle();
      expect(push(value)).toBe(true);
    }
    end();
    expect(await all).toEqual([undefined, null, 0, new Error('a value')]);
    expect(push(1)).toBe(false);
  });

  test('keeps what is pushed before the first pull, up to its buffer; then pushes wait', async () => {
    const { stream, push, end } = AsyncStream.channel<number>({ buffer: 2 });
    let waiting = true;
    expect([push(1), push(2)]).toEqual([true, true]);
    const third = Promise.resolve(push(3)).finally(() => (waiting = false));
    await idle();
    expect(waiting).toBe(true);
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(await third).toBe(true);
    end();
    expect([(await iterator.next()).value, (await iterator.next()).value, await iterator.next()]).toEqual([2, 3, DONE]);
  });

  test.each([
    ['drop-oldest', { seen: [2, 3] }],
    ['drop-newest', { seen: [1, 2] }],
    ['error', { seen: [1, 2], error: new OverflowError(2) }],
  ] as const)('overflows before the first pull as it does later: %s', async (overflow, expected) => {
    const { stream, push, end } = AsyncStream.channel<number>({ buffer: 2, overflow });
    for (const n of [1, 2, 3]) void push(n);
    end();
    expect(await seenOf(stream)).toEqual(expected);
  });

  test('gives what was pushed before it failed, and then the error', async () => {
    for (const error of [new Error('wanted'), undefined]) {
      const { stream, push, fail } = AsyncStream.channel<number>();
      void push(1);
      fail(error);
      expect(await seenOf(stream)).toStrictEqual({ seen: [1], error });
    }
  });

  test('is one-shot: a second run is refused, and the first goes on', async () => {
    const { stream, push, end } = AsyncStream.channel<number>();
    const all = stream.toArray();
    const { error } = (await outcomeOf(() => stream.toArray())) as { error: unknown };
    expect(error).toBeInstanceOf(StreamConsumedError);
    expect(String(error)).toContain(
      'StreamConsumedError: the stream of a channel can be run only once: make another channel',
    );
    await stream.take(0).toArray();
    void push(1);
    end();
    expect(await all).toEqual([1]);
  });

  test('answers false when the consumer has left, also to those that wait', async () => {
    const { stream, push } = AsyncStream.channel<number>({ buffer: 1 });
    void push(1);
    const waiting = [push(2), push(3)];
    expect(await stream.first()).toBe(1);
    expect([await Promise.all(waiting), push(4)]).toEqual([[true, false], false]);
  });

  test('answers false when it was left before its start', async () => {
    const { stream, push } = AsyncStream.channel<number>();
    await stream[Symbol.asyncIterator]().return();
    expect(push(1)).toBe(false);
    expect(await outcomeOf(() => stream.toArray())).toMatchObject({ error: { name: 'StreamConsumedError' } });
  });

  test('lets a consumer leave at once while nobody pushes', async () => {
    const { stream, push } = AsyncStream.channel<number>();
    const iterator = stream[Symbol.asyncIterator]();
    const pending = iterator.next();
    await idle();
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
    expect([await pending, push(1)]).toEqual([DONE, false]);
  });

  test('keeps the context of the consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { stream, push, end } = AsyncStream.channel<number>();
    const stores: unknown[] = [];
    const note = () => void stores.push(storage.getStore());
    const drained = storage.run('consumer', async () => {
      for await (const _ of stream.tap(note)) note();
    });
    await storage.run('producer', async () => {
      for (const n of [1, 2]) {
        await push(n);
        await idle();
      }
      end();
    });
    await drained;
    expect(stores).toEqual(['consumer', 'consumer', 'consumer', 'consumer']);
  });

  test('takes no element into account twice where a callback pushes into its own stream', async () => {
    const { stream, push, end } = AsyncStream.channel<number>({ buffer: 1 });
    void push(1);
    const all = stream.tap((n) => (n < 5 ? void push(n + 1) : end())).toArray();
    expect(await all).toEqual([1, 2, 3, 4, 5]);
  });
});
