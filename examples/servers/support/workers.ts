// A pool of worker processes that share a queue, and their coordinator, which counts what they have done.
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';

import { AsyncStream } from 'asyncstream';

import { describe } from '../../support/fail.ts';

export interface Job {
  readonly body: string;
  /** Whether another worker has had it before, and did not acknowledge it. */
  readonly takenOver: boolean;
}

/** A queue that gives a job to another worker if it is not acknowledged in time. */
export interface Queue<J extends Job> extends AsyncDisposable {
  readonly jobs: AsyncStream<J>;
  acknowledge(jobs: readonly J[]): Promise<unknown>;
  /** Rejects when the connection is lost, for clients that tell it nowhere else. */
  readonly lost?: Promise<never>;
}

interface Report {
  readonly bodies: readonly string[];
  readonly takenOver: number;
}

type Message = 'ready' | Report | { readonly error: string };

/**
 * The pipeline of a worker, the same for every queue. A batch is acknowledged after its results have been handed over,
 * so a worker that dies in between leaves its jobs to another one: none is lost, and some are done twice.
 */
export function pipeline<J extends Job>(queue: Queue<J>, stop: Promise<unknown>): AsyncStream<number> {
  return queue.jobs
    .takeUntil(stop)
    .buffer(500)
    .map((job) => ({ job, result: digest(job.body) }))
    .chunks(500, { within: 50 })
    .map(async (batch) => {
      const jobs = batch.map(({ job }) => job);
      await send({ bodies: jobs.map(({ body }) => body), takenOver: jobs.filter((job) => job.takenOver).length });
      await queue.acknowledge(jobs);
      return batch.length;
    });
}

/** Stands in for the work: some 10 µs of computing. */
function digest(body: string): string {
  let text = body;
  for (let round = 0; round < 4; round++) text = createHash('sha256').update(text).digest('hex');
  return text;
}

/** Runs the pipeline in a worker process, from the coordinator's first message to its second, or until it has gone. */
export async function work<J extends Job>(open: () => Promise<Queue<J>>): Promise<void> {
  try {
    await using queue = await open();
    queue.lost?.catch(() => {}); // Closing the queue also closes the connection.
    const start = nextMessage();
    await send('ready');
    await start;
    const batches = pipeline(queue, nextMessage());
    await (queue.lost ? batches.takeUntil(queue.lost) : batches).drain();
  } catch (error) {
    await send({ error: describe(error) });
    process.exitCode = 1;
  } finally {
    if (process.connected) process.disconnect!();
  }
}

function nextMessage(): Promise<unknown> {
  return new Promise((resolve) => process.once('message', resolve).once('disconnect', resolve));
}

/** Resolves when the message has left this process, so that it arrives even if the process is killed. */
function send(message: Message): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}

/**
 * Lets 1, 2 and 4 workers do the jobs that `fill` puts into a queue, then 4 of which one is killed, and prints how it
 * went. Each worker is a process that runs `file`.
 */
export async function compare(file: string, jobs: number, fill: () => Promise<void>): Promise<void> {
  for (const [workers, kill] of RUNS) {
    await fill();
    const { milliseconds, done, takenOver, repeated } = await coordinate(file, workers, jobs, kill);
    const speed = `${Math.round((jobs / milliseconds) * 1000)} jobs/s`;
    const percent = (count: number): string => `${((count / jobs) * 100).toFixed(1)} %`;
    const name = workers === 1 ? '1 worker' : `${workers} workers`;
    const taken = kill ? `, 1 killed, ${percent(takenOver)} taken over` : '';
    console.log(`${name}: ${done} done, ${jobs - done} lost, ${percent(repeated)} repeated, ${speed}${taken}`);
  }
}

const RUNS = [
  [1, false],
  [2, false],
  [4, false],
  [4, true],
] as const;

interface Tally {
  readonly milliseconds: number;
  readonly done: number;
  readonly takenOver: number;
  readonly repeated: number;
}

/** Starts workers and stops them when all jobs are done. With `kill`, one is killed after a third of the jobs. */
async function coordinate(file: string, workers: number, jobs: number, kill: boolean): Promise<Tally> {
  const pool = Array.from({ length: workers }, () => fork(file));
  const closed = pool.map((worker) => once(worker, 'close'));
  const tell = (message: string): void => pool.forEach((worker) => worker.connected && worker.send(message));
  const done = new Set<string>();
  let [ready, reported, takenOver, start, end] = [0, 0, 0, 0, 0];
  try {
    await AsyncStream.merge(...pool.map((worker, index) => messagesOf(worker, `worker ${index + 1}`)))
      .timeout({ each: 20_000 }) // A job that was lost would never be reported.
      .forEach(({ worker, message }) => {
        if (message === 'ready') {
          if (++ready < workers) return;
          start = performance.now();
          return tell('start');
        }
        reported += message.bodies.length;
        takenOver += message.takenOver;
        for (const body of message.bodies) done.add(body);
        if (kill && worker === pool[0] && done.size > jobs / 3) worker.kill('SIGKILL');
        if (done.size < jobs || end > 0) return;
        end = performance.now();
        tell('stop');
      });
  } finally {
    for (const worker of pool) worker.kill('SIGKILL');
    await Promise.all(closed);
  }
  return { milliseconds: end - start, done: done.size, takenOver, repeated: reported - done.size };
}

/** What a worker says, until it has ended. Fails if it has failed. */
function messagesOf(
  worker: ChildProcess,
  name: string,
): AsyncStream<{ readonly worker: ChildProcess; readonly message: 'ready' | Report }> {
  return AsyncStream.create((push) => {
    worker.on('message', (message: Message) => {
      if (message !== 'ready' && 'error' in message) push.fail(new Error(`${name}: ${message.error}`));
      else void push({ worker, message });
    });
    worker.on('close', (code) => {
      if (code === 0 || worker.killed) push.end();
      else push.fail(new Error(`${name} ended with exit code ${code}`));
    });
    return () => void worker.removeAllListeners('message');
  });
}
