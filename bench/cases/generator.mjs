import { fluentAsync } from '@codibre/fluent-iterable';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import { asyncFilter, asyncMap, asyncReduce, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, increment, isEven, itself, numbers, triple, zero } from './common.mjs';

/** @type {import('./common.mjs').Row} */
export default {
  name: 'generator',
  title: 'async generator → map → filter → map → reduce',
  bar: 1.2,
  aim: 1.05,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const x of numbers()) {
        const y = x + 1;
        if (y % 2 === 0) total += y * 3;
      }
      return total;
    },
    asyncstream: () => AsyncStream.from(numbers()).map(increment).filter(isEven).map(triple).reduce(add, 0),
    ix: () =>
      ix
        .from(numbers())
        .pipe(ixo.map(increment), ixo.filter(isEven), ixo.map(triple))
        .pipe((source) => ix.reduce(source, { callback: add, seed: 0 })),
    rxjs: () =>
      rx.lastValueFrom(
        rx.from(numbers()).pipe(rx.map(increment), rx.filter(isEven), rx.map(triple), rx.reduce(add, 0)),
      ),
    'streaming-iterables': () =>
      si.pipeline(numbers, si.map(increment), si.filter(isEven), si.map(triple), si.reduce(add, 0)),
    'iter-ops': () =>
      ops.pipe(numbers(), ops.map(increment), ops.filter(isEven), ops.map(triple), ops.reduce(add, 0)).first,
    'iter-tools': () =>
      execPipe(numbers(), asyncMap(increment), asyncFilter(isEven), asyncMap(triple), asyncReduce(0, add)),
    effect: () =>
      Stream.fromAsyncIterable(numbers(), itself).pipe(
        Stream.map(increment),
        Stream.filter(isEven),
        Stream.map(triple),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
    'fluent-iterable': () => fluentAsync(numbers()).map(increment).filter(isEven).map(triple).reduce(add, 0),
  },
};
