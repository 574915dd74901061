// The traps of the usual recipes, and what the peers get wrong that were measured. `patterns.spec.ts` has those that belong to one pattern.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { builtModule } from './support/built.ts';
import { Probe } from './support/probe.ts';
import { idle, outcomeOf, pause, PROMPT, seenOf, turnsUntilSettled, until } from './support/turns.ts';

const LIBRARY = await builtModule('lib/index.ts');

/** What a program prints that is a process of its own. It fails where the process does not come to its end. */
async function printed(program: string): Promise<string> {
  const code = `import { AsyncStream } from '${LIBRARY}';\n${program}`;
  const args = ['--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  return stdout.trim();
}

describe('a timer', () => {
  test('of a timeout does not keep the process alive when the stream has ended', async () => {
    const program = `console.log(await AsyncStream.from((async function* () { yield 1; })()).timeout(3_600_000).toArray());`;
    expect(await printed(program)).toBe('[ 1 ]');
  });

  test('of a timeout keeps the process alive until it fires', async () => {
    const program = `
      const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
      await AsyncStream.from(stuck).timeout(50).toArray().catch((error) => console.log(error.name));`;
    expect(await printed(program)).toBe('TimeoutError');
  });

  test('of an interval does not outlive a break', async () => {
    const program = `for await (const n of AsyncStream.interval(1)) { console.log(n); break; }`;
    expect(await printed(program)).toBe('0');
  });
});

describe('a buffer between a fast and a slow side', () => {
  test('does not grow', async () => {
    const probe = new Probe({ length: 200 });
    let consumed = 0;
    let most = 0;
    await probe.stream.buffer(4).forEach(async () => {
      consumed++;
      await idle();
      most = Math.max(most, probe.pulled - consumed);
    });
    expect([consumed, most]).toEqual([200, 4]);
  });
});

describe('an inner break', () => {
  test('leaves a source open that is meant to go on', async () => {
    const probe = new Probe({ length: 5 });
    const iterator = probe.stream.iterator({ close: false });
    const head: unknown[] = [];
    for await (const value of iterator) {
      head.push(value);
      if (head.length === 2) break;
    }
    expect(probe.closed).toBe(0);
    expect([head, await iterator.rest().toArray()]).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    expect(probe.faults()).toEqual([]);
  });
});

describe('a stuck source', () => {
  const ends: Record<string, (stream: AsyncStream<unknown>, controller: AbortController) => Promise<unknown>> = {
    'withSignal(signal)': (stream, { signal }) => stream.withSignal(signal).toArray(),
    'a signal given to the terminal': (stream, { signal }) => stream.toArray({ signal }),
  };

  test.each(Object.keys(ends))('does not hold up %s, nor does a stuck callback', async (how) => {
    const reason = new Error('abort');
    for (const stage of [
      (stream: AsyncStream<unknown>) => stream,
      (stream: AsyncStream<unknown>) =>
        stream.pipe(async function* (above) {
          yield* above;
        }),
      (stream: AsyncStream<unknown>) => stream.map(() => new Promise(() => undefined)),
    ]) {
      const probe = new Probe({ kind: 'async generator', stuckAt: 2 });
      const controller = new AbortController();
      const run = outcomeOf(() => ends[how]!(stage(probe.stream), controller));
      await idle();
      controller.abort(reason);
      expect(await turnsUntilSettled(run)).toBeLessThan(PROMPT);
      expect(await run).toStrictEqual({ error: reason });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    }
  });

  test('does not hold up a timeout, though it is a generator parked at an await', async () => {
    jest.useFakeTimers();
    try {
      const probe = new Probe({ kind: 'async generator', stuckAt: 1 });
      const run = outcomeOf(() => probe.stream.timeout(100).toArray());
      await jest.advanceTimersByTimeAsync(100);
      expect(await turnsUntilSettled(run)).toBeLessThan(PROMPT);
      expect(await run).toMatchObject({ error: { name: 'TimeoutError' } });
      expect(probe.closed).toBe(1);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a merge', () => {
  test('leaves none of its sources open, however it ends', async () => {
    const ends: ((stream: AsyncStream<unknown>) => Promise<unknown>)[] = [
      (stream) => stream.take(2).toArray(),
      (stream) => seenOf(stream.take(1)),
      (stream) => stream.forEach(() => Promise.reject(new Error('callback'))),
    ];
    for (const end of ends) {
      const probes = [new Probe(), new Probe({ kind: 'async generator' }), new Probe({ stuckAt: 1 })] as const;
      await outcomeOf(() => end(AsyncStream.merge(...probes.map(({ stream }) => stream))));
      expect(probes.map(({ closed }) => closed)).toEqual([1, 1, 1]);
      expect(probes.flatMap((probe) => probe.faults())).toEqual([]);
    }
  });

  test('gives each of its sources its turn', async () => {
    const probes = [1, 2, 3].map((name) => new Probe({ element: () => name }));
    const counts = await AsyncStream.merge(...probes.map(({ stream }) => stream))
      .take(300)
      .countBy((name) => name);
    expect([...counts.values()].every((count) => count >= 90)).toBe(true);
  });
});

describe('a concurrent map', () => {
  test.each([true, false])('does not lose a thrown undefined (ordered: %p)', async (ordered) => {
    const probe = new Probe();
    const failing = probe.stream.map((x) => (x === 3 ? Promise.reject(undefined) : x), { concurrency: 4, ordered });
    expect(await outcomeOf(() => failing.toArray())).toStrictEqual({ error: undefined });
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('leaves no rejection unhandled, with callbacks in flight that fail at every position', async () => {
    // The environment fails a test that leaves a rejection unhandled. Jest shows none to the test itself.
    for (let position = 0; position < 8; position++) {
      const failing = AsyncStream.range(0).map(
        async (n) => {
          await pause((n + position) % 8);
          throw new Error(`callback ${n}`);
        },
        { concurrency: 8, ordered: position % 2 === 0 },
      );
      expect(await outcomeOf(() => failing.toArray())).toMatchObject({ error: { message: /^callback/ } });
    }
    await pause(20);
  });
});

describe('a producer', () => {
  test('that ends in silence does not leave its consumer waiting', async () => {
    const { stream, push, end } = AsyncStream.channel<number>();
    const all = stream.toArray();
    await push(1);
    end();
    expect(await all).toEqual([1]);
  });

  test('that has a consumer no more is told so', async () => {
    let answer: unknown;
    let stopped = false;
    const stream = AsyncStream.create<number>(async (push) => {
      await push(1);
      for (answer = true; answer === true;) answer = await push(2);
      stopped = true;
    });
    expect(await stream.first()).toBe(1);
    await until(() => stopped);
    expect(answer).toBe(false);
  });
});
