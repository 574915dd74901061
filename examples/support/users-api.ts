// Stands in for a web API with 10,000 users in pages of 100, which can be asked for in three ways: `?offset=200&limit=100`,
// `?page=3`, and `?after=<cursor>`. It is unavailable for every 20th request, and allows only a certain rate.
import { setTimeout as latency } from 'node:timers/promises';

import { serve, type Service } from './serve.ts';

export interface User {
  readonly id: number;
  readonly name: string;
}

export interface Page {
  readonly users: readonly User[];
  readonly total: number;
  readonly pages: number;
  /** The cursor of the next page; null in the last one. */
  readonly next: string | null;
}

export interface UsersApi extends Service {
  /** The number of requests since the last call. */
  takeCount(): number;
  /** How many requests were under way at once, at most. */
  readonly most: number;
}

const USERS: readonly User[] = Array.from({ length: 10_000 }, (_, id) => ({ id, name: `user ${id}` }));
const SIZE = 100;

export async function startUsersApi(milliseconds: number, { flaky = true } = {}): Promise<UsersApi> {
  let requests = 0;
  let counted = 0;
  let open = 0;
  let most = 0;
  const service = await serve((request, response) => {
    const number = ++requests;
    most = Math.max(most, ++open);
    response.on('close', () => open--);
    const answer = (): void => {
      if (flaky && number === 50) response.writeHead(429, { 'retry-after': '1' }).end();
      else if (flaky && number % 20 === 0) response.writeHead(503).end();
      else response.end(JSON.stringify(pageAt(new URL(request.url!, service.url).searchParams)));
    };
    void latency(milliseconds).then(answer);
  });
  return {
    ...service,
    takeCount() {
      const count = requests - counted;
      counted = requests;
      return count;
    },
    get most() {
      return most;
    },
  };
}

function pageAt(query: URLSearchParams): Page {
  const after = query.get('after') ?? '';
  const page = query.get('page');
  const offset = page === null ? Number(query.get('offset') ?? after.slice(1)) : (Number(page) - 1) * SIZE;
  const end = offset + Number(query.get('limit') ?? SIZE);
  const next = end < USERS.length ? `u${end}` : null;
  return { users: USERS.slice(offset, end), total: USERS.length, pages: USERS.length / SIZE, next };
}
