import * as ix from 'ix/asynciterable';
import * as ixo from 'ix/asynciterable/operators';
import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, someNumbers, turn } from './common.mjs';

/** One element for each turn of the event loop: in between, each inner stream comes to its end. */
async function* slowly() {
  for await (const x of someNumbers()) yield turn(x);
}

const twice = (x) => [x, x];

/** @type {import('./common.mjs').Row} */
export default {
  name: 'switch-map',
  title: 'switchMap to arrays of two, one a turn (by hand: a nested loop)',
  elements: someNumbers.count,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const x of slowly()) {
        for await (const y of twice(x)) total += y;
      }
      return total;
    },
    asyncstream: () => AsyncStream.from(slowly()).switchMap(twice).reduce(add, 0),
    ix: () =>
      ix
        .from(slowly())
        .pipe(ixo.switchMap(twice))
        .pipe((source) => ix.reduce(source, { callback: add, seed: 0 })),
    rxjs: () => rx.lastValueFrom(rx.from(slowly()).pipe(rx.switchMap(twice), rx.reduce(add, 0))),
  },
};
