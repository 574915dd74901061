// A reader of a shared run that has left holds up nobody, however long its own cleanup takes.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { iterate, never } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { idle } from './support/turns.ts';

/** Opened by the reader that leaves, and never closed. */
const stuck: AsyncIterable<number> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 0 }), return: never }),
};

async function leave(stream: AsyncStream<number>): Promise<void> {
  const reader = iterate(stream.flatMap(() => stuck));
  await reader.next();
  void reader.return!();
}

describe('a reader that leaves, and whose cleanup never settles, holds up no other reader', () => {
  test('of tee', async () => {
    const [one, other] = AsyncStream.range(0, 5).tee(2, { buffer: 1 });
    const rest = other.toArray();
    await leave(one);
    expect(await rest).toEqual([0, 1, 2, 3, 4]);
  });

  test('of partition', async () => {
    const [even, odd] = AsyncStream.range(0, 6).partition((x) => x % 2 === 0, { buffer: 1 });
    const rest = odd.toArray();
    await leave(even);
    expect(await rest).toEqual([1, 3, 5]);
  });

  test('of share', async () => {
    const shared = AsyncStream.range(0, 5).share({ buffer: 1 });
    const leaving = leave(shared);
    const rest = shared.toArray();
    await leaving;
    expect(await rest).toEqual([0, 1, 2, 3, 4]);
  });

  test('of groupByKey', async () => {
    const odd: number[] = [];
    await AsyncStream.range(0, 12)
      .groupByKey((x) => x % 2, { buffer: 2 })
      .forEach(async ([key, group]) => {
        if (key === 0) await leave(group);
        else void group.forEach((x) => void odd.push(x));
      });
    await idle();
    expect(odd).toEqual([1, 3, 5, 7, 9, 11]);
  });
});

test.each<[string, (stream: AsyncStream<number>) => AsyncStream<number>]>([
  ['tee', (stream) => stream.tee()[0]],
  ['partition', (stream) => stream.partition(() => true)[0]],
  ['share', (stream) => stream.share()],
])('an error of the shared source can be caught by a reader of %s', async (_, read) => {
  const error = new Error('source');
  const source = AsyncStream.of(1).concat(() => Promise.reject<number[]>(error));
  expect(
    await read(source)
      .catch((caught) => [caught])
      .toArray(),
  ).toEqual([1, error]);
});

test('2,000 shared streams, one after the other, can be left: the source is closed', async () => {
  const probe = new Probe();
  let stream: AsyncStream<unknown> = probe.stream;
  for (let n = 0; n < 2000; n++) stream = stream.share();
  await stream.first();
  expect([probe.closed, probe.faults()]).toEqual([1, []]);
});

describe('one that can be read once says so to a second reader, and after it was closed unread', () => {
  const source = AsyncStream.of(1, 2);
  test.each<[string, () => AsyncStream<number> | Promise<AsyncStream<number>>]>([
    ['a branch of tee()', () => source.tee()[0]],
    ['a side of partition()', () => source.partition(() => true)[0]],
    ['a group of groupByKey()', async () => (await source.groupByKey(() => 0).toArray())[0]![1]],
    ['the stream of a channel', () => AsyncStream.channel<number>().stream],
  ])('%s', async (name, make) => {
    for (const read of [
      (stream: AsyncStream<number>) => stream.take(0).toArray(),
      (stream: AsyncStream<number>) => iterate(stream).return!(),
    ]) {
      const stream = await make();
      await read(stream);
      await expect(stream.toArray()).rejects.toThrow(`${name} can be run only once`);
    }
    const stream = await make();
    const iterator = iterate(stream);
    void iterator.next();
    await expect(stream.toArray()).rejects.toThrow(`${name} can be run only once`);
    await iterator.return!();
  });
});

test('a reader of share that leaves before it begins takes nothing from one that begins in the same turn', async () => {
  const probe = new Probe({ kind: 'async generator', length: 2 });
  const shared = probe.stream.share();
  expect(await Promise.all([shared.take(0).toArray(), shared.toArray()])).toEqual([[], [1, 2]]);
  const alone = new Probe({ kind: 'async generator' });
  await alone.stream.share().take(0).toArray();
  expect([probe.opened, probe.faults(), alone.opened, alone.closed]).toEqual([1, [], 0, 1]);
});
