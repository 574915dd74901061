// A query as the answer to an HTTP request, in both kinds of servers: those that write to a Node response, and those
// that return a web `Response`, as in Bun, Deno, Hono and Next.js. A client that leaves stops the query.
import { AsyncStream, DestinationClosedError } from 'asyncstream';

import { connect } from './support/database.ts';
import { fail } from './support/fail.ts';
import { serve } from './support/serve.ts';

const log = (event: string): void => {
  if (!event.startsWith('fetched')) console.log(`database: ${event}`);
};
const encoder = new TextEncoder();

/** A query of endless rows, as JSON lines. Each answer runs it anew. */
const rows = AsyncStream.using(
  () => connect(log),
  (connection) => connection.cursor(Infinity),
  (connection) => connection.release(),
  { settle: true }, // The cursor is closed before its connection, also if the client leaves while it fetches rows.
)
  .flat()
  .map((row) => `${JSON.stringify(row)}\n`)
  .chunks(100)
  .map((lines) => encoder.encode(lines.join('')));

let answered: Promise<void> | undefined;
await using service = await serve((_request, response) => {
  answered = rows.pipeTo(response, { preventAbort: true }).catch((error: unknown) => {
    if (error instanceof DestinationClosedError) return console.log('server: the client has left');
    fail(error);
    // A client sees that an answer is cut off.
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  });
});

const handle = (_request: Request): Response =>
  new Response(rows.toReadableStream(), { headers: { 'content-type': 'application/x-ndjson' } });

const firstCities = (request: (signal: AbortSignal) => Response | Promise<Response>): Promise<string> =>
  AsyncStream.from(async function openBody({ signal }) {
    const response = await request(signal);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return response.body!;
  })
    .lines()
    .map((line) => (JSON.parse(line) as { city: string }).city)
    .take(3)
    .join(', ');

try {
  console.log(`client: ${await firstCities((signal) => fetch(service.url, { signal }))}`);
  await answered;
  console.log(`client: ${await firstCities((signal) => handle(new Request('http://localhost/rows', { signal })))}`);
} catch (error) {
  fail(error);
}

// Prints:
// database: took a connection
// database: opened the cursor
// client: Lima, Kyoto, Oslo
// database: closed the cursor
// database: released the connection
// server: the client has left
// database: took a connection
// database: opened the cursor
// database: closed the cursor
// database: released the connection
// client: Lima, Kyoto, Oslo
