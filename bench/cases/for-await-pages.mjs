import { fluentAsync } from '@codibre/fluent-iterable';
import { Stream } from 'effect';
import * as ops from 'iter-ops';
import { asyncFlatMap } from 'iter-tools';
import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as si from 'streaming-iterables';
import { AsyncStream } from '../../dist/index.js';
import { itself, pages } from './common.mjs';

async function total(stream) {
  let sum = 0;
  for await (const x of stream) sum += x;
  return sum;
}

/** @type {import('./common.mjs').Row} */
export default {
  name: 'for-await-pages',
  title: '`for await` over flatMap of pages',
  bar: 1.3,
  aim: 1.05,
  competitors: {
    'by hand': async () => {
      let sum = 0;
      for await (const page of pages()) {
        for await (const x of page) sum += x;
      }
      return sum;
    },
    asyncstream: () => total(AsyncStream.from(pages()).flatMap(itself)),
    ix: () => total(ix.from(pages()).pipe(ixo.concatMap(itself))),
    'streaming-iterables': () => total(si.flatMap(itself, pages())),
    'iter-ops': () => total(ops.pipe(pages(), ops.flatMap(itself))),
    'iter-tools': () => total(asyncFlatMap(itself, pages())),
    effect: () => total(Stream.fromAsyncIterable(pages(), itself).pipe(Stream.flattenArray, Stream.toAsyncIterable)),
    'fluent-iterable': () => total(fluentAsync(pages()).flatMap(itself)),
  },
};
