// What the compiler infers for the methods that give streams. Checked by `npm run typecheck`, never run.
import { createGunzip } from 'node:zlib';
import { expectTypeOf } from 'expect-type';

import {
  AsyncStream,
  type Buffering,
  type ChunksOptions,
  type Concurrency,
  type Context,
  type DebounceOptions,
  type DecodeOptions,
  type DistinctOptions,
  type ExpandOptions,
  type GroupByKeyOptions,
  type LinesOptions,
  type PageRequest,
  retrying,
  type RetryOptions,
  type Observer,
  type ShareOptions,
  type RateLimitOptions,
  limiter,
  type TakeWhileOptions,
  type ThrottleOptions,
} from '../../lib/index.ts';

interface Animal {
  readonly name: string;
}
interface Dog extends Animal {
  bark(): void;
}
declare const animals: AsyncStream<Animal>;
declare const dogs: AsyncStream<Dog>;
declare const numbers: AsyncStream<number>;
declare const strings: AsyncStream<string>;
declare const mixed: AsyncStream<string | number | null | undefined>;
declare const bytes: AsyncStream<Uint8Array>;
declare function isDog(animal: Animal): animal is Dog;

// A stream of dogs is a stream of animals, and not the other way round.
const asAnimals: AsyncStream<Animal> = dogs;
const asIterable: AsyncIterable<Animal> = dogs;
// @ts-expect-error
const asDogs: AsyncStream<Dog> = animals;
void [asAnimals, asIterable, asDogs];

// A stream is no promise and cannot be made by `new`.
// @ts-expect-error
void numbers.then;
// @ts-expect-error
new AsyncStream([1]);

// -------------------------------------------------------------------------------------------------------- callbacks

numbers.map((value, index, context) => {
  expectTypeOf(value).toEqualTypeOf<number>();
  expectTypeOf(index).toEqualTypeOf<number>();
  expectTypeOf(context).toEqualTypeOf<Context>();
  expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
  // @ts-expect-error
  context.signal = AbortSignal.abort();
});
type Callback<R> = (value: number, index: number, context: Context) => R;
expectTypeOf(numbers.map<string>)
  .parameter(0)
  .toEqualTypeOf<Callback<string | PromiseLike<string>>>();
expectTypeOf(numbers.dropWhile).parameter(0).toEqualTypeOf<Callback<unknown>>();
expectTypeOf(numbers.chunkBy).parameter(0).toEqualTypeOf<Callback<unknown>>();
expectTypeOf(numbers.distinct).parameter(0).toEqualTypeOf<Callback<unknown> | undefined>();
expectTypeOf(numbers.tap).parameter(0).toEqualTypeOf<Callback<unknown> | Observer<number>>();
numbers.flatMap((value, index, { signal }) => {
  expectTypeOf([value, index]).toEqualTypeOf<number[]>();
  expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
  return [];
});
numbers.tap({ next: (value) => expectTypeOf(value).toEqualTypeOf<number>() });

// ------------------------------------------------------------------------------------------------ element by element

expectTypeOf(numbers.map((x) => `${x}`)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.map(async (x) => `${x}`)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.map((x) => (x > 1 ? Promise.resolve(x) : -x))).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.map(String, { concurrency: 1 })).toEqualTypeOf<AsyncStream<string>>();
// @ts-expect-error
numbers.map();
// @ts-expect-error
numbers.map((x: string) => x);
// @ts-expect-error
numbers.map(String, { concurency: 1 });

