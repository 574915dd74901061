/**
 * node examples/browser/server.mjs [port]: serves the page, the built package, and a stream of live events.
 *
 * `/orders` answers with one JSON object a line, for as long as the client reads. A client that leaves ends the stream
 * behind its answer. `/status` says how many such answers are open, and how many events they have sent.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

import { AsyncStream } from '../../dist/index.js';

const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript' };
const FILES = {
  '/': './index.html',
  '/page.mjs': './page.mjs',
  '/style.css': './style.css',
  '/asyncstream.js': '../../dist/index.js',
};
const CITIES = ['Lagos', 'Lima', 'Oslo', 'Osaka', 'Perth', 'Pune', 'Quito', 'Turin'];
const ITEMS = ['book', 'chair', 'clock', 'guitar', 'kettle', 'lamp'];

const status = { open: 0, sent: 0 };

/** @param {number} number - counts the orders of one answer */
const order = (number) => ({
  number,
  city: CITIES[(number * 7) % CITIES.length],
  item: ITEMS[(number * 5) % ITEMS.length],
  price: 10 + ((number * 37) % 190),
});

const orders = (rate) =>
  AsyncStream.interval(1000 / rate)
    .map(order)
    .tap(() => void status.sent++)
    .map((one) => `${JSON.stringify(one)}\n`);

const server = createServer(async (request, response) => {
  try {
    // As a relative URL, the path "//" would be an error.
    const { pathname, searchParams } = new URL(`http://localhost${request.url}`);
    if (pathname === '/orders') await sendOrders(searchParams, response);
    else if (pathname === '/status') send(response, 'application/json', JSON.stringify(status));
    else if (pathname in FILES) {
      const file = new URL(FILES[pathname], import.meta.url);
      send(response, `${TYPES[extname(file.pathname)]}; charset=utf-8`, await readFile(file));
    } else response.writeHead(404).end();
  } catch (error) {
    console.error(error);
    if (!response.headersSent) response.writeHead(500).end();
  }
});

async function sendOrders(searchParams, response) {
  const rate = Math.min(1000, Math.max(1, Number(searchParams.get('rate')) || 100));
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  status.open++;
  try {
    await orders(rate).pipeTo(response);
  } catch (error) {
    // The client has left, which is how each of these answers ends.
    if (!response.destroyed) throw error;
  } finally {
    status.open--;
  }
}

function send(response, type, body) {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

const port = process.argv[2] ?? process.env.PORT ?? '8080';

function refuse(error) {
  console.error(`Cannot listen on port ${port}: ${error.message}`);
  process.exitCode = 1;
}

try {
  // Only this machine is served: the page runs the code that is typed into it.
  server.once('error', refuse).listen(Number(port), 'localhost', () => {
    console.log(`http://localhost:${server.address().port}/ (Ctrl-C ends it)`);
  });
} catch (error) {
  refuse(error);
}
