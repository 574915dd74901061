import { createReadStream } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { failures } from '../support/failures.ts';
import { DONE, never } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled, until } from '../support/turns.ts';

const nothing = () => undefined;

describe('using', () => {
  test('streams what is made of the resource, and closes the resource', async () => {
    const log: unknown[] = [];
    const stream = AsyncStream.using(
      () => {
        log.push('open');
        return { rows: [1, 2] };
      },
      ({ rows }) => rows,
      (resource) => log.push(resource),
    );
    await stream.forEach((row) => log.push(row));
    expect(log).toEqual(['open', 1, 2, { rows: [1, 2] }]);
  });

  test('waits for what opens it, for what is made of it, and for what closes it', async () => {
    const log: string[] = [];
    const step = async <T>(name: string, result: T) => {
      log.push(`${name} begins`);
      await idle();
      log.push(`${name} is done`);
      return result;
    };
    const stream = AsyncStream.using(
      () => step('open', 'r'),
      (resource) => step('use', [`${resource}1`]),
      (resource) => step(`close ${resource}`, 0),
    );
    expect(await stream.toArray()).toEqual(['r1']);
    expect(log).toEqual([
      'open begins',
      'open is done',
      'use begins',
      'use is done',
      'close r begins',
      'close r is done',
    ]);
  });

  test('takes any resource for one, also falsy ones', async () => {
    for (const resource of [undefined, null, false, 0, '']) {
      const closed: unknown[] = [];
      const stream = AsyncStream.using(
        () => resource,
        (given) => [given],
        (given) => closed.push(given),
      );
      expect([await stream.toArray(), closed]).toEqual([[resource], [resource]]);
    }
  });

  test('opens nothing before the run, and nothing where nothing is wanted', async () => {
    const log: string[] = [];
    const stream = AsyncStream.using(
      () => log.push('open'),
      () => [1],
      () => log.push('close'),
    );
    await idle();
    await stream.take(0).toArray();
    await stream[Symbol.asyncIterator]().return();
    expect(log).toEqual([]);
  });

  test('opens one for each run', async () => {
    let opened = 0;
    const closed: number[] = [];
    const stream = AsyncStream.using(
      () => ++opened,
      (resource) => [resource],
      (resource) => closed.push(resource),
    );
    expect(await Promise.all([stream.toArray(), stream.toArray()])).toEqual([[1], [2]]);
    expect(closed.toSorted()).toEqual([1, 2]);
  });

  test('tells by the signal when the consumer leaves, and before the resource is closed', async () => {
    let signal!: AbortSignal;
    let aborted: boolean | undefined;
    const stream = AsyncStream.using(
      (context) => void ({ signal } = context),
      () => [1, 2],
      () => (aborted = signal.aborted),
    );
    for await (const _value of stream) break;
    expect(aborted).toBe(true);
    await stream.drain();
    expect(aborted).toBe(false);
  });

  describe('without a close', () => {
    const log: string[] = [];
    const method = (name: string) => () => log.push(name);
    const [asyncDispose, dispose, close] = [
      { [Symbol.asyncDispose]: method('asyncDispose') },
      { [Symbol.dispose]: method('dispose') },
      { close: method('close') },
    ];

    test.each<[resource: any, called: string]>([
      [asyncDispose, 'asyncDispose'],
      [dispose, 'dispose'],
      [close, 'close'],
      [{ ...close, ...dispose, ...asyncDispose }, 'asyncDispose'],
      [{ ...close, ...dispose }, 'dispose'],
      [{ ...close, [Symbol.dispose]: undefined, [Symbol.asyncDispose]: null }, 'close'],
    ])('calls the method of the resource: %p', async (resource, called) => {
      log.length = 0;
      await AsyncStream.using(
        () => resource,
        () => [1],
      ).drain();
      expect(log).toEqual([called]);
    });

    test('calls the method on the resource, also one that it inherits, and waits for it', async () => {
      class Connection {
        open = true;
        async close() {
          await idle();
          this.open = false;
        }
      }
      const connection = new Connection();
      await AsyncStream.using(
        () => connection,
        () => [1],
      ).drain();
      expect(connection.open).toBe(false);
    });

    test('waits for a method whose result has a `then` that returns nothing', async () => {
      const log: string[] = [];
      const closing = {
        then(resolve: () => void) {
          void idle().then(() => {
            log.push('closed');
            resolve();
          });
        },
      };
      await AsyncStream.using(
        () => ({ close: () => closing }),
        () => [1],
      ).drain();
      expect([...log, 'settled']).toEqual(['closed', 'settled']);
    });

    test.each<[resource: any, described: string]>([
      [undefined, 'undefined'],
      [5, '5'],
      [{}, '[object Object]'],
      [{ close: true }, '[object Object]'],
    ])('fails where the resource has no such method: %p', async (resource, described) => {
      const { error } = (await outcomeOf(() =>
        AsyncStream.using(
          () => resource,
          () => [1],
        ).toArray(),
      )) as { error: unknown };
      expect(String(error)).toBe(
        `TypeError: using: the resource must be something with Symbol.asyncDispose, Symbol.dispose or close(), got ${described}`,
      );
    });
  });

  describe('closes the resource once, and after what was made of it', () => {
    const ways: Record<string, (stream: AsyncStream<unknown>) => unknown> = {
      'at the end': (stream) => stream.drop(9).drain(),
      'on take': (stream) => stream.take(1).drain(),
      'on break': async (stream) => {
        for await (const _value of stream) break;
      },
      'on return()': async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        await iterator.next();
        await Promise.all([iterator.return(), iterator.return()]);
        await iterator.return();
      },
      'when a callback throws': (stream) => outcomeOf(() => stream.forEach(() => Promise.reject(new Error('later')))),
      'inside of another stream': (stream) =>
        AsyncStream.of(1)
          .flatMap(() => stream)
          .first(),
      'before the stream goes on': (stream) => stream.take(1).concat(['x']).last(),
    };

    test.each(Object.keys(ways))('%s', async (way) => {
      const log: string[] = [];
      const length = way === 'at the end' ? 1 : Infinity;
      const probe = new Probe({ log, name: 'rows', length, close: idle });
      const stream = AsyncStream.using(
        () => 'resource',
        () => probe.stream,
        async () => {
          log.push('resource close');
          await idle();
          log.push('resource closed');
        },
      );
      await ways[way]!(stream);
      log.push('over');
      const rows = way === 'at the end' ? ['rows exhausted'] : ['rows close', 'rows closed'];
      expect(log.slice(-rows.length - 3)).toEqual([...rows, 'resource close', 'resource closed', 'over']);
      expect(probe.faults()).toEqual([]);
    });

    test('of several, the innermost first', async () => {
      const log: string[] = [];
      const resource = (name: string, use: () => AsyncIterable<number>) =>
        AsyncStream.using(
          () => log.push(`open ${name}`),
          use,
          () => log.push(`close ${name}`),
        );
      const stream = resource('a', () => resource('b', () => resource('c', () => AsyncStream.of(1, 2))));
      expect(await stream.first()).toBe(1);
      expect(log).toEqual(['open a', 'open b', 'open c', 'close c', 'close b', 'close a']);
    });
  });

  describe('fails', () => {
    test.each(failures)('with the same error when open %s, and closes nothing', async (_how, fail, error) => {
      let closed = 0;
      const stream = AsyncStream.using(fail, nothing as never, () => closed++);
      expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error });
      expect(closed).toBe(0);
    });

    test.each(failures)('with the same error when use %s, and closes the resource', async (_how, fail, error) => {
      const closed: unknown[] = [];
      const stream = AsyncStream.using(
        () => 'resource',
        fail as () => number[],
        (resource) => closed.push(resource),
      );
      expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error });
      expect(closed).toEqual(['resource']);
    });

    test.each(failures)('with the same error when close %s, however it came to it', async (_how, fail, error) => {
      const stream = AsyncStream.using(nothing, () => [1, 2], fail);
      expect(await seenOf(stream)).toStrictEqual({ seen: [1, 2], error });
      expect(await outcomeOf(() => stream.first())).toStrictEqual({ error });
      const loop = async () => {
        for await (const _value of stream) break;
      };
      expect(await outcomeOf(loop)).toStrictEqual({ error });
    });

    test.each(failures)('with the same error when its own close() %s', async (_how, close, error) => {
      const stream = AsyncStream.using(
        () => ({ close }),
        () => [1, 2],
      );
      expect(await seenOf(stream)).toStrictEqual({ seen: [1, 2], error });
    });

    test.each(failures)('with an earlier error, and not that when close %s', async (_how, fail) => {
      const error = new Error('first');
      const failing = AsyncStream.using(
        nothing,
        () => {
          throw error;
        },
        fail,
      );
      expect(await outcomeOf(() => failing.toArray())).toStrictEqual({ error });
      const probe = new Probe({ failAt: 1, error });
      const failed = AsyncStream.using(nothing, () => probe.stream, fail);
      expect(await outcomeOf(() => failed.toArray())).toStrictEqual({ error });
    });

    test('with the error of the rows, and closes the resource', async () => {
      for (const error of [new Error('rows'), undefined]) {
        const closed: unknown[] = [];
        const probe = new Probe({ failAt: 2, error });
        const stream = AsyncStream.using(
          () => 'resource',
          () => probe.stream,
          (resource) => closed.push(resource),
        );
        expect(await seenOf(stream)).toStrictEqual({ seen: [1], error });
        expect(closed).toEqual(['resource']);
      }
    });

    test.each([5, null, {}])('where %p is made of the resource, and closes it', async (made) => {
      for (const use of [() => made, async () => made]) {
        let closed = 0;
        const stream = AsyncStream.using(nothing, use as never, () => closed++);
        const { error } = (await outcomeOf(() => stream.toArray())) as { error: unknown };
        expect(String(error)).toMatch(/^TypeError: using: .* must be an iterable or an iterator, got /);
        expect(closed).toBe(1);
      }
    });
  });

  describe('where the consumer has left', () => {
    test('closes a resource that comes later, makes nothing of it, and does not wait for it', async () => {
      const log: unknown[] = [];
      let come!: (resource: string) => void;
      const stream = AsyncStream.using(
        () => new Promise<string>((resolve) => (come = resolve)),
        () => {
          log.push('use');
          return [1];
        },
        (resource) => log.push(`close ${resource}`),
      );
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => come !== undefined);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(10);
      expect(await pending).toEqual(DONE);
      expect(log).toEqual([]);
      come('late');
      await idle();
      expect(log).toEqual(['close late']);
    });

    test('swallows what the late resource fails with, when it opens and when it closes', async () => {
      for (const late of [() => Promise.reject(new Error('open')), () => 'resource']) {
        let come!: (late: unknown) => void;
        const stream = AsyncStream.using(
          () => new Promise((resolve) => (come = resolve)),
          () => [1],
          () => Promise.reject(new Error('close')),
        );
        const iterator = stream[Symbol.asyncIterator]();
        const pending = iterator.next();
        await until(() => come !== undefined);
        await iterator.return();
        come(late());
        await idle();
        expect(await pending).toEqual(DONE);
      }
    });

    test('closes what is made of the resource later, and the resource at once', async () => {
      const log: string[] = [];
      let come!: (rows: AsyncIterable<unknown>) => void;
      const stream = AsyncStream.using(
        nothing,
        () => new Promise<AsyncIterable<unknown>>((resolve) => (come = resolve)),
        () => log.push('resource closed'),
      );
      const iterator = stream[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => come !== undefined);
      await iterator.return();
      expect(log).toEqual(['resource closed']);
      const probe = new Probe({ log, name: 'rows', kind: 'given async iterator' });
      come(probe.input as AsyncIterable<unknown>);
      await idle();
      expect(log).toEqual(['resource closed', 'rows close', 'rows closed']);
      expect(await pending).toEqual(DONE);
    });

    test('closes the resource although the rows are stuck', async () => {
      const probe = new Probe({ kind: 'async generator', stuckAt: 1 });
      let closed = 0;
      const iterator = AsyncStream.using(
        nothing,
        () => probe.stream,
        () => closed++,
      )[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => probe.stuck);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
      expect([closed, probe.closed, await pending]).toEqual([1, 1, DONE]);
    });
  });

  describe('a Node resource that was closed with the iterator over it', () => {
    const file = fileURLToPath(import.meta.url);

    test('a stream is left early', async () => {
      const open = () => createReadStream(file, { highWaterMark: 16 });
      expect(
        await AsyncStream.using(open, (stream) => stream)
          .take(1)
          .count(),
      ).toBe(1);
      expect(await AsyncStream.using(open, (stream) => AsyncStream.from(stream).take(1)).count()).toBe(1);
    });

    test('a stream over a generator that waits is left early', async () => {
      const open = () =>
        Readable.from(
          (async function* () {
            yield 1;
            await never();
          })(),
        );
      const elements = AsyncStream.using(open, (stream: AsyncIterable<number>) => stream);
      expect(await elements.take(1).toArray()).toEqual([1]);
    });

    test('a directory is read to its end, and left early', async () => {
      const entries = () =>
        AsyncStream.using(
          () => opendir(dirname(file)),
          (directory) => directory,
        );
      expect(await entries().some((entry) => entry.name === 'using.spec.ts')).toBe(true);
      expect(await entries().count()).toBeGreaterThan(1);
    });

    test('any other error of closing it is reported', async () => {
      for (const error of [Object.assign(new Error('close'), { code: 'EIO' }), undefined]) {
        const sync = AsyncStream.using(
          () => ({
            close() {
              throw error;
            },
          }),
          () => [1],
        );
        expect(await outcomeOf(() => sync.toArray())).toEqual({ error });
        const async = AsyncStream.using(
          () => ({ close: () => Promise.reject(error) }),
          () => [1],
        );
        expect(await outcomeOf(() => async.toArray())).toEqual({ error });
      }
    });
  });
});
