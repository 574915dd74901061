// What the compiler infers for the methods that give promises, and for collectors. Checked by `npm run typecheck`,
// never run.
import { PassThrough } from 'node:stream';
import { expectTypeOf } from 'expect-type';

import {
  AsyncStream,
  type Collector,
  collectors,
  type Context,
  type DisposableIterator,
  type Ending,
  type StreamIterator,
} from '../../lib/index.ts';

interface Animal {
  readonly name: string;
}
interface Dog extends Animal {
  bark(): void;
}
declare const animals: AsyncStream<Animal>;
declare const numbers: AsyncStream<number>;
declare const strings: AsyncStream<string>;
declare const mixed: AsyncStream<string | number | null>;
declare const pairs: AsyncStream<[string, number]>;
declare function isDog(animal: Animal): animal is Dog;

// ---------------------------------------------------------------------------------------------------------- gathering

expectTypeOf(numbers.toArray()).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(numbers.toArray({ limit: 9 })).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(numbers.toSet()).toEqualTypeOf<Promise<Set<number>>>();
// @ts-expect-error
numbers.toArray(9);

expectTypeOf(pairs.toMap()).toEqualTypeOf<Promise<Map<string, number>>>();
expectTypeOf(strings.entries().toMap()).toEqualTypeOf<Promise<Map<number, string>>>();
expectTypeOf(AsyncStream.from(new Map([['a', 1]])).toMap()).toEqualTypeOf<Promise<Map<string, number>>>();
expectTypeOf(animals.toMap((animal) => animal.name)).toEqualTypeOf<Promise<Map<string, Animal>>>();
expectTypeOf(animals.toMap(async (animal) => animal.name)).toEqualTypeOf<Promise<Map<string, Animal>>>();
// Elements with the same key are merged as they are.
expectTypeOf(
  animals.toMap((animal) => animal.name, undefined, {
    merge: (existing, animal, name) => (name === '' ? existing : animal),
  }),
).toEqualTypeOf<Promise<Map<string, Animal>>>();
expectTypeOf(strings.toObject((x) => x, undefined, { merge: async (existing, x) => existing + x })).toEqualTypeOf<
  Promise<Record<string, string>>
>();
// @ts-expect-error merged to something else
void strings.toMap((x) => x, undefined, { merge: () => 1 });
const named = animals.toMap(
  (animal, index, context) => {
    expectTypeOf(index).toEqualTypeOf<number>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return animal.name;
  },
  async (animal) => animal.name.length,
  {
    merge: (earlier, later, key) => {
      expectTypeOf([earlier, later]).toEqualTypeOf<number[]>();
      expectTypeOf(key).toEqualTypeOf<string>();
      return earlier + later;
    },
  },
);
expectTypeOf(named).toEqualTypeOf<Promise<Map<string, number>>>();
// @ts-expect-error only pairs go without functions
numbers.toMap();
// @ts-expect-error an array of unknown length is no pair
strings.chunks(2).toMap();

expectTypeOf(pairs.toObject()).toEqualTypeOf<Promise<Record<string, number>>>();
expectTypeOf(strings.toObject((x) => x)).toEqualTypeOf<Promise<Record<string, string>>>();
const lengths = strings.toObject(
  (x) => x,
  async (x) => x.length,
);
expectTypeOf(lengths).toEqualTypeOf<Promise<Record<string, number>>>();
// Which of the keys that are known there will be, nobody knows.
const byKind = numbers.toObject((x) => (x > 1 ? 'many' : 'few'));
expectTypeOf(byKind).toEqualTypeOf<Promise<Partial<Record<'many' | 'few', number>>>>();
// @ts-expect-error
numbers.toObject();
// @ts-expect-error
numbers.toObject((x) => ({ x }));

