import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type RetryOptions, StreamConsumedError } from '../../lib/index.ts';
import { pass, played } from '../support/fake-time.ts';
import { aContext } from '../support/context.ts';
import { refusal } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { KINDS, kinds, Probe } from '../support/probe.ts';
import { type Outcome, outcomeOf, seenOf, turnsUntilSettled } from '../support/turns.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** A source that can be run again, and what it does each time: so many elements, and then an error, or the end. */
function flaky(...runs: (number | [elements: number, error: unknown])[]) {
  const probes: Probe[] = [];
  const stream = AsyncStream.from(() => {
    const run = runs[probes.length] ?? 0;
    const [length, error] = typeof run === 'number' ? [run, undefined] : run;
    const name = probes.length;
    const element = (n: number) => `${name}:${n}`;
    probes.push(new Probe(typeof run === 'number' ? { length, element } : { element, failAt: length + 1, error }));
    return probes.at(-1)!.stream;
  });
  return { stream, probes };
}

describe('retry', () => {
  test('runs the stream again from its start, so that elements are repeated', async () => {
    const { stream, probes } = flaky([2, 'first'], [1, 'second'], 3);
    const all = await played(stream.retry().toArray());
    expect(all).toEqual(['0:1', '0:2', '1:1', '2:1', '2:2', '2:3']);
    expect(probes.map((probe) => probe.faults())).toEqual([[], [], []]);
  });

  test('passes on the last error when it has been run again three times', async () => {
    const { stream, probes } = flaky([0, 'a'], [1, 'b'], [0, 'c'], [0, 'd'], 1);
    expect(await played(seenOf(stream.retry()))).toEqual({ seen: ['1:1'], error: 'd' });
    expect(probes.length).toBe(4);
  });

  test('passes on the very error: also undefined, null, 0 and the empty string', async () => {
    for (const error of [new Error('source'), undefined, null, 0, '', false]) {
      expect(await played(seenOf(flaky([1, error], [0, error]).stream.retry({ times: 1 })))).toStrictEqual({
        seen: ['0:1'],
        error,
      });
    }
  });

  test('runs it once and no more with times: 0', async () => {
    const { stream, probes } = flaky([1, 'a'], 1);
    expect(await played(seenOf(stream.retry({ times: 0 })))).toEqual({ seen: ['0:1'], error: 'a' });
    expect(probes.length).toBe(1);
  });

  test('without resume, counts how often it was run again in all, whatever came meanwhile', async () => {
    const { stream } = flaky([1, 'a'], [1, 'b'], [1, 'c'], 1);
    expect(await played(seenOf(stream.retry({ times: 2 })))).toEqual({ seen: ['0:1', '1:1', '2:1'], error: 'c' });
  });

  test('closes the failed run before it waits, and before it opens the next', async () => {
    const log: string[] = [];
    let runs = 0;
    const source = () => new Probe({ log, name: `${++runs}`, close: () => new Promise((done) => setTimeout(done, 5)) });
    const stream = AsyncStream.from(() => source().stream)
      .map((x) => {
        if (runs === 1) throw new Error('stage');
        return x;
      })
      .retry({ delay: 10 });
    const first = stream.first();
    await pass(5);
    expect(log).toEqual(['1 next', '1 close', '1 closed']);
    await pass(9);
    expect(log.length).toBe(3);
    await pass(1);
    expect(log.slice(3)).toEqual(['2 next', '2 close']);
    expect(await played(first)).toBe(1);
  });

  test('does not see to errors of later stages and of the consumer', async () => {
    for (const error of [new Error('later'), undefined]) {
      const fail = () => {
        throw error;
      };
      const { stream, probes } = flaky(2, 2, 2, 2);
      const retried = stream.retry();
      const ways: (() => unknown)[] = [
        () => retried.map(fail).drain(),
        () => retried.forEach(fail),
        () => retried.concat(fail).drain(),
        async () => {
          for await (const _value of retried) fail();
        },
      ];
      for (const [index, way] of ways.entries()) {
        expect(await played(outcomeOf(way))).toStrictEqual({ error });
        expect(probes.length).toBe(index + 1);
      }
    }
  });

  describe('waits', () => {
    /** When it is run again, in milliseconds from the start. */
    async function times(options: RetryOptions, failures = 5): Promise<number[]> {
      const runs: number[] = [];
      const start = Date.now();
      const stream = AsyncStream.from(() => {
        runs.push(Date.now() - start);
        if (runs.length <= failures) throw new Error('open');
        return [];
      });
      await played(stream.retry({ times: Infinity, ...options }).drain());
      return runs;
    }

    test('as long each time, or longer and longer, up to the most', async () => {
      expect(await times({ delay: 100 })).toEqual([0, 100, 200, 300, 400, 500]);
      expect(await times({ delay: 100, backoff: 'fixed' }, 2)).toEqual([0, 100, 200]);
      expect(await times({ delay: 100, backoff: 'exponential' })).toEqual([0, 100, 300, 700, 1500, 3100]);
      expect(await times({ delay: 100, backoff: 3 }, 3)).toEqual([0, 100, 400, 1300]);
      expect(await times({ delay: 100, backoff: 'exponential', maxDelay: 250 })).toEqual([0, 100, 300, 550, 800, 1050]);
      expect(await times({ delay: 100, maxDelay: 50 }, 2)).toEqual([0, 50, 100]);
    });

    test('no longer than a timer takes, however often', async () => {
      const longest = 2 ** 31 - 1;
      const runs = await times({ delay: 1000, backoff: 'exponential' }, 30);
      expect(runs[30]! - runs[29]!).toBe(longest);
      expect((await times({ delay: 0, backoff: 'exponential' }, 1100)).length).toBe(1101);
    });

    test('partly by chance, as jitter says', async () => {
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      expect(await times({ delay: 100, jitter: 1 }, 2)).toEqual([0, 50, 100]);
      expect(await times({ delay: 100, jitter: 0.2, backoff: 'exponential' }, 2)).toEqual([0, 90, 270]);
      jest.spyOn(Math, 'random').mockReturnValue(0);
      expect(await times({ delay: 100, jitter: 1 }, 2)).toEqual([0, 100, 200]);
    });

    test('without a delay until timers have had their turn, so that a source that always fails can be stopped', async () => {
      jest.useRealTimers();
      const controller = new AbortController();
      let runs = 0;
      const stream = AsyncStream.from((): number[] => {
        runs++;
        throw new Error('open');
      }).retry({ times: Infinity });
      const timer = setInterval(() => {
        if (runs > 2) controller.abort('stop');
      }, 1);
      expect(await outcomeOf(() => stream.drain({ signal: controller.signal }))).toEqual({ error: 'stop' });
      clearInterval(timer);
    });
  });

  describe('when', () => {
    test('is asked of each error, with the number of the attempt and a context', async () => {
      const calls: unknown[][] = [];
      const stream = flaky([1, 'a'], [0, 'b'], 1).stream.retry({ when: (...args) => calls.push(args) });
      await played(stream.drain());
      expect(calls).toEqual([
        ['a', 1, aContext],
        ['b', 2, aContext],
      ]);
    });

    test('is not asked where it is not to be run again anyway', async () => {
      const asked: unknown[] = [];
      const when = (error: unknown) => asked.push(error);
      await played(outcomeOf(() => flaky([0, 'a'], [0, 'b']).stream.retry({ times: 1, when }).drain()));
      expect(asked).toEqual(['a']);
    });

    test.each([
      ['false', () => false],
      ['a promise of something falsy', async () => 0],
    ])('passes the error on where it answers %s', async (_what, when) => {
      const { stream, probes } = flaky([1, 'a'], 1);
      expect(await played(seenOf(stream.retry({ when })))).toEqual({ seen: ['0:1'], error: 'a' });
      expect(probes.length).toBe(1);
    });

    test('replaces the error by its own', async () => {
      const fail = () => {
        throw undefined;
      };
      expect(await played(seenOf(flaky([1, 'a']).stream.retry({ when: fail })))).toStrictEqual({
        seen: ['0:1'],
        error: undefined,
      });
    });
  });

  describe('resetOnSuccess', () => {
    test('counts only failures in a row, and grows the delay only over these', async () => {
      const started: number[] = [];
      const start = Date.now();
      const { stream } = flaky([1, 'a'], [0, 'b'], [1, 'c'], [0, 'd'], [1, 'e'], [0, 'f'], [0, 'g'], 1);
      const noted = stream.tap({ start: () => started.push(Date.now() - start) });
      const options = { times: 2, delay: 10, backoff: 'exponential', resetOnSuccess: true } as const;
      expect(await played(seenOf(noted.retry(options)))).toEqual({ seen: ['0:1', '2:1', '4:1'], error: 'g' });
      expect(started).toEqual([0, 10, 30, 40, 60, 70, 90]);
    });

    test('false counts all failures, also with resume', async () => {
      const { stream } = flaky([1, 'a'], [1, 'b'], [1, 'c'], 1);
      const retried = stream.retry({ times: 2, resume: () => stream, resetOnSuccess: false });
      expect(await played(seenOf(retried))).toEqual({ seen: ['0:1', '1:1', '2:1'], error: 'c' });
    });
  });

  describe('resume', () => {
    test('goes on after the last element, and no element comes twice or is lost', async () => {
      const calls: unknown[][] = [];
      const failures = new Set([1, 3, 4]);
      const read = async function* (from: number) {
        for (let n = from; n < 6; n++) {
          if (failures.delete(n)) throw `at ${n}`;
          yield n;
        }
      };
      const stream = AsyncStream.from(() => read(0)).retry({
        times: 1,
        resume: (...args) => {
          calls.push(args);
          return read(args[1]);
        },
      });
      expect(await played(stream.toArray())).toEqual([0, 1, 2, 3, 4, 5]);
      expect(calls).toEqual([
        [0, 1, 'at 1', aContext],
        [2, 3, 'at 3', aContext],
        [3, 4, 'at 4', aContext],
      ]);
    });

    test('knows that nothing has come, and takes undefined and null for elements', async () => {
      const calls: unknown[][] = [];
      const resume = (last: unknown, emitted: number) => {
        calls.push([last, emitted]);
        return calls.length === 1 ? new Probe({ element: () => null, failAt: 2 }).stream : [];
      };
      expect(await played(flaky([0, 'a']).stream.retry({ resume }).toArray())).toEqual([null]);
      expect(calls).toEqual([
        [undefined, 0],
        [null, 1],
      ]);
    });

    test('begins to count anew with each element: that many times in a row', async () => {
      const runs = [[1], [0], [1], [0], [0], [0]];
      const { stream, probes } = flaky(...runs.map(([n]): [number, string] => [n!, `after ${n}`]));
      const resumed = stream.retry({ times: 2, resume: () => stream });
      expect(await played(seenOf(resumed))).toEqual({ seen: ['0:1', '2:1'], error: 'after 0' });
      expect(probes.length).toBe(5);
    });

    test('begins with the first delay anew, too', async () => {
      const started: number[] = [];
      const start = Date.now();
      const { stream } = flaky([0, 'a'], [0, 'b'], [1, 'c'], 0);
      const noted = stream.tap({ start: () => started.push(Date.now() - start) });
      await played(noted.retry({ delay: 10, backoff: 'exponential', resume: () => noted }).drain());
      expect(started).toEqual([0, 10, 30, 40]);
    });

    test.each(KINDS)('may go on with any kind of source: %s', async (kind) => {
      const other = new Probe({ kind, length: 2 });
      const stream = flaky([1, 'a']).stream.retry({ resume: async () => other.input });
      expect(await played(stream.toArray())).toEqual(['0:1', 1, 2]);
      expect(other.faults()).toEqual([]);
    });

    test('takes a source that can be run only once', async () => {
      const probe = new Probe({ kind: 'async generator', failAt: 3 });
      const stream = probe.stream.retry({ resume: (last) => [Number(last) + 1] });
      expect(await played(stream.toArray())).toEqual([1, 2, 3]);
      expect(probe.faults()).toEqual([]);
    });

    test('fails where it answers no source', async () => {
      const stream = flaky([1, 'a']).stream.retry({ resume: () => undefined as never });
      const { seen, error } = await played(seenOf(stream));
      expect([seen, String(error)]).toEqual([
        ['0:1'],
        'TypeError: retry: the result of resume must be an iterable or an iterator, got undefined',
      ]);
    });
  });

  describe('a source that can be run only once', () => {
    test.each(KINDS.filter((kind) => 'oneShot' in kinds[kind]))('is refused at the call: %s', (kind) => {
      const probe = new Probe({ kind });
      const described = Object.prototype.toString.call(probe.input);
      const message =
        `TypeError: retry: ${described} can be run only once: pass a function that makes a new one, as in ` +
        'AsyncStream.from(() => source()), or use the option resume';
      const put: ((stream: AsyncStream<unknown>) => unknown)[] = [
        (stream) => stream.retry(),
        (stream) => stream.map((x) => x).retry(),
        (stream) => stream.map((x) => x, { concurrency: 2 }).retry(),
        (stream) => stream.buffer(2).filter(Boolean).retry(),
        (stream) => stream.catch(() => []).retry(),
        (stream) => stream.merge([1]).retry(),
        (stream) => stream.zip([1]).retry(),
        (stream) => stream.combineLatest([1]).retry(),
        (stream) => stream.withLatestFrom([1]).retry(),
        (stream) => stream.race([1]).retry(),
        (stream) => stream.interleave([1]).retry(),
        (stream) => stream.tap({ close: () => undefined }).retry(),
        (stream) => stream.pipe((above) => above).retry(),
      ];
      for (const on of put) expect(refusal(() => on(probe.stream))).toBe(message);
      expect(probe.log).toEqual([]);
    });

    test('is refused in the run where it comes out then, with the first error as the cause', async () => {
      const generator = new Probe({ kind: 'async generator', failAt: 2, error: 'first' });
      const stream = AsyncStream.from(() => generator.stream).retry({ times: Infinity });
      const { seen, error } = await played(seenOf(stream));
      expect(seen).toEqual([1]);
      expect(error).toBeInstanceOf(StreamConsumedError);
      expect([(error as StreamConsumedError).source, (error as Error).cause]).toEqual([generator.input, 'first']);
    });

    test('is refused at the call with the advice for its kind', () => {
      const [branch] = new Probe().stream.tee();
      expect(() => branch.retry()).toThrow(
        'retry: a branch of tee() can be run only once: make more branches, or use the option resume',
      );
    });
  });

  describe('ends at once', () => {
    /** Pulled until it waits to be run again. */
    async function waiting(signal?: AbortSignal) {
      const { stream, probes } = flaky([1, 'a'], 1);
      const retried = stream.retry({ delay: 60_000 });
      const iterator = (signal === undefined ? retried : retried.withSignal(signal))[Symbol.asyncIterator]();
      await iterator.next();
      const pending: Promise<Outcome> = outcomeOf(() => iterator.next());
      await pass(10);
      expect(jest.getTimerCount()).toBe(1);
      return { iterator, pending, probes };
    }

    test('while it waits, on return(), and the timer is gone', async () => {
      const { iterator, pending, probes } = await waiting();
      const returned = iterator.return();
      expect(jest.getTimerCount()).toBe(0);
      expect(await turnsUntilSettled(returned)).toBeLessThan(20);
      expect([await pending, await iterator.next()]).toEqual([{ value: DONE }, DONE]);
      await pass(60_000);
      expect(probes.length).toBe(1);
    });

    test('while it waits, on an abort, and the timer is gone', async () => {
      const controller = new AbortController();
      const { pending, probes } = await waiting(controller.signal);
      controller.abort('stop');
      expect(await turnsUntilSettled(pending)).toBeLessThan(20);
      expect(jest.getTimerCount()).toBe(0);
      expect(await pending).toEqual({ error: 'stop' });
      await pass(60_000);
      expect(probes.length).toBe(1);
    });

    test('while when or resume is asked, and closes a source that comes later', async () => {
      for (const name of ['when', 'resume'] as const) {
        let come!: (answer: unknown) => void;
        const asked = () => new Promise<never>((resolve) => (come = resolve as typeof come));
        const { stream, probes } = flaky([0, 'a'], 1);
        const iterator = stream.retry({ [name]: asked })[Symbol.asyncIterator]();
        const pending = iterator.next();
        await pass(10);
        expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
        const late = new Probe({ kind: 'given async iterator' });
        come(late.input);
        await pass(10);
        expect([await pending, probes.length, late.pulled]).toEqual([DONE, 1, 0]);
        expect(late.closed).toBe(name === 'resume' ? 1 : 0);
      }
    });

    test('where the source is stuck when it is run again', async () => {
      const other = new Probe({ stuckAt: 1 });
      const resumed = flaky([0, 'a']).stream.retry({ resume: () => other.stream });
      const iterator = resumed[Symbol.asyncIterator]();
      const pending = iterator.next();
      await pass(10);
      expect(other.stuck).toBe(true);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
      other.late!.reject(new Error('late'));
      await pass(0);
      expect([await pending, other.closed, other.faults()]).toEqual([DONE, 1, []]);
    });
  });

  test('touches nothing before the run, and each run counts by itself', async () => {
    const { stream, probes } = flaky([0, 'a'], [0, 'b'], 1);
    const retried = stream.retry({ times: 1 });
    await pass(10);
    expect(probes.length).toBe(0);
    expect(await played(outcomeOf(() => retried.toArray()))).toEqual({ error: 'b' });
    expect(await played(retried.toArray())).toEqual(['2:1']);
  });
});
