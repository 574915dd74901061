import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf } from '../support/turns.ts';

describe('an iterator over a stream', () => {
  test('is its own iterator, over one run', async () => {
    const iterator = AsyncStream.range(0, 4)[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    await iterator.next();
    const seen: number[] = [];
    for await (const value of iterator) seen.push(value);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('is another one each time', () => {
    const stream = AsyncStream.of(1);
    expect(stream[Symbol.asyncIterator]()).not.toBe(stream[Symbol.asyncIterator]());
  });

  test('gives back the value that return() is called with, as a generator does', async () => {
    const iterator: AsyncIterator<unknown, unknown> = AsyncStream.of(1)[Symbol.asyncIterator]();
    expect(await iterator.return!('left')).toEqual({ done: true, value: 'left' });
    expect(await iterator.next()).toEqual(DONE);
  });

  test('is closed by Symbol.asyncDispose, which waits for the cleanup', async () => {
    const log: string[] = [];
    const iterator = new Probe({ log, close: idle }).stream[Symbol.asyncIterator]();
    await iterator.next();
    expect(await iterator[Symbol.asyncDispose]()).toBe(undefined);
    log.push('over');
    expect(log).toEqual(['next', 'close', 'closed', 'over']);
  });

  test('passes on by Symbol.asyncDispose what closing fails with', async () => {
    const error = new Error('close');
    const close = () => Promise.reject(error);
    const iterator = new Probe({ close }).stream[Symbol.asyncIterator]();
    await iterator.next();
    expect(await outcomeOf(() => iterator[Symbol.asyncDispose]())).toStrictEqual({ error });
  });

  test('may be delegated to by a generator, which closes it when it is left', async () => {
    const probe = new Probe();
    async function* delegate() {
      yield* probe.stream.map((x: number) => x * 2);
    }
    const generator = delegate();
    expect([await generator.next(), await generator.next()]).toEqual([
      { done: false, value: 2 },
      { done: false, value: 4 },
    ]);
    expect(await generator.return(undefined)).toEqual(DONE);
    expect([probe.pulled, probe.closed, probe.faults()]).toEqual([2, 1, []]);
  });

  test('may be the source of another stream, and is left where that one leaves it', async () => {
    const probe = new Probe();
    const iterator = probe.stream[Symbol.asyncIterator]();
    await iterator.next();
    expect(await AsyncStream.from(iterator).take(2).toArray()).toEqual([2, 3]);
    expect([await iterator.next(), probe.closed, probe.faults()]).toEqual([DONE, 1, []]);
  });

  test('does not let a call of next() that was not answered hold up the source of later ones', async () => {
    const probe = new Probe({ length: 3 });
    const iterator = probe.stream.map(async (x: number) => x)[Symbol.asyncIterator]();
    void iterator.next();
    void iterator.next();
    expect(await iterator.next()).toEqual({ done: false, value: 3 });
    expect([await iterator.next(), probe.faults()]).toEqual([DONE, []]);
  });

  test('ends at once for all calls of next() when return() is called', async () => {
    const log: string[] = [];
    const iterator = new Probe({ stuckAt: 1 }).stream[Symbol.asyncIterator]();
    const calls = [1, 2, 3].map(async (n) => log.push(`${n} ${JSON.stringify(await iterator.next())}`));
    await iterator.return();
    await Promise.all(calls);
    expect(log).toEqual(['1 {"done":true}', '2 {"done":true}', '3 {"done":true}']);
  });
});
