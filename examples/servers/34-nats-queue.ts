// NATS JetStream: the same workers and the same pipeline as for Redis. Only the queue is another one.
import { AckPolicy, jetstream, jetstreamManager, StorageType, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

import { AsyncStream } from 'asyncstream';

import { fail } from '../support/fail.ts';
import { connect } from './support/nats.ts';
import { compare, work, type Job, type Queue } from './support/workers.ts';

const JOBS = 100_000;
const [STREAM, GROUP] = ['example-jobs', 'workers'];
const IDLE = 2000; // The milliseconds after which a job that is not acknowledged is given to another worker.

/** The jobs for one worker: new ones, and those that another one has left. The server mixes them. */
async function open(): Promise<Queue<Job & { readonly message: JsMsg }>> {
  const connection = await connect();
  const consume = async () => {
    const consumer = await jetstream(connection).consumers.get(STREAM, GROUP);
    return consumer.consume({ max_messages: 500 });
  };
  return {
    // A consumer, and a flush, do not notice that the connection is lost.
    lost: connection.closed().then((error) => Promise.reject(error ?? new Error('NATS closed the connection'))),
    jobs: AsyncStream.from(consume).map((message) => {
      return { message, body: message.string(), takenOver: message.info.deliveryCount > 1 };
    }),
    async acknowledge(jobs) {
      for (const { message } of jobs) message.ack();
      await connection.flush();
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function main(): Promise<void> {
  const connection = await connect();
  try {
    const manager = await jetstreamManager(connection);
    const fill = async (): Promise<void> => {
      await manager.streams.delete(STREAM).catch(() => {});
      await manager.streams.add({ name: STREAM, subjects: ['example.jobs'], storage: StorageType.Memory });
      await manager.consumers.add(STREAM, {
        durable_name: GROUP,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(IDLE),
        max_ack_pending: -1,
      });
      await AsyncStream.range(0, JOBS).forEach((n) => connection.publish('example.jobs', `${n}`));
      await connection.flush();
    };
    await compare(import.meta.filename, JOBS, { fill });
    await manager.streams.delete(STREAM);
  } finally {
    await connection.close();
  }
}

if (process.send) await work(open);
else await main().catch(fail);

// Prints:
// 1 worker: 100000 done, 0 lost, 0 jobs repeated, 72660 jobs/s
// 2 workers: 100000 done, 0 lost, 0 jobs repeated, 74344 jobs/s
// 4 workers: 100000 done, 0 lost, 0 jobs repeated, 66956 jobs/s
// 4 workers: 100000 done, 0 lost, 500 jobs repeated, 33622 jobs/s, 1 killed with 500 jobs, 1420 jobs taken over
