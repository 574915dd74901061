// Many runs of each kind, ended in each way: what the process has open is what it had before.
import { createReadStream, createWriteStream, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { EventEmitter, getEventListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip, createGzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import { AsyncStream } from '../lib/index.ts';
import { soak } from './support/soak.ts';
import { outcomeOf, until } from './support/turns.ts';

/** One resource that a run leaves is seen; more runs show one that only some leave. */
const RUNS = soak(100, 20);
const wanted = new Error('wanted');
/** Listened to by every run. */
const controller = new AbortController();
const emitter = new EventEmitter();

let folder: string;
let server: Server;
let agent: Agent;
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asyncstream-handles-'));
  await writeFile(join(folder, 'packed'), gzipSync('line\n'.repeat(20_000)));
  server = createServer((_, response) => response.end('line\n'.repeat(20_000)));
  server.on('connection', (socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

type Pipeline = (work: (line: string) => unknown, name: string) => AsyncStream<unknown>;

const text = () =>
  AsyncStream.from(createReadStream(join(folder, 'packed')))
    .pipeThrough(createGunzip())
    .lines();

const pipelines: Record<string, Pipeline> = {
  'a file through gunzip': (work) => text().map(work),
  'a file through gunzip and gzip into a file': (work, name) =>
    AsyncStream.from(async function* ({ signal }) {
      const lines = text()
        .take(100)
        .map(async (line) => (await work(line), `${line}\n`));
      await lines.pipeThrough(createGzip()).pipeTo(createWriteStream(join(folder, name)), { signal });
      yield 'written';
    }),
  'an HTTP answer': (work) =>
    AsyncStream.from(async ({ signal }) => {
      const { port } = server.address() as AddressInfo;
      return (await request(`http://127.0.0.1:${port}`, { signal: signal as AbortSignal, dispatcher: agent })).body;
    })
      .lines()
      .map(work),
  'a web stream': (work) =>
    AsyncStream.from(
      AsyncStream.range(0, 200).map(String).pipeThrough(new TransformStream<string, string>()).toReadableStream(),
    ).map(work),
  'timers and events': (work) =>
    AsyncStream.interval(1)
      .merge(AsyncStream.fromEvent(emitter, 'tick'))
      .map(String)
      .timeout(10_000)
      .heartbeat(10_000, 'silence')
      .buffer(4)
      .map(work, { concurrency: 4 })
      .take(8),
};

const ends: Record<string, (pipeline: Pipeline, name: string) => Promise<unknown>> = {
  'its end': (pipeline, name) => pipeline((line) => line, name).drain({ signal: controller.signal }),
  'a break': async (pipeline, name) => {
    for await (const _line of pipeline((line) => line, name).withSignal(controller.signal)) break;
  },
  'an error of a callback': async (pipeline, name) => {
    const fail = () => {
      throw wanted;
    };
    const outcome = await outcomeOf(() => pipeline(fail, name).withSignal(controller.signal).drain());
    expect(outcome).toStrictEqual({ error: wanted });
  },
  'an abort': async (pipeline, name) => {
    const abort = new AbortController();
    const run = pipeline(() => abort.abort(wanted), name).drain({
      signal: AbortSignal.any([abort.signal, controller.signal]),
    });
    expect(await outcomeOf(() => run)).toStrictEqual({ error: wanted });
  },
};

interface Open {
  readonly descriptors: number;
  readonly resources: readonly string[];
  readonly listeners: number;
  readonly sockets: number;
}

/** That of jest and of this spec as well: the difference counts. */
function openNow(): Open {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    resources: process.getActiveResourcesInfo().sort(),
    listeners: getEventListeners(controller.signal, 'abort').length + emitter.listenerCount('tick'),
    sockets: sockets.size,
  };
}

describe.each(Object.keys(pipelines))('%s', (name) => {
  test.each(Object.keys(ends))('leaves nothing open after many times of %s', async (end) => {
    const runs = async (count: number) => {
      agent = new Agent();
      for (let n = 0; n < count; n++) await ends[end]!(pipelines[name]!, `written-${n % 4}`);
      await agent.destroy();
    };
    // What the first run opens may be there to stay, like a thread.
    await runs(1);
    await steady();
    const before = openNow();
    await runs(RUNS);
    // A socket or a file that was closed is gone when the loop has been around a few times. Something of the test itself
    // that was open before may be gone as well.
    await until(() => moreThan(before).length === 0).catch(() => undefined);
    expect(moreThan(before)).toEqual([]);
  });
});

/** What is open now, and was not before. */
function moreThan(before: Open): string[] {
  const now = openNow();
  const left = [...before.resources];
  const resources = now.resources.filter((resource) => {
    const index = left.indexOf(resource);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  const counts = (['descriptors', 'listeners', 'sockets'] as const).filter((count) => now[count] > before[count]);
  return [...resources, ...counts];
}

/** Until two turns in a row find the same. */
async function steady(): Promise<void> {
  let last = '';
  await until(() => {
    const before = last;
    last = JSON.stringify(openNow());
    return last === before;
  });
}