// Guards narrow, and so do predicates that the compiler sees through, and `Boolean`.
expectTypeOf(animals.filter(isDog)).toEqualTypeOf<AsyncStream<Dog>>();
expectTypeOf(mixed.filter((x) => typeof x === 'string')).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(mixed.filter((x) => x != null)).toEqualTypeOf<AsyncStream<string | number>>();
expectTypeOf(mixed.filter(Boolean)).toEqualTypeOf<AsyncStream<string | number>>();
declare const literals: AsyncStream<0 | 1 | '' | 'a' | false | true | 0n | null | undefined>;
expectTypeOf(literals.filter(Boolean)).toEqualTypeOf<AsyncStream<1 | 'a' | true>>();
expectTypeOf(numbers.filter((x) => x > 1)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.filter(async (x) => x > 1)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(mixed.filter((x) => x)).toEqualTypeOf<AsyncStream<string | number | null | undefined>>();
// @ts-expect-error a guard of another type
numbers.filter((x: string): x is 'a' => x === 'a');

expectTypeOf(mixed.compact()).toEqualTypeOf<AsyncStream<string | number>>();
expectTypeOf(literals.compact()).toEqualTypeOf<AsyncStream<0 | 1 | '' | 'a' | boolean | 0n>>();
expectTypeOf(strings.entries()).toEqualTypeOf<AsyncStream<[index: number, value: string]>>();
expectTypeOf(strings.tap(() => 1)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(strings.tap({ close: () => 1 })).toEqualTypeOf<AsyncStream<string>>();
// @ts-expect-error
strings.tap({ finish: () => 1 });
dogs.tap({ next: (animal: Animal) => animal.name });
// @ts-expect-error
animals.tap({ next: (dog: Dog) => dog.bark() });

expectTypeOf(strings.take(1)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(strings.drop(1)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(strings.takeLast(1)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(strings.dropLast(1)).toEqualTypeOf<AsyncStream<string>>();
// @ts-expect-error
strings.take();
// @ts-expect-error
strings.take('2');

expectTypeOf(animals.takeWhile(isDog)).toEqualTypeOf<AsyncStream<Dog>>();
expectTypeOf(mixed.takeWhile((x) => typeof x === 'string')).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(animals.takeWhile(isDog, { inclusive: false })).toEqualTypeOf<AsyncStream<Dog>>();
expectTypeOf(animals.takeWhile(isDog, { inclusive: true })).toEqualTypeOf<AsyncStream<Animal>>();
expectTypeOf(animals.takeWhile(isDog, {} as TakeWhileOptions)).toEqualTypeOf<AsyncStream<Animal>>();
expectTypeOf(animals.takeWhile(async () => true)).toEqualTypeOf<AsyncStream<Animal>>();
expectTypeOf(animals.dropWhile(isDog)).toEqualTypeOf<AsyncStream<Animal>>();

expectTypeOf(animals.distinct()).toEqualTypeOf<AsyncStream<Animal>>();
expectTypeOf(animals.distinct((animal) => animal.name, { limit: 9 })).toEqualTypeOf<AsyncStream<Animal>>();
expectTypeOf(animals.distinctUntilChanged()).toEqualTypeOf<AsyncStream<Animal>>();
animals.distinctUntilChanged(
  async (animal) => animal.name,
  (previous, next) => {
    expectTypeOf([previous, next]).toEqualTypeOf<string[]>();
    return previous === next;
  },
);
animals.distinctUntilChanged(undefined, (previous, next) => {
  expectTypeOf([previous, next]).toEqualTypeOf<Animal[]>();
  return previous.name === next.name;
});

expectTypeOf(numbers.scan((sum, x) => sum + x)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.scan((text, x) => text + String(x), '')).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.scan(async (text, x) => text + String(x), '')).toEqualTypeOf<AsyncStream<string>>();
// @ts-expect-error without a seed, the result is of the type of the elements
numbers.scan((text, x) => `${text}${x}`);

expectTypeOf(numbers.prepend(1)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.prepend('a', Promise.resolve(null))).toEqualTypeOf<AsyncStream<number | string | null>>();
expectTypeOf(numbers.append('a', Promise.resolve(null))).toEqualTypeOf<AsyncStream<number | string | null>>();
expectTypeOf(numbers.append()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.intersperse(null)).toEqualTypeOf<AsyncStream<number | null>>();
expectTypeOf(numbers.defaultIfEmpty('none')).toEqualTypeOf<AsyncStream<number | string>>();
// A value that is an element already adds no type, and is read as one: its literals are not widened.
type Message = { type: 'text'; text: string } | { type: 'end' };
declare const messages: AsyncStream<Message>;
declare const levels: AsyncStream<'low' | 'high'>;
expectTypeOf(messages.prepend({ type: 'end' })).toEqualTypeOf<AsyncStream<Message>>();
expectTypeOf(messages.append({ type: 'end' }, Promise.resolve<Message>({ type: 'end' }))).toEqualTypeOf<
  AsyncStream<Message>
>();
expectTypeOf(messages.intersperse({ type: 'end' })).toEqualTypeOf<AsyncStream<Message>>();
expectTypeOf(messages.defaultIfEmpty({ type: 'end' })).toEqualTypeOf<AsyncStream<Message>>();
const beating: AsyncStream<Message> = messages.heartbeat(1000, { type: 'end' });
void beating;
expectTypeOf(levels.append('low')).toEqualTypeOf<AsyncStream<'low' | 'high'>>();
expectTypeOf(levels.heartbeat(1000, 'low')).toEqualTypeOf<AsyncStream<'low' | 'high'>>();
expectTypeOf(levels.append('none')).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(levels.heartbeat(1000, null)).toEqualTypeOf<AsyncStream<'low' | 'high' | null>>();
expectTypeOf(animals.append(dogs)).toEqualTypeOf<AsyncStream<Animal | AsyncStream<Dog>>>();
expectTypeOf(numbers.repeat(2)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.toSorted((a, b) => a - b)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.yieldEvery()).toEqualTypeOf<AsyncStream<number>>();

// ------------------------------------------------------------------------------------- flattening, chunks, windows

expectTypeOf(AsyncStream.of([1], [2]).flat()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.of([Promise.resolve(1)]).flat()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.of([[1]]).flat()).toEqualTypeOf<AsyncStream<number[]>>();
expectTypeOf(AsyncStream.of(new Set(['a'])).flat()).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(AsyncStream.of(numbers).flat()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.of(numbers, ['a']).flat()).toEqualTypeOf<AsyncStream<number | string>>();
declare const body: ReadableStream<Uint8Array>;
expectTypeOf(AsyncStream.of(body).flat()).toEqualTypeOf<AsyncStream<Uint8Array>>();
// @ts-expect-error
numbers.flat();
// @ts-expect-error a string is an iterable, and hardly ever meant to be one here
strings.flat();
// @ts-expect-error
AsyncStream.of([1], null).flat();

expectTypeOf(numbers.flatMap((x) => [x, 'a'])).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.flatMap(async (x) => [x])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.flatMap(() => strings)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.flatMap((x) => (x > 1 ? strings : [x]))).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.flatMap((x) => (x > 1 ? [] : [x]))).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.flatMap(() => body)).toEqualTypeOf<AsyncStream<Uint8Array>>();
expectTypeOf(numbers.flatMap(() => new Map([['a', 1]]))).toEqualTypeOf<AsyncStream<[string, number]>>();
expectTypeOf(numbers.flatMap(() => [Promise.resolve(1)])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.flatMap(() => [1].values())).toEqualTypeOf<AsyncStream<number>>();
const flattened = numbers.flatMap(async function* (x) {
  yield x;
  yield String(x);
});
expectTypeOf(flattened).toEqualTypeOf<AsyncStream<number | string>>();
// @ts-expect-error
numbers.flatMap((x) => x);
// @ts-expect-error
numbers.flatMap((x) => `${x}`);
// @ts-expect-error
numbers.flatMap(async (x) => `${x}`);
// @ts-expect-error
numbers.flatMap((x) => (x > 1 ? [x] : undefined));

expectTypeOf(numbers.concat([2], strings)).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.concat()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.concat(() => ['a'])).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.concat(async () => strings, new Set([true]))).toEqualTypeOf<
  AsyncStream<number | string | boolean>