expectTypeOf(numbers.groupBy((x) => x > 1)).toEqualTypeOf<Promise<Map<boolean, number[]>>>();
expectTypeOf(numbers.groupBy((x) => (x > 1 ? 'many' : 'few'))).toEqualTypeOf<Promise<Map<'many' | 'few', number[]>>>();
expectTypeOf(numbers.groupBy(async (x) => x > 1)).toEqualTypeOf<Promise<Map<boolean, number[]>>>();
expectTypeOf(numbers.countBy((x) => x > 1)).toEqualTypeOf<Promise<Map<boolean, number>>>();

// ------------------------------------------------------------------------------------------------------------ folding

expectTypeOf(numbers.reduce((sum, x) => sum + x)).toEqualTypeOf<Promise<number>>();
expectTypeOf(numbers.reduce((text, x) => text + String(x), '')).toEqualTypeOf<Promise<string>>();
expectTypeOf(numbers.reduce(async (text, x) => text + String(x), '')).toEqualTypeOf<Promise<string>>();
const reduced = numbers.reduce<string[]>((all, x, index, context) => {
  expectTypeOf(index).toEqualTypeOf<number>();
  expectTypeOf(context).toEqualTypeOf<Context>();
  return [...all, String(x)];
}, []);
expectTypeOf(reduced).toEqualTypeOf<Promise<string[]>>();
// @ts-expect-error without a start value, the result is of the type of the elements
numbers.reduce((text, x) => `${text}${x}`);

expectTypeOf(numbers.forEach(() => 1)).toEqualTypeOf<Promise<void>>();
expectTypeOf(numbers.forEach).parameter(0).toEqualTypeOf<(value: number, index: number, context: Context) => unknown>();
expectTypeOf(numbers.drain()).toEqualTypeOf<Promise<void>>();
expectTypeOf(strings.count()).toEqualTypeOf<Promise<number>>();
expectTypeOf(numbers.sum()).toEqualTypeOf<Promise<number>>();
expectTypeOf(numbers.average()).toEqualTypeOf<Promise<number>>();
// @ts-expect-error
strings.sum();
// @ts-expect-error
strings.average();
// @ts-expect-error
mixed.sum();

expectTypeOf(numbers.min()).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(strings.max()).toEqualTypeOf<Promise<string | undefined>>();
expectTypeOf(animals.max((a, b) => a.name.length - b.name.length)).toEqualTypeOf<Promise<Animal | undefined>>();
expectTypeOf(animals.minBy((animal) => animal.name)).toEqualTypeOf<Promise<Animal | undefined>>();
expectTypeOf(animals.maxBy(async (animal) => animal.name.length)).toEqualTypeOf<Promise<Animal | undefined>>();
expectTypeOf(animals.top(2, (a, b) => a.name.length - b.name.length)).toEqualTypeOf<Promise<Animal[]>>();
// @ts-expect-error
animals.top(2);
expectTypeOf(mixed.join()).toEqualTypeOf<Promise<string>>();

// ---------------------------------------------------------------------------------------------------------- searching

expectTypeOf(numbers.some((x) => x > 1)).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(numbers.every(async (x) => x > 1)).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(animals.find(isDog)).toEqualTypeOf<Promise<Dog | undefined>>();
expectTypeOf(mixed.find((x) => typeof x === 'string')).toEqualTypeOf<Promise<string | undefined>>();
expectTypeOf(animals.find((animal) => animal.name.length > 1)).toEqualTypeOf<Promise<Animal | undefined>>();
expectTypeOf(animals.find(async () => true)).toEqualTypeOf<Promise<Animal | undefined>>();
expectTypeOf(animals.findIndex(() => true)).toEqualTypeOf<Promise<number>>();
expectTypeOf(numbers.includes('a')).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(numbers.first()).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(numbers.first(0)).toEqualTypeOf<Promise<number>>();
expectTypeOf(numbers.first('none')).toEqualTypeOf<Promise<number | string>>();
expectTypeOf(numbers.first(null)).toEqualTypeOf<Promise<number | null>>();
declare const levels: AsyncStream<'low' | 'high'>;
expectTypeOf(levels.first('low')).toEqualTypeOf<Promise<'low' | 'high'>>();
expectTypeOf(levels.last('low')).toEqualTypeOf<Promise<'low' | 'high'>>();
expectTypeOf(AsyncStream.of(['a']).first([])).toEqualTypeOf<Promise<string[]>>();
declare const configs: AsyncStream<{ port?: number }>;
expectTypeOf(configs.first({})).toEqualTypeOf<Promise<{ port?: number }>>();
expectTypeOf(configs.last({})).toEqualTypeOf<Promise<{ port?: number }>>();
expectTypeOf(levels.last('none')).toEqualTypeOf<Promise<'low' | 'high' | 'none'>>();
expectTypeOf(levels.iterator().nextOr('low')).toEqualTypeOf<Promise<'low' | 'high'>>();
expectTypeOf(levels.iterator().nextOr(null)).toEqualTypeOf<Promise<'low' | 'high' | null>>();
expectTypeOf(numbers.last()).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(numbers.last(null)).toEqualTypeOf<Promise<number | null>>();
expectTypeOf(numbers.at(-1)).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(numbers.single()).toEqualTypeOf<Promise<number>>();
expectTypeOf(numbers.isEmpty()).toEqualTypeOf<Promise<boolean>>();

