import { describe, expect, test } from '@jest/globals';
import { type Limits, limitsOf } from '../../../lib/engine/concurrency/options.ts';
import { TaskPool, type Task, type Work } from '../../../lib/engine/concurrency/task-pool.ts';
import { Scope } from '../../../lib/engine/core/scope.ts';
import { AsyncStream } from '../../../lib/index.ts';
import { idle } from '../../support/turns.ts';

/** A gate whose tasks end when they are told to, and a log of what it does. */
function gateOf(limits: Partial<Limits<string>> = {}) {
  const log: string[] = [];
  const tasks = new Map<string, Task<string>>();
  const scope = new Scope();
  const work: Work<string> = {
    start: ({ value }) => {
      log.push(`start ${value}`);
      return false;
    },
    refuse: ({ value }, error) => log.push(`refuse ${value}: ${String(error)}`),
    freed: () => log.push('freed'),
  };
  const all = {
    concurrency: 2,
    limiter: undefined,
    ordered: true,
    buffer: 2,
    key: undefined,
    settle: false,
    ...limits,
  };
  const gate = new TaskPool<string>(all, scope, work);
  const enter = (value: string) => {
    const task = gate.add(value);
    tasks.set(value, task);
    gate.enter(task);
  };
  const finish = (value: string) => gate.finish(tasks.get(value)!, true);
  return { gate, log, scope, enter, finish };
}

describe('Gate', () => {
  test('is open while fewer run than may', () => {
    const { gate, enter, finish, log } = gateOf();
    const states = [gate.open];
    for (const value of 'ab') {
      enter(value);
      states.push(gate.open);
    }
    finish('a');
    states.push(gate.open);
    expect([states, log]).toEqual([
      [true, true, false, true],
      ['start a', 'start b'],
    ]);
  });

  test('is open while no more wait to be consumed than the buffer says', () => {
    const { gate, enter, finish } = gateOf({ buffer: 1 });
    const states: boolean[] = [];
    for (const value of 'ab') {
      enter(value);
      finish(value);
      states.push(gate.open);
    }
    gate.consumed();
    expect([...states, gate.open]).toEqual([true, false, true]);
  });

  test('is idle when nothing runs and nothing waits', () => {
    const { gate, enter, finish } = gateOf();
    const states = [gate.idle];
    enter('a');
    states.push(gate.idle);
    finish('a');
    states.push(gate.idle);
    gate.consumed();
    expect([...states, gate.idle]).toEqual([true, false, false, true]);
  });

  test('lets those of one key in one after the other', () => {
    const { enter, finish, log } = gateOf({ concurrency: 5, key: (value) => value[0] });
    for (const value of ['a1', 'a2', 'b1', 'a3']) enter(value);
    expect(log).toEqual(['start a1', 'start b1']);
    finish('a1');
    finish('b1');
    finish('a2');
    expect(log).toEqual(['start a1', 'start b1', 'start a2', 'start a3']);
  });

  test('lets in only what comes before an error, and is closed', () => {
    const { gate, enter, finish, log } = gateOf({ concurrency: 5, key: (value) => value[0] });
    for (const value of ['a0', 'b1', 'a2', 'b3']) enter(value);
    gate.stop(3);
    finish('a0');
    gate.stop(1);
    finish('b1');
    finish('a2');
    expect([log, gate.open]).toEqual([['start a0', 'start b1', 'start a2'], false]);
  });

  test('lets nothing in when the run is over', async () => {
    const { enter, finish, log, scope } = gateOf({ key: () => 1 });
    enter('a');
    enter('b');
    await scope.cancel();
    finish('a');
    enter('c');
    expect(log).toEqual(['start a']);
  });

  test('starts at once what the limiter has room for, if it answers at once', () => {
    const { gate, enter, log } = gateOf({ concurrency: Infinity, limiter: { acquire: () => () => undefined } });
    for (const value of 'ab') enter(value);
    expect([gate.open, log]).toEqual([true, ['start a', 'start b']]);
  });

  test('is closed while it asks the limiter for the task of another key', () => {
    const states: boolean[] = [];
    const acquire = () => {
      states.push(pool.gate.open);
      return new Promise<never>(() => undefined);
    };
    const pool = gateOf({ concurrency: Infinity, limiter: { acquire }, key: (value) => value });
    for (const value of 'abc') pool.enter(value);
    expect(states).toEqual([false, false, false]);
  });

  test('asks the limiter for one at a time, and is closed until it has answered', async () => {
    const come: (() => void)[] = [];
    const acquire = () => new Promise<() => void>((resolve) => come.push(() => resolve(() => undefined)));
    const { gate, enter, log } = gateOf({ concurrency: Infinity, limiter: { acquire } });
    enter('a');
    expect([gate.open, log]).toEqual([false, []]);
    come[0]!();
    await idle();
    expect([gate.open, log]).toEqual([true, ['start a', 'freed']]);
  });

  test('refuses what the key or the limiter fails for', async () => {
    const fail = (): never => {
      throw new Error('failed');
    };
    const byKey = gateOf({ key: fail });
    byKey.enter('a');
    const atOnce = gateOf({ limiter: { acquire: fail } });
    atOnce.enter('a');
    const later = gateOf({ limiter: { acquire: async () => fail() } });
    later.enter('a');
    await idle();
    expect([byKey.log, atOnce.log, later.log]).toEqual([
      ['refuse a: Error: failed'],
      ['refuse a: Error: failed'],
      ['refuse a: Error: failed', 'freed'],
    ]);
  });
});

