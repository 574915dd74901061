// Follows the files of a folder, also new ones, as they grow: their lines, each as soon as it is complete.
import { createReadStream, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AsyncStream } from 'asyncstream';

import { fail } from './support/fail.ts';
import { writeLogs } from './support/writers.ts';

const folder = await mkdtemp(join(tmpdir(), 'logs-'));

/** The name of a file whenever it has changed. The watcher is closed with the stream. */
const changes = AsyncStream.using(
  () => watch(folder),
  (watcher) => AsyncStream.fromEvent(watcher, 'change', { select: (_kind, name) => String(name) }),
);

/** What is appended to a file. Several changes within 20 ms are read at once. */
function follow(file: string, writes: AsyncStream<string>): AsyncStream<string> {
  let position = 0;
  return writes
    .debounce(20, { maxWait: 200 })
    .flatMap(() => createReadStream(join(folder, file), { start: position }) as AsyncIterable<Buffer>)
    .tap((bytes) => (position += bytes.length))
    .lines()
    .map((line) => `${file}: ${line}`);
}

const lines = changes
  .groupByKey((file) => file)
  .flatMap(([file, writes]) => follow(file, writes), { concurrency: Infinity, ordered: false });

const writers = new AbortController();
try {
  const written = lines.tap({ start: () => void writeLogs(folder, writers.signal) });
  await written.take(5).forEach((line) => console.log(line));
} catch (error) {
  fail(error);
} finally {
  writers.abort();
  await rm(folder, { recursive: true });
}

// Prints:
// web.log: GET /
// web.log: GET /about
// jobs.log: backup started
// web.log: GET /café
// jobs.log: backup done
