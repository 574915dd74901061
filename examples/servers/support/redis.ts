// Connections to Redis for the examples.
import { Redis } from 'ioredis';

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Connects, or fails with an error that says how to get a server. A connection that is lost is not opened again. */
export async function connect(): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: 3000,
  });
  // An error of the connection also rejects the commands in flight. Without a listener, it would be printed.
  let reason: unknown;
  redis.on('error', (error) => (reason = error));
  try {
    await redis.connect().catch((error: unknown) => Promise.reject(reason ?? error));
    return redis;
  } catch (error) {
    redis.disconnect();
    const advice = 'apt-get install redis-server, or set REDIS_URL';
    throw new Error(`No Redis at ${new URL(url).host} (${advice})`, { cause: error });
  }
}
