// Sources as they are met in programs: read to their end, and left early with nothing open.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import { WebSocket, WebSocketServer } from 'ws';
import { AsyncStream } from '../../lib/index.ts';
import { outcomeOf, until } from '../support/turns.ts';

const wanted = new Error('wanted');
const LINES = ['a', 'naïve', 'c'];

let folder: string;
let path: string;
/** More than is read ahead. */
let long: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asyncstream-'));
  path = join(folder, 'lines.txt');
  await writeFile(path, LINES.join('\n'));
  long = join(folder, 'long.txt');
  await writeFile(long, 'line\n'.repeat(100_000));
});

afterAll(() => rm(folder, { recursive: true }));

/** Whether this process has the file open. */
async function isOpen(file: string): Promise<boolean> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => undefined));
  return (await Promise.all(links)).includes(file);
}

/** Each way to leave a stream before its end, after an element. */
const ways: Record<string, (stream: AsyncStream<unknown>) => Promise<unknown>> = {
  take: (stream) => stream.take(1).drain(),
  async break(stream) {
    for await (const _element of stream) break;
  },
  'an error': async (stream) => {
    const fail = () => Promise.reject(wanted);
    expect(await outcomeOf(() => stream.forEach(fail))).toStrictEqual({ error: wanted });
  },
  'an abort': async (stream) => {
    const controller = new AbortController();
    const run = stream.forEach(() => controller.abort(wanted), { signal: controller.signal });
    expect(await outcomeOf(() => run)).toStrictEqual({ error: wanted });
  },
};
const each = test.each(Object.keys(ways));

