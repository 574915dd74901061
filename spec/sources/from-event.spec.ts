import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type FromEventOptions, OverflowError, StreamConsumedError } from '../../lib/index.ts';
import { DONE } from '../support/iterators.ts';
import { soak } from '../support/soak.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled } from '../support/turns.ts';

const NAMES = ['data', 'end', 'close', 'error'];

/** An `EventTarget` that knows how many listeners it has. */
class Target extends EventTarget {
  readonly #listeners = new Map<string, Set<unknown>>();

  override addEventListener(name: string, listener: (event: Event) => void): void {
    this.#of(name).add(listener);
    super.addEventListener(name, listener);
  }

  override removeEventListener(name: string, listener: (event: Event) => void): void {
    this.#of(name).delete(listener);
    super.removeEventListener(name, listener);
  }

  emit(name: string, ...args: unknown[]): void {
    this.dispatchEvent(Object.assign(new Event(name), { value: args[0], error: args[0] }));
  }

  listeners(name: string): unknown[] {
    return [...this.#of(name)];
  }

  #of(name: string): Set<unknown> {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    return listeners;
  }
}

/** With methods of the older names, and no others. */
class OldEmitter {
  readonly #emitter = new EventEmitter();
  readonly addListener = this.#emitter.addListener.bind(this.#emitter);
  readonly removeListener = this.#emitter.removeListener.bind(this.#emitter);
  readonly emit = this.#emitter.emit.bind(this.#emitter);
  readonly listeners = this.#emitter.listeners.bind(this.#emitter);
}

type Source = Target | EventEmitter | OldEmitter;

const kinds: Record<string, () => Source> = {
  EventTarget: () => new Target(),
  EventEmitter: () => new EventEmitter(),
  'addListener and removeListener': () => new OldEmitter(),
};

const counted = (source: Source) => NAMES.map((name) => source.listeners(name).length);

function streamOf(source: Source, options: FromEventOptions = {}): AsyncStream<unknown> {
  const all = { end: ['end', 'close'], error: 'error', ...options };
  return source instanceof Target
    ? AsyncStream.fromEvent(source, 'data', { ...all, select: (event) => (event as Event & { value: unknown }).value })
    : AsyncStream.fromEvent(source, 'data', all);
}

describe.each(Object.keys(kinds))('fromEvent of %s', (kind) => {
  const make = kinds[kind]!;

  test('gives what comes from the first pull on, up to the end', async () => {
    const source = make();
    const stream = streamOf(source);
    source.emit('data', 'too early');
    expect(counted(source)).toEqual([0, 0, 0, 0]);
    const all = stream.toArray();
    expect(counted(source)).toEqual([1, 1, 1, 1]);
    for (const value of [1, undefined, null, 0]) {
      await idle();
      source.emit('data', value);
    }
    source.emit('data', 5);
    source.emit('close');
    expect(counted(source)).toEqual([0, 0, 0, 0]);
    source.emit('data', 'too late');
    expect(await all).toEqual([1, undefined, null, 0, 5]);
  });

  test('fails with what is emitted, after the events before it', async () => {
    const source = make();
    const error = new Error('wanted');
    const all = seenOf(streamOf(source));
    source.emit('data', 1);
    source.emit('error', error);
    expect(counted(source)).toEqual([0, 0, 0, 0]);
    const outcome = await all;
    expect(outcome).toEqual({ seen: [1], error });
    expect(outcome.error).toBe(error);
  });

  test('can be run again, each run with listeners of its own', async () => {
    const source = make();
    const stream = streamOf(source);
    for (const run of [1, 2]) {
      const both = [stream.toArray(), stream.toArray()];
      expect(counted(source)).toEqual([2, 2, 2, 2]);
      source.emit('data', run);
      source.emit('end');
      expect(await Promise.all(both)).toEqual([[run], [run]]);
    }
    expect(counted(source)).toEqual([0, 0, 0, 0]);
  });

  test('is left at once while nothing comes', async () => {
    const source = make();
    const iterator = streamOf(source)[Symbol.asyncIterator]();
    const pending = iterator.next();
    await idle();
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
    expect([await pending, counted(source)]).toEqual([DONE, [0, 0, 0, 0]]);
  });

  const ends: Record<string, (source: Source, options: FromEventOptions) => Promise<unknown>> = {
    'the end': async (source, options) => {
      const all = streamOf(source, options).toArray();
      source.emit('data', 1);
      source.emit('end');
      expect(await all).toEqual([1]);
    },
    'an error': async (source, options) => {
      const all = outcomeOf(() => streamOf(source, options).toArray());
      source.emit('error', 1);
      expect(await all).toEqual({ error: 1 });
    },
    break: async (source, options) => {
      const stream = streamOf(source, options);
      const emitted = Promise.resolve().then(() => source.emit('data', 1));
      for await (const _ of stream) break;
      await emitted;
    },
    'an error in the loop': async (source, options) => {
      const all = outcomeOf(() => streamOf(source, options).forEach(() => Promise.reject(new Error('body'))));
      source.emit('data', 1);
      expect(await all).toEqual({ error: new Error('body') });
    },
    'a later take': async (source, options) => {
      const all = streamOf(source, options).take(1).toArray();
      source.emit('data', 1);
      expect(await all).toEqual([1]);
    },
    'an overflow': async (source, options) => {
      const all = outcomeOf(() => streamOf(source, { ...options, buffer: 1 }).toArray());
      for (const n of [1, 2, 3]) source.emit('data', n);
      expect(await all).toEqual({ error: new OverflowError(1) });
    },
    'a signal': async (source, options) => {
      const controller = new AbortController();
      const all = outcomeOf(() => streamOf(source, { ...options, signal: controller.signal }).toArray());
      source.emit('data', 1);
      controller.abort('enough');
      expect(await all).toEqual({ error: 'enough' });
    },
    'return() before its start': (source, options) => streamOf(source, options)[Symbol.asyncIterator]().return(),
    'a take of nothing': (source, options) => streamOf(source, options).take(0).toArray(),
  };

  const RUNS = soak(1000, 100);

  test.each(Object.keys(ends).flatMap((how) => [[how, {}] as const, [how, { eager: true }] as const]))(
    `leaves no listener behind after ${RUNS} runs ended by %s, with %p`,
    async (how, options) => {
      const source = make();
      let listening = 0;
      const signal = {
        aborted: false,
        reason: undefined,
        addEventListener: () => {
          listening++;
        },
        removeEventListener: () => {
          listening--;
        },
      };
      for (let run = 0; run < RUNS; run++) await ends[how]!(source, { signal, ...options });
      expect([counted(source), listening]).toEqual([[0, 0, 0, 0], 0]);
    },
  );
});

