// Starts PostgreSQL, Redis and NATS for the examples: each on a free port, as a child process, with its data in a
// temporary folder. Needs neither systemd nor a configuration; PostgreSQL, which refuses root, runs as its own user.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that runs as a child process. Disposing of it ends the process and deletes its data. */
export interface Server extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Ends the process with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly user?: User | undefined;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

export function startRedis(): Promise<Server> {
  return start('redis', (port, folder) => ({
    program: 'redis-server',
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
  }));
}

export function startNats(): Promise<Server> {
  return start('nats', (port, folder) => ({
    program: 'nats-server',
    args: ['--port', `${port}`, '--addr', '127.0.0.1', '--jetstream', '--store_dir', folder],
  }));
}

export function startPostgres(): Promise<Server> {
  return start('postgres', (port, folder) => {
    const bin = binariesOfPostgres();
    const user = process.getuid?.() === 0 ? userNamed('postgres') : undefined;
    if (user) chownSync(folder, user.uid, user.gid);
    const data = join(folder, 'data');
    const init = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--no-sync', '--encoding', 'UTF8'];
    execFileSync(join(bin, 'initdb'), [...init, '--locale', 'C'], { ...user, cwd: folder, stdio: 'ignore' });
    const settings = ['fsync=off', 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_wal_size=4GB'];
    return {
      program: join(bin, 'postgres'),
      args: ['-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])],
      user,
    };
  });
}

async function start(scheme: string, commandFor: (port: number, folder: string) => Command): Promise<Server> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), `asyncstream-${scheme}-`));
  const { program, args, user } = commandFor(port, folder);
  const child = spawn(program, args, { ...user, cwd: folder, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
  const killNow = (): boolean => child.kill('SIGKILL');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
    process.off('exit', killNow);
  };
  process.on('exit', killNow);
  const server: Server = {
    port,
    url: `${scheme}://${scheme === 'postgres' ? 'postgres@' : ''}127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    async [Symbol.asyncDispose]() {
      // To PostgreSQL it says: end the sessions, write everything, stop.
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const alive = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  while (!(await isReady(port, scheme))) {
    if (!alive()) {
      await server[Symbol.asyncDispose]();
      throw new Error(`${program} did not start: is it installed?`);
    }
    await sleep(20);
  }
  return server;
}

/** PostgreSQL accepts connections before it is ready, so it is asked; the others are ready if they listen. */
async function isReady(port: number, scheme: string): Promise<boolean> {
  if (scheme === 'postgres') {
    try {
      execFileSync(join(binariesOfPostgres(), 'pg_isready'), ['-h', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Debian keeps the programs of each version in a folder that PATH does not name. */
function binariesOfPostgres(): string {
  const versions = '/usr/lib/postgresql';
  try {
    const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0];
    return newest === undefined ? '' : join(versions, newest, 'bin');
  } catch {
    return '';
  }
}

function userNamed(name: string): User {
  const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
