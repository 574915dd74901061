import { Effect, Stream } from 'effect';
import { asyncMap, asyncReduce, asyncZip, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, itself, numbers, zero } from './common.mjs';

const product = ([a, b]) => a * b;

/** @type {import('./common.mjs').Row} */
export default {
  name: 'zip',
  title: 'zip of two generators → map → reduce',
  competitors: {
    'by hand': async () => {
      const [left, right] = [numbers(), numbers()];
      let total = 0;
      for (;;) {
        const [a, b] = await Promise.all([left.next(), right.next()]);
        if (a.done || b.done) return total;
        total += a.value * b.value;
      }
    },
    asyncstream: () => AsyncStream.from(numbers()).zip(numbers()).map(product).reduce(add, 0),
    ix: () =>
      ix
        .zip(numbers(), numbers())
        .pipe(ixo.map(product))
        .pipe((source) => ix.reduce(source, { callback: add, seed: 0 })),
    rxjs: () => rx.lastValueFrom(rx.zip(numbers(), numbers()).pipe(rx.map(product), rx.reduce(add, 0))),
    'iter-tools': () => execPipe(asyncZip(numbers(), numbers()), asyncMap(product), asyncReduce(0, add)),
    effect: () =>
      Stream.zip(Stream.fromAsyncIterable(numbers(), itself), Stream.fromAsyncIterable(numbers(), itself)).pipe(
        Stream.map(product),
        Stream.runFold(zero, add),
        Effect.runPromise,
      ),
  },
};
