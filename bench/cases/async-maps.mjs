import { fluentAsync } from '@codibre/fluent-iterable';
import { Effect, Stream } from 'effect';
import * as ops from 'iter-ops';
import { asyncMap, asyncReduce, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { add, incrementLater, itself, numbers, zero } from './common.mjs';

const incrementEffect = (x) => Effect.promise(() => incrementLater(x));

/** @type {import('./common.mjs').Row} */
export default {
  name: 'async-maps',
  title: 'async generator → two async maps → reduce',
  bar: 1.3,
  aim: 1.1,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const x of numbers()) total += await incrementLater(await incrementLater(x));
      return total;
    },
    asyncstream: () => AsyncStream.from(numbers()).map(incrementLater).map(incrementLater).reduce(add, 0),
    ix: () =>
      ix
        .from(numbers())
        .pipe(ixo.map(incrementLater), ixo.map(incrementLater))
        .pipe((source) => ix.reduce(source, { callback: add, seed: 0 })),
    rxjs: () =>
      rx.lastValueFrom(
        rx.from(numbers()).pipe(rx.concatMap(incrementLater), rx.concatMap(incrementLater), rx.reduce(add, 0)),
      ),
    'streaming-iterables': () =>
      si.pipeline(numbers, si.map(incrementLater), si.map(incrementLater), si.reduce(add, 0)),
    'iter-ops': () =>
      ops.pipe(numbers(), ops.map(incrementLater), ops.wait(), ops.map(incrementLater), ops.wait(), ops.reduce(add, 0))
        .first,
    'iter-tools': () => execPipe(numbers(), asyncMap(incrementLater), asyncMap(incrementLater), asyncReduce(0, add)),
    effect: () =>
      Stream.fromAsyncIterable(numbers(), itself).pipe(
        Stream.mapEffect(incrementEffect),
        Stream.mapEffect(incrementEffect),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
    'fluent-iterable': () => fluentAsync(numbers()).map(incrementLater).map(incrementLater).reduce(add, 0),
  },
};
