// What goes wrong in libraries of this kind, line by line, as far as the laws do not cover it for every method.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { collectGarbage } from './support/garbage.ts';
import { DONE, iterate, thrown } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { soak } from './support/soak.ts';
import { type StageRow, stages, terminals } from './support/table.ts';
import { idle, microtasks, outcomeOf, seenOf, until } from './support/turns.ts';

// ---------------------------------------------------------------------------------------------------------- closing

describe('closing', () => {
  test.each([undefined, null, 5, 'done', true])('does not accept that return() answers %p', async (answer) => {
    const sources = [
      { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }), return: async () => answer }) },
      { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: () => answer }) },
    ];
    const message = `TypeError: the result of an iterator's return() must be an object, got ${typeof answer === 'string' ? `'${answer}'` : answer}`;
    for (const source of sources) {
      const { error } = (await outcomeOf(() => AsyncStream.from(source as never).first())) as { error: unknown };
      expect(String(error)).toBe(message);
    }
  });

  test('does not let a wrong answer of return() take the place of an error', async () => {
    const error = new Error('callback');
    const source = {
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }), return: async () => 5 }),
    };
    const run = () => AsyncStream.from(source as never).forEach(() => thrown(error));
    expect(await outcomeOf(run)).toStrictEqual({ error });
  });

  test.each([undefined, null])('gets by where return is %p', async (close) => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }), return: close }) };
    expect(await AsyncStream.from(source as never).first()).toBe(1);
  });

  test('passes on the error of a return that is no function', async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }), return: 5 }) };
    expect(await outcomeOf(() => AsyncStream.from(source as never).first())).toMatchObject({
      error: { name: 'TypeError' },
    });
  });

  test('is over when return() was called a second time after it failed', async () => {
    const error = new Error('close');
    const probe = new Probe({ close: () => thrown(error) });
    const iterator = iterate(probe.stream);
    await iterator.next();
    expect(await outcomeOf(() => iterator.return!())).toStrictEqual({ error });
    expect([await iterator.return!(), await iterator.next()]).toEqual([DONE, DONE]);
    expect(probe.closed).toBe(1);
  });

  test('is over when return() comes after an end whose cleanup failed', async () => {
    const error = new Error('close');
    const iterator = iterate(new Probe({ close: () => idle().then(() => thrown(error)) }).stream.take(1));
    await iterator.next();
    expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error });
    expect([await iterator.return!(), await iterator.next()]).toEqual([DONE, DONE]);
  });

  test('is over when return() comes after next() failed, over a Readable', async () => {
    const error = new Error('read');
    const readable = new Readable({ objectMode: true, read: () => readable.destroy(error) });
    const iterator = iterate(AsyncStream.from(readable));
    expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error });
    expect(await iterator.return!()).toEqual(DONE);
    expect(readable.destroyed).toBe(true);
  });

  test('looks up next once for each iterator', async () => {
    const looked: string[] = [];
    const iterator = (n = 0) => ({
      get next() {
        looked.push('next');
        return async () => ({ done: n === 3, value: n++ });
      },
    });
    expect(await AsyncStream.from({ [Symbol.asyncIterator]: iterator } as never).toArray()).toEqual([0, 1, 2]);
    expect(looked).toEqual(['next']);
  });

  test.each(['done', 'value'])(
    'takes a throwing %s for an error of the iterator, which is not closed',
    async (name) => {
      const error = new Error(name);
      const log: string[] = [];
      const result = {
        done: false,
        value: 1,
        get [name](): never {
          throw error;
        },
      };
      const methods = { return: () => (log.push('return'), DONE) };
      const sources = [
        { [Symbol.asyncIterator]: () => ({ next: async () => result, ...methods }) },
        { [Symbol.iterator]: () => ({ next: () => result, ...methods }) },
      ];
      for (const source of sources) {
        expect(await outcomeOf(() => AsyncStream.from(source as never).toArray())).toStrictEqual({ error });
        expect(await seenOf(AsyncStream.from(source as never))).toStrictEqual({ seen: [], error });
      }
      expect(log).toEqual([]);
    },
  );

  test('does not read the final value of an async iterator', async () => {
    const end = {
      done: true,
      get value(): never {
        throw new Error('read');
      },
    };
    expect(
      await AsyncStream.from({ [Symbol.asyncIterator]: () => ({ next: async () => end }) } as never).toArray(),
    ).toEqual([]);
  });

  test('awaits the final value of a sync iterator, and fails with it', async () => {
    const error = new Error('final');
    const log: string[] = [];
    const finishing = (final: Promise<unknown>) =>
      (function* () {
        yield 1;
        return final;
      })();
    const late = idle().then(() => void log.push('committed'));
    expect(await seenOf(AsyncStream.from(finishing(late)))).toStrictEqual({ seen: [1] });
    expect(log).toEqual(['committed']);
    for (const nest of [
      (input: Iterable<unknown>) => AsyncStream.from(input),
      (input: Iterable<unknown>) => AsyncStream.of(0).flatMap(() => input),
      (input: Iterable<unknown>) => AsyncStream.of(0).flatMap(() => input, { concurrency: 2 }),
    ]) {
      const rejecting = idle().then(() => Promise.reject(error));
      expect(await seenOf(nest(finishing(rejecting)))).toStrictEqual({ seen: [1], error });
    }
  });

  test('awaits the value in the result of return() of a sync iterator', async () => {
    const error = new Error('close');
    for (const nest of [
      (input: Iterable<unknown>) => AsyncStream.from(input),
      (input: Iterable<unknown>) => AsyncStream.of(0).flatMap(() => input),
      (input: Iterable<unknown>) => AsyncStream.of(0).flatMap(() => input, { concurrency: 2 }),
    ]) {
      const input = (close: () => Promise<unknown>) => ({
        [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return: () => ({ value: close() }) }),
      });
      let closed = false;
      const slow = nest(input(() => idle().then(() => (closed = true))) as never);
      expect([await slow.first(), closed]).toEqual([1, true]);
      const failing = nest(input(() => idle().then(() => Promise.reject(error))) as never);
      expect(await outcomeOf(() => failing.first())).toStrictEqual({ error });
    }
  });

  test('ignores the rejecting value of a bare iterator that comes after the run was left', async () => {
    for (const leave of [
      (stream: AsyncStream<unknown>, signal: AbortSignal) => stream.withSignal(signal).toArray(),
      (stream: AsyncStream<unknown>, signal: AbortSignal) => stream.withSignal(signal).buffer(2).toArray(),
    ]) {
      const controller = new AbortController();
      const next = () => idle().then(() => ({ value: Promise.reject(new Error('late')) }));
      const outcome = outcomeOf(() => leave(AsyncStream.from({ next } as never), controller.signal));
      controller.abort('left');
      expect(await outcome).toStrictEqual({ error: 'left' });
      await idle();
      await idle();
    }
  });

  test('closes a given iterator when the collector cannot be made', async () => {
    const probe = new Probe({ kind: 'given async iterator' });
    const error = new Error('collector');
    const fail = (): never => {
      throw error;
    };
    expect(await outcomeOf(() => probe.stream.collect(fail))).toStrictEqual({ error });
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('does not close an inner iterator whose next() threw when a later stage threw in the same turn', async () => {
    for (const element of [true, false]) {
      let closed = 0;
      let calls = 0;
      const failure = {
        get done(): never {
          throw new Error('inner');
        },
      };
      const inner = {
        [Symbol.iterator]: () => ({
          next: () => {
            if (++calls === 1) return { value: 1 };
            if (element) throw new Error('inner');
            return failure;
          },
          return: () => ({ closed: ++closed }),
        }),
      };
      const run = AsyncStream.of(1)
        .flatMap(() => inner as never, { concurrency: 2 })
        .map(() => Promise.reject(new Error('later')))
        .toArray();
      await outcomeOf(() => run);
      expect(closed).toBe(0);
    }
  });

  test('does not read a sync inner stream any more once a later stage has failed', async () => {
    let reads = 0;
    const inner = { [Symbol.iterator]: () => ({ next: () => ({ value: ++reads }) }) };
    const failing = (options: { buffer: number; ordered: boolean }) =>
      AsyncStream.of(1)
        .flatMap(() => inner as never, { concurrency: 2, ...options })
        .map((value) => {
          if (value === 5) throw new Error('later');
        })
        .toArray();
    for (const ordered of [true, false]) {
      reads = 0;
      const run = outcomeOf(() => failing({ buffer: 50, ordered }));
      await idle();
      const settled = reads;
      await run;
      await idle();
      expect(reads - settled).toBe(0);
    }
  });

  test('does not close a child stream that ended while the run was being left', async () => {
    const log: string[] = [];
    let answer!: (result: unknown) => void;
    const children = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise((resolve) => (answer = resolve)),
        return: async () => log.push('return'),
      }),
    };
    // Opened later than the tree, so it is closed first.
    async function* slow() {
      try {
        yield 1;
      } finally {
        answer({ done: true });
        await idle();
      }
    }
    const tree = AsyncStream.of(0).expand((_, depth) => (depth === 0 ? (children as never) : []), { order: 'depth' });
    const iterator = tree.buffer(2).flatMap(slow)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await idle();
    await iterator.return!();
    expect(log).toEqual([]);
  });

  test('closes a sync iterator that yields a rejecting promise', async () => {
    for (const error of [new Error('late'), undefined, null, 0, '']) {
      for (const kind of ['sync iterable', 'sync generator', 'hand-written sync iterator'] as const) {
        const probe = new Probe({ kind, element: (n) => (n === 2 ? Promise.reject(error) : n), length: 3 });
        expect(await seenOf(probe.stream)).toStrictEqual({ seen: [1], error });
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    }
  });

  test('waits for a cleanup that is underway when return() is called', async () => {
    const log: string[] = [];
    const iterator = iterate(new Probe({ log, close: () => idle().then(idle) }).stream.take(1));
    await iterator.next();
    const pending = iterator.next();
    await until(() => log.includes('close'));
    await iterator.return!();
    log.push('over');
    expect(log).toEqual(['next', 'close', 'closed', 'over']);
    expect(await pending).toEqual(DONE);
  });

  test('does not lose the error of a cleanup that is underway when return() is called', async () => {
    const error = new Error('close');
    const log: string[] = [];
    const probe = new Probe({ log, close: () => idle().then(() => thrown(error)) });
    const iterator = iterate(probe.stream.take(1));
    await iterator.next();
    const pending = outcomeOf(() => iterator.next());
    await until(() => log.includes('close'));
    const outcomes = await Promise.all([pending, outcomeOf(() => iterator.return!())]);
    expect(outcomes.filter((outcome) => 'error' in outcome)).toStrictEqual([{ error }]);
  });

  test('waits for a finally callback that is underway when return() is called', async () => {
    const log: string[] = [];
    const stream = AsyncStream.of(1).finally(async () => {
      log.push('begin');
      await idle();
      log.push('end');
    });
    const iterator = iterate(stream);
    await iterator.next();
    const pending = iterator.next();
    await until(() => log.length > 0);
    await iterator.return!();
    log.push('over');
    expect(log).toEqual(['begin', 'end', 'over']);
    expect(await pending).toEqual(DONE);
  });

  test('waits for a resource that is being closed when return() is called', async () => {
    const log: string[] = [];
    const close = async () => {
      log.push('begin');
      await idle();
      log.push('end');
    };
    const iterator = iterate(AsyncStream.using(Object, () => [1], close));
    await iterator.next();
    const pending = iterator.next();
    await until(() => log.length > 0);
    await iterator.return!();
    log.push('over');
    expect(log).toEqual(['begin', 'end', 'over']);
    expect(await pending).toEqual(DONE);
  });

  test('answers next() in its turn also while an end or an error is being cleaned up after', async () => {
    const close = () => idle().then(idle);
    const runs = [
      new Probe({ close }).stream.take(1),
      new Probe({ close, kind: 'given async iterator' }).stream.take(0),
      new Probe({ close }).stream.map(() => thrown(new Error('callback'))),
    ];
    for (const stream of runs) {
      const log: string[] = [];
      const iterator = iterate(stream);
      const calls = ['first', 'second', 'third'].map(async (name) => {
        await outcomeOf(() => iterator.next());
        log.push(name);
      });
      await Promise.resolve();
      calls.push(outcomeOf(() => iterator.next()).then(() => void log.push('fourth')));
      await Promise.all(calls);
      expect(log).toEqual(['first', 'second', 'third', 'fourth']);
    }
  });

  test('closes a given iterator that a stage never asked for anything', async () => {
    const ignore: (() => AsyncIterable<number> | Promise<number[]> | number[])[] = [
      () => [1],
      async () => [1],
      () => AsyncStream.of(1),
      async function* () {
        yield 1;
      },
    ];
    for (const stage of ignore) {
      const probe = new Probe({ kind: 'given async iterator' });
      expect(await probe.stream.pipe(stage as () => number[]).toArray()).toEqual([1]);
      expect(probe.log).toEqual(['close', 'closed']);
    }
  });

  test('closes what an inner stream has left, before the next one is opened', async () => {
    const log: string[] = [];
    const given = (name: string) =>
      new Probe({ name, log, kind: 'given async iterator' }).input as AsyncIterable<never>;
    const stream = AsyncStream.of('a', 'b').flatMap((name) => {
      log.push(`open ${name}`);
      return AsyncStream.of(name).concat(given(name)).take(1);
    });
    expect(await stream.toArray()).toEqual(['a', 'b']);
    expect(log).toEqual(['open a', 'a close', 'a closed', 'open b', 'b close', 'b closed']);
  });

  const none: Record<string, (stream: AsyncStream<any>) => AsyncStream<any>> = {
    'take(0)': (stream) => stream.take(0),
    'takeLast(0)': (stream) => stream.takeLast(0),
    'repeat(0)': (stream) => stream.repeat(0),
    'take(0) and more': (stream) => stream.map(String).take(0).chunks(2).concat([]),
  };

  test.each(Object.keys(none))('opens nothing where nothing is wanted, and closes what was given: %s', async (what) => {
    const probe = new Probe();
    expect(await none[what]!(probe.stream).toArray()).toEqual([]);
    expect(await seenOf(none[what]!(probe.stream))).toEqual({ seen: [] });
    expect(probe.log).toEqual([]);
    const given = new Probe({ kind: 'given async iterator' });
    expect(await none[what]!(given.stream).toArray()).toEqual([]);
    expect(given.log).toEqual(['close', 'closed']);
  });

  test('closes what a stage opened and did not close itself', async () => {
    const probe = new Probe({ close: idle });
    const stream = probe.stream.pipe(async function* (above) {
      const iterators = [above[Symbol.asyncIterator](), above[Symbol.asyncIterator]()];
      for (const iterator of iterators) yield (await iterator.next()).value as unknown;
    });
    expect(await stream.toArray()).toEqual([1, 1]);
    expect([probe.opened, probe.closed, probe.faults()]).toEqual([2, 2, []]);
  });

  test.each([1, 2, 3])(
    'leaves no rejection behind where a stage reads %d ahead and the consumer leaves',
    async (count) => {
      const probe = new Probe({ stuckAt: count + 1 });
      const stream = probe.stream.pipe(async function* (above) {
        const iterator = iterate(above);
        const ahead: Promise<IteratorResult<unknown>>[] = [];
        for (;;) {
          while (ahead.length <= count) ahead.push(iterator.next());
          const { done, value } = (await ahead.shift())!;
          if (done) return;
          yield value;
        }
      });
      const iterator = iterate(stream);
      await iterator.next();
      await until(() => probe.stuck);
      expect(await iterator.return()).toEqual(DONE);
      await idle();
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    },
  );
});

