import { setImmediate as realTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { documented } from '../../lib/errors.ts';
import { AsyncStream } from '../../lib/index.ts';
import { DrawnSource, expectDrawing, STEP } from '../support/drawing.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { outcomeOf, PROMPT, turnsUntilSettled } from '../support/turns.ts';

const tooLate = (limit: string) => new DOMException(documented('TimeoutError', `timeout: ${limit}`), 'TimeoutError');
const NO_ELEMENT = tooLate('no element came within 20 ms');
const NO_FIRST = tooLate('no first element came within 20 ms');
const NOT_OVER = tooLate('the run was not over within 40 ms');

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('timeout', () => {
  test('passes elements on that come in time', async () => {
    await expectDrawing('ab-c-(defg)-[hi|]', (source) => source.timeout(2.5 * STEP), 'ab-c-(defg)-[hi|]');
    await expectDrawing('a-b|', (source) => source.timeout(5 * STEP), 'a-b|');
  });

  test('fails where an element does not come in time', async () => {
    await expectDrawing('ab---c|', (source) => source.timeout(2 * STEP), 'ab-^', { error: NO_ELEMENT });
    await expectDrawing('---a|', (source) => source.timeout(2 * STEP), '--^', { error: NO_ELEMENT });
    await expectDrawing('a---|', (source) => source.timeout({ each: 2 * STEP }), 'a-^', { error: NO_ELEMENT });
  });

  test('fails with the DOMException of AbortSignal.timeout', async () => {
    const outcome = outcomeOf(() => new Probe({ stuckAt: 1 }).stream.timeout(20).toArray());
    await jest.advanceTimersByTimeAsync(20);
    const { error } = (await outcome) as { error: DOMException };
    expect([error.constructor, error.name, error.message]).toEqual([
      DOMException,
      'TimeoutError',
      expect.stringMatching(/^timeout: no element came within 20 ms \(see /),
    ]);
  });

  test('fails with an error of the same name where the platform has no DOMException', async () => {
    const { DOMException } = globalThis;
    const outcome = outcomeOf(() => new Probe({ stuckAt: 1 }).stream.timeout(20).toArray());
    try {
      delete (globalThis as { DOMException?: unknown }).DOMException;
      await jest.advanceTimersByTimeAsync(20);
    } finally {
      globalThis.DOMException = DOMException;
    }
    const { error } = (await outcome) as { error: Error };
    expect(error.constructor).toBe(Error);
    expect(String(error)).toMatch(/^TimeoutError: timeout: no element came within 20 ms \(see /);
  });

  test('does not count the time of the consumer', async () => {
    await expectDrawing('abc|', (source) => source.timeout(2 * STEP), 'a-----b-----c-----|', { consumer: 6 * STEP });
    await expectDrawing('ab---|', (source) => source.timeout(2 * STEP), 'a-----b-----|', { consumer: 6 * STEP });
    // The source is asked again when the consumer is: it has until then.
    await expectDrawing('a-----------|', (source) => source.timeout(2 * STEP), 'a-------^', {
      consumer: 6 * STEP,
      error: NO_ELEMENT,
    });
  });

  test('does not count the time of later stages, and that of earlier ones', async () => {
    const slowly = (x: string) => new DrawnSource(`---${x}|`);
    await expectDrawing('ab|', (source) => source.timeout(2 * STEP).flatMap(slowly), '---a---b|');
    await expectDrawing('ab|', (source) => source.flatMap(slowly).timeout(2 * STEP), '--^', { error: NO_ELEMENT });
  });

  test('counts elements that are dropped before it as none', async () => {
    await expectDrawing('abcdef|', (source) => source.filter((x) => x > 'c').timeout(2 * STEP), '--^', {
      error: NO_ELEMENT,
    });
  });

  test('has a limit of its own for the first element', async () => {
    const first = { first: 2 * STEP };
    await expectDrawing('---a|', (source) => source.timeout(first), '--^', { error: NO_FIRST });
    await expectDrawing('-a------b|', (source) => source.timeout(first), '-a------b|');
    const both = { first: 5 * STEP, each: 2 * STEP };
    await expectDrawing('----a-b---c|', (source) => source.timeout(both), '----a-b-^', { error: NO_ELEMENT });
    await expectDrawing('a----b|', (source) => source.timeout(both), 'a-^', { error: NO_ELEMENT });
    await expectDrawing('-a-b|', (source) => source.timeout({ first: STEP, each: 3 * STEP }), '-^', {
      error: tooLate('no first element came within 10 ms'),
    });
  });

  test('has a limit for the whole run', async () => {
    const total = { total: 4 * STEP };
    await expectDrawing('abc|', (source) => source.timeout(total), 'abc|');
    await expectDrawing('a-b-c-d|', (source) => source.timeout(total), 'a-b-^', { error: NOT_OVER });
    await expectDrawing('abc|', (source) => source.timeout(total), 'a--b--^', { error: NOT_OVER, consumer: 3 * STEP });
  });

  test('ends a run that never waits for anything', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const run = AsyncStream.range(0, 1000)
      .tap(() => now++)
      .timeout({ total: 40 });
    expect(await outcomeOf(() => run.drain())).toEqual({ error: NOT_OVER });
    expect(now).toBe(40);
  });

  test('ends the whole run also while a later callback is stuck', async () => {
    const probe = new Probe();
    let signal!: AbortSignal;
    const outcome = outcomeOf(() =>
      probe.stream.timeout({ total: 40 }).forEach((_value, _index, context) => {
        signal = context.signal;
        return new Promise(() => undefined);
      }),
    );
    await jest.advanceTimersByTimeAsync(40);
    expect(await outcome).toEqual({ error: NOT_OVER });
    expect([signal.reason, probe.closed, probe.faults(), jest.getTimerCount()]).toEqual([NOT_OVER, 1, [], 0]);
  });

  test('tells the next call of next() of a run that was over while nobody waited', async () => {
    const probe = new Probe();
    const iterator = probe.stream.timeout({ total: 40 })[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await jest.advanceTimersByTimeAsync(40);
    expect([probe.closed, jest.getTimerCount()]).toEqual([1, 0]);
    expect(await outcomeOf(() => iterator.next())).toEqual({ error: NOT_OVER });
    expect(await iterator.next()).toEqual(DONE);
  });

  test.each(['async iterable', 'sync iterable', 'async generator', 'ReadableStream', 'stream'] as const)(
    'does not wait for a stuck %s, whose late value and late error vanish',
    async (kind) => {
      for (const settle of ['resolve', 'reject'] as const) {
        const probe = new Probe({ kind, stuckAt: 2 });
        const seen: unknown[] = [];
        const run = probe.stream.timeout(20).forEach((x) => void seen.push(x));
        const outcome = outcomeOf(() => run);
        for (let turns = 0; turns < 5; turns++) await realTurn();
        jest.advanceTimersByTime(20);
        expect(await turnsUntilSettled(run)).toBeLessThan(PROMPT);
        expect(await outcome).toEqual({ error: NO_ELEMENT });
        probe.late![settle](2);
        await realTurn();
        expect([seen, probe.closed, probe.faults(), jest.getTimerCount()]).toEqual([[1], 1, [], 0]);
      }
    },
  );

  test('fails with an error that catch sees', async () => {
    await expectDrawing('a---b|', (source) => source.timeout(2 * STEP).catch(() => ['x', 'y']), 'a-[xy|]');
  });

  test('fails the run that it is part of, and closes the others', async () => {
    const other = new DrawnSource('-x-------');
    await expectDrawing('a----b|', (source) => other.stream.merge(source.timeout(2 * STEP)), 'ax^', {
      error: NO_ELEMENT,
    });
    expect([other.closed, other.faults()]).toEqual([1, []]);
    await expectDrawing('a----b|', (source) => AsyncStream.of('x').concat(source.timeout(2 * STEP)), '[xa]-^', {
      error: NO_ELEMENT,
    });
  });

  test('starts anew with each pass over the source', async () => {
    await expectDrawing('-a-|', (source) => source.timeout({ total: 4 * STEP }).repeat(3), '-a--a--a-|');
  });

  test('takes no time for an end: nothing is waited for then', async () => {
    const after = new DrawnSource('----x|');
    await expectDrawing('a|', (source) => source.timeout(2 * STEP).concat(after), 'a----x|');
  });

  test('sets far fewer timers than there are elements', async () => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    const probe = new Probe({ length: 1000 });
    expect(await probe.stream.timeout({ each: 20, total: 40 }).count()).toBe(1000);
    expect(set.mock.calls.length).toBe(2);
  });

  const limits = { each: 20, first: 20, total: 40 };
  test.each<[string, (stream: AsyncStream<number>) => unknown]>([
    ['at its end', (stream) => stream.take(3).toArray()],
    ['by a later stage', (stream) => stream.first()],
    [
      'by an error',
      (stream) =>
        stream.forEach(() => {
          throw new Error('later');
        }),
    ],
    [
      'by an abort',
      (stream) =>
        stream
          .tap(() => new Promise(() => undefined))
          .withSignal(AbortSignal.abort())
          .drain(),
    ],
    [
      'by break',
      async (stream) => {
        for await (const _value of stream) break;
      },
    ],
    [
      'by a callback that calls return()',
      async (stream) => {
        const iterator = stream.tap(() => void iterator.return!())[Symbol.asyncIterator]();
        await iterator.next();
        await iterator.return!();
      },
    ],
  ])('leaves no timer where the run is over %s', async (_, end) => {
    await outcomeOf(() => end(new Probe().stream.timeout(limits)));
    expect(jest.getTimerCount()).toBe(0);
  });

  test('leaves no timer where return() is called while it waits', async () => {
    const probe = new Probe({ stuckAt: 2 });
    const iterator = probe.stream.timeout(limits)[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    await realTurn();
    expect(jest.getTimerCount()).toBeGreaterThan(0);
    await iterator.return!();
    expect([await pending, jest.getTimerCount(), probe.closed]).toEqual([DONE, 0, 1]);
  });

  test('keeps the process alive until then', async () => {
    const probe = new Probe({ stuckAt: 1 });
    jest.useRealTimers();
    const set = jest.spyOn(globalThis, 'setTimeout');
    const iterator = probe.stream.timeout(1000)[Symbol.asyncIterator]();
    void iterator.next();
    expect((set.mock.results[0]!.value as NodeJS.Timeout).hasRef()).toBe(true);
    await iterator.return!();
  });
});

describe('timeout of a source that has failed', () => {
  test('has stopped when a later stage emits what it holds before the error', async () => {
    const error = new Error('source');
    const seen: unknown[] = [];
    const outcome = outcomeOf(() =>
      new Probe({ failAt: 2, error }).stream
        .timeout(20)
        .chunks(2)
        .tap(async (chunk) => {
          seen.push(chunk);
          await new Promise((resolve) => setTimeout(resolve, 50));
        })
        .drain(),
    );
    await jest.advanceTimersByTimeAsync(100);
    expect([seen, await outcome]).toStrictEqual([[[1]], { error }]);
  });
});
