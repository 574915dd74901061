// 10,000 users of a web API, in the three ways in which APIs page. Eight requests at a time and 400 a second at most, each
// repeated when the API is busy, and none after a signal has aborted.
import { setTimeout as sleep } from 'node:timers/promises';

import { AsyncStream, type Context, limiter, retrying } from 'asyncstream';

import { fail } from './support/fail.ts';
import { type Page, startUsersApi } from './support/users-api.ts';

await using api = await startUsersApi(5);

const busyAnswer = (error: unknown): Response | undefined => {
  const response = error instanceof Error ? error.cause : undefined;
  return response instanceof Response && [429, 503].includes(response.status) ? response : undefined;
};
const fetchPage = retrying(
  async function fetchPage(query: string, _index: number, { signal }: Pick<Context, 'signal'>): Promise<Page> {
    const response = await fetch(`${api.url}/users?${query}`, { signal });
    if (!response.ok) throw new Error(`${query}: ${response.status} ${response.statusText}`, { cause: response });
    return (await response.json()) as Page;
  },
  {
    times: 4,
    when: busyAnswer,
    delay: (error, attempt) => 1000 * Number(busyAnswer(error)?.headers.get('retry-after')) || 10 * 2 ** attempt,
    limiter: limiter({ concurrency: 8, limit: 40, interval: 100 }),
  },
);

const numbers = AsyncStream.range(0, 100);
const ways = {
  page: numbers.map((n) => `page=${n + 1}`).map(fetchPage, { concurrency: 8 }),
  offset: numbers.map((n) => `offset=${n * 100}`).map(fetchPage, { concurrency: 8 }),
  // Each cursor stands in the page before it, so only one page can be requested ahead.
  cursor: AsyncStream.paginate((request) => fetchPage(`after=${request.cursor ?? ''}`, request.page, request), {
    pages: true,
    next: (page) => page.next,
    prefetch: 1,
  }),
};

try {
  for (const [way, pages] of Object.entries(ways)) {
    const users = await pages.flatMap((page) => page.users).toArray();
    const order = users.every(({ id }, index) => id === index) ? 'in order' : 'in disorder';
    console.log(`by ${way}: ${users.length} users ${order}, ${api.takeCount()} requests`);
  }
  console.log(`at most ${api.most} requests at a time`);

  const stop = AbortSignal.timeout(100);
  await ways.offset.drain({ signal: stop }).catch(async (reason: unknown) => {
    if (reason !== stop.reason) throw reason;
    await sleep(20); // Requests that were on the wire arrive.
    api.takeCount();
    await sleep(300);
    console.log(`aborted by the signal: ${api.takeCount()} requests after that`);
  });
} catch (error) {
  fail(error);
}

// Prints:
// by page: 10000 users in order, 106 requests
// by offset: 10000 users in order, 105 requests
// by cursor: 10000 users in order, 105 requests
// at most 8 requests at a time
// aborted by the signal: 0 requests after that
