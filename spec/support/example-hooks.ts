// Loaded into the process of an example before it: reports what the example leaves open, and makes it stop early or its
// server fail.
import { readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

import { AsyncStream } from 'asyncstream';

const { EXAMPLE_STOP: stop, EXAMPLE_FAULT: fault, EXAMPLE_FAULT_AT: faultAt } = process.env;

const listenersAtStart = countListeners();

// Not at once: idle connections are closed only after the other side has noticed that its peer has gone.
// The worker processes and threads of an example do not report.
const isExample = isMainThread && process.send === undefined;
if (isExample) {
  process.once('beforeExit', () => {
    setTimeout(() => process.once('beforeExit', () => writeSync(3, JSON.stringify(leftOpen()))), 50);
  });
}

function leftOpen(): string[] {
  const listeners = Object.entries(countListeners()).filter(([name, count]) => count > (listenersAtStart[name] ?? 0));
  return [
    ...process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap' && kind !== 'TTYWrap'),
    ...openFiles(),
    ...listeners.map(([name]) => `a listener of process for ${name}`),
  ];
}

function countListeners(): Record<string, number> {
  // 'beforeExit' is the listener of this file.
  const names = process.eventNames().filter((name) => name !== 'beforeExit');
  return Object.fromEntries(names.map((name) => [String(name), process.listenerCount(name)]));
}

/** The files and TCP sockets that the process holds, also those that do not keep it running. Linux only. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return [];
  const tcp = readFileSync('/proc/self/net/tcp', 'utf8') + readFileSync('/proc/self/net/tcp6', 'utf8');
  const inodes = new Set(tcp.split('\n').map((row) => `socket:[${row.trim().split(/\s+/)[9]}]`));
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      const isFile = target.startsWith('/') && !/^\/(dev|proc)\b|node_modules|tsx-|esbuild/.test(target);
      return isFile || inodes.has(target) ? [target] : [];
    } catch {
      return []; // The descriptor of the directory itself.
    }
  });
}

// Every run gets only its first elements.
if (stop !== undefined) {
  const terminals =
    'toArray toSet toMap toObject groupBy countBy reduce forEach count sum average min max minBy maxBy top join some every find findIndex includes first last at single isEmpty drain collect pipeTo toReadableStream iterator';
  const prototype = AsyncStream.prototype as unknown as Record<PropertyKey, (...args: unknown[]) => unknown>;
  for (const name of [...terminals.split(' '), Symbol.asyncIterator]) {
    const method = prototype[name]!;
    Object.defineProperty(prototype, name, {
      value(this: AsyncStream<unknown>, ...args: unknown[]) {
        return method.apply(this.take(Number(stop)), args);
      },
    });
  }
}

let answers = 0;
const isDue = () => ++answers === Number(faultAt);

// The servers die where they would send their n-th piece of data: they listen no more, and their connections break.
if (fault === 'kill') {
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  const emit = Server.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    if (event === 'connection') {
      const socket = args[0] as Socket;
      servers.add(this);
      sockets.add(socket);
      const { write } = socket;
      socket.write = (...data: unknown[]) => {
        if (!isDue()) return write.apply(socket, data as never);
        for (const server of servers) server.close();
        for (const open of sockets) open.resetAndDestroy();
        return false;
      };
    }
    return emit.apply(this, [event, ...args] as never);
  } as typeof emit;
}

// The n-th request, also one for a WebSocket, is answered with an error.
if (fault === 'refuse') {
  const emit = Server.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    if ((event !== 'request' && event !== 'upgrade') || !isDue()) return emit.apply(this, [event, ...args] as never);
    if (event === 'request') (args[1] as ServerResponse).writeHead(403).end('Go away');
    else (args[1] as Socket).end('HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nGo away');
    return true;
  } as typeof emit;
}

// The n-th piece of an answer, or text message of a WebSocket, is damaged.
if (fault === 'garbage') {
  const { prototype } = ServerResponse;
  for (const name of ['write', 'end'] as const) {
    const method = prototype[name] as (...args: unknown[]) => never;
    prototype[name] = function (this: ServerResponse, data: unknown, ...args: unknown[]) {
      return method.call(this, isData(data) && isDue() ? damaged(data) : data, ...args);
    };
  }

  const emit = Server.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    if (event === 'upgrade') {
      const socket = args[1] as Socket;
      const { write } = socket;
      // The header of a message is written on its own, as a buffer, and a text as a string.
      const isText = (data: unknown): data is string => typeof data === 'string' && !data.startsWith('HTTP/');
      socket.write = (data: unknown, ...rest: unknown[]) =>
        write.apply(socket, [isText(data) && isDue() ? damaged(data) : data, ...rest] as never);
    }
    return emit.apply(this, [event, ...args] as never);
  } as typeof emit;
}

function isData(data: unknown): data is string | Uint8Array {
  return typeof data === 'string' || data instanceof Uint8Array;
}

/** As long as before, but from the middle on there are only the first bytes of characters. */
function damaged(data: string | Uint8Array): Buffer {
  const bytes = Buffer.from(data as string);
  return bytes.fill(0xc3, bytes.length >> 1);
}
