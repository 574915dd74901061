import { Readable } from 'node:stream';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import pMap, { pMapIterable } from 'p-map';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, itself, someNumbers, turn, zero } from './common.mjs';

const AT_ONCE = 16;

/** A window of promises, of which the oldest is awaited when it is full. */
async function byHand() {
  const window = [];
  let total = 0;
  for await (const x of someNumbers()) {
    window.push(turn(x));
    if (window.length === AT_ONCE) total += await window.shift();
  }
  for (const promise of window) total += await promise;
  return total;
}

/** @type {import('./common.mjs').Row} */
export default {
  name: 'concurrent-map',
  title: 'map, 16 at a time, ordered',
  bar: 1.4,
  lead: 1.5,
  elements: someNumbers.count,
  competitors: {
    'by hand': byHand,
    asyncstream: () => AsyncStream.from(someNumbers()).map(turn, { concurrency: AT_ONCE }).reduce(add, 0),
    'p-map': async () => (await pMap(someNumbers(), turn, { concurrency: AT_ONCE })).reduce(add, 0),
    pMapIterable: async () => {
      let total = 0;
      for await (const x of pMapIterable(someNumbers(), turn, { concurrency: AT_ONCE })) total += x;
      return total;
    },
    'streaming-iterables': () => si.pipeline(someNumbers, si.parallelMap(AT_ONCE, turn), si.reduce(add, 0)),
    'Readable.map': () => Readable.from(someNumbers()).map(turn, { concurrency: AT_ONCE }).reduce(add, 0),
    rxjs: () =>
      // RxJS has no ordered form: this is the nearest.
      rx.lastValueFrom(rx.from(someNumbers()).pipe(rx.mergeMap(turn, AT_ONCE), rx.reduce(add, 0))),
    'iter-ops': () => ops.pipe(someNumbers(), ops.map(turn), ops.waitRace(AT_ONCE), ops.reduce(add, 0)).first,
    effect: () =>
      Stream.fromAsyncIterable(someNumbers(), itself).pipe(
        Stream.mapEffect((x) => Effect.promise(() => turn(x)), { concurrency: AT_ONCE }),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
  },
};
