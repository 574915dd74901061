import { Effect, Stream } from 'effect';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, itself, numbers, zero } from './common.mjs';

const SIZE = 16;

/** @type {import('./common.mjs').Row} */
export default {
  name: 'buffer',
  title: 'buffer(16) over a generator (by hand: the bare loop)',
  bar: 1.6,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const x of numbers()) total += x;
      return total;
    },
    asyncstream: () => AsyncStream.from(numbers()).buffer(SIZE).reduce(add, 0),
    'streaming-iterables': () => si.pipeline(numbers, si.buffer(SIZE), si.reduce(add, 0)),
    effect: () =>
      Stream.fromAsyncIterable(numbers(), itself).pipe(
        Stream.buffer({ capacity: SIZE }),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
  },
};
