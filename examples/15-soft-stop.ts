// A worker that ends well: at Ctrl-C it takes no more jobs from the queue, completes those that it has, and closes the
// connection. A second Ctrl-C ends it at once.
import { setTimeout as compute } from 'node:timers/promises';

import { AsyncStream } from 'asyncstream';

import { fail } from './support/fail.ts';
import { connect } from './support/queue.ts';

const soft = new AbortController();
const hard = new AbortController();
function interrupt(): void {
  if (soft.signal.aborted) return hard.abort(new Error('ended at once'));
  console.log('takes no more jobs');
  soft.abort();
}
process.on('SIGINT', interrupt);

const done = AsyncStream.using(
  () => connect(),
  (queue) =>
    AsyncStream.poll((_index, { signal }) => queue.take(signal), { every: 0 })
      .takeUntil(soft.signal) // Upstream of the work, so that this goes on.
      .map(
        async (job, _index, { signal }) => {
          await compute(40, undefined, { signal });
          await queue.acknowledge(job); // Only now: a job is not lost with its worker.
          return job;
        },
        { concurrency: 8, ordered: false },
      ),
);

try {
  // Presses Ctrl-C itself, while eight jobs are in flight.
  const count = await done
    .tap((_job, index) => {
      if (index === 9) process.kill(process.pid, 'SIGINT');
    })
    .count({ signal: hard.signal });
  console.log(`completed ${count} jobs`);
} catch (error) {
  fail(error);
} finally {
  process.off('SIGINT', interrupt);
}

// Prints:
// takes no more jobs
// closed the queue: 0 of its jobs are not acknowledged
// completed 17 jobs