// ----------------------------------------------------------------------------------------------------- stuck sources

describe('a stuck source', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('lets return() through every generator stage, to the source', async () => {
    const identity = async function* (above: AsyncIterable<unknown>) {
      yield* above;
    };
    const probe = new Probe({ stuckAt: 2 });
    let { stream } = probe;
    for (let depth = 0; depth < 10; depth++)
      stream = stream
        .pipe(identity)
        .catch(() => undefined)
        .tap({ close: idle });
    const iterator = iterate(stream);
    await iterator.next();
    const pending = iterator.next();
    await until(() => probe.stuck);
    await iterator.return!();
    expect(await pending).toEqual(DONE);
    await idle();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('wakes the generator stages that wait for it, whose finally then runs', async () => {
    const log: string[] = [];
    const probe = new Probe({ stuckAt: 1 });
    const stream = probe.stream.pipe(async function* (above) {
      try {
        yield* above;
      } finally {
        log.push('woken');
      }
    });
    const iterator = iterate(stream);
    const pending = iterator.next();
    await until(() => probe.stuck);
    await iterator.return!();
    expect(await pending).toEqual(DONE);
    await idle();
    expect(log).toEqual(['woken']);
  });

  test('is not opened by a stage that the consumer has left', async () => {
    const probe = new Probe();
    let go!: () => void;
    const gate = new Promise<void>((resolve) => (go = resolve));
    let waiting = false;
    const stream = probe.stream.pipe(async function* (above) {
      waiting = true;
      await gate;
      yield* above;
    });
    const iterator = iterate(stream);
    const pending = iterator.next();
    await until(() => waiting);
    await iterator.return!();
    go();
    await idle();
    expect([await pending, probe.log]).toEqual([DONE, []]);
  });

  test('aborts the signal of the callbacks, also where it is asked for only then', async () => {
    const probe = new Probe({ stuckAt: 2 });
    let context!: { readonly signal: AbortSignal };
    const iterator = iterate(probe.stream.tap((_value, _index, given) => (context = given)));
    await iterator.next();
    const pending = iterator.next();
    await iterator.return!();
    await pending;
    expect([context.signal.aborted, context.signal.reason.name]).toEqual([true, 'AbortError']);
  });

  const coming: Record<string, (input: Promise<AsyncIterable<unknown>>) => AsyncStream<unknown>> = {
    'of a flatMap': (input) => AsyncStream.of(1).flatMap(() => input),
    'of a function': (input) => AsyncStream.from(() => input),
    'of a stage': (input) => AsyncStream.of(1).pipe(() => input),
    'of a resource': (input) => AsyncStream.using(Object, () => input, Object),
    'of a catch': (input) => new Probe({ failAt: 1 }).stream.catch(() => input),
  };

  test.each(Object.keys(coming))(
    'does not matter to a source that comes later, which is closed then: %s',
    async (what) => {
      let give!: (input: AsyncIterable<unknown>) => void;
      const given = new Probe({ kind: 'given async iterator' });
      const iterator = iterate(coming[what]!(new Promise((resolve) => (give = resolve))));
      const pending = iterator.next();
      await idle();
      await iterator.return();
      give(given.input as AsyncIterable<unknown>);
      await idle();
      expect([await pending, given.log]).toEqual([DONE, ['close', 'closed']]);
    },
  );

  test('asks for no replacement where the consumer leaves while the source that failed is being closed', async () => {
    const log: string[] = [];
    const stream = new Probe({ log, close: () => idle().then(idle) }).stream.map(() => thrown(new Error('callback')));
    const iterator = iterate(stream.catch(() => void log.push('caught')));
    const pending = iterator.next();
    await until(() => log.includes('close'));
    await iterator.return();
    await idle();
    await idle();
    expect([await pending, log]).toEqual([DONE, ['next', 'close', 'closed']]);
  });

  test('does not hold up a resource that comes later: it is closed when it comes', async () => {
    const log: unknown[] = [];
    let give!: (resource: string) => void;
    const coming = new Promise<string>((resolve) => (give = resolve));
    const stream = AsyncStream.using(
      () => coming,
      () => [1],
      (resource) => log.push(resource),
    );
    const iterator = iterate(stream);
    const pending = iterator.next();
    await idle();
    await iterator.return!();
    give('resource');
    await idle();
    expect([await pending, log]).toEqual([DONE, ['resource']]);
  });

  const late: Record<string, (coming: Promise<never>) => AsyncStream<unknown>> = {
    'a map': (coming) => AsyncStream.of(1).map(() => coming),
    'a filter': (coming) => AsyncStream.of(1).filter(() => coming),
    'a flatMap': (coming) => AsyncStream.of(1).flatMap(() => coming),
    'a factory': (coming) => AsyncStream.from(() => coming),
    'an element of an array': (coming) => AsyncStream.from([coming]),
    'an element of flatMap': (coming) => AsyncStream.of(1).flatMap(() => [coming]),
    'an unfolding': (coming) => AsyncStream.unfold(1, () => coming),
    'a page': (coming) => AsyncStream.paginate(() => coming),
    'a resource': (coming) => AsyncStream.using(() => coming, Object, Object),
    'what uses a resource': (coming) => AsyncStream.using(Object, () => coming, Object),
    'a stage': (coming) => AsyncStream.of(1).pipe(() => coming),
    'a replacement': (coming) => AsyncStream.from(() => thrown(new Error('source')) as []).catch(() => coming),
    'a start': (coming) => AsyncStream.of(1).tap({ start: () => coming }),
    'a value put first': (coming) => AsyncStream.of(1).prepend(coming),
    'a value put last': (coming) => AsyncStream.of().append(coming),
  };

  test.each(Object.keys(late))(
    'does not run on when it comes late, nor minds what goes wrong then: %s',
    async (what) => {
      const settle: Record<string, (resolve: (value: never) => void, reject: (error: unknown) => void) => void> = {
        comes: (resolve) => resolve([1, 2] as never),
        fails: (_, reject) => reject(new Error('late')),
      };
      for (const settled of Object.values(settle)) {
        const seen: unknown[] = [];
        let come!: () => void;
        const coming = new Promise<never>((resolve, reject) => (come = () => settled(resolve, reject)));
        const iterator = iterate(late[what]!(coming).tap((value) => seen.push(value)));
        const pending = iterator.next();
        await idle();
        expect(await iterator.return()).toEqual(DONE);
        come();
        await idle();
        await idle();
        expect([await pending, await iterator.next(), seen]).toEqual([DONE, DONE, []]);
      }
    },
  );

  test('leaves no timer behind', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    const iterator = iterate(
      AsyncStream.range(0)
        .tap(() => jest.setSystemTime(Date.now() + 1))
        .tap(() => jest.advanceTimersByTime(1))
        .yieldEvery(0),
    );
    const pending = iterator.next();
    expect(jest.getTimerCount()).toBe(1);
    await iterator.return!();
    expect([await pending, jest.getTimerCount()]).toEqual([DONE, 0]);
  });
});

