// Connections to PostgreSQL for the examples, and the tables that they work on.
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

export const url = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432';

/** Connects, or fails with an error that says how to get a server. */
export async function connect(name?: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000, application_name: name });
  // A lost connection also rejects the query that is under way, and every later one. Without a listener, the event
  // would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    const { host } = new URL(url);
    const advice = 'apt-get install postgresql, or set DATABASE_URL';
    throw new Error(`No PostgreSQL at ${host} (${advice})`, { cause: error });
  }
}

/** Connects, and listens for notifications. */
export async function listen(channel: string): Promise<pg.Client> {
  const client = await connect(`listens to ${channel}`);
  try {
    await client.query(`listen ${channel}`);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Breaks the connection of a listener, as a restart of a server or a firewall would. Waits until there is one. */
export async function breakConnection(client: pg.Client, channel: string): Promise<void> {
  const terminate = 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1';
  while ((await client.query(terminate, [`listens to ${channel}`])).rowCount === 0) await sleep(5);
}

export interface Database extends AsyncDisposable {
  readonly client: pg.Client;
}

/** A table of orders, one of tax rates and an empty one of invoices. */
export function createOrders(count: number): Promise<Database> {
  return create(
    'example_orders',
    `create unlogged table rates (country text primary key, rate numeric not null);
    insert into rates values ('NO', 0.25), ('PE', 0.18), ('JP', 0.10), ('KE', 0.16), ('AU', 0.10);
    create unlogged table orders (id int primary key, customer text, country text, net int not null);
    insert into orders
      select i, 'customer ' || i % 1000, (array['NO', 'PE', 'JP', 'KE', 'AU'])[i % 5 + 1], i % 9973 * 100
      from generate_series(1, ${count}) i;
    create unlogged table invoices (id int primary key, customer text, gross int not null);
    analyze;`,
  );
}

/**
 * An empty table of payments that notifies the channel `payments` of each transaction that adds some.
 *
 * A reader asks for the ids after the last one that it knows, so ids must become visible in their order. A sequence
 * alone does not see to that: a transaction may take id 7, and commit after another one has committed id 8. The lock
 * lets one transaction at a time take ids, until it has committed.
 */
export function createPayments(): Promise<Database> {
  return create(
    'example_payments',
    `create table payments (id int primary key, amount int not null);
    create sequence payment_ids owned by payments.id;
    create function announce() returns trigger language plpgsql as $$ begin
      perform pg_advisory_xact_lock(hashtext('payments'));
      new.id = nextval('example_payments.payment_ids');
      notify payments;
      return new;
    end $$;
    create trigger announce before insert on payments for each row execute function announce();`,
  );
}

/** Makes a schema, which is dropped again in the end. */
async function create(schema: string, statements: string): Promise<Database> {
  const client = await connect();
  const end = async (): Promise<void> => {
    await client.query(`drop schema if exists ${schema} cascade`).catch(() => {});
    await client.end();
  };
  try {
    await client.query(`set client_min_messages = warning; drop schema if exists ${schema} cascade`);
    await client.query(`create schema ${schema}; set search_path = ${schema}; ${statements}`);
  } catch (error) {
    await end();
    throw error;
  }
  return { client, [Symbol.asyncDispose]: end };
}