describe('limitsOf', () => {
  const complete = { concurrency: 1, limiter: undefined, ordered: true, buffer: 1, key: undefined, settle: false };
  const limiter = { acquire: () => () => undefined };

  test.each([undefined, {}, { concurrency: 1 }, { ordered: false }, { key: String }, { concurrency: undefined }])(
    '%p is one after the other',
    (options) => {
      expect(limitsOf('map', options as never)).toBeUndefined();
    },
  );

  test.each([
    [{ concurrency: 4 }, { concurrency: 4, buffer: 4 }],
    [
      { concurrency: 4, buffer: 0 },
      { concurrency: 4, buffer: 0 },
    ],
    [
      { concurrency: 1, buffer: 3 },
      { concurrency: 1, buffer: 3 },
    ],
    [{ settle: true }, { concurrency: 1, buffer: 0, settle: true }],
    [{ concurrency: Infinity }, { concurrency: Infinity, buffer: Infinity }],
    [
      { concurrency: 2, ordered: false },
      { concurrency: 2, buffer: 2, ordered: false },
    ],
    [{ concurrency: limiter }, { concurrency: Infinity, limiter, buffer: 16 }],
    [
      { concurrency: limiter, buffer: 2 },
      { concurrency: Infinity, limiter, buffer: 2 },
    ],
  ])('%p is %p', (options, limits) => {
    expect(limitsOf('map', options)).toEqual({ ...complete, ...limits });
  });
});

describe('a key whose callback ends at once', () => {
  type Call = (name: string) => string | Promise<string>;
  const options = { concurrency: 2, buffer: 9, key: (name: string) => name[0] };
  const stages: Record<string, (stream: AsyncStream<string>, fn: Call) => Promise<unknown>> = {
    map: (stream, fn) => stream.map(fn, options).drain(),
    'map without order': (stream, fn) => stream.map(fn, { ...options, ordered: false }).drain(),
    mapSettled: (stream, fn) => stream.mapSettled(fn, options).drain(),
    filter: (stream, fn) => stream.filter(fn, options).drain(),
    forEach: (stream, fn) => stream.forEach(fn, options),
    flatMap: (stream, fn) =>
      stream
        .flatMap((name) => {
          const result = fn(name);
          return typeof result === 'string' ? [result] : AsyncStream.of(result);
        }, options)
        .drain(),
  };

  test.each(Object.entries(stages))(
    'gives its slot to no other element before the next of the key: %s',
    async (_, run) => {
      const running: string[] = [];
      let most = 0;
      let together = 0;
      const end = (name: string) => {
        running.splice(running.indexOf(name), 1);
        return name;
      };
      const fn: Call = (name) => {
        running.push(name);
        most = Math.max(most, running.length);
        together = Math.max(together, running.filter(([key]) => key === name[0]).length);
        return name === 'a2' ? end(name) : idle().then(() => end(name));
      };
      await run(AsyncStream.of('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'd1'), fn);
      expect([most, together]).toEqual([2, 1]);
    },
  );
});

test.each([true, false])('no callback starts for a key whose callback has failed, ordered: %p', async (ordered) => {
  const calls: number[] = [];
  const fail = async (n: number) => {
    calls.push(n);
    await idle();
    throw new Error('failed');
  };
  const stream = AsyncStream.of(0, 1, 2).map(fail, { concurrency: 2, buffer: 4, key: () => 'same', ordered });
  await expect(stream.drain()).rejects.toThrow('failed');
  expect(calls).toEqual([0]);
});
