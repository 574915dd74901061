// tinypool: the nearest word of a dictionary for each misspelt one, computed on all cores, and in order.
import { availableParallelism } from 'node:os';

import { Tinypool } from 'tinypool';

import { AsyncStream } from 'asyncstream';

import { fail } from '../support/fail.ts';
import { DICTIONARY, misspelt, type Correction } from './support/words.ts';

const CORES = availableParallelism();
const pool = new Tinypool({
  filename: new URL('support/nearest-words.mjs', import.meta.url).href,
  workerData: DICTIONARY,
  execArgv: [], // The threads need no TypeScript.
  minThreads: CORES,
  maxThreads: CORES,
});

// In chunks, since handing a task to a thread costs some 40 µs. The pool ends a task, with its thread, if its signal
// aborts, and the signal of a callback aborts as soon as its result is no longer needed.
const correct = (words: Iterable<string>, concurrency: number): AsyncStream<Correction> =>
  AsyncStream.from(words)
    .chunks(20)
    .map((chunk, _, { signal }) => pool.run(chunk, { signal }) as Promise<Correction[]>, { concurrency })
    .flat();

async function main(): Promise<void> {
  const words = misspelt(1000);
  await correct(words.slice(0, 200), 2 * CORES).drain(); // Warms the threads up.

  // Twice as many tasks as cores, so that a thread finds the next task as soon as it has done one.
  const milliseconds: number[] = [];
  for (const concurrency of [1, 2 * CORES]) {
    const start = performance.now();
    const corrections = await correct(words, concurrency).toArray();
    milliseconds.push(performance.now() - start);
    const inOrder = corrections.every(({ word }, index) => word === words[index]);
    console.log(`${corrections.length} words corrected, ${inOrder ? 'in order' : 'not in order'}`);
  }
  console.log(`on all cores ${(milliseconds[0]! / milliseconds[1]!).toFixed(2)} × as fast as on one`);

  const stop = new AbortController();
  const { threads } = pool;
  const reason = await correct(words, 2 * CORES)
    .forEach((_, index) => index === 99 && stop.abort('aborted'), { signal: stop.signal })
    .catch((reason: unknown) => reason);
  const goingOn = () => pool.threads.filter((thread) => threads.includes(thread)).length;
  await AsyncStream.poll(goingOn, { every: 10, until: (count) => count === 0 }).drain();
  console.log(`${String(reason)}: ${goingOn()} tasks go on, ${pool.queueSize} wait`);
}

try {
  await main();
} catch (error) {
  fail(error);
} finally {
  await pool.destroy();
}

// Prints:
// 1000 words corrected, in order
// 1000 words corrected, in order
// on all cores 1.90 × as fast as on one
// aborted: 0 tasks go on, 0 wait
