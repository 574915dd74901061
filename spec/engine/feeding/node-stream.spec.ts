import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, get, type IncomingMessage, request } from 'node:http';
import { connect, constants, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Duplex, PassThrough, pipeline, Readable, type ReadableOptions, Transform } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { readBatches } from '../../../lib/engine/feeding/node-stream.ts';
import { AsyncStream, StreamConsumedError } from '../../../lib/index.ts';
import { DONE } from '../../support/iterators.ts';
import { idle, outcomeOf, seenOf, until } from '../../support/turns.ts';

const wanted = new Error('wanted');

/** Gives the chunks one by one, in a later turn each, and then does what comes last. */
function slowly(chunks: readonly unknown[], last: (stream: Readable) => void, options: ReadableOptions = {}): Readable {
  const rest = [...chunks];
  return new Readable({
    objectMode: true,
    ...options,
    read() {
      setImmediate(() => (rest.length > 0 ? this.push(rest.shift()) : last(this)));
    },
  });
}

/** Has the chunks in its buffer, and then does what comes last. */
function atOnce(chunks: readonly unknown[], last: (stream: Readable) => void, options: ReadableOptions = {}): Readable {
  const stream = new Readable({ objectMode: true, highWaterMark: 100, read() {}, ...options });
  for (const chunk of chunks) stream.push(chunk);
  last(stream);
  return stream;
}

const end = (stream: Readable) => void stream.push(null);
const thisFile = fileURLToPath(import.meta.url);

/** Ways in which a stream may come to its end, or be left by its reader. */
const courses: Record<string, () => Readable> = {
  'an array': () => Readable.from([1, 2, 3]),
  'an empty array': () => Readable.from([]),
  'a generator that fails': () =>
    Readable.from(
      (function* () {
        yield 1;
        throw wanted;
      })(),
    ),
  'falsy chunks': () => Readable.from([0, '', false, undefined, NaN, 0n]),
  'falsy chunks that come slowly': () => slowly([0, '', false, undefined, NaN, 0n], end),
  'chunks from its buffer': () => atOnce([1, 2, 3], end),
  'chunks that come slowly': () => slowly([1, 2, 3], end),
  'a buffer that holds one chunk': () => slowly([1, 2, 3], end, { highWaterMark: 1 }),
  'a buffer that holds nothing': () => slowly([1, 2, 3], end, { highWaterMark: 0 }),
  'bytes in one buffer': () => atOnce([Buffer.from('ab'), Buffer.from('c')], end, { objectMode: false }),
  'strings of bytes that cut a character': () =>
    slowly([Buffer.from([0x61, 0xc3]), Buffer.from([0xa9])], end, { objectMode: false }).setEncoding('utf8'),
  'what was written to a PassThrough': () => {
    const through = new PassThrough({ objectMode: true });
    through.write(1);
    through.end(2);
    return through;
  },
  'what a Transform makes at its end': () => {
    const through = new Transform({
      transform: (_chunk, _encoding, done) => done(),
      flush: (done) => done(null, 'end'),
    });
    through.end('x');
    return through;
  },
  'an error after chunks': () => slowly([1, 2], (stream) => stream.destroy(wanted)),
  'an error while chunks are in its buffer': () => atOnce([1, 2], (stream) => void stream.destroy(wanted)),
  'an error at once': () => slowly([], (stream) => stream.destroy(wanted)),
  'an error from its read()': () =>
    new Readable({
      read() {
        throw wanted;
      },
    }),
  'an error from its construct()': () => new Readable({ construct: (done) => done(wanted), read() {} }),
  'an error from its destroy()': () =>
    slowly([1], (stream) => stream.destroy(), { destroy: (_error, done) => done(wanted) }),
  'an error that is emitted by hand': () => slowly([1], (stream) => stream.emit('error', wanted)),
  'an error that is emitted by hand while chunks are in its buffer': () =>
    atOnce([1, 2], (stream) => process.nextTick(() => stream.emit('error', wanted))),
  'an error of a stream that is not destroyed by errors': () =>
    slowly([1], (stream) => stream.emit('error', wanted), { autoDestroy: false }),
  'an end of a stream that is not destroyed by its end': () => slowly([1], end, { autoDestroy: false }),
  'an end of a stream that does not tell that it closes': () => slowly([1], end, { emitClose: false }),
  'an error of a stream that does not tell that it closes': () =>
    slowly([1], (stream) => stream.destroy(wanted), { emitClose: false }),
  'an end that comes after an error': () =>
    slowly([1], (stream) => {
      stream.destroy(wanted);
      stream.push(null);
    }),
  'an error of closing after the end': () => slowly([1], end, { destroy: (_error, done) => done(wanted) }),
  'an early close': () => slowly([1, 2], (stream) => stream.destroy()),
  'an early close while chunks are in its buffer': () => atOnce([1, 2], (stream) => stream.destroy()),
  'an error before anybody reads': () => {
    const stream = new Readable({ read() {} });
    stream.on('error', () => {});
    return stream.destroy(wanted);
  },
  'a Duplex of which only the readable side ends': () =>
    new Duplex({
      read() {
        this.push(null);
      },
    }),
  'a file': () => createReadStream(thisFile, { highWaterMark: 1000 }),
  'a part of a file as strings': () => createReadStream(thisFile, { encoding: 'utf8', end: 99 }),
  'a file that is not there': () => createReadStream(`${thisFile}.not`),
  'a file whose signal aborts': () => {
    const controller = new AbortController();
    const stream = createReadStream(thisFile, { highWaterMark: 10, signal: controller.signal });
    stream.once('readable', () => controller.abort());
    return stream;
  },
  'a stream whose iterator was replaced': () => {
    const stream = atOnce([1, 2, 3], end);
    const replaced = async function* () {
      for await (const chunk of stream.iterator()) yield [chunk];
    };
    return Object.assign(stream, { [Symbol.asyncIterator]: replaced });
  },
  'a pipeline that fails': () =>
    pipeline(
      slowly([1, 2], (stream) => stream.destroy(wanted)),
      new PassThrough({ objectMode: true }),
      () => {},
    ) as PassThrough,
};

