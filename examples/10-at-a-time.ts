// How much concurrency gains when the time is spent on waiting: the same 100 requests one, four and sixteen at a time.
import { AsyncStream, type Context } from 'asyncstream';

import { fail } from './support/fail.ts';
import { type Page, startUsersApi } from './support/users-api.ts';

await using api = await startUsersApi(20, { flaky: false });

async function fetchPage(page: number, _index: number, { signal }: Context): Promise<Page> {
  const response = await fetch(`${api.url}/users?page=${page}`, { signal });
  if (!response.ok) throw new Error(`page ${page}: ${response.status} ${response.statusText}`);
  return (await response.json()) as Page;
}

try {
  await AsyncStream.range(1, 9).map(fetchPage).drain(); // The first requests take longer: they open the connections.

  for (const concurrency of [1, 4, 16]) {
    const start = performance.now();
    const users = await AsyncStream.range(1, 101)
      .map(fetchPage, { concurrency })
      .flatMap((page) => page.users)
      .count();
    const milliseconds = performance.now() - start;
    const rate = (1000 * users) / milliseconds;
    console.log(
      `${concurrency} at a time: ${users} users in ${milliseconds.toFixed(0)} ms, ${rate.toFixed(0)} users/s`,
    );
  }
} catch (error) {
  fail(error);
}

// Prints:
// 1 at a time: 10000 users in 2232 ms, 4480 users/s
// 4 at a time: 10000 users in 584 ms, 17134 users/s
// 16 at a time: 10000 users in 174 ms, 57402 users/s
