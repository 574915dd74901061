import { Readable } from 'node:stream';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Input, StreamConsumedError } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { FALSY } from '../support/values.ts';

function* generate<T>(...values: T[]): Generator<T, undefined> {
  yield* values;
}

async function* generateAsync<T>(...values: T[]): AsyncGenerator<T, undefined> {
  yield* values;
}

function chunksOf<T>(...values: T[]): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      for (const value of values) controller.enqueue(value);
      controller.close();
    },
  });
}

function arguments_(..._numbers: number[]): IArguments {
  // eslint-disable-next-line prefer-rest-params -- the arguments object itself is the input here
  return arguments;
}

class Countdown implements AsyncIterable<number> {
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number, undefined> {
    for (let count = this.#start; count > 0; count--) yield count;
  }
}

/** Nothing but a `next()`. */
function byHand<T>(...values: T[]): Iterator<T> {
  const iterator = values.values();
  return { next: () => iterator.next() };
}

describe('from', () => {
  describe('an iterable', () => {
    test.each<[kind: string, input: Input<unknown>, elements: unknown[]]>([
      ['an array', [1, 2], [1, 2]],
      ['a set', new Set([1, 2]), [1, 2]],
      ['a map', new Map([['a', 1]]), [['a', 1]]],
      ['bytes', new Uint8Array([1, 2]), [1, 2]],
      ['the arguments of a function', arguments_(1, 2), [1, 2]],
      ['an array of another realm', runInNewContext('[1, 2]') as number[], [1, 2]],
      ['a sparse array', Object.assign(new Array<number>(2), { 1: 1 }), [undefined, 1]],
      ['an empty array', [], []],
      ['falsy elements', FALSY, FALSY],
      ['a class of its own', new Countdown(2), [2, 1]],
    ])('is streamed: %s', async (_kind, input, elements) => {
      const stream = AsyncStream.from(input);
      expect(await stream.toArray()).toEqual(elements);
      expect(await seenOf(stream)).toEqual({ seen: elements });
    });

    test('that is an array of promises leaves none of their rejections unhandled, before a run and in it', async () => {
      const rejecting = () => [1, 2, 3].map(async (n) => Promise.reject(new Error(String(n))));
      const streams = [
        AsyncStream.from(rejecting()),
        AsyncStream.merge(rejecting(), rejecting()),
        AsyncStream.of(1).flatMap(rejecting),
        AsyncStream.of(1).flatMap(rejecting, { concurrency: 2 }),
        AsyncStream.of<unknown>(0).expand((n) => (n === 0 ? rejecting() : [])),
        AsyncStream.of<unknown>(0).expand((n) => (n === 0 ? rejecting() : []), { order: 'depth' }),
      ];
      await idle();
      for (const stream of streams) {
        expect(await outcomeOf(() => stream.toArray())).toEqual({ error: new Error('1') });
        await idle();
      }
    });

    test('of promises is awaited where it is sync, and left alone where it is async', async () => {
      const promise = Promise.resolve(2);
      expect(await AsyncStream.from(new Set([1, promise])).toArray()).toEqual([1, 2]);
      const async = { [Symbol.asyncIterator]: () => byHand<unknown>(1, promise) as unknown as AsyncIterator<unknown> };
      expect(await AsyncStream.from(async).toArray()).toEqual([1, expect.any(Promise)]);
    });

    test('is asked for its async iterator where it has both', async () => {
      const both = { [Symbol.asyncIterator]: () => generateAsync('async'), [Symbol.iterator]: () => generate('sync') };
      expect(await AsyncStream.from<string>(both).toArray()).toEqual(['async']);
    });

    test('is asked for its sync iterator where the async one is null', async () => {
      const sync = { [Symbol.asyncIterator]: null, [Symbol.iterator]: () => generate('sync') };
      expect(await AsyncStream.from(sync as unknown as Iterable<string>).toArray()).toEqual(['sync']);
    });

    test('that is an array with an iterator of its own gives what that iterator gives', async () => {
      class Doubled extends Array<number> {
        override [Symbol.iterator]() {
          return generate(...Array.from({ length: this.length }, (_, index) => this[index]! * 2));
        }
      }
      expect(await AsyncStream.from(Doubled.of(1, 2)).toArray()).toEqual([2, 4]);
    });

    test('that is an array is read as it is when its turn comes', async () => {
      const array = [1, 2, 3];
      const stream = AsyncStream.from(array);
      array[0] = 10;
      expect(await stream.tap((x) => x === 2 && array.push(4)).toArray()).toEqual([10, 2, 3, 4]);
    });

    test.each([new Error('wanted'), undefined, 0])('that fails is not closed any more: %p', async (error) => {
      for (const kind of [
        'async iterable',
        'sync iterable',
        'hand-written async iterator',
        'sync generator',
      ] as const) {
        const probe = new Probe({ kind, failAt: 2, error });
        expect(await seenOf(probe.stream)).toStrictEqual({ seen: [1], error });
        expect([kind, probe.closed, probe.faults()]).toEqual([kind, 0, []]);
      }
    });

    test('takes no longer for many elements than for few, where they are there', async () => {
      for (const make of [
        (all: number[]) => all,
        (all: number[]) => new Set(all),
        (all: number[]) => generate(...all),
      ]) {
        const turns = (length: number) =>
          turnsUntilSettled(AsyncStream.from(make(Array.from({ length }, (_, index) => index))).drain());
        expect(await turns(1000)).toBe(await turns(1));
      }
    });
  });

  describe('an iterator', () => {
    test('is streamed, sync or async', async () => {
      expect(await AsyncStream.from(byHand(1, 2)).toArray()).toEqual([1, 2]);
      const async = byHand(1, 2);
      expect(await AsyncStream.from({ next: async () => async.next() }).toArray()).toEqual([1, 2]);
    });

    test('may answer now at once, and now with a promise', async () => {
      const values = byHand(1, 2, 3, 4);
      let count = 0;
      const next = () => (count++ % 2 === 0 ? values.next() : Promise.resolve(values.next()));
      expect(await AsyncStream.from({ next } as Iterator<number>).toArray()).toEqual([1, 2, 3, 4]);
    });

    test('of promises is awaited where it is sync', async () => {
      expect(await AsyncStream.from(byHand<unknown>(Promise.resolve(1), 2)).toArray()).toEqual([1, 2]);
    });

    test('goes on where somebody else has left it', async () => {
      const generator = generate(1, 2, 3);
      generator.next();
      expect(await AsyncStream.from(generator).toArray()).toEqual([2, 3]);
    });

    test('needs no return()', async () => {
      for (const close of [undefined, null]) {
        const iterator = { ...byHand(1, 2), return: close } as unknown as Iterator<number>;
        expect(await AsyncStream.from(iterator).first()).toBe(1);
        expect(
          await AsyncStream.from({ ...byHand(1), return: close } as unknown as Iterator<number>)
            .take(0)
            .count(),
        ).toBe(0);
      }
    });
  });

  describe('a stream', () => {});

  describe('a function', () => {
    test.each<[kind: string, make: () => unknown]>([
      ['an array', () => [1, 2]],
      ['a generator', () => generate(1, 2)],
      ['an async generator', () => generateAsync(1, 2)],
      ['an iterator', () => byHand(1, 2)],
      ['a ReadableStream', () => chunksOf(1, 2)],
      ['a Node Readable', () => Readable.from([1, 2])],
      ['a stream', () => AsyncStream.of(1).concat([2])],
    ])('makes a source for each run: %s', async (_kind, make) => {
      for (const input of [make, async () => make()]) {
        const stream = AsyncStream.from(input as () => Iterable<number>);
        expect(await Promise.all([stream.toArray(), stream.toArray()])).toEqual([
          [1, 2],
          [1, 2],
        ]);
        expect(await stream.first()).toBe(1);
      }
    });

    test('is called once for each run that wants something, with a context', async () => {
      const calls: unknown[][] = [];
      const stream = AsyncStream.from((...args) => {
        calls.push(args);
        return [1];
      });
      expect(calls).toEqual([]);
      await stream.take(0).toArray();
      await stream[Symbol.asyncIterator]().return();
      expect(calls).toEqual([]);
      await stream.toArray();
      await stream.toArray();
      expect(calls).toEqual([[aContext], [aContext]]);
    });

    test.each([5, null, undefined, {}, Promise.resolve])('that makes no source fails the run: %p', async (made) => {
      for (const input of [() => made, async () => made]) {
        const { error } = (await outcomeOf(() => AsyncStream.from(input as never).toArray())) as { error: unknown };
        expect(String(error)).toMatch(/^TypeError: from: .* must be an iterable or an iterator, got /);
      }
    });
  });

  describe('a function whose promise comes when the consumer has left', () => {
    /** Leaves before it comes. What is then awaited of it is whatever it does with it. */
    async function leave(late: () => unknown): Promise<void> {
      let come!: (made: unknown) => void;
      let asked = false;
      const stream = AsyncStream.from(() => {
        asked = true;
        return new Promise<Iterable<unknown>>((resolve) => (come = resolve as typeof come));
      });
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => asked);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(10);
      expect(await pending).toEqual(DONE);
      come(late());
      await idle();
    }

    test.each([
      'given async iterator',
      'given sync iterator',
      'hand-written async iterator',
      'hand-written sync iterator',
      'async generator',
      'sync generator',
      'ReadableStream',
    ] as const)('closes what came, and does not start it: %s', async (kind) => {
      const probe = new Probe({ kind });
      await leave(() => probe.input);
      expect([probe.pulled, probe.closed, probe.faults()]).toEqual([0, 1, []]);
    });

    test('closes a stream that came over a generator', async () => {
      const probe = new Probe({ kind: 'async generator' });
      await leave(() => probe.stream.map(String).take(3));
      expect([probe.pulled, probe.closed]).toEqual([0, 1]);
    });

    test('destroys a Node Readable that came', async () => {
      const readable = Readable.from([1]);
      await leave(() => readable);
      expect(readable.destroyed).toBe(true);
    });

    test('does not touch what can be opened by others', async () => {
      const probe = new Probe();
      await leave(() => probe.input);
      expect(probe.log).toEqual([]);
    });

    test('does not mind what came, where it is nothing to be closed, and where it fails', async () => {
      await leave(() => null);
      await leave(() => Promise.reject(new Error('late')));
      await leave(() => ({
        next() {},
        return() {
          throw new Error('late');
        },
      }));
    });
  });

  describe('a ReadableStream', () => {
    test('is streamed, and unlocked at its end', async () => {
      const stream = chunksOf(...FALSY);
      expect(await AsyncStream.from(stream).toArray()).toEqual(FALSY);
      expect(stream.locked).toBe(false);
    });

    test('is cancelled and unlocked on every way out', async () => {
      const fail = () => {
        throw 'consumer';
      };
      const ways: Record<string, (stream: AsyncStream<number>) => unknown> = {
        take: (stream) => stream.take(1).drain(),
        'take(0)': (stream) => stream.take(0).drain(),
        throw: (stream) => outcomeOf(() => stream.forEach(fail)),
        break: async (stream) => {
          for await (const _value of stream) break;
        },
        'return() before next()': (stream) => stream[Symbol.asyncIterator]().return(),
        'return() after next()': async (stream) => {
          const iterator = stream[Symbol.asyncIterator]();
          await iterator.next();
          await iterator.return();
        },
      };
      const left: Record<string, unknown> = {};
      for (const [way, leave] of Object.entries(ways)) {
        let cancelled = 0;
        const source = new ReadableStream<number>({
          pull: (controller) => controller.enqueue(1),
          cancel() {
            cancelled++;
          },
        });
        await leave(AsyncStream.from(source));
        left[way] = [cancelled, source.locked];
      }
      expect(left).toEqual(Object.fromEntries(Object.keys(ways).map((way) => [way, [1, false]])));
    });

    test.each([new Error('wanted'), undefined, 0])('fails with its error, %p, and is unlocked then', async (error) => {
      const stream = new ReadableStream<number>({
        pull(controller) {
          controller.error(error);
        },
      });
      expect(await outcomeOf(() => AsyncStream.from(stream).toArray())).toStrictEqual({ error });
      expect(stream.locked).toBe(false);
    });

    test('that is locked is left alone where nothing is wanted of it', async () => {
      const source = chunksOf(1);
      const reader = source.getReader();
      const stream = AsyncStream.from(source);
      expect(await stream.take(0).toArray()).toEqual([]);
      expect(await stream[Symbol.asyncIterator]().return()).toEqual(DONE);
      expect(await reader.read()).toEqual({ done: false, value: 1 });
    });

    test('that was locked at a run has not been run, and can be when it is free', async () => {
      const source = chunksOf(1, 2);
      const reader = source.getReader();
      const stream = AsyncStream.from(source);
      expect(await outcomeOf(() => stream.toArray())).toEqual({
        error: expect.objectContaining({ name: 'TypeError' }),
      });
      reader.releaseLock();
      expect(await stream.toArray()).toEqual([1, 2]);
    });
  });

  describe('a source that can be run once', () => {
    const oneShots: Record<string, () => Input<number>> = {
      'a generator': () => generate(1, 2),
      'an async generator': () => generateAsync(1, 2),
      'the iterator of an array': () => [1, 2].values(),
      'the iterator of a map': () =>
        new Map([
          [1, 'a'],
          [2, 'b'],
        ]).keys(),
      'a hand-written iterator': () => byHand(1, 2),
      'a frozen iterator': () => Object.freeze(byHand(1, 2)),
      'a proxy of an iterator': () => new Proxy(byHand(1, 2), {}),
      'an async iterator that is its own iterable': () => new Probe({ kind: 'given async iterator', length: 2 }).input,
      'a ReadableStream': () => chunksOf(1, 2),
      'a Node Readable': () => Readable.from([1, 2]),
    };
    const names = Object.keys(oneShots);

    async function refused(run: Promise<unknown>, source: unknown): Promise<void> {
      const { error } = (await outcomeOf(() => run)) as { error: StreamConsumedError };
      expect(error).toBeInstanceOf(StreamConsumedError);
      expect(error).toBeInstanceOf(Error);
      expect(error.name).toBe('StreamConsumedError');
      expect(error.source).toBe(source);
      expect(error.message).toMatch(
        /can be run only once: pass a function that makes a new one, as in AsyncStream\.from\(\(\) => source\(\)\) \(see /,
      );
    }

    test.each(names)('is refused at the second run: %s', async (name) => {
      const source = oneShots[name]!();
      const stream = AsyncStream.from(source);
      expect((await stream.toArray())[0]).toBe(1);
      await refused(stream.toArray(), source);
      await refused(stream[Symbol.asyncIterator]().next(), source);
    });

    test('shows no trace of having been run', async () => {
      const source = byHand(1, 2);
      const before = Reflect.ownKeys(source);
      await AsyncStream.from(source).drain();
      expect(Reflect.ownKeys(source)).toEqual(before);
    });

    test.each(names)('is refused while it is run: %s', async (name) => {
      const source = oneShots[name]!();
      const stream = AsyncStream.from(source);
      const iterator = stream[Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      await refused(stream.count(), source);
      expect(await iterator.next()).toEqual({ done: false, value: 2 });
    });

    test.each(names)('is refused to another stream over it: %s', async (name) => {
      const source = oneShots[name]!();
      const [one, other] = [AsyncStream.from(source), AsyncStream.from(source).map(String)];
      await one.drain();
      await refused(other.drain(), source);
      await refused(AsyncStream.of(0).concat(source).drain(), source);
    });

    test.each(names)('is refused to a function that gives it again: %s', async (name) => {
      const source = oneShots[name]!();
      const stream = AsyncStream.from((() => source) as () => Iterable<number>);
      await stream.drain();
      await refused(stream.drain(), source);
    });

    test.each(names)('is refused to what an element becomes: %s', async (name) => {
      const source = oneShots[name]!() as Iterable<number>;
      const log: unknown[] = [];
      const run = AsyncStream.of('a', 'b').flatMap(() => source);
      await refused(
        run.forEach((value) => log.push(value)),
        source,
      );
      expect(log[0]).toBe(1);
      await refused(AsyncStream.of(source).flat().drain(), source);
    });

    test.each(names)('is refused after it was closed without having been started: %s', async (name) => {
      const source = oneShots[name]!();
      const stream = AsyncStream.from(source);
      expect(await stream.take(0).toArray()).toEqual([]);
      await refused(stream.drain(), source);
    });

    test('is not closed by a run that is refused, nor by one that does not come to it', async () => {
      const probe = new Probe({ kind: 'async generator', length: 3 });
      const iterator = probe.stream[Symbol.asyncIterator]();
      await iterator.next();
      await refused(probe.stream.drain(), probe.input);
      expect(await probe.stream.take(0).toArray()).toEqual([]);
      await probe.stream[Symbol.asyncIterator]().return();
      expect([probe.closed, (await iterator.next()).value]).toEqual([0, 2]);
    });

    test('is closed once where two streams over it are left before their start', async () => {
      const probe = new Probe({ kind: 'given async iterator' });
      await probe.stream.take(0).toArray();
      await probe.stream.take(0).toArray();
      expect(probe.log).toEqual(['close', 'closed']);
    });

    test('fails where closing it fails, which was never started', async () => {
      for (const error of [new Error('close'), undefined]) {
        const close = () => {
          throw error;
        };
        const given = () => new Probe({ kind: 'given async iterator', close }).stream;
        expect(await outcomeOf(() => given().take(0).toArray())).toStrictEqual({ error });
        expect(await outcomeOf(() => given()[Symbol.asyncIterator]().return())).toStrictEqual({ error });
      }
    });
  });

  describe('a source that does not keep to the protocol', () => {
    test.each([undefined, null, 5, 'done', true])(
      'is refused where next() gives %p, and not closed',
      async (result) => {
        for (const next of [() => result, async () => result]) {
          const log: string[] = [];
          const close = () => {
            log.push('return');
            return DONE;
          };
          const { error } = (await outcomeOf(() =>
            AsyncStream.from({ next, return: close } as unknown as Iterator<number>).toArray(),
          )) as { error: unknown };
          expect(String(error)).toMatch(/^TypeError: the result of an iterator's next\(\) must be an object, got /);
          expect(log).toEqual([]);
        }
      },
    );

    test('is closed without waiting for the value that it is closed with', async () => {
      const value = new Promise<never>(() => undefined);
      const iterator = { next: async () => ({ done: false, value: 1 }), return: async () => ({ done: true, value }) };
      const input = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<number>;
      expect(await AsyncStream.from(input).first()).toBe(1);
    });

    test.each([undefined, null, 5, 'abc'])('is refused where its iterator is %p', async (iterator) => {
      for (const symbol of [Symbol.iterator, Symbol.asyncIterator]) {
        const input = { [symbol]: () => iterator } as unknown as Iterable<number>;
        const { error } = (await outcomeOf(() => AsyncStream.from(input).toArray())) as { error: unknown };
        expect(String(error)).toMatch(/^TypeError: an iterator must be an object, got (undefined|null|5|'abc')$/);
      }
    });

    test.each(failures.filter(([how]) => how.startsWith('throws')))(
      'fails with the same error where opening it %s',
      async (_how, fail, error) => {
        const input = { [Symbol.asyncIterator]: fail };
        expect(await outcomeOf(() => AsyncStream.from(input).toArray())).toStrictEqual({ error });
      },
    );
  });
});
