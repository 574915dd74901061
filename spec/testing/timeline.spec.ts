import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { momentsOf } from '../../lib/testing/drawing.ts';
import { DrawnSource } from '../../lib/testing/drawn-source.ts';
import { timeline, TimelineError } from '../../lib/testing/index.ts';
import { drawingsInSource, expectDrawing, expectDrawn } from '../support/drawing.ts';
import { refusal } from '../support/failures.ts';
import { never } from '../support/iterators.ts';
import { outcomeOf, seenOf } from '../support/turns.ts';

const FAILURE = new Error('drawn');
const STEP = 10;
const drawn = (drawing: string) => new DrawnSource(momentsOf(drawing), STEP, FAILURE);

const same = (source: AsyncIterable<string>) => source;
async function* doubled(source: AsyncIterable<string>) {
  for await (const value of source) yield value + value;
}

/** The message of the error without its name. */
async function messageOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => 'no error',
    (error: unknown) => error,
  );
  return error instanceof TimelineError ? error.message : String(error);
}

describe('a drawing', () => {
  test('is read character by character', () => {
    expect(momentsOf('a-(bc)[d(ef)|]')).toEqual([
      { values: ['a'] },
      { values: [] },
      { values: ['bc'] },
      { values: ['d', 'ef'], end: '|' },
    ]);
    expect(momentsOf(' 1; #')).toEqual([{ values: ['1'] }, { values: [], end: '^' }]);
    expect(momentsOf('[a^(Error: no such file)]')).toEqual([{ values: ['a'], end: '^(Error: no such file)' }]);
    expect(momentsOf('')).toEqual([]);
  });

  test.each(['a|b', '[ab', 'ab]', '[[a]]', '[a-]', 'a!', '(ab', '()', '|^'])('is refused if it is %p', (drawing) => {
    expect(refusal(() => momentsOf(drawing))).toBe(`SyntaxError: timeline: '${drawing}' is not a drawing`);
  });
});

