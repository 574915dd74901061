import { describe, expect, test } from '@jest/globals';
import { probe, timeline } from '../../lib/testing/index.ts';
import { refusal } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled } from '../support/turns.ts';

describe('probe', () => {
  test('emits its elements, to each consumer anew', async () => {
    const source = probe(new Set(['a', undefined, 'b']));
    expect([await seenOf(source), await seenOf(source)]).toEqual([
      { seen: ['a', undefined, 'b'] },
      { seen: ['a', undefined, 'b'] },
    ]);
    expect([source.opened, source.pulled, source.closed, source.faults()]).toEqual([2, 8, 0, []]);
  });

  test('emits without an end what a function returns for the number of the pull, or that number', async () => {
    const take = async (source: AsyncIterable<unknown>) => {
      const taken: unknown[] = [];
      for await (const value of source) if (taken.push(value) === 3) break;
      return taken;
    };
    expect([await take(probe((pull) => pull * 10)), await take(probe())]).toEqual([
      [10, 20, 30],
      [1, 2, 3],
    ]);
  });

  test('records what is done with it', async () => {
    const source = probe([1, 2]);
    for await (const _value of source) break;
    expect([source.opened, source.pulled, source.closed]).toEqual([1, 1, 1]);
    await seenOf(source);
    expect(source.log).toEqual(['next', 'close', 'closed', 'next', 'next', 'next', 'exhausted']);
  });

  test('writes to a log that it shares', async () => {
    const log: string[] = [];
    await seenOf(probe([], { log, name: 'one' }));
    await seenOf(probe([], { log, name: 'other', failAt: 1 }));
    expect(log).toEqual(['one next', 'one exhausted', 'other next', 'other failed']);
  });

  test('is no fault where it is made and never pulled', async () => {
    const source = probe([1]);
    source[Symbol.asyncIterator]();
    expect([source.opened, source.faults()]).toEqual([0, []]);
    expect(await source[Symbol.asyncIterator]().return!()).toEqual(DONE);
    expect([source.opened, source.closed, source.faults()]).toEqual([0, 1, []]);
  });

  test('reports each use that breaks the protocol', async () => {
    const source = probe([1]);
    const iterator = source[Symbol.asyncIterator]();
    const results = [iterator.next(), iterator.next()];
    expect(source.faults()).toEqual(['next() while another one is pending', 'left open']);
    expect(await Promise.all(results)).toEqual([{ done: false, value: 1 }, DONE]);
    expect([await iterator.next(), await iterator.return!(), await iterator.return!()]).toEqual([DONE, DONE, DONE]);
    expect(source.faults().slice(1)).toEqual([
      'next() when exhausted',
      'return() when exhausted',
      'return() when closed',
    ]);
  });

  test('fails at a pull, with any error', async () => {
    for (const error of [new Error('own'), undefined, null, false]) {
      const source = probe([1, 2, 3], { failAt: 2, error });
      expect(await seenOf(source)).toStrictEqual({ seen: [1], error });
      expect([source.log.at(-1), source.faults()]).toEqual(['failed', []]);
    }
    expect(await seenOf(probe([1], { failAt: 1 }))).toEqual({ seen: [], error: new Error('probe') });
  });

  test('fails when it is opened, or closed', async () => {
    const opening = probe([1], { failAt: 'open', error: 'open' });
    expect([await seenOf(opening), opening.opened, opening.faults()]).toEqual([{ seen: [], error: 'open' }, 0, []]);

    const closing = probe([1], { failAt: 'close', error: 'close' });
    const iterator = closing[Symbol.asyncIterator]();
    await iterator.next();
    expect(await outcomeOf(() => iterator.return!())).toEqual({ error: 'close' });
    expect([closing.closed, closing.faults()]).toEqual([1, []]);
  });

  test('hangs at a pull, and settles late', async () => {
    const source = probe([1, 2], { hangAt: 2 });
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    expect([await turnsUntilSettled(pending), source.hanging]).toEqual([Infinity, true]);
    expect(await iterator.return!()).toEqual(DONE);
    source.release();
    expect([await pending, source.hanging, source.faults()]).toEqual([{ done: false, value: 2 }, false, []]);
    expect(refusal(() => source.release())).toBe('Error: probe: no step hangs');
  });

  test('fails late', async () => {
    const source = probe([1], { hangAt: 1, failAt: 1, error: 'late' });
    const seen = seenOf(source);
    await idle();
    source.release();
    expect(await seen).toEqual({ seen: [], error: 'late' });
  });

  test('hangs while it is closed', async () => {
    const source = probe([1], { hangAt: 'close' });
    const iterator = source[Symbol.asyncIterator]();
    await iterator.next();
    const closing = iterator.return!();
    expect([await turnsUntilSettled(closing), source.log.at(-1)]).toEqual([Infinity, 'close']);
    source.release();
    expect([await closing, source.log.at(-1)]).toEqual([DONE, 'closed']);
  });

  test('is closed as a generator is: after the pending pull', async () => {
    const source = probe([1, 2], { kind: 'generator', hangAt: 1, failAt: 1 });
    const iterator = source[Symbol.asyncIterator]();
    const pending = outcomeOf(() => iterator.next());
    const closing = iterator.return!();
    expect(await turnsUntilSettled(closing)).toBe(Infinity);
    source.release();
    expect([await pending, await closing]).toEqual([{ error: new Error('probe') }, DONE]);
  });

  test('takes its time for each pull', async () => {
    expect(await timeline({}, () => probe(['a', 'b'], { delay: 20 }))).toBe('--a-b-|');
  });

  test.each([
    [[5], 'TypeError: probe: elements must be an iterable or a function, got 5'],
    [[null], 'TypeError: probe: elements must be an iterable or a function, got null'],
    [
      [[], { failsAt: 1 }],
      "TypeError: probe: unknown option 'failsAt', known: failAt, error, hangAt, delay, kind, log, name",
    ],
    [[[], { delay: -1 }], 'RangeError: probe: delay must be a number of milliseconds from 0 to 2147483647, got -1'],
    [[[], { failAt: 'opened' }], "RangeError: probe: failAt must be one of 'open', 'close', got 'opened'"],
    [[[], { failAt: 0 }], 'RangeError: probe: failAt must be a positive integer, got 0'],
    [[[], { hangAt: 'open' }], "RangeError: probe: hangAt must be one of 'close', got 'open'"],
    [[[], { log: 'log' }], "TypeError: probe: log must be an array, got 'log'"],
    [[[], { name: 1 }], 'TypeError: probe: name must be a string, got 1'],
    [[[], { kind: 'sync' }], "RangeError: probe: kind must be one of 'iterator', 'generator', got 'sync'"],
  ])('refuses %p', (args, message) => {
    expect(refusal(() => (probe as any)(...args))).toBe(message);
  });
});
