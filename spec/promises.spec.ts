import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { idle } from './support/turns.ts';

type Rejected = () => Promise<never>;

/** In the place of the global one, as zone.js has it: its methods know no other promises. */
class Replacement<T> extends Promise<T> {
  override then<R, E>(...args: Parameters<typeof Promise.prototype.then<R, E>>): Promise<R | E> {
    if (!(this instanceof Replacement)) throw new TypeError('a promise of another class');
    return super.then(...args) as Promise<R | E>;
  }
}

const KINDS: readonly [kind: string, rejected: Rejected, global?: PromiseConstructor][] = [
  ['a promise', () => Promise.reject(new Error('early'))],
  ['a promise of another realm', runInNewContext("() => Promise.reject(new Error('early'))") as Rejected],
  ['a built-in promise, if the global one was replaced', async () => Promise.reject(new Error('early')), Replacement],
  ['a promise of the class that replaced the global one', () => Replacement.reject(new Error('early')), Replacement],
];

/** What takes a value, or gets one from a callback, and need not wait for it. */
const TAKERS: Readonly<Record<string, (rejected: Rejected) => unknown>> = {
  of: (rejected) => AsyncStream.of(1, rejected()).first(),
  'from of an array': (rejected) =>
    AsyncStream.from([Promise.resolve(1), rejected()])
      .take(0)
      .count(),
  append: (rejected) => AsyncStream.of(1).append(rejected()).first(),
  prepend: (rejected) => AsyncStream.of(1).prepend(0, rejected()).first(),
  intersperse: (rejected) => AsyncStream.of(1).intersperse(rejected()).first(),
  defaultIfEmpty: (rejected) => AsyncStream.of(1).defaultIfEmpty(rejected()).first(),
  takeUntil: (rejected) => AsyncStream.of(1).takeUntil(rejected()).first(),
  'asCompleted of an array': (rejected) => AsyncStream.asCompleted([1, rejected()]).first(),
  'asCompleted of a set': (rejected) => AsyncStream.asCompleted(new Set([1, rejected()])).first(),
  scan: (rejected) =>
    AsyncStream.of<number>()
      .scan<unknown>(() => 1, rejected())
      .first(),
  reduce: (rejected) => AsyncStream.of(1).reduce<unknown>(() => 1, rejected()),
  first: (rejected) => AsyncStream.of(1).first(rejected()),
  last: (rejected) => AsyncStream.of(1).last(rejected()),
  nextOr: (rejected) => AsyncStream.of(1).iterator().nextOr(rejected()),
  'items of paginate': (rejected) => AsyncStream.paginate(() => [1], { items: rejected as never }).toArray(),
  'next of paginate': (rejected) => AsyncStream.paginate(() => [1], { next: rejected as never }).toArray(),
  'totalPages of paginate': (rejected) => AsyncStream.paginate(() => [1], { totalPages: rejected as never }).toArray(),
  'weight of chunks': (rejected) =>
    AsyncStream.of(1)
      .chunks(2, { weight: rejected as never, maxWeight: 3 })
      .toArray(),
  'key of map': (rejected) =>
    AsyncStream.of(1)
      .map((x) => x, { concurrency: 2, key: rejected })
      .toArray(),
};

describe.each(Object.entries(TAKERS))('%s', (_name, take) => {
  const { Promise: BuiltIn } = globalThis;

  test.each(KINDS)('marks as handled what it alone holds: %s', async (_kind, rejected, global = BuiltIn) => {
    globalThis.Promise = global;
    // The environment fails a test that leaves a rejection unhandled. Jest shows none to the test itself.
    await Promise.resolve(take(rejected))
      .catch(() => undefined)
      .finally(() => (globalThis.Promise = BuiltIn));
    await idle();
    await new Promise((resolve) => setTimeout(resolve, 1));
  });
});

test('what only calls itself a promise is an element as any other', async () => {
  const fake = { [Symbol.toStringTag]: 'Promise' };
  expect(await AsyncStream.of(fake).toArray()).toEqual([fake]);
});

test('what refuses to say what it is, as strict mocks do, is an element as any other', async () => {
  const mock = Object.defineProperty({}, Symbol.toStringTag, {
    get() {
      throw new Error('not expected');
    },
  });
  expect((await AsyncStream.of(mock).prepend(mock).append(mock).toArray()).length).toBe(3);
  expect(await AsyncStream.of().first(mock)).toBe(mock);
});
