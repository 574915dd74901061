import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, get, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, PassThrough, Writable, type WritableOptions } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, DestinationClosedError } from '../../lib/index.ts';
import { never } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, until } from '../support/turns.ts';

const wanted = new Error('wanted');
const EVENTS = ['drain', 'error', 'aborted', 'close', 'finish'];
const numbers = () => AsyncStream.range(1, 4);
const listenersOf = (writable: Writable) => EVENTS.filter((event) => writable.listenerCount(event) > 0);

/** A destination of each kind, which keeps a log of what is done with it. */
const kinds = {
  web(log: unknown[], { write, close }: { write?: (chunk: any) => unknown; close?: () => unknown } = {}) {
    const stream = new WritableStream({
      async write(chunk) {
        await write?.(chunk);
        log.push(chunk);
      },
      async close() {
        await close?.();
        log.push('finished');
      },
      abort: (reason) => void log.push({ reason }),
    });
    return { stream, left: () => (stream.locked ? ['locked'] : []) };
  },
  Node(log: unknown[], { write, close }: { write?: (chunk: any) => unknown; close?: () => unknown } = {}) {
    const settle = (act: () => unknown, done: (error?: Error | null) => void) =>
      void Promise.resolve()
        .then(act)
        .then(() => done(), done);
    const stream = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write: (chunk, _, done) =>
        settle(async () => {
          await write?.(chunk);
          log.push(chunk);
        }, done),
      final: (done) =>
        settle(async () => {
          await close?.();
          log.push('finished');
        }, done),
      destroy(reason, done) {
        if (!stream.writableFinished) log.push({ reason: reason ?? undefined });
        done(reason);
      },
    });
    return { stream, left: () => listenersOf(stream) };
  },
};

