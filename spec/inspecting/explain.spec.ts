import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, limiter } from '../../lib/index.ts';

async function fetchUsers(): Promise<string[]> {
  return [];
}
const isLong = (word: string) => word.length > 3;

describe('explain', () => {
  test('shows a bigint as it is written, also among options', () => {
    const steps = AsyncStream.of(1n)
      .scan(Math.max as never, { from: 2n })
      .explain();
    expect([steps.source.args, steps.stages[0]!.options]).toEqual([['1n'], { from: '2n' }]);
  });

  test('calls no getter of an argument, and of an option', () => {
    const touched: string[] = [];
    const argument = {
      data: 1,
      get secret() {
        touched.push('secret');
        return AsyncStream.of(1);
      },
    };
    expect(inspect(AsyncStream.of(argument))).toBe('AsyncStream (repeatable)\n└ of({ data: 1 })');
    expect(touched).toEqual([]);
  });

  test('gives the source and the stages in the order in which elements pass them', () => {
    const stream = AsyncStream.paginate(fetchUsers, { size: 50 })
      .filter(isLong)
      .map(String, { concurrency: 4 })
      .take(3);
    expect(stream.explain()).toEqual({
      source: { method: 'paginate', callback: 'fetchUsers', args: [], options: { size: 50 }, fused: false },
      stages: [
        { method: 'filter', callback: 'isLong', args: [], fused: true },
        { method: 'map', callback: 'String', args: [], options: { concurrency: 4 }, fused: false },
        { method: 'take', args: ['3'], fused: true },
      ],
      repeatable: true,
    });
  });

  test('explains the streams that a stage reads', () => {
    const [merge] = AsyncStream.of(1).merge(AsyncStream.range(0, 2).named('numbers'), [3]).explain().stages;
    expect(merge).toEqual({
      method: 'merge',
      args: [],
      fused: false,
      inputs: [
        { name: 'numbers', source: { method: 'range', args: ['0', '2'], fused: false }, stages: [], repeatable: true },
      ],
    });
  });

  test('explains inputs in an array and under names', () => {
    const number = AsyncStream.of(1);
    const inputsOf = (stream: AsyncStream<unknown>) =>
      stream.explain().source.inputs?.map(({ source }) => source.method);
    expect(inputsOf(AsyncStream.zip([number, number]))).toEqual(['of', 'of']);
    expect(inputsOf(AsyncStream.zipKeyed({ a: number, b: [2] }))).toEqual(['of']);
    expect(inputsOf(AsyncStream.merge(number, [2]))).toEqual(['of']);
  });

  test('says whether the stream can be run again', () => {
    async function* generate() {
      yield 1;
    }
    expect(AsyncStream.from(generate).explain().repeatable).toBe(true);
    expect(AsyncStream.from(generate()).map(String).buffer(2).explain().repeatable).toBe(false);
    expect(AsyncStream.of(1).merge(generate()).explain().repeatable).toBe(false);
    expect(AsyncStream.of(1).tee()[0].explain().repeatable).toBe(false);
    expect(AsyncStream.channel().stream.explain().repeatable).toBe(false);
  });

  test('gives the start of the code of a callback without a name', () => {
    const [map, filter] = AsyncStream.of(1)
      .map((x) => x + 1)
      .filter((number) => number > 1 && number < 2 && number !== 1.5 && number !== 1.6)
      .explain().stages;
    expect(map!.callback).toMatch(/^\(?x\)? ?=> ?x \+ 1$/);
    expect(filter!.callback).toMatch(/^\(?number.{20,}…$/);
    expect(filter!.callback).toHaveLength(40);
  });

  test('shows at most four arguments, and of callbacks and objects in options their names', () => {
    const key = (x: number) => x;
    const { source, stages } = AsyncStream.of(...Array.from({ length: 1e4 }, (_, index) => index))
      .map(String, { concurrency: limiter(2), key })
      .explain();
    expect(source.args).toEqual(['0', '1', '2', '3']);
    expect(stages[0]!.options).toEqual({ concurrency: 'Permits', key: 'key' });
  });

  test('shows a parameter that is a value of any kind', () => {
    const values = [null, NaN, 'a', Symbol('b'), [1, 2], new Date(0), Object.create(null)];
    const shown = values.map((value) => AsyncStream.of().defaultIfEmpty<unknown>(value).explain().stages[0]!.args);
    expect(shown).toEqual([['null'], ['NaN'], ["'a'"], ['Symbol(b)'], ['Array(2)'], ['Date'], ['Object']]);
  });

  test('leaves out what a method adds for itself', () => {
    const { signal } = new AbortController();
    const target = new EventTarget();
    expect(AsyncStream.fromEvent(target, 'x', { signal }).explain().stages).toEqual([]);
    expect(AsyncStream.of(1).tap({ next: String, close: String }).explain().stages).toHaveLength(1);
  });
});

describe('named', () => {
  test('labels the stream, and what is made of it', () => {
    expect(AsyncStream.of(1).named('a').map(String).explain().name).toBe('a');
    expect(AsyncStream.of(1).named('a').buffer(1).named('b').explain().name).toBe('b');
  });

  test('keeps the runs apart of the stream that it labels', async () => {
    const numbers = AsyncStream.of(1, 2);
    expect(await numbers.named('numbers').toArray()).toEqual([1, 2]);
    expect(numbers.explain()).not.toHaveProperty('name');
  });
});

describe('toString', () => {
  const stream = AsyncStream.of('a', 'b')
    .filter(isLong)
    .merge(AsyncStream.interval(5).map(String))
    .chunks(2)
    .named('words');
  const tree = [
    "AsyncStream 'words' (repeatable)",
    "├ of('a', 'b')",
    '├ filter(isLong)',
    '├ merge()',
    '│   AsyncStream (repeatable)',
    '│   ├ interval(5)',
    '│   └ map(String)',
    '└ chunks(2)',
  ].join('\n');

  test('draws the plan as a tree', () => {
    expect(String(stream)).toBe(tree);
  });

  test('is what Node and Deno print', () => {
    expect(inspect(stream)).toBe(tree);
    expect((stream as any)[Symbol.for('Deno.customInspect')]()).toBe(tree);
  });

  test('is not enumerable, so that two streams still compare by what they are', () => {
    expect(Object.keys(stream)).toEqual([]);
  });
});
