import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Observer } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf, until } from '../support/turns.ts';

describe('tap', () => {
  test('calls the function with each element, and passes the elements on as they are', async () => {
    const seen: unknown[] = [];
    const values = [undefined, null, false, 0, NaN, '', { a: 1 }];
    const stream = AsyncStream.from(values).tap((value) => seen.push(value));
    const given = await stream.toArray();
    expect([given, seen]).toEqual([values, values]);
    expect(given.at(-1)).toBe(values.at(-1));
  });

  test('calls the methods of an observer on the observer', async () => {
    class Counter {
      readonly log: string[] = [];
      next(value: number): void {
        this.log.push(`next ${value}`);
      }
      close(): void {
        this.log.push('close');
      }
    }
    const counter = new Counter();
    await AsyncStream.of(1, 2).tap(counter).drain();
    expect(counter.log).toEqual(['next 1', 'next 2', 'close']);
  });

  test('pays no attention to what the function answers', async () => {
    const answers = [false, undefined, 'other', Promise.resolve(false)];
    expect(
      await AsyncStream.range(0, 4)
        .tap((n) => answers[n])
        .toArray(),
    ).toEqual([0, 1, 2, 3]);
  });

  test('waits for the function before the element goes on', async () => {
    const log: string[] = [];
    await AsyncStream.of('a', 'b')
      .tap(async (x) => {
        log.push(`${x} begins`);
        await idle();
        log.push(`${x} is done`);
      })
      .forEach((x) => log.push(`${x} goes on`));
    expect(log).toEqual(['a begins', 'a is done', 'a goes on', 'b begins', 'b is done', 'b goes on']);
  });

  test('counts only the elements that come to it', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b', 'c')
      .filter((x) => x !== 'a')
      .tap((x, index) => calls.push([x, index]))
      .drain();
    expect(calls).toEqual([
      ['b', 0],
      ['c', 1],
    ]);
  });

  describe('an observer', () => {
    /** Writes down what it is told, and also when it is done with it. */
    function observer(log: string[]): Required<Observer<unknown>> {
      const tell =
        (name: string) =>
        async (...args: unknown[]) => {
          log.push([name, ...args.filter((arg) => Object(arg) !== arg)].join(' '));
          await idle();
          log.push(`${name} is done`);
        };
      return {
        start: tell('start'),
        next: tell('next'),
        error: tell('error'),
        complete: tell('complete'),
        close: tell('close'),
      };
    }

    test('is told of all that happens, each time before it goes on', async () => {
      const log: string[] = [];
      const probe = new Probe({ log, name: 'source', length: 1 });
      await probe.stream.tap(observer(log)).forEach((x) => log.push(`got ${x}`));
      log.push('over');
      expect(log).toEqual([
        'start',
        'start is done',
        'source next',
        'next 1 0',
        'next is done',
        'got 1',
        'source next',
        'source exhausted',
        'complete',
        'complete is done',
        'close',
        'close is done',
        'over',
      ]);
    });

    test('is told of start, complete and close of an empty stream', async () => {
      const log: string[] = [];
      await AsyncStream.of().tap(observer(log)).drain();
      expect(log.filter((line) => !line.endsWith('done'))).toEqual(['start', 'complete', 'close']);
    });

    test('is told of an error of the stream above, which then goes on', async () => {
      const log: string[] = [];
      const probe = new Probe({ failAt: 2, error: 'wanted' });
      expect(await seenOf(probe.stream.tap(observer(log)))).toEqual({ seen: [1], error: 'wanted' });
      expect(log.filter((line) => !line.endsWith('done'))).toEqual(['start', 'next 1 0', 'error wanted', 'close']);
    });

    test.each(failures)('is told of an error of a stage above, which %s', async (_how, fail, error) => {
      const told: unknown[][] = [];
      const stream = AsyncStream.of(1)
        .map(fail)
        .tap({ error: (...args) => told.push(args) });
      expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error });
      expect(told).toStrictEqual([[error]]);
    });

    test.each<[how: string, leave: (stream: AsyncStream<unknown>) => unknown]>([
      ['wants no more', (stream) => stream.take(1).drain()],
      ['fails', (stream) => outcomeOf(() => stream.forEach(() => Promise.reject(new Error('later'))))],
      [
        'breaks off',
        async (stream) => {
          for await (const _value of stream) break;
        },
      ],
    ])('is told only of the close when the consumer %s, and when the source has been closed', async (_how, leave) => {
      const log: string[] = [];
      const probe = new Probe({ log, name: 'source', close: idle });
      await leave(probe.stream.tap(observer(log)));
      log.push('over');
      expect(log).toEqual([
        'start',
        'start is done',
        'source next',
        'next 1 0',
        'next is done',
        'source close',
        'source closed',
        'close',
        'close is done',
        'over',
      ]);
    });

    test('is told only of the close, when the consumer leaves a stuck source', async () => {
      const log: string[] = [];
      const probe = new Probe({ stuckAt: 1 });
      const iterator = probe.stream.tap(observer(log))[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => probe.stuck);
      await iterator.return();
      await until(() => log.includes('close is done'));
      expect(await pending).toEqual(DONE);
      expect(log).toEqual(['start', 'start is done', 'close', 'close is done']);
    });

    test('is not told of an error of closing the source, when the consumer wants no more', async () => {
      for (const error of [new Error('close'), undefined]) {
        const told: unknown[] = [];
        const close = () => {
          throw error;
        };
        const stream = new Probe({ close }).stream.tap({ error: (thrown) => told.push(thrown) });
        expect(await outcomeOf(() => stream.take(1).drain())).toStrictEqual({ error });
        const loop = async () => {
          for await (const _value of stream) break;
        };
        expect(await outcomeOf(loop)).toStrictEqual({ error });
        expect(told).toEqual([]);
      }
    });

    test('is told only of the close where nothing is wanted', async () => {
      const log: string[] = [];
      const probe = new Probe({ log });
      expect(await probe.stream.tap(observer(log)).take(0).toArray()).toEqual([]);
      expect(log).toEqual(['close', 'close is done']);
    });

    test('opens no source when the consumer has left during the start', async () => {
      let go!: () => void;
      const probe = new Probe();
      const stream = probe.stream.tap({ start: () => new Promise<void>((resolve) => (go = resolve)) });
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => go !== undefined);
      await iterator.return();
      go();
      await idle();
      expect([await pending, probe.log]).toEqual([DONE, []]);
    });

    test('may have any of the functions, or none', async () => {
      for (const observer of [{}, { start() {} }, { next() {} }, { error() {} }, { complete() {} }, { close() {} }]) {
        expect(await AsyncStream.of(1, 2).tap(observer).toArray()).toEqual([1, 2]);
      }
    });

    test('calls start with the context, next as a function of its own, and the others with nothing more', async () => {
      const calls: unknown[][] = [];
      const tell =
        (name: string) =>
        (...args: unknown[]) =>
          calls.push([name, ...args]);
      await AsyncStream.of('a')
        .tap({ start: tell('start'), next: tell('next'), complete: tell('complete'), close: tell('close') })
        .drain();
      expect(calls).toEqual([['start', aContext], ['next', 'a', 0, aContext], ['complete'], ['close']]);
    });

    describe.each(['start', 'next', 'complete', 'close'] as const)('whose %s fails', (name) => {
      test.each(failures)('makes the run fail: %s', async (_how, fail, error) => {
        let closed = 0;
        const stream = AsyncStream.of(1).tap({ close: () => closed++, [name]: fail });
        expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error });
        expect(closed).toBe(name === 'close' ? 0 : 1);
      });
    });
  });
});
