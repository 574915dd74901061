// What the compiler infers for collectors that stand alone. Checked by `npm run typecheck`, never run.
import { expectTypeOf } from 'expect-type';

import { type AsyncStream, type Collector, collectors } from '../../lib/index.ts';

const { collect, count, join, max, maxBy, minBy, sum, toArray, toMap, toObject, top } = collectors;

interface Word {
  readonly text: string;
  readonly size: number;
}
declare const words: AsyncStream<Word>;
declare const numbers: AsyncStream<number>;
declare const mixed: AsyncStream<number | string>;
declare const pairs: AsyncStream<[string, number]>;

// -------------------------------------------------------------------------------------------- a record of collectors

// It takes what all of them take.
expectTypeOf(collect({ sum: sum(), count: count(), text: join() })).toEqualTypeOf<
  Collector<number, { sum: number; count: number; text: string }>
>();
expectTypeOf(
  collect({ longest: maxBy((x: { size: number }) => x.size), first: minBy((x: { text: string }) => x.text) }),
).toEqualTypeOf<
  Collector<
    { size: number } & { text: string },
    { longest: { size: number } | undefined; first: { text: string } | undefined }
  >
>();
expectTypeOf(collect({ count: count() })).toEqualTypeOf<Collector<unknown, { count: number }>>();
expectTypeOf(collect({ all: toArray<string>() })).toEqualTypeOf<Collector<string, { all: string[] }>>();
// Inside another one, the collectors know the elements of the stream.
expectTypeOf(
  words.collect({ inner: collect({ all: toArray(), longest: maxBy((word) => word.size) }), count: count() }),
).toEqualTypeOf<Promise<{ inner: { all: Word[]; longest: Word | undefined }; count: number }>>();
const wanted: Collector<string, { all: string[] }> = collect({ all: toArray() });
void wanted;

// What takes numbers does not take strings as well.
// @ts-expect-error
mixed.collect(sum());
// @ts-expect-error
mixed.collect({ sum: sum() });
// @ts-expect-error
collect({ sum: 5 });
// @ts-expect-error
collect([sum()]);

// ------------------------------------------------------------------------------------------------------ keys and order

expectTypeOf(pairs.collect(toMap())).toEqualTypeOf<Promise<Map<string, number>>>();
expectTypeOf(pairs.collect(toObject())).toEqualTypeOf<Promise<Record<string, number>>>();
expectTypeOf(words.collect(toMap((word) => word.text))).toEqualTypeOf<Promise<Map<string, Word>>>();
expectTypeOf(words.collect(toObject((word) => word.size))).toEqualTypeOf<Promise<Record<number, Word>>>();
// Of keys that the type lists, any may be missing.
expectTypeOf(toObject((x: number) => (x > 1 ? 'many' : 'few'))).toEqualTypeOf<
  Collector<number, { many?: number; few?: number }>
>();
// @ts-expect-error elements that are no pairs
words.collect(toMap());
// @ts-expect-error a value without a key
toMap(undefined, (x: number) => x);

expectTypeOf(numbers.collect(max())).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(words.collect(max((a, b) => a.size - b.size))).toEqualTypeOf<Promise<Word | undefined>>();
expectTypeOf(words.collect(top(2, (a, b) => a.size - b.size))).toEqualTypeOf<Promise<Word[]>>();
// @ts-expect-error elements without an order
words.collect(max());
// @ts-expect-error
words.collect(top(2));
// @ts-expect-error a key without an order
maxBy((word: Word) => word);
