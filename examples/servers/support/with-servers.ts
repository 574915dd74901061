// Runs an example with servers that are started for it, and stopped after it:
// node --import tsx examples/servers/support/with-servers.ts examples/servers/31-orders.ts
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { startNats, startPostgres, startRedis } from './servers.ts';

await using postgres = await startPostgres();
await using redis = await startRedis();
await using nats = await startNats();

// Ctrl-C reaches the example as well: it ends, and then the servers are stopped.
process.on('SIGINT', () => {});
const example = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, DATABASE_URL: postgres.url, REDIS_URL: redis.url, NATS_URL: nats.url },
});
const [code] = (await once(example, 'exit')) as [number | null];
process.exitCode = code ?? 1;
