import { fluentAsync } from '@codibre/fluent-iterable';
import { Stream } from 'effect';
import * as ops from 'iter-ops';
import { asyncFilter, asyncMap, execPipe } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { AS_SAFE, DROPPED, SafeIterator } from './as-safe.mjs';
import { increment, isEven, itself, numbers, triple } from './common.mjs';

async function total(stream) {
  let sum = 0;
  for await (const x of stream) sum += x;
  return sum;
}

/** @type {import('./common.mjs').Row} */
export default {
  name: 'for-await',
  title: '`for await` over a three-stage chain',
  bar: 1.5,
  aim: 1.25,
  competitors: {
    'by hand': async () => {
      let sum = 0;
      for await (const x of numbers()) {
        const y = x + 1;
        if (y % 2 === 0) sum += y * 3;
      }
      return sum;
    },
    [AS_SAFE]: () =>
      total(
        new SafeIterator(numbers(), (x) => {
          const y = increment(x);
          return isEven(y) ? triple(y) : DROPPED;
        }),
      ),
    asyncstream: () => total(AsyncStream.from(numbers()).map(increment).filter(isEven).map(triple)),
    ix: () => total(ix.from(numbers()).pipe(ixo.map(increment), ixo.filter(isEven), ixo.map(triple))),
    'streaming-iterables': () => total(si.pipeline(numbers, si.map(increment), si.filter(isEven), si.map(triple))),
    'iter-ops': () => total(ops.pipe(numbers(), ops.map(increment), ops.filter(isEven), ops.map(triple))),
    'iter-tools': () => total(execPipe(numbers(), asyncMap(increment), asyncFilter(isEven), asyncMap(triple))),
    effect: () =>
      total(
        Stream.fromAsyncIterable(numbers(), itself).pipe(
          Stream.map(increment),
          Stream.filter(isEven),
          Stream.map(triple),
          Stream.toAsyncIterable,
        ),
      ),
    'fluent-iterable': () => total(fluentAsync(numbers()).map(increment).filter(isEven).map(triple)),
  },
};
