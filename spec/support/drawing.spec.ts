import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { drawingsInSource, DrawnSource, expectDrawing, expectDrawn, FAILURE, momentsOf, STEP } from './drawing.ts';
import { refusal } from './failures.ts';
import { seenOf } from './turns.ts';

describe('a drawing', () => {
  test('is read character by character', () => {
    expect(momentsOf('a-(bc)[d(ef)|]')).toEqual([
      { values: ['a'] },
      { values: [] },
      { values: ['bc'] },
      { values: ['d', 'ef'], end: '|' },
    ]);
    expect(momentsOf(' 1; #')).toEqual([{ values: ['1'] }, { values: [], end: '^' }]);
    expect(momentsOf('')).toEqual([]);
  });

  test.each(['a|b', '[ab', 'ab]', '[[a]]', '[a-]', 'a!', '(ab', '()', '|^'])(
    "is refused where it is '%s'",
    (drawing) => {
      expect(refusal(() => momentsOf(drawing))).toBe(`SyntaxError: this is no drawing: '${drawing}'`);
    },
  );
});

describe('a drawn source', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('starts with its first pull, and gives what waits at once', async () => {
    const source = new DrawnSource('a-b|');
    const iterator = source[Symbol.asyncIterator]();
    await jest.advanceTimersByTimeAsync(100);
    expect(source.opened).toBe(0);
    expect(await iterator.next()).toEqual({ done: false, value: 'a' });
    expect(source.opened).toBe(1);
    await jest.advanceTimersByTimeAsync(3 * STEP);
    expect([await iterator.next(), await iterator.next()]).toEqual([
      { done: false, value: 'b' },
      { done: true, value: undefined },
    ]);
    expect([source.closed, source.faults(), jest.getTimerCount()]).toEqual([0, [], 0]);
  });

  test('gives an element when it comes, and then fails', async () => {
    const seen = seenOf(new DrawnSource('-a^'));
    await jest.advanceTimersByTimeAsync(2 * STEP);
    expect(await seen).toEqual({ seen: ['a'], error: FAILURE });
  });

  test('forgets its timers when it is left', async () => {
    const source = new DrawnSource('abc|');
    for await (const _value of source) break;
    expect([source.closed, source.faults(), jest.getTimerCount()]).toEqual([1, [], 0]);
  });

  test('knows what should not have been done with it', async () => {
    const source = new DrawnSource('-a|');
    const iterator = source[Symbol.asyncIterator]();
    void iterator.next();
    void iterator.next();
    expect(source.faults()).toEqual(['next() while another one is pending', 'left open']);
    await iterator.return!();
    await iterator.return!();
    void iterator.next();
    expect(source.faults().slice(1)).toEqual(['return() when it was over', 'next() when it was over']);
    expect(source.closed).toBe(2);
  });
});

