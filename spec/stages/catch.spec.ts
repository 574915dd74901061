import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { KINDS, Probe } from '../support/probe.ts';
import { idle, microtasks, outcomeOf, seenOf, turnsUntilSettled, until } from '../support/turns.ts';

/** Gives 1, and then fails. */
const failingWith = (error: unknown) => new Probe({ failAt: 2, error }).stream;
const failing = () => failingWith('wanted');

describe('catch', () => {
  test.each(KINDS)('goes on with what the function makes of the error: %s', async (kind) => {
    const probes: Probe[] = [];
    const make = () => {
      const probe = new Probe({ kind, length: 2, element: (n) => n * 10 });
      probes.push(probe);
      return probe.input;
    };
    expect(await failing().catch(make).toArray()).toEqual([1, 10, 20]);
    expect(
      await failing()
        .catch(async () => make())
        .toArray(),
    ).toEqual([1, 10, 20]);
    expect(probes.map((probe) => probe.faults())).toEqual([[], []]);
  });

  test.each(Array.from({ length: 12 }, (_, turns) => turns))(
    'closes a replacement, and does not read it, if the consumer leaves %i microtasks after it has come',
    async (turns) => {
      const probe = new Probe({ kind: 'given async iterator' });
      let answer!: (replacement: AsyncIterable<unknown>) => void;
      const stream = failing().catch(() => new Promise<AsyncIterable<unknown>>((resolve) => (answer = resolve)));
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      const next = iterator.next();
      await idle();
      answer(probe.input as AsyncIterable<unknown>);
      await microtasks(turns);
      const { pulled } = probe;
      await iterator.return();
      await next;
      await idle();
      expect([probe.pulled, probe.closed, probe.faults()]).toEqual([pulled, 1, []]);
    },
  );

  test.each([undefined, null])('ends where the function answers %p', async (answer) => {
    expect(
      await failing()
        .catch(() => answer)
        .toArray(),
    ).toEqual([1]);
    expect(
      await failing()
        .catch(async () => answer)
        .append(2)
        .toArray(),
    ).toEqual([1, 2]);
  });

  test.each(failures)('is told of the very error of a callback that %s, with a context', async (_how, fail, error) => {
    const calls: unknown[][] = [];
    const stream = AsyncStream.of(1, 2)
      .map((x) => (x === 2 ? fail() : x))
      .catch((...args) => void calls.push(args));
    expect(await stream.toArray()).toEqual([1]);
    expect(calls).toEqual([[error, aContext]]);
  });

  test('is told of what goes wrong when the source is opened, and when it is read', async () => {
    const told: unknown[] = [];
    const note = (error: unknown) => void told.push(error);
    const open = () => {
      throw 'open';
    };
    await AsyncStream.from(open).catch(note).drain();
    await AsyncStream.from({ [Symbol.asyncIterator]: open })
      .catch(note)
      .drain();
    await new Probe({ failAt: 1, error: 'read' }).stream.catch(note).drain();
    const iterator = [1].values();
    await AsyncStream.from(iterator).drain();
    await AsyncStream.from(iterator).catch(note).drain();
    expect(told).toEqual(['open', 'open', 'read', expect.any(StreamConsumedError)]);
  });

  test('is told of what goes wrong when a stage above closes the source', async () => {
    const close = () => {
      throw 'close';
    };
    const stream = new Probe({ close }).stream.take(1).catch((error) => [error]);
    expect(await stream.toArray()).toEqual([1, 'close']);
  });

  test('goes on when the source has been closed, where a stage above has failed', async () => {
    const log: string[] = [];
    const source = new Probe({ log, close: idle });
    const stream = source.stream
      .map(() => {
        throw new Error('stage');
      })
      .catch(() => {
        log.push('caught');
        return ['x'];
      });
    expect(await stream.toArray()).toEqual(['x']);
    expect(log).toEqual(['next', 'close', 'closed', 'caught']);
  });

  test('goes on in the stages below as if nothing had happened', async () => {
    const stream = failing()
      .catch(() => [2, 3])
      .map((x, index) => [index, x])
      .take(2);
    expect(await stream.toArray()).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  test('does not catch what goes wrong in its own replacement: a catch after it does', async () => {
    let calls = 0;
    const stream = failingWith('first').catch(() => {
      calls++;
      return failingWith('second');
    });
    expect(await seenOf(stream)).toEqual({ seen: [1, 1], error: 'second' });
    expect(calls).toBe(1);
    expect(await stream.catch((error) => [error]).toArray()).toEqual([1, 1, 'second']);
  });

  test('may let an error go on', async () => {
    for (const error of [new Error('not mine'), undefined, 0]) {
      const stream = failingWith(error).catch((caught) => {
        throw caught;
      });
      expect(await seenOf(stream)).toStrictEqual({ seen: [1], error });
    }
  });

  test('may run the stream again', async () => {
    let runs = 0;
    const flaky = AsyncStream.from(() => (++runs < 3 ? failing() : AsyncStream.of('fine')));
    const persistent: AsyncStream<unknown> = flaky.catch((): AsyncStream<unknown> => persistent);
    expect(await persistent.toArray()).toEqual([1, 1, 'fine']);
  });

  test('catches inside of another stream only what is inside', async () => {
    const stream = AsyncStream.of('a', 'b').flatMap((x) => failingWith(x).catch((error) => [error]));
    expect(await stream.toArray()).toEqual([1, 'a', 1, 'b']);
  });

  describe('does not catch', () => {
    const caught: unknown[] = [];
    const stream = () => AsyncStream.of(1, 2).catch((error) => void caught.push(error));
    const fail = (error: unknown) => () => {
      throw error;
    };
    const ways: Record<string, (error: unknown) => unknown> = {
      'what a later callback throws': (error) => stream().map(fail(error)).drain(),
      'what a terminal throws': (error) => stream().forEach(fail(error)),
      'what the body of the loop throws': async (error) => {
        for await (const _value of stream()) fail(error)();
      },
      'what a later stage rejects with at its end': (error) =>
        stream()
          .finally(() => Promise.reject(error))
          .drain(),
      'what another input fails with': (error) => stream().concat(fail(error)).drain(),
      'what an element becomes and fails': (error) => stream().flatMap(fail(error)).drain(),
    };

    test.each(Object.keys(ways))('%s', async (way) => {
      for (const error of [new Error('consumer'), undefined, 0]) {
        expect(await outcomeOf(() => ways[way]!(error))).toStrictEqual({ error });
      }
      expect(caught).toEqual([]);
    });

    test('what closing the source fails with, when the consumer leaves', async () => {
      const error = new Error('close');
      const close = fail(error);
      const leaving: ((stream: AsyncStream<unknown>) => unknown)[] = [
        (stream) => stream.take(1).drain(),
        (stream) => stream.first(),
        async (stream) => {
          for await (const _value of stream) break;
        },
      ];
      for (const leave of leaving) {
        const stream = new Probe({ close }).stream.catch((thrown) => [caught.push(thrown)]);
        expect(await outcomeOf(() => leave(stream))).toStrictEqual({ error });
      }
      expect(caught).toEqual([]);
    });
  });

  describe('where the consumer leaves', () => {
    test('a stuck source, is not asked, whatever stages wait for it', async () => {
      const asked: string[] = [];
      const probe = new Probe({ kind: 'async generator', stuckAt: 1 });
      const stream = probe.stream
        .catch(() => void asked.push('first'))
        .tap({ error: () => asked.push('tap'), complete: () => asked.push('complete') })
        .pipe(async function* (above) {
          yield* above;
        })
        .catch(() => void asked.push('second'));
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => probe.stuck);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
      probe.late!.reject(new Error('late'));
      await idle();
      expect([await pending, probe.closed, asked]).toEqual([DONE, 1, []]);
    });

    test('a stream that has failed and is being closed, is not asked either', async () => {
      const log: string[] = [];
      const source = new Probe({ log, close: idle });
      const stream = source.stream
        .map(() => {
          throw new Error('stage');
        })
        .catch(() => void log.push('asked'));
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => log.includes('close'));
      await iterator.return();
      await until(() => log.includes('closed'));
      await idle();
      expect([await pending, log]).toEqual([DONE, ['next', 'close', 'closed']]);
    });

    /** Leaves while the function is asked, which then comes with its answer. */
    async function leaveBefore(answer: () => unknown): Promise<void> {
      let come!: (answer: unknown) => void;
      const stream = failing()
        .drop(1)
        .catch(() => new Promise<Iterable<unknown>>((resolve) => (come = resolve as typeof come)));
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => come !== undefined);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
      expect(await pending).toEqual(DONE);
      come(answer());
      await idle();
    }

    test('closes a replacement that comes later, and does not start it', async () => {
      for (const kind of ['given async iterator', 'sync generator', 'async generator', 'ReadableStream'] as const) {
        const other = new Probe({ kind });
        await leaveBefore(() => other.input);
        expect([kind, other.pulled, other.closed]).toEqual([kind, 0, 1]);
      }
    });

    test('does not touch a replacement that comes later and can be opened by others', async () => {
      const other = new Probe();
      await leaveBefore(() => other.input);
      await leaveBefore(() => () => other.input);
      expect(other.log).toEqual([]);
    });

    test('swallows what the function fails with later', async () => {
      await leaveBefore(() => Promise.reject(new Error('late')));
      await leaveBefore(() => 5);
    });
  });

  test('that aborts the run and then throws, leaves it with the reason of the abort', async () => {
    const controller = new AbortController();
    const reason = new Error('abort');
    const log: string[] = [];
    const failing = AsyncStream.from(() => Promise.reject(new Error('source')))
      .catch(() => {
        controller.abort(reason);
        throw new Error('handler');
      })
      .finally(() => idle().then(() => void log.push('closed')));
    expect(await outcomeOf(() => failing.toArray({ signal: controller.signal }))).toStrictEqual({ error: reason });
    expect(log).toEqual(['closed']);
  });

  test.each([
    [5, '5'],
    [false, 'false'],
    [{}, '[object Object]'],
  ])('fails where the function answers %p', async (answer, described) => {
    for (const fn of [() => answer, async () => answer]) {
      const { seen, error } = await seenOf(failing().catch(fn as never));
      expect(seen).toEqual([1]);
      expect(String(error)).toBe(
        `TypeError: catch: the result of fn must be an iterable or an iterator, got ${described}`,
      );
    }
  });
});