>();
// @ts-expect-error
numbers.concat('abc');
// @ts-expect-error
AsyncStream.merge('abc', [1]);
// @ts-expect-error
numbers.catch(() => 'abc');
expectTypeOf(numbers.concat(body)).toEqualTypeOf<AsyncStream<number | Uint8Array>>();
numbers.concat(async function* ({ signal }) {
  expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
});
// @ts-expect-error
numbers.concat(1);

expectTypeOf(strings.chunks(2)).toEqualTypeOf<AsyncStream<string[]>>();
expectTypeOf(strings.chunkBy((x) => x.length)).toEqualTypeOf<AsyncStream<string[]>>();
const runs = strings.chunkWhen((previous, next, index, context) => {
  expectTypeOf([previous, next]).toEqualTypeOf<string[]>();
  expectTypeOf(index).toEqualTypeOf<number>();
  expectTypeOf(context).toEqualTypeOf<Context>();
  return previous < next;
});
expectTypeOf(runs).toEqualTypeOf<AsyncStream<string[]>>();

// Tuples where the size is known.
expectTypeOf(strings.windows(1)).toEqualTypeOf<AsyncStream<[string]>>();
expectTypeOf(strings.windows(2)).toEqualTypeOf<AsyncStream<[string, string]>>();
expectTypeOf(strings.windows(3, 'only-full')).toEqualTypeOf<AsyncStream<[string, string, string]>>();
expectTypeOf(strings.windows(2 as number)).toEqualTypeOf<AsyncStream<string[]>>();
expectTypeOf(strings.windows(2 as 2 | 3)).toEqualTypeOf<AsyncStream<[string, string] | [string, string, string]>>();
expectTypeOf(strings.windows(2, 'allow-partial')).toEqualTypeOf<AsyncStream<string[]>>();
expectTypeOf(strings.windows(2, 'allow-partial' as 'only-full' | 'allow-partial')).toEqualTypeOf<
  AsyncStream<string[]>
