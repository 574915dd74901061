// Input that no one should write, through every stage: a clear error or what the specification says, and never a hang.
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { DONE } from './support/iterators.ts';
import { type StageRow, stages, terminals } from './support/table.ts';
import { idle, outcomeOf } from './support/turns.ts';

type Stream = AsyncStream<any>;

const thrower = (message: string) => () => {
  throw new Error(message);
};
const asyncFrom = (iterator: object): any => ({ [Symbol.asyncIterator]: () => iterator });
const syncFrom = (iterator: object): any => ({ [Symbol.iterator]: () => iterator });

function revoked(): any {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Sources that break the protocol of iterators, and the errors with which a run over them rejects. */
const broken: Record<string, readonly [make: () => any, error: RegExp]> = {
  'next() returns no object': [() => asyncFrom({ next: () => Promise.resolve(5) }), /TypeError/],
  'next() returns undefined': [() => asyncFrom({ next: () => undefined }), /TypeError/],
  'next() of a sync iterator returns no object': [() => syncFrom({ next: () => 'x' }), /TypeError/],
  'a getter of done throws': [
    () => asyncFrom({ next: async () => Object.defineProperty({}, 'done', { get: thrower('getter of done') }) }),
    /getter of done/,
  ],
  'a getter of value throws': [
    () =>
      asyncFrom({
        next: async () => ({
          done: false,
          get value() {
            throw new Error('getter of value');
          },
        }),
      }),
    /getter of value/,
  ],
  'a getter of value throws in a sync iterator': [
    () =>
      syncFrom({
        next: () => ({
          done: false,
          get value() {
            throw new Error('getter of value');
          },
        }),
      }),
    /getter of value/,
  ],
  'a getter of next throws': [
    () => asyncFrom(Object.defineProperty({}, 'next', { get: thrower('getter of next') })),
    /getter of next/,
  ],
  'there is no next()': [() => asyncFrom({}), /TypeError/],
  'the iterator is a revoked proxy': [() => asyncFrom(revoked()), /TypeError/],
  'the iterator is no object': [() => ({ [Symbol.asyncIterator]: () => 5 }), /TypeError/],
  'the method that makes the iterator throws': [
    () => ({ [Symbol.asyncIterator]: thrower('no iterator') }),
    /no iterator/,
  ],
  'a thenable throws when it is asked': [
    () => syncFrom({ next: () => ({ done: false, value: { then: thrower('getter of then') } }) }),
    /getter of then/,
  ],
  'a getter of then throws': [
    () =>
      syncFrom({ next: () => ({ done: false, value: Object.defineProperty({}, 'then', { get: thrower('then') }) }) }),
    /then/,
  ],
};

/** Sources that do more than they should, and which the specification has an answer for: they give 1, 2 and 3. */
const odd: Record<string, () => any> = {
  'thenables that settle twice': () =>
    [1, 2, 3].map((n) => ({
      then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
        resolve(n);
        reject(new Error('again'));
        resolve(9);
      },
    })),
  'thenables that throw after they have settled': () =>
    [1, 2, 3].map((n) => ({
      then(resolve: (value: unknown) => void) {
        resolve(n);
        throw new Error('afterwards');
      },
    })),
  'a next() that returns thenables': () => {
    let n = 0;
    return asyncFrom({
      next: () => ({
        then: (resolve: (result: unknown) => void) => resolve(++n < 4 ? { done: false, value: n } : DONE),
      }),
    });
  },
  'done is no boolean': () => {
    let n = 0;
    return asyncFrom({ next: async () => (++n < 4 ? { done: 0, value: n } : { done: 'yes', value: 9 }) });
  },
  'results are frozen and have no prototype': () => {
    let n = 0;
    const result = (done: boolean, value: unknown) =>
      Object.freeze(Object.assign(Object.create(null) as object, { done, value }));
    return asyncFrom({ next: async () => (++n < 4 ? result(false, n) : result(true, 9)) });
  },
  'everything is a proxy': () =>
    new Proxy(
      asyncFrom({
        n: 0,
        async next(this: { n: number }) {
          return new Proxy({ done: ++this.n > 3, value: this.n }, {});
        },
      }),
      {},
    ),
  'an array of another realm': () => runInNewContext('[1, 2, 3]') as unknown,
  'a generator of another realm': () => runInNewContext('(function* () { yield 1; yield 2; yield 3; })()') as unknown,
  'promises of another realm': () => runInNewContext('[1, 2, 3].map(async (n) => n)') as unknown,
  'an array with an iterator of its own': () =>
    Object.assign([9, 9], { [Symbol.iterator]: () => [1, 2, 3][Symbol.iterator]() }),
  'an array that grows while it is read': () => {
    const array = [1];
    return asyncFrom({
      next: async () => {
        const value = array.shift();
        if (value !== undefined && value < 3) array.push(value + 1);
        return { done: value === undefined, value };
      },
    });
  },
  'no return() and a throw() that is never called': () => {
    let n = 0;
    return asyncFrom({ next: async () => ({ done: ++n > 3, value: n }), throw: thrower('throw() was called') });
  },
  'a value of done beside it': () => {
    let n = 0;
    return asyncFrom({
      next: async () =>
        ++n < 4
          ? { done: false, value: n }
          : Object.defineProperty({ done: true }, 'value', { get: thrower('value was read') }),
    });
  },
};

