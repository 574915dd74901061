// A gzipped file of JSON lines becomes a CSV file, in the same memory for a thousand orders and for a billion:
// node --import tsx examples/08-gzip-to-csv.ts [file.ndjson.gz]
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';

import { AsyncStream } from 'asyncstream';

import { fail } from './support/fail.ts';
import { type Order, writeOrders } from './support/orders.ts';

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const parseOrder = (line: string): Order => JSON.parse(line) as Order;
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const folder = await mkdtemp(join(tmpdir(), 'orders-'));
const target = join(folder, 'paid.csv');

try {
  const file = process.argv[2] ?? join(folder, 'orders.ndjson.gz');
  if (process.argv[2] === undefined) await writeOrders(file, 300_000);

  const before = process.memoryUsage.rss();
  let bytes = 0;
  await AsyncStream.from(createReadStream(file))
    .pipeThrough<Buffer>(() => createGunzip())
    .tap((chunk) => (bytes += chunk.length))
    .lines()
    .map(parseOrder)
    .tap((_, index) => {
      if ((index + 1) % 100_000 > 0) return;
      const used = Math.max(0, process.memoryUsage.rss() - before);
      console.log(`${index + 1} orders of ${megabytes(bytes)} read, ${megabytes(used)} used`);
    })
    .filter((order) => order.paid && order.total >= 990)
    .map(({ id, city, total }) => `${id},${quoted(city)},${total}\n`)
    .prepend('id,city,total\n')
    .pipeTo(createWriteStream(target));

  console.log(`${(await stat(target)).size} bytes of CSV written, beginning with`);
  await AsyncStream.from(createReadStream(target))
    .lines()
    .take(3)
    .forEach((line) => console.log(line));
} catch (error) {
  fail(error);
} finally {
  await rm(folder, { recursive: true });
}

// Prints:
// 100000 orders of 9.3 MB read, 6.3 MB used
// 200000 orders of 18.8 MB read, 3.8 MB used
// 300000 orders of 28.2 MB read, 4.0 MB used
// 37676 bytes of CSV written, beginning with
// id,city,total
// 247,Kyoto,993
// 284,Quito,996
