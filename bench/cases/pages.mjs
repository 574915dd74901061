import { fluentAsync } from '@codibre/fluent-iterable';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import { asyncFilter, asyncFlatMap, asyncMap, asyncReduce, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, isEven, itself, pages, triple, zero } from './common.mjs';

/** @type {import('./common.mjs').Row} */
export default {
  name: 'pages',
  title: 'pages of 100 → flatMap → map → filter → reduce',
  bar: 2.5,
  aim: 1.5,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const page of pages()) {
        for (const x of page) {
          const y = x * 3;
          if (y % 2 === 0) total += y;
        }
      }
      return total;
    },
    asyncstream: () => AsyncStream.from(pages()).flatMap(itself).map(triple).filter(isEven).reduce(add, 0),
    ix: () =>
      ix
        .from(pages())
        .pipe(ixo.concatMap(itself), ixo.map(triple), ixo.filter(isEven))
        .pipe((source) => ix.reduce(source, { callback: add, seed: 0 })),
    rxjs: () =>
      rx.lastValueFrom(
        rx.from(pages()).pipe(rx.concatMap(itself), rx.map(triple), rx.filter(isEven), rx.reduce(add, 0)),
      ),
    'streaming-iterables': () =>
      si.pipeline(pages, si.flatMap(itself), si.map(triple), si.filter(isEven), si.reduce(add, 0)),
    'iter-ops': () =>
      ops.pipe(pages(), ops.flatMap(itself), ops.map(triple), ops.filter(isEven), ops.reduce(add, 0)).first,
    'iter-tools': () =>
      execPipe(pages(), asyncFlatMap(itself), asyncMap(triple), asyncFilter(isEven), asyncReduce(0, add)),
    // Of its ways to flatten the fastest here: each page goes on as one chunk.
    effect: () =>
      Stream.fromAsyncIterable(pages(), itself).pipe(
        Stream.flatMap(Stream.fromArray),
        Stream.map(triple),
        Stream.filter(isEven),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
    'fluent-iterable': () => fluentAsync(pages()).flatMap(itself).map(triple).filter(isEven).reduce(add, 0),
  },
};
