import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Concurrency } from '../../lib/index.ts';
import { concurrencyLaws } from '../support/concurrency.ts';
import { DONE } from '../support/iterators.ts';
import { Probe, type ProbeOptions } from '../support/probe.ts';
import { collecting, Permits } from '../support/tasks.ts';
import { idle, outcomeOf, pause, seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

/** What the function answers, now or later, as the only element of an array. */
const inArray = (answer: any) =>
  typeof answer?.then !== 'function'
    ? [answer]
    : {
        then: (resolve: (array: unknown[]) => void, reject: (error: unknown) => void) =>
          answer.then((value: any) => resolve(inArrayOnce(value) as never), reject),
      };
const inArrayOnce = (value: any): unknown => (typeof value?.then === 'function' ? inArray(value) : [value]);

describe('flatMap', () => {
  concurrencyLaws({
    put: (stream, fn, options) => stream.flatMap((...args) => inArray(fn(...args)) as unknown[], options),
    makesStreams: true,
  });

  describe('with concurrency', () => {
    /** Inner streams that are stuck at their nth element, and a record of what is open. */
    function inners(options: Concurrency<number>, outer: ProbeOptions = {}, stuckAt = 2) {
      const probes: Probe[] = [];
      const source = new Probe(outer);
      const stream = source.stream.flatMap((n: number) => {
        const probe = new Probe({ stuckAt, length: 3, element: (m) => `${n}.${m}` });
        probes.push(probe);
        return probe.stream as AsyncStream<string>;
      }, options);
      return { source, probes, ...collecting(stream) };
    }

    test.each([true, false])(
      'has as many streams open as it says, and does not read on (ordered: %p)',
      async (ordered) => {
        const { source, probes, seen, outcome } = inners({ concurrency: 3, ordered }, { length: 4 });
        await idle();
        expect([probes.length, source.pulled]).toEqual([3, 3]);
        expect(seen).toEqual(ordered ? ['1.1'] : ['1.1', '2.1', '3.1']);
        probes[0]!.late!.resolve('1.2');
        await until(() => probes.length === 4);
        for (const index of [1, 2, 3]) {
          await until(() => probes[index]!.stuck);
          probes[index]!.late!.resolve(`${index + 1}.2`);
        }
        expect(await outcome).toBe('ended');
        const all = [1, 2, 3, 4].flatMap((n) => [1, 2, 3].map((m) => `${n}.${m}`));
        expect([...seen].sort()).toEqual(all);
        if (ordered) expect(seen).toEqual(all);
        for (const probe of [source, ...probes]) expect([probe.closed, probe.faults()]).toEqual([0, []]);
      },
    );

    test('gives elements of all open streams as they come, where they need no order', async () => {
      const { probes, seen } = inners({ concurrency: 2, ordered: false }, { length: 2 });
      await idle();
      probes[1]!.late!.resolve('2.2');
      await idle();
      expect(seen).toEqual(['1.1', '2.1', '2.2', '2.3']);
      probes[0]!.late!.resolve('1.2');
      await idle();
      expect(seen.slice(4)).toEqual(['1.2', '1.3']);
    });

    test('lets no fast stream keep a slow one waiting, where they need no order', async () => {
      const seen: unknown[] = [];
      const stream = AsyncStream.of(1, 2).flatMap((n) => AsyncStream.range(0).map(() => n), {
        concurrency: 2,
        ordered: false,
      });
      for await (const n of stream) if (seen.push(n) === 100) break;
      expect(seen.filter((n) => n === 2)).toHaveLength(50);
    });

    test('gives a stream that waits its turns beside one that never does, where they need no order', async () => {
      async function* slow() {
        yield 'slow';
      }
      const before = await AsyncStream.of('quick', 'slow')
        .flatMap((name) => (name === 'slow' ? slow() : AsyncStream.of(name).repeat()), {
          concurrency: 2,
          ordered: false,
        })
        .findIndex((name) => name === 'slow');
      expect(before).toBeLessThan(100);
    });

    test.each([
      [2, undefined],
      [2, 8],
      [3, 0],
    ])(
      'holds in order, with concurrency %d and a buffer of %p, no more than that of the streams behind',
      async (concurrency, buffer) => {
        const probes: Probe[] = [];
        const stream = AsyncStream.range(0).flatMap(
          () => {
            const probe = new Probe();
            probes.push(probe);
            return probe.stream;
          },
          { concurrency, buffer: buffer! },
        );
        const iterator = stream[Symbol.asyncIterator]();
        await iterator.next();
        await pause(20);
        expect(probes).toHaveLength(concurrency);
        const held = probes.reduce((sum, { pulled }) => sum + pulled, -1);
        expect(held).toBeLessThanOrEqual(Math.max(concurrency, buffer ?? concurrency));
        await iterator.return();
        for (const probe of probes) expect([probe.closed, probe.faults()]).toEqual([1, []]);
      },
    );

    test('closes all that are open at the same time, and then the outer one', async () => {
      const log: string[] = [];
      const outer = new Probe({ name: 'outer', log, close: idle });
      const stream = outer.stream.flatMap(
        (n: number) => new Probe({ name: `inner ${n}`, log, close: idle, length: 5 }).stream.tap(() => idle()),
        { concurrency: 2, ordered: false },
      );
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      await idle();
      await idle();
      log.length = 0;
      await iterator.return();
      expect(log).toEqual([
        'inner 1 close',
        'inner 2 close',
        'inner 1 closed',
        'inner 2 closed',
        'outer close',
        'outer closed',
      ]);
    });

    test('passes on the error of an inner stream after what comes before it, and closes the others', async () => {
      for (const error of [new Error('inner'), undefined]) {
        const { source, probes, seen, outcome } = inners({ concurrency: 3, buffer: 6 });
        await idle();
        probes[1]!.late!.reject(error);
        await idle();
        expect([seen, probes[2]!.closed]).toEqual([['1.1'], 0]);
        probes[0]!.late!.resolve('1.2');
        expect(await outcome).toStrictEqual({ error });
        expect(seen).toEqual(['1.1', '1.2', '1.3', '2.1']);
        expect([source, ...probes].map((probe) => [probe.closed, probe.faults()])).toEqual([
          [1, []],
          [0, []],
          [0, []],
          [1, []],
        ]);
      }
    });

    test('passes on the error of an inner stream at once where they need no order, and closes the others', async () => {
      const { source, probes, seen, outcome } = inners({ concurrency: 3, ordered: false });
      await idle();
      probes[1]!.late!.reject('failed');
      expect(await outcome).toEqual({ error: 'failed' });
      expect(seen).toEqual(['1.1', '2.1', '3.1']);
      expect([source, ...probes].map((probe) => [probe.closed, probe.faults()])).toEqual([
        [1, []],
        [1, []],
        [0, []],
        [1, []],
      ]);
    });

    test('gives a permit back when an inner stream has ended, and not before', async () => {
      const permits = new Permits(2);
      const { probes, outcome } = inners({ concurrency: permits, ordered: false }, { length: 3 });
      await idle();
      expect([probes.length, permits.free]).toEqual([2, 0]);
      probes[0]!.late!.resolve('1.2');
      await until(() => probes.length === 3 && probes[2]!.stuck);
      expect(permits.free).toBe(0);
      for (const probe of probes.slice(1)) probe.late!.resolve('x');
      expect([await outcome, permits.free, permits.faults]).toEqual(['ended', 2, 0]);
    });

    test('closes an inner iterator that comes when the consumer has left, and does not start it', async () => {
      const inner = new Probe({ kind: 'given async iterator' });
      let come!: (inner: unknown) => void;
      const inners = () => new Promise<never>((resolve) => (come = resolve as typeof come));
      const stream = AsyncStream.of(1).flatMap(inners, { concurrency: 2 });
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await idle();
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
      come(inner.input);
      await idle();
      expect([await pending, inner.pulled, inner.closed]).toEqual([DONE, 0, 1]);
    });

    test('closes an inner iterator whose callback has left the stream, and does not start it', async () => {
      for (const options of [undefined, { concurrency: 2 }]) {
        const inner = new Probe({ kind: 'given async iterator' });
        const stream = AsyncStream.of(1).flatMap(() => {
          void iterator.return!();
          return inner.input as never;
        }, options);
        const iterator: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
        expect(await iterator.next()).toEqual(DONE);
        await idle();
        expect([inner.pulled, inner.closed]).toEqual([0, 1]);
      }
    });
  });

  test.each<[kind: string, make: (n: number) => unknown]>([
    ['an array', (n) => [n, -n]],
    ['a set', (n) => new Set([n, -n])],
    ['a generator', (n) => [n, -n].values()],
    [
      'an async generator',
      async function* (n) {
        yield n;
        yield -n;
      },
    ],
    [
      'an iterator',
      (n) => {
        const values = [n, -n];
        return { next: () => ({ done: values.length === 0, value: values.shift() }) };
      },
    ],
    [
      'a ReadableStream',
      (n) =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(n);
            controller.enqueue(-n);
            controller.close();
          },
        }),
    ],
    ['a Node Readable', (n) => Readable.from([n, -n])],
    ['a stream', (n) => AsyncStream.of(n).concat([-n])],
  ])('gives all elements of what the function makes of each: %s', async (_kind, make) => {
    for (const fn of [make, async (n: number) => make(n)]) {
      const stream = AsyncStream.of(1, 2).flatMap(fn as (n: number) => Iterable<number>);
      expect(await stream.toArray()).toEqual([1, -1, 2, -2]);
      expect(await seenOf(stream)).toEqual({ seen: [1, -1, 2, -2] });
    }
  });

  test('flattens one level, and leaves strings in it alone', async () => {
    const stream = AsyncStream.of(1).flatMap(() => [[1, [2]], 'abc', []]);
    expect(await stream.toArray()).toEqual([[1, [2]], 'abc', []]);
  });

  test('gives nothing of what is empty', async () => {
    const inner = [[], [1], [], [], [2], []];
    expect(
      await AsyncStream.from(inner)
        .flatMap((x) => x)
        .toArray(),
    ).toEqual([1, 2]);
    expect(
      await AsyncStream.of<number>()
        .flatMap((x) => [x])
        .toArray(),
    ).toEqual([]);
  });

  test('gives falsy elements, and awaits promises in what is sync', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    const stream = AsyncStream.of(1).flatMap(() => [...values, Promise.resolve('later')]);
    expect(await stream.toArray()).toEqual([...values, 'later']);
  });

  test('has one of them open at a time, and asks for the next element when it is at its end', async () => {
    const log: string[] = [];
    const outer = new Probe({ log, name: 'outer', length: 2 });
    const stream = outer.stream.flatMap(
      (n: number) => new Probe({ log, name: `inner ${n}`, length: 1 }).input as AsyncIterable<number>,
    );
    await stream.drain();
    expect(log).toEqual([
      'outer next',
      'inner 1 next',
      'inner 1 next',
      'inner 1 exhausted',
      'outer next',
      'inner 2 next',
      'inner 2 next',
      'inner 2 exhausted',
      'outer next',
      'outer exhausted',
    ]);
  });

  test('closes both where the last element that is wanted is the last of an inner one', async () => {
    const source = new Watched(1, 2);
    const inner = new Watched('a');
    expect(
      await AsyncStream.from(source)
        .flatMap(() => inner)
        .take(1)
        .toArray(),
    ).toEqual(['a']);
    expect(inner.log).toEqual(['open', 'next', 'return']);
    expect(source.log).toEqual(['open', 'next', 'return']);
  });

  test('ends what a stage of the inner one ends, and goes on with the next', async () => {
    const stream = AsyncStream.of(1, 10).flatMap((n) => AsyncStream.range(n).take(2));
    expect(await stream.toArray()).toEqual([1, 2, 10, 11]);
  });

  test('can be nested', async () => {
    const stream = AsyncStream.of(1, 2).flatMap((a) =>
      AsyncStream.of('x', 'y').flatMap((b) => [`${a}${b}`, `${b}${a}`]),
    );
    expect(await stream.toArray()).toEqual(['1x', 'x1', '1y', 'y1', '2x', 'x2', '2y', 'y2']);
  });

  test('takes no longer for many inner elements than for few, where they are there', async () => {
    const turns = (length: number) =>
      turnsUntilSettled(
        AsyncStream.of(1)
          .flatMap(() => Array.from({ length }, String))
          .drain(),
      );
    expect(await turns(1000)).toBe(await turns(1));
  });

  test.each<[answer: unknown, described: string]>([
    ['abc', "'abc': for its characters, use [...text]"],
    ['', "'': for its characters, use [...text]"],
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [{}, '[object Object]'],
    [Object, '[object Function]'],
  ])('fails where the function answers %p, also with a promise, and closes the source', async (answer, described) => {
    for (const fn of [() => answer, async () => answer]) {
      const source = new Watched(1, 2);
      const stream = AsyncStream.from(source).flatMap(fn as () => number[]);
      const { error } = (await outcomeOf(() => stream.toArray())) as { error: unknown };
      expect(String(error)).toBe(
        `TypeError: flatMap: the result of fn must be an iterable or an iterator, got ${described}`,
      );
      expect(source.log).toEqual(['open', 'next', 'return']);
    }
  });

  describe('where the consumer has left', () => {
    test.each(['given async iterator', 'hand-written sync iterator', 'async generator', 'ReadableStream'] as const)(
      'closes what comes later, and does not start it: %s',
      async (kind) => {
        const source = new Watched(1, 2);
        const inner = new Probe({ kind });
        let come!: (inner: unknown) => void;
        const stream = AsyncStream.from(source).flatMap(
          () => new Promise<Iterable<unknown>>((resolve) => (come = resolve as typeof come)),
        );
        const iterator = stream[Symbol.asyncIterator]();
        const pending = iterator.next();
        await until(() => come !== undefined);
        expect(await turnsUntilSettled(iterator.return())).toBeLessThan(10);
        expect([await pending, source.log]).toEqual([DONE, ['open', 'next', 'return']]);
        come(inner.input);
        await idle();
        expect([inner.pulled, inner.closed, inner.faults()]).toEqual([0, 1, []]);
      },
    );
  });

  test('takes a concurrency of 1, and none', async () => {
    for (const options of [undefined, {}, { concurrency: undefined }, { concurrency: 1 }]) {
      const stream = AsyncStream.of(1).flatMap((n) => [n, n], options as { concurrency: number });
      expect(await stream.toArray()).toEqual([1, 1]);
    }
  });

  test('gives something of each stream, where others that run beside it are always ready', async () => {
    function* always(name: string) {
      for (;;) yield name;
    }
    async function* later(name: string) {
      for (;;) yield name;
    }
    const stream = AsyncStream.of('a', 'b', 'c').flatMap((x) => (x === 'b' ? later(x) : always(x)), {
      concurrency: 3,
      ordered: false,
    });
    expect(await stream.take(3000).toSet()).toEqual(new Set(['a', 'b', 'c']));
  });
});
