/**
 * Measures how much memory it takes to process a large file: `node bench/resident.mjs [gigabytes]`.
 *
 * Gunzips a file, splits it into lines, keeps some of them and gzips these into another file. What is reported is the most
 * by which the resident memory of the process grew over the moment before, looked at 20 times a second.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGunzip, createGzip, gzipSync } from 'node:zlib';
import { buildLibrary, grouped, table } from './tools.mjs';

/** In megabytes. */
const LIMIT = 80;

const [gigabytes = '1', file] = process.argv.slice(2);
if (file === undefined) await measureAll();
else write(file);

/** Writes 10 MB at a time, and tells its parent how much that is unpacked. */
function write(file) {
  const line = (i) => `${i};${(i * 2654435761) % 4294967296};some text that repeats\n`;
  const text = Array.from({ length: 250_000 }, (_, i) => line(i)).join('');
  const part = gzipSync(text);
  const times = Math.ceil((gigabytes * 1e9) / text.length);
  for (let i = 0; i < times; i++) writeFileSync(file, part, { flag: 'a' });
  process.send({ bytes: times * text.length, lines: times * 250_000 });
}

async function measureAll() {
  buildLibrary();
  const { AsyncStream } = await import('../dist/index.js');
  const folder = mkdtempSync(join(tmpdir(), 'asyncstream-resident-'));
  try {
    await measure(AsyncStream, join(folder, 'packed.gz'), join(folder, 'filtered.gz'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(AsyncStream, packed, filtered) {
  // In a process of its own: the memory that writing takes would hide what reading takes.
  const [{ bytes, lines }] = await once(fork(fileURLToPath(import.meta.url), [gigabytes, packed]), 'message');

  const resident = () => process.memoryUsage.rss() / 1e6;
  const before = resident();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, resident())), 50);

  let seen = 0;
  const start = performance.now();
  await AsyncStream.from(createReadStream(packed))
    .pipeThrough(createGunzip())
    .lines()
    .tap(() => void seen++)
    .filter((line) => line.includes('7;'))
    .chunks(1000)
    .map((chunk) => `${chunk.join('\n')}\n`)
    .pipeThrough(createGzip())
    .pipeTo(createWriteStream(filtered));
  const seconds = (performance.now() - start) / 1000;
  clearInterval(sampling);

  if (seen !== lines) throw new Error(`${seen} of ${lines} lines`);
  const growth = Math.max(most, resident()) - before;
  const holds = growth < LIMIT;
  if (!holds) process.exitCode = 1;
  console.log(
    table([
      ['unpacked', 'lines', 'seconds', 'kept', 'resident growth', 'bar', 'holds'],
      [
        `${grouped(Math.round(bytes / 1e6))} MB`,
        grouped(lines),
        seconds.toFixed(1),
        `${(statSync(filtered).size / 1e6).toFixed(0)} MB packed`,
        `${growth.toFixed(0)} MB`,
        `${LIMIT} MB`,
        holds ? 'yes' : 'no',
      ],
    ]),
  );
}
