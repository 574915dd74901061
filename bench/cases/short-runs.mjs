// Whole runs of few elements, as most streams of an application are: building the stream, running it, closing it.
import { fluent, fluentAsync } from '@codibre/fluent-iterable';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import { arrayFromAsync, asyncFilter, asyncMap, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import pMap from 'p-map';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { AS_SAFE, DROPPED, SafeIterator } from './as-safe.mjs';
import { increment, incrementLater, isEven, itself } from './common.mjs';

const LENGTHS = [0, 1, 10, 100];
const AT_ONCE = 4;

const incrementEffect = (x) => Effect.promise(() => incrementLater(x));
const rxArray = (observable) => rx.lastValueFrom(observable.pipe(rx.toArray()));
const effectArray = (stream) => stream.pipe(Stream.runCollect, Effect.runPromise);

async function* generate(array) {
  for (const x of array) yield x;
}

async function total(stream) {
  let sum = 0;
  for await (const x of stream) sum += x;
  return sum;
}

/** The pipelines, each as a function of the array whose elements go through it. */
const pipelines = [
  {
    name: 'array',
    title: 'array → map → filter → toArray',
    competitors: {
      'by hand': async (array) => {
        const result = [];
        for await (const x of array) {
          const y = x + 1;
          if (y % 2 === 0) result.push(y);
        }
        return result;
      },
      asyncstream: (array) => AsyncStream.from(array).map(increment).filter(isEven).toArray(),
      ix: (array) => ix.toArray(ix.from(array).pipe(ixo.map(increment), ixo.filter(isEven))),
      rxjs: (array) => rxArray(rx.from(array).pipe(rx.map(increment), rx.filter(isEven))),
      'streaming-iterables': (array) =>
        si.pipeline(
          () => array,
          si.map(increment),
          si.filter(isEven),
          (stream) => si.collect(stream),
        ),
      'iter-ops': (array) => ops.pipeAsync(array, ops.map(increment), ops.filter(isEven), ops.toArray()).first,
      'iter-tools': (array) => execPipe(array, asyncMap(increment), asyncFilter(isEven), arrayFromAsync),
      effect: (array) => effectArray(Stream.fromArray(array).pipe(Stream.map(increment), Stream.filter(isEven))),
      'fluent-iterable': (array) => fluent(array).toAsync().map(increment).filter(isEven).toArray(),
    },
  },
  {
    name: 'generator',
    title: 'async generator → map → filter → toArray',
    bars: { 10: 1.6 },
    competitors: {
      'by hand': async (array) => {
        const result = [];
        for await (const x of generate(array)) {
          const y = x + 1;
          if (y % 2 === 0) result.push(y);
        }
        return result;
      },
      asyncstream: (array) => AsyncStream.from(generate(array)).map(increment).filter(isEven).toArray(),
      ix: (array) => ix.toArray(ix.from(generate(array)).pipe(ixo.map(increment), ixo.filter(isEven))),
      rxjs: (array) => rxArray(rx.from(generate(array)).pipe(rx.map(increment), rx.filter(isEven))),
      'streaming-iterables': (array) =>
        si.pipeline(
          () => generate(array),
          si.map(increment),
          si.filter(isEven),
          (stream) => si.collect(stream),
        ),
      'iter-ops': (array) => ops.pipe(generate(array), ops.map(increment), ops.filter(isEven), ops.toArray()).first,
      'iter-tools': (array) => execPipe(generate(array), asyncMap(increment), asyncFilter(isEven), arrayFromAsync),
      effect: (array) =>
        effectArray(
          Stream.fromAsyncIterable(generate(array), itself).pipe(Stream.map(increment), Stream.filter(isEven)),
        ),
      'fluent-iterable': (array) => fluentAsync(generate(array)).map(increment).filter(isEven).toArray(),
    },
  },
  {
    name: 'for-await',
    title: '`for await` over async generator → map → filter',
    bars: { 10: 2 },
    competitors: {
      'by hand': async (array) => {
        let sum = 0;
        for await (const x of generate(array)) {
          const y = x + 1;
          if (y % 2 === 0) sum += y;
        }
        return sum;
      },
      [AS_SAFE]: (array) =>
        total(
          new SafeIterator(generate(array), (x) => {
            const y = increment(x);
            return isEven(y) ? y : DROPPED;
          }),
        ),
      asyncstream: (array) => total(AsyncStream.from(generate(array)).map(increment).filter(isEven)),
      ix: (array) => total(ix.from(generate(array)).pipe(ixo.map(increment), ixo.filter(isEven))),
      'streaming-iterables': (array) => total(si.filter(isEven, si.map(increment, generate(array)))),
      'iter-ops': (array) => total(ops.pipe(generate(array), ops.map(increment), ops.filter(isEven))),
      'iter-tools': (array) => total(execPipe(generate(array), asyncMap(increment), asyncFilter(isEven))),
      effect: (array) =>
        total(
          Stream.fromAsyncIterable(generate(array), itself).pipe(
            Stream.map(increment),
            Stream.filter(isEven),
            Stream.toAsyncIterable,
          ),
        ),
      'fluent-iterable': (array) => total(fluentAsync(generate(array)).map(increment).filter(isEven)),
    },
  },
  {
    name: 'concurrent',
    title: 'array → map, 4 at a time → toArray (by hand: four loops)',
    bars: { 10: 0.7 },
    baseline: 'p-map',
    competitors: {
      'by hand': async (array) => {
        const result = new Array(array.length);
        let next = 0;
        const work = async () => {
          while (next < array.length) {
            const index = next++;
            result[index] = await incrementLater(array[index]);
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        return result;
      },
      asyncstream: (array) => AsyncStream.from(array).map(incrementLater, { concurrency: AT_ONCE }).toArray(),
      'p-map': (array) => pMap(array, incrementLater, { concurrency: AT_ONCE }),
      'streaming-iterables': (array) =>
        si.pipeline(
          () => array,
          si.parallelMap(AT_ONCE, incrementLater),
          (stream) => si.collect(stream),
        ),
      // It has no ordered form; these callbacks end in order.
      rxjs: (array) => rxArray(rx.from(array).pipe(rx.mergeMap(incrementLater, AT_ONCE))),
      effect: (array) =>
        effectArray(Stream.fromArray(array).pipe(Stream.mapEffect(incrementEffect, { concurrency: AT_ONCE }))),
    },
  },
  {
    name: 'merge',
    title: 'merge of two async generators → sum (by hand: two loops)',
    bars: { 10: 0.9 },
    baseline: 'rxjs',
    competitors: {
      'by hand': async (array) => {
        const sums = await Promise.all([total(generate(array)), total(generate(array))]);
        return sums[0] + sums[1];
      },
      asyncstream: (array) => AsyncStream.merge(generate(array), generate(array)).sum(),
      ix: (array) => ix.sum(ix.merge(generate(array), generate(array))),
      rxjs: (array) =>
        rx.lastValueFrom(rx.merge(generate(array), generate(array)).pipe(rx.reduce((sum, x) => sum + x, 0))),
      'streaming-iterables': (array) => total(si.parallelMerge(generate(array), generate(array))),
      effect: (array) =>
        Stream.merge(
          Stream.fromAsyncIterable(generate(array), itself),
          Stream.fromAsyncIterable(generate(array), itself),
        ).pipe(Stream.runSum, Effect.runPromise),
    },
  },
];

/** Runs it so often that a clock can tell how long it takes. */
function repeated(run, array, times) {
  return async () => {
    let result;
    for (let i = 0; i < times; i++) result = await run(array);
    return result;
  };
}

function row({ name, title, competitors, bars = {}, baseline }, length) {
  const array = Array.from({ length }, (_, i) => i);
  const times = Math.ceil(40_000 / (length + 10));
  return {
    name: `${name}-${length}`,
    title: `${length} × ${title}`,
    elements: times,
    bar: bars[length],
    baseline,
    competitors: Object.fromEntries(
      Object.entries(competitors).map(([competitor, run]) => [competitor, repeated(run, array, times)]),
    ),
  };
}

/** @type {import('./common.mjs').Row[]} */
export default pipelines.flatMap((pipeline) => LENGTHS.map((length) => row(pipeline, length)));
