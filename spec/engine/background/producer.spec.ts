import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../../lib/index.ts';
import { Producer, type Receiver } from '../../../lib/engine/background/producer.ts';
import { sourceOf } from '../../../lib/engine/feeding/input.ts';
import { Scope } from '../../../lib/engine/core/scope.ts';
import { thrown } from '../../support/iterators.ts';
import { Probe, type ProbeOptions } from '../../support/probe.ts';
import { idle, outcomeOf, pause, turnsUntilSettled } from '../../support/turns.ts';
import { FALSY } from '../../support/values.ts';

/** A branch over a probe, whose receiver lets it go on as long as it is told to, and writes down what it gets. */
function branchOf(
  options: ProbeOptions = {},
  scope: Scope = new Scope(),
  goesOn: (value: any) => boolean = () => false,
) {
  const log: unknown[] = [];
  const probe = new Probe(options);
  const receiver: Receiver<any> = {
    receive(value, _, waited) {
      log.push([value, waited]);
      return goesOn(value);
    },
    ended: () => log.push('ended'),
    failed: (error) => log.push({ error }),
  };
  const branch = new Producer(sourceOf(probe.input, 'test'), scope, receiver);
  return { branch, log, probe, scope };
}

describe('Branch', () => {
  test('touches nothing before it is told to go', async () => {
    const { probe, log } = branchOf();
    await idle();
    expect([probe.log, log]).toEqual([[], []]);
  });

  test('gives a value and stands still, until it is told to go on', async () => {
    const { branch, probe, log } = branchOf();
    branch.go();
    await idle();
    expect([log, probe.pulled]).toEqual([[[1, true]], 1]);
    branch.go();
    await idle();
    expect([log, probe.pulled]).toEqual([
      [
        [1, true],
        [2, true],
      ],
      2,
    ]);
  });

  test('goes on by itself where the receiver says so, and tells of its natural end', async () => {
    const { branch, log, probe, scope } = branchOf({ length: 3 }, new Scope(), () => true);
    branch.go();
    await idle();
    expect([log, probe.faults()]).toEqual([[[1, true], [2, true], [3, true], 'ended'], []]);
    expect(scope.size).toBe(0);
  });

  test('gives what is there at once in the same turn, and says that it has not waited', () => {
    const { branch, log } = branchOf({ kind: 'sync iterable', length: 3 }, new Scope(), () => true);
    branch.go();
    expect(log).toEqual([[1, false], [2, false], [3, false], 'ended']);
  });

  test.each([new Error('source'), ...FALSY])('tells of the very error %p of its source', async (error) => {
    const { branch, log, probe, scope } = branchOf({ failAt: 2, error }, new Scope(), () => true);
    branch.go();
    await idle();
    expect(log).toStrictEqual([[1, true], { error }]);
    expect([probe.closed, scope.size]).toEqual([0, 0]);
  });

  test('tells of an end or an error only when all is closed', async () => {
    for (const [stream, end] of [
      [(probe: Probe) => probe.stream.take(1), 'ended'],
      [(probe: Probe) => probe.stream.map(() => thrown('callback')), { error: 'callback' }],
    ] as const) {
      const log: unknown[] = [];
      const probe = new Probe({ close: () => idle().then(() => log.push('closed')) });
      const receiver: Receiver<unknown> = {
        receive: () => true,
        ended: () => log.push('ended'),
        failed: (error) => log.push({ error }),
      };
      new Producer(sourceOf(stream(probe), 'test'), new Scope(), receiver).go();
      await pause(5);
      expect(log).toEqual(['closed', end]);
    }
  });

  test('is closed with the run that made it, and waits for that', async () => {
    const { branch, log, probe, scope } = branchOf({ close: idle });
    branch.go();
    await idle();
    await scope.cancel();
    expect([probe.log, log]).toEqual([['next', 'close', 'closed'], [[1, true]]]);
    branch.go();
    await idle();
    expect([probe.pulled, probe.faults(), log]).toEqual([1, [], [[1, true]]]);
  });

  test.each(['resolve', 'reject'] as const)(
    'does not wait for a stuck source, whose late answer is nothing (%s)',
    async (how) => {
      const { branch, log, probe, scope } = branchOf({ stuckAt: 1 });
      branch.go();
      expect(await turnsUntilSettled(Promise.resolve(scope.cancel()))).toBeLessThan(10);
      expect(probe.closed).toBe(1);
      probe.late![how](new Error('late'));
      await idle();
      expect([log, probe.faults()]).toEqual([[], []]);
    },
  );

  test('closes what was given where it is closed before its start', async () => {
    const { branch, probe, scope } = branchOf({ kind: 'given async iterator' });
    await scope.cancel();
    branch.go();
    await idle();
    expect(probe.log).toEqual(['close', 'closed']);
  });

  test('closes what was given where it is made in a run that is over', async () => {
    const scope = new Scope();
    await scope.cancel();
    const { branch, probe } = branchOf({ kind: 'given async iterator' }, scope);
    branch.go();
    await idle();
    expect(probe.log).toEqual(['close', 'closed']);
  });

  test('reads no more from the moment at which the run ends, though other things are closed first', async () => {
    const scope = new Scope();
    const { branch, probe, log } = branchOf({ stuckAt: 2 }, scope, () => true);
    const signals: AbortSignal[] = [];
    const other = new Producer(
      sourceOf(
        AsyncStream.of(1).map((_, __, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        }),
        'test',
      ),
      scope,
      { receive: () => true, ended: () => undefined, failed: () => undefined },
    );
    other.go();
    let closed!: () => void;
    scope.add({ close: () => new Promise<void>((resolve) => (closed = resolve)) });
    branch.go();
    await idle();
    const closing = scope.fail('error');
    probe.late!.resolve(2);
    await idle();
    expect([probe.pulled, probe.closed, signals[0]!.reason]).toEqual([2, 0, 'error']);
    closed();
    await closing;
    expect([probe.closed, probe.faults(), log]).toEqual([1, [], [[1, true]]]);
  });

  test.each([
    ['ends', { length: 1 }, 0],
    ['fails', { failAt: 2 }, 0],
    ['gives a value', {}, 1],
  ] as const)(
    'does not close again what %s after the end of the run, before its turn to be closed',
    async (_, options, closed) => {
      const log: string[] = [];
      const scope = new Scope();
      let come!: () => void;
      const gate = new Promise<void>((resolve) => (come = resolve));
      const probe = new Probe({ ...options, log, close: idle });
      const source = {
        [Symbol.asyncIterator]: () => slow((probe.input as AsyncIterable<unknown>)[Symbol.asyncIterator]()),
      };
      const slow = (iterator: AsyncIterator<unknown>) => {
        const { next } = iterator;
        let n = 0;
        iterator.next = () => (++n === 1 ? next.call(iterator) : gate.then(() => next.call(iterator)));
        return iterator;
      };
      const branch = new Producer(sourceOf(source, 'test'), scope, {
        receive: () => true,
        ended: () => undefined,
        failed: () => undefined,
      });
      branch.go();
      await idle();
      scope.add({ close: () => (come(), idle()) });
      await scope.cancel();
      log.push('over');
      expect([probe.closed, probe.faults()]).toEqual([closed, []]);
      expect(log.slice(-1 - closed)).toEqual(closed === 1 ? ['closed', 'over'] : ['over']);
    },
  );

  test('passes on the reason for which the run has ended to the callbacks in it', async () => {
    const scope = new Scope();
    let signal!: AbortSignal;
    const stream = AsyncStream.of(1).map((_, __, context) => ((signal = context.signal), new Promise(() => undefined)));
    const branch = new Producer(sourceOf(stream, 'test'), scope, {
      receive: () => true,
      ended: () => undefined,
      failed: () => undefined,
    });
    branch.go();
    await scope.fail('why');
    expect(signal.reason).toBe('why');
  });

  test('does not lose the error of its closing', async () => {
    for (const error of [new Error('close'), undefined]) {
      const { branch, scope } = branchOf({ close: () => thrown(error) });
      branch.go();
      await idle();
      expect(await outcomeOf(() => scope.cancel())).toStrictEqual({ error });
    }
  });

  test('is closed in the middle of giving a value', async () => {
    const scope = new Scope();
    const { branch, probe, log } = branchOf({ kind: 'sync iterable' }, scope, (value) => {
      if (value === 3) void scope.cancel();
      return true;
    });
    branch.go();
    await idle();
    expect([log.length, probe.pulled, probe.closed, probe.faults()]).toEqual([3, 3, 1, []]);
  });

  test('runs in the context of whoever started it', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const stream = new Probe().stream.tap(() => seen.push(storage.getStore()));
    const branch = storage.run('maker', () => {
      const receiver = { receive: () => true, ended: () => undefined, failed: () => undefined };
      return new Producer(sourceOf(stream.take(2), 'test'), new Scope(), receiver);
    });
    storage.run('starter', () => branch.go());
    await idle();
    expect(seen).toEqual(['starter', 'starter']);
  });

  test('of ten thousand that let each other go on takes no stack', async () => {
    const scope = new Scope();
    let ended = 0;
    let below: (() => void) | undefined;
    for (let n = 0; n < 10_000; n++) {
      const next = below;
      const branch = new Producer<number>(sourceOf([n], 'test'), scope, {
        receive: () => (next?.(), true),
        ended: () => ended++,
        failed: thrown,
      });
      below = () => branch.go();
    }
    below!();
    await idle();
    expect([ended, scope.size]).toEqual([10_000, 0]);
  });
});