describe.each(['web', 'Node'] as const)('pipeTo a %s stream', (kind) => {
  const destination = (...args: Parameters<(typeof kinds)['web']>) => kinds[kind](...args);

  test('resolves when the destination has finished', async () => {
    const log: unknown[] = [];
    const { stream, left } = destination(log, { close: () => idle().then(idle) });
    expect(await numbers().pipeTo(stream)).toBeUndefined();
    expect([log, left()]).toEqual([[1, 2, 3, 'finished'], []]);
  });

  test('resolves for a stream without elements', async () => {
    const log: unknown[] = [];
    await AsyncStream.of().pipeTo(destination(log).stream);
    expect(log).toEqual(['finished']);
  });

  test('resolves with preventClose when all has been written, and leaves it open', async () => {
    const log: unknown[] = [];
    const { stream, left } = destination(log, { write: idle });
    await numbers().pipeTo(stream, { preventClose: true });
    expect([log, left()]).toEqual([[1, 2, 3], []]);
    await AsyncStream.of().pipeTo(stream, { preventClose: true });
    await AsyncStream.of(4).pipeTo(stream);
    expect(log).toEqual([1, 2, 3, 4, 'finished']);
  });

  test('reads the source only while there is room', async () => {
    let release!: () => void;
    const { stream } = destination([], { write: () => new Promise<void>((resolve) => (release = resolve)) });
    const probe = new Probe({ length: 5 });
    const run = probe.stream.pipeTo(stream);
    for (let pulled = 1; pulled <= 5; pulled++) {
      await idle();
      expect(probe.pulled).toBe(pulled);
      release();
    }
    await run;
  });

  test('does not read the source while what was written before takes all the room', async () => {
    const log: unknown[] = [];
    let release!: () => void;
    const { stream } = destination(log, { write: () => new Promise<void>((resolve) => (release = resolve)) });
    if (stream instanceof WritableStream) {
      const writer = stream.getWriter();
      void writer.write(0);
      writer.releaseLock();
    } else {
      stream.write(0);
    }
    const probe = new Probe({ length: 1 });
    const run = probe.stream.pipeTo(stream);
    await idle();
    expect([probe.pulled, log]).toEqual([0, []]);
    release();
    await idle();
    expect([probe.pulled, log]).toEqual([1, [0]]);
    release();
    await run;
    expect(log).toEqual([0, 1, 'finished']);
  });

  test.each([1, 3])('rejects with the error of write %d, and closes the source', async (at) => {
    const fail = (chunk: number) => (chunk === at ? Promise.reject(wanted) : undefined);
    const { stream, left } = destination([], { write: fail });
    const probe = new Probe(at === 3 ? { length: 3 } : {});
    expect(await outcomeOf(() => probe.stream.pipeTo(stream))).toStrictEqual({ error: wanted });
    expect([probe.faults(), left()]).toEqual([[], []]);
  });

  test('rejects with the error of closing', async () => {
    const { stream } = destination([], { close: () => Promise.reject(wanted) });
    expect(await outcomeOf(() => numbers().pipeTo(stream))).toStrictEqual({ error: wanted });
  });

  test('rejects with the error of the source, and tells the destination', async () => {
    const log: unknown[] = [];
    const { stream, left } = destination(log);
    const probe = new Probe({ failAt: 2, error: wanted });
    expect(await outcomeOf(() => probe.stream.pipeTo(stream))).toStrictEqual({ error: wanted });
    expect([log, left(), probe.closed]).toEqual([[1, { reason: wanted }], [], 0]);
  });

  test('leaves it open after an error with preventAbort', async () => {
    const log: unknown[] = [];
    const { stream, left } = destination(log);
    const failing = new Probe({ failAt: 2, error: wanted }).stream;
    expect(await outcomeOf(() => failing.pipeTo(stream, { preventAbort: true }))).toStrictEqual({ error: wanted });
    expect(left()).toEqual([]);
    await AsyncStream.of(2).pipeTo(stream);
    expect(log).toEqual([1, 2, 'finished']);
  });

  test('rejects with the reason of an abort while the source is stuck, and tells the destination', async () => {
    const log: unknown[] = [];
    const controller = new AbortController();
    const { stream, left } = destination(log);
    const probe = new Probe({ stuckAt: 2 });
    const run = outcomeOf(() => probe.stream.pipeTo(stream, { signal: controller.signal }));
    await until(() => probe.stuck);
    controller.abort(wanted);
    expect(await run).toStrictEqual({ error: wanted });
    expect([log, left(), probe.closed]).toEqual([[1, { reason: wanted }], [], 1]);
  });

  test('rejects with the reason of an abort while a write is stuck', async () => {
    const controller = new AbortController();
    const { stream, left } = destination([], { write: () => new Promise(() => undefined) });
    const probe = new Probe();
    const run = outcomeOf(() => probe.stream.pipeTo(stream, { signal: controller.signal }));
    await idle();
    controller.abort(wanted);
    expect(await run).toStrictEqual({ error: wanted });
    expect([probe.closed, probe.faults(), left()]).toEqual([1, [], []]);
  });

  test('rejects with the reason of an abort after the source has failed, while a write lasts', async () => {
    const controller = new AbortController();
    const log: unknown[] = [];
    let finish!: () => void;
    const { stream, left } = destination(log, { write: () => new Promise<void>((resolve) => (finish = resolve)) });
    const probe = new Probe({ failAt: 2, error: new Error('source') });
    const run = outcomeOf(() => probe.stream.pipeTo(stream, { signal: controller.signal }));
    await idle();
    controller.abort(wanted);
    await idle();
    finish();
    expect(await run).toStrictEqual({ error: wanted });
    await idle();
    // Told once, and not of the error of the source as well.
    expect([log.filter((entry) => typeof entry === 'object'), left()]).toEqual([[{ reason: wanted }], []]);
  });

  test('tells the destination of a signal that has aborted before', async () => {
    const log: unknown[] = [];
    const { stream, left } = destination(log);
    const probe = new Probe();
    const run = () => probe.stream.pipeTo(stream, { signal: AbortSignal.abort(wanted) });
    expect(await outcomeOf(run)).toStrictEqual({ error: wanted });
    expect([log, left(), probe.log]).toEqual([[{ reason: wanted }], [], []]);
  });

  test('leaves it as it is with preventAbort when the signal has aborted before', async () => {
    const log: unknown[] = [];
    const { stream, left } = destination(log);
    const run = () => numbers().pipeTo(stream, { preventAbort: true, signal: AbortSignal.abort(wanted) });
    expect(await outcomeOf(run)).toStrictEqual({ error: wanted });
    expect([log, left()]).toEqual([[], []]);
  });

  test('closes the source also when the abort of the destination never settles', async () => {
    const stream =
      kind === 'web'
        ? new WritableStream({ abort: never })
        : new Writable({ objectMode: true, write: (_chunk, _, done) => done(), destroy: () => undefined });
    const source = new Probe();
    const controller = new AbortController();
    void outcomeOf(() => source.stream.tap(() => idle()).pipeTo(stream, { signal: controller.signal }));
    await until(() => source.pulled > 1);
    controller.abort(wanted);
    await until(() => source.closed > 0);
    expect([source.closed, source.faults()]).toEqual([1, []]);
  });

  test('lets timers and I/O have their turn', async () => {
    let over = false;
    const controller = new AbortController();
    setImmediate(() => controller.abort(wanted));
    const room = { highWaterMark: 1e9 };
    const always =
      kind === 'web'
        ? new WritableStream({}, room)
        : new Writable({ ...room, objectMode: true, write: (_chunk, _, done) => done() });
    const run = outcomeOf(() => AsyncStream.range(0).pipeTo(always, { signal: controller.signal }));
    expect(await run.finally(() => (over = true))).toStrictEqual({ error: wanted });
    expect(over).toBe(true);
  });

  test('closes the source in the context of the caller when the destination fails', async () => {
    const storage = new AsyncLocalStorage<string>();
    let store: unknown;
    const log: unknown[] = [];
    let fail!: (error: Error) => void;
    const { stream } = storage.run('maker', () =>
      destination(log, { write: () => new Promise((_, reject) => (fail = reject)) }),
    );
    const source = AsyncStream.range(0).finally(() => (store = storage.getStore()));
    const run = storage.run('caller', () => outcomeOf(() => source.pipeTo(stream)));
    await idle();
    storage.run('failing', () => fail(wanted));
    expect([await run, store]).toEqual([{ error: wanted }, 'caller']);
  });
});

