import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, numbers } from './common.mjs';

/** @type {import('./common.mjs').Row} */
export default {
  name: 'share',
  title: 'share between two consumers (by hand: one loop for both)',
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
      const shared = AsyncStream.from(numbers()).share();
      return Promise.all([shared.reduce(add, 0), shared.reduce(add, 0)]);
    },
    rxjs: () => {
      const shared = rx.from(numbers()).pipe(rx.share());
      return Promise.all([shared, shared].map((source) => rx.lastValueFrom(source.pipe(rx.reduce(add, 0)))));
    },
  },
};
