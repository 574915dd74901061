// The same task as in 31-orders.ts without a stream: with a loop over the cursor, and with one big query.
import Cursor from 'pg-cursor';

import { connect } from './postgres.ts';

type Handle<T> = (rows: T[]) => Promise<unknown>;

/** Reads a page, handles it, reads the next one. */
export async function loopOverCursor<T>(query: string, size: number, handle: Handle<T>): Promise<void> {
  const reader = await connect();
  try {
    const cursor = reader.query(new Cursor<T>(query));
    let page: T[];
    while ((page = await cursor.read(size)).length > 0) await handle(page);
  } finally {
    await reader.end();
  }
}

/** Reads everything, and handles it piece by piece. */
export async function queryAll<T extends object>(query: string, size: number, handle: Handle<T>): Promise<void> {
  const reader = await connect();
  try {
    const { rows } = await reader.query<T>(query);
    for (let i = 0; i < rows.length; i += size) await handle(rows.slice(i, i + size));
  } finally {
    await reader.end();
  }
}
