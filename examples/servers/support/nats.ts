// Connections to NATS for the examples.
import { connect as connectNats, type NatsConnection } from '@nats-io/transport-node';

const url = process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222';

/** Connects, or fails with an error that says how to get a server. A connection that is lost is not opened again. */
export async function connect(): Promise<NatsConnection> {
  try {
    return await connectNats({ servers: url, reconnect: false, timeout: 3000 });
  } catch (error) {
    const advice = 'apt-get install nats-server and start it with --jetstream, or set NATS_URL';
    throw new Error(`No NATS at ${new URL(url).host} (${advice})`, { cause: error });
  }
}
