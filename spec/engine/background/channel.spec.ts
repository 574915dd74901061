import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import type { Producer } from '../../../lib/engine/background/producer.ts';
import { Channel } from '../../../lib/engine/background/channel.ts';
import { RunIterator } from '../../../lib/iterating/run-iterator.ts';
import { run } from '../../../lib/engine/core/run.ts';
import { Last } from '../../../lib/engine/core/sink.ts';
import { type Answer, settle } from '../../../lib/engine/core/answer.ts';
import { Scope } from '../../../lib/engine/core/scope.ts';
import { DONE, thrown } from '../../support/iterators.ts';
import { soak } from '../../support/soak.ts';
import { idle, type Outcome, outcomeOf, seenOf, turnsUntilSettled } from '../../support/turns.ts';
import { FALSY } from '../../support/values.ts';

const sourceOf = <T>(channel: Channel<T>) => ({
  feed: channel.supply.bind(channel),
  discard: () => undefined,
});

/** Its consumer is an iterator. */
const pulled = <T>(channel: Channel<T>) => new RunIterator<T>({ source: sourceOf(channel), link: (last) => last });

/** Its consumer is asked at once for what becomes of each value. */
function consume<T>(channel: Channel<T>, take: (value: T) => Answer = () => true): Promise<Outcome> {
  class Taking extends Last<T, undefined> {
    push(value: T): Answer {
      return take(value);
    }
    result(): undefined {
      return undefined;
    }
  }
  return outcomeOf(() => run({ source: sourceOf(channel), link: (last) => last }, () => new Taking(), 'collect'));
}

/** What is known of a promise now. */
async function stateOf<T>(promise: T | Promise<T>): Promise<T | 'pending'> {
  return (await turnsUntilSettled(Promise.resolve(promise), 10)) === Infinity ? 'pending' : promise;
}

/** A producer emits a value: true if it may continue at once, otherwise a promise that resolves when it is resumed. */
function send<T>(channel: Channel<T>, value: T): boolean | Promise<boolean> {
  let resume!: (resumed: boolean) => void;
  const resumed = new Promise<boolean>((resolve) => (resume = resolve));
  const producer = { go: () => resume(true), hurry: () => true } as unknown as Producer<T>;
  return channel.receive(value, producer, true) || resumed;
}

function branch() {
  const log: string[] = [];
  const hurry = () => {
    log.push('hurry');
    return false;
  };
  return { log, branch: { go: () => log.push('go'), hurry } as unknown as Producer<any> };
}

