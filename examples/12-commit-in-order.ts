// The records of a log, eight at a time, committed in order: all records before the stored offset are done, whichever
// finished first. A restart after a crash repeats a few records and loses none.
import { setImmediate as turn } from 'node:timers/promises';

import { AsyncStream, type Context } from 'asyncstream';

import { fail } from './support/fail.ts';

/** Stands in for a partition of Kafka: offsets from 0 to 999. */
const readLog = (from: number): AsyncStream<number> => AsyncStream.range(from, 1000);

/** What outlives a crash. */
const store = { next: 0 };

const timesDone = new Map<number, number>();
const crash = new AbortController();

/** Some records take 40 times as long as others. */
async function work(offset: number, _index: number, { signal }: Context): Promise<number> {
  for (let turns = (offset * 17) % 40; turns >= 0; turns--) await turn(undefined, { signal });
  timesDone.set(offset, (timesDone.get(offset) ?? 0) + 1);
  if (offset === 500) crash.abort('the power is out');
  return offset;
}

const consume = (signal?: AbortSignal): Promise<void> =>
  readLog(store.next)
    .map(work, { concurrency: 8, buffer: 32 }) // In order: a record is emitted once all before it are done.
    .chunks(20) // One commit for 20 records. With `within`, it also comes after some milliseconds.
    .forEach((offsets) => (store.next = offsets.at(-1)! + 1), { signal });

try {
  await consume(crash.signal).catch((reason: unknown) => {
    if (reason !== crash.signal.reason) throw reason;
    console.log(`crash: ${String(reason)}, ${timesDone.size} records are done, committed up to ${store.next}`);
  });

  console.log(`restart at ${store.next}`);
  await consume();

  const repeated = [...timesDone.values()].filter((times) => times > 1).length;
  console.log(`committed up to ${store.next}: ${timesDone.size} records done, ${repeated} of them twice`);
} catch (error) {
  fail(error);
}

// Prints:
// crash: the power is out, 502 records are done, committed up to 480
// restart at 480
// committed up to 1000: 1000 records done, 22 of them twice