>();
expectTypeOf(strings.windows(1000)).toEqualTypeOf<AsyncStream<string[]>>();
expectTypeOf(mixed.windows(2)).toEqualTypeOf<
  AsyncStream<[string | number | null | undefined, string | number | null | undefined]>
>();
expectTypeOf(numbers.windows(2).map(([a, b]) => b - a)).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
strings.windows(2, 'partial');

// ------------------------------------------------------------------------------------------------------------- text

expectTypeOf(bytes.decode()).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(bytes.decode('latin1', { fatal: true })).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(bytes.lines({ maxLength: 9 })).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(strings.lines()).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(strings.split(';')).toEqualTypeOf<AsyncStream<string>>();
declare const buffers: AsyncStream<Buffer>;
declare const arrayBuffers: AsyncStream<ArrayBuffer>;
declare const chunks: AsyncStream<string | Buffer>;
expectTypeOf(buffers.decode()).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(arrayBuffers.decode().lines()).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(chunks.lines()).toEqualTypeOf<AsyncStream<string>>();
// @ts-expect-error
strings.decode();
// @ts-expect-error
numbers.lines();
// @ts-expect-error
numbers.split(';');
// @ts-expect-error
mixed.lines();
// @ts-expect-error
strings.split();

// ------------------------------------------------------------------------------------- concurrency and inner streams

expectTypeOf(numbers.mapSettled(String)).toEqualTypeOf<AsyncStream<PromiseSettledResult<string>>>();
expectTypeOf(numbers.mapSettled(async (x) => [x], { concurrency: limiter(2) })).toEqualTypeOf<
  AsyncStream<PromiseSettledResult<number[]>>
>();
// @ts-expect-error
numbers.mapSettled();

expectTypeOf(numbers.exhaustMap(async (x) => [String(x)])).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.switchMap((x) => [String(x)])).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.switchMap(async (_, index, { signal }) => strings.withSignal(signal).drop(index))).toEqualTypeOf<
  AsyncStream<string>
>();
expectTypeOf(numbers.switchMap(() => [Promise.resolve('a')])).toEqualTypeOf<AsyncStream<string>>();
// @ts-expect-error
numbers.switchMap(() => 'abc');
// @ts-expect-error
numbers.switchMap(() => 5);

expectTypeOf(animals.expand(() => dogs)).toEqualTypeOf<AsyncStream<Animal>>();
expectTypeOf(numbers.expand((x) => (x > 0 ? [x - 1] : null))).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.expand(async (x) => (x > 0 ? new Set([x - 1]) : undefined))).toEqualTypeOf<AsyncStream<number>>();
numbers.expand(
  (x, depth, context) => {
    expectTypeOf([x, depth]).toEqualTypeOf<number[]>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return null;
  },
  { order: 'depth', maxDepth: 3, concurrency: 2 },
);
// @ts-expect-error
dogs.expand(() => animals);
// @ts-expect-error
numbers.expand(() => ['a']);
// @ts-expect-error
numbers.expand(() => null, { order: 'up' });

const byName = animals.groupByKey((animal) => animal.name);
expectTypeOf(byName).toEqualTypeOf<AsyncStream<[key: string, group: AsyncStream<Animal>]>>();
expectTypeOf(animals.groupByKey(async ({ name }) => name.length, { maxKeys: 2, idle: 10, buffer: 1 })).toEqualTypeOf<
  AsyncStream<[key: number, group: AsyncStream<Animal>]>