// ----------------------------------------------------------------------------------------------------------- collecting

expectTypeOf(numbers.collect(collectors.sum())).toEqualTypeOf<Promise<number>>();
const facts = numbers.collect({
  count: collectors.count(),
  sum: collectors.sum(),
  max: collectors.max(),
  all: collectors.toArray(),
  first: collectors.first(),
  names: collectors.reduce((text: string, x: number) => text + String(x), ''),
  byParity: collectors.groupBy((x: number) => x % 2 === 0),
});
expectTypeOf(facts).toEqualTypeOf<
  Promise<{
    count: number;
    sum: number;
    max: number | undefined;
    all: number[];
    first: number | undefined;
    names: string;
    byParity: Map<boolean, number[]>;
  }>
>();
// Callbacks within a record know the elements.
const longest = animals.collect({ longest: collectors.maxBy((animal) => animal.name.length) });
expectTypeOf(longest).toEqualTypeOf<Promise<{ longest: Animal | undefined }>>();
const nested = numbers.collect({ inner: collectors.collect({ sum: collectors.sum(), count: collectors.count() }) });
expectTypeOf(nested).toEqualTypeOf<Promise<{ inner: { sum: number; count: number } }>>();

const words: Collector<string, string[]> = () => {
  const gathered: string[] = [];
  return { push: (value) => gathered.push(value) < 3, result: async () => gathered };
};
expectTypeOf(strings.collect(words)).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(strings.collect({ words, count: collectors.count() })).toEqualTypeOf<
  Promise<{ words: string[]; count: number }>
>();
const ofAnimals: Collector<Animal, number> = collectors.count();
const ofDogs: Collector<Dog, unknown> = ofAnimals;
void ofDogs;
// @ts-expect-error a collector of other elements
numbers.collect(words);
// @ts-expect-error
numbers.collect({ words });
// @ts-expect-error
strings.collect(collectors.sum());
// @ts-expect-error what is called for each run makes an object
strings.collect(() => 5);
// @ts-expect-error
strings.collect();

// ---------------------------------------------------------------------------------------------------------- a signal

declare const signal: AbortSignal;
const ending: Ending = { signal };
expectTypeOf(AsyncStream.of(1).toArray({ limit: 2, signal })).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(AsyncStream.of(1).toSet({ signal })).toEqualTypeOf<Promise<Set<number>>>();
expectTypeOf(AsyncStream.of('a').entries().toMap(undefined, undefined, { signal })).toEqualTypeOf<
  Promise<Map<number, string>>
