// Makes the input of an example: a gzipped file with one order as JSON on each line.
import { createWriteStream } from 'node:fs';
import { createGzip } from 'node:zlib';

import { AsyncStream } from 'asyncstream';

export interface Order {
  readonly id: number;
  readonly city: string;
  readonly total: number;
  readonly paid: boolean;
}

const CITIES = ['Oslo', 'Lima', 'Kyoto', 'Washington, D.C.', 'Quito'];

/** Writes `count` orders. */
export async function writeOrders(file: string, count: number): Promise<void> {
  await AsyncStream.range(0, count)
    .map((id): Order => ({ id, city: CITIES[id % 5]!, total: (id * 7919) % 1000, paid: id % 3 > 0 }))
    .map((order) => `${JSON.stringify({ ...order, note: 'left at the door of the neighbours' })}\n`)
    .chunks(1000)
    .map((lines) => lines.join(''))
    .pipeThrough<Buffer>(createGzip({ level: 1 }))
    .pipeTo(createWriteStream(file));
}
