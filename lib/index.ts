export { AsyncStream } from './async-stream.ts';
export * as collectors from './collectors/index.ts';
export type { Dictionary, MergeOptions, Ordered, ToArrayOptions } from './collectors/index.ts';
export type { Children } from './engine/children.ts';
export type { Concurrency, Limiter } from './engine/concurrency.ts';
export type { Collector, Gathering } from './engine/collector.ts';
export type { Context } from './engine/scope.ts';
export { StreamConsumedError } from './errors.ts';
export { limiter, type Semaphore } from './limiter.ts';
export type { PageRequest, PaginateOptions } from './sources/paginate.ts';
export type { Unfolding } from './sources/unfold.ts';
export type { DecodeOptions } from './stages/decode.ts';
export type { DistinctOptions } from './stages/distinct.ts';
export type { ExpandOptions } from './stages/expand.ts';
export type { GroupByKeyOptions } from './stages/group-by-key.ts';
export type { LinesOptions } from './stages/lines.ts';
export type { TakeWhileOptions } from './stages/take-while.ts';
export type { Observer } from './stages/tap.ts';
export type {
  AnyIterable,
  Element,
  Fn,
  Input,
  ReadableStreamLike,
  Signal,
  Streamable,
  StreamIterator,
} from './types.ts';
