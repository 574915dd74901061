import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { Duplex, PassThrough, Transform, Writable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, DestinationClosedError, type NodeDuplex } from '../../lib/index.ts';
import { DONE, never } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { collecting } from '../support/tasks.ts';
import { idle, microtasks, outcomeOf, pause, seenOf, until } from '../support/turns.ts';

const wanted = new Error('wanted');
const objects = { objectMode: true } as const;
const bytes = (text: string) => new TextEncoder().encode(text);
const numbers = () => AsyncStream.range(1, 4);

/** A pair of web streams that have nothing to do with each other. */
const pair = (writable: UnderlyingSink, readable: UnderlyingSource = {}) => ({
  writable: new WritableStream(writable),
  readable: new ReadableStream(readable),
});

describe('pipeThrough', () => {
  describe('emits what becomes of the elements: of', () => {
    test('a TextDecoderStream, with characters across chunks', async () => {
      const text = AsyncStream.from([...bytes('naïve 数据流 🚀')]).map((byte) => new Uint8Array([byte]));
      expect(await text.pipeThrough(new TextDecoderStream()).join('')).toBe('naïve 数据流 🚀');
    });

    test('a DecompressionStream', async () => {
      const chunks = AsyncStream.of(gzipSync('x'.repeat(100_000)));
      const text = chunks
        .pipeThrough(new DecompressionStream('gzip'))
        .decode()
        .map((part) => part.length);
      expect(await text.sum()).toBe(100_000);
    });

    test('a gunzip', async () => {
      const chunks = AsyncStream.of(gzipSync('x'.repeat(100_000))).flatMap((all) => [
        all.subarray(0, 9),
        all.subarray(9),
      ]);
      const text = chunks
        .pipeThrough(createGunzip())
        .decode()
        .map((part) => part.length);
      expect(await text.sum()).toBe(100_000);
    });

    test('a Duplex in object mode', async () => {
      const duplex = new Transform({ ...objects, transform: (chunk: number, _, done) => done(null, { chunk }) });
      expect(await numbers().pipeThrough(duplex).toArray()).toEqual([{ chunk: 1 }, { chunk: 2 }, { chunk: 3 }]);
      expect(duplex.closed).toBe(true);
    });

    test('any object with the methods of a Writable whose output can be iterated', async () => {
      const duplex = new PassThrough(objects);
      const like = {
        write: duplex.write.bind(duplex),
        end: duplex.end.bind(duplex),
        destroy: duplex.destroy.bind(duplex),
        on: duplex.on.bind(duplex),
        removeListener: duplex.removeListener.bind(duplex),
        [Symbol.asyncIterator]: () => duplex[Symbol.asyncIterator](),
      };
      expect(
        await numbers()
          .pipeThrough(like as unknown as NodeDuplex<number>)
          .toArray(),
      ).toEqual([1, 2, 3]);
    });

    test('a transform that a function makes for each run, or promises', async () => {
      for (const make of [
        () => new TransformStream<number, number>(),
        () => new PassThrough(objects),
        async () => new PassThrough(objects),
      ]) {
        const stream = numbers().pipeThrough<number>(make);
        expect([await stream.toArray(), await stream.toArray()]).toEqual([
          [1, 2, 3],
          [1, 2, 3],
        ]);
      }
    });

    test('a stream without elements', async () => {
      const flushes = new TransformStream({ flush: (controller) => controller.enqueue('end') });
      expect(await AsyncStream.of().pipeThrough(flushes).toArray()).toEqual(['end']);
    });
  });

  describe('lets a transform emit', () => {
    const before = {
      web: () => new TransformStream({ start: (controller) => controller.enqueue('before') }),
      Node: () =>
        new PassThrough({
          ...objects,
          construct(done) {
            this.push('before');
            done();
          },
        }),
    };

    test.each(['web', 'Node'] as const)('before it has taken an element: %s', async (kind) => {
      const probe = new Probe({ stuckAt: 1 });
      expect(await probe.stream.pipeThrough(before[kind]()).first()).toBe('before');
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('more than it takes', async () => {
      const twice = new TransformStream<number, number>({
        transform(chunk, controller) {
          controller.enqueue(chunk);
          controller.enqueue(-chunk);
        },
      });
      expect(await numbers().pipeThrough(twice).toArray()).toEqual([1, -1, 2, -2, 3, -3]);
    });

    test('after its input has ended', async () => {
      const web = new TransformStream({
        async flush(controller) {
          await idle();
          controller.enqueue('after');
        },
      });
      const node = new PassThrough({
        ...objects,
        flush(done) {
          setImmediate(() => done(null, 'after'));
        },
      });
      expect(await numbers().pipeThrough(web).toArray()).toEqual([1, 2, 3, 'after']);
      expect(await numbers().pipeThrough(node).toArray()).toEqual([1, 2, 3, 'after']);
    });
  });

  describe('ends with the output of the transform, and closes the source', () => {
    const terminating = (strategy: QueuingStrategy = {}) =>
      new TransformStream<number, number>(
        {
          transform(chunk, controller) {
            controller.enqueue(chunk);
            if (chunk === 3) controller.terminate();
          },
        },
        strategy,
        strategy,
      );

    test('when it terminates', async () => {
      const probe = new Probe();
      expect(await probe.stream.pipeThrough(terminating()).toArray()).toEqual([1, 2, 3]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('when it terminates at the last element', async () => {
      expect(
        await numbers()
          .pipeThrough(terminating({ highWaterMark: 9 }))
          .toArray(),
      ).toEqual([1, 2, 3]);
    });

    test('after what it holds, when the consumer is slow', async () => {
      const slow = new Probe().stream.pipeThrough(terminating({ highWaterMark: 9 })).tap(() => idle().then(idle));
      expect(await slow.toArray()).toEqual([1, 2, 3]);
    });

    test('when a Duplex ends its readable side', async () => {
      const probe = new Probe();
      const duplex = new Transform({
        ...objects,
        transform(chunk: number, _, done) {
          this.push(chunk === 3 ? null : chunk);
          if (chunk < 3) done();
        },
      });
      expect(await probe.stream.pipeThrough(duplex).toArray()).toEqual([1, 2]);
      expect([probe.closed, probe.faults(), duplex.destroyed]).toEqual([1, [], true]);
    });

    test('if it never takes the end of its input', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
      try {
        const log: string[] = [];
        const duplex = Duplex.from(async function* (input: AsyncIterable<number>) {
          for await (const value of input) {
            yield value;
            if (value === 3) return;
          }
        });
        const run = numbers()
          .pipeThrough(duplex as NodeDuplex<number>)
          .tap({ next: (value) => void log.push(`${value}`), complete: () => void log.push('end') })
          .drain();
        await until(() => log.length === 3 && duplex.writableEnded);
        await idle();
        expect(log).toEqual(['1', '2', '3']);
        await jest.advanceTimersByTimeAsync(1000);
        await run;
        expect([log.at(-1), duplex.destroyed, jest.getTimerCount()]).toEqual(['end', true, 0]);
      } finally {
        jest.useRealTimers();
      }
    });

    test('while the source is stuck', async () => {
      const probe = new Probe({ stuckAt: 1 });
      const ended = pair({}, { start: (controller) => controller.close() });
      expect(await probe.stream.pipeThrough(ended).toArray()).toEqual([]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });
  });

  describe('fails once, with the very error', () => {
    const failing = (at: number) => (chunk: number) => {
      if (chunk === at) throw wanted;
    };
    const transforms: Record<string, () => any> = {
      'of the start': () => new TransformStream({ start: () => Promise.reject(wanted) }),
      'of a write': () => new TransformStream({ transform: failing(2) }),
      'of the last write': () => new TransformStream({ transform: failing(3) }),
      'of the last write, with room for more': () =>
        new TransformStream({ transform: failing(3) }, { highWaterMark: 9 }),
      'of the flush': () => new TransformStream({ flush: () => Promise.reject(wanted) }),
      'of a writable side whose output is silent': () => pair({ write: failing(2) }),
      'of a writable side, and then that of the readable side': () => {
        let output!: ReadableStreamDefaultController;
        const write = (chunk: number) => {
          if (chunk === 2) output.error(new Error('second'));
          failing(2)(chunk);
        };
        return pair({ write }, { start: (controller) => void (output = controller) });
      },
      'of a writable side that fails to close': () => pair({ close: () => Promise.reject(wanted) }),
      'of a writable side that fails after the output has ended': () => {
        let output!: ReadableStreamDefaultController;
        return pair(
          {
            async close() {
              output.close();
              await idle();
              throw wanted;
            },
          },
          { start: (controller) => void (output = controller) },
        );
      },
      'of a writable side that fails to close, before the output ends': () => {
        let output!: ReadableStreamDefaultController;
        const endLater = async () => {
          await microtasks(9);
          output.close();
        };
        return pair(
          {
            close() {
              void endLater();
              return Promise.reject(wanted);
            },
          },
          { start: (controller) => void (output = controller) },
        );
      },
      'of a readable side': () => pair({}, { pull: () => Promise.reject(wanted) }),
      'of a Duplex': () => new Transform({ ...objects, transform: (_chunk, _, done) => done(wanted) }),
      'of a Duplex that throws': () =>
        new Transform({
          ...objects,
          transform(chunk, _, done) {
            failing(2)(chunk as number);
            done(null, chunk);
          },
        }),
      'of a Duplex at its end': () => new PassThrough({ ...objects, flush: (done) => done(wanted) }),
      'of a Duplex after its output has ended': () =>
        new Duplex({
          ...objects,
          read: () => undefined,
          write(chunk, _, done) {
            this.push(chunk);
            done();
          },
          final(done) {
            this.push(null);
            setImmediate(() => setImmediate(() => done(wanted)));
          },
        }),
      'of a Duplex that was destroyed before the run': () => new PassThrough(objects),
      'of a Duplex that is destroyed while the source is stuck': () => {
        const duplex = new PassThrough(objects);
        setImmediate(() => duplex.destroy(wanted));
        return duplex;
      },
    };

    test.each(Object.keys(transforms))('%s', async (which) => {
      const length = which.includes('stuck') ? { stuckAt: 2 } : { length: 3 };
      const probe = new Probe(length);
      const transform = transforms[which]!();
      const stream = probe.stream.pipeThrough(transform);
      if (which.includes('before the run')) transform.destroy(wanted);
      await idle();
      expect(await outcomeOf(() => stream.drain())).toStrictEqual({
        error: wanted,
      });
      expect(probe.faults()).toEqual([]);
    });

    test('of a writable side whose output is silent, while the consumer is busy', async () => {
      let output!: ReadableStreamDefaultController;
      const web = pair(
        {
          write(chunk) {
            if (chunk === 2) throw wanted;
            output.enqueue(chunk);
          },
        },
        { start: (controller) => void (output = controller) },
      );
      const busy = async () => {
        await pause(4);
      };
      const probe = new Probe();
      expect(await seenOf(probe.stream.pipeThrough(web).tap(busy))).toStrictEqual({ seen: [1], error: wanted });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test.each([[wanted], [undefined]])(
      'of being destroyed with %p, which the transform does not tell',
      async (error) => {
        const probe = new Probe({ element: (n) => n });
        // Its generator waits for input, so it never closes.
        const duplex = Duplex.from(async function* (input: AsyncIterable<number>) {
          yield* input;
        });
        const slow = probe.stream.tap(idle).pipeThrough(duplex as NodeDuplex<number>);
        const outcome = outcomeOf(() => slow.forEach((value) => value === 2 && void duplex.destroy(error)));
        expect(await outcome).toStrictEqual({ error: error ?? expect.any(DestinationClosedError) });
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      },
    );

    test('of the source, which the transform is told', async () => {
      for (const error of [wanted, undefined, 0]) {
        const reasons: unknown[] = [];
        const web = pair({ abort: (reason) => void reasons.push(reason) });
        const probe = new Probe({ failAt: 2, error });
        expect(await outcomeOf(() => probe.stream.pipeThrough(web).drain())).toStrictEqual({ error });
        expect(reasons).toEqual([error]);
        expect(probe.closed).toBe(0);
      }
      const duplex = new PassThrough(objects);
      const failing = new Probe({ failAt: 2, error: wanted }).stream;
      expect(await outcomeOf(() => failing.pipeThrough(duplex).drain())).toStrictEqual({ error: wanted });
      expect([duplex.errored, duplex.closed]).toEqual([wanted, true]);
    });

    test('of a truncated gzip', async () => {
      const cut = gzipSync('x'.repeat(1000)).subarray(0, 15);
      for (const transform of [createGunzip(), new DecompressionStream('gzip')] as never[]) {
        const outcome = await outcomeOf(() => AsyncStream.of(cut).pipeThrough(transform).drain());
        expect(outcome).toMatchObject({ error: { code: 'Z_BUF_ERROR' } });
      }
    });

    test('of the function that makes it, and closes the source', async () => {
      for (const make of [
        () => Promise.reject(wanted),
        () => {
          throw wanted;
        },
      ] as (() => never)[]) {
        const probe = new Probe({ kind: 'given async iterator' });
        expect(await outcomeOf(() => probe.stream.pipeThrough(make).drain())).toStrictEqual({ error: wanted });
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    });
  });

  describe('aborts the transform and closes the source', () => {
    const leave: Record<string, (stream: AsyncStream<unknown>) => Promise<unknown>> = {
      'when the consumer leaves': (stream) => stream.take(2).drain(),
      'when a later callback fails': (stream) => outcomeOf(() => stream.forEach(() => Promise.reject(wanted))),
      'on an abort': (stream) => {
        const controller = new AbortController();
        const abort = () => controller.abort();
        return outcomeOf(() =>
          stream.tap(() => void setImmediate(abort)).forEach(never, { signal: controller.signal }),
        );
      },
    };

    test('of an HTTP/2 stream that the run does not use, and tells the peer to stop', async () => {
      const codes: number[] = [];
      const stream = Object.assign(new PassThrough(objects), { rstCode: 0, close: (code: number) => codes.push(code) });
      await AsyncStream.range(0).pipeThrough(stream).take(0).drain();
      expect([codes, stream.destroyed]).toEqual([[8], true]);
    });

    test.each(Object.keys(leave))('of web streams, %s', async (how) => {
      const log: string[] = [];
      const input = pair({ abort: () => void log.push('aborted') }, { cancel: () => void log.push('cancelled') });
      const probe = new Probe();
      const output = new TransformStream();
      await leave[how]!(probe.stream.pipeThrough(output).pipeThrough(() => ({ ...input, readable: output2() })));
      expect([log, probe.closed, probe.faults()]).toEqual([['aborted'], 1, []]);
      expect([output.readable.locked, output.writable.locked, input.writable.locked]).toEqual([false, false, false]);

      function output2() {
        return new ReadableStream({ pull: (controller) => controller.enqueue(1) }, { highWaterMark: 0 });
      }
    });

    test.each(Object.keys(leave))('of a Duplex, %s', async (how) => {
      const duplex = new PassThrough(objects);
      const probe = new Probe();
      await leave[how]!(probe.stream.pipeThrough(duplex));
      expect([duplex.closed, probe.closed, probe.faults()]).toEqual([true, 1, []]);
      // The others are those of its own iterator.
      expect(getEventListeners(duplex, 'drain').length).toBe(0);
    });

    test('that was given, also when the run never comes to using it', async () => {
      const duplex = new PassThrough(objects);
      const reasons: unknown[] = [];
      const web = pair({ abort: () => void reasons.push('aborted') }, { cancel: () => void reasons.push('cancelled') });
      expect(await numbers().pipeThrough(duplex).take(0).toArray()).toEqual([]);
      expect(await numbers().pipeThrough(web).take(0).toArray()).toEqual([]);
      expect([duplex.destroyed, reasons]).toEqual([true, ['cancelled', 'aborted']]);
      await numbers().pipeThrough(new TransformStream()).take(0).toArray();
    });

    test('but not a side of it that somebody has locked since', async () => {
      const transform = new TransformStream<number, number>();
      const stream = numbers().pipeThrough(transform);
      const [reader, writer] = [transform.readable.getReader(), transform.writable.getWriter()];
      expect(await stream.take(0).toArray()).toEqual([]);
      const read = reader.read();
      await writer.write(1);
      expect(await read).toEqual({ done: false, value: 1 });
    });

    test('and fails with the error of the abort, if there is no other', async () => {
      const readable = { pull: (controller: ReadableStreamDefaultController) => controller.enqueue(1) };
      const through = () =>
        new Probe({ stuckAt: 1 }).stream.pipeThrough(pair({ abort: () => Promise.reject(wanted) }, readable));
      expect(await outcomeOf(() => through().take(1).drain())).toStrictEqual({ error: wanted });
      const failing = () => Promise.reject(new Error('later'));
      expect(await outcomeOf(() => through().forEach(failing))).toStrictEqual({ error: new Error('later') });
    });

    test('both at the same time: a transform whose abort never settles does not keep the source open', async () => {
      const probe = new Probe();
      const readable = { pull: (controller: ReadableStreamDefaultController) => controller.enqueue(1) };
      const iterator = probe.stream.pipeThrough(pair({ abort: never }, readable))[Symbol.asyncIterator]();
      await iterator.next();
      void iterator.return();
      await idle();
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('but not one that another run is using, when the run never comes to using it', async () => {
      const stream = numbers().pipeThrough<number>(new PassThrough(objects));
      const { seen, outcome } = collecting(stream.tap(() => idle()));
      await idle();
      expect(await stream.take(0).toArray()).toEqual([]);
      expect([await outcome, seen]).toEqual(['ended', [1, 2, 3]]);
    });

    test('that a function promises, when it comes after the consumer has left', async () => {
      const duplex = new PassThrough(objects);
      let make!: (duplex: Duplex) => void;
      const stream = numbers().pipeThrough(() => new Promise<Duplex>((resolve) => (make = resolve)));
      const iterator = stream[Symbol.asyncIterator]();
      void iterator.next();
      await idle();
      await iterator.return();
      make(duplex);
      await idle();
      expect(duplex.destroyed).toBe(true);
    });
  });

  test('does not end the process when the transform fails to close after its end', async () => {
    const transform = new PassThrough({ ...objects, destroy: (_error, done) => void setImmediate(done, wanted) });
    expect(await numbers().pipeThrough(transform).toArray()).toEqual([1, 2, 3]);
    await until(() => transform.closed);
    await idle();
    expect(transform.errored).toBe(wanted);
  });

  test('lets a consumer leave without an error of the source that it has not come to', async () => {
    for (const make of [
      () => new TransformStream<number, number>(),
      () =>
        new TransformStream<number, number>({
          transform(value, controller) {
            if (value === 2) throw new Error('of the transform');
            controller.enqueue(value);
          },
        }),
    ]) {
      for (let turns = 0; turns < 30; turns++) {
        const probe = new Probe({ kind: 'sync iterable', failAt: 2, error: new Error('of the source') });
        const iterator = probe.stream.pipeThrough(make)[Symbol.asyncIterator]();
        expect((await iterator.next()).value).toBe(1);
        await microtasks(turns);
        expect(await iterator.return()).toEqual(DONE);
      }
    }
  });

  describe('waits for the transform: it', () => {
    test('reads one element at a time for a TransformStream whose output nobody reads', async () => {
      const probe = new Probe();
      const iterator = probe.stream.pipeThrough(new TransformStream())[Symbol.asyncIterator]();
      await iterator.next();
      await idle();
      expect(probe.pulled).toBeLessThanOrEqual(3);
      await iterator.return();
    });

    test('writes nothing beyond the high-water mark of a Duplex without a drain', async () => {
      const probe = new Probe();
      let most = 0;
      const duplex: Duplex = new Transform({
        ...objects,
        highWaterMark: 3,
        transform(chunk, _, done) {
          most = Math.max(most, duplex.writableLength);
          setImmediate(done, null, chunk);
        },
      });
      expect(await probe.stream.pipeThrough(duplex).take(20).count()).toBe(20);
      expect(most).toBeLessThanOrEqual(3);
    });
  });

  describe('refuses', () => {
    test('a second run over a transform that was given', async () => {
      for (const transform of [new TransformStream(), new PassThrough(objects)] as never[]) {
        const stream = numbers().pipeThrough(transform);
        await stream.drain();
        for (const run of [
          () => stream.drain(),
          () =>
            numbers()
              .pipeThrough(() => transform)
              .drain(),
        ]) {
          expect(await outcomeOf(run)).toMatchObject({
            error: {
              name: 'StreamConsumedError',
              source: transform,
              message: expect.stringContaining('pass a function that makes a new one'),
            },
          });
        }
        expect(() => stream.retry()).toThrow('can be run only once: pass a function that makes a new one');
      }
    });

    test('a transform that is locked, ended or destroyed', () => {
      const locked = new TransformStream();
      locked.readable.getReader();
      const written = new TransformStream();
      written.writable.getWriter();
      const ended = new PassThrough().end();
      const destroyed = new PassThrough().destroy();
      for (const transform of [locked, written, ended, destroyed] as never[]) {
        expect(() => numbers().pipeThrough(transform)).toThrow(
          /^pipeThrough: transform must be neither locked nor closed, got \[object \w+\]$/,
        );
      }
    });

    test('a promise that was not returned by a function, and takes care of its rejection', async () => {
      const promise = Promise.reject(wanted);
      expect(() => numbers().pipeThrough(promise as never)).toThrow('pipeThrough: transform must be');
      await idle();
    });

    test('the wrong kind from a function, and closes the source', async () => {
      for (const made of [undefined, 'x', new Writable(), {}] as never[]) {
        const probe = new Probe({ kind: 'given async iterator' });
        expect(await outcomeOf(() => probe.stream.pipeThrough(() => made).drain())).toMatchObject({
          error: { name: 'TypeError', message: expect.stringContaining('pipeThrough: transform must be') },
        });
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    });

    test('null as an element for a Node stream', async () => {
      const stream = AsyncStream.of(1, null, 2).pipeThrough(new PassThrough(objects));
      const error = new TypeError('pipeThrough: element must be no null for a Node stream, got null');
      expect(await seenOf(stream)).toMatchObject({ error });
    });
  });

  test('runs the source in the context of the consumer, also when an event of the transform resumes or closes it', async () => {
    const storage = new AsyncLocalStorage<string>();
    const stores = new Set<unknown>();
    const source = async function* () {
      try {
        for (let n = 1; ; n++) {
          stores.add(storage.getStore());
          yield n;
          await idle();
        }
      } finally {
        stores.add(storage.getStore());
      }
    };
    const duplex = storage.run('maker', () => new PassThrough({ ...objects, highWaterMark: 1 }));
    const run = storage.run('consumer', () => outcomeOf(() => AsyncStream.from(source).pipeThrough(duplex).drain()));
    await idle();
    storage.run('destroyer', () => duplex.destroy(wanted));
    expect(await run).toStrictEqual({ error: wanted });
    expect([...stores]).toEqual(['consumer']);
  });
});