describe('pipeTo', () => {
  test('writes nothing beyond the high-water mark without a drain', async () => {
    let most = 0;
    const writable = new Writable({
      objectMode: true,
      highWaterMark: 3,
      write: (_chunk, _, done) => setImmediate(done),
    });
    const write = writable.write.bind(writable) as (...args: unknown[]) => boolean;
    writable.write = (...args: unknown[]) => {
      const room = write(...args);
      most = Math.max(most, writable.writableLength);
      return room;
    };
    await AsyncStream.range(0, 20).pipeTo(writable);
    expect(most).toBe(3);
  });

  test('resolves with preventClose when all has been written, also to a destination that has room for more', async () => {
    const log: unknown[] = [];
    const write = (chunk: unknown) => idle().then(() => void log.push(chunk));
    const node = new Writable({ objectMode: true, write: (chunk, _, done) => void write(chunk).then(() => done()) });
    await numbers().pipeTo(node, { preventClose: true });
    expect(log.splice(0)).toEqual([1, 2, 3]);
    await numbers().pipeTo(new WritableStream({ write }, { highWaterMark: 9 }), { preventClose: true });
    expect(log).toEqual([1, 2, 3]);
  });

  test('waits for the abort of a web stream that is not writing', async () => {
    const log: unknown[] = [];
    const aborted = new WritableStream({ abort: () => idle().then(() => void log.push('aborted')) });
    const failing = new Probe({ failAt: 3, error: wanted }).stream;
    expect(await outcomeOf(() => failing.tap(() => idle()).pipeTo(aborted))).toStrictEqual({ error: wanted });
    expect(log).toEqual(['aborted']);
  });

  test('takes any object with the methods of a Writable', async () => {
    const log: unknown[] = [];
    const emitter = new EventEmitter();
    const writable = Object.assign(emitter, {
      write: (chunk: unknown, done: () => void) => (log.push(chunk), done(), true),
      end: () => emitter.emit('finish'),
      destroy: (reason: unknown) => log.push({ reason }),
    });
    await numbers().pipeTo(writable);
    expect(await outcomeOf(() => new Probe({ failAt: 2, error: wanted }).stream.pipeTo(writable))).toStrictEqual({
      error: wanted,
    });
    expect(log).toEqual([1, 2, 3, 1, { reason: wanted }]);
    for (const method of ['write', 'end', 'destroy', 'on'])
      expect(() =>
        numbers().pipeTo(Object.assign(Object.create(writable) as typeof writable, { [method]: 1 })),
      ).toThrow('pipeTo: destination must be a WritableStream or a Node Writable, got ');
  });

  describe.each([2, 0])('a stream whose write() has %i parameters, and calls nobody back,', (parameters) => {
    /** As the middleware `compression` of Express replaces the `write` of a response. */
    function deaf(written: unknown[]): Writable {
      const stream = new Writable({
        objectMode: true,
        highWaterMark: 2,
        write: (chunk, _encoding, done) => {
          written.push(chunk);
          setImmediate(done);
        },
      });
      const { write } = stream;
      stream.write =
        parameters === 2
          ? (chunk: unknown, _encoding: unknown) => write.call(stream, chunk, 'utf8')
          : (...[chunk]: unknown[]) => write.call(stream, chunk, 'utf8');
      return stream;
    }

    test('ends with its elements', async () => {
      const written: unknown[] = [];
      const stream = deaf(written);
      await numbers().pipeTo(stream);
      expect([written, stream.closed]).toEqual([[1, 2, 3], true]);
    });

    test('stays open with preventClose', async () => {
      const written: unknown[] = [];
      const stream = deaf(written);
      await numbers().pipeTo(stream, { preventClose: true });
      await AsyncStream.of(4).pipeTo(stream);
      expect(written).toEqual([1, 2, 3, 4]);
    });

    test('is destroyed with the error of the source', async () => {
      const stream = deaf([]);
      const outcome = await outcomeOf(() => new Probe({ failAt: 3, error: wanted }).stream.pipeTo(stream));
      expect([outcome, stream.errored]).toStrictEqual([{ error: wanted }, wanted]);
    });
  });

  test('resolves when a file has been closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'asyncstream-'));
    try {
      const file = createWriteStream(join(folder, 'file'));
      await AsyncStream.of('a', 'b').pipeTo(file);
      expect([file.closed, await readFile(join(folder, 'file'), 'utf8')]).toEqual([true, 'ab']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('rejects with the error of a file that cannot be opened', async () => {
    const file = createWriteStream(join(tmpdir(), 'asyncstream', 'no', 'such', 'folder'));
    const probe = new Probe({ stuckAt: 1 });
    expect(await outcomeOf(() => probe.stream.pipeTo(file))).toMatchObject({ error: { code: 'ENOENT' } });
    expect([probe.closed, listenersOf(file)]).toEqual([1, []]);
  });

  test('resolves when the writable side of a Duplex has finished, whose output nobody reads', async () => {
    const duplex = new PassThrough({ objectMode: true });
    await numbers().pipeTo(duplex);
    expect([duplex.writableFinished, duplex.destroyed, duplex.read()]).toEqual([true, false, 1]);
  });

  test.each([
    ['a callback', (lines: AsyncStream<Buffer>) => lines.map(() => Promise.reject(wanted)), wanted],
    ['a stage', (lines: AsyncStream<Buffer>) => lines.timeout(5), expect.objectContaining({ name: 'TimeoutError' })],
  ])('rejects with the error of %s if closing the source closes the destination too', async (_where, build, error) => {
    const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const run = outcomeOf(() => build(AsyncStream.from<Buffer>(() => socket)).pipeTo(socket));
    socket.push('a');
    expect(await run).toStrictEqual({ error });
    expect(socket.destroyed).toBe(true);
  });

  test('rejects when the destination closes early, while the source is stuck', async () => {
    const writable = new Writable({ write: () => undefined });
    const probe = new Probe({ stuckAt: 1 });
    const run = outcomeOf(() => probe.stream.pipeTo(writable));
    await until(() => probe.stuck);
    writable.destroy();
    const error = new DestinationClosedError();
    expect(await run).toStrictEqual({ error });
    expect(error.message).toMatch(/^the destination closed before all elements were written \(see /);
    expect([probe.closed, probe.faults(), listenersOf(writable)]).toEqual([1, [], []]);
  });

  test.each([{}, { autoDestroy: false }, { emitClose: false }])(
    'rejects when another writer ends the destination while it is full, with %j',
    async (options) => {
      const stream = new Writable({
        objectMode: true,
        highWaterMark: 1,
        ...options,
        write: (_chunk, _encoding, done) => void setImmediate(done),
      });
      const probe = new Probe();
      const run = outcomeOf(() => probe.stream.pipeTo(stream));
      await until(() => stream.writableNeedDrain);
      stream.end();
      expect(await run).toStrictEqual({ error: expect.any(DestinationClosedError) });
      expect([probe.closed, probe.faults(), listenersOf(stream)]).toEqual([1, [], []]);
    },
  );

  const stuck: Record<string, () => Writable> = {
    'a web stream whose write never settles': () =>
      Writable.fromWeb(new WritableStream({ write: () => new Promise(() => undefined) }), { objectMode: true }),
    'a Writable that is never opened': () => new Writable({ construct: () => undefined, write: () => undefined }),
    'a Writable whose destroy() waits for a write': () =>
      new Writable({ objectMode: true, write: () => undefined, destroy: () => undefined }),
  };

  test.each(Object.keys(stuck))('rejects with the reason of an abort over %s', async (which) => {
    const controller = new AbortController();
    const probe = new Probe({ element: String });
    const run = outcomeOf(() => probe.stream.pipeTo(stuck[which]!(), { signal: controller.signal }));
    await idle();
    controller.abort(wanted);
    expect(await run).toStrictEqual({ error: wanted });
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test.each([
    ['while it is full', 9],
    ['after the last write', 1],
  ])('rejects when the destination was destroyed and does not say so: %s', async (_when, length) => {
    for (const error of [wanted, undefined]) {
      let finish!: () => void;
      const stream = new Writable({
        objectMode: true,
        highWaterMark: 2,
        emitClose: false,
        write: (_chunk, _encoding, done) => void (finish ??= done),
      });
      stream.on('error', () => undefined);
      const run = outcomeOf(() => new Probe({ length }).stream.pipeTo(stream));
      await until(() => finish !== undefined);
      await idle();
      stream.destroy(error);
      finish();
      expect(await run).toStrictEqual({ error: error ?? expect.any(DestinationClosedError) });
    }
  });

  const late: Record<string, (fail: (done: (error: Error) => void) => void) => WritableOptions> = {
    'a write': (fail) => ({ write: (_chunk, _encoding, done) => fail(done) }),
    'the end': (fail) => ({ write: (_chunk, _encoding, done) => done(), final: fail }),
  };

  test.each(Object.keys(late))(
    'does not end the process when %s fails after an abort with preventAbort',
    async (what) => {
      const controller = new AbortController();
      let fail!: (error: Error) => void;
      const stream = new Writable({ objectMode: true, ...late[what]!((done) => (fail = done)) });
      const run = outcomeOf(() => numbers().pipeTo(stream, { preventAbort: true, signal: controller.signal }));
      await until(() => fail !== undefined);
      controller.abort(wanted);
      expect(await run).toStrictEqual({ error: wanted });
      fail(new Error('late'));
      await until(() => stream.closed);
      expect(stream.errored).toEqual(new Error('late'));
    },
  );

  test('rejects for a web stream that has been closed before', async () => {
    const closed = new WritableStream();
    await closed.close();
    for (const kind of ['async iterable', 'async generator', 'sync iterable'] as const) {
      const probe = new Probe({ kind, length: 3 });
      expect(await outcomeOf(() => probe.stream.pipeTo(closed))).toStrictEqual({ error: new DestinationClosedError() });
      expect([probe.pulled, probe.faults(), closed.locked]).toEqual([0, [], false]);
    }
  });

  test('rejects with the error of a web stream that has failed before, or fails while the source is stuck', async () => {
    const failed = new WritableStream({ start: (controller) => controller.error(wanted) });
    const unread = new Probe();
    expect(await outcomeOf(() => unread.stream.pipeTo(failed))).toStrictEqual({ error: wanted });
    expect([unread.pulled, unread.faults()]).toEqual([0, []]);
    const probe = new Probe({ stuckAt: 1 });
    let controller!: WritableStreamDefaultController;
    const failing = new WritableStream({ start: (given) => void (controller = given) });
    const run = outcomeOf(() => probe.stream.pipeTo(failing));
    await until(() => probe.stuck);
    controller.error(wanted);
    expect([await run, probe.closed]).toEqual([{ error: wanted }, 1]);
  });

  test.each([
    ['closed', undefined, new DestinationClosedError()],
    ['failed', wanted, wanted],
  ])(
    'rejects if a Node stream has %s before, as a client may leave before its response',
    async (_how, reason, error) => {
      const writable = new PassThrough().on('error', () => undefined);
      writable.destroy(reason);
      for (const kind of ['async iterable', 'async generator'] as const) {
        const probe = new Probe({ kind });
        expect(await outcomeOf(() => probe.stream.pipeTo(writable))).toStrictEqual({ error });
        expect([probe.pulled, probe.faults()]).toEqual([0, []]);
      }
    },
  );

  test('refuses at the call what is locked or ended', () => {
    const locked = new WritableStream();
    locked.getWriter();
    for (const given of [locked, new PassThrough().end()]) {
      const probe = new Probe();
      expect(() => probe.stream.pipeTo(given)).toThrow(
        /^pipeTo: destination must be neither locked nor closed, got \[object \w+\]$/,
      );
      expect(probe.log).toEqual([]);
    }
  });

  test('rejects null for a Node stream, which is destroyed', async () => {
    const writable = new PassThrough({ objectMode: true });
    const error = new TypeError('pipeTo: element must be no null for a Node stream, got null');
    expect(await outcomeOf(() => AsyncStream.of(null).pipeTo(writable))).toStrictEqual({ error });
    expect(writable.destroyed).toBe(true);
  });

  test.each([1, 2])('rejects with what a Node stream throws for element %i, and closes both sides', async (failing) => {
    const written: number[] = [];
    const writable = new Writable({
      objectMode: true,
      write(chunk: number, _encoding, callback) {
        if (chunk === failing) throw wanted;
        written.push(chunk);
        callback();
      },
    });
    const probe = new Probe();
    expect(await outcomeOf(() => probe.stream.pipeTo(writable))).toStrictEqual({ error: wanted });
    expect([written, probe.closed, writable.destroyed]).toEqual([[1, 2].slice(0, failing - 1), 1, true]);
    expect(AsyncStream.traceOf(wanted)).toMatchObject({ method: 'pipeTo' });
  });

  test('rejects for an element that a Node stream of bytes does not take', async () => {
    const writable = new PassThrough();
    const outcome = await outcomeOf(() => AsyncStream.of('a', 5).pipeTo(writable));
    expect(outcome).toMatchObject({ error: { code: 'ERR_INVALID_ARG_TYPE' } });
    expect(writable.destroyed).toBe(true);
  });

  test.each(['web', 'Node'])('writes to a slow %s stream what came before an error of the source', async (kind) => {
    const written: unknown[] = [];
    const later = async (chunk: unknown) => {
      await idle();
      written.push(chunk);
    };
    const destination =
      kind === 'web'
        ? new WritableStream({ write: async (chunk) => later(chunk) }, { highWaterMark: 4 })
        : new Writable({
            objectMode: true,
            write: (chunk, _encoding, callback) => void later(chunk).then(() => callback()),
          });
    const error = new Error('source');
    const source = AsyncStream.from(function* () {
      yield* [1, 2, 3];
      throw error;
    });
    expect(await outcomeOf(() => source.pipeTo(destination))).toStrictEqual({ error });
    expect(written).toEqual([1, 2, 3]);
  });

  test('fails where a Node stream is destroyed without an error, and will not say that it is closed', async () => {
    const destination = new Writable({
      objectMode: true,
      emitClose: false,
      write(_chunk, _encoding, callback) {
        destination.destroy();
        callback();
      },
    });
    const outcome = await outcomeOf(() => AsyncStream.of(1, 2).pipeTo(destination));
    expect(outcome).toStrictEqual({ error: new DestinationClosedError() });
  });
});

describe('pipeTo an HTTP response', () => {
  /** What comes of `respond`, and of a client that does something with its answer. */
  async function served<R>(
    respond: (response: ServerResponse) => Promise<R>,
    client: (port: number, server: Server) => unknown,
  ): Promise<R> {
    const server = createServer();
    const responded = new Promise<R>((resolve) => {
      server.on('request', (_, response: ServerResponse) => resolve(respond(response)));
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    try {
      await client((server.address() as AddressInfo).port, server);
      return await responded;
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  test('sends the elements', async () => {
    let text: string | undefined;
    await served(
      (response) => AsyncStream.of('a', 'b').pipeTo(response),
      async (port) => (text = await (await fetch(`http://localhost:${port}`)).text()),
    );
    expect(text).toBe('ab');
  });

  test('notices at once that the client has gone, while the source is stuck', async () => {
    const probe = new Probe({ stuckAt: 2, element: () => 'chunk' });
    const outcome = await served(
      (response) => outcomeOf(() => probe.stream.pipeTo(response)),
      (port) =>
        new Promise<void>((resolve) => {
          const request = get({ port }, (response) => {
            response.on('error', () => undefined);
            response.once('data', () => {
              request.destroy();
              resolve();
            });
          });
        }),
    );
    expect(outcome).toStrictEqual({ error: new DestinationClosedError() });
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('notices that the client has destroyed an HTTP/2 stream that has no room', async () => {
    const server = createHttp2Server();
    const listening = new Promise<void>((resolve) => server.listen(0, resolve));
    let closed = 0;
    const chunks = AsyncStream.from(function* () {
      try {
        for (;;) yield new Uint8Array(100_000);
      } finally {
        closed++;
      }
    });
    const outcome = new Promise((resolve) => {
      server.on('stream', (stream) => {
        stream.respond();
        resolve(outcomeOf(() => chunks.pipeTo(stream)));
      });
    });
    await listening;
    const client = connect(`http://localhost:${(server.address() as AddressInfo).port}`);
    try {
      const request = client.request();
      request.on('response', () => setTimeout(() => request.destroy(), 20));
      expect(await outcome).toStrictEqual({ error: new DestinationClosedError() });
      expect(closed).toBe(1);
    } finally {
      client.destroy();
      server.close();
    }
  });
});
