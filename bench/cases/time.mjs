// The stages that count time, over elements that come without a wait: no timer fires. Some peers are missing because
// they keep a timer for each element (ix), or wait for the last one before they end (throttleTime of rxjs).
import { Effect, Stream } from 'effect';
import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, ELEMENTS, itself, numbers, zero } from './common.mjs';

const MINUTE = 60_000;
const SIZE = 100;

const chunkSum = (total, chunk) => total + chunk[0] * chunk.length;

/** What the iterator gives next, unless `late` has been called before. */
function limited(iterator, late) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), MINUTE);
    iterator.next().then((result) => {
      clearTimeout(timer);
      resolve(result);
    }, reject);
  });
}

async function sumWithin(late) {
  const iterator = numbers();
  let total = 0;
  for (let step = await limited(iterator, late); !step.done; step = await limited(iterator, late)) total += step.value;
  return total;
}

const reduced = (operator, callback = add) =>
  rx.lastValueFrom(rx.from(numbers()).pipe(operator, rx.reduce(callback, 0)));
const folded = (operator) =>
  Stream.fromAsyncIterable(numbers(), itself).pipe(operator, Stream.runFold(zero, add), Effect.runPromise);

/** @type {import('./common.mjs').Row[]} */
export default [
  {
    name: 'timeout',
    title: 'timeout(60_000) → reduce',
    competitors: {
      'by hand': () => sumWithin(() => new Error('late')),
      asyncstream: () => AsyncStream.from(numbers()).timeout(MINUTE).reduce(add, 0),
      rxjs: () => reduced(rx.timeout({ each: MINUTE })),
      effect: () => folded(Stream.timeout(MINUTE)),
    },
  },
  {
    name: 'heartbeat',
    title: 'heartbeat(60_000, 0) → reduce',
    competitors: {
      'by hand': () => sumWithin(() => 0),
      asyncstream: () => AsyncStream.from(numbers()).heartbeat(MINUTE, 0).reduce(add, 0),
    },
  },
  {
    name: 'debounce',
    title: 'debounce(60_000) → reduce',
    competitors: {
      'by hand': async () => {
        let last;
        let timer;
        for await (const x of numbers()) {
          clearTimeout(timer);
          last = x;
          timer = setTimeout(itself, MINUTE);
        }
        clearTimeout(timer);
        return last;
      },
      asyncstream: () => AsyncStream.from(numbers()).debounce(MINUTE).reduce(add, 0),
      rxjs: () => reduced(rx.debounceTime(MINUTE)),
      effect: () => folded(Stream.debounce(MINUTE)),
    },
  },
  {
    name: 'throttle',
    title: 'throttle(60_000) → reduce',
    competitors: {
      'by hand': async () => {
        let [total, last, next] = [0, undefined, 0];
        for await (const x of numbers()) {
          last = x;
          if (performance.now() < next) continue;
          next = performance.now() + MINUTE;
          total += x;
        }
        return total + last;
      },
      asyncstream: () => AsyncStream.from(numbers()).throttle(MINUTE).reduce(add, 0),
    },
  },
  {
    name: 'sample',
    title: 'sample(60_000) → reduce',
    competitors: {
      'by hand': async () => {
        let last;
        const timer = setInterval(itself, MINUTE);
        for await (const x of numbers()) last = x;
        clearInterval(timer);
        return last;
      },
      asyncstream: () => AsyncStream.from(numbers()).sample(MINUTE).reduce(add, 0),
    },
  },
  {
    name: 'rate-limit',
    title: 'rateLimit of more than there are → reduce',
    competitors: {
      'by hand': async () => {
        let [total, begin, count] = [0, 0, 0];
        for await (const x of numbers()) {
          const now = performance.now();
          if (now - begin > MINUTE) [begin, count] = [now, 0];
          if (++count <= ELEMENTS) total += x;
        }
        return total;
      },
      asyncstream: () => AsyncStream.from(numbers()).rateLimit({ limit: ELEMENTS, interval: MINUTE }).reduce(add, 0),
      effect: () => folded(Stream.throttle({ cost: () => 1, units: ELEMENTS, duration: MINUTE, strategy: 'shape' })),
    },
  },
  {
    name: 'chunks-within',
    title: 'chunks(100, { within: 60_000 }) → reduce',
    competitors: {
      'by hand': async () => {
        let total = 0;
        let chunk = [];
        let timer;
        const flush = () => {
          clearTimeout(timer);
          if (chunk.length > 0) total = chunkSum(total, chunk);
          chunk = [];
        };
        for await (const x of numbers()) {
          if (chunk.push(x) === 1) timer = setTimeout(flush, MINUTE);
          if (chunk.length === SIZE) flush();
        }
        flush();
        return total;
      },
      asyncstream: () => AsyncStream.from(numbers()).chunks(SIZE, { within: MINUTE }).reduce(chunkSum, 0),
      rxjs: () =>
        reduced(rx.bufferTime(MINUTE, null, SIZE), (total, chunk) =>
          chunk[0] === undefined ? total : chunkSum(total, chunk),
        ),
      effect: () =>
        Stream.fromAsyncIterable(numbers(), itself).pipe(
          Stream.groupedWithin(SIZE, MINUTE),
          Stream.runFold(zero, chunkSum),
          Effect.runPromise,
        ),
    },
  },
  {
    name: 'take-until',
    title: 'takeUntil a promise that stays pending → reduce',
    competitors: {
      'by hand': async () => {
        let total = 0;
        let stopped = false;
        void new Promise(itself).then(() => (stopped = true));
        for await (const x of numbers()) {
          if (stopped) break;
          total += x;
        }
        return total;
      },
      asyncstream: () => AsyncStream.from(numbers()).takeUntil(new Promise(itself)).reduce(add, 0),
      rxjs: () => reduced(rx.takeUntil(rx.NEVER)),
    },
  },
];