/** Elements that could do harm where they are used as keys, or looked into. */
const ELEMENTS = [
  Object.create(null) as object,
  Object.freeze([1]),
  '__proto__',
  'constructor',
  Object.freeze(Object.create(null) as object),
  new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : 1) }),
  Symbol.iterator,
  10n,
  Object.defineProperty({}, 'toString', { get: thrower('toString') }),
];

const rows = stages.filter(({ element, repeats }) => element === undefined && !repeats);
const byCall = (row: StageRow) => [row.call, row] as const;

/** What a run comes to, which must not take for ever. */
async function within(run: () => Promise<unknown>): Promise<any> {
  let outcome: unknown = 'a hang';
  void outcomeOf(run).then((settled) => (outcome = settled));
  // Some have to wait for a timer.
  for (let turn = 0; outcome === 'a hang' && turn < 400; turn++) {
    await (turn < 20 ? idle() : new Promise((resolve) => setTimeout(resolve, 0)));
  }
  return outcome;
}

describe.each(rows.map(byCall))('%s', (_call, row) => {
  test('passes on the error of a source that breaks the protocol', async () => {
    const timed = row.timed === true;
    for (const [name, [make, error]] of Object.entries(broken)) {
      if (timed || row.catches) continue;
      const { error: thrown } = await within(() => row.build(AsyncStream.from<any>(make())).toArray());
      expect([name, String(thrown)]).toEqual([name, expect.stringMatching(error)]);
    }
    expect(Object.keys(broken).length).toBeGreaterThan(10);
  });

  test('does with an odd source what it does with any other', async () => {
    const expected = row.model([1, 2, 3]);
    for (const [name, make] of Object.entries(odd)) {
      expect([name, await within(() => row.build(AsyncStream.from<any>(make())).toArray())]).toEqual([
        name,
        { value: expected },
      ]);
    }
  });

  test('takes the strangest elements as elements', async () => {
    const before = Object.keys(Object.prototype);
    const drained = await within(() => row.build(AsyncStream.from<any>(() => ELEMENTS)).count());
    expect(drained).not.toBe('a hang');
    expect([Object.keys(Object.prototype), ({} as any).polluted]).toEqual([before, undefined]);
  });

  test('ends when its source calls back into its own consumer', async () => {
    for (const call of ['next', 'return'] as const) {
      const own: { iterator?: AsyncIterator<unknown> } = {};
      let n = 0;
      const source = asyncFrom({
        next: async () => {
          if (++n === 2) void Promise.resolve(own.iterator?.[call]?.()).catch(() => undefined);
          return { done: n > 6, value: n };
        },
        return: async () => DONE,
      });
      const iterator = (row.build(AsyncStream.from<any>(source)) as Stream)[Symbol.asyncIterator]();
      own.iterator = iterator;
      const outcome = await within(async () => {
        for (let count = 0; count < 20; count++) if ((await iterator.next()).done) return 'ended';
        return 'more';
      });
      expect([call, outcome]).toEqual([call, { value: 'ended' }]);
    }
  });
});

describe('a stream that consumes itself', () => {
  test('fails, and does not hang', async () => {
    const own: { generator?: AsyncGenerator<number> } = {};
    const generator = (async function* (): AsyncGenerator<number> {
      yield* AsyncStream.from(own.generator!);
    })();
    own.generator = generator;
    const outcome = await within(() => AsyncStream.from(generator).toArray());
    expect(String(outcome.error)).toMatch(/can be run only once/);
  });

  test('may be an input of its own stages, as each run opens its source anew', async () => {
    const stream = AsyncStream.of(1, 2);
    expect(await stream.concat(stream).toArray()).toEqual([1, 2, 1, 2]);
    expect(await stream.zip(stream).toArray()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect((await stream.merge(stream).toArray()).toSorted()).toEqual([1, 1, 2, 2]);
    expect(await stream.flatMap(() => stream).toArray()).toEqual([1, 2, 1, 2]);
  });
});

describe('hostile keys', () => {
  test.each(terminals.filter(({ method }) => ['toObject', 'toMap', 'groupBy', 'countBy'].includes(method)))(
    'pollute no prototype: $call',
    async () => {
      const keys = ['__proto__', 'constructor', 'prototype', 'toString'];
      const stream = AsyncStream.from(keys).map((key): [string, object] => [key, { polluted: true }]);
      const object = await stream.toObject();
      expect(Object.getPrototypeOf(object)).toBe(null);
      expect(Object.keys(object)).toEqual(keys);
      expect([...(await stream.toMap()).keys()]).toEqual(keys);
      expect([...(await AsyncStream.from(keys).groupBy((key) => key)).keys()]).toEqual(keys);
      expect(({} as any).polluted).toBe(undefined);
    },
  );
});
