// Stands in for a database with a pool of connections and cursors, and logs what happens to them.
import { setImmediate as roundTrip } from 'node:timers/promises';

export interface Row {
  readonly id: number;
  readonly city: string;
}

export class Connection {
  readonly #log: (event: string) => void;

  constructor(log: (event: string) => void) {
    this.#log = log;
  }

  /** A number of rows, two in each round trip. */
  async *cursor(rows = 1000): AsyncGenerator<readonly Row[]> {
    this.#log('opened the cursor');
    try {
      for (let id = 1; id < rows; id += 2) {
        await roundTrip();
        this.#log(`fetched the rows ${id} and ${id + 1}`);
        yield [row(id), row(id + 1)];
      }
    } finally {
      await roundTrip();
      this.#log('closed the cursor');
    }
  }

  /** Gives the connection back to the pool. */
  async release(): Promise<void> {
    await roundTrip();
    this.#log('released the connection');
  }
}

function row(id: number): Row {
  return { id, city: ['Oslo', 'Lima', 'Kyoto'][id % 3]! };
}

/** Takes a connection from the pool. */
export async function connect(log: (event: string) => void = () => {}): Promise<Connection> {
  await roundTrip();
  log('took a connection');
  return new Connection(log);
}
