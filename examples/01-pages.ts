// The pages of a web API as one stream of users. A page is requested when its first user is needed.
import { AsyncStream, type PageRequest } from 'asyncstream';

import { fail } from './support/fail.ts';
import { serve } from './support/serve.ts';

interface Page {
  readonly users: readonly { readonly id: number; readonly name: string }[];
  /** The start of the next page; null in the last page. */
  readonly next: number | null;
}

const NAMES = ['Ada', 'Alan', 'Barbara', 'Edsger', 'Frances', 'Grace', 'Ken', 'Margaret', 'Niklaus', 'Tony'];

// A service that pages by a cursor.
await using service = await serve((request, response) => {
  console.log(`request  ${request.url!}`);
  const from = Number(new URL(request.url!, 'http://localhost').searchParams.get('from') ?? 0);
  const users = NAMES.slice(from, from + 3).map((name, index) => ({ id: from + index, name }));
  const page: Page = { users, next: from + 3 < NAMES.length ? from + 3 : null };
  response.end(JSON.stringify(page));
});
const url = `${service.url}/users`;

async function fetchPage({ cursor, signal }: PageRequest<number>): Promise<Page> {
  const response = await fetch(cursor === 0 ? url : `${url}?from=${cursor!}`, { signal });
  if (!response.ok) throw new Error(`users from ${cursor!} on: ${response.status} ${response.statusText}`);
  return (await response.json()) as Page;
}

// Repeatable: each run begins with the first page.
const users = AsyncStream.paginate(fetchPage, {
  items: (page) => page.users,
  next: (page) => page.next,
  cursor: 0,
});

try {
  const found = await users.find((user) => user.name.length > 5);
  console.log(`found    ${found?.name}`);

  console.log(`all      ${await users.map((user) => user.name).join(', ')}`);
} catch (error) {
  fail(error);
}

// Prints:
// request  /users
// found    Barbara
// request  /users
// request  /users?from=3
// request  /users?from=6
// request  /users?from=9
// all      Ada, Alan, Barbara, Edsger, Frances, Grace, Ken, Margaret, Niklaus, Tony
