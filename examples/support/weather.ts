// Stands in for a weather service on the web, which refuses whoever sends more than three requests at a time.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const LIMIT = 3;
const DEGREES = new Map([
  ['Oslo', 4],
  ['Lima', 19],
  ['Kyoto', 15],
  ['Nairobi', 24],
  ['Perth', 27],
  ['Quito', 14],
]);

export interface Weather {
  readonly url: string;
  close(): void;
}

/** Answers `/<city>` with its temperature, 404 where there is no such city, and 429 to too many at a time. */
export async function startWeather(): Promise<Weather> {
  let open = 0;
  const server = createServer((request, response) => {
    const degrees = DEGREES.get(request.url!.slice(1));
    const answer = (status: number): void => {
      open--;
      response.writeHead(status).end(String(degrees));
    };
    if (++open > LIMIT) answer(429);
    else if (degrees === undefined) answer(404);
    else setTimeout(answer, degrees, 200); // the warmer, the later
  }).listen(0);
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
