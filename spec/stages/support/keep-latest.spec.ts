// What debounce, throttle and sample have in common. What is particular to each is in its own spec.
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../../lib/index.ts';
import { abortAfter, DrawnSource, expectDrawing, STEP } from '../../support/drawing.ts';
import { DONE } from '../../support/iterators.ts';
import { Probe } from '../../support/probe.ts';
import { outcomeOf, PROMPT, seenOf, turnsUntilSettled } from '../../support/turns.ts';

type Put = <T>(stream: AsyncStream<T>) => AsyncStream<T>;

/** And at which step the element of `-a---` is given. */
const lossy: Record<string, [put: Put, given: number]> = {
  'debounce(30)': [(stream) => stream.debounce(30), 4],
  'debounce(30, { maxWait: 30 })': [(stream) => stream.debounce(30, { maxWait: 30 }), 4],
  'throttle(30)': [(stream) => stream.throttle(30), 1],
  'throttle(30, { leading: false })': [(stream) => stream.throttle(30, { leading: false }), 4],
  'throttle(30, { trailing: false })': [(stream) => stream.throttle(30, { trailing: false }), 1],
  'sample(30)': [(stream) => stream.sample(30), 3],
};

async function* restless(): AsyncGenerator<number> {
  for (let n = 0; ; n++) yield n;
}

describe.each(Object.entries(lossy))('%s', (call, [put, given]) => {
  const leads = given === 1;
  const trails = !call.includes('trailing');

  describe('under fake timers', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    test('gives the last element at the end', async () => {
      await expectDrawing('ab|', put, leads ? (trails ? 'a-[b|]' : 'a-|') : '--[b|]');
      await expectDrawing('a|', put, leads ? 'a|' : '-[a|]');
      await expectDrawing('-|', put, '-|');
    });

    test('gives the last element before the error of the source', async () => {
      await expectDrawing('ab^', put, leads ? (trails ? 'a-[b^]' : 'a-^') : '--[b^]');
      await expectDrawing('^', put, '^');
    });

    test.each([undefined, null, false, 0, ''])('takes %p for an element and for an error', async (value) => {
      const source = async function* () {
        yield value;
        throw value;
      };
      expect(await seenOf(put(AsyncStream.from(source)))).toStrictEqual({ seen: [value], error: value });
    });

    test('starts nothing before the first pull', async () => {
      const source = new DrawnSource('a');
      const iterator = put(source.stream)[Symbol.asyncIterator]();
      await jest.advanceTimersByTimeAsync(100);
      expect([source.opened, jest.getTimerCount()]).toEqual([0, 0]);
      await iterator.return();
    });

    test('reads on while the consumer is busy, and keeps the last element for it', async () => {
      const source = new DrawnSource('-a---b---c---d');
      const iterator = put(source.stream)[Symbol.asyncIterator]();
      const first = iterator.next();
      await jest.advanceTimersByTimeAsync(20 * STEP);
      expect([await first, await iterator.next()]).toEqual([
        { done: false, value: 'a' },
        { done: false, value: 'd' },
      ]);
      await iterator.return();
      expect(source.faults()).toEqual([]);
    });

    test('clears its timers when the consumer leaves', async () => {
      for (const drawing of ['-', '-ab', '-a-b-c', '-abcdefgh']) {
        const source = new DrawnSource(drawing);
        const iterator = put(source.stream)[Symbol.asyncIterator]();
        const pending = [iterator.next(), iterator.next(), iterator.next(), iterator.next(), iterator.next()];
        await jest.advanceTimersByTimeAsync((drawing.length - 1) * STEP);
        expect(await turnsUntilSettled(iterator.return())).toBeLessThan(PROMPT);
        expect(await turnsUntilSettled(Promise.all(pending))).toBeLessThan(PROMPT);
        expect([jest.getTimerCount(), source.closed, source.faults()]).toEqual([0, 1, []]);
      }
    });

    test('clears its timers when a later stage throws', async () => {
      const error = new Error('later');
      const fail = () => {
        throw error;
      };
      await expectDrawing('-a----b-cd', (source) => put(source).map(fail), `${'-'.repeat(given)}^`, { error });
    });

    test('clears its timers when a signal aborts', async () => {
      const aborted = (source: AsyncStream<string>) => put(source).withSignal(abortAfter(2 * STEP));
      await expectDrawing('-abcd', aborted, leads ? '-a^' : '--^', { error: 'enough' });
    });

    test('clears its timers when another source fails', async () => {
      const failing = { a: '-abcd', b: '--^' };
      await expectDrawing(failing, ({ a, b }) => put(a).merge(b), leads ? '-a^' : '--^');
    });

    test('clears its timers when a later stage has enough and the run goes on', async () => {
      const source = new DrawnSource('-abcdefg');
      const never = new Probe({ stuckAt: 1 });
      const iterator = put(source.stream).take(1).concat(never.stream)[Symbol.asyncIterator]();
      const first = iterator.next();
      await jest.advanceTimersByTimeAsync(10 * STEP);
      void iterator.next();
      await jest.advanceTimersByTimeAsync(0);
      expect([(await first).done, never.stuck, source.closed, jest.getTimerCount()]).toEqual([false, true, 1, 0]);
      await iterator.return();
    });

    test('clears its timers when the source ends, also where nobody asks for the end', async () => {
      const iterator = put(new DrawnSource('-ab|').stream)[Symbol.asyncIterator]();
      const first = iterator.next();
      await jest.advanceTimersByTimeAsync(3 * STEP);
      expect([(await first).done, jest.getTimerCount()]).toEqual([false, 0]);
      await iterator.return();
    });

    test('does not wait for a stuck source', async () => {
      const probe = new Probe({ stuckAt: 2 });
      const iterator = put(probe.stream).drop(1)[Symbol.asyncIterator]();
      const pending = iterator.next();
      await jest.advanceTimersByTimeAsync(3 * STEP);
      expect(probe.stuck).toBe(true);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(PROMPT);
      expect([await pending, probe.closed, jest.getTimerCount()]).toEqual([DONE, 1, 0]);
      probe.late!.reject(new Error('late'));
      await jest.advanceTimersByTimeAsync(0);
      expect(probe.faults()).toEqual([]);
    });

    test('has no timer while the source is silent', async () => {
      const source = new DrawnSource('a');
      const iterator = put(source.stream)[Symbol.asyncIterator]();
      const seen = [iterator.next(), iterator.next()];
      await jest.advanceTimersByTimeAsync(10 * STEP);
      expect([await seen[0], jest.getTimerCount()]).toEqual([{ done: false, value: 'a' }, 0]);
      await iterator.return();
    });
  });

  test.each([
    ['sync', AsyncStream.range(0, Infinity)],
    ['async', AsyncStream.from(restless)],
  ])('lets the process live beside an endless %s source that never waits', async (_kind, source) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort('enough'), 5);
    expect(await outcomeOf(() => put(source).withSignal(controller.signal).drain())).toEqual({ error: 'enough' });
    clearTimeout(timer);
  });

  test('calls what comes after it in the context of the consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores = new Set<unknown>();
    const stream = storage.run('builder', () =>
      put(
        AsyncStream.from(async function* () {
          yield 1;
          yield 2;
          await new Promise((resolve) => setTimeout(resolve, 25));
          yield 3;
        }),
      ).tap(() => void stores.add(storage.getStore())),
    );
    await storage.run('consumer', () => stream.drain());
    expect([...stores]).toEqual(['consumer']);
  });
});
