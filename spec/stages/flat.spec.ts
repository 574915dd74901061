import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError } from '../../lib/index.ts';
import { Probe } from '../support/probe.ts';
import { collecting } from '../support/tasks.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

describe('flat', () => {
  test('gives the elements of the elements, whatever these are', async () => {
    async function* generate() {
      yield 4;
    }
    const elements: AsyncIterable<number>[] | Iterable<number>[] = [
      [1],
      new Set([2]),
      [3].values(),
      generate() as unknown as Iterable<number>,
      AsyncStream.of(5) as unknown as Iterable<number>,
    ];
    expect(await AsyncStream.from<Iterable<number>>(elements).flat().toArray()).toEqual([1, 2, 3, 4, 5]);
  });

  test('has as many elements open as its concurrency says, in order or as their elements come', async () => {
    for (const ordered of [true, false]) {
      const elements = Array.from(
        { length: 4 },
        (_, n) => new Probe({ length: 2, stuckAt: 2, element: (m) => `${n}.${m}` }),
      );
      const outer = new Probe({ element: (n) => elements[n - 1]!.stream, length: 4 });
      const { seen, outcome } = collecting(outer.stream.flat({ concurrency: 2, ordered, buffer: 4 }));
      await until(() => elements[1]!.stuck);
      expect([elements.map(({ opened }) => opened), outer.pulled]).toEqual([[1, 1, 0, 0], 2]);
      for (const index of [1, 0, 3, 2]) {
        await until(() => elements[index]!.stuck || (ordered && index === 3));
        elements[index]!.late?.resolve(`${index}.2`);
        await idle();
      }
      await until(() => elements[3]!.stuck);
      elements[3]!.late!.resolve('3.2');
      expect([await outcome, [...seen].sort()]).toEqual([
        'ended',
        ['0.1', '0.2', '1.1', '1.2', '2.1', '2.2', '3.1', '3.2'],
      ]);
      if (ordered) expect(seen).toEqual([...seen].sort());
      for (const probe of [outer, ...elements]) expect([probe.closed, probe.faults()]).toEqual([0, []]);
    }
  });

  test.each(['abc', 5, null])(
    'with concurrency, refuses the element %p after what comes before it',
    async (element) => {
      const probe = new Probe({ element: (n) => (n === 2 ? element : [n]) });
      const { seen, error } = await seenOf(probe.stream.flat({ concurrency: 2 }));
      expect([seen, String(error)]).toEqual([
        [1],
        `TypeError: flat: an element must be an iterable or an iterator, got ${element === 'abc' ? "'abc': for its characters, use [...text]" : element}`,
      ]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    },
  );

  test('flattens one level', async () => {
    expect(
      await AsyncStream.of([1, [2, [3]]], [['abc']])
        .flat()
        .toArray(),
    ).toEqual([1, [2, [3]], ['abc']]);
    expect(
      await AsyncStream.of([[1], [2]], [[3]])
        .flat()
        .flat()
        .toArray(),
    ).toEqual([1, 2, 3]);
  });

  test('gives nothing of empty elements, and of an empty stream', async () => {
    expect(await AsyncStream.of<number[]>([], [1], []).flat().toArray()).toEqual([1]);
    expect(await AsyncStream.from<number[]>([]).flat().toArray()).toEqual([]);
  });

  test('gives falsy elements', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    expect(await AsyncStream.of(values).flat().toArray()).toEqual(values);
  });

  test('awaits elements that are promises, and promises in them', async () => {
    // Those of an async iterator are not awaited when they are taken from it.
    const elements = [Promise.resolve([1, Promise.resolve(2)]), [3]];
    const inner: AsyncIterable<any> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: elements.length === 0, value: elements.shift() }),
      }),
    };
    expect(await AsyncStream.from<any[]>(inner).flat().toArray()).toEqual([1, 2, 3]);
  });

  test('opens an element when its turn comes, and closes it with what is above when no more is wanted', async () => {
    const [first, second] = [new Watched(1), new Watched(2, 3)];
    const source = new Watched(first, second, new Watched(4));
    expect(await AsyncStream.from(source).flat().take(2).toArray()).toEqual([1, 2]);
    expect([first.log, second.log, source.log]).toEqual([
      ['open', 'next', 'next'],
      ['open', 'next', 'return'],
      ['open', 'next', 'next', 'return'],
    ]);
  });

  test('refuses an iterator that comes twice, after its elements', async () => {
    const iterator = [1, 2].values();
    const { seen, error } = await seenOf(AsyncStream.of(iterator, iterator).flat());
    expect(seen).toEqual([1, 2]);
    expect(error).toBeInstanceOf(StreamConsumedError);
    expect(error).toMatchObject({ source: iterator });
  });

  test.each<[element: unknown, described: string]>([
    ['abc', "'abc': for its characters, use [...text]"],
    ['', "'': for its characters, use [...text]"],
    [undefined, 'undefined'],
    [null, 'null'],
    [1, '1'],
    [{}, '[object Object]'],
    [() => [1], '[object Function]'],
  ])(
    'fails where an element is %p, after the elements before it, and closes the source',
    async (element, described) => {
      const source = new Watched<unknown>([1], element);
      const { seen, error } = await seenOf(AsyncStream.from(source as Watched<number[]>).flat());
      expect(seen).toEqual([1]);
      expect(String(error)).toBe(`TypeError: flat: an element must be an iterable or an iterator, got ${described}`);
      expect(source.log).toEqual(['open', 'next', 'next', 'return']);
    },
  );

  test('takes no longer for many elements than for few, where they are there', async () => {
    const turns = (length: number) => turnsUntilSettled(AsyncStream.of(Array.from({ length }, String)).flat().drain());
    expect(await turns(1000)).toBe(await turns(1));
  });

  test('touches no element before the run', async () => {
    const element = new Watched(1);
    AsyncStream.of(element).flat();
    await idle();
    await outcomeOf(() => AsyncStream.of(element).flat().take(0).drain());
    expect(element.log).toEqual([]);
  });
});
