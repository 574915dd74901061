import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type ExpandOptions } from '../../../lib/index.ts';
import { aContext } from '../../support/context.ts';
import { collectGarbage } from '../../support/garbage.ts';
import { DONE } from '../../support/iterators.ts';
import { Probe } from '../../support/probe.ts';
import { soak } from '../../support/soak.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled, until } from '../../support/turns.ts';

/** Numbers that lead to longer ones: 1 to 11 and 12, these to 111, 112, 121 and 122. */
const tree = (x: number): number[] => (x < 100 ? [x * 10 + 1, x * 10 + 2] : []);
const BREADTH = [1, 2, 11, 12, 21, 22, 111, 112, 121, 122, 211, 212, 221, 222];
const DEPTH = [1, 11, 111, 112, 12, 121, 122, 2, 21, 211, 212, 22, 221, 222];

/** The same children, as whatever a callback may answer. */
const kinds: [kind: string, make: (children: number[]) => any][] = [
  ['arrays', (children) => children],
  ['promised arrays', async (children) => children],
  ['arrays of promises', (children) => children.map((child) => Promise.resolve(child))],
  ['sets', (children) => new Set(children)],
  ['generators', (children) => children.values()],
  [
    'async generators',
    async function* (children) {
      yield* children;
    },
  ],
  ['streams', (children) => AsyncStream.from(children).map((x) => x)],
  ['streams that are piped', (children) => AsyncStream.from(children).pipe((stream) => stream)],
  ['streams of promises', async (children) => AsyncStream.from(children.map(async (x) => x))],
  ['nothing, where there are none', (children) => (children.length === 0 ? null : children)],
  ['nothing, promised', async (children) => (children.length === 0 ? undefined : children)],
];

const orders: [order: 'breadth' | 'depth', expected: number[]][] = [
  ['breadth', BREADTH],
  ['depth', DEPTH],
];