describe('Channel', () => {
  describe('gives', () => {
    test('what was sent before in its order, to a consumer that comes later', async () => {
      const channel = new Channel<string>(3);
      expect([send(channel, 'a'), send(channel, 'b')]).toEqual([true, true]);
      channel.end();
      expect(await seenOf(pulled(channel))).toEqual({ seen: ['a', 'b'] });
    });

    test('what comes to a consumer that waits', async () => {
      const channel = new Channel<string>(2);
      const iterator = pulled(channel);
      const pending = iterator.next();
      await idle();
      expect(send(channel, 'a')).toBe(true);
      expect(await pending).toEqual({ done: false, value: 'a' });
    });

    test('falsy values and errors like all others', async () => {
      const values = [...FALSY, new Error('a value'), undefined];
      const channel = new Channel<unknown>(Infinity);
      for (const value of values) channel.put(value);
      channel.end();
      expect(await seenOf(pulled(channel))).toStrictEqual({ seen: values });
    });

    test('all that came in one turn in one turn', async () => {
      const channel = new Channel<string>(3);
      const log: string[] = [];
      const consumed = consume(channel, (value) => {
        log.push(value);
        queueMicrotask(() => log.push('turn'));
        return true;
      });
      await idle();
      for (const value of 'abc') channel.put(value);
      await idle();
      expect(log).toEqual(['a', 'b', 'c', 'turn', 'turn', 'turn']);
      channel.end();
      expect(await consumed).toEqual({ value: undefined });
    });

    test('a value with the context of the consumer, wherever it was sent from', async () => {
      const storage = new AsyncLocalStorage<string>();
      const channel = new Channel<string>(3);
      const stores: unknown[] = [];
      const consumed = storage.run('consumer', () =>
        consume(channel, () => {
          stores.push(storage.getStore());
          return true;
        }),
      );
      await idle();
      storage.run('producer', () => channel.put('a'));
      await idle();
      storage.run('other', () => {
        channel.put('b');
        channel.end();
      });
      await consumed;
      expect(stores).toEqual(['consumer', 'consumer']);
    });

    const MANY = soak(1_000_000, 100_000);

    test(`${MANY} values without taking stack, and without time that grows`, async () => {
      const channel = new Channel<number>(Infinity);
      let count = 0;
      for (let n = 0; n < MANY; n++) channel.put(n);
      channel.end();
      await consume(channel, () => (count++, true));
      expect(count).toBe(MANY);
    });
  });

  describe('ends', () => {
    test('when all is taken that came before, and takes no more', async () => {
      const channel = new Channel<string>(2);
      channel.put('a');
      channel.end();
      channel.put('b');
      expect(channel.closed).toBe(true);
      expect(await seenOf(pulled(channel))).toEqual({ seen: ['a'] });
    });

    test('and leaves nothing in the run of its consumer', async () => {
      const scope = new Scope();
      const channel = new Channel<string>(2);
      const taken: string[] = [];
      class Taking extends Last<string, undefined> {
        push(value: string): Answer {
          return taken.push(value) > 0;
        }
        result(): undefined {
          return undefined;
        }
      }
      const answer = channel.supply(new Taking(), scope);
      channel.put('a');
      channel.end();
      expect(await settle(answer)).toBe(true);
      expect([taken, scope.size]).toEqual([['a'], 0]);
    });

    test('while the consumer waits', async () => {
      const channel = new Channel<string>(2);
      const pending = pulled(channel).next();
      await idle();
      channel.end();
      expect(await pending).toEqual(DONE);
    });

    test.each([new Error('producer'), ...FALSY])('with the very error %p after what came before it', async (error) => {
      const channel = new Channel<string>(2);
      channel.put('a');
      channel.fail(error);
      channel.put('b');
      expect(await seenOf(pulled(channel))).toStrictEqual({ seen: ['a'], error });
    });

    test('with an error while the consumer waits', async () => {
      const channel = new Channel<string>(2);
      const pending = outcomeOf(() => pulled(channel).next());
      await idle();
      channel.fail('failed');
      expect(await pending).toEqual({ error: 'failed' });
    });

    test('in the way that came first', async () => {
      const failed = new Channel(1);
      failed.fail('first');
      failed.fail('second');
      failed.end();
      expect(await seenOf(pulled(failed))).toEqual({ seen: [], error: 'first' });
      const ended = new Channel(1);
      ended.end();
      ended.fail('second');
      expect(await seenOf(pulled(ended))).toEqual({ seen: [] });
    });
  });

  describe('lets a producer wait', () => {
    test('while as many values wait as it holds', async () => {
      const channel = new Channel<string>(2);
      const iterator = pulled(channel);
      expect(send(channel, 'a')).toBe(true);
      const sent = send(channel, 'b');
      expect(await stateOf(sent)).toBe('pending');
      expect((await iterator.next()).value).toBe('a');
      expect(await stateOf(sent)).toBe(true);
    });

    test('until no more are left than it is to be refilled at', async () => {
      const channel = new Channel<number>(4, 'block', 1);
      const iterator = pulled(channel);
      expect([1, 2, 3].map((n) => send(channel, n))).toEqual([true, true, true]);
      const sent = send(channel, 4);
      const states: unknown[] = [];
      for (let n = 1; n <= 3; n++) {
        expect((await iterator.next()).value).toBe(n);
        states.push(await stateOf(sent));
      }
      expect(states).toEqual(['pending', 'pending', true]);
    });

    test('with size 0 until its value was consumed and another one is wanted', async () => {
      const channel = new Channel<string>(0);
      const iterator = pulled(channel);
      const sent = send(channel, 'a');
      expect((await iterator.next()).value).toBe('a');
      expect(await stateOf(sent)).toBe('pending');
      const pending = iterator.next();
      expect(await stateOf(sent)).toBe(true);
      channel.put('b');
      expect((await pending).value).toBe('b');
    });

    test('in the order in which they came, with size 0 each until its own value was consumed', async () => {
      const channel = new Channel<string>(0);
      const iterator = pulled(channel);
      const sent = ['a', 'b', 'c'].map((value) => send(channel, value));
      const states: unknown[] = [];
      for (let n = 0; n < 3; n++) {
        await iterator.next();
        states.push(await Promise.all(sent.map(stateOf)));
      }
      expect(states).toEqual([
        ['pending', 'pending', 'pending'],
        [true, 'pending', 'pending'],
        [true, true, 'pending'],
      ]);
    });
  });

  test('resumes no producer whose value comes after an error', async () => {
    const channel = new Channel<string>(0);
    const { branch: from, log } = branch();
    channel.fail('failed');
    expect(channel.receive('a', from, true)).toBe(false);
    expect(await seenOf(pulled(channel))).toEqual({ seen: [], error: 'failed' });
    expect(log).toEqual([]);
  });

  describe('where it is full', () => {
    test('fails with overflow error, after what it holds', async () => {
      const channel = new Channel<string>(2, 'error');
      for (const value of 'abcd') channel.put(value);
      const { seen, error } = await seenOf(pulled(channel));
      expect(seen).toEqual(['a', 'b']);
      expect(error).toMatchObject({ name: 'OverflowError', size: 2 });
    });

    test.each([
      ['drop-oldest', ['c', 'd']],
      ['drop-newest', ['a', 'b']],
    ] as const)('keeps with %s %p, and does not let the producer wait', async (overflow, kept) => {
      const channel = new Channel<string>(2, overflow);
      expect(['a', 'b', 'c', 'd'].map((value) => send(channel, value))).toEqual([true, true, true, true]);
      channel.end();
      expect(await seenOf(pulled(channel))).toEqual({ seen: kept });
    });

    test.each(['drop-oldest', 'drop-newest'] as const)('never makes a branch wait: %s', (overflow) => {
      const channel = new Channel<string>(1, overflow);
      const producer = branch();
      expect(channel.receive('a', producer.branch, false)).toBe(false);
      channel.leave();
      expect(channel.receive('b', producer.branch, false)).toBe(false);
      expect(producer.log).toEqual(['hurry']);
    });
  });

  describe('receives from a branch', () => {
    test('and lets it stand still until there is room', async () => {
      const channel = new Channel<string>(2);
      const { branch: from, log } = branch();
      const iterator = pulled(channel);
      expect([channel.receive('a', from, false), channel.receive('b', from, false), log]).toEqual([true, false, []]);
      await iterator.next();
      expect(log).toEqual(['go']);
    });

    test('and hands over what it has waited for at once, on its stack', async () => {
      const channel = new Channel<string>(1);
      const { branch: from } = branch();
      const log: string[] = [];
      const consumed = consume(channel, (value) => (log.push(value), true));
      await idle();
      const answers = [channel.receive('a', from, true), channel.receive('b', from, true)];
      expect([answers, log]).toEqual([
        [true, true],
        ['a', 'b'],
      ]);
      channel.end();
      expect(await consumed).toEqual({ value: undefined });
    });

    test('and leaves it to a later turn to take what it has not waited for', async () => {
      const channel = new Channel<string>(2);
      const { branch: from } = branch();
      const log: string[] = [];
      const consumed = consume(channel, (value) => (log.push(value), true));
      await idle();
      expect([channel.receive('a', from, false), log]).toEqual([true, []]);
      await idle();
      expect(log).toEqual(['a']);
      channel.end();
      await consumed;
    });

    test.each([new Error('consumer'), undefined])(
      'and what the consumer throws on its stack (%p) is not for it',
      async (error) => {
        const channel = new Channel<string>(2);
        const { branch: from } = branch();
        const consumed = consume(channel, () => thrown(error));
        await idle();
        expect(() => channel.receive('a', from, true)).not.toThrow();
        expect(await consumed).toStrictEqual({ error });
        expect(channel.receive('b', from, true)).toBe(false);
      },
    );

    test('with size 0 and lets each stand still until its own value was consumed', async () => {
      const channel = new Channel<string>(0);
      const [one, other] = [branch(), branch()];
      const iterator = pulled(channel);
      expect([channel.receive('a', one.branch, true), channel.receive('b', other.branch, true)]).toEqual([
        false,
        false,
      ]);
      await iterator.next();
      expect([one.log, other.log]).toEqual([[], []]);
      await iterator.next();
      expect([one.log, other.log]).toEqual([['go'], []]);
      const pending = iterator.next();
      expect([one.log, other.log]).toEqual([['go'], ['go']]);
      channel.end();
      expect(await pending).toEqual(DONE);
    });
  });
});
