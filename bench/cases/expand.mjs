import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, ELEMENTS } from './common.mjs';

/** A binary tree of all numbers below `ELEMENTS`, as arrays. */
const children = (x) => [2 * x, 2 * x + 1].filter((child) => child < ELEMENTS);

/** @type {import('./common.mjs').Row} */
export default {
  name: 'expand',
  title: 'expand a binary tree → reduce (by hand: a queue)',
  competitors: {
    'by hand': async () => {
      let total = 0;
      const queue = [1];
      for (let i = 0; i < queue.length; i++) {
        total += queue[i];
        for await (const child of children(queue[i])) queue.push(child);
      }
      return total;
    },
    asyncstream: () => AsyncStream.of(1).expand(children).reduce(add, 0),
    rxjs: () => rx.lastValueFrom(rx.of(1).pipe(rx.expand(children), rx.reduce(add, 0))),
  },
};