describe('fromEvent', () => {
  test('gives the first argument of an event, or what select makes of all of them while it is sent', async () => {
    const emitter = new EventEmitter();
    const log: unknown[] = [];
    const first = AsyncStream.fromEvent(emitter, 'data', { end: 'end' }).toArray();
    const select = (a: number, b: number) => {
      log.push('selected');
      return a + b;
    };
    const sums = AsyncStream.fromEvent(emitter, 'data', { end: 'end', select }).toArray();
    emitter.emit('data', 1, 10);
    log.push('emitted');
    emitter.emit('end');
    expect([await first, await sums, log]).toEqual([[1], [11], ['selected', 'emitted']]);
  });

  test('listens to the events that it is told to, and to no others', async () => {
    const ignore = () => undefined;
    const listened = (
      add: 'addEventListener' | 'on',
      remove: string,
      options: FromEventOptions = {},
      event = 'data',
    ) => {
      const names: string[] = [];
      const target = { [add]: (name: string) => void names.push(name), [remove]: ignore };
      const stream = AsyncStream.fromEvent(target as never, event, options);
      void stream[Symbol.asyncIterator]().next();
      return names;
    };
    expect(listened('addEventListener', 'removeEventListener')).toEqual(['data']);
    expect(listened('on', 'off')).toEqual(['data', 'error']);
    expect(listened('on', 'off', { error: [] })).toEqual(['data']);
    expect(listened('on', 'off', {}, 'error')).toEqual(['error']);
    expect(listened('on', 'off', { end: 'end', error: ['a', 'b'] })).toEqual(['data', 'end', 'a', 'b']);
  });

  test('fails with the error of an emitter that is an EventTarget too, as the socket of ws, and does not let it throw', async () => {
    class Socket extends EventEmitter {
      addEventListener(name: string, listener: (event: Event) => void) {
        this.on(name, (error) => listener(Object.assign(new Event(name), { error })));
      }
      removeEventListener() {}
    }
    const socket = new Socket();
    const all = outcomeOf(() => AsyncStream.fromEvent(socket, 'message', { end: 'close' }).toArray());
    const error = new Error('refused');
    socket.emit('error', error);
    expect(await all).toEqual({ error });
  });

  test.each(['addEventListener', 'removeEventListener', 'on', 'off', 'addListener', 'removeListener'])(
    'refuses a target that has only %s',
    (method) => {
      expect(() => AsyncStream.fromEvent({ [method]: () => undefined } as never, 'data')).toThrow(
        'fromEvent: target must be an EventTarget or an EventEmitter, got [object Object]',
      );
    },
  );

  test('fails the stream, and not whoever emits, where select throws', async () => {
    const emitter = new EventEmitter();
    const stream = AsyncStream.fromEvent(emitter, 'data', {
      select: () => {
        throw undefined;
      },
    });
    const all = outcomeOf(() => stream.toArray());
    emitter.emit('data');
    expect([await all, emitter.listenerCount('data')]).toStrictEqual([{ error: undefined }, 0]);
  });

  test.each<[string, (stream: AsyncStream<unknown>) => AsyncStream<unknown>, string]>([
    ['a timeout', (stream) => stream.timeout(20), 'timeout: no element came within 20 ms'],
    ['an abort', (stream) => stream.withSignal(AbortSignal.timeout(20)), 'The operation was aborted due to timeout'],
    ['an error', (stream) => stream.merge(() => Promise.reject(new Error('source'))), 'source'],
  ])('ends by %s also where removing a listener throws', async (_, put, message) => {
    let signal!: AbortSignal;
    const off = () => {
      throw new Error('off');
    };
    const stream = AsyncStream.fromEvent({ on: () => undefined, off }, 'data').tap({
      start: (context) => void (signal = context.signal as AbortSignal),
    });
    await expect(put(stream).toArray()).rejects.toThrow(message);
    expect(signal.aborted).toBe(true);
  });

  test('gives the events of an EventTarget, whose error is none without the option', async () => {
    const target = new Target();
    const all = AsyncStream.fromEvent(target, 'data', { end: 'end' }).toArray();
    const event = new Event('data');
    target.emit('error', new Error('ignored'));
    target.dispatchEvent(event);
    target.emit('end');
    expect(await all).toEqual([event]);
    expect((await all)[0]).toBe(event);
  });

  test('fails with the event itself, where that tells of no error', async () => {
    const target = new EventTarget();
    const all = outcomeOf(() => AsyncStream.fromEvent(target, 'message', { error: 'error' }).toArray());
    const event = new Event('error');
    target.dispatchEvent(event);
    expect(await all).toEqual({ error: event });
  });

  test.each([new Error('wanted'), undefined, null, Object.assign(new Error('outer'), { error: 'inner' })])(
    'fails with the very error of an emitter to which nobody else listens: %p',
    async (error) => {
      const emitter = new EventEmitter();
      const all = outcomeOf(() => AsyncStream.fromEvent(emitter, 'data').toArray());
      expect(emitter.emit('error', error)).toBe(true);
      expect(await all).toStrictEqual({ error });
    },
  );

  test('gives the errors of an emitter where it is these that are asked for', async () => {
    const emitter = new EventEmitter();
    const all = AsyncStream.fromEvent(emitter, 'error', { end: 'end' }).toArray();
    emitter.emit('error', 1);
    emitter.emit('end');
    expect(await all).toEqual([1]);
  });

  test('leaves the errors of an emitter to others with error: []', async () => {
    const emitter = new EventEmitter();
    const all = AsyncStream.fromEvent(emitter, 'data', { end: 'end', error: [] }).toArray();
    expect(() => emitter.emit('error', new Error('unheard'))).toThrow('unheard');
    emitter.emit('end');
    expect(await all).toEqual([]);
  });

  test('takes symbols for names, and one event both for an element and the end', async () => {
    const emitter = new EventEmitter();
    const name = Symbol('data');
    const all = AsyncStream.fromEvent(emitter, name, { end: name }).toArray();
    emitter.emit(name, 1);
    emitter.emit(name, 2);
    expect(await all).toEqual([1]);
  });

  test('takes what is emitted while it begins to listen, also the end', async () => {
    const listeners = new Set<unknown>();
    const target = {
      on(name: string, listener: (value: unknown) => void) {
        listeners.add(listener);
        if (name !== 'error') listener(name);
      },
      off: (_: string, listener: unknown) => listeners.delete(listener),
    };
    for (const eager of [false, true]) {
      const stream = AsyncStream.fromEvent(target, 'data', { end: 'end', eager });
      expect(listeners.size).toBe(0);
      expect([await stream.toArray(), listeners.size]).toEqual([['data'], 0]);
    }
  });

  test('removes the listeners that it has added where it cannot add all', async () => {
    const listeners = new Set<unknown>();
    const error = new Error('no such event');
    const target = {
      on(name: string, listener: unknown) {
        if (name === 'error') throw error;
        listeners.add(listener);
      },
      off: (_: string, listener: unknown) => listeners.delete(listener),
    };
    expect(await outcomeOf(() => AsyncStream.fromEvent(target, 'data').toArray())).toEqual({ error });
    expect(() => AsyncStream.fromEvent(target, 'data', { eager: true })).toThrow(error);
    expect(listeners.size).toBe(0);
  });

  test('holds 1024 events that were not consumed, and fails with the next one', async () => {
    const emitter = new EventEmitter();
    const iterator = AsyncStream.fromEvent<number>(emitter, 'data')[Symbol.asyncIterator]();
    const first = iterator.next();
    emitter.emit('data', 0);
    await first;
    for (let n = 1; n <= 1025; n++) emitter.emit('data', n);
    const seen: number[] = [];
    const outcome = await outcomeOf(async () => {
      for await (const n of iterator) seen.push(n);
    });
    expect([seen.length, seen.at(-1), outcome]).toEqual([1024, 1024, { error: new OverflowError(1024) }]);
  });

  test.each([
    ['drop-oldest', [2, 3]],
    ['drop-newest', [1, 2]],
  ] as const)('drops events with %s', async (overflow, expected) => {
    const emitter = new EventEmitter();
    const all = AsyncStream.fromEvent(emitter, 'data', { end: 'end', buffer: 2, overflow }).toArray();
    for (const n of [1, 2, 3]) emitter.emit('data', n);
    emitter.emit('end');
    expect(await all).toEqual(expected);
  });

  test('keeps the context of the consumer', async () => {
    const storage = new AsyncLocalStorage<string>();
    const emitter = new EventEmitter();
    const stores: unknown[] = [];
    const drained = storage.run('consumer', () =>
      AsyncStream.fromEvent(emitter, 'data', { end: 'end' }).forEach(() => stores.push(storage.getStore())),
    );
    for (const n of [1, 2]) {
      await idle();
      storage.run('emitter', () => emitter.emit('data', n));
    }
    storage.run('emitter', () => emitter.emit('end'));
    await drained;
    expect(stores).toEqual(['consumer', 'consumer']);
  });

  describe('that is eager', () => {
    test('misses nothing from the call on, and is run once', async () => {
      const emitter = new EventEmitter();
      const stream = AsyncStream.fromEvent(emitter, 'data', { end: 'end', eager: true });
      emitter.emit('data', 1);
      const all = stream.toArray();
      emitter.emit('data', 2);
      const second = await outcomeOf(() => stream.toArray());
      emitter.emit('end');
      expect([await all, second]).toEqual([[1, 2], { error: expect.any(StreamConsumedError) }]);
      expect((second as { error: Error }).error.message).toContain(
        'an eager stream of events can be run only once: listen once more',
      );
    });

    test('stops listening with the end, the error or the overflow, also where nobody has run it', async () => {
      for (const name of ['end', 'error', 'data']) {
        const emitter = new EventEmitter();
        const stream = AsyncStream.fromEvent(emitter, 'data', { end: 'end', eager: true, buffer: 1 });
        emitter.emit('data', 1);
        emitter.emit(name, 'wanted');
        expect(NAMES.map((event) => emitter.listenerCount(event))).toEqual([0, 0, 0, 0]);
        const error = { end: {}, error: { error: 'wanted' }, data: { error: new OverflowError(1) } }[name];
        expect(await seenOf(stream)).toEqual({ seen: [1], ...error });
      }
    });

    test('stops listening when its signal aborts, also where nobody has run it, and then rejects', async () => {
      const emitter = new EventEmitter();
      const controller = new AbortController();
      const { signal } = controller;
      const stream = AsyncStream.fromEvent(emitter, 'data', { eager: true, signal });
      emitter.emit('data', 1);
      controller.abort('enough');
      expect(emitter.listenerCount('data')).toBe(0);
      expect(await seenOf(stream)).toEqual({ seen: [], error: 'enough' });
    });

    test('does not touch the target where its signal has aborted before', async () => {
      const emitter = new EventEmitter();
      const signal = AbortSignal.abort('before');
      const streams = [true, false].map((eager) => AsyncStream.fromEvent(emitter, 'data', { eager, signal }));
      expect(emitter.eventNames()).toEqual([]);
      for (const stream of streams) expect(await outcomeOf(() => stream.toArray())).toEqual({ error: 'before' });
      expect(emitter.eventNames()).toEqual([]);
    });
  });
});