>();
expectTypeOf(byName.flatMap(([, group]) => group.map(({ name }) => name))).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(await byName.toMap()).toEqualTypeOf<Map<string, AsyncStream<Animal>>>();
// @ts-expect-error
animals.groupByKey();
// @ts-expect-error
animals.groupByKey(String, { max: 1 });

// ------------------------------------------------------------------------------------------ errors and composition

expectTypeOf(numbers.catch(() => ['a'])).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.catch(async () => strings)).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.catch(() => undefined)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.catch(() => {})).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.catch(async () => {})).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.catch((error) => (error === 1 ? ['a'] : null))).toEqualTypeOf<AsyncStream<number | string>>();
const rethrown = numbers.catch((error, context) => {
  expectTypeOf(error).toBeUnknown();
  expectTypeOf(context).toEqualTypeOf<Context>();
  throw error;
});
expectTypeOf(rethrown).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
numbers.catch(() => 5);

expectTypeOf(numbers.finally(() => 1)).toEqualTypeOf<AsyncStream<number>>();

async function* stringify(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of stream) yield String(value);
}
const piped = numbers.pipe(async function* (stream, context) {
  expectTypeOf(stream).toEqualTypeOf<AsyncStream<number>>();
  expectTypeOf(context).toEqualTypeOf<Context>();
  yield 'a';
});
expectTypeOf(piped).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.pipe(stringify)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.pipe((stream) => stream.map(String).take(2))).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(numbers.pipe(async (stream) => [await stream.count()])).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
numbers.pipe((stream) => stream.count());
// @ts-expect-error
numbers.pipe(async function* (stream: AsyncIterable<string>) {
  yield* stream;
});

// ------------------------------------------------------------------------------------------------- buffers and time

expectTypeOf(dogs.rateLimit({ limit: 2, interval: 10, burst: 1 })).toEqualTypeOf<AsyncStream<Dog>>();
expectTypeOf(dogs.throttle(10, { trailing: false })).toEqualTypeOf<AsyncStream<Dog>>();
expectTypeOf(dogs.sample(10)).toEqualTypeOf<AsyncStream<Dog>>();
expectTypeOf(dogs.debounce(10, { maxWait: 20 })).toEqualTypeOf<AsyncStream<Dog>>();
expectTypeOf(dogs.delay(10)).toEqualTypeOf<AsyncStream<Dog>>();
// @ts-expect-error a rate is so many in so long
numbers.rateLimit({ limit: 2 });
// @ts-expect-error milliseconds are a number
numbers.debounce('10');

// -------------------------------------------------------------------------------------------------------- iteration

for await (const value of numbers) expectTypeOf(value).toEqualTypeOf<number>();
const iterator = numbers[Symbol.asyncIterator]();
expectTypeOf(await iterator.next()).toEqualTypeOf<IteratorResult<number, undefined>>();
expectTypeOf(iterator).toExtend<AsyncDisposable>();
async function disposed(): Promise<void> {
  await using used = numbers[Symbol.asyncIterator]();
  for await (const value of used) expectTypeOf(value).toEqualTypeOf<number>();
}
void disposed;
const standard: AsyncIterableIterator<number> = iterator;
void standard;

// ---------------------------------------------------------------------------------------------------------- sharing

expectTypeOf(numbers.tee()).toEqualTypeOf<[AsyncStream<number>, AsyncStream<number>]>();
expectTypeOf(numbers.tee(3)).toEqualTypeOf<[AsyncStream<number>, AsyncStream<number>, AsyncStream<number>]>();
declare const howMany: number;
expectTypeOf(numbers.tee(howMany, { buffer: 4 })).toEqualTypeOf<AsyncStream<number>[]>();
declare const both: AsyncStream<string | number>;
const isString = (value: unknown): value is string => typeof value === 'string';
expectTypeOf(both.partition(isString)).toEqualTypeOf<[matching: AsyncStream<string>, rest: AsyncStream<number>]>();
expectTypeOf(both.partition((value) => typeof value === 'string')).toEqualTypeOf<
  [matching: AsyncStream<string>, rest: AsyncStream<number>]
>();
expectTypeOf(numbers.partition(async (value) => value > 1)).toEqualTypeOf<
  [matching: AsyncStream<number>, rest: AsyncStream<number>]
>();
expectTypeOf(numbers.share({ replay: 1 })).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
numbers.tee('2');
// @ts-expect-error
numbers.partition();
// @ts-expect-error
numbers.share({ replays: 1 });

