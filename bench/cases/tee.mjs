import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, numbers } from './common.mjs';

/** @type {import('./common.mjs').Row} */
export default {
  name: 'tee',
  title: 'tee in two, and reduce each (by hand: one loop for both)',
  competitors: {
    'by hand': async () => {
      const totals = [0, 0];
      for await (const x of numbers()) {
        totals[0] += x;
        totals[1] += x;
      }
      return totals;
    },
    asyncstream: () => {
      const [one, other] = AsyncStream.from(numbers()).tee();
      return Promise.all([one.reduce(add, 0), other.reduce(add, 0)]);
    },
    rxjs: () =>
      rx.lastValueFrom(
        rx
          .from(numbers())
          .pipe(rx.connect((shared) => rx.forkJoin([shared.pipe(rx.reduce(add, 0)), shared.pipe(rx.reduce(add, 0))]))),
      ),
  },
};
