// The stages that handle errors or watch a run, over a source that does not fail: what each element pays for them.
import * as rx from 'rxjs';
import { AsyncStream } from '../../dist/index.js';
import { add, numbers } from './common.mjs';

const nothing = () => [];

async function sum(source) {
  let total = 0;
  for await (const x of source) total += x;
  return total;
}

async function sumOrNothing() {
  try {
    return await sum(numbers());
  } catch {
    return 0;
  }
}

async function sumWithRetries(times) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await sum(numbers());
    } catch (error) {
      if (attempt === times) throw error;
    }
  }
}

const reduced = (operator) => rx.lastValueFrom(rx.defer(() => rx.from(numbers())).pipe(operator, rx.reduce(add, 0)));

/** @type {import('./common.mjs').Row[]} */
export default [
  {
    name: 'catch',
    title: 'catch(fn) → reduce (by hand: try around the loop)',
    competitors: {
      'by hand': sumOrNothing,
      asyncstream: () => AsyncStream.from(numbers()).catch(nothing).reduce(add, 0),
      rxjs: () => reduced(rx.catchError(nothing)),
    },
  },
  {
    name: 'retry',
    title: 'retry() → reduce (by hand: a loop around that)',
    competitors: {
      'by hand': () => sumWithRetries(3),
      asyncstream: () => AsyncStream.from(numbers).retry().reduce(add, 0),
      rxjs: () => reduced(rx.retry(3)),
    },
  },
  {
    name: 'observer',
    title: 'tap({ complete }) → reduce (by hand: a call after the loop)',
    competitors: {
      'by hand': async () => {
        const total = await sum(numbers());
        nothing();
        return total;
      },
      asyncstream: () => AsyncStream.from(numbers()).tap({ complete: nothing }).reduce(add, 0),
      rxjs: () => reduced(rx.tap({ complete: nothing })),
    },
  },
];
