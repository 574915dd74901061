// The consumer stops reading for a minute, while the producer goes on.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { AsyncStream, type OverflowPolicy } from '../../lib/index.ts';

describe('a ticker as in 22-ticker, of 500 prices a second', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** Lets the consumer take a minute for the first price, and returns the prices that it has had. */
  async function stall(overflow: OverflowPolicy): Promise<{ seen: number[]; error: unknown }> {
    const prices = AsyncStream.create<number>(
      (push) => {
        let count = 0;
        const timer = setInterval(() => void push(count++), 2);
        return () => clearInterval(timer);
      },
      { buffer: 5, overflow },
    );
    const seen: number[] = [];
    const run = prices.take(7).forEach(async (price) => {
      seen.push(price);
      if (seen.length === 1) await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
    const settled = run.then(
      () => undefined,
      (error: unknown) => error,
    );
    await jest.advanceTimersByTimeAsync(61_000);
    const error = await settled;
    expect(jest.getTimerCount()).toBe(0);
    return { seen, error };
  }

  test('emits the latest prices, and no others, with drop-oldest', async () => {
    const { seen, error } = await stall('drop-oldest');
    expect(error).toBeUndefined();
    expect(seen[0]).toBe(0);
    expect(seen[1]).toBeGreaterThan(29_990);
    expect(seen).toHaveLength(7);
  });

  test('emits the buffered prices and then the latest one with drop-newest', async () => {
    const { seen, error } = await stall('drop-newest');
    expect(error).toBeUndefined();
    expect(seen.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen[6]).toBeGreaterThan(29_990);
  });

  test('fails after the buffered prices with error', async () => {
    const { seen, error } = await stall('error');
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(error).toMatchObject({ name: 'OverflowError', size: 5 });
  });
});

test('an HTTP answer whose client does not read stops the query, until the client leaves', async () => {
  const chunk = new Uint8Array(64 * 1024);
  let [pulled, closed] = [0, 0];
  async function* query(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        pulled++;
        await turn();
        yield chunk;
      }
    } finally {
      closed++;
    }
  }
  let outcome: Promise<unknown> | undefined;
  const server = createServer((_request, response) => {
    outcome = AsyncStream.from(query)
      .pipeTo(response)
      .catch((error: unknown) => error);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

  // Enough turns for 1.25 GB, if nothing held the query back. The system buffers some megabytes.
  for (let count = 0; count < 20_000; count++) await turn();
  expect(pulled).toBeGreaterThan(1);
  expect(pulled).toBeLessThan(1000);
  expect(closed).toBe(0);

  client.destroy();
  await once(client, 'close');
  expect(await outcome).toMatchObject({ name: 'DestinationClosedError' });
  expect(closed).toBe(1);
  server.close();
  await once(server, 'close');
});
