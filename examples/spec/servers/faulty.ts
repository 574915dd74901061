// Servers that fail, and processes that an example should not have left.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import type { Server } from '../../servers/support/servers.ts';

interface Port extends AsyncDisposable {
  readonly port: number;
}

/** A port in front of a server, which is killed after it has sent that many bytes. */
export async function killedAfter(bytes: number, server: Server): Promise<Port> {
  let left = bytes;
  const port = await listen((client) => {
    const upstream = connect(server.port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.pipe(upstream).on('close', () => client.destroy());
    upstream.pipe(client).on('close', () => upstream.destroy());
    upstream.on('data', ({ length }) => {
      const before = left;
      left -= length;
      // From then on, connections are refused.
      if (before > 0 && left <= 0) void Promise.all([server.kill(), port[Symbol.asyncDispose]()]);
    });
  });
  return port;
}

/** A port that closes each connection at once. */
export function refusing(): Promise<Port> {
  return listen((client) => client.on('error', () => {}).destroy());
}

/** A port that answers with something that is no answer, with half a character in it. */
export function babbling(): Promise<Port> {
  return listen((client) => client.on('error', () => {}).write(Buffer.from('HTTP/1.1 400 Zo\xc3\r\n', 'latin1')));
}

async function listen(onConnection: (socket: Socket) => unknown): Promise<Port> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** The command lines of all processes with that variable in their environment. Linux only. */
export function processesWith(variable: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const has = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(variable);
        return has ? [readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
      } catch {
        return []; // It has ended, or belongs to another user.
      }
    });
}