/** Where closing goes wrong: their iterator keeps that to itself when it is left. */
const failToClose = [
  'an error from its destroy()',
  'an error of closing after the end',
  'an error that is emitted by hand while chunks are in its buffer',
];

/** What comes of it, and whether it is destroyed then. Each stream is made when it is read: it may fail at once. */
async function courseOf(make: () => Readable, read: (stream: Readable) => Promise<object>) {
  const stream = make();
  const outcome = await read(stream);
  await idle();
  return { outcome, isWanted: 'error' in outcome && outcome.error === wanted, destroyed: stream.destroyed };
}

async function firstOf(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const value of stream) return value;
  return 'nothing';
}

/** How many listen, event by event. */
const listeners = (stream: Readable) =>
  Object.fromEntries(stream.eventNames().map((event) => [event, stream.listenerCount(event)]));

describe('a Node Readable', () => {
  describe('gives what its own iterator gives', () => {
    test.each(Object.keys(courses))('of %s', async (course) => {
      const make = courses[course]!;
      const expected = await courseOf(make, seenOf);
      expect(await courseOf(make, (stream) => seenOf(AsyncStream.from(stream)))).toEqual(expected);
    });

    test.each(Object.keys(courses).filter((course) => !failToClose.includes(course)))(
      'of %s, when only the first is wanted',
      async (course) => {
        const make = courses[course]!;
        const expected = await courseOf(make, (stream) => outcomeOf(() => firstOf(stream)));
        expect(await courseOf(make, (stream) => outcomeOf(() => firstOf(AsyncStream.from(stream))))).toEqual(expected);
      },
    );
  });

  describe('that has come to its end before the run', () => {
    test('is refused when it was read to its end, and not taken for an empty one', async () => {
      const stream = Readable.from([1, 2]);
      await stream.toArray();
      const run = AsyncStream.from(stream).toArray();
      await expect(run).rejects.toBeInstanceOf(StreamConsumedError);
      await expect(run).rejects.toMatchObject({
        source: stream,
      });
    });

    test('is refused when another run has read it', async () => {
      const stream = Readable.from([1, 2]);
      expect(await AsyncStream.from(stream).toArray()).toEqual([1, 2]);
      await expect(AsyncStream.from(stream).toArray()).rejects.toBeInstanceOf(StreamConsumedError);
    });

    test.each([true, false])('fails when it was destroyed, with emitClose %p', async (emitClose) => {
      const stream = atOnce([1], (stream) => stream.destroy(), { emitClose });
      await idle();
      expect(await seenOf(AsyncStream.from(stream))).toMatchObject({
        seen: [],
        error: { code: 'ERR_STREAM_PREMATURE_CLOSE' },
      });
    });

    test('fails with the error that it had failed with', async () => {
      const stream = new Readable({ read() {} });
      stream.on('error', () => {});
      stream.destroy(wanted);
      await idle();
      expect(await seenOf(AsyncStream.from(stream))).toEqual({ seen: [], error: wanted });
    });

    test('fails with the error that it had failed to close with', async () => {
      const stream = atOnce([1], end, { destroy: (_error, done) => done(wanted) });
      await expect(seenOf(stream)).resolves.toEqual({ seen: [1], error: wanted });
      expect(stream.readableEnded).toBe(true);
      expect(await seenOf(AsyncStream.from(stream))).toEqual({ seen: [], error: wanted });
    });
  });

  describe('that is read', () => {
    test('is not touched before the run', async () => {
      const log: string[] = [];
      const stream = new Readable({ read: () => void log.push('read') });
      AsyncStream.from(stream).map((chunk: unknown) => chunk);
      await idle();
      expect(log).toEqual([]);
      expect(listeners(stream)).toEqual({ error: 1, close: 1 });
      stream.destroy();
      await once(stream, 'close');
      expect(listeners(stream)).toEqual({});
    });

    test('gives up a chunk only when it is asked for', async () => {
      const stream = atOnce(['a', 'b', 'c'], end);
      const iterator = AsyncStream.from(stream)[Symbol.asyncIterator]();
      const left: unknown[] = [];
      for (let result = await iterator.next(); !result.done; result = await iterator.next()) {
        await idle();
        left.push([result.value, stream.readableLength]);
      }
      expect(left).toEqual([
        ['a', 2],
        ['b', 1],
        ['c', 0],
      ]);
    });

    test('makes one promise for all that it has, and for what comes while that is taken', async () => {
      const stream = atOnce(['a', 'b'], () => {});
      const batches = readBatches(stream);
      const taken: unknown[] = [];
      for (const chunk of (await batches.next()).value as Iterable<unknown>) {
        taken.push(chunk);
        if (chunk === 'b') stream.push('c');
      }
      expect(taken).toEqual(['a', 'b', 'c']);
      const next = batches.next();
      for (const chunk of ['d', 'e', null]) stream.push(chunk);
      expect([...((await next).value as Iterable<unknown>)]).toEqual(['d', 'e']);
      expect(await batches.next()).toEqual(DONE);
    });

    test('gives no more of its buffer when it is destroyed', async () => {
      const stream = atOnce([1, 2, 3], () => {});
      const seen: unknown[] = [];
      const run = AsyncStream.from(stream).forEach((value) => {
        seen.push(value);
        stream.destroy(wanted);
      });
      await expect(run).rejects.toBe(wanted);
      expect(seen).toEqual([1]);
    });

    test('fails when it is destroyed while it is waited for', async () => {
      const stream = new Readable({ read() {} });
      const next = AsyncStream.from(stream)[Symbol.asyncIterator]().next();
      await idle();
      stream.destroy();
      await expect(next).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    });

    test('is closed when the run has come to its end', async () => {
      const stream = createReadStream(thisFile);
      await AsyncStream.from(stream).drain();
      expect(stream.closed).toBe(true);
    });
  });

  describe('that is left before its end', () => {
    /** Takes some turns to close, and keeps a log of it. */
    function closingSlowly(log: string[], options: ReadableOptions = {}): Readable {
      const stream = atOnce([1, 2, 3], end, {
        destroy(error, done) {
          log.push('destroy');
          setImmediate(() => {
            log.push('closed');
            done(error);
          });
        },
        ...options,
      });
      return stream;
    }

    test('is destroyed, and waited for until it is closed', async () => {
      const log: string[] = [];
      const stream = closingSlowly(log);
      expect(await AsyncStream.from(stream).take(1).toArray()).toEqual([1]);
      log.push('done');
      expect(log).toEqual(['destroy', 'closed', 'done']);
    });

    test('is destroyed when a callback throws, whose error counts', async () => {
      const stream = atOnce([1, 2, 3], end, { destroy: (_error, done) => done(new Error('late')) });
      const run = AsyncStream.from(stream).forEach(() => {
        throw wanted;
      });
      await expect(run).rejects.toBe(wanted);
      expect(stream.closed).toBe(true);
    });

    test.each([
      ['at once', (done: () => void) => done()],
      ['later', (done: () => void) => void setImmediate(done)],
    ])('takes an error with which it responds to being destroyed %s for its end', async (_when, go) => {
      const stream = atOnce([1, 2, 3], end, { destroy: (_error, done) => go(() => done(wanted)) });
      expect(await AsyncStream.from(stream).first()).toBe(1);
      expect(stream.closed).toBe(true);
    });

    test.each([false, true])(
      'while it is read: is waited for until it is closed only with settle: %p',
      async (settle) => {
        const stream = slowly([1], () => {}, { destroy: (error, done) => void setTimeout(done, 300, error) });
        const elements = AsyncStream.of(1).flatMap(() => stream, { concurrency: 2, settle });
        expect(await elements.tap(idle).take(1).toArray()).toEqual([1]);
        expect(stream.closed).toBe(settle);
      },
    );

    test('is not waited for without end', async () => {
      const leave = async (count: number) => {
        const stream = atOnce([1, 2, 3], end, { destroy: () => undefined });
        expect(await AsyncStream.from(stream).take(count).count()).toBe(count);
        expect([stream.destroyed, stream.closed]).toEqual([true, false]);
      };
      // Also if it was never read.
      await Promise.all([leave(1), leave(0)]);
    });

    test('is not waited for when it does not tell that it is closed', async () => {
      const log: string[] = [];
      const stream = closingSlowly(log, { emitClose: false });
      expect(await AsyncStream.from(stream).first()).toBe(1);
      expect(log).toEqual(['destroy']);
      await until(() => stream.closed);
    });

    test('does not end the process when it does not tell that it is closed, and fails later', async () => {
      const stream = atOnce([1, 2], end, {
        emitClose: false,
        destroy: (_error, done) => void setImmediate(() => done(wanted)),
      });
      const failed = once(stream, 'error');
      expect(await AsyncStream.from(stream).first()).toBe(1);
      await expect(failed).resolves.toEqual([wanted]);
    });

    test('is not waited for when it is closed already', async () => {
      const stream = atOnce([1, 2], () => {});
      const iterator = AsyncStream.from(stream)[Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      stream.destroy();
      await once(stream, 'close');
      expect(await iterator.return!()).toEqual(DONE);
    });

    test('is waited for when somebody else is closing it, whose error is not for the run to tell', async () => {
      const stream = atOnce([1, 2], () => {}, { destroy: (error, done) => void setImmediate(() => done(error)) });
      const iterator = AsyncStream.from(stream)[Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      stream.destroy(wanted);
      expect(await iterator.return!()).toEqual(DONE);
      expect(stream.closed).toBe(true);
    });

    test('is destroyed at once while it is waited for, and what waits is told of the end', async () => {
      const stream = new Readable({ read() {} });
      const iterator = AsyncStream.from(stream)[Symbol.asyncIterator]();
      const next = iterator.next();
      await idle();
      expect(await iterator.return!()).toEqual(DONE);
      expect(await next).toEqual(DONE);
      expect(stream.destroyed).toBe(true);
    });

    test('is destroyed when the run never comes to reading it', async () => {
      const streams = [createReadStream(thisFile), createReadStream(thisFile)] as const;
      expect(await AsyncStream.from(streams[0]).take(0).toArray()).toEqual([]);
      await AsyncStream.from(streams[1])[Symbol.asyncIterator]().return!();
      expect(streams.map((stream) => [stream.destroyed, stream.bytesRead])).toEqual([
        [true, 0],
        [true, 0],
      ]);
    });

    describe.each([{}, { emitClose: false }, { autoDestroy: false }, { autoDestroy: false, emitClose: false }])(
      'with the options %j',
      (options) => {
        const listeners = (stream: Readable) =>
          Object.fromEntries(stream.eventNames().map((name) => [name, stream.listenerCount(name)]));

        test('has no listener more after its end than its own iterator leaves', async () => {
          const [stream, own] = [atOnce([1, 2], end, options), atOnce([1, 2], end, options)];
          for await (const _chunk of own);
          await AsyncStream.from(stream).drain();
          await idle();
          expect(listeners(stream)).toEqual(listeners(own));
        });

        test('has no listener more when it was left than its own iterator leaves', async () => {
          const [stream, own] = [atOnce([1, 2], () => {}, options), atOnce([1, 2], () => {}, options)];
          for await (const _chunk of own) break;
          expect(await AsyncStream.from(stream).first()).toBe(1);
          await idle();
          // One that does not say that it is closed may still fail.
          const { error = 0, close = 0, ...others } = listeners(own);
          const watched = options.emitClose === false ? 1 : 0;
          expect(listeners(stream)).toEqual({ error: error + watched, close: close + watched, ...others });
        });
      },
    );

    test('has no listener when it was passed in, was never read and is closed', async () => {
      const stream = createReadStream(thisFile);
      const before = stream.listenerCount('error');
      for (let times = 0; times < 20; times++) AsyncStream.from(stream);
      expect(stream.listenerCount('error')).toBe(before + 1);
      stream.destroy();
      await once(stream, 'close');
      expect([stream.listenerCount('error'), stream.listenerCount('close')]).toEqual([before, 0]);
    });

    test.each([true, false])(
      'does not end the process when it has just failed, with emitClose %p',
      async (emitClose) => {
        const stream = new Readable({ emitClose, read() {} });
        stream.destroy(wanted);
        const elements = AsyncStream.from(stream);
        await idle();
        expect(await seenOf(elements)).toEqual({ seen: [], error: wanted });
      },
    );

    test('does not end the process when it fails and is never read', async () => {
      const stream = createReadStream(`${thisFile}.not`);
      expect(await AsyncStream.from(stream).take(0).toArray()).toEqual([]);
      const [opened, missing] = [createReadStream(thisFile), createReadStream(`${thisFile}.not`)];
      expect(await AsyncStream.concat(opened, missing).take(1).count()).toBe(1);
      expect(opened.closed).toBe(true);
      expect(missing.destroyed).toBe(true);
    });

    test.each([
      ['concat', (...files: Readable[]) => AsyncStream.concat(...files)],
      ['interleave', (...files: Readable[]) => AsyncStream.interleave(...files)],
      ['flatMap', (...files: Readable[]) => AsyncStream.from(files.map((file) => AsyncStream.from(file))).flat()],
    ])('reports in %s the error of a stream that failed before its turn, where it is caught', async (_, combined) => {
      const files = [createReadStream(thisFile), createReadStream(`${thisFile}.not`)];
      await once(files[1]!, 'close').catch(() => undefined);
      const stream = combined(...files);
      const caught: unknown[] = [];
      const chunks = stream.catch((error) => void caught.push(error));
      expect(await chunks.count()).toBeGreaterThan(0);
      expect(caught).toMatchObject([{ code: 'ENOENT' }]);
    });
  });

  test.each([
    ['ended', () => slowly([1, 2], end)],
    ['failed', () => slowly([1, 2], (stream) => stream.destroy(wanted))],
    ['was closed early', () => slowly([1, 2], (stream) => stream.destroy())],
  ])('makes an error harmless that comes after it has %s', async (_how, make) => {
    const stream = make();
    await outcomeOf(() => AsyncStream.from(stream).drain());
    expect(stream.emit('error', new Error('late'))).toBe(true);
  });

  test('lets go of its connection when it is a response that is left', async () => {
    const server = createServer((_request, response) => void Readable.from(forEver()).pipe(response));
    await once(server.listen(0), 'listening');
    server.unref();
    const [response] = (await once(get({ port: (server.address() as AddressInfo).port }), 'response')) as [Readable];
    expect(await AsyncStream.from(response).lines().take(2).toArray()).toEqual(['tick', 'tick']);
    await once(server.close(), 'close');
  });

  /** The ways in which a stream of bytes is left before its end. The first is the model: Node's own loop. */
  const leaving: [how: string, leave: (stream: Readable) => Promise<unknown>][] = [
    [
      'by break in a loop over itself',
      async (stream) => {
        for await (const _chunk of stream) break;
      },
    ],
    ['by an early end of the run', (stream) => AsyncStream.from(stream).first()],
    ['by an error of a callback', (stream) => outcomeOf(() => AsyncStream.from(stream).forEach(fail))],
    [
      'by an abort while it is silent',
      async (stream) => {
        const controller = new AbortController();
        const { signal } = controller;
        const run = AsyncStream.from(stream).forEach(() => void setImmediate(() => controller.abort(wanted)), {
          signal,
        });
        await expect(run).rejects.toBe(wanted);
      },
    ],
    [
      'as the resource of a run',
      (stream) =>
        AsyncStream.using(
          () => stream,
          () => [1],
        ).toArray(),
    ],
  ];
  const fail = () => {
    throw wanted;
  };

  test.each(leaving)('leaves the connection of a request to the response when it is left %s', async (_how, leave) => {
    const server = createServer((incoming, response) => {
      const { remoteAddress } = incoming.socket;
      void leave(incoming).then(() => {
        response.statusCode = 413;
        response.end(String(incoming.destroyed && remoteAddress === '127.0.0.1'));
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const outgoing = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'POST' });
    outgoing.write('the first of many chunks');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect([response.statusCode, await AsyncStream.from(response).decode().join('')]).toEqual([413, 'true']);
    outgoing.destroy();
    // Node keeps a connection for some seconds if its request has not been read.
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  test('keeps the socket of a request that was left, for those who ask for the address of the client', async () => {
    const server = createServer((incoming, response) => {
      void AsyncStream.from(incoming)
        .first()
        .then(() => response.end(incoming.socket.remoteAddress));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const outgoing = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'POST' });
    outgoing.write('x');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(await AsyncStream.from(response).decode().join('')).toBe('127.0.0.1');
    outgoing.destroy();
    await once(server.close(), 'close');
  });

  test.each(leaving)('tells the peer of an HTTP/2 stream to stop when it is left %s', async (_how, leave) => {
    const server = createHttp2Server();
    const closed = new Promise<number>((resolve) => {
      server.on('stream', (stream) => {
        stream.on('close', () => resolve(stream.rstCode!)).on('error', () => undefined);
        stream.respond();
        stream.write('the first of many chunks');
      });
    });
    await once(server.listen(0), 'listening');
    const client = connect(`http://localhost:${(server.address() as AddressInfo).port}`);
    const outgoing = client.request();
    await once(outgoing, 'response');
    await leave(outgoing);
    expect(await closed).toBe(constants.NGHTTP2_CANCEL);
    client.close();
    server.close();
    await once(server, 'close');
  });
});

function* forEver() {
  for (;;) yield 'tick\n';
}

/** The stream without some of its members, as one of another implementation. */
function without<T extends Readable>(stream: T, ...hidden: readonly string[]): T {
  return new Proxy(stream, {
    get(target, name) {
      if (hidden.includes(String(name))) return undefined;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('a stream of another implementation, with neither listeners() nor states', () => {
  const other = (stream: Readable) => without(stream, 'listeners', '_readableState', '_writableState', 'iterator');

  test('is read', async () => {
    expect(await AsyncStream.from(other(Readable.from([1, 2, 3]))).toArray()).toEqual([1, 2, 3]);
  });

  test('is destroyed when it is left', async () => {
    const stream = Readable.from([1, 2, 3]);
    expect(await AsyncStream.from(other(stream)).first()).toBe(1);
    expect(stream.destroyed).toBe(true);
  });

  test('fails if it had failed and closed before', async () => {
    const stream = new Readable({ read() {} }).on('error', () => {});
    stream.destroy(wanted);
    await once(stream, 'close').catch(() => undefined);
    expect(await seenOf(AsyncStream.from(other(stream)))).toEqual({ seen: [], error: wanted });
  });

  test('is a transform', async () => {
    const double = new Transform({ objectMode: true, transform: (n: number, _, done) => done(null, 2 * n) });
    expect(await AsyncStream.of(1, 2).pipeThrough(without(double, 'iterator')).toArray()).toEqual([2, 4]);
  });

  test('is a transform without read()', async () => {
    const double = new Transform({ objectMode: true, transform: (n: number, _, done) => done(null, 2 * n) });
    expect(await AsyncStream.of(1, 2).pipeThrough(without(double, 'read')).toArray()).toEqual([2, 4]);
  });
});

test.each<[string, object]>([
  ['on()', { readableEnded: false }],
  ['readableEnded', { on: () => undefined }],
])('an iterable with read(), but without %s, is no Node stream: its iterator is used', async (_, members) => {
  const read = () => {
    throw new Error('read');
  };
  const input = { ...members, read, [Symbol.iterator]: () => [1, 2].values() };
  expect(await AsyncStream.from(input).toArray()).toEqual([1, 2]);
});

test('a subclass with an iterator of its own is read and closed by that, also as a transform', async () => {
  const log: unknown[] = [];
  class Doubled extends PassThrough {
    override async *[Symbol.asyncIterator](): AsyncGenerator {
      try {
        for await (const n of this.iterator()) yield 2 * (n as number);
      } finally {
        log.push('closed');
      }
    }
  }
  const doubled = new Doubled({ objectMode: true });
  for (const n of [1, 2, 3]) doubled.write(n);
  const stream = AsyncStream.from(doubled);
  log.push(await stream.take(2).toArray());
  await expect(stream.toArray()).rejects.toBeInstanceOf(StreamConsumedError);
  const transform = () => new Doubled({ objectMode: true });
  log.push(await AsyncStream.of(1, 2, 3).pipeThrough(transform).toArray());
  expect(log).toEqual(['closed', [2, 4], 'closed', [2, 4, 6]]);
});

test('a Duplex is destroyed at the end of its readable side if a loop over it does that: not in Node 24', async () => {
  const ended = () =>
    new Duplex({
      read() {
        this.push(null);
      },
    });
  const [stream, own] = [ended(), ended()];
  for await (const _chunk of own);
  await AsyncStream.from(stream).drain();
  expect(stream.destroyed).toBe(own.destroyed);
});