// -------------------------------------------------------------------------------------------------------------- any

// Where a callback answers `any`, nothing is known of the elements, and they are not `any` either.
declare const anything: any;
declare const anys: AsyncStream<any>;
expectTypeOf(numbers.flatMap(() => anything)).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(numbers.flatMap(async () => anything)).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(numbers.concat(anything)).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(numbers.catch(() => anything)).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(numbers.pipe(() => anything)).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(anys.flat()).toEqualTypeOf<AsyncStream<unknown>>();
// And where nothing is known, a guard still narrows.
declare const unknowns: AsyncStream<unknown>;
expectTypeOf(unknowns.filter((x) => typeof x === 'string')).toEqualTypeOf<AsyncStream<string>>();

// ---------------------------------------------------------------------------------------------------------- options

expectTypeOf<Buffering>().toEqualTypeOf<Readonly<Buffering>>();
expectTypeOf<Concurrency>().toEqualTypeOf<Readonly<Concurrency>>();
expectTypeOf<DebounceOptions>().toEqualTypeOf<Readonly<DebounceOptions>>();
expectTypeOf<DecodeOptions>().toEqualTypeOf<Readonly<DecodeOptions>>();
expectTypeOf<DistinctOptions>().toEqualTypeOf<Readonly<DistinctOptions>>();
expectTypeOf<ExpandOptions>().toEqualTypeOf<Readonly<ExpandOptions>>();
expectTypeOf<GroupByKeyOptions>().toEqualTypeOf<Readonly<GroupByKeyOptions>>();
expectTypeOf<LinesOptions>().toEqualTypeOf<Readonly<LinesOptions>>();
expectTypeOf<Observer<number>>().toEqualTypeOf<Readonly<Observer<number>>>();
expectTypeOf<ShareOptions>().toEqualTypeOf<Readonly<ShareOptions>>();
expectTypeOf<TakeWhileOptions>().toEqualTypeOf<Readonly<TakeWhileOptions>>();

// -------------------------------------------------------------------------------------------------------- combining

declare const factory: () => Promise<Set<boolean>>;

expectTypeOf(AsyncStream.concat(numbers, ['a'], factory)).toEqualTypeOf<AsyncStream<number | string | boolean>>();
expectTypeOf(AsyncStream.merge(numbers, ['a'], factory)).toEqualTypeOf<AsyncStream<number | string | boolean>>();
expectTypeOf(AsyncStream.merge()).toEqualTypeOf<AsyncStream<never>>();
expectTypeOf(AsyncStream.race(numbers, strings)).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(AsyncStream.interleave(numbers, strings)).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.merge(strings, factory)).toEqualTypeOf<AsyncStream<number | string | boolean>>();
expectTypeOf(numbers.race(strings)).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.interleave(strings)).toEqualTypeOf<AsyncStream<number | string>>();
// @ts-expect-error
AsyncStream.merge(5);
// @ts-expect-error
numbers.race({});

// A pair says by its key what its value is.
AsyncStream.mergeKeyed({ n: numbers, s: ['a'] }).forEach((pair) => {
  expectTypeOf(pair).toEqualTypeOf<[key: 'n', value: number] | [key: 's', value: string]>();
  if (pair[0] === 'n') expectTypeOf(pair[1]).toEqualTypeOf<number>();
});
expectTypeOf(AsyncStream.mergeKeyed({ a: numbers, b: [1] }).toMap()).toEqualTypeOf<Promise<Map<'a' | 'b', number>>>();
// @ts-expect-error
AsyncStream.mergeKeyed({ n: 5 });

// Rows are tuples.
expectTypeOf(AsyncStream.zip([numbers, ['a'], factory])).toEqualTypeOf<AsyncStream<[number, string, boolean]>>();
expectTypeOf(AsyncStream.zip([numbers, strings], { mode: 'strict' })).toEqualTypeOf<AsyncStream<[number, string]>>();
expectTypeOf(AsyncStream.zip([])).toEqualTypeOf<AsyncStream<[]>>();
declare const many: AsyncStream<number>[];
expectTypeOf(AsyncStream.zip(many)).toEqualTypeOf<AsyncStream<number[]>>();
expectTypeOf(numbers.zip(strings, factory)).toEqualTypeOf<AsyncStream<[number, string, boolean]>>();
expectTypeOf(numbers.zip()).toEqualTypeOf<AsyncStream<[number]>>();
expectTypeOf(AsyncStream.combineLatest(numbers, strings)).toEqualTypeOf<AsyncStream<[number, string]>>();
expectTypeOf(numbers.combineLatest(strings)).toEqualTypeOf<AsyncStream<[number, string]>>();
expectTypeOf(numbers.withLatestFrom(strings, factory)).toEqualTypeOf<AsyncStream<[number, string, boolean]>>();

