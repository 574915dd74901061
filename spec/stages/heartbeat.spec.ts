import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DrawnSource, expectDrawing, STEP } from '../support/drawing.ts';
import { EARLY } from '../support/endings.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
afterEach(() => void jest.useRealTimers());

describe('heartbeat', () => {
  test('gives the value whenever the source has been silent that long, again and again', async () => {
    await expectDrawing('a-b-------c-|', (source) => source.heartbeat(3 * STEP, '_'), 'a-b--_--_-c-|');
    await expectDrawing('-----|', (source) => source.heartbeat(2 * STEP, '_'), '--_-_|');
  });

  test('gives no value before the source that comes in time', async () => {
    await expectDrawing('a--b--c--|', (source) => source.heartbeat(4 * STEP, '_'), 'a--b--c--|');
    await expectDrawing('[abc]|', (source) => source.heartbeat(STEP, '_'), '[abc]|');
    await expectDrawing('|', (source) => source.heartbeat(STEP, '_'), '|');
  });

  test('does not count the time of the consumer', async () => {
    await expectDrawing('abc|', (source) => source.heartbeat(2 * STEP, '_'), 'a-----b-----c-----|', {
      consumer: 6 * STEP,
    });
  });

  test('gives at most one value that waited for the consumer', async () => {
    const options = { consumer: 5 * STEP };
    // The first one comes when it is due; of the later ones, each has waited until the consumer was back.
    await expectDrawing(
      '----------------------a|',
      (source) => source.heartbeat(2 * STEP, '_'),
      '--_----_----_----_',
      options,
    );
  });

  test('gives a value that waited before the element that has come meanwhile', async () => {
    await expectDrawing('-----a|', (source) => source.heartbeat(2 * STEP, '_'), '--_----_----a----|', {
      consumer: 5 * STEP,
    });
  });

  test('passes on an error', async () => {
    await expectDrawing('a--^', (source) => source.heartbeat(2 * STEP, '_'), 'a-_^');
  });

  test('gives undefined and null as well', async () => {
    const probe = new Probe({ stuckAt: 1 });
    for (const value of [undefined, null]) {
      const given = probe.stream.heartbeat(10, value).take(2).toArray();
      await jest.advanceTimersByTimeAsync(20);
      expect(await given).toStrictEqual([value, value]);
    }
  });

  test('runs nothing while nobody waits: a second value takes another call of next()', async () => {
    const probe = new Probe({ stuckAt: 2 });
    const iterator = probe.stream.heartbeat(10, '_')[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect([probe.pulled, jest.getTimerCount()]).toEqual([1, 1]);
    await jest.advanceTimersByTimeAsync(100);
    expect(jest.getTimerCount()).toBe(0);
    const next = iterator.next();
    await jest.advanceTimersByTimeAsync(10);
    expect(await next).toEqual({ done: false, value: '_' });
    // One waits by now, and no more.
    await jest.advanceTimersByTimeAsync(100);
    expect(jest.getTimerCount()).toBe(0);
    expect([await iterator.next(), jest.getTimerCount()]).toEqual([{ done: false, value: '_' }, 1]);
    const pending = iterator.next();
    expect(await iterator.return!()).toEqual(DONE);
    expect([await pending, jest.getTimerCount(), probe.closed, probe.faults()]).toEqual([DONE, 0, 1, []]);
  });

  test('runs no timer while the element of a source that does not wait is not consumed', async () => {
    const iterator = AsyncStream.of(1, 2).heartbeat(10, '_')[Symbol.asyncIterator]();
    for (const value of [1, 2]) {
      expect(await iterator.next()).toEqual({ done: false, value });
      expect(jest.getTimerCount()).toBe(0);
      await jest.advanceTimersByTimeAsync(100);
    }
    expect(await iterator.next()).toEqual(DONE);
  });

  test('leaves no timer where the run goes on after it', async () => {
    const rest = new DrawnSource('-----|');
    const iterator = AsyncStream.of('a').heartbeat(1000, '_').concat(rest)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 'a' });
    const pending = iterator.next();
    await jest.advanceTimersByTimeAsync(STEP);
    const before = jest.getTimerCount();
    await iterator.return!();
    expect([await pending, before, jest.getTimerCount()]).toEqual([DONE, 1, 0]);
  });

  test('leaves no timer, whatever ends it', async () => {
    for (const end of EARLY) {
      const probe = new Probe();
      await end(probe.stream.heartbeat(10, '_'));
      expect([jest.getTimerCount(), probe.closed, probe.faults()]).toEqual([0, 1, []]);
    }
  });
});
