// Stands in for an exchange that sends the price of a coin over a WebSocket, 500 times a second.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface Price {
  readonly amount: number;
  readonly time: number;
}

export interface Exchange extends AsyncDisposable {
  readonly url: string;
}

export async function startExchange(): Promise<Exchange> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const timer = setInterval(() => {
    const price: Price = { amount: 100 + Math.random(), time: Date.now() };
    for (const client of server.clients) client.send(JSON.stringify(price));
  }, 2);
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