describe.each(orders)('expand, %s first', (order, expected) => {
  test.each(kinds)('gives each element and all that comes of it: %s', async (_kind, make) => {
    const stream = AsyncStream.of(1, 2).expand((x) => make(tree(x)) as number[], { order });
    expect(await stream.toArray()).toEqual(expected);
    expect(await seenOf(stream)).toEqual({ seen: expected });
    for (let count = 0; count <= expected.length; count++) {
      expect(await stream.take(count).toArray()).toEqual(expected.slice(0, count));
    }
  });

  test('gives nothing of an empty source, and only its elements where nothing comes of them', async () => {
    expect(await AsyncStream.of<number>().expand(tree, { order }).toArray()).toEqual([]);
    for (const nothing of [null, undefined, [], Promise.resolve(null)]) {
      expect(
        await AsyncStream.of(1, 2)
          .expand(() => nothing, { order })
          .toArray(),
      ).toEqual([1, 2]);
    }
  });

  test('gives falsy elements, of which something may come', async () => {
    const values = [undefined, null, 0, '', false, NaN];
    const stream = AsyncStream.from<unknown>([...values]).expand((x, depth) => (depth === 0 ? [[x]] : null), { order });
    const wrapped = values.map((x) => [x]);
    const pairs = values.flatMap((x, index) => [x, wrapped[index]]);
    expect(await stream.toArray()).toStrictEqual(order === 'breadth' ? [...values, ...wrapped] : pairs);
  });

  test('goes as many steps as it may, and asks for no more', async () => {
    for (let maxDepth = 0; maxDepth <= 3; maxDepth++) {
      const calls: unknown[][] = [];
      const stream = AsyncStream.of(1, 2).expand(
        (...args) => {
          calls.push(args);
          return tree(args[0]);
        },
        { order, maxDepth },
      );
      const within = expected.filter((x) => String(x).length <= maxDepth + 1);
      expect(await stream.toArray()).toEqual(within);
      const asked = expected.filter((x) => String(x).length <= maxDepth);
      expect(calls).toEqual(asked.map((x) => [x, String(x).length - 1, aContext]));
    }
  });

  test('asks for no more than what is consumed needs', async () => {
    const log: string[] = [];
    const children = (x: number) => new Probe({ name: `${x}`, log, length: 2, element: (n) => x * 10 + n }).stream;
    const source = new Probe({ name: 'source', log, length: 2 });
    const iterator = source.stream.expand(children, { order })[Symbol.asyncIterator]();
    const steps: string[][] = [];
    for (let count = 0; count < 5; count++) {
      await iterator.next();
      await idle();
      steps.push(log.splice(0));
    }
    await iterator.return();
    const breadth = [
      ['source next'],
      ['source next'],
      ['source next', 'source exhausted', '1 next'],
      ['1 next'],
      ['1 next', '1 exhausted', '2 next'],
    ];
    const depth = [['source next'], ['1 next'], ['11 next'], ['111 next'], ['1111 next']];
    expect(steps).toEqual(order === 'breadth' ? breadth : depth);
    expect(source.faults()).toEqual([]);
  });

  test('closes all that is open, the innermost first, when it is left', async () => {
    const log: string[] = [];
    const probes: Probe[] = [];
    const probe = (name: string) => {
      const made = new Probe({ name, log, element: (n) => n, length: 3, close: idle });
      probes.push(made);
      return made;
    };
    const source = probe('source');
    const stream = source.stream.expand((_, depth) => probe(`depth ${depth}`).stream, { order, maxDepth: 3 });
    await stream.take(5).drain();
    const closed = log.filter((step) => step.endsWith('closed'));
    const levels = ['depth 2 closed', 'depth 1 closed', 'depth 0 closed', 'source closed'];
    expect(closed).toEqual(order === 'breadth' ? ['depth 0 closed'] : levels);
    expect(probes.flatMap((made) => made.faults())).toEqual([]);
  });

  test('passes on the error of a stream of children, and closes what else is open', async () => {
    for (const error of [new Error('children'), undefined, null, 0]) {
      const source = new Probe({ length: 3 });
      const made: Probe[] = [];
      const children = (_: unknown, depth: number) => {
        const probe = new Probe({
          element: (n) => `${depth}.${n}`,
          length: 3,
          ...(depth === 1 && { failAt: 2, error }),
        });
        made.push(probe);
        return probe.stream;
      };
      const stream = source.stream.expand(children, { order, maxDepth: 2 });
      expect((await seenOf(stream)).error).toBe(error);
      expect([source, ...made].flatMap((probe) => probe.faults())).toEqual([]);
    }
  });

  test('passes on what the next() of children throws', async () => {
    const error = new Error('next');
    const next = () => {
      throw error;
    };
    const children = () => ({ [Symbol.asyncIterator]: () => ({ next }) }) as unknown as AsyncIterable<number>;
    expect((await seenOf(AsyncStream.of(1).expand(children, { order }))).error).toBe(error);
  });

  test('fails where the callback answers a string or what is not iterable', async () => {
    for (const [answer, got] of [
      ['abc', "'abc': for its characters, use [...text]"],
      [5, '5'],
      [false, 'false'],
    ]) {
      const probe = new Probe({ length: 2 });
      const stream = probe.stream.expand(() => answer as unknown as number[], { order });
      await expect(stream.toArray()).rejects.toThrow(
        new TypeError(`expand: the result of fn must be an iterable or an iterator, got ${String(got)}`),
      );
      expect(probe.faults()).toEqual([]);
    }
  });

  test('does not wait for a stuck stream of children when it is left', async () => {
    const [source, stuck] = [new Probe({ length: 1 }), new Probe({ stuckAt: 1 })];
    const iterator = source.stream.expand(() => stuck.stream, { order })[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    await until(() => stuck.stuck);
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
    expect(await pending).toEqual(DONE);
    stuck.late!.reject(new Error('late'));
    await idle();
    expect([stuck.closed, stuck.faults(), source.faults()]).toEqual([1, [], []]);
  });

  test('closes children that come when it has been left', async () => {
    const late = new Probe({ kind: 'given async iterator' });
    let come!: (children: any) => void;
    const iterator = AsyncStream.of(1).expand(() => new Promise<number[]>((resolve) => (come = resolve)), { order });
    const run = iterator[Symbol.asyncIterator]();
    await run.next();
    const pending = run.next();
    await idle();
    await run.return();
    come(late.input);
    await idle();
    expect(await pending).toEqual(DONE);
    expect([late.pulled, late.closed, late.faults()]).toEqual([0, 1, []]);
  });

  const LENGTH = soak(300_000, 30_000);

  test(`follows a chain of ${LENGTH} without a stack`, async () => {
    const following = (x: number) => (x < LENGTH ? [x + 1] : null);
    expect(await AsyncStream.of(1).expand(following, { order }).count()).toBe(LENGTH);
  }, 30_000);

  test('keeps nothing of arrays that are at their end', async () => {
    const made: WeakRef<object>[] = [];
    const stream = AsyncStream.of(1).expand(
      async (x) => {
        const children = [x + 1];
        made.push(new WeakRef(children));
        return children;
      },
      { order },
    );
    const iterator = stream[Symbol.asyncIterator]();
    for (let count = 0; count < 100; count++) await iterator.next();
    for (let round = 0; round < 3; round++) {
      await idle();
      collectGarbage();
    }
    expect(made.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(4);
    await iterator.return();
  });

  test('works before and after other stages that give several elements', async () => {
    const inner = (x: number) => AsyncStream.of(x).expand((y) => (y < 3 ? [y + 1] : null), { order });
    const stream = AsyncStream.of('1\n2', '\n3')
      .lines()
      .map(Number)
      .expand((x) => (x < 3 ? [x + 1] : null), { order })
      .flatMap(inner);
    const expected = [1, 2, 2, 2, 3, 3, 3, 3, 3, 3];
    expect((await stream.toArray()).sort()).toEqual(expected);
    expect((await seenOf(stream)).seen.sort()).toEqual(expected);
  });
});

describe.each<ExpandOptions>([{ concurrency: 3 }, { concurrency: 3, order: 'depth' }, { concurrency: Infinity }])(
  'expand with %j',
  (options) => {
    test.each(kinds)('gives each element and all that comes of it, once: %s', async (_kind, make) => {
      const stream = AsyncStream.of(1, 2).expand((x) => make(tree(x)) as number[], options);
      expect((await stream.toArray()).sort()).toEqual([...BREADTH].sort());
      expect((await seenOf(stream)).seen.sort()).toEqual([...BREADTH].sort());
    });

    test('asks for several at the same time, and for no more', async () => {
      let [running, most] = [0, 0];
      const children = async (x: number) => {
        most = Math.max(most, ++running);
        await idle();
        await idle();
        running--;
        return tree(x);
      };
      await AsyncStream.of(1, 2, 3).expand(children, options).drain();
      expect(running).toBe(0);
      expect(most).toBe(options.concurrency === Infinity ? 12 : 3);
    });

    test('goes as many steps as it may', async () => {
      for (let maxDepth = 0; maxDepth <= 2; maxDepth++) {
        const stream = AsyncStream.of(1, 2).expand(tree, { ...options, maxDepth });
        const within = BREADTH.filter((x) => String(x).length <= maxDepth + 1);
        expect((await stream.toArray()).sort()).toEqual(within.sort());
      }
    });

    test('goes on with a source that waits, whatever comes of its elements', async () => {
      const numbers = [1, 2, 3, 4, 5, 6, 7];
      const source = new Probe({ length: 7 }).stream;
      expect(await source.expand(tree, { ...options, maxDepth: 0 }).toArray()).toEqual(numbers);
      expect(await source.expand(() => idle().then(() => []), options).toArray()).toEqual(numbers);
    });

    test('passes on the first error, and closes all that is open', async () => {
      const error = new Error('children');
      const made: Probe[] = [];
      const source = new Probe();
      const children = (_: unknown, depth: number) => {
        const probe = new Probe({ element: () => 0, ...(depth === 1 && { failAt: 2, error }) });
        made.push(probe);
        return probe.stream;
      };
      expect(await outcomeOf(() => source.stream.expand(children, { ...options, maxDepth: 2 }).drain())).toStrictEqual({
        error,
      });
      expect([source, ...made].flatMap((probe) => probe.faults())).toEqual([]);
    });

    test('closes all at once when it is left, stuck ones too', async () => {
      const made: Probe[] = [];
      const source = new Probe({ stuckAt: 3 });
      const children = () => {
        const probe = new Probe({ stuckAt: 1 });
        made.push(probe);
        return probe.stream;
      };
      const iterator = source.stream.expand(children, options)[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.next();
      const pending = iterator.next();
      await idle();
      expect(made).toHaveLength(2);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(60);
      expect(await pending).toEqual(DONE);
      expect([source, ...made].flatMap((probe) => [probe.closed, ...probe.faults()])).toEqual([1, 1, 1]);
    });

    test('follows a long chain without a stack', async () => {
      const following = (x: number) => (x < 20_000 ? [x + 1] : null);
      expect(await AsyncStream.of(1).expand(following, options).count()).toBe(20_000);
    });
  },
);

describe('expand with concurrency', () => {
  test('does not read the source far ahead of what is expanded', async () => {
    const source = new Probe();
    const stream = source.stream.expand(() => new Promise<null>(() => undefined), { concurrency: 2 });
    const iterator = stream[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(1);
    expect((await iterator.next()).value).toBe(2);
    void iterator.next();
    await idle();
    await idle();
    expect(source.pulled).toBeLessThanOrEqual(3);
    await iterator.return();
    expect(source.faults()).toEqual([]);
  });

  test.each([
    ['breadth', [1, 2, 11, 12, 3]],
    ['depth', [1, 2, 12, 11, 3]],
  ] as const)('expands by %s, as far as it has the choice', async (order, expected) => {
    const asked: number[] = [];
    const ends: (() => void)[] = [];
    const children = async (x: number) => {
      asked.push(x);
      await new Promise<void>((resolve) => ends.push(resolve));
      return x === 1 ? [11, 12] : [];
    };
    const run = AsyncStream.of(1, 2, 3).expand(children, { order, concurrency: 2 }).drain();
    // 2 takes up one of the two places all the time, the others take the other one in turn.
    for (const turn of [0, 2, 3, 4, 1]) {
      await until(() => ends.length > turn);
      await idle();
      ends[turn]!();
      await idle();
    }
    await run;
    expect(asked).toEqual(expected);
  });
});