describe('an HTTP body', () => {
  let server: Server;
  let url: string;
  let left = 0;

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      response.write(`${LINES[0]}\nna`);
      if (incoming.url === '/endless') response.on('close', () => left++);
      else if (incoming.url === '/reset') setImmediate(() => response.destroy());
      else response.end('ïve\nc');
    });
    server.listen(0);
    await once(server, 'listening');
    url = `http://localhost:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const agent = new Agent();
  afterAll(() => agent.destroy());
  const bodies = {
    fetch: async (path: string) => (await fetch(url + path)).body as never,
    undici: async (path: string) => (await request(url + path, { dispatcher: agent })).body,
  };

  describe.each(['fetch', 'undici'] as const)('of %s', (client) => {
    const linesOf = (path: string) => AsyncStream.from<Uint8Array>(() => bodies[client](path)).lines();

    test('is read to its end, each time', async () => {
      const lines = linesOf('/');
      expect([await lines.toArray(), await lines.toArray()]).toEqual([LINES, LINES]);
    });

    each('closes the connection when it is left by %s', async (way) => {
      const before = left;
      await ways[way]!(linesOf('/endless'));
      await until(() => left === before + 1);
    });

    test('fails once when the connection is reset', async () => {
      expect(await outcomeOf(() => linesOf('/reset').toArray())).toMatchObject({ error: { name: expect.any(String) } });
    });
  });
});

describe('the output of a child process', () => {
  const run = (code: string) => spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });

  test('is read to its end', async () => {
    const child = run(`process.stdout.write(${JSON.stringify(LINES.join('\n'))})`);
    expect(await AsyncStream.from(child.stdout).lines().toArray()).toEqual(LINES);
  });

  each('is closed when it is left by %s, which ends a process that goes on writing', async (way) => {
    const child = run('setInterval(() => process.stdout.write("line\\n"), 1)');
    const exited = once(child, 'exit');
    await ways[way]!(AsyncStream.from(child.stdout).lines());
    expect(child.stdout.destroyed).toBe(true);
    // By EPIPE, as nobody reads what it writes.
    await exited;
  });
});

describe('the lines of a file handle', () => {
  const lines = (file: string) =>
    AsyncStream.using(
      () => open(file),
      (handle) => handle.readLines(),
    );

  test('are read to their end, each time', async () => {
    const stream = lines(path);
    expect([await stream.toArray(), await stream.toArray()]).toEqual([LINES, LINES]);
  });

  each('leave no file open when they are left by %s', async (way) => {
    await ways[way]!(lines(long));
    expect(await isOpen(long)).toBe(false);
  });
});

describe('a readline interface', () => {
  // Node leaves the interface and its input open when its iterator is closed.
  const lines = (file: string) =>
    AsyncStream.using(
      () => createReadStream(file),
      (input) => createInterface({ input, crlfDelay: Infinity }),
      async (input) => {
        input.destroy();
        if (!input.closed) await once(input, 'close');
      },
    );

  test('is read to its end, each time', async () => {
    const stream = lines(path);
    expect([await stream.toArray(), await stream.toArray()]).toEqual([LINES, LINES]);
  });

  each('leaves no file open when it is left by %s', async (way) => {
    await ways[way]!(lines(long));
    expect(await isOpen(long)).toBe(false);
  });
});

describe('a MessagePort', () => {
  const messages = (port: EventTarget) =>
    AsyncStream.fromEvent<MessageEvent>(port, 'message', { end: 'close' }).map(({ data }) => data as unknown);

  test('is read until it closes', async () => {
    const { port1, port2 } = new MessageChannel();
    const received = messages(port1 as never).toArray();
    for (const line of LINES) port2.postMessage(line);
    port2.close();
    expect(await received).toEqual(LINES);
  });

  each('has no listener when it is left by %s', async (way) => {
    const { port1, port2 } = new MessageChannel();
    const listeners = new Set<string>();
    const add = port1.addEventListener.bind(port1) as (...args: unknown[]) => void;
    const remove = port1.removeEventListener.bind(port1) as (...args: unknown[]) => void;
    const watched = {
      addEventListener(name: string, listener: unknown) {
        listeners.add(name);
        add(name, listener);
        port1.start();
      },
      removeEventListener(name: string, listener: unknown) {
        listeners.delete(name);
        remove(name, listener);
      },
    };
    const left = ways[way]!(messages(watched as never));
    expect([...listeners]).toEqual(['message', 'close']);
    port2.postMessage('message');
    await left;
    expect([...listeners]).toEqual([]);
    port1.close();
  });
});

describe('a WebSocket', () => {
  let server: WebSocketServer;
  let url: string;

  beforeAll(async () => {
    server = new WebSocketServer({ port: 0 });
    server.on('connection', (socket, { url }) => {
      for (const line of LINES) socket.send(line);
      if (url === '/ends') socket.close();
      if (url === '/fails')
        (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.alloc(9, 0xff));
    });
    await once(server, 'listening');
    url = `ws://localhost:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  /** Opened for each run, and closed with it. */
  const messages = (path: string) =>
    AsyncStream.using(
      () => new WebSocket(url + path),
      (socket) =>
        AsyncStream.fromEvent<MessageEvent>(socket as never, 'message', { end: 'close', error: 'error' }).map(
          ({ data }) => data as string,
        ),
      (socket) => socket.close(),
    );

  test('is read until it closes, each time', async () => {
    const stream = messages('/ends');
    expect([await stream.toArray(), await stream.toArray()]).toEqual([LINES, LINES]);
  });

  test('fails with the error that it tells of', async () => {
    expect(await outcomeOf(() => messages('/fails').drain())).toMatchObject({
      error: { message: expect.stringContaining('Invalid WebSocket frame') },
    });
  });

  each('is closed when it is left by %s', async (way) => {
    await ways[way]!(messages('/'));
    await until(() => server.clients.size === 0);
  });
});

interface StreamIter {
  from(input: unknown): AsyncIterable<Uint8Array[]>;
  pull(input: unknown, ...transforms: unknown[]): AsyncIterable<Uint8Array[]>;
}

// Only where Node has it: from 24.20 on, with --experimental-stream-iter.
const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
const streamIter = getBuiltinModule?.('node:stream/iter') as StreamIter | undefined;

if (streamIter !== undefined) {
  const { from, pull } = streamIter;

  describe('a source of stream/iter', () => {
    test('emits its batches, whose chunks flat() emits', async () => {
      const batches = AsyncStream.from(() => from([LINES.join('\n').slice(0, 4), LINES.join('\n').slice(4)]));
      expect(await batches.every((batch) => Array.isArray(batch) && batch[0] instanceof Uint8Array)).toBe(true);
      expect(await batches.flat().lines().toArray()).toEqual(LINES);
    });

    each('is closed when it is left by %s', async (way) => {
      let closed = 0;
      const source = async function* () {
        try {
          for (;;) yield 'line\n';
        } finally {
          closed++;
        }
      };
      await ways[way]!(
        AsyncStream.from(() => pull(source()))
          .flat()
          .lines(),
      );
      expect(closed).toBe(1);
    });
  });
}