>();
expectTypeOf(AsyncStream.of(1).toMap((x) => `${x}`, undefined, ending)).toEqualTypeOf<Promise<Map<string, number>>>();
expectTypeOf(
  AsyncStream.of(1).toMap(
    (x) => `${x}`,
    (x) => x,
    { merge: (a, b) => a + b, signal },
  ),
).toEqualTypeOf<Promise<Map<string, number>>>();
expectTypeOf(AsyncStream.of(1).reduce((sum, x) => sum + x, 0, ending)).toEqualTypeOf<Promise<number>>();
expectTypeOf(AsyncStream.of(1).forEach(() => 5, { concurrency: 2, signal })).toEqualTypeOf<Promise<void>>();
expectTypeOf(AsyncStream.of(1).sum(ending)).toEqualTypeOf<Promise<number>>();
expectTypeOf(AsyncStream.of(1).min(undefined, ending)).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(AsyncStream.of({ a: 1 }).max(() => 0, ending)).toEqualTypeOf<Promise<{ a: number } | undefined>>();
expectTypeOf(AsyncStream.of(1).top(2, undefined, ending)).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(AsyncStream.of(1).first('none', ending)).toEqualTypeOf<Promise<number | string>>();
expectTypeOf(AsyncStream.of(1).first(undefined, ending)).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(AsyncStream.of(1).find((x) => x > 1, ending)).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(AsyncStream.of(1).collect({ sum: collectors.sum() }, ending)).toEqualTypeOf<Promise<{ sum: number }>>();
// May be undefined, as of an option that is passed on.
declare const maybe: { signal: AbortSignal | undefined };
void AsyncStream.of(1).count(maybe);
// @ts-expect-error
AsyncStream.of(1).count({ signal: new AbortController() });
// @ts-expect-error the options come last
AsyncStream.of(1).reduce((least: number, x) => Math.min(least, x), ending);

// ----------------------------------------------------------------------------------------------------------- by hand

const iterator = AsyncStream.of(1).iterator({ close: false });
expectTypeOf(iterator).toEqualTypeOf<StreamIterator<number>>();
expectTypeOf(AsyncStream.of(1)[Symbol.asyncIterator]()).toEqualTypeOf<DisposableIterator<number>>();
expectTypeOf(iterator.nextOr('none')).toEqualTypeOf<Promise<number | string>>();
expectTypeOf(iterator.peek()).toEqualTypeOf<Promise<IteratorResult<number, undefined>>>();
expectTypeOf(iterator.pull(2)).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(iterator.rest()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from(iterator)).toEqualTypeOf<AsyncStream<number>>();
const disposable: AsyncDisposable = AsyncStream.of(1);
void disposable;
// @ts-expect-error
AsyncStream.of(1).iterator({ close: 1 });

// ------------------------------------------------------------------------------------------- streams of the platform

declare const chunks: AsyncStream<Uint8Array>;

expectTypeOf(chunks.pipeTo(new WritableStream<Uint8Array>())).toEqualTypeOf<Promise<void>>();
expectTypeOf(chunks.pipeTo(new PassThrough(), { preventClose: true })).toEqualTypeOf<Promise<void>>();
// As the types of streamx declare it, which tar-stream uses.
declare const streamx: {
  write(data: unknown): boolean;
  end(data: unknown): unknown;
  destroy(error?: Error | null): void;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown;
};
expectTypeOf(chunks.pipeTo(streamx)).toEqualTypeOf<Promise<void>>();
numbers.pipeTo(new WritableStream<unknown>());
numbers.pipeTo(new WritableStream<unknown>(), { signal: undefined, preventClose: undefined, preventAbort: undefined });
// @ts-expect-error
numbers.pipeTo(new WritableStream<string>());
// @ts-expect-error
mixed.pipeTo(new WritableStream<string>());
// @ts-expect-error
numbers.pipeTo('file');

expectTypeOf(numbers.toReadableStream()).toEqualTypeOf<ReadableStream<number>>();
expectTypeOf(chunks.toReadableStream({ type: 'bytes' })).toEqualTypeOf<ReadableStream<Uint8Array>>();
expectTypeOf(AsyncStream.from(numbers.toReadableStream())).toEqualTypeOf<AsyncStream<number>>();
new Response(chunks.toReadableStream());
chunks.toReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
// @ts-expect-error
chunks.toReadableStream({ type: 'text' });
