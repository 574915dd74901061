import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { checkSource, LawError, type SourceLaw, type SourceOptions } from '../../lib/testing/index.ts';
import { DONE } from '../support/iterators.ts';
import { outcomeOf } from '../support/turns.ts';

type Factory = () => AsyncIterable<any>;
interface Hand {
  next?: () => unknown;
  return?: (() => unknown) | undefined;
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A source of 1, 2, 3 that is written by hand. */
function handWritten(change: (correct: Required<Hand>) => Hand = () => ({})): Factory {
  return () => ({
    [Symbol.asyncIterator]() {
      let count = 0;
      let isOver = false;
      const correct = {
        next: async () => {
          if (isOver || ++count > 3) isOver = true;
          return isOver ? DONE : { done: false, value: count };
        },
        return: async () => {
          isOver = true;
          return DONE;
        },
      };
      return { ...correct, ...change(correct) } as AsyncIterator<number>;
    },
  });
}

async function lawsBrokenBy(source: any, options?: SourceOptions<any>): Promise<SourceLaw[]> {
  const { error } = (await outcomeOf(() => checkSource(source, options))) as { error?: unknown };
  expect(error).toBeInstanceOf(LawError);
  expect(String(error)).toMatch(/^LawError: checkSource: /);
  return (error as LawError).broken.map(({ law }) => law as SourceLaw);
}

describe('checkSource takes', () => {
  const emitter = new EventEmitter();
  const resource = { open: 0 };
  async function* ofResource() {
    resource.open++;
    try {
      yield* [1, 2];
    } finally {
      resource.open--;
    }
  }

  test.each<[string, Factory | AsyncIterable<any>, SourceOptions<any>]>([
    ['an iterator that is written by hand', handWritten(), { elements: [1, 2, 3] }],
    ['an iterator without return()', handWritten(() => ({ return: undefined })), { elements: [1, 2, 3] }],
    ['a generator with a resource', ofResource, { elements: [1, 2], open: () => resource.open }],
    ['an empty stream', AsyncStream.of(), { elements: [] }],
    ['AsyncStream.of', AsyncStream.of(1, undefined, null), { elements: [1, undefined, null] }],
    ['AsyncStream.from', AsyncStream.from([1, 2]), { elements: [1, 2] }],
    ['AsyncStream.range', AsyncStream.range(0, Infinity), {}],
    ['AsyncStream.interval', AsyncStream.interval(1000), { except: ['concurrent-next'] }],
    ['AsyncStream.unfold', AsyncStream.unfold(1, (n) => (n > 2 ? null : [n, n + 1])), { elements: [1, 2] }],
    ['AsyncStream.poll', AsyncStream.poll(() => 'x', { every: 1000 }), {}],
    ['AsyncStream.paginate', AsyncStream.paginate(() => [1, 2], { totalPages: 2, prefetch: 1 } as never), {}],
    ['AsyncStream.concat', AsyncStream.concat([1], [2]), { elements: [1, 2] }],
    ['AsyncStream.merge', AsyncStream.merge([1], [2]), { elements: [1, 2] }],
    ['AsyncStream.zip', AsyncStream.zip([[1], [2]]), { elements: [[1, 2]] }],
    ['AsyncStream.race', AsyncStream.race([1], [2]), { elements: [1] }],
    [
      'AsyncStream.create',
      AsyncStream.create<number>((push) => {
        const timer = setInterval(() => void push(1), 10);
        return () => clearInterval(timer);
      }),
      {},
    ],
    [
      'AsyncStream.fromEvent',
      AsyncStream.fromEvent(emitter, 'tick'),
      { open: () => emitter.listenerCount('tick'), except: ['settles'] },
    ],
  ])('%s', async (_name, source, options) => {
    await expect(checkSource(source, options)).resolves.toBeUndefined();
  });
});

describe('checkSource names the law of a source that', () => {
  let shared = 0;
  let open = 0;

  test.each<[string, SourceLaw[], Factory, SourceOptions<any>]>([
    ['emits other elements', ['elements'], handWritten(), { elements: [1, 2] }],
    [
      'fails',
      ['elements'],
      handWritten(() => ({ next: () => Promise.reject(new Error('x')) })),
      { elements: [1], except: ['ends'] },
    ],
    [
      'never settles',
      ['settles'],
      handWritten(() => ({ next: () => sleep(1).then(() => new Promise(() => undefined)) })),
      { except: ['prompt'] },
    ],
    [
      'resolves with no object',
      ['result-objects'],
      handWritten((correct) => ({ return: async () => (await correct.return!(), undefined) })),
      {},
    ],
    [
      'opens a resource at once',
      ['lazy', 'closes'],
      () => {
        open++;
        return handWritten()();
      },
      { open: () => open },
    ],
    [
      'leaves a resource open',
      ['closes'],
      async function* () {
        open++;
        yield* [1, 2];
        open--;
      },
      { open: () => open },
    ],
    [
      'leaves a resource open because it has no return()',
      ['closes'],
      () => {
        const { next } = handWritten()()[Symbol.asyncIterator]();
        let last: { done?: boolean } = { done: true };
        const counting = async () => {
          if (last.done) open++;
          last = await next();
          if (last.done) open--;
          return last;
        };
        return { [Symbol.asyncIterator]: () => ({ next: counting }) } as AsyncIterable<any>;
      },
      { open: () => open, elements: [1, 2, 3] },
    ],
    ['emits after return()', ['ends'], handWritten(() => ({ return: async () => DONE })), {}],
    [
      'has no order',
      ['concurrent-next'],
      handWritten((correct) => {
        let pending = 0;
        return {
          next: async () => {
            if (pending++ > 0) await sleep(5);
            const result = correct.next();
            await sleep(1);
            pending--;
            return ((await result) as any).done ? result : { done: false, value: pending };
          },
        };
      }),
      { elements: [0, 0, 0] },
    ],
    [
      'cannot be left while it waits',
      ['prompt'],
      handWritten((correct) => {
        let last: Promise<unknown> = Promise.resolve();
        return {
          next: () => (last = last.then(() => sleep(10)).then(() => correct.next())),
          return: () => last.then(() => correct.return!()),
        };
      }),
      {},
    ],
    [
      'shares its state between runs',
      ['independent'],
      async function* () {
        for (let count = 0; count < 3; count++) yield ++shared;
      },
      { except: ['concurrent-next'] },
    ],
    [
      'leaves a timer',
      ['timers'],
      async function* () {
        setTimeout(() => undefined, 1000);
        yield 1;
      },
      {},
    ],
  ])('%s', async (_name, laws, source, options) => {
    expect(await lawsBrokenBy(source, options)).toEqual(laws);
  });

  test.each([
    [[5], 'TypeError: checkSource: source must be a function or an async iterable, got 5'],
    [
      [(async function* () {})()],
      'TypeError: checkSource: source must be a function that makes a new one, got [object AsyncGenerator]',
    ],
    [[handWritten(), { open: 5 }], 'TypeError: checkSource: open must be a function, got 5'],
    [[handWritten(), { take: 0 }], 'RangeError: checkSource: take must be a positive integer, got 0'],
    [
      [handWritten(), { element: [] }],
      "TypeError: checkSource: unknown option 'element', known: elements, take, open, except",
    ],
  ])('is refused as %p', async (args, message) => {
    const { error } = (await outcomeOf(() => (checkSource as any)(...args))) as { error: unknown };
    expect(String(error)).toBe(message);
  });
});
