// PostgreSQL: every payment as soon as it is committed, once and in order, though the connection is lost three times.
import { AsyncStream } from 'asyncstream';

import { fail } from '../support/fail.ts';
import { breakConnection, createPayments, listen } from './support/postgres.ts';

type Payment = Readonly<{ id: number; amount: number }>;

const PAYMENTS = 2000;
const AFTER = 'select id, amount from example_payments.payments where id > $1 order by id limit 100';

// A notification only says that there is something to read. So one that waits stands for all that come after it, and
// one that was missed costs nothing: the table is read again after each connection.
function paymentsAfter(position: number): AsyncStream<Payment> {
  let last = position;
  return AsyncStream.using(
    () => listen('payments'),
    (client) => {
      const read = async () => (await client.query<Payment>(AFTER, [last])).rows;
      return AsyncStream.fromEvent(client, 'notification', { eager: true, buffer: 1, overflow: 'drop-newest' })
        .map(() => 'notified')
        .prepend('connected')
        .flatMap(() => AsyncStream.poll(read, { every: 0, until: (rows) => rows.length < 100 }).flat())
        .tap(({ id }) => (last = id));
    },
    (client) => client.end(),
  );
}

async function main(): Promise<void> {
  await using database = await createPayments();
  const { client } = database;
  const received: Payment[] = [];
  let [resumed, saves] = [0, 0];
  const resume = (last?: Payment) => (resumed++, paymentsAfter(last?.id ?? 0));
  const payment = paymentsAfter(0).retry({ times: 5, delay: 20, resume });
  // Stands in for the programs that make payments. Every now and then, it breaks the connection of the reader.
  const written = AsyncStream.range(1, PAYMENTS + 1).map(async (n) => {
    await client.query('insert into example_payments.payments (amount) values ($1)', [n % 97]);
    if (n % 500 === 0 && n < PAYMENTS) await breakConnection(client, 'payments');
  });

  const start = performance.now();
  await AsyncStream.mergeKeyed({ payment, written, tick: AsyncStream.interval(50) })
    .takeWhile(() => received.length < PAYMENTS)
    .forEach(([kind, value]) => {
      if (kind === 'payment') received.push(value);
      if (kind === 'tick') saves++; // A program would save the last id and the total here, in one transaction.
    });
  const perSecond = (count: number) => Math.round((count * 1000) / (performance.now() - start));

  const { rows } = await client.query<{ sum: string }>('select sum(amount) from example_payments.payments');
  const total = received.reduce((sum, { amount }) => sum + amount, 0);
  const distinct = new Set(received.map(({ id }) => id)).size;
  console.log(`payments   ${received.length}, ${PAYMENTS - distinct} lost, ${received.length - distinct} repeated`);
  console.log(`total      ${total}, in the database ${rows[0]?.sum}, resumed ${resumed} times`);
  console.log(`speed      ${perSecond(received.length)} payments/s, ${perSecond(saves)} saves/s`);
}

await main().catch(fail);

// Prints:
// payments   2000, 0 lost, 0 repeated
// total      94950, in the database 94950, resumed 3 times
// speed      3285 payments/s, 18 saves/s
