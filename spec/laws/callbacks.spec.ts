// Each function that is passed to a stage, a source or a terminal.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import type { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { DONE, iterate, thrown } from '../support/iterators.ts';
import { byCall, probesOf } from '../support/laws.ts';
import { Probe } from '../support/probe.ts';
import { type Callback, type Ends, slowly, sources, stages, terminals, UPSTREAM } from '../support/table.ts';
import { idle, microtasks, type Outcome, outcomeOf, pause, seenOf } from '../support/turns.ts';
import { ODD_ERRORS } from '../support/values.ts';

type Fn = (...args: any[]) => unknown;

const isEnd = (outcome: Outcome) => 'value' in outcome && (outcome.value as IteratorResult<unknown>).done === true;

/** The arguments of the first calls, before the context, where the table says nothing else. */
const FIRST_CALLS: Record<NonNullable<Callback<unknown>['when']> | 'element', unknown[][]> = {
  element: [
    [1, 0],
    [2, 1],
  ],
  start: [[]],
  error: [[UPSTREAM]],
  complete: [[]],
  end: [[]],
};

/** A callback that returns thenables, and how often each of them was started. */
function lazily(answer: Fn) {
  const started: number[] = [];
  const fn = (...args: unknown[]) => {
    const id = started.push(0) - 1;
    const then = (use: (value: unknown) => void) => {
      started[id]!++;
      setImmediate(() => use(answer(...args)));
    };
    return { then };
  };
  return { started, fn };
}

/** Ways to fail: some fail when their promise settles, and some return none. */
const waysOf = ({
  sync,
}: Pick<Callback<unknown, never>, 'sync'>): [how: string, fail: (error: unknown) => unknown][] =>
  sync
    ? [['is thrown', thrown]]
    : [
        ['is thrown', thrown],
        ['it rejects with', (error) => Promise.reject(error)],
        ['it rejects with later', (error) => idle().then(() => thrown(error))],
      ];

/** With an error of the source underway, that one came first. */
const passedOn = ({ when, replacesErrors }: Callback<unknown, never>, error: unknown) =>
  when === 'error' && !replacesErrors ? UPSTREAM : error;

interface Asked<Made> {
  /** What it is put on. */
  base(close?: () => unknown): Probe;
  build(probe: Probe, fn: Fn): Made;
  /** Runs it. Its consumer may take its time for each element. */
  run(made: Made, slow?: boolean): Promise<unknown>;
  /** How often what it makes can be run. */
  readonly runs: number;
}

describe.each(byCall(stages))('%s', (_, { callbacks = [], stopsAfter, once, ...row }) => {
  for (const callback of callbacks) {
    const asked: Asked<AsyncStream<any>> = {
      base: () => probesOf(row).finite(callback.when === 'error' ? { failAt: 2, error: UPSTREAM } : {}),
      build: (probe, fn) => callback.build(probe.stream, fn),
      run: (stream, slow) => (slow ? stream.tap(idle) : stream).toArray(),
      runs: once ? 1 : 2,
    };
    describe(`asks ${callback.name}: it`, () => {
      callbackLaws(callback, asked);
      streamCallbackLaws(callback, asked, stopsAfter !== undefined);
    });
  }
});

describe.each(byCall(sources))('%s', (_, { callbacks = [] }) => {
  for (const callback of callbacks) {
    const asked: Asked<AsyncStream<any>> = {
      // Not looked at: the source is the function itself.
      base: () => new Probe(),
      build: (_probe, fn) => callback.build(undefined, fn),
      run: (stream, slow) => (slow ? stream.tap(idle) : stream).toArray(),
      runs: 1,
    };
    describe(`asks ${callback.name}: it`, () => {
      callbackLaws(callback, asked);
      streamCallbackLaws(callback, asked, false);
    });
  }
});

describe.each(byCall(terminals))('%s', (_, { callbacks = [], ...row }) => {
  for (const callback of callbacks) {
    const asked: Asked<() => Promise<unknown>> = {
      base: (close) => probesOf(row).finite(close === undefined ? {} : { close }),
      build: (probe, fn) => () => callback.build(probe.stream as unknown as Ends, fn),
      run: (end) => end(),
      runs: 2,
    };
    describe(`asks ${callback.name}: it`, () => {
      callbackLaws(callback, asked);
      terminalCallbackLaws(callback, asked);
    });
  }
});

