import { setImmediate as realTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DrawnSource, expectDrawing, STEP } from '../support/drawing.ts';
import { EARLY } from '../support/endings.ts';
import { DONE } from '../support/iterators.ts';
import { Probe, type ProbeOptions } from '../support/probe.ts';
import { outcomeOf, seenOf, turnsUntilSettled } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

describe('chunks', () => {
  test('gathers elements into arrays of the size', async () => {
    expect(await AsyncStream.range(0, 4).chunks(2).toArray()).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test('gives the rest when the source ends', async () => {
    expect(await AsyncStream.range(0, 5).chunks(2).toArray()).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('gives one short chunk where there are fewer elements', async () => {
    expect(await AsyncStream.of(1, 2).chunks(3).toArray()).toEqual([[1, 2]]);
  });

  test('gives chunks of one', async () => {
    expect(await AsyncStream.of(1, 2).chunks(1).toArray()).toEqual([[1], [2]]);
  });

  test('gives arrays that are not written to again', async () => {
    const chunks: number[][] = [];
    await AsyncStream.range(0, 5)
      .chunks(2)
      .forEach((chunk) => {
        chunks.push([...chunk]);
        chunk.push(-1);
        chunk.reverse();
      });
    expect(chunks).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('gives the rest where an earlier stage stops', async () => {
    expect(await AsyncStream.range(0).take(3).chunks(2).toArray()).toEqual([[0, 1], [2]]);
  });
});

describe('chunks, where the stream above fails,', () => {
  const error = new Error('source');
  const failing = (more: ProbeOptions = {}) => new Probe({ failAt: 4, error, ...more });
  const later = new Error('later');
  const fail = () => {
    throw later;
  };
  /** What comes to whoever consumes it by a terminal, and by a loop. */
  async function eitherWay(build: () => AsyncStream<unknown>) {
    const seen: unknown[] = [];
    const outcome = await outcomeOf(() => build().forEach((value) => void seen.push(value)));
    const looped = await seenOf(build());
    expect({ seen, ...('error' in outcome ? outcome : {}) }).toStrictEqual(looped);
    return looped;
  }

  const forms: Record<string, (stream: AsyncStream<number>, size?: number) => AsyncStream<number[]>> = {
    size: (stream, size = 2) => stream.chunks(size),
    weight: (stream, size = 2) => stream.chunks(9, { weight: () => 1, maxWeight: size }),
    within: (stream, size = 2) => stream.chunks(size, { within: 1000 }),
  };

  describe.each(Object.keys(forms))('by %s', (form) => {
    const chunked = forms[form]!;

    test.each(['async iterable', 'sync iterable', 'async generator', 'ReadableStream', 'stream'] as const)(
      'gives the chunk in hand, and then the error of a %s',
      async (kind) => {
        for (const thrown of [error, undefined, null]) {
          const probes: Probe[] = [];
          const build = () => {
            probes.push(failing({ kind, error: thrown }));
            return chunked(probes.at(-1)!.stream);
          };
          expect(await eitherWay(build)).toStrictEqual({ seen: [[1, 2], [3]], error: thrown });
          expect(probes.map((probe) => [probe.closed, ...probe.faults()])).toEqual([[0], [0]]);
        }
      },
    );

    test('gives it before the error of an earlier callback, and has closed the source by then', async () => {
      for (const way of [fail, () => Promise.reject(later), () => realTurn().then(fail)]) {
        const log: string[] = [];
        const probe = new Probe({ log, close: () => realTurn() });
        const above = probe.stream.map((x) => (x === 4 ? way() : x));
        const chunks = chunked(above).tap((chunk) => void log.push(chunk.join()));
        expect(await seenOf(chunks)).toStrictEqual({ seen: [[1, 2], [3]], error: later });
        expect(log.filter((entry) => entry !== 'next')).toEqual(
          form === 'within' ? expect.arrayContaining(['1,2', 'close', '3', 'closed']) : ['1,2', 'close', 'closed', '3'],
        );
      }
    });

    test('gives no chunk that would be empty', async () => {
      expect(await eitherWay(() => chunked(failing({ failAt: 3 }).stream))).toStrictEqual({ seen: [[1, 2]], error });
      expect(await eitherWay(() => chunked(failing({ failAt: 1 }).stream))).toStrictEqual({ seen: [], error });
    });

    test('gives nothing for an error of what is below', async () => {
      const seen: unknown[] = [];
      const below = () =>
        chunked(new Probe().stream)
          .tap((chunk) => void seen.push(chunk))
          .map(fail);
      expect(await eitherWay(below)).toStrictEqual({ seen: [], error: later });
      expect(seen).toEqual([
        [1, 2],
        [1, 2],
      ]);
    });

    test('passes on that error, and not the one that comes of the chunk', async () => {
      const below = () => chunked(failing().stream).map((chunk) => (chunk.length === 1 ? fail() : chunk));
      expect(await eitherWay(below)).toStrictEqual({
        seen: [[1, 2]],
        error: form === 'within' ? later : error,
      });
    });

    test('passes the chunk through all that is below it, and gives the chunks of these as well', async () => {
      const below = () =>
        chunked(failing().stream)
          .map(async (chunk) => chunk.map((x) => x * 10))
          .flatMap((chunk) => [chunk, chunk])
          .chunks(3);
      expect(await eitherWay(below)).toStrictEqual({ seen: [[[10, 20], [10, 20], [30]], [[30]]], error });
    });

    test('does so in every part of a run', async () => {
      const parts: Record<string, (probe: Probe) => AsyncStream<unknown>> = {
        concat: (probe) => chunked(AsyncStream.of(-1).concat(probe.stream)),
        concatenated: (probe) => AsyncStream.of(-1).concat(chunked(probe.stream)),
        repeat: (probe) => chunked(probe.stream).repeat(2),
        flatMap: (probe) => AsyncStream.of(-1).flatMap(() => chunked(probe.stream)),
        prepend: (probe) => chunked(probe.stream.prepend(-1)),
        merge: (probe) => chunked(probe.stream).merge(),
        buffer: (probe) => chunked(probe.stream).buffer(2),
        pipe: (probe) => chunked(probe.stream).pipe((above) => above),
      };
      for (const [part, build] of Object.entries(parts)) {
        const probe = failing();
        const { seen, ...failed } = await seenOf(build(probe));
        expect([part, seen.flat().filter((x) => x !== -1), failed]).toStrictEqual([part, [1, 2, 3], { error }]);
        expect(probe.faults()).toEqual([]);
      }
    });

    test('gives the chunk to a catch after it', async () => {
      const caught = () => chunked(failing().stream).catch(() => [['caught']]);
      expect(await eitherWay(caught)).toStrictEqual({ seen: [[1, 2], [3], ['caught']] });
    });

    test('gives it to nobody who has left', async () => {
      const probe = failing();
      const iterator = chunked(probe.stream)[Symbol.asyncIterator]();
      expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([[1, 2], [3]]);
      expect(await iterator.return!()).toEqual(DONE);
      expect(await iterator.next()).toEqual(DONE);
      expect([probe.closed, probe.faults()]).toEqual([0, []]);
    });

    /** Stuck in what is below with the chunk in hand, until `late` is called. */
    function stuck() {
      const given: number[][] = [];
      let late!: () => void;
      const stream = chunked(failing().stream)
        .tap((chunk) => (chunk.length === 1 ? new Promise<void>((resolve) => (late = resolve)) : undefined))
        .tap((chunk) => void given.push(chunk));
      return { given, stream, late: () => late() };
    }

    test('lets return() through while a callback below is stuck with it', async () => {
      const { given, stream, late } = stuck();
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      const pending = iterator.next();
      await realTurn();
      await realTurn();
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
      late();
      await realTurn();
      expect([await pending, given]).toEqual([DONE, [[1, 2]]]);
    });

    test('lets an abort through while a callback below is stuck with it', async () => {
      const { given, stream, late } = stuck();
      const controller = new AbortController();
      const run = stream.withSignal(controller.signal).drain();
      const outcome = outcomeOf(() => run);
      await realTurn();
      await realTurn();
      controller.abort('enough');
      expect(await turnsUntilSettled(run)).toBeLessThan(40);
      late();
      await realTurn();
      expect([await outcome, given]).toEqual([{ error: 'enough' }, [[1, 2]]]);
    });
  });

  test('costs no promise where nothing fails', async () => {
    const inner = AsyncStream.of(1, 2, 3).chunks(2);
    const counted = AsyncStream.range(0, 1000)
      .flatMap(() => inner)
      .count();
    expect(await turnsUntilSettled(counted)).toBeLessThan(40);
  });
});

describe('chunks by weight', () => {
  const weigh = (weights: number[], maxWeight: number, size = 9) =>
    AsyncStream.from(weights).chunks(size, { weight: (x) => x, maxWeight });

  test('ends a chunk before the element with which it would weigh more', async () => {
    expect(await weigh([1, 2, 3, 1, 1], 4).toArray()).toEqual([[1, 2], [3, 1], [1]]);
  });

  test('gives an element that weighs more alone', async () => {
    expect(await weigh([1, 9, 1, 9, 9], 4).toArray()).toEqual([[1], [9], [1], [9], [9]]);
  });

  test('ends a chunk at its size as well', async () => {
    expect(await weigh([0, 0, 0, 1, 1, 0], 2, 2).toArray()).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  test('gives a chunk with the element that makes it full, and not with the one after', async () => {
    const source = new Watched(2, 2, 1);
    const stream = AsyncStream.from(source).chunks(9, { weight: (x) => x, maxWeight: 4 });
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: [2, 2] });
    expect(source.log).toEqual(['open', 'next', 'next']);
    await iterator.return();
  });

  test('weighs fractions and infinities, and each element once', async () => {
    const weight = jest.fn((x: number) => x);
    const stream = AsyncStream.of(0.5, 0.5, Infinity, 0.25).chunks(9, { weight, maxWeight: 1 });
    expect(await stream.toArray()).toEqual([[0.5, 0.5], [Infinity], [0.25]]);
    expect(weight.mock.calls).toEqual([[0.5], [0.5], [Infinity], [0.25]]);
  });

  test('stops where a later stage has enough with the chunk that an element has ended', async () => {
    const source = new Watched(3, 9, 1);
    const stream = AsyncStream.from(source).chunks(9, { weight: (x) => x, maxWeight: 4 });
    expect(await stream.take(1).toArray()).toEqual([[3]]);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test.each([
    [NaN, 'RangeError: chunks: the result of weight must be a non-negative number, got NaN'],
    [-1, 'RangeError: chunks: the result of weight must be a non-negative number, got -1'],
    ['1', "TypeError: chunks: the result of weight must be a non-negative number, got '1'"],
    [undefined, 'TypeError: chunks: the result of weight must be a non-negative number, got undefined'],
  ])('fails where something weighs %p', async (weight, message) => {
    for (const within of [{}, { within: 1000 }]) {
      const stream = AsyncStream.of(1).chunks(2, { ...within, weight: () => weight as number, maxWeight: 4 });
      expect(String(((await outcomeOf(() => stream.toArray())) as { error: unknown }).error)).toBe(message);
    }
  });
});

describe('chunks within a time', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
  afterEach(() => void jest.useRealTimers());

  test('of any size are windows of time', async () => {
    const windows = (stream: AsyncStream<string>) => stream.chunks(Infinity, { within: 3 * STEP });
    await expectDrawing('abcde----f---|', windows, '---(abcd)---e----f|');
    await expectDrawing('ab-^', windows, '---[(ab)^]');
  });

  test('of any size read no further once their time is over', async () => {
    const probe = new Probe();
    const iterator = probe.stream.delay(10).chunks(Infinity, { within: 35 })[Symbol.asyncIterator]();
    const first = iterator.next();
    await jest.advanceTimersByTimeAsync(1000);
    expect(await first).toEqual({ done: false, value: [1, 2, 3, 4] });
    const { pulled } = probe;
    await jest.advanceTimersByTimeAsync(1000);
    expect([probe.pulled, jest.getTimerCount()]).toEqual([pulled, 0]);
    expect(await iterator.next()).toEqual({ done: false, value: [5, 6, 7, 8, 9] });
    await iterator.return!();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('gives a chunk that many milliseconds after its first element', async () => {
    await expectDrawing('ab-c----d|', (s) => s.chunks(9, { within: 3 * STEP }), '---(abc)-----[d|]');
    await expectDrawing('--a----b---|', (s) => s.chunks(9, { within: 2 * STEP }), '----a----b-|');
  });

  test('gives a full chunk at once, and counts anew for the next one', async () => {
    await expectDrawing('abc---|', (s) => s.chunks(2, { within: 2 * STEP }), '-(ab)--c-|');
    await expectDrawing('[ab]------c------|', (s) => s.chunks(2, { within: 3 * STEP }), '(ab)---------c---|');
  });

  test('gives no empty one', async () => {
    await expectDrawing('-----|', (s) => s.chunks(2, { within: STEP }), '-----|');
    await expectDrawing('[ab]----|', (s) => s.chunks(2, { within: STEP }), '(ab)----|');
  });

  test('gives the rest at the end, and before an error', async () => {
    await expectDrawing('[ab]-|', (s) => s.chunks(9, { within: 9 * STEP }), '--[(ab)|]');
    await expectDrawing('[ab]-^', (s) => s.chunks(9, { within: 9 * STEP }), '--[(ab)^]');
  });

  test('lets a chunk grow while the consumer takes its time, and gives it when it is wanted', async () => {
    await expectDrawing('abcd---e------|', (source) => source.chunks(9, { within: STEP }), '-(ab)---(cd)---e----|', {
      consumer: 4 * STEP,
    });
    await expectDrawing('abcdef------|', (source) => source.chunks(2, { within: STEP }), '-(ab)---(cd)---(ef)---|', {
      consumer: 4 * STEP,
    });
  });

  test.each<[string, number, number]>([
    ['size', 3, Infinity],
    ['weight', Infinity, 3],
  ])(
    'lets a chunk whose time is over grow up to its %s while the consumer takes its time',
    async (_, size, maxWeight) => {
      const build = (source: AsyncStream<string>) => source.chunks(size, { within: STEP, weight: () => 1, maxWeight });
      await expectDrawing('a-b-c-d----|', build, '-a-------(bcd)-------|', { consumer: 8 * STEP });
    },
  );

  test('counts the time of an element that was too heavy for the chunk before from its arrival', async () => {
    const build = (source: AsyncStream<string>) =>
      source.chunks(Infinity, { within: 8 * STEP, weight: () => 2, maxWeight: 3 });
    await expectDrawing('abc-----------------|', build, '-a----b----c--------|', { consumer: 5 * STEP });
  });

  test('reads no further than a full chunk while the consumer takes its time', async () => {
    const probe = new Probe();
    const iterator = probe.stream.chunks(3, { within: 10 })[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: [1, 2, 3] });
    await jest.advanceTimersByTimeAsync(1000);
    expect(probe.pulled).toBe(6);
    expect(await iterator.next()).toEqual({ done: false, value: [4, 5, 6] });
    await jest.advanceTimersByTimeAsync(1000);
    expect([probe.pulled, jest.getTimerCount()]).toEqual([9, 0]);
    await iterator.return!();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('takes what is ready with 0, and waits for nothing else', async () => {
    const chunks = (drawing: string) =>
      new DrawnSource(drawing).stream.chunks(3, { within: 0 }).map((chunk) => chunk.join(''));
    const seen: string[] = [];
    const run = chunks('[abcd]-[ef]g|').forEach((chunk) => void seen.push(chunk));
    await jest.advanceTimersByTimeAsync(1);
    expect(seen).toEqual(['abc', 'd']);
    await jest.advanceTimersByTimeAsync(10 * STEP);
    await run;
    expect(seen).toEqual(['abc', 'd', 'ef', 'g']);
  });

  test('ends a chunk by weight at once, and counts anew for the element that ended it', async () => {
    const weight = (x: string) => Number(x);
    await expectDrawing('2-3----|', (s) => s.chunks(9, { within: 3 * STEP, weight, maxWeight: 4 }), '--2--3-|');
    await expectDrawing('1-9-----|', (s) => s.chunks(9, { within: 3 * STEP, weight, maxWeight: 4 }), '--[19]-----|');
    await expectDrawing('[22]----|', (s) => s.chunks(9, { within: 3 * STEP, weight, maxWeight: 4 }), '(22)----|');
  });

  test('closes a stuck source at once, and leaves no timer, when it is left', async () => {
    const probe = new Probe({ stuckAt: 2 });
    const iterator = probe.stream.chunks(9, { within: 100 })[Symbol.asyncIterator]();
    const pending = iterator.next();
    await realTurn();
    expect(jest.getTimerCount()).toBe(1);
    expect(await turnsUntilSettled(iterator.return!())).toBeLessThan(40);
    expect([await pending, jest.getTimerCount()]).toEqual([DONE, 0]);
    probe.late!.reject(new Error('late'));
    await realTurn();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('leaves no timer, whatever ends it', async () => {
    for (const end of [(stream: AsyncStream<unknown>) => stream.toArray(), ...EARLY]) {
      const source = new DrawnSource('[abc]|');
      const ended = end(source.stream.chunks(2, { within: 100 }));
      await jest.advanceTimersByTimeAsync(STEP);
      await ended;
      expect([jest.getTimerCount(), source.faults()]).toEqual([0, []]);
    }
  });
});

describe.each<[string, (stream: AsyncStream<number>) => AsyncStream<number[]>]>([
  ['chunks(2)', (stream) => stream.chunks(2)],
  ['chunks(9, { weight, maxWeight })', (stream) => stream.chunks(9, { weight: () => 1, maxWeight: 2 })],
  ['chunks(2, { within })', (stream) => stream.chunks(2, { within: 1000 })],
  ['chunkBy(key)', (stream) => stream.chunkBy((_, index) => index >> 1)],
  ['chunkWhen(predicate)', (stream) => stream.chunkWhen((_previous, _next, index) => index % 2 === 0)],
])('%s before an error from upstream', (_call, chunked) => {
  const error = new Error('source');
  const failing = () =>
    chunked(
      AsyncStream.from(function* () {
        yield 1;
        throw error;
      }),
    );

  test('emits the partial chunk', async () => {
    expect(await seenOf(failing())).toStrictEqual({ seen: [[1]], error });
  });

  test('hides the error from a consumer that has all it needs', async () => {
    expect(await failing().take(1).toArray()).toEqual([[1]]);
    expect(await seenOf(failing().take(1))).toEqual({ seen: [[1]] });
    expect(await failing().first()).toEqual([1]);
    expect(await failing().take(1).buffer(2).toArray()).toEqual([[1]]);
    expect(
      await failing()
        .take(1)
        .catch(() => [['more']])
        .toArray(),
    ).toEqual([[1]]);
    expect(await failing().take(1).toSorted().chunks(3).toArray()).toEqual([[[1]]]);
  });

  test('tells the error to a consumer that wants more', async () => {
    expect(await seenOf(failing().take(2))).toStrictEqual({ seen: [[1]], error });
    expect(await outcomeOf(() => failing().single())).toStrictEqual({ error });
  });
});
