// Follows the files of a folder, also new ones, as they grow: their lines, each as soon as it is complete. A file is read
// from its start once it changes: node --import tsx examples/13-watch-a-folder.ts [folder]
import { createReadStream, watch } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AsyncStream } from 'asyncstream';

import { fail } from './support/fail.ts';
import { writeLogs } from './support/writers.ts';

const given = process.argv[2];
const folder = given ?? (await mkdtemp(join(tmpdir(), 'logs-')));

/** The name of a file whenever it has changed. The watcher is closed with the stream. */
const changes = AsyncStream.using(
  () => watch(folder),
  (watcher) => AsyncStream.fromEvent(watcher, 'change', { select: (_kind, name) => String(name) }),
);

/** What is appended to a file. Several changes within 20 ms are read at once. */
function follow(file: string, writes: AsyncStream<string>): AsyncStream<string> {
  let position = 0;
  const appended = AsyncStream.from<Buffer>(async () => {
    const path = join(folder, file);
    if ((await stat(path)).size < position) position = 0; // It was truncated, or replaced by a new file.
    return createReadStream(path, { start: position });
  });
  return writes
    .debounce(20, { maxWait: 200 })
    .flatMap(() => appended.catch(skip))
    .tap((bytes) => (position += bytes.length))
    .lines()
    .map((line) => `${file}: ${line}`);

  function skip(error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR') throw error;
    position = 0; // It was removed, or is a folder.
  }
}

const lines = changes
  .groupByKey((file) => file)
  .flatMap(([file, writes]) => follow(file, writes), { concurrency: Infinity, ordered: false })
  .takeUntil(AsyncStream.fromEvent(process, 'SIGINT')); // Ctrl-C ends the run, which closes the watcher.

const writers = new AbortController();
let written: Promise<void> | undefined;
const firstFive = lines.tap({ start: () => void (written = writeLogs(folder, writers.signal)) }).take(5);
try {
  await (given === undefined ? firstFive : lines).forEach((line) => console.log(line));
} catch (error) {
  fail(error);
} finally {
  writers.abort();
  await written;
  if (given === undefined) await rm(folder, { recursive: true });
}

// Prints:
// web.log: GET /
// web.log: GET /about
// jobs.log: backup started
// web.log: GET /café
// jobs.log: backup done