/** What holds of each function that is passed to a method, whatever that is. */
function callbackLaws<Made>(callback: Callback<unknown, never>, { base, build, run, runs }: Asked<Made>): void {
  const { when, answer, sync, bare, settles, calls } = callback;
  const failsAt = when === undefined ? 2 : 1;

  if (calls !== undefined || !sync) {
    test('gives it what its documentation says, the same in each run', async () => {
      const first = calls ?? FIRST_CALLS[when ?? 'element'];
      const made: unknown[][] = [];
      const noted = build(base(), (...args) => {
        made.push(args);
        return answer(...args) as unknown;
      });
      for (let count = 0; count < runs; count++) {
        made.length = 0;
        await outcomeOf(() => run(noted));
        expect(made.slice(0, first.length)).toEqual(first.map((args) => (bare ? args : [...args, aContext])));
      }
    });
  }

  if (!sync) {
    test('starts a thenable that it returns only once', async () => {
      const { fn, started } = lazily(answer);
      await outcomeOf(() => run(build(base(), fn)));
      expect(started.filter((times) => times > 1)).toEqual([]);
    });
  }

  for (const [how, fail] of settles ? [] : waysOf(callback)) {
    test(`passes on the very error that ${how}, asks no more, and closes the source`, async () => {
      for (const error of [new Error('callback'), ...ODD_ERRORS]) {
        const probe = base();
        let count = 0;
        const made = build(probe, (...args) => (++count === failsAt ? fail(error) : answer(...args)));
        expect(await outcomeOf(() => run(made))).toStrictEqual({ error: passedOn(callback, error) });
        expect([count, probe.faults()]).toEqual([failsAt, []]);
      }
    });
  }

  if (!sync) {
    test('waits for its promise, and asks for one thing at a time', async () => {
      let running = 0;
      let most = 0;
      const fn = async (...args: unknown[]) => {
        most = Math.max(most, ++running);
        const answered: unknown = await slowly(answer)(...args);
        running--;
        return answered;
      };
      const probe = base();
      const expected = await outcomeOf(() => run(build(base(), answer)));
      expect(await outcomeOf(() => run(build(probe, fn)))).toStrictEqual(expected);
      expect([most, running, probe.faults()]).toEqual([1, 0, []]);
    });
  }

  test('gives it the context of the consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores = new Set<unknown>();
    const note = (...args: unknown[]) => {
      stores.add(storage.getStore());
      return answer(...args) as unknown;
    };
    const made = storage.run('builder', () => build(base(), sync ? note : slowly(note)));
    await storage.run('consumer', () => outcomeOf(() => run(made, true)));
    expect([...stores]).toEqual(['consumer']);
  });
}