// With padding, something else may stand for an element.
expectTypeOf(AsyncStream.zip([numbers, strings], { mode: 'longest' })).toEqualTypeOf<
  AsyncStream<[number | undefined, string | undefined]>
>();
expectTypeOf(AsyncStream.zip([numbers, strings], { mode: 'longest', padding: [null] })).toEqualTypeOf<
  AsyncStream<[number | null, string | undefined]>
>();
declare const padding: boolean[];
expectTypeOf(AsyncStream.zip([numbers], { mode: 'longest', padding })).toEqualTypeOf<
  AsyncStream<[number | boolean | undefined]>
>();
declare const mode: 'shortest' | 'longest';
expectTypeOf(AsyncStream.zip([numbers], { mode })).toEqualTypeOf<AsyncStream<[number | undefined]>>();
// @ts-expect-error
AsyncStream.zip([numbers], { mode: 'all' });
// @ts-expect-error
AsyncStream.zip([numbers, 5]);

expectTypeOf(AsyncStream.zipKeyed({ n: numbers, s: ['a'] })).toEqualTypeOf<AsyncStream<{ n: number; s: string }>>();
expectTypeOf(AsyncStream.zipKeyed({ n: numbers, s: strings }, { mode: 'longest' })).toEqualTypeOf<
  AsyncStream<{ n: number | undefined; s: string | undefined }>
>();
expectTypeOf(AsyncStream.zipKeyed({ n: numbers, s: strings }, { mode: 'longest', padding: { n: null } })).toEqualTypeOf<
  AsyncStream<{ n: number | null; s: string | undefined }>
>();

expectTypeOf(AsyncStream.mergeSorted([numbers, [1]])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.mergeSorted([dogs, [] as Dog[]], (a, b) => a.name.length - b.name.length)).toEqualTypeOf<
  AsyncStream<Dog>
>();
// @ts-expect-error
AsyncStream.mergeSorted([animals]);
// @ts-expect-error
AsyncStream.mergeSorted([animals], async () => 0);
expectTypeOf<RateLimitOptions>().toEqualTypeOf<Readonly<RateLimitOptions>>();
expectTypeOf<ThrottleOptions>().toEqualTypeOf<Readonly<ThrottleOptions>>();
// ---------------------------------------------------------------------------------------------- time, chunks, stopping

expectTypeOf(numbers.chunks(2, { within: 5, weight: (x) => x, maxWeight: 3 })).toEqualTypeOf<AsyncStream<number[]>>();
const animalChunks: ChunksOptions<Animal> = { weight: ({ name }) => name.length, maxWeight: 9 };
dogs.chunks(2, animalChunks);
// @ts-expect-error it is asked very often, and never needs a promise
numbers.chunks(2, { weight: async (x) => x, maxWeight: 3 });

