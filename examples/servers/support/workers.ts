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

/** What the coordinator sends to a worker. */
type Answer = 'start' | 'confirmed' | 'stop';

/** How the coordinator handles a queue. */
export interface Admin {
  /** Empties the queue and puts all jobs into it. */
  fill(): Promise<void>;
  /** How many jobs the worker with that process id has and has not acknowledged, for servers that know it. */
  heldBy?(pid: number): Promise<number>;
}

/**
 * The pipeline of a worker, the same for every queue. A batch is acknowledged after the coordinator has confirmed its
 * results, so a worker that dies in between leaves its jobs to another one: none is lost, and some are done twice.
 */
export function pipeline<J extends Job>(queue: Queue<J>, stop: Promise<unknown>): AsyncStream<number> {
  return queue.jobs
    .takeUntil(stop)
    .buffer(500)
    .map((job) => ({ job, result: digest(job.body) }))
    .chunks(500, { within: 50 })
    .map(async (batch) => {
      const jobs = batch.map(({ job }) => job);
      const report = { bodies: jobs.map(({ body }) => body), takenOver: jobs.filter((job) => job.takenOver).length };
      await Promise.all([told('confirmed'), send(report)]);
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

/** Runs the pipeline in a worker process, until the coordinator stops it or has gone. */
export async function work<J extends Job>(open: () => Promise<Queue<J>>): Promise<void> {
  try {
    await using queue = await open();
    queue.lost?.catch(() => {}); // Closing the queue also closes the connection.
    const start = told('start');
    await send('ready');
    await start;
    const batches = pipeline(queue, told('stop'));
    await (queue.lost ? batches.takeUntil(queue.lost) : batches).drain();
  } catch (error) {
    await send({ error: describe(error) });
    process.exitCode = 1;
  } finally {
    if (process.connected) process.disconnect!();
  }
}

/** Resolves when the coordinator has sent that answer. Rejects if the coordinator has gone. */
function told(expected: Answer): Promise<void> {
  return new Promise((resolve, reject) => {
    const listen = (answer: Answer): void => {
      if (answer === expected) settle(resolve);
    };
    const leave = (): void => settle(() => reject(new Error('the coordinator has gone')));
    const settle = (how: () => void): void => {
      process.off('message', listen).off('disconnect', leave);
      how();
    };
    process.on('message', listen).on('disconnect', leave);
    if (!process.connected) leave();
  });
}

/** Resolves when the message has left this process. */
function send(message: Message): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}

/**
 * Lets 1, 2 and 4 workers do the jobs of a queue, then 4 of which one is killed, and prints how it went. Each worker is
 * a process that runs `file`.
 */
export async function compare(file: string, jobs: number, admin: Admin): Promise<void> {
  for (const [workers, kill] of RUNS) {
    await admin.fill();
    const { milliseconds, done, held, takenOver, repeated } = await coordinate(file, workers, jobs, kill, admin);
    const speed = `${Math.round((jobs / milliseconds) * 1000)} jobs/s`;
    const name = workers === 1 ? '1 worker' : `${workers} workers`;
    const killed = kill ? `, 1 killed with ${held} jobs, ${takenOver} jobs taken over` : '';
    console.log(`${name}: ${done} done, ${jobs - done} lost, ${repeated} jobs repeated, ${speed}${killed}`);
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
  /** The jobs that the killed worker had and had not acknowledged. */
  readonly held: number;
  readonly takenOver: number;
  readonly repeated: number;
}

/**
 * Starts workers, and stops them when all jobs are done. With `kill`, one of them is killed after a third of the jobs,
 * before its batch is confirmed: that batch is done but not acknowledged, and the others have to take it over.
 */
async function coordinate(file: string, workers: number, jobs: number, kill: boolean, admin: Admin): Promise<Tally> {
  const pool = Array.from({ length: workers }, () => fork(file));
  const closed = pool.map((worker) => once(worker, 'close'));
  const tell = (worker: ChildProcess, answer: Answer): void => {
    if (worker.connected) worker.send(answer, () => {}); // A worker that has just died is noticed by its exit.
  };
  const done = new Set<string>();
  let [ready, reported, held, takenOver, start, end] = [0, 0, 0, 0, 0, 0];
  try {
    await AsyncStream.merge(...pool.map((worker, index) => messagesOf(worker, `worker ${index + 1}`)))
      .timeout({ each: 20_000 }) // A job that was lost would never be reported.
      .forEach(async ({ worker, message }) => {
        if (message === 'ready') {
          if (++ready < workers) return;
          start = performance.now();
          return pool.forEach((each) => tell(each, 'start'));
        }
        reported += message.bodies.length;
        takenOver += message.takenOver;
        for (const body of message.bodies) done.add(body);
        if (kill && held === 0 && worker === pool[0] && done.size > jobs / 3) {
          held = (await admin.heldBy?.(worker.pid!)) ?? message.bodies.length;
          worker.kill('SIGKILL');
        } else tell(worker, 'confirmed');
        if (done.size < jobs || takenOver < held || end > 0) return;
        end = performance.now();
        for (const each of pool) tell(each, 'stop');
      });
  } finally {
    for (const worker of pool) worker.kill('SIGKILL');
    await Promise.all(closed);
  }
  return { milliseconds: end - start, done: done.size, held, takenOver, repeated: reported - done.size };
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
