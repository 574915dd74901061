import { fluentAsync } from '@codibre/fluent-iterable';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import { arrayFromAsync, asyncBatch, asyncMap, asyncReduce, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { itself, numbers, zero } from './common.mjs';

const SIZE = 100;

/** Depends on where each chunk begins and on how long it is, and costs next to nothing. */
const check = (total, chunk) => total + chunk[0] * chunk.length;

/** @type {import('./common.mjs').Row} */
export default {
  name: 'chunks',
  title: 'async generator → chunks(100) → reduce',
  bar: 1.15,
  aim: 1,
  competitors: {
    'by hand': async () => {
      let total = 0;
      let chunk = [];
      for await (const x of numbers()) {
        chunk.push(x);
        if (chunk.length === SIZE) {
          total = check(total, chunk);
          chunk = [];
        }
      }
      return chunk.length > 0 ? check(total, chunk) : total;
    },
    asyncstream: () => AsyncStream.from(numbers()).chunks(SIZE).reduce(check, 0),
    ix: () =>
      ix
        .from(numbers())
        .pipe(ixo.buffer(SIZE))
        .pipe((source) => ix.reduce(source, { callback: check, seed: 0 })),
    rxjs: () => rx.lastValueFrom(rx.from(numbers()).pipe(rx.bufferCount(SIZE), rx.reduce(check, 0))),
    'streaming-iterables': () => si.pipeline(numbers, si.batch(SIZE), si.reduce(check, 0)),
    'iter-ops': () => ops.pipe(numbers(), ops.page(SIZE), ops.reduce(check, 0)).first,
    // Its batches are iterables that have to be read before the next one; the others give arrays.
    'iter-tools': () => execPipe(numbers(), asyncBatch(SIZE), asyncMap(arrayFromAsync), asyncReduce(0, check)),
    effect: () =>
      Stream.fromAsyncIterable(numbers(), itself).pipe(
        Stream.grouped(SIZE),
        Stream.runFold(zero, check),
        Effect.runPromise,
      ),
    'fluent-iterable': () =>
      fluentAsync(numbers())
        .partition(SIZE)
        .map((chunk) => chunk.toArray())
        .reduce(check, 0),
  },
};