describe('a drawn source', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('starts with its first pull, and emits queued elements at once', async () => {
    const source = drawn('a-b|');
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

  test('emits an element when it arrives, and then fails', async () => {
    const seen = seenOf(drawn('-a^'));
    await jest.advanceTimersByTimeAsync(2 * STEP);
    expect(await seen).toEqual({ seen: ['a'], error: FAILURE });
  });

  test('clears its timers when it is closed', async () => {
    const source = drawn('abc|');
    for await (const _value of source) break;
    expect([source.closed, source.faults(), jest.getTimerCount()]).toEqual([1, [], 0]);
  });

  test('records how the protocol was broken', async () => {
    const source = drawn('-a|');
    const iterator = source[Symbol.asyncIterator]();
    void iterator.next();
    void iterator.next();
    expect(source.faults()).toEqual(['next() while another one is pending', 'left open']);
    await iterator.return!();
    await iterator.return!();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(source.faults().slice(1)).toEqual(['return() after the end', 'next() after the end']);
    expect(source.closed).toBe(2);
  });
});

describe('timeline', () => {
  test('returns the drawing of the results', async () => {
    expect(await timeline('a-[bc]-|', doubled)).toBe('(aa)-[(bb)(cc)]-|');
    expect(await timeline('a-[bc^]', same)).toBe('a-[bc^]');
    expect(await timeline('|', same)).toBe('|');
    expect(await timeline('a-b--', same)).toBe('a-b--');
    expect(await timeline('', same)).toBe('');
  });

  test('takes any number of sources', async () => {
    async function* both({ a, b }: { a: AsyncIterable<string>; b: AsyncIterable<string> }) {
      yield* a;
      yield* b;
    }
    expect(await timeline({ a: 'a--b|', b: '-xy|' }, both)).toBe('a--b-xy|');
    async function* none() {
      yield* ['a', ['b', 1], ''];
    }
    expect(await timeline({}, none)).toBe("[a(b1)('')|]");
    async function* bare() {
      yield Object.create(null);
    }
    expect(await timeline({}, bare)).toBe('[([object Object])|]');
  });

  test('draws another error than that of the source with its text', async () => {
    async function* fails(source: AsyncIterable<string>) {
      for await (const value of source) throw new RangeError(`not (${value})`);
    }
    expect(await timeline('-a|', fails, '-^(RangeError: not a)')).toBe('-^(RangeError: not a)');
    expect(await timeline('-^', same, '-^', { failure: undefined })).toBe('-^');
    expect(await timeline('-^', same, '-^', { failure: NaN })).toBe('-^');
  });

  test('lets the consumer leave after a drawing without an end', async () => {
    expect(await timeline('a-b-c-d|', same, 'a-b-')).toBe('a-b-');
    expect(await timeline('-', same, '---')).toBe('---');
    expect(await timeline('a-b-c-d|', same, undefined, { steps: 2 })).toBe('a-b-----');
  });

  test('lets the consumer take its time', async () => {
    await timeline('abc|', same, 'a--b--c--|', { consumer: 3 * STEP });
    await timeline('abc|', same, 'a--b', { consumer: 3 * STEP });
    await timeline('abc|', same, 'abc|', { step: 1000 });
  });

  test('moves every clock of the platform', async () => {
    const times: unknown[] = [];
    async function* clocks() {
      const [date, start, instant] = [Date.now(), performance.now(), new Date()];
      await new Promise((resolve) => setTimeout(resolve, 20, 'unused'));
      yield 'a';
      times.push(Date.now() - date, performance.now() - start, new Date().getTime() - instant.getTime());
      times.push(instant.toISOString(), new Date(5).getTime(), Date() === new Date().toString());
      await new Promise((resolve) => setImmediate(resolve));
      yield 'b';
      let ticks = 0;
      await new Promise<void>((resolve) => {
        const interval = setInterval(() => {
          if (++ticks < 3) return;
          clearInterval(interval);
          resolve();
        }, 10);
      });
      yield 'c';
      const signal = AbortSignal.timeout(10);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    }
    expect(await timeline({}, clocks)).toBe('--[ab]--c^(TimeoutError: The operation timed out.)');
    expect(times).toEqual([20, 20, 20, '2000-01-01T00:00:00.000Z', 5, true]);
  });

  test('gives timers the interface of the platform', async () => {
    async function* timers() {
      const timer = setTimeout(() => undefined, 50);
      yield timer.hasRef();
      clearTimeout(timer.ref().unref().refresh());
      clearTimeout(Number(setTimeout(() => undefined, 50)));
      clearTimeout(undefined);
      setTimeout(() => undefined, 50).close();
    }
    expect(await timeline({}, timers)).toBe('[(true)|]');
  });

  test('restarts a timer that is refreshed', async () => {
    async function* refreshed() {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        setTimeout(() => timer.refresh(), 10);
      });
      yield 'a';
    }
    expect(await timeline({}, refreshed)).toBe('---[a|]');
  });

  test.each([
    ['another time', 'a-b|', 'ab-|', 'a-b|', 10],
    ['another element', 'a|', 'b|', 'a|', 0],
    ['a missing element', 'a|', 'ab|', 'a|', 10],
    ['an element too many', 'ab', 'a-', 'ab', 10],
    ['an end that comes late', 'a----|', 'a|', 'a----|', 10],
    ['an end that does not come', 'a', 'a|', 'a', 10],
    ['an unexpected end', 'a|', 'a-', 'a|', 10],
    ['a failure in place of the end', 'a^', 'a|', 'a^', 10],
  ])('reports %s', async (_name, source, expected, actual, milliseconds) => {
    const error = await outcomeOf(() => timeline(source, same, expected));
    const length = actual === 'a' ? 'a-' : actual;
    expect(error).toMatchObject({ error: { name: 'TimelineError', expected, actual: length } });
    expect(await messageOf(timeline(source, same, expected))).toContain(
      `timeline: the results differ at ${milliseconds} ms\n\n  source    ${source}\n`,
    );
  });

  test('reports an element after the drawing if the consumer stays longer', async () => {
    const message = await messageOf(timeline('a-b|', same, 'a-', { steps: 5 }));
    expect(message).toBe(
      'timeline: the results differ at 20 ms\n\n  source    a-b|\n  expected  a-\n  actual    a-b|\n',
    );
  });

  test('aligns the steps of the drawings in its errors', async () => {
    expect(await messageOf(timeline('a-b--|', doubled, '(aa)(bb)-|'))).toBe(
      [
        'timeline: the results differ at 10 ms',
        '',
        '  source    a   -   b   --|',
        '  expected  (aa)(bb)-   |',
        '  actual    (aa)-   (bb)--|',
        '',
      ].join('\n'),
    );
  });

  test('reports elements between two steps', async () => {
    async function* late(source: AsyncIterable<string>) {
      for await (const value of source) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield value;
      }
    }
    expect(await messageOf(timeline('a-|', late, 'a-|'))).toContain('actual    -[(at 5 ms)a]');
  });

  test('reports a timer that is left running', async () => {
    async function* forgets(source: AsyncIterable<string>) {
      setTimeout(() => undefined, 1e6);
      yield* source;
    }
    expect(await messageOf(timeline('a|', forgets))).toBe(
      'timeline: 1 timers left running\n\n  source   a|\n  results  a|\n',
    );
  });

  test('reports a source that is left open', async () => {
    async function* forgets({ a, b }: { a: AsyncIterable<string>; b: AsyncIterable<string> }) {
      void b[Symbol.asyncIterator]().next();
      yield* a;
    }
    expect(await messageOf(timeline({ a: 'a|', b: '-' }, forgets, 'a|'))).toContain('timeline: b: left open\n');
  });

  test('reports a run that cannot be left', async () => {
    const stuck = () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) });
    expect(await messageOf(timeline({}, stuck, '-'))).toContain('the run does not end when the consumer leaves');
  });

  test.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('busy'))],
    [
      'throws',
      () => {
        throw new Error('busy');
      },
    ],
  ])('reports a return() that %s', async (_name, leave) => {
    const failing = () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: leave as typeof never }) });
    expect(await messageOf(timeline({}, failing, '-'))).toBe(
      'timeline: the run fails with Error: busy when the consumer leaves\n\n  expected  -\n  actual    -\n',
    );
  });

  test('lets return() reject with the failure of a source', async () => {
    async function* reading(source: AsyncIterable<string>) {
      const iterator = source[Symbol.asyncIterator]();
      try {
        yield (await iterator.next()).value;
      } finally {
        for (let result = await iterator.next(); !result.done;) result = await iterator.next();
      }
    }
    for (const failure of [new Error('drawn'), NaN]) {
      expect(await timeline('ab^', reading, 'a--', { failure, consumer: 1000 })).toBe('a--');
    }
  });

  test('ignores a next() that rejects because the consumer leaves', async () => {
    let abort: (reason: unknown) => void;
    const aborted = () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>((_resolve, reject) => (abort = reject)),
        return: async () => {
          abort(new Error('aborted'));
          return { done: true as const, value: undefined };
        },
      }),
    });
    expect(await timeline({}, aborted, '--')).toBe('--');
  });

  test('requires of a generator that it can be left promptly only if asked to', async () => {
    expect(await timeline('a----b|', doubled, '(aa)--')).toBe('(aa)--');
    expect(await messageOf(timeline('a----b|', doubled, '(aa)--', { prompt: true }))).toContain(
      'the run does not end when the consumer leaves',
    );
  });

  test('refuses a run beside another one', async () => {
    const first = timeline('a|', same);
    expect(await messageOf(timeline('a|', same))).toBe(
      'Error: timeline: another run in virtual time is in progress: await it first',
    );
    expect(await first).toBe('a|');
  });

  test.each([
    [['a|'], 'TypeError: timeline: build must be a function, got undefined'],
    [['a|', same, 'a|', { stepp: 1 }], "TypeError: timeline: unknown option 'stepp', known: step, consumer, failure"],
    [['a|', same, 'a|', { step: 0 }], 'RangeError: timeline: step must be a number of milliseconds from 1'],
    [['a|', same, 'a|', { steps: NaN }], 'RangeError: timeline: steps must be a non-negative integer or Infinity'],
    [['a|', same, 'a|', { consumer: -1 }], 'RangeError: timeline: consumer must be a number of milliseconds from 0'],
    [['(a', same], "SyntaxError: timeline: '(a' is not a drawing"],
  ])('refuses %p', async (args, message) => {
    expect(await messageOf((timeline as any)(...args))).toContain(message);
  });

  test('restores the timers, whether they are fake or real', async () => {
    const { setTimeout, Date: RealDate } = globalThis;
    const { now } = performance;
    await timeline('a|', same);
    await outcomeOf(() => timeline('a|', same, 'b|'));
    expect([globalThis.setTimeout, globalThis.Date, performance.now]).toEqual([setTimeout, RealDate, now]);
    jest.useFakeTimers();
    const fake = globalThis.setTimeout;
    await timeline('a|', same);
    expect(globalThis.setTimeout).toBe(fake);
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
      '-   x|',
    );
  });

  test('takes another error if it is named', async () => {
    const error = new RangeError('another');
    const fail = () => {
      throw error;
    };
    await expectDrawing('-a|', (source) => source.map(fail), '-^', { error });
    await expect(expectDrawing('-a|', (source) => source.map(fail), '-^')).rejects.toThrow('^(RangeError: another)');
  });
});