expectTypeOf(numbers.timeout(5)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(numbers.timeout({ each: 1, first: 2, total: 3 })).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
numbers.timeout({ every: 5 });

expectTypeOf(numbers.heartbeat(5, 'beat')).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(numbers.heartbeat(5, null)).toEqualTypeOf<AsyncStream<number | null>>();
// @ts-expect-error
numbers.heartbeat(5);

for (const stop of [AbortSignal.abort(), Promise.resolve(), [1], strings, async function* () {}] as const) {
  expectTypeOf(numbers.takeUntil(stop)).toEqualTypeOf<AsyncStream<number>>();
}
// @ts-expect-error
numbers.takeUntil(5);
// ------------------------------------------------------------------------------------------------------------ retry

expectTypeOf(AsyncStream.of(1).retry()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(
  AsyncStream.of(1).retry({ times: Infinity, delay: 10, backoff: 'exponential', maxDelay: 50, jitter: 0.5 }),
).toEqualTypeOf<AsyncStream<number>>();
const resumed = AsyncStream.of(1).retry({
  when: (error, attempt, context) => {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    expectTypeOf(attempt).toEqualTypeOf<number>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return true;
  },
  resume: async (last, emitted, error) => {
    expectTypeOf(last).toEqualTypeOf<number | undefined>();
    expectTypeOf(emitted).toEqualTypeOf<number>();
    expectTypeOf(error).toEqualTypeOf<unknown>();
    return [`${last}`];
  },
});
expectTypeOf(resumed).toEqualTypeOf<AsyncStream<number | string>>();
const policy: RetryOptions = { times: 2, backoff: 3 };
void AsyncStream.of(1).retry(policy);
void AsyncStream.of(1).retry({
  delay: async (error, attempt) => (error instanceof Error ? attempt : 0),
  times: undefined,
});

declare const fetchUser: (id: number) => Promise<{ name: string }>;
expectTypeOf(AsyncStream.of(1).map(retrying(fetchUser, { times: 4 }), { concurrency: 8 })).toEqualTypeOf<
  AsyncStream<{ name: string }>
>();
expectTypeOf(AsyncStream.of(1).map(retrying((x, index, { signal }) => [x, index, signal] as const))).toEqualTypeOf<
  AsyncStream<readonly [number, number, AbortSignal]>
>();
expectTypeOf(AsyncStream.of(1).flatMap(retrying((x) => [String(x)]))).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(AsyncStream.paginate(retrying(async (request: PageRequest<string>) => [request.page]))).toEqualTypeOf<
  AsyncStream<number>
>();
expectTypeOf(
  AsyncStream.poll(
    retrying(async (index) => index),
    { every: 1 },
  ),
).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
AsyncStream.of('a').map(retrying(fetchUser));
// @ts-expect-error options are an object
AsyncStream.of(1).retry(3);
// @ts-expect-error
AsyncStream.of(1).retry({ backoff: 'linear' });
// @ts-expect-error
AsyncStream.of(1).retry({ resume: () => 5 });

// ------------------------------------------------------------------------------------------- streams of the platform

declare const octets: AsyncStream<Uint8Array<ArrayBuffer>>;

expectTypeOf(octets.pipeThrough(new TextDecoderStream())).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(octets.pipeThrough(() => new TextDecoderStream())).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(octets.pipeThrough(async () => new TransformStream<Uint8Array, Date>())).toEqualTypeOf<
  AsyncStream<Date>
>();
expectTypeOf(octets.pipeThrough(createGunzip())).toEqualTypeOf<AsyncStream<any>>();
expectTypeOf(octets.pipeThrough<Buffer>(createGunzip())).toEqualTypeOf<AsyncStream<Buffer>>();
expectTypeOf(octets.pipeThrough(new TransformStream<Uint8Array, Date | undefined>())).toEqualTypeOf<
  AsyncStream<Date | undefined>
>();
// What a transform without types of its own reads are the elements; what it writes is up to it.
const trimmed = strings.pipeThrough(
  new TransformStream({
    transform(text, controller) {
      expectTypeOf(text).toEqualTypeOf<string>();
      controller.enqueue(text.trim());
    },
  }),
);
expectTypeOf(trimmed).toEqualTypeOf<AsyncStream<unknown>>();
// @ts-expect-error
AsyncStream.of(1, 2).pipeThrough(new TextDecoderStream());
// @ts-expect-error
octets.pipeThrough('gzip');

// Options without a type of elements suit every stream.
declare const anyConcurrency: Concurrency;
declare const anyChunks: ChunksOptions;
numbers.map(String, anyConcurrency).forEach(String, anyConcurrency);
numbers.chunks(2, anyChunks);

// With `exactOptionalPropertyTypes`, every option also takes undefined.
AsyncStream.of(1).map((x) => x, { concurrency: undefined, ordered: undefined, buffer: undefined, key: undefined });
AsyncStream.of(1).chunks(2, { within: undefined, weight: undefined, maxWeight: undefined });
AsyncStream.of(1).tap({ start: undefined, next: undefined, error: undefined, complete: undefined, close: undefined });
AsyncStream.zip([[1]], { mode: undefined, padding: undefined });

// A key narrows the pairs of mergeKeyed.
expectTypeOf(AsyncStream.mergeKeyed({ a: [1], b: ['x'] }).filter((pair) => pair[0] === 'a')).toEqualTypeOf<
  AsyncStream<[key: 'a', value: number]>
>();
