import { fluent } from '@codibre/fluent-iterable';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import { asyncFilter, asyncMap, asyncReduce, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, ELEMENTS, increment, isEven, triple, zero } from './common.mjs';

const array = Array.from({ length: ELEMENTS }, (_, i) => i);

/** @type {import('./common.mjs').Row} */
export default {
  name: 'array',
  title: 'array → map → filter → map → reduce',
  bar: 0.15,
  aim: 0.08,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const x of array) {
        const y = x + 1;
        if (y % 2 === 0) total += y * 3;
      }
      return total;
    },
    asyncstream: () => AsyncStream.from(array).map(increment).filter(isEven).map(triple).reduce(add, 0),
    ix: () =>
      ix
        .from(array)
        .pipe(ixo.map(increment), ixo.filter(isEven), ixo.map(triple))
        .pipe((source) => ix.reduce(source, { callback: add, seed: 0 })),
    rxjs: () =>
      rx.lastValueFrom(rx.from(array).pipe(rx.map(increment), rx.filter(isEven), rx.map(triple), rx.reduce(add, 0))),
    'streaming-iterables': () =>
      si.pipeline(() => array, si.map(increment), si.filter(isEven), si.map(triple), si.reduce(add, 0)),
    'iter-ops': () =>
      ops.pipeAsync(array, ops.map(increment), ops.filter(isEven), ops.map(triple), ops.reduce(add, 0)).first,
    'iter-tools': () =>
      execPipe(array, asyncMap(increment), asyncFilter(isEven), asyncMap(triple), asyncReduce(0, add)),
    effect: () =>
      Stream.fromArray(array).pipe(
        Stream.map(increment),
        Stream.filter(isEven),
        Stream.map(triple),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
    'fluent-iterable': () => fluent(array).toAsync().map(increment).filter(isEven).map(triple).reduce(add, 0),
  },
};
