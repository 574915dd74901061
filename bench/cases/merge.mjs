import { Effect, Stream } from 'effect';
import * as ix from 'ix/asynciterable';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, ELEMENTS, itself, zero } from './common.mjs';

const SOURCES = 8;

async function* share() {
  for (let i = 0; i < ELEMENTS / SOURCES; i++) yield i;
}

const shares = () => Array.from({ length: SOURCES }, share);

async function byHand() {
  let total = 0;
  const sum = async (numbers) => {
    for await (const x of numbers) total += x;
  };
  await Promise.all(shares().map(sum));
  return total;
}

/** @type {import('./common.mjs').Row} */
export default {
  name: 'merge',
  title: 'merge of eight generators (by hand: eight loops in Promise.all)',
  bar: 1.5,
  competitors: {
    'by hand': byHand,
    asyncstream: () => {
      const [first, ...others] = shares();
      return AsyncStream.from(first)
        .merge(...others)
        .reduce(add, 0);
    },
    'streaming-iterables': () => si.pipeline(() => si.parallelMerge(...shares()), si.reduce(add, 0)),
    rxjs: () => rx.lastValueFrom(rx.merge(...shares().map((numbers) => rx.from(numbers))).pipe(rx.reduce(add, 0))),
    ix: () => ix.reduce(ix.merge(...shares().map((numbers) => ix.from(numbers))), { callback: add, seed: 0 }),
    effect: () =>
      Stream.mergeAll(
        shares().map((numbers) => Stream.fromAsyncIterable(numbers, itself)),
        { concurrency: SOURCES },
      ).pipe(Stream.runFold(zero, add), Effect.runPromise),
  },
};
