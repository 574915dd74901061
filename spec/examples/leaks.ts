// A program that ends while a file, a socket and a listener are open.
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';

openSync('LICENSE', 'r');
const server = createServer().listen(0).unref();
await once(server, 'listening');
process.on('message', () => {});