/** What holds in addition of a function that is passed to a stage or a source. */
function streamCallbackLaws(
  callback: Callback<unknown, never>,
  { base, build }: Asked<AsyncStream<any>>,
  stops: boolean,
): void {
  const { when, answer, sync, bare, settles, own } = callback;
  const failsAt = when === undefined ? 2 : 1;

  test('calls it for nothing before it runs', async () => {
    let calls = 0;
    build(base(), () => calls++);
    await idle();
    expect(calls).toBe(0);
  });

  if (!sync) {
    test('starts a thenable only once also if the run is left', async () => {
      const { fn, started } = lazily(answer);
      for (let turns = 0; turns < 8; turns++) {
        const iterator = iterate(build(base(), fn));
        iterator.next().catch(() => undefined);
        await microtasks(turns);
        await outcomeOf(() => iterator.return!());
      }
      await pause(3);
      expect(started.filter((times) => times > 1)).toEqual([]);
    });
  }

  for (const [how, fail] of settles ? [] : waysOf(callback)) {
    test(`passes on the very error that ${how} to a for await loop`, async () => {
      const error = new Error('callback');
      const probe = base();
      let count = 0;
      const stream = build(probe, (...args) => (++count === failsAt ? fail(error) : answer(...args)));
      expect((await seenOf(stream)).error).toBe(passedOn(callback, error));
      expect([count, probe.faults()]).toEqual([failsAt, []]);
    });

    if (when === 'end') {
      test(`passes on an earlier error and not the one that ${how}`, async () => {
        const error = new Error('earlier');
        const fn = () => fail(new Error('callback'));
        expect(
          await outcomeOf(() =>
            build(base(), fn)
              .map(() => thrown(error))
              .toArray(),
          ),
        ).toStrictEqual({ error });
      });
    }
  }

  if (when === 'end') {
    const error = new Error('consumer');
    const ends: Record<string, (stream: AsyncStream<any>) => Promise<unknown>> = {
      'comes to its end': (stream) => stream.toArray(),
      'is stopped by a later stage': (stream) => stream.take(1).toArray(),
      'is left by break': async (stream) => {
        for await (const _value of stream) break;
      },
      'is left by an error in the loop': async (stream) => {
        for await (const _value of stream) throw error;
      },
      'fails in a later callback': (stream) => stream.forEach(() => thrown(error)),
    };

    test.each(Object.keys(ends))('calls it once, and waits for it, where the run %s', async (how) => {
      const log: string[] = [];
      const fn = async (...args: unknown[]) => {
        log.push('begin');
        await idle();
        log.push('end');
        return answer(...args) as unknown;
      };
      await outcomeOf(() => ends[how]!(build(base(), fn)));
      log.push('over');
      expect(log).toEqual(['begin', 'end', 'over']);
    });
  }

  if (!bare) {
    const run = async (use: (stream: AsyncStream<any>) => unknown) => {
      const contexts: { signal: AbortSignal }[] = [];
      const stream = build(base(), (...args: any[]) => {
        contexts.push(args.at(-1));
        // Made on first access, and then the same.
        if (!own) expect(contexts.at(-1)!.signal).toBe(contexts[0]!.signal);
        return answer(...args) as unknown;
      });
      await outcomeOf(() => use(stream));
      return contexts.at(-1)!.signal;
    };

    test('gives it a signal that aborts only where the run ends before its source', async () => {
      expect((await run((stream) => stream.toArray())).aborted).toBe(stops);
    });

    // Nothing comes after what is called for an error and answers no stream.
    if (when !== 'error') {
      test('gives it a signal that aborts when a later callback throws', async () => {
        const error = new Error('later');
        expect((await run((stream) => stream.forEach(() => thrown(error)))).reason).toBe(error);
      });

      test('gives it a signal that aborts when the loop breaks off', async () => {
        const leave = async (stream: AsyncStream<any>) => {
          for await (const _value of stream) break;
        };
        expect((await run(leave)).aborted).toBe(true);
      });
    }
  }

  test('lets it call next() of its own stream', async () => {
    const probe = base();
    let queued: Promise<Outcome> | undefined;
    const iterator = iterate(
      build(probe, (...args) => {
        queued ??= outcomeOf(() => iterator.next());
        return answer(...args) as unknown;
      }),
    );
    const outcomes: Outcome[] = [];
    let noted = false;
    while (!outcomes.some(isEnd)) {
      outcomes.push(await outcomeOf(() => iterator.next()));
      if (noted || queued === undefined) continue;
      outcomes.push(await queued);
      noted = true;
    }
    const { seen, ...failed } = await seenOf(build(base(), answer));
    const expected: Outcome[] = seen.map((value) => ({ value: { done: false, value } }));
    if ('error' in failed) expected.push({ error: failed.error });
    expect(outcomes.filter((outcome) => !isEnd(outcome))).toStrictEqual(expected);
    expect(probe.faults()).toEqual([]);
  });

  const leaves: Record<string, (iterator: AsyncIterator<unknown>, args: unknown[]) => unknown> = {
    'and go on': (iterator, args) => {
      void iterator.return!();
      return answer(...args);
    },
    // An error of a cleanup is passed on.
    ...(when !== 'end' && {
      'and throw': (iterator) => {
        void iterator.return!();
        throw new Error('callback');
      },
    }),
    // What is called at the end is what `return()` waits for.
    ...(sync || when === 'end'
      ? {}
      : {
          'and wait for it': async (iterator, args) => {
            await iterator.return!();
            return answer(...args);
          },
        }),
  };

  test.each(Object.keys(leaves))('lets it call return() of its own stream, %s', async (how) => {
    const probe = base();
    let calls = 0;
    const iterator = iterate(
      build(probe, (...args) => {
        calls++;
        return leaves[how]!(iterator, args);
      }),
    );
    let last: Outcome;
    do last = await outcomeOf(() => iterator.next());
    while ('value' in last && !isEnd(last));
    expect(last).toStrictEqual({ value: DONE });
    expect([await iterator.return!(), await iterator.next()]).toEqual([DONE, DONE]);
    // Nothing interrupts a sort.
    if (!sync) expect(calls).toBe(1);
    expect(probe.faults()).toEqual([]);
  });
}

/** What holds in addition of a function that is passed to a terminal. */
function terminalCallbackLaws(
  { when, answer, bare }: Callback<unknown, never>,
  { base, build, run }: Asked<() => Promise<unknown>>,
): void {
  const failsAt = when === undefined ? 2 : 1;

  test('passes on its error and not that of closing the source', async () => {
    const error = new Error('callback');
    const probe = base(() => thrown(new Error('close')));
    let count = 0;
    const fn: Fn = (...args) => (++count === failsAt ? thrown(error) : (answer(...args) as unknown));
    expect(await outcomeOf(() => run(build(probe, fn)))).toStrictEqual({ error });
  });

  if (!bare) {
    test('gives it a signal that aborts with its error', async () => {
      const error = new Error('callback');
      let signal!: AbortSignal;
      const fail = (...args: any[]) => {
        signal = args.at(-1).signal;
        throw error;
      };
      await outcomeOf(() => run(build(base(), fail)));
      expect(signal.reason).toBe(error);
    });
  }
}
