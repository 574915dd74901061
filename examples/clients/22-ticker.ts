// The prices of three exchanges over WebSockets, and a consumer that is much slower than they are. The overflow policy
// decides what it sees: the latest price, the oldest one, or an error. Nothing grows.
import { setTimeout as sleep } from 'node:timers/promises';

import { AsyncStream, OverflowError, type OverflowPolicy } from 'asyncstream';
import { WebSocket } from 'ws';

import { describe, fail } from '../support/fail.ts';
import { type Price, startExchange } from './support/exchange.ts';

await using oslo = await startExchange();
await using lima = await startExchange();
await using kyoto = await startExchange();

/** The prices of one exchange, for which `buffer` of them may wait. It never ends, so a closed connection is an error. */
const pricesOf = (url: string, buffer: number, overflow: OverflowPolicy): AsyncStream<Price> =>
  AsyncStream.create<Buffer>(
    function connect(push) {
      const socket = new WebSocket(url);
      socket.on('message', (data: Buffer) => void push(data));
      socket.on('error', (cause) => push.fail(new Error(`cannot read ${url}`, { cause })));
      socket.on('close', (code) => push.fail(new Error(`${url} has closed the connection (${code})`)));
      return () => socket.terminate();
    },
    { buffer, overflow },
  ).map(function parse(data) {
    return JSON.parse(data.toString()) as Price; // Not in the listener: an error there would end the process.
  });

async function show(buffer: number, overflow: OverflowPolicy): Promise<void> {
  const exchanges = new Set<string>();
  let age = 0;
  await AsyncStream.mergeKeyed({
    oslo: pricesOf(oslo.url, buffer, overflow),
    lima: pricesOf(lima.url, buffer, overflow),
    kyoto: pricesOf(kyoto.url, buffer, overflow),
  })
    .take(30)
    .forEach(async ([exchange, { time }]) => {
      exchanges.add(exchange);
      age = Date.now() - time;
      await sleep(20);
    });
  console.log(`${overflow}: 30 prices of ${exchanges.size} exchanges, the last one ${age} ms old`);
}

try {
  await show(1, 'drop-oldest');
  await show(5, 'drop-newest');
  await show(5, 'error').catch((error: unknown) => {
    if (!(error instanceof OverflowError)) throw error;
    console.log(`error: ${describe(error)}`);
  });
} catch (error) {
  fail(error);
}

// Prints:
// drop-oldest: 30 prices of 3 exchanges, the last one 41 ms old
// drop-newest: 30 prices of 3 exchanges, the last one 374 ms old
// error: more than 5 elements wait to be consumed: raise the buffer, or drop elements (see https://github.com/asyncstream/asyncstream/blob/main/docs/error-messages.md#overflowerror) (in mergeKeyed: create(connect))
