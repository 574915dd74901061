// Stands in for a queue of jobs that never ends. A job that is not acknowledged is given to another worker.
import { setTimeout as latency } from 'node:timers/promises';

export interface Job {
  readonly id: number;
}

export class Queue {
  #next = 0;
  readonly #taken = new Set<Job>();

  async take(signal: AbortSignal): Promise<Job> {
    await latency(2, undefined, { signal });
    const job = { id: this.#next++ };
    this.#taken.add(job);
    return job;
  }

  async acknowledge(job: Job): Promise<void> {
    await latency(1);
    this.#taken.delete(job);
  }

  close(): void {
    console.log(`closed the queue: ${this.#taken.size} of its jobs are not acknowledged`);
  }
}

export async function connect(): Promise<Queue> {
  await latency(1);
  return new Queue();
}
