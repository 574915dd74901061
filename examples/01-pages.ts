// The pages of a web API: the elements of one page after the other, and no request more than is needed.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AsyncStream } from 'asyncstream';

interface Page {
  readonly users: readonly { readonly id: number; readonly name: string }[];
  /** Where the next page begins; null in the last one. */
  readonly next: number | null;
}

const NAMES = ['Ada', 'Alan', 'Barbara', 'Edsger', 'Frances', 'Grace', 'Ken', 'Margaret', 'Niklaus', 'Tony'];

// A service with a cursor, as most have it.
const server = createServer((request, response) => {
  console.log(`request  ${request.url!}`);
  const from = Number(new URL(request.url!, 'http://localhost').searchParams.get('from') ?? 0);
  const users = NAMES.slice(from, from + 3).map((name, index) => ({ id: from + index, name }));
  const page: Page = { users, next: from + 3 < NAMES.length ? from + 3 : null };
  response.end(JSON.stringify(page));
}).listen(0);
await once(server, 'listening');
const url = `http://localhost:${(server.address() as AddressInfo).port}/users`;

// Repeatable: each run asks from the first page on.
const users = AsyncStream.paginate(
  async ({ cursor, signal }) => {
    const response = await fetch(cursor === 0 ? url : `${url}?from=${cursor!}`, { signal });
    return (await response.json()) as Page;
  },
  { items: (page) => page.users, next: (page) => page.next, cursor: 0 },
);

const found = await users.find((user) => user.name.length > 5);
console.log(`found    ${found!.name}`);

console.log(`all      ${await users.map((user) => user.name).join(', ')}`);

server.close();

// Prints:
// request  /users
// found    Barbara
// request  /users
// request  /users?from=3
// request  /users?from=6
// request  /users?from=9
// all      Ada, Alan, Barbara, Edsger, Frances, Grace, Ken, Margaret, Niklaus, Tony