// ------------------------------------------------------------------------------------------------ values and arguments

describe('values', () => {
  const given = [undefined, null, NaN, 0, '', false];

  test.each([
    ['of an async iterable', () => new Probe({ element: (n) => given[n - 1], length: given.length }).stream],
    ['of a sync iterable', () => AsyncStream.from(new Set(given))],
    ['of an array', () => AsyncStream.from(given)],
    [
      'of a ReadableStream',
      () => new Probe({ kind: 'ReadableStream', element: (n) => given[n - 1], length: 6 }).stream,
    ],
    ['of unfold', () => AsyncStream.unfold(0, (n) => (n < given.length ? [given[n], n + 1] : null))],
    ['of paginate', () => AsyncStream.paginate(({ page }) => (page === 1 ? given : []))],
    ['of a map', () => AsyncStream.range(0, given.length).map((n) => given[n])],
    ['of an async map', () => AsyncStream.range(0, given.length).map(async (n) => given[n])],
    ['of a flatMap', () => AsyncStream.of(1).flatMap(() => given)],
  ] as [string, () => AsyncStream<unknown>][])('that are null, undefined or NaN are values, %s', async (_, make) => {
    expect(await make().toArray()).toStrictEqual(given);
    expect(await seenOf(make())).toStrictEqual({ seen: given });
  });

  const thenables: Record<string, (value: number) => PromiseLike<number>> = {
    'settle twice': (value) =>
      ({
        then(resolve: any, reject: any) {
          resolve(value);
          resolve(value + 1);
          reject(new Error('twice'));
        },
      }) as PromiseLike<number>,
    'throw after settling': (value) =>
      ({
        then(resolve: any) {
          resolve(value);
          throw new Error('after');
        },
      }) as PromiseLike<number>,
    'settle later, and twice': (value) =>
      ({
        then(resolve: any) {
          setImmediate(() => {
            resolve(value);
            resolve(value + 1);
          });
        },
      }) as PromiseLike<number>,
    'are functions': (value) =>
      Object.assign(() => 0, { then: (resolve: any) => resolve(value) }) as unknown as PromiseLike<number>,
    'give thenables': (value) =>
      ({ then: (resolve: any) => resolve({ then: (inner: any) => inner(value) }) }) as PromiseLike<number>,
  };

  test.each(Object.keys(thenables))('that are thenables which %s are awaited like promises', async (how) => {
    const make = thenables[how]!;
    const numbers = () => AsyncStream.of(1, 2);
    const results = {
      elements: await AsyncStream.from([1, 2].map(make)).toArray(),
      map: await numbers().map(make).toArray(),
      pulled: (await seenOf(numbers().map(make))).seen,
      filter: await numbers()
        .filter((x) => make(x - 1))
        .toArray(),
      flatMap: await numbers()
        .flatMap((x) => [make(x)])
        .toArray(),
      scan: await numbers()
        .scan((_, x) => make(x))
        .toArray(),
      reduce: await numbers().reduce((_, x) => make(x)),
      find: await numbers().find((x) => make(x - 1)),
    };
    const pair = [1, 2];
    expect(results).toEqual({
      elements: pair,
      map: pair,
      pulled: pair,
      filter: [2],
      flatMap: pair,
      scan: pair,
      reduce: 2,
      find: 2,
    });
  });

  test('that are functions with a then method are awaited', async () => {
    const then = (resolve: (value: number) => void) => resolve(7);
    const later = Object.assign(() => 'called', { then }) as unknown as PromiseLike<number>;
    expect(await AsyncStream.from([later, 1]).toArray()).toEqual([7, 1]);
    expect(
      await AsyncStream.of(1)
        .map(() => later)
        .toArray(),
    ).toEqual([7]);
  });

  test('that are thenables which throw fail with what they throw, and close the source', async () => {
    const error = new Error('then');
    const ways: object[] = [
      { then: () => thrown(error) },
      { then: (_: unknown, reject: (error: unknown) => void) => reject(error) },
      {
        get then() {
          return thrown(error);
        },
      },
    ];
    for (const thenable of ways) {
      const probe = new Probe();
      expect(await outcomeOf(() => probe.stream.map(() => thenable).toArray())).toStrictEqual({ error });
      expect(probe.faults()).toEqual([]);
    }
  });

  test('that were given in an array are not touched when the consumer writes to it', async () => {
    const make: Record<string, (stream: AsyncStream<number>) => AsyncStream<number[]>> = {
      chunks: (stream) => stream.chunks(2),
      windows: (stream) => stream.windows(3),
      partial: (stream) => stream.windows(10, 'allow-partial'),
      chunkBy: (stream) => stream.chunkBy((x) => x >> 1),
      chunkWhen: (stream) => stream.chunkWhen((_, x) => x % 2 === 0),
      entries: (stream) => stream.entries(),
    };
    for (const [name, build] of Object.entries(make)) {
      const stream = build(AsyncStream.range(0, 6));
      const untouched = await stream.toArray();
      const seen: number[][] = [];
      for await (const array of stream) {
        seen.push([...array]);
        array.fill(-1);
        array.length = 0;
      }
      expect([name, seen]).toEqual([name, untouched]);
    }
  });

  test('of an array that is sorted stay where they are in it', async () => {
    const array = [3, 1, 2];
    expect(await AsyncStream.from(array).toSorted().toArray()).toEqual([1, 2, 3]);
    expect(array).toEqual([3, 1, 2]);
  });

  test('may have keys that objects have too', async () => {
    const keys = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__'];
    const count = (sum: number, n: number) => sum + n;
    const object = await AsyncStream.from(keys).toObject(
      (key) => key,
      () => 1,
      { merge: count },
    );
    expect(Object.getPrototypeOf(object)).toBe(null);
    expect(Object.entries(object)).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
      ['toString', 1],
      ['hasOwnProperty', 1],
    ]);
    expect([...(await AsyncStream.from(keys).countBy((key) => key))]).toEqual(Object.entries(object));
    expect([...(await AsyncStream.from(keys).groupBy((key) => key)).keys()]).toEqual(Object.keys(object));
  });

  test('that callbacks get come without anything more', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a')
      .tap((...args) => calls.push(args))
      .toArray();
    expect(calls).toEqual([['a', 0, { signal: expect.any(AbortSignal) }]]);
  });
});

