import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, OverflowError, type Push } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { DONE, never } from '../support/iterators.ts';
import { idle, outcomeOf, PROMPT, seenOf, turnsUntilSettled, until } from '../support/turns.ts';
import { VALUES } from '../support/values.ts';

const nothing = () => undefined;

/** The push function of a run that has been started, and its iterator. */
async function started<T>(options?: Parameters<typeof AsyncStream.create>[1]) {
  let push!: Push<T>;
  const stream = AsyncStream.create<T>((given) => void (push = given), options);
  const iterator = stream[Symbol.asyncIterator]();
  const first = iterator.next();
  await idle();
  return { push, iterator, first };
}

describe('create', () => {
  test('runs the producer at the first pull of each run, with its context', async () => {
    const contexts: unknown[] = [];
    const stream = AsyncStream.create<number>((push, context) => {
      void push(contexts.push(context));
      push.end();
    });
    await idle();
    expect(contexts).toEqual([]);
    expect([await stream.toArray(), await stream.toArray()]).toEqual([[1], [2]]);
    expect(contexts).toEqual([aContext, aContext]);
    expect(contexts[0]).not.toBe(contexts[1]);
  });

  test('takes every value for an element', async () => {
    const stream = AsyncStream.create<unknown>((push) => {
      for (const value of VALUES) void push(value);
      push.end();
    });
    expect(await stream.toArray()).toEqual(VALUES);
  });

  test('passes its parts as callbacks', async () => {
    const stream = AsyncStream.create<number>((push) => {
      const { end } = push;
      for (const answer of [1, 2, 3].map(push)) expect(answer).toBe(true);
      end();
    });
    expect(await stream.toArray()).toEqual([1, 2, 3]);
  });

  describe('the answer of a push', () => {
    test('is true while there is room, and else a promise of it', async () => {
      const { push, iterator, first } = await started<number>({ buffer: 2 });
      const answers = [push(1)];
      expect(await first).toEqual({ done: false, value: 1 });
      answers.push(push(2), push(3), push(4), push(5));
      expect(answers).toEqual([true, true, true, expect.any(Promise), expect.any(Promise)]);
      const settled: unknown[] = [];
      for (const answer of answers.slice(3)) void Promise.resolve(answer).then((value) => settled.push(value));
      await idle();
      expect(settled).toEqual([]);
      await iterator.next();
      await idle();
      expect(settled).toEqual([true]);
      await iterator.next();
      await idle();
      expect(settled).toEqual([true, true]);
    });

    test('waits with a buffer of 0 until the element is taken', async () => {
      const log: unknown[] = [];
      const stream = AsyncStream.create<number>(
        async (push) => {
          for (const n of [1, 2, 3]) {
            await push(n);
            log.push(`pushed ${n}`);
          }
        },
        { buffer: 0 },
      );
      await stream.forEach(async (n) => {
        log.push(`takes ${n}`);
        await idle();
        log.push(`has taken ${n}`);
      });
      expect(log).toEqual([1, 2, 3].flatMap((n) => [`takes ${n}`, `pushed ${n}`, `has taken ${n}`]));
    });

    test('is false after the end, and what is pushed then is ignored', async () => {
      const answers: unknown[] = [];
      const stream = AsyncStream.create<number>((push) => {
        answers.push(push(1));
        push.end();
        answers.push(push(2));
        push.fail(new Error('late'));
        push.end();
      });
      expect([await stream.toArray(), answers]).toEqual([[1], [true, false]]);
    });

    test('is false after a failure', async () => {
      const { push, first } = await started<number>();
      push.fail('wanted');
      expect([push(1), await outcomeOf(() => first)]).toEqual([false, { error: 'wanted' }]);
    });

    test('is true for what waited when the stream ended, and is given still', async () => {
      const answers: unknown[] = [];
      const stream = AsyncStream.create<number>(
        (push) => {
          for (const n of [1, 2, 3]) void Promise.resolve(push(n)).then((answer) => answers.push(answer));
          push.end();
        },
        { buffer: 1 },
      );
      expect([await stream.toArray(), answers]).toEqual([
        [1, 2, 3],
        [true, true, true],
      ]);
    });

    test.each(['break', 'an error', 'return()'])('is false once the consumer has left by %s', async (how) => {
      const answers: unknown[] = [];
      let push!: Push<number>;
      const stream = AsyncStream.create<number>(
        async (given) => {
          push = given;
          for (let n = 0; n < 4; n++) answers.push(await push(n));
          return nothing;
        },
        { buffer: 1 },
      );
      if (how === 'break') for await (const _ of stream) break;
      if (how === 'an error') await outcomeOf(() => stream.forEach(() => Promise.reject(new Error('body'))));
      if (how === 'return()') {
        const iterator = stream[Symbol.asyncIterator]();
        await iterator.next();
        await iterator.return();
      }
      await idle();
      // One of them waited for room.
      expect(answers.slice(-2)).toEqual([false, false]);
      expect([answers.length, push(5)]).toEqual([4, false]);
    });
  });

  describe('a full buffer', () => {
    const pushed = (overflow: 'error' | 'drop-oldest' | 'drop-newest') =>
      AsyncStream.create<number>(
        (push) => {
          for (const n of [1, 2, 3]) void push(n);
          push.end();
        },
        { buffer: 2, overflow },
      );

    test('fails the stream after what is in it, with error', async () => {
      expect(await seenOf(pushed('error'))).toEqual({ seen: [1, 2], error: new OverflowError(2) });
    });

    test('drops with drop-oldest and drop-newest', async () => {
      expect(await pushed('drop-oldest').toArray()).toEqual([2, 3]);
      expect(await pushed('drop-newest').toArray()).toEqual([1, 2]);
    });

    test('fails the stream where nobody waits for a thousand pushes', async () => {
      const answers: unknown[] = [];
      const stream = AsyncStream.create<number>(
        (push) => {
          for (let n = 0; n < 5000; n++) answers.push(push(n));
        },
        { buffer: 6 },
      );
      const { seen, error } = await seenOf(stream);
      expect([seen.length, error]).toEqual([1030, new OverflowError(1030)]);
      expect(answers.filter((answer) => answer === false)).toHaveLength(5000 - 1030);
    });
  });

  describe('a producer that is an async function', () => {
    test('ends the stream when it is done', async () => {
      const stream = AsyncStream.create<number>(async (push) => {
        for (let n = 0; n < 40; n++) await push(n);
      });
      expect(await stream.count()).toBe(40);
    });

    test('does not end it with a cleanup, but goes on until push.end()', async () => {
      let push!: Push<number>;
      const stream = AsyncStream.create<number>(async (given) => {
        push = given;
        return nothing;
      });
      const all = stream.toArray();
      await idle();
      await push(1);
      await idle();
      await push(2);
      push.end();
      expect(await all).toEqual([1, 2]);
    });

    test('is waited for after push.end(), and its error is not lost', async () => {
      const log: string[] = [];
      const stream = AsyncStream.create<number>(async (push) => {
        await push(1);
        push.end();
        await idle();
        log.push('done');
        return async () => {
          await idle();
          log.push('cleaned');
        };
      });
      expect([await stream.toArray(), log]).toEqual([[1], ['done', 'cleaned']]);

      for (const error of [new Error('wanted'), undefined]) {
        const failing = AsyncStream.create<number>(async (push) => {
          push.end();
          await idle();
          throw error;
        });
        expect(await outcomeOf(() => failing.toArray())).toStrictEqual({ error });
      }
    });

    test('does not hold up a consumer that leaves when it is stuck after push.end()', async () => {
      const stream = AsyncStream.create<number>(async (push) => {
        push.end();
        await never();
      });
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await idle();
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(PROMPT);
      expect(await pending).toEqual(DONE);
    });
  });

  describe('a producer that fails', () => {
    test.each(failures)('fails the stream where it %s, after what was pushed', async (_, fail, error) => {
      const stream = AsyncStream.create<number>((push) => {
        void push(1);
        void push(2);
        return fail();
      });
      expect(await seenOf(stream)).toStrictEqual({ seen: [1, 2], error });
    });

    test.each([new Error('wanted'), undefined, null, false])('fails it by push.fail(%p)', async (error) => {
      const log: string[] = [];
      const stream = AsyncStream.create<number>((push) => {
        void push(1);
        push.fail(error);
        return () => log.push('cleaned');
      });
      expect(await seenOf(stream)).toStrictEqual({ seen: [1], error });
      expect(log).toEqual(['cleaned']);
    });

    test('fails it at once while it still works, and its later error vanishes', async () => {
      const stream = AsyncStream.create<number>(async (push) => {
        push.fail('first');
        await idle();
        throw new Error('second');
      });
      expect(await outcomeOf(() => stream.toArray())).toEqual({ error: 'first' });
      await idle();
    });
  });

  describe('the cleanup', () => {
    const ends: Record<string, (stream: AsyncStream<number>, push: () => Push<number>) => Promise<unknown>> = {
      'the end': async (stream, push) => {
        const all = stream.toArray();
        await idle();
        push().end();
        await all;
      },
      'a failure': async (stream, push) => {
        const all = outcomeOf(() => stream.toArray());
        await idle();
        push().fail(new Error('failed'));
        await all;
      },
      'a later take': (stream) => stream.take(1).toArray(),
      'an error in the loop': (stream) => outcomeOf(() => stream.forEach(() => Promise.reject(new Error('body')))),
      'an abort': async (stream, push) => {
        const controller = new AbortController();
        const all = outcomeOf(() => stream.withSignal(controller.signal).toArray());
        await until(() => push() !== undefined);
        controller.abort('enough');
        expect(await all).toEqual({ error: 'enough' });
      },
      'return() while it waits': async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        await iterator.next();
        const pending = iterator.next();
        await iterator.return();
        expect(await pending).toEqual(DONE);
      },
    };

    test.each(Object.keys(ends).flatMap((how) => [[how, 'returned'] as const, [how, 'promised'] as const]))(
      'is called once, and waited for, at %s where it is %s',
      async (how, given) => {
        const log: string[] = [];
        let push!: Push<number>;
        const cleanup = async () => {
          log.push('cleaning');
          await idle();
          log.push('cleaned');
        };
        const stream = AsyncStream.create<number>((to) => {
          push = to;
          void push(1);
          return given === 'returned' ? cleanup : Promise.resolve(cleanup);
        });
        await ends[how]!(stream, () => push);
        log.push('over');
        push.end();
        await idle();
        expect(log).toEqual(['cleaning', 'cleaned', 'over']);
      },
    );

    test('is called when it comes, where the consumer has left by then, and its errors vanish', async () => {
      const log: string[] = [];
      let resolve!: (cleanup: () => unknown) => void;
      const stream = AsyncStream.create<number>((push) => {
        void push(1);
        return new Promise((settle) => (resolve = settle));
      });
      for await (const _ of stream) break;
      expect(log).toEqual([]);
      resolve(() => {
        log.push('cleaned');
        throw new Error('late');
      });
      await idle();
      expect(log).toEqual(['cleaned']);
    });

    test('is called where the producer leaves its own stream', async () => {
      const log: string[] = [];
      const iterator = AsyncStream.create<number>(() => {
        void iterator.return();
        return () => log.push('cleaned');
      })[Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual(DONE);
      await idle();
      expect(log).toEqual(['cleaned']);
    });

    test('tells of its own error only where there was no other', async () => {
      const stream = AsyncStream.create<number>((push) => {
        void push(1);
        return () => Promise.reject(new Error('cleanup'));
      });
      expect(await outcomeOf(() => stream.first())).toEqual({ error: new Error('cleanup') });
      expect(await outcomeOf(() => stream.forEach(() => Promise.reject(new Error('body'))))).toEqual({
        error: new Error('body'),
      });
    });
  });

  test('swallows the rejection of a producer whose consumer has left', async () => {
    let reject!: (error: Error) => void;
    const stream = AsyncStream.create<number>((push) => {
      void push(1);
      return new Promise((_, fail) => (reject = fail));
    });
    expect(await stream.first()).toBe(1);
    reject(new Error('late'));
    await idle();
  });

  test('lets a consumer leave at once while the producer is stuck, and aborts its signal', async () => {
    let signal!: AbortSignal;
    const stream = AsyncStream.create<number>((_, context) => {
      ({ signal } = context);
      return never();
    });
    const iterator = stream[Symbol.asyncIterator]();
    const pending = iterator.next();
    await idle();
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(PROMPT);
    expect([await pending, signal.aborted]).toEqual([DONE, true]);
  });

  test('keeps the context of the consumer, and not that of whoever pushes', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores: unknown[] = [];
    let push!: Push<number>;
    const stream = AsyncStream.create<number>((given) => void (push = given)).map((n) => {
      stores.push(storage.getStore());
      return n;
    });
    const all = storage.run('consumer', () => stream.toArray());
    for (const n of [1, 2, 3]) {
      await idle();
      await storage.run('producer', () => push(n));
    }
    storage.run('producer', () => push.end());
    expect([await all, stores]).toEqual([
      [1, 2, 3],
      ['consumer', 'consumer', 'consumer'],
    ]);
  });

  test('keeps runs at the same time apart', async () => {
    const pushes: Push<number>[] = [];
    const stream = AsyncStream.create<number>((push) => void pushes.push(push));
    const [one, other] = [stream.toArray(), stream.toArray()];
    await idle();
    void pushes[0]!(1);
    void pushes[1]!(2);
    pushes[0]!.end();
    expect(await one).toEqual([1]);
    void pushes[1]!(3);
    pushes[1]!.end();
    expect(await other).toEqual([2, 3]);
  });
});
