import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Input, StreamConsumedError } from '../../lib/index.ts';
import { failures } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

describe('repeat', () => {
  test.each([
    [0, []],
    [1, [1, 2]],
    [3, [1, 2, 1, 2, 1, 2]],
  ])('runs the stream %j times in a row', async (count, elements) => {
    expect(await AsyncStream.of(1, 2).repeat(count).toArray()).toEqual(elements);
  });

  test.each([[undefined], [Infinity]])('has no end with a count of %p', async (count) => {
    expect(await AsyncStream.of(1, 2, 3).repeat(count).take(5).toArray()).toEqual([1, 2, 3, 1, 2]);
    expect(await AsyncStream.of(1, 2).repeat(count).at(10_001)).toBe(2);
  });

  test('can be repeated', async () => {
    expect(await AsyncStream.of(1).append(2).repeat(2).append(3).repeat(2).toArray()).toEqual([
      1, 2, 1, 2, 3, 1, 2, 1, 2, 3,
    ]);
  });

  test('ends with the first pass that is empty', async () => {
    expect(await AsyncStream.of().repeat().toArray()).toEqual([]);
    const passes = [[1], [2, 3], [], [4]];
    let pass = 0;
    const stream = AsyncStream.from(() => passes[pass++]!);
    expect(await stream.repeat().toArray()).toEqual([1, 2, 3]);
    expect(pass).toBe(3);
  });

  test('opens the source anew for each pass, when the one before is at its end', async () => {
    const source = new Watched('a');
    await AsyncStream.from(source)
      .repeat(2)
      .forEach((x) => source.log.push(x));
    expect(source.log).toEqual(['open', 'next', 'a', 'next', 'open', 'next', 'a', 'next']);
  });

  test('starts the stages above anew, and counts through in those below', async () => {
    const stream = AsyncStream.of('a', 'b')
      .map((x, index) => `${x}${index}`)
      .distinct()
      .repeat(2)
      .map((x, index) => `${x}${index}`);
    expect(await stream.toArray()).toEqual(['a00', 'b11', 'a02', 'b13']);
  });

  test('repeats what a stage above makes at its end, and what it stops early', async () => {
    expect(await AsyncStream.of(1, 2, 3).chunks(2).repeat(2).toArray()).toEqual([[1, 2], [3], [1, 2], [3]]);
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).take(1).repeat(2).toArray()).toEqual([1, 1]);
    expect(source.log).toEqual(['open', 'next', 'return', 'open', 'next', 'return']);
  });

  test('calls finally, and tells an observer, once for each pass', async () => {
    const log: string[] = [];
    const stream = AsyncStream.of('x')
      .tap({ start: () => log.push('start'), close: () => log.push('close') })
      .finally(() => log.push('finally'))
      .repeat(2);
    await stream.forEach((x) => log.push(x));
    expect(log).toEqual(['start', 'x', 'close', 'finally', 'start', 'x', 'close', 'finally']);
  });

  test('asks for no more than what is wanted, and closes the pass that it is in', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).repeat().take(3).toArray()).toEqual([1, 2, 1]);
    expect(source.log).toEqual(['open', 'next', 'next', 'next', 'open', 'next', 'return']);
  });

  test('opens nothing for 0 passes, and closes what was given', async () => {
    const source = new Watched(1);
    expect(await AsyncStream.from(source).repeat(0).toArray()).toEqual([]);
    expect(source.log).toEqual([]);
    const probe = new Probe({ kind: 'given async iterator' });
    expect(await probe.stream.repeat(0).toArray()).toEqual([]);
    expect(probe.log).toEqual(['close', 'closed']);
  });

  test('goes on with the streams after it, also after 0 passes', async () => {
    expect(await AsyncStream.of(1).repeat(0).append(2).toArray()).toEqual([2]);
    const inner = (n: number) => AsyncStream.of(n).repeat(n);
    expect(await AsyncStream.of(0, 2, 0, 1).flatMap(inner).toArray()).toEqual([2, 2, 1]);
  });

  test.each<[kind: string, source: () => Input<number>]>([
    ['an iterator', () => [1, 2].values()],
    ['an async generator', () => new Probe({ kind: 'async generator', length: 2 }).input],
    ['a ReadableStream', () => new Probe({ kind: 'ReadableStream', length: 2 }).input],
    ['a Node Readable', () => Readable.from([1, 2])],
  ])('refuses the second pass over %s', async (_kind, source) => {
    const { seen, error } = await seenOf(AsyncStream.from(source()).repeat(2));
    expect(seen).toEqual([1, 2]);
    expect(error).toBeInstanceOf(StreamConsumedError);
  });

  test.each(failures)('fails with the same error when a later pass %s', async (_how, fail, error) => {
    let pass = 0;
    const stream = AsyncStream.from(() => (pass++ < 2 ? [pass] : fail()));
    expect(await seenOf(stream.repeat())).toStrictEqual({ seen: [1, 2], error });
  });

  test('is left at once in a pass that is stuck', async () => {
    let pass = 0;
    const stuck = new Probe({ stuckAt: 1 });
    const stream = AsyncStream.from(() => (pass++ === 0 ? AsyncStream.of(1) : stuck.stream)).repeat();
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    await until(() => stuck.stuck);
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
    expect([await pending, stuck.closed, stuck.faults()]).toEqual([DONE, 1, []]);
  });

  test('gives timers and I/O a turn now and then, and not for each pass', async () => {
    let macrotasks = 0;
    let over = false;
    const count = () => {
      if (over) return;
      macrotasks++;
      setImmediate(count);
    };
    setImmediate(count);
    await AsyncStream.of(1, 2).repeat(100).drain();
    const short = macrotasks;
    await AsyncStream.of(1, 2).repeat(5000).drain();
    over = true;
    expect([short, macrotasks > 1, macrotasks < 50]).toEqual([0, true, true]);
  });
});