// --------------------------------------------------------------------------------------------------- memory and load

describe('load', () => {
  const MILLION = 1_000_000;
  const MANY = soak(100_000, 20_000);

  test('of a million sync elements takes no stack', async () => {
    let left = MILLION;
    const sync = {
      *[Symbol.iterator]() {
        for (let n = 0; n < MILLION; n++) yield n;
      },
    };
    const sum = await AsyncStream.from(sync)
      .map((n) => n + 1)
      .filter((n) => n % 2 === 0)
      .take(Infinity)
      .tap(() => left--)
      .reduce((total, n) => total + n, 0);
    expect([sum, left]).toEqual([(MILLION / 2) * (MILLION / 2 + 1), MILLION / 2]);
  });

  test('of a million sync elements that are dropped takes no stack in a for await loop', async () => {
    const array = Array.from({ length: MILLION }, (_, n) => n);
    expect(await seenOf(AsyncStream.from(array).filter((n) => n === MILLION - 1))).toEqual({ seen: [MILLION - 1] });
  });

  test('of a million inner elements takes no stack', async () => {
    const array = Array.from({ length: 1000 }, (_, n) => n);
    expect(
      await AsyncStream.range(0, 1000)
        .flatMap(() => array)
        .count(),
    ).toBe(MILLION);
    expect(
      await AsyncStream.range(0, 1000)
        .flatMap(() => AsyncStream.from(array))
        .count(),
    ).toBe(MILLION);
  });

  test(`of ${MANY} async callbacks takes no stack`, async () => {
    const sum = await AsyncStream.range(0, MANY)
      .map(async (n) => n)
      .filter(async (n) => n % 2 === 0)
      .take(Infinity)
      .flatMap(async (n) => [n])
      .reduce(async (total, n) => total + n, 0);
    expect(sum).toBe((MANY / 2) * (MANY / 2 - 1));
  });

  test(`of ${MANY} empty inner streams takes no stack`, async () => {
    expect(
      await AsyncStream.range(0, MANY)
        .flatMap(() => [])
        .toArray(),
    ).toEqual([]);
    expect(
      await AsyncStream.range(0, MANY)
        .flatMap(() => AsyncStream.of())
        .toArray(),
    ).toEqual([]);
    expect(
      await AsyncStream.range(0, 10_000)
        .flatMap(async () => [])
        .toArray(),
    ).toEqual([]);
  });

  test(`of ${MANY} calls of next() at once takes no stack`, async () => {
    const iterator = iterate(AsyncStream.range(0, MANY / 2));
    const results = await Promise.all(Array.from({ length: MANY }, () => iterator.next()));
    expect(results.filter(({ done }) => done)).toHaveLength(MANY / 2);
    expect(results[MANY / 2 - 1]).toEqual({ done: false, value: MANY / 2 - 1 });
  });

  test('of 10 000 inputs put after each other takes no stack', async () => {
    const inputs = Array.from({ length: 10_000 }, (_, n) => [n]);
    expect(
      await AsyncStream.of<number>()
        .concat(...inputs)
        .count(),
    ).toBe(10_000);
    expect(await AsyncStream.of(1).repeat(10_000).count()).toBe(10_000);
  });

  const deep = stages.filter(({ element }) => element === undefined);
  /** Runs inside runs: each takes more of the stack than a sink in front of a sink does. */
  const depthOf = ({ method }: StageRow) => {
    // Each profile measures all stages above it, those of the other profiles too.
    if (method === 'profile') return 100;
    return ['catch', 'tap', 'groupByKey'].includes(method) ? 300 : 1000;
  };

  test.each(deep.map((row) => [depthOf(row), row.call, row] as const))(
    'of %d stages in a row takes no stack: %s',
    async (depth, _, row) => {
      // Those that make more elements of each: only so many that it ends.
      const grows = ['flatMap', 'repeat', 'intersperse'].includes(row.method);
      const chain = () => {
        let stream = AsyncStream.of<unknown>(1);
        for (let n = 0; n < depth; n++) {
          stream = grows ? row.build(stream).take(2) : row.build(stream);
        }
        return stream.take(5);
      };
      const [sync, pulled] = await Promise.all([chain().toArray(), seenOf(chain())]);
      expect(pulled).toEqual({ seen: sync });
    },
  );

  const nested: Record<string, (inner: AsyncStream<number>) => AsyncStream<number>> = {
    pipe: (inner) => inner.pipe((upstream) => upstream),
    flatMap: (inner) => AsyncStream.of(1).flatMap(() => inner),
    'flatMap, in a stage': (inner) => inner.flatMap((n) => AsyncStream.of(n)),
    concat: (inner) => AsyncStream.of<number>().concat(inner),
    using: (inner) =>
      AsyncStream.using(
        () => 1,
        () => inner,
        () => undefined,
      ),
    'a function': (inner) => AsyncStream.from(() => inner),
    progress: (inner) => inner.progress(() => undefined),
  };

  test.each(Object.entries(nested))('of 1500 streams inside each other takes no stack: %s', async (_, nest) => {
    for (const leave of [false, true]) {
      const probe = new Probe({ length: 2 });
      let stream: AsyncStream<number> = probe.stream;
      for (let depth = 0; depth < 1500; depth++) stream = nest(stream);
      expect(await (leave ? stream.take(1) : stream).toArray()).toEqual(leave ? [1] : [1, 2]);
      expect([probe.closed, probe.faults()]).toEqual([leave ? 1 : 0, []]);
    }
  });

  test.each(['pipe', 'flatMap, in a stage', 'concat', 'progress'])(
    'closes what is not open yet, of 200 streams inside each other: %s',
    async (which) => {
      for (let turns = 0; turns < 12; turns++) {
        const probe = new Probe({ kind: 'given async iterator' });
        let stream: AsyncStream<number> = probe.stream;
        for (let depth = 0; depth < 200; depth++) stream = nested[which]!(stream);
        const iterator = iterate(stream);
        const pending = iterator.next();
        await microtasks(turns);
        await iterator.return!();
        await pending;
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    },
  );

  test('of a thousand different stages passes elements on and closes the source', async () => {
    const probe = new Probe();
    let stream = probe.stream;
    for (let depth = 0; depth < 1000; depth++) {
      const kind = depth % 5;
      if (kind === 0) stream = stream.map((x: number) => x + 1);
      else if (kind === 1) stream = stream.flatMap((x) => [x]);
      else if (kind === 2) stream = stream.take(10);
      else if (kind === 3) stream = stream.filter(async () => true);
      else stream = stream.takeWhile(() => true);
    }
    expect(await stream.take(2).toArray()).toEqual([201, 202]);
    expect([probe.pulled, probe.closed, probe.faults()]).toEqual([2, 1, []]);
  });

  test('gives timers a turn where yieldEvery is asked to', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await AsyncStream.range(0, 1000).yieldEvery(0).drain();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('memory', () => {
  const HELD = ['distinct', 'scan', 'share', 'toSorted', 'expand(fn)'];

  interface Run {
    readonly call: string;
    readonly watch: Watch;
    /** How many may be alive. Default 0. */
    readonly most?: number;
    /** What is not garbage. */
    readonly kept: unknown;
  }

  class Watch {
    readonly #refs: WeakRef<object>[] = [];

    make(): object {
      const value = { n: this.#refs.length };
      this.#refs.push(new WeakRef(value));
      return value;
    }

    get alive(): number {
      return this.#refs.filter((ref) => ref.deref() !== undefined).length;
    }
  }

  /**
   * What is alive when the garbage has been collected: of what is garbage, the engine may keep a little until the next
   * time. Weak references are kept to the end of the turn in which they were made or looked at.
   */
  async function alive(runs: readonly Run[]): Promise<[call: string, elements: number][]> {
    let held = runs;
    for (let round = 0; round < 5 && held.length > 0; round++) {
      await idle();
      collectGarbage();
      held = held.filter(({ watch, most = 0 }) => watch.alive > most);
    }
    return held.map(({ call, watch }) => [call, watch.alive]);
  }

  test('is flat: no stage holds elements that it has given, but for those whose job it is', async () => {
    const runs: (Run & { readonly kept: AsyncIterator<unknown> })[] = [];
    for (const row of stages) {
      if (row.element !== undefined || row.waits || row.stopsAfter !== undefined) continue;
      if (HELD.includes(row.method) || HELD.includes(row.call)) continue;
      const watch = new Watch();
      const iterator = iterate(row.build(new Probe({ element: () => watch.make() }).stream));
      for (let n = 0; n < 100; n++) await iterator.next();
      // A few that are on their way, and those that it has read ahead.
      const most = 4 + (row.ahead === undefined ? 0 : row.ahead[0]! - row.asks[0]!);
      runs.push({ call: row.call, watch, most, kept: iterator });
    }
    expect(await alive(runs)).toEqual([]);
    for (const { kept } of runs) await kept.return!();
  });

  test('is let go of when a run is over, also by the iterator and the stream that are left', async () => {
    const runs: Run[] = [];
    for (const row of stages) {
      if (row.element !== undefined) continue;
      const watch = new Watch();
      const stream = row.build(new Probe({ element: () => watch.make(), length: 20 }).stream);
      const iterator = iterate(stream);
      for (let n = 0; n < 5; n++) await iterator.next();
      await iterator.return!();
      if (!row.once) await stream.drain();
      runs.push({ call: row.call, watch, kept: [stream, iterator] });
    }
    expect(await alive(runs)).toEqual([]);
  });

  test('is let go of by terminals that need no elements any more', async () => {
    const runs: Run[] = [];
    for (const row of terminals.filter(({ method }) =>
      ['count', 'forEach', 'drain', 'join', 'isEmpty'].includes(method),
    )) {
      const watch = new Watch();
      const promise = row.end(new Probe({ element: () => watch.make(), length: 20 }).stream as never);
      await promise;
      runs.push({ call: row.call, watch, kept: promise });
    }
    expect(await alive(runs)).toEqual([]);
  });
});

// ----------------------------------------------------------------------------------------------------------- context

describe('context', () => {
  test('of one consumer does not get to another', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const stream = new Probe({ length: 3 }).stream.map(async (value) => {
      seen.push(storage.getStore());
      await idle();
      seen.push(storage.getStore());
      return value as unknown;
    });
    const [one, other] = [stream[Symbol.asyncIterator](), stream[Symbol.asyncIterator]()];
    for (let n = 0; n < 2; n++) {
      await storage.run('one', () => one.next());
      await storage.run('other', () => other.next());
    }
    expect(seen).toEqual(['one', 'one', 'other', 'other', 'one', 'one', 'other', 'other']);
  });

  test('of each next() is that of the callbacks that run for it', async () => {
    const storage = new AsyncLocalStorage<number>();
    const seen: unknown[] = [];
    const iterator = iterate(
      AsyncStream.range(0)
        .tap(() => seen.push(storage.getStore()))
        .flatMap((n) => [n, n]),
    );
    for (let n = 1; n <= 4; n++) await storage.run(n, () => iterator.next());
    expect(seen).toEqual([1, 3]);
  });

  test('of the consumer is that of pages that are fetched ahead', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const fetchPage = async ({ page }: { page: number }) => {
      seen.push(storage.getStore());
      await idle();
      return page < 4 ? [page] : [];
    };
    const stream = storage.run('builder', () => AsyncStream.paginate(fetchPage, { prefetch: 2 }));
    expect(await storage.run('consumer', () => stream.toArray())).toEqual([1, 2, 3]);
    expect(new Set(seen)).toEqual(new Set(['consumer']));
  });

  test('does not let a catch stage catch what the consumer throws', async () => {
    const error = new Error('consumer');
    const caught: unknown[] = [];
    const stream = () => new Probe().stream.catch((thrown) => void caught.push(thrown));
    const loop = async () => {
      for await (const _value of stream()) throw error;
    };
    const runs = [
      loop,
      () => stream().forEach(() => thrown(error)),
      () =>
        stream()
          .map(() => thrown(error))
          .toArray(),
      () =>
        stream()
          .flatMap(async () => thrown(error))
          .toArray(),
      () =>
        stream()
          .concat(new Probe({ length: 0 }).input)
          .take(1)
          .finally(() => thrown(error))
          .toArray(),
    ];
    for (const run of runs) expect(await outcomeOf(run)).toStrictEqual({ error });
    expect(caught).toEqual([]);
  });

  test('does not let a catch stage catch what closing the source fails with, once the consumer has left', async () => {
    const error = new Error('close');
    const caught: unknown[] = [];
    const run = () =>
      new Probe({ close: () => thrown(error) }).stream
        .catch((thrown) => void caught.push(thrown))
        .take(1)
        .toArray();
    expect(await outcomeOf(run)).toStrictEqual({ error });
    expect(caught).toEqual([]);
  });

  test('does not call the error of an observer for what the consumer throws', async () => {
    const told: string[] = [];
    const observer = {
      error: () => told.push('error'),
      complete: () => told.push('complete'),
      close: () => told.push('close'),
    };
    const stream = new Probe().stream.tap(observer);
    await outcomeOf(() => stream.forEach(() => thrown(new Error('consumer'))));
    await stream.first();
    expect(told).toEqual(['close', 'close']);
  });

  test('asks nothing more of callbacks when one of them has left', async () => {
    for (const source of [[1, 2, 3], new Set([1, 2, 3]), new Probe({ length: 3 }).input]) {
      const calls: unknown[] = [];
      const iterator = iterate(
        AsyncStream.from(source).filter((value) => {
          calls.push(value);
          void iterator.return!();
          return false;
        }),
      );
      expect([await iterator.next(), calls]).toEqual([DONE, [1]]);
    }
  });

  test('lets go of what callbacks reject with when they have left', async () => {
    for (const source of [new Probe().stream, AsyncStream.range(0)]) {
      const iterator: AsyncIterator<unknown> = iterate(
        source.map(() => {
          void iterator.return!();
          return Promise.reject(new Error('late'));
        }),
      );
      expect(await iterator.next()).toEqual(DONE);
      await idle();
    }
  });

  test('opens nothing when they have left before its start', async () => {
    for (const kind of ['async iterable', 'given async iterator'] as const) {
      const probe = new Probe({ kind });
      const stream = probe.stream.prepend(0).filter(() => {
        void iterator.return!();
        return false;
      });
      const iterator: AsyncIterator<unknown> = iterate(stream);
      expect(await iterator.next()).toEqual(DONE);
      await idle();
      expect([probe.pulled, probe.closed, probe.faults()]).toEqual([0, 'oneShot' in probe.kind ? 1 : 0, []]);
    }
  });

  test('opens nothing that they return when they have left', async () => {
    let opened = 0;
    const open = () => ({ next: async () => ({ done: false as const, value: ++opened }) });
    const inner = { [Symbol.asyncIterator]: () => (opened++, open()) };
    const iterator: AsyncIterator<unknown> = iterate(
      AsyncStream.of(1).flatMap(() => {
        void iterator.return!();
        return inner;
      }),
    );
    expect(await iterator.next()).toEqual(DONE);
    await idle();
    expect(opened).toBe(0);
  });

  test.each([Symbol.iterator, Symbol.asyncIterator])('closes an iterator whose making has left: %p', async (symbol) => {
    let [read, closed] = [0, 0];
    const input = {
      [symbol]() {
        void iterator.return!();
        return { next: () => ({ done: false, value: ++read }), return: () => ({ value: ++closed }) };
      },
    };
    const iterator: AsyncIterator<unknown> = iterate(AsyncStream.from(input as never));
    expect(await iterator.next()).toEqual(DONE);
    await idle();
    expect([read, closed]).toEqual([0, 1]);
  });

  test('asks nothing of callbacks when the source itself has left', async () => {
    const calls: unknown[] = [];
    const stream = AsyncStream.unfold(1, (n) => {
      if (n === 2) void iterator.return!();
      return [n, n + 1];
    }).map((value) => calls.push(value));
    const iterator = iterate(stream);
    await iterator.next();
    expect([await iterator.next(), calls]).toEqual([DONE, [1]]);
  });
});

describe('two copies of the package', () => {
  async function anotherCopy(): Promise<typeof AsyncStream> {
    jest.resetModules();
    return ((await import('../lib/index.ts')) as { AsyncStream: typeof AsyncStream }).AsyncStream;
  }

  test('are two', async () => {
    const Other = await anotherCopy();
    expect(Other).not.toBe(AsyncStream);
    expect(Other.of(1)).not.toBeInstanceOf(AsyncStream);
  });

  test('take each other as inputs', async () => {
    const Other = await anotherCopy();
    const probe = new Probe({ length: 3 });
    const numbers = () => Other.from(probe.input).map((x: number) => x * 2);
    expect(await AsyncStream.from(numbers()).toArray()).toEqual([2, 4, 6]);
    expect(
      await AsyncStream.of(1)
        .flatMap(() => numbers())
        .toArray(),
    ).toEqual([2, 4, 6]);
    expect(await AsyncStream.of(1).concat(numbers()).toArray()).toEqual([1, 2, 4, 6]);
    expect(
      await AsyncStream.of(1)
        .pipe(() => numbers())
        .toArray(),
    ).toEqual([2, 4, 6]);
    expect(await AsyncStream.from(() => numbers()).toArray()).toEqual([2, 4, 6]);
    expect(probe.faults()).toEqual([]);
  });

  test('close each other', async () => {
    const Other = await anotherCopy();
    const probe = new Probe();
    expect(
      await AsyncStream.from(Other.from(probe.input).flatMap((x: number) => [x, x]))
        .take(3)
        .toArray(),
    ).toEqual([1, 1, 2]);
    expect([probe.pulled, probe.closed, probe.faults()]).toEqual([2, 1, []]);
  });

  test('cancel each other when stuck', async () => {
    const Other = await anotherCopy();
    const probe = new Probe({ stuckAt: 1 });
    const iterator = iterate(AsyncStream.from(Other.from(probe.input).map((x: unknown) => x)));
    const pending = iterator.next();
    await until(() => probe.stuck);
    await iterator.return!();
    expect([await pending, probe.closed, probe.faults()]).toEqual([DONE, 1, []]);
  });

  const abortOf: Record<string, (stream: AsyncStream<number>, signal: AbortSignal) => AsyncStream<number>> = {
    withSignal: (stream, signal) => stream.withSignal(signal),
    'withSignal, early': (stream, signal) => stream.withSignal(signal).map((x) => x),
    'withSignal in flatMap': (stream, signal) => stream.flatMap((x) => stream.withSignal(signal).map((y) => x + y)),
    'withSignal in buffer': (stream, signal) => stream.withSignal(signal).buffer(2),
    'withSignal in a third': (stream, signal) => AsyncStream.from(stream.withSignal(signal)).map((x) => x),
  };

  test.each(Object.keys(abortOf))('do not catch each other’s abort: %s', async (how) => {
    const Other = await anotherCopy();
    for (const see of ['catch', 'retry', 'tap'] as const) {
      const controller = new AbortController();
      const reason = new Error('aborted');
      const seen: unknown[] = [];
      const source = Other.from<number>(new Probe({ kind: 'async iterable', stuckAt: 3 }).stream as never);
      const aborted = AsyncStream.from(abortOf[how]!(source, controller.signal));
      const watched = {
        catch: aborted.catch((error) => (seen.push(error), [])),
        retry: aborted.retry({ when: (error) => seen.push(error) }),
        tap: aborted.tap({ error: (error) => seen.push(error) }),
      };
      const run = watched[see].toArray();
      await idle();
      controller.abort(reason);
      expect(await outcomeOf(() => run)).toStrictEqual({ error: reason });
      expect(seen).toEqual([]);
    }
  });

  test('catch each other’s errors', async () => {
    const Other = await anotherCopy();
    const failing = Other.from(function* () {
      yield 1;
      throw new Error('source');
    });
    expect(
      await AsyncStream.from(failing.withSignal(new AbortController().signal))
        .catch(() => [2])
        .toArray(),
    ).toEqual([1, 2]);
  });

  test("take each other's collectors", async () => {
    jest.resetModules();
    const other = await import('../lib/index.ts');
    const stream = AsyncStream.range(1, 5);
    expect(await stream.collect(other.collectors.sum())).toBe(10);
    expect(await stream.collect({ first: other.collectors.first(), all: other.collectors.toArray() })).toEqual({
      first: 1,
      all: [1, 2, 3, 4],
    });
    const slow = other.collectors.reduce(async (sum: number, x: number) => sum + x, 0);
    expect(await stream.collect(slow)).toBe(10);
  });

  test('give errors that both know by name', async () => {
    const Other = await anotherCopy();
    const probe = new Probe({ kind: 'async generator', length: 1 });
    await Other.from(probe.input).drain();
    // Each remembers only what it has consumed itself: here the spent generator has nothing more to give.
    const { error } = (await outcomeOf(() => Other.from(probe.input).drain())) as { error: unknown };
    expect([error instanceof Error, (error as Error).name]).toEqual([true, 'StreamConsumedError']);
  });
});
