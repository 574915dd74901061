import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, numbers } from './common.mjs';

const KEYS = 10;

const lastDigit = (x) => x % KEYS;

/** @type {import('./common.mjs').Row} */
export default {
  name: 'group-by-key',
  title: 'groupByKey with ten keys → flatMap → reduce (by hand: an object of sums)',
  competitors: {
    'by hand': async () => {
      const totals = {};
      for await (const x of numbers()) totals[lastDigit(x)] = (totals[lastDigit(x)] ?? 0) + x;
      return Object.values(totals).reduce(add);
    },
    asyncstream: () =>
      AsyncStream.from(numbers())
        .groupByKey(lastDigit)
        .flatMap(([, group]) => group, { concurrency: KEYS, ordered: false })
        .reduce(add, 0),
    rxjs: () =>
      rx.lastValueFrom(
        rx.from(numbers()).pipe(
          rx.groupBy(lastDigit),
          rx.mergeMap((group) => group),
          rx.reduce(add, 0),
        ),
      ),
  },
};