/** Endless, and never waits for more than a microtask. */
async function* restless(): AsyncGenerator<number> {
  for (let n = 0; ; n++) yield n;
}

const wait = () => new Promise<void>((resolve) => void setTimeout(resolve, 1));

describe('a branch that is read without a limit', () => {
  test.each([
    ['sync', AsyncStream.range(0, Infinity)],
    ['async', AsyncStream.from(restless)],
  ])('lets a consumer wait for timers, where its source is endless, %s and never waits', async (_kind, source) => {
    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      expect(await source.buffer(1, { overflow }).tap(wait).take(2).count()).toBe(2);
    }
  });

  test.each<[string, (stream: AsyncStream<number>) => AsyncStream<unknown>]>([
    ['buffer', (stream) => stream.buffer(Infinity)],
    ['map', (stream) => stream.map((n) => n, { concurrency: Infinity })],
    ['map without order', (stream) => stream.map((n) => n, { concurrency: Infinity, ordered: false })],
    ['flatMap', (stream) => stream.flatMap((n) => [n], { concurrency: Infinity })],
  ])('reads on no faster than the consumer takes what it has read: %s', async (_, put) => {
    let read = 0;
    const source = AsyncStream.range(0, 100).tap(() => {
      read++;
    });
    await put(source).first();
    expect(read).toBeLessThan(10);
  });

  test('lets the consumer have its turn under fake timers', async () => {
    jest.useFakeTimers();
    try {
      expect(await AsyncStream.range(0, 100).buffer(1, { overflow: 'drop-oldest' }).last()).toBe(99);
    } finally {
      jest.useRealTimers();
    }
  });
});
