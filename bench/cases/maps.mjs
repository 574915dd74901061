import { fluentAsync } from '@codibre/fluent-iterable';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import { asyncMap, asyncReduce, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, increment, itself, numbers, zero } from './common.mjs';

const tenTimes = (operator) => Array.from({ length: 10 }, () => operator);
const mapTenTimes = (source) => tenTimes(increment).reduce((stream, fn) => stream.map(fn), source);

/** @type {import('./common.mjs').Row} */
export default {
  name: 'maps',
  title: 'async generator → ten maps → reduce',
  bar: 1.5,
  aim: 1.2,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const x of numbers()) total += x + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1;
      return total;
    },
    asyncstream: () => mapTenTimes(AsyncStream.from(numbers())).reduce(add, 0),
    ix: () =>
      ix
        .from(numbers())
        .pipe(...tenTimes(ixo.map(increment)))
        .pipe((source) => ix.reduce(source, { callback: add, seed: 0 })),
    rxjs: () => rx.lastValueFrom(rx.from(numbers()).pipe(...tenTimes(rx.map(increment)), rx.reduce(add, 0))),
    'streaming-iterables': () => si.pipeline(numbers, ...tenTimes(si.map(increment)), si.reduce(add, 0)),
    'iter-ops': () => ops.pipe(numbers(), ...tenTimes(ops.map(increment)), ops.reduce(add, 0)).first,
    'iter-tools': () => execPipe(numbers(), ...tenTimes(asyncMap(increment)), asyncReduce(0, add)),
    effect: () =>
      Stream.fromAsyncIterable(numbers(), itself).pipe(
        ...tenTimes(Stream.map(increment)),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
    'fluent-iterable': () => mapTenTimes(fluentAsync(numbers())).reduce(add, 0),
  },
};
