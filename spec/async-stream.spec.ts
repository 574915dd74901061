import { runInNewContext } from 'node:vm';
import { describe, expect, jest, test } from '@jest/globals';
import type * as asyncstream from '../lib/index.ts';
import { AsyncStream, StreamConsumedError } from '../lib/index.ts';
import { DONE } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { idle, outcomeOf } from './support/turns.ts';
import { Watched } from './support/watched.ts';

describe('AsyncStream', () => {
  describe('is immutable', () => {
    test('each method gives a new stream, and leaves the one that it was called on as it was', async () => {
      const base = AsyncStream.of(1, 2, 3);
      const odd = base.filter((x) => x % 2 === 1);
      const doubled = odd.map((x) => x * 2);
      const first = odd.take(1);
      expect(new Set([base, odd, doubled, first]).size).toBe(4);
      expect(await base.toArray()).toEqual([1, 2, 3]);
      expect(await odd.toArray()).toEqual([1, 3]);
      expect(await doubled.toArray()).toEqual([2, 6]);
      expect(await first.toArray()).toEqual([1]);
    });

    test('branches from one stream share nothing, also when they run at the same time', async () => {
      const base = AsyncStream.of('a', 'b', 'a').entries().drop(1);
      const branches = [
        base.map(([index]) => index),
        base.map(([, x]) => x).distinct(),
        base.take(1),
        base.append('z'),
      ];
      expect(await Promise.all(branches.map((branch: AsyncStream<unknown>) => branch.toArray()))).toEqual([
        [1, 2],
        ['b', 'a'],
        [[1, 'b']],
        [[1, 'b'], [2, 'a'], 'z'],
      ]);
    });

    test('also what makes another source of it, and what ends it, leaves it as it was', async () => {
      const base = AsyncStream.of(1, 2);
      base.repeat(2);
      base.catch(() => []);
      base.pipe((above) => above.take(1));
      await base.first();
      expect(await base.toArray()).toEqual([1, 2]);
    });

    test('has nothing that could be written to', () => {
      expect(Object.keys(AsyncStream.of(1))).toEqual([]);
    });
  });

  test('is not made by its constructor, whose error says how', () => {
    const Constructor = AsyncStream as unknown as new (input?: unknown) => unknown;
    const error = new TypeError('new AsyncStream: source must be passed to AsyncStream.from, got [object Array]');
    expect(() => new Constructor([1])).toThrow(error);
    expect(() => new Constructor()).toThrow(TypeError);
  });

  describe('made from a stream', () => {
    test('is that stream', () => {
      for (const stream of [AsyncStream.of(1), AsyncStream.of(1).map(String), AsyncStream.of(1).repeat()]) {
        expect(AsyncStream.from(stream)).toBe(stream);
      }
    });
  });

  describe('is never taken for a promise', () => {
    test('by await, by async functions and by Promise.resolve', async () => {
      const stream = AsyncStream.of(1);
      expect(await stream).toBe(stream);
      expect(await (async () => stream)()).toBe(stream);
      expect(await Promise.all([stream])).toEqual([stream]);
    });

    test('nor is its iterator', async () => {
      const iterator = AsyncStream.of(1)[Symbol.asyncIterator]();
      expect(await iterator).toBe(iterator);
    });

    test('as an element either', async () => {
      const inner = AsyncStream.of(1);
      expect(await AsyncStream.of(inner).toArray()).toEqual([inner]);
      expect(
        await AsyncStream.of(0)
          .map(() => inner)
          .first(),
      ).toBe(inner);
    });
  });

  test('is iterable by whatever takes async iterables', async () => {
    async function* delegate() {
      yield* AsyncStream.of(1, 2);
    }
    const values: number[] = [];
    for await (const value of delegate()) values.push(value);
    expect(values).toEqual([1, 2]);
  });

  test('is no sync iterable', () => {
    expect(Symbol.iterator in AsyncStream.of(1)).toBe(false);
  });

  test('has promises for terminals, which are ready when the run is over', async () => {
    const log: string[] = [];
    const promise = new Probe({ log, close: idle }).stream.first();
    expect(promise).toBeInstanceOf(Promise);
    await promise;
    expect(log).toEqual(['next', 'close', 'closed']);
  });

  test('starts at once when it is run, and not in a later turn', async () => {
    const source = new Watched(1);
    const run = AsyncStream.from(source).toArray();
    expect(source.log).toEqual(['open', 'next']);
    await run;
  });

  test('takes elements of another realm, and its errors', async () => {
    const foreign = runInNewContext(`({
      array: [1, 2],
      error: new Error('foreign'),
      *generate() { yield 3; },
      async *generateAsync() { yield 4; },
    })`) as {
      array: number[];
      error: unknown;
      generate(): Iterable<number>;
      generateAsync(): AsyncIterable<number>;
    };
    const [sync, async] = [foreign.generate(), foreign.generateAsync()];
    expect(await AsyncStream.from(foreign.array).concat(sync, async).toArray()).toEqual([1, 2, 3, 4]);
    for (const source of [sync, async]) {
      const { error } = (await outcomeOf(() => AsyncStream.from(source).drain())) as { error: unknown };
      expect(error).toBeInstanceOf(StreamConsumedError);
    }
    const fail = () => Promise.reject(foreign.error);
    expect(await outcomeOf(() => AsyncStream.of(1).map(fail).drain())).toStrictEqual({ error: foreign.error });
  });

  describe('has an iterator', () => {
    const open = <T>(stream: AsyncStream<T>) => stream[Symbol.asyncIterator]();

    test('that can be streamed again, once', async () => {
      const iterator = open(AsyncStream.of(1, 2, 3));
      await iterator.next();
      const rest = AsyncStream.from(iterator);
      expect(await rest.toArray()).toEqual([2, 3]);
      expect(await outcomeOf(() => rest.toArray())).toEqual({ error: expect.any(StreamConsumedError) });
    });

    test('whose return() gives back its value, and closes the source once', async () => {
      const source = new Watched(1, 2);
      const iterator = open(AsyncStream.from(source));
      await iterator.next();
      expect(await iterator.return('value' as never)).toEqual({ done: true, value: 'value' });
      expect(await iterator.return()).toEqual(DONE);
      expect(await iterator.next()).toEqual(DONE);
      expect(source.log).toEqual(['open', 'next', 'return']);
    });

    test('without throw(): yield* closes it when an error is thrown in', async () => {
      const source = new Watched(1, 2);
      async function* delegate() {
        yield* AsyncStream.from(source);
      }
      const generator = delegate();
      await generator.next();
      await expect(generator.throw(new Error('thrown in'))).rejects.toBeInstanceOf(Error);
      expect(source.log).toEqual(['open', 'next', 'return']);
    });

    test('that can be disposed of, at any time', async () => {
      const source = new Watched(1, 2);
      const iterator = open(AsyncStream.from(source));
      await iterator.next();
      expect(await iterator[Symbol.asyncDispose]()).toBe(undefined);
      await iterator[Symbol.asyncDispose]();
      expect(await iterator.next()).toEqual(DONE);
      expect(source.log).toEqual(['open', 'next', 'return']);

      const unopened = new Watched(1);
      await open(AsyncStream.from(unopened))[Symbol.asyncDispose]();
      expect(unopened.log).toEqual([]);
    });
  });

  describe('of another copy of the package', () => {
    async function anotherCopy(): Promise<typeof asyncstream> {
      jest.resetModules();
      return (await import('../lib/index.ts')) as typeof asyncstream;
    }

    test('is not this one, but an input like any other', async () => {
      const other = await anotherCopy();
      const theirs = other.AsyncStream.of(1, 2).map((x) => x * 2);
      const ours = AsyncStream.from(theirs);
      expect(ours).not.toBe(theirs);
      expect(ours).toBeInstanceOf(AsyncStream);
      expect([await ours.toArray(), await ours.toArray()]).toEqual([
        [2, 4],
        [2, 4],
      ]);
      expect(await other.AsyncStream.from(ours).toArray()).toEqual([2, 4]);
    });

    test('is closed with the run, and not opened where nothing is wanted of it', async () => {
      const other = await anotherCopy();
      const source = new Watched(1, 2);
      const theirs = other.AsyncStream.from(source);
      await AsyncStream.from(theirs).take(0).drain();
      await AsyncStream.of(0).concat(theirs).first();
      expect(source.log).toEqual([]);
      await AsyncStream.from(theirs).first();
      await AsyncStream.of(0)
        .catch(() => theirs)
        .concat(theirs)
        .at(1);
      const run = ['open', 'next', 'return'];
      expect(source.log).toEqual([...run, ...run]);
    });

    test('fails with errors that have the same name here and there', async () => {
      const other = await anotherCopy();
      const iterator = [1].values();
      const theirs = other.AsyncStream.from(iterator);
      await AsyncStream.from(theirs).drain();
      const { error } = (await outcomeOf(() => AsyncStream.from(theirs).drain())) as {
        error: { name: string; source: object };
      };
      expect(error).not.toBeInstanceOf(StreamConsumedError);
      expect([error.name, error.source]).toEqual(['StreamConsumedError', iterator]);
    });
  });
});
