import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import {
  examplesIn,
  linesOf,
  masked,
  printedBy,
  runExample,
  type Outcome,
  type RunOptions,
} from '../../../spec/support/example.ts';
import { freePort, startNats, startPostgres, startRedis, type Server } from '../../servers/support/servers.ts';
import { babbling, killedAfter, processesWith, refusing } from './faulty.ts';

const KINDS = {
  PostgreSQL: {
    start: startPostgres,
    variable: 'DATABASE_URL',
    urlTo: (port: number) => `postgres://postgres@127.0.0.1:${port}`,
  },
  Redis: { start: startRedis, variable: 'REDIS_URL', urlTo: (port: number) => `redis://127.0.0.1:${port}` },
  NATS: { start: startNats, variable: 'NATS_URL', urlTo: (port: number) => `nats://127.0.0.1:${port}` },
};

/** The server that an example needs, and after how many bytes from it to kill it: early, and far into the task. */
const EXAMPLES: readonly [file: string, kind: keyof typeof KINDS, kills: readonly number[]][] = [
  ['examples/servers/31-orders.ts', 'PostgreSQL', [1_000_000, 8_000_000]],
  ['examples/servers/32-changes.ts', 'PostgreSQL', [10_000, 100_000]],
  ['examples/servers/33-redis-queue.ts', 'Redis', [1_000_000, 6_000_000]],
  ['examples/servers/34-nats-queue.ts', 'NATS', [4_000_000, 12_000_000]],
];
const CORES = 'examples/servers/35-cores.ts';

/** Also names the processes that the example has left. */
async function run(file: string, options: RunOptions = {}): Promise<Outcome & { readonly processes: string[] }> {
  const id = randomUUID();
  const outcome = await runExample(file, { ...options, env: { ...options.env, EXAMPLE_RUN: id } });
  return { ...outcome, processes: processesWith(`EXAMPLE_RUN=${id}`) };
}

const CLEAN = { left: [], processes: [] };
const PRINTED = new Map<string, string>();

async function expectToPrint(file: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { stdout, ...rest } = await run(file, { env });
  PRINTED.set(file, stdout);
  const expected = { ...CLEAN, stdout: masked(printedBy(file)), stderr: '', code: 0 };
  expect({ ...rest, stdout: masked(stdout) }).toEqual(expected);
}

async function expectToFail(file: string, env: NodeJS.ProcessEnv, message: RegExp): Promise<void> {
  const { stderr, code, left, processes } = await run(file, { env });
  expect({ stderr, code, left, processes }).toEqual({ ...CLEAN, stderr: expect.stringMatching(message), code: 1 });
}

test('each example is here, and is one task of at most 60 lines', () => {
  const files = examplesIn('examples/servers');
  expect(files).toEqual([...EXAMPLES.map(([file]) => file), CORES]);
  expect(files.filter((file) => linesOf(file) > 60)).toEqual([]);
});

describe.each(EXAMPLES)('%s', (file, kind, kills) => {
  const { start, variable, urlTo } = KINDS[kind];
  let server: Server;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => server[Symbol.asyncDispose]());
  const withServerAt = (port: number): NodeJS.ProcessEnv => ({ [variable]: urlTo(port) });

  test('prints what it says, and leaves nothing open', () => expectToPrint(file, withServerAt(server.port)));

  test('leaves nothing open if each of its runs is stopped after one element', async () => {
    const { left, processes } = await run(file, { stopAfter: 1, env: withServerAt(server.port) });
    expect({ left, processes }).toEqual(CLEAN);
  });

  test('says how to get the server if it is missing', async () => {
    await expectToFail(
      file,
      withServerAt(await freePort()),
      new RegExp(`^No ${kind} at .*apt-get install .*ECONNREFUSED.*\n$`),
    );
  });

  test('says so if the server closes the connection at once', async () => {
    await using port = await refusing();
    await expectToFail(file, withServerAt(port.port), new RegExp(`^No ${kind} at [^\n]*: [^\n]+\n$`));
  });

  test('says so if the server does not speak its protocol', async () => {
    await using port = await babbling();
    await expectToFail(file, withServerAt(port.port), new RegExp(`^No ${kind} at [^\n]*: [^\n]+\n$`));
  });

  test.each(kills)('says in one line what failed and where if the server is killed after %d bytes', async (bytes) => {
    await using mortal = await start();
    await using port = await killedAfter(bytes, mortal);
    await expectToFail(file, withServerAt(port.port), /^(?!timeout)[^\n]+ \(in [^\n]+\)\n$/);
  });
});

describe(CORES, () => {
  test('prints what it says, and leaves nothing open', () => expectToPrint(CORES));

  test('leaves nothing open if each of its runs is stopped after one element', async () => {
    const { left, processes } = await run(CORES, { stopAfter: 1 });
    expect({ left, processes }).toEqual(CLEAN);
  });
});

test('31-orders holds a few pages of the rows', () => {
  const [, megabytes] = /as a stream .* (\S+) MB/.exec(PRINTED.get('examples/servers/31-orders.ts')!)!;
  expect(Number(megabytes)).toBeLessThan(20);
});

test.each(['examples/servers/33-redis-queue.ts', 'examples/servers/34-nats-queue.ts'])(
  '%s: the jobs that the killed worker held are done by the others',
  (file) => {
    const line = /(\d+) jobs repeated.* killed with (\d+) jobs, (\d+) jobs taken over/.exec(PRINTED.get(file)!)!;
    const [repeated, held, takenOver] = line.slice(1).map(Number) as [number, number, number];
    expect(held).toBeGreaterThan(0);
    expect(takenOver).toBeGreaterThanOrEqual(held);
    // Its last batch was done, and not acknowledged.
    expect(repeated).toBeGreaterThan(0);
  },
);