describe('expectDrawing', () => {
  const differs = async (test: Promise<void>): Promise<string> => {
    const message = await test.then(
      () => 'no difference',
      (error: unknown) => String(error),
    );
    return stripVTControlCharacters(message);
  };

  test('takes what is right, of one source', async () => {
    await expectDrawing('a-[bc]-|', (source) => source.map((x) => x + x), '(aa)-[(bb)(cc)]-|');
    await expectDrawing('a-[bc^]', (source) => source, 'a-[bc^]');
    await expectDrawing('|', (source) => source, '|');
    await expectDrawing('a--b--c', (source) => source.take(2), 'a--[b|]');
  });

  test('takes what is right, of several sources and of none', async () => {
    await expectDrawing({ a: 'a--b--|', b: '-xy|' }, ({ a, b }) => a.merge(b), 'axyb--|');
    await expectDrawing({}, () => AsyncStream.of('a', ['b', 1]), '[a(b1)|]');
  });

  test('leaves the run where the drawing has no end', async () => {
    await expectDrawing('a-b-c-d|', (source) => source, 'a-b-');
    await expectDrawing('-', (source) => source, '---');
  });

  test('lets the consumer take its time', async () => {
    await expectDrawing('abc|', (source) => source, 'a--b--c--|', { consumer: 3 * STEP });
    await expectDrawing('abc|', (source) => source, 'a--b', { consumer: 3 * STEP });
  });

  test('takes another error where it is said which', async () => {
    const error = new RangeError('another');
    const fail = () => {
      throw error;
    };
    await expectDrawing('-a|', (source) => source.map(fail), '-^', { error });
    expect(await differs(expectDrawing('-a|', (source) => source.map(fail), '-^'))).toMatch(/Received.*another/s);
  });

  test.each([
    ['another time', 'a-b|', 'ab-|', /Expected: "ab-\|"\s*Received: "a-b\|"/],
    ['another element', 'a|', 'b|', /Expected: "b\|"\s*Received: "a\|"/],
    ['an element too few', 'a|', 'ab|', /Received: "a\|"/],
    ['an element too many', 'ab', 'a-', /Received: "ab"/],
    ['an end that comes too late', 'a----|', 'a|', /Received: "a----\|"/],
    ['an end that does not come', 'a', 'a|', /Received: "a"/],
    ['an end that is none', 'a|', 'a-', /Received: "a\|"/],
    ['a failure in place of the end', 'a^', 'a|', /Received: "a\^"/],
  ])('reports %s', async (_what, drawing, expected, message) => {
    expect(await differs(expectDrawing(drawing, (source) => source, expected))).toMatch(message);
  });

  test('reports what comes between two steps', async () => {
    const between = differs(
      expectDrawing('a|', (source) => source.tap(() => new Promise<void>((wake) => void setTimeout(wake, 5))), 'a|'),
    );
    expect(await between).toMatch(/Received: .*\(at 5 ms\)/);
  });

  test('reports a timer that is left over', async () => {
    const forget = (source: AsyncStream<string>) => source.tap(() => void setTimeout(() => undefined, 1e6));
    expect(await differs(expectDrawing('a|', forget, 'a|'))).toMatch(/"timers": 1/);
  });

  test('reports a source that is left open', async () => {
    const forget = ({ a, b }: { a: AsyncStream<string>; b: AsyncStream<string> }) =>
      a.tap(() => void b[Symbol.asyncIterator]().next());
    expect(await differs(expectDrawing({ a: 'a|', b: '-' }, forget, 'a|'))).toMatch(/"left open"/);
  });

  test('reports a run that does not let itself be left', async () => {
    const never = () => new Promise<never>(() => undefined);
    const stuck = () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) });
    expect(await differs(expectDrawing({}, stuck, '-'))).toMatch(/"left": false/);
  });

  test('gives the timers back as they were', async () => {
    const { setTimeout } = globalThis;
    await expectDrawing('a|', (source) => source, 'a|');
    expect(globalThis.setTimeout).toBe(setTimeout);
    jest.useFakeTimers();
    const faked = globalThis.setTimeout;
    await expectDrawing('a|', (source) => source, 'a|');
    expect(globalThis.setTimeout).toBe(faked);
    jest.useRealTimers();
  });
});

describe('a drawing in a comment', () => {
  const comment = `
  /**
   * Text.
   *
   *     a             x-y|
   *     b             -z-|
   *     a.merge(b)    xzy|
   *     a.take(1)     [x|]
   *
   *     AsyncStream.of('v')  [v|]
   *
   * @example
   * await a.count(); // => 2
   */`;

  test('is found with its sources', () => {
    const drawings = { a: 'x-y|', b: '-z-|' };
    expect(drawingsInSource(comment)).toEqual([
      { drawings, expression: 'a.merge(b)', expected: 'xzy|' },
      { drawings, expression: 'a.take(1)', expected: '[x|]' },
      { drawings: {}, expression: "AsyncStream.of('v')", expected: '[v|]' },
    ]);
  });

  test('is run', async () => {
    for (const drawn of drawingsInSource(comment)) await expectDrawn(drawn);
    await expect(expectDrawn({ drawings: { a: 'x|' }, expression: 'a.take(1)', expected: '-x|' })).rejects.toThrow(
      '-x|',
    );
  });
});
