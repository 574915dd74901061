export { AsyncStream, type IteratorOptions, type StreamIterator } from './async-stream.ts';
export * as collectors from './collectors/index.ts';
export type { Dictionary, MergeOptions, Ordered, ToArrayOptions } from './collectors/index.ts';
export type { Buffering } from './buffering.ts';
export type { Children } from './stages/expand/children.ts';
export type { OverflowPolicy } from './engine/background/channel.ts';
export type { Concurrency, Concurrency as MapOptions } from './stages/support/concurrency.ts';
export type { Limiter } from './engine/concurrency/task-pool.ts';
export type { Collector, Gathering } from './collectors/support/collector.ts';
export type { EventEmitterLike, EventName, EventTargetLike, FirstOf, KnownEvent } from './sources/events.ts';
export type { Push } from './sources/push-channel.ts';
export type { Explanation, Step } from './inspecting/explain.ts';
export type { Profile, ProfileOptions, StageProfile } from './inspecting/profile.ts';
export type { Progress, ProgressOptions } from './inspecting/progress.ts';
export type { Trace } from './inspecting/trace.ts';
export {
  DestinationClosedError,
  GroupStalledError,
  OverflowError,
  StreamConsumedError,
  TeeStalledError,
} from './errors.ts';
export type { Cleanup, ElementTypeNeeded, ProducerFn } from './sources/create.ts';
export type { FromEventOptions } from './sources/from-event.ts';
export type { IntervalOptions } from './sources/interval.ts';
export { limiter, type LimiterOptions, type Semaphore } from './limiter.ts';
export { retrying, type RetryingOptions } from './retrying.ts';
export type { RetryPolicyOptions } from './retry-policy.ts';
export type { ItemsNeeded, PageRequest, PaginateOptions } from './sources/paginate.ts';
export type { PollOptions } from './sources/poll.ts';
export type { Unfolded, Unfolding } from './sources/unfold.ts';
export type { Closeable, UsingOptions } from './sources/using.ts';
export type { BufferOptions } from './stages/buffer.ts';
export type { DebounceOptions } from './stages/debounce.ts';
export type { DecodeOptions } from './stages/text/decode.ts';
export type { DistinctOptions } from './stages/distinct.ts';
export type { ExpandOptions } from './stages/expand/expand.ts';
export type { ExpandOrder } from './stages/expand/expansion.ts';
export type { GroupByKeyOptions } from './stages/group-by-key/group-by-key.ts';
export type { LinesOptions } from './stages/text/lines.ts';
export type { NodeDuplex, Transformed, TransformPair, TransformStreamLike } from './stages/pipe-through.ts';
export type { PipeToOptions } from './stages/pipe-to.ts';
export type { ToReadableStreamOptions } from './iterating/to-readable-stream.ts';
export type { Destination } from './stages/writing/writing.ts';
export type { NodeWritable } from './stages/writing/node-writable.ts';
export type { WritableStreamLike } from './stages/writing/web-writable.ts';
export type { RateLimitOptions } from './stages/rate-limit.ts';
export type { ShareOptions } from './stages/share.ts';
export type { RetryOptions } from './stages/retry.ts';
export type { TakeWhileOptions } from './stages/take-while.ts';
export type { Observer } from './stages/tap.ts';
export type { ThrottleOptions } from './stages/throttle.ts';
export type { ZipOptions } from './stages/zip.ts';
export type { ChunksOptions } from './stages/chunks.ts';
export type { Stop } from './stages/take-until.ts';
export type { TimeoutOptions } from './stages/timeout.ts';
export type {
  AnyIterable,
  Compare,
  Context,
  DisposableIterator,
  Element,
  Elements,
  Ending,
  Fn,
  Input,
  Inputs,
  Keyed,
  Padded,
  PaddedKeyed,
  Pair,
  ReadableStreamLike,
  Reducer,
  Signal,
  SignalLike,
  Streamable,
  Tagged,
  Truthy,
  WebReadableStream,
  Window,
} from './types.ts';
