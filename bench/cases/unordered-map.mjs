import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, itself, someNumbers, turn, zero } from './common.mjs';

const AT_ONCE = 16;

/** Workers that take from one iterator. */
async function byHand() {
  const numbers = someNumbers();
  let total = 0;
  const work = async () => {
    for (let step = await numbers.next(); !step.done; step = await numbers.next()) {
      // In two steps: `total += await …` would add to what the total was before the wait.
      const x = await turn(step.value);
      total += x;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return total;
}

/** @type {import('./common.mjs').Row} */
export default {
  name: 'unordered-map',
  title: 'map, 16 at a time, as they come',
  bar: 1.4,
  elements: someNumbers.count,
  competitors: {
    'by hand': byHand,
    asyncstream: () =>
      AsyncStream.from(someNumbers()).map(turn, { concurrency: AT_ONCE, ordered: false }).reduce(add, 0),
    'streaming-iterables': () => si.pipeline(someNumbers, si.parallelMap(AT_ONCE, turn), si.reduce(add, 0)),
    rxjs: () => rx.lastValueFrom(rx.from(someNumbers()).pipe(rx.mergeMap(turn, AT_ONCE), rx.reduce(add, 0))),
    'iter-ops': () => ops.pipe(someNumbers(), ops.map(turn), ops.waitRace(AT_ONCE), ops.reduce(add, 0)).first,
    effect: () =>
      Stream.fromAsyncIterable(someNumbers(), itself).pipe(
        Stream.mapEffect((x) => Effect.promise(() => turn(x)), { concurrency: AT_ONCE, unordered: true }),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
  },
};
