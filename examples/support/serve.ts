// The part of a local server that is the same in all examples.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Service extends AsyncDisposable {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts an HTTP server on a free port of this machine. Closing it also ends its open connections. */
export async function serve(listener: RequestListener): Promise<Service> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}
