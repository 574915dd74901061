// What the compiler infers for streams from every kind of source. Checked by `npm run typecheck`, never run.
import type { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { expectTypeOf } from 'expect-type';

import {
  AsyncStream,
  type Context,
  type ElementTypeNeeded,
  type FromEventOptions,
  type ItemsNeeded,
  type PageRequest,
  type PaginateOptions,
  type Push,
} from '../../lib/index.ts';

declare const bytes: ReadableStream<Uint8Array>;

// ------------------------------------------------------------------------------------------------------------- from

expectTypeOf(AsyncStream.from([1, 2])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from([])).toEqualTypeOf<AsyncStream<never>>();
expectTypeOf(AsyncStream.from([1, 'a'])).toEqualTypeOf<AsyncStream<string | number>>();
// @ts-expect-error
AsyncStream.from('abc');
expectTypeOf(AsyncStream.from(new Set([1]))).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from(new Map([['a', 1]]))).toEqualTypeOf<AsyncStream<[string, number]>>();
expectTypeOf(AsyncStream.from(new Uint8Array(1))).toEqualTypeOf<AsyncStream<number>>();
declare const readonlyArray: readonly string[];
expectTypeOf(AsyncStream.from(readonlyArray)).toEqualTypeOf<AsyncStream<string>>();

// Promises in a sync iterable are awaited.
expectTypeOf(AsyncStream.from([Promise.resolve(1)])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from([Promise.resolve(1), 2])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from([Promise.resolve(1), Promise.resolve('a')])).toEqualTypeOf<
  AsyncStream<string | number>
>();
expectTypeOf(AsyncStream.from(new Set([Promise.resolve(1)]))).toEqualTypeOf<AsyncStream<number>>();

// Iterators and generators.
declare const generator: Generator<number | Promise<number>, string>;
declare const asyncGenerator: AsyncGenerator<number, string>;
expectTypeOf(AsyncStream.from(generator)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from(asyncGenerator)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from([1].values())).toEqualTypeOf<AsyncStream<number>>();
declare const iterator: Iterator<number>;
declare const asyncIterator: AsyncIterator<number>;
expectTypeOf(AsyncStream.from(iterator)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from(asyncIterator)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from({ next: () => ({ done: false, value: 1 }) })).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from({ next: async () => ({ done: false, value: 1 }) })).toEqualTypeOf<AsyncStream<number>>();

// Readable streams. Node types its own as iterables of `any`, which only the caller can better.
declare const nodeBytes: NodeReadableStream<Uint8Array>;
declare const strings: ReadableStream<string>;
declare const body: NonNullable<Response['body']>;
declare const readable: Readable;
expectTypeOf(AsyncStream.from(bytes)).toEqualTypeOf<AsyncStream<Uint8Array>>();
expectTypeOf(AsyncStream.from(nodeBytes)).toEqualTypeOf<AsyncStream<Uint8Array>>();
expectTypeOf(AsyncStream.from(strings)).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(AsyncStream.from(body)).toEqualTypeOf<AsyncStream<Uint8Array<ArrayBuffer>>>();
expectTypeOf(AsyncStream.from(readable)).toEqualTypeOf<AsyncStream<any>>();
expectTypeOf(AsyncStream.from<Buffer>(readable)).toEqualTypeOf<AsyncStream<Buffer>>();
expectTypeOf(AsyncStream.from(createReadStream('file')).lines()).toEqualTypeOf<AsyncStream<string>>();

// In an environment whose types do not say that a `ReadableStream` is iterable.
declare const notIterable: Omit<ReadableStream<Uint8Array>, typeof Symbol.asyncIterator | 'values'>;
expectTypeOf(AsyncStream.from(notIterable)).toEqualTypeOf<AsyncStream<Uint8Array>>();

// Functions that make a source for each run.
expectTypeOf(AsyncStream.from(() => [1])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from(async () => [1])).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
AsyncStream.from(() => 'abc');
expectTypeOf(AsyncStream.from(async () => new Map([['a', 1]]))).toEqualTypeOf<AsyncStream<[string, number]>>();
expectTypeOf(AsyncStream.from(() => [Promise.resolve(1)])).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from(() => [Promise.resolve(1), Promise.resolve('a')])).toEqualTypeOf<
  AsyncStream<string | number>
>();
expectTypeOf(AsyncStream.from(() => iterator)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.from(() => bytes)).toEqualTypeOf<AsyncStream<Uint8Array>>();
expectTypeOf(AsyncStream.from(async () => body)).toEqualTypeOf<AsyncStream<Uint8Array<ArrayBuffer>>>();
expectTypeOf(AsyncStream.from(() => AsyncStream.of(1))).toEqualTypeOf<AsyncStream<number>>();
const generated = AsyncStream.from(async function* (context) {
  expectTypeOf(context).toEqualTypeOf<Context>();
  yield 1;
});
expectTypeOf(generated).toEqualTypeOf<AsyncStream<number>>();

// Streams, and choices between sources.
expectTypeOf(AsyncStream.from(AsyncStream.of(1))).toEqualTypeOf<AsyncStream<number>>();
declare const either: number[] | AsyncStream<string>;
expectTypeOf(AsyncStream.from(either)).toEqualTypeOf<AsyncStream<string | number>>();

// Where nothing is known of the source, nothing is known of its elements, and they are not `any` either.
declare const anything: any;
expectTypeOf(AsyncStream.from(anything)).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(AsyncStream.from(async () => anything)).toEqualTypeOf<AsyncStream<unknown>>();

// The type that is wanted guides the inference.
const letters: AsyncStream<'a' | 'b'> = AsyncStream.from(['a', 'b']);
const pairs: AsyncStream<[string, number]> = AsyncStream.from([['a', 1]]);
void [letters, pairs];

// @ts-expect-error a number is no source
AsyncStream.from(5);
// @ts-expect-error nor is null
AsyncStream.from(null);
// @ts-expect-error nor undefined, as of an optional property
AsyncStream.from(({} as { items?: string[] }).items);
// @ts-expect-error a promise is no source: a function that gives one is
AsyncStream.from(Promise.resolve([1]));
// @ts-expect-error what the function makes must be a source
AsyncStream.from(() => 5);
// @ts-expect-error also when it is asynchronous
AsyncStream.from(async () => 5);
// @ts-expect-error a plain object is no source
AsyncStream.from({ a: 1 });

// ----------------------------------------------------------------------------------------------- of, range, unfold

expectTypeOf(AsyncStream.of(1, 2)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.of(1, 'a', null)).toEqualTypeOf<AsyncStream<string | number | null>>();
expectTypeOf(AsyncStream.of(1, Promise.resolve('a'))).toEqualTypeOf<AsyncStream<string | number>>();
expectTypeOf(AsyncStream.of()).toEqualTypeOf<AsyncStream<never>>();
expectTypeOf(AsyncStream.of<number>()).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.of([1, 'a'], [2])).toEqualTypeOf<AsyncStream<(string | number)[]>>();
const empty: AsyncStream<Date> = AsyncStream.of();
const chosen: AsyncStream<'a' | 'b'> = AsyncStream.of('a', 'b');
void [empty, chosen];

expectTypeOf(AsyncStream.range(0)).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.range(0, 3, 2)).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
AsyncStream.range('a');
// @ts-expect-error
AsyncStream.range();

const fibonacci = AsyncStream.unfold<number, readonly [number, number]>([0, 1], ([a, b]) => [a, [b, a + b]]);
expectTypeOf(fibonacci).toEqualTypeOf<AsyncStream<number>>();
const countdown = AsyncStream.unfold(3, (state, context) => {
  expectTypeOf(state).toEqualTypeOf<number>();
  expectTypeOf(context).toEqualTypeOf<Context>();
  return state === 0 ? null : [`${state}`, state - 1];
});
expectTypeOf(countdown).toEqualTypeOf<AsyncStream<string>>();
const linked = AsyncStream.unfold({ id: 1, more: true }, async (state) => {
  expectTypeOf(state).toEqualTypeOf<{ id: number; more: boolean }>();
  return state.more ? [state.id, { id: state.id + 1, more: state.id < 3 }] : undefined;
});
expectTypeOf(linked).toEqualTypeOf<AsyncStream<number>>();
// A promise in the place of the element is awaited.
expectTypeOf(AsyncStream.unfold(1, (state) => [Promise.resolve(`${state}`), state + 1])).toEqualTypeOf<
  AsyncStream<string>
>();
// @ts-expect-error the next state is of another type
AsyncStream.unfold(1, (state) => [state, 'a']);
// @ts-expect-error a pair is wanted
AsyncStream.unfold(1, (state) => state + 1);

// --------------------------------------------------------------------------------------------------------- paginate

interface Row {
  readonly id: number;
}
interface Page {
  readonly rows: Row[];
  readonly after: string | null;
  readonly pages: number;
}
declare function fetchRows(offset: number, size: number): Promise<Row[]>;
declare function fetchPage(position: string | number | undefined, signal?: AbortSignal): Promise<Page>;

// Pages that are arrays.
const byOffset = AsyncStream.paginate(({ offset, size }) => fetchRows(offset, size), {
  size: 50,
  stopOnShortPage: true,
});
expectTypeOf(byOffset).toEqualTypeOf<AsyncStream<Row>>();
expectTypeOf(AsyncStream.paginate(({ offset, size }) => fetchRows(offset, size))).toEqualTypeOf<AsyncStream<Row>>();
expectTypeOf(AsyncStream.paginate(() => [1, 2])).toEqualTypeOf<AsyncStream<number>>();
// Promises among the elements are awaited.
const awaited = AsyncStream.paginate(() => fetchRows(0, 1), { items: (rows) => rows.map(async ({ id }) => id) });
expectTypeOf(awaited).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.paginate(() => anything)).toEqualTypeOf<AsyncStream<unknown>>();

// Pages with a cursor.
const byCursor = AsyncStream.paginate(
  ({ cursor, signal }) => {
    expectTypeOf(cursor).toEqualTypeOf<string | undefined>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    return fetchPage(cursor, signal);
  },
  {
    items: (page) => {
      expectTypeOf(page).toEqualTypeOf<Page>();
      return page.rows;
    },
    next: (page) => page.after,
  },
);
expectTypeOf(byCursor).toEqualTypeOf<AsyncStream<Row>>();
const fromCursor = AsyncStream.paginate(({ cursor }) => fetchPage(cursor), {
  items: (page) => page.rows,
  next: (page) => (page.after === null ? undefined : Number(page.after)),
  cursor: 0,
});
expectTypeOf(fromCursor).toEqualTypeOf<AsyncStream<Row>>();

const annotated = AsyncStream.paginate(({ cursor }: PageRequest<number>) => fetchPage(cursor), {
  items: (page) => page.rows,
  next: (page) => (page.after === null ? undefined : Number(page.after)),
});
expectTypeOf(annotated).toEqualTypeOf<AsyncStream<Row>>();
const fetchByCursor = ({ cursor }: PageRequest<string>) => fetchPage(cursor);
// @ts-expect-error a cursor of another type than the request takes
AsyncStream.paginate(fetchByCursor, { items: (page) => page.rows, next: (page) => page.pages });

// Pages with a number.
const byNumber = AsyncStream.paginate(({ page }) => fetchPage(page), {
  items: (page) => page.rows,
  totalPages: (page) => {
    expectTypeOf(page).toEqualTypeOf<Page>();
    return page.pages;
  },
});
expectTypeOf(byNumber).toEqualTypeOf<AsyncStream<Row>>();

// The pages themselves.
const wholePages = AsyncStream.paginate(({ cursor }) => fetchPage(cursor), {
  items: (page) => page.rows,
  next: (page) => page.after,
  pages: true,
});
expectTypeOf(wholePages).toEqualTypeOf<AsyncStream<Page>>();
expectTypeOf(AsyncStream.paginate(() => fetchRows(0, 1), { pages: true })).toEqualTypeOf<AsyncStream<Row[]>>();

// A page that is not an array needs `items`: without it, the result is not a stream.
expectTypeOf(AsyncStream.paginate(({ page }) => fetchPage(page))).toEqualTypeOf<ItemsNeeded<Page>>();
expectTypeOf(AsyncStream.paginate(({ page }) => fetchPage(page), { next: (page: Page) => page.after })).toEqualTypeOf<
  ItemsNeeded<Page>
>();
// @ts-expect-error
AsyncStream.paginate(({ page }) => fetchPage(page), { items: (page) => page.pages });
// @ts-expect-error
AsyncStream.paginate(() => fetchRows(0, 1), { size: '50' });
// @ts-expect-error
AsyncStream.paginate(() => fetchRows(0, 1), { sise: 50 });

expectTypeOf<PageRequest<string>>().toEqualTypeOf<Readonly<PageRequest<string>>>();
expectTypeOf<PaginateOptions<Page, Row, string>>().toEqualTypeOf<Readonly<PaginateOptions<Page, Row, string>>>();

// ------------------------------------------------------------------------------------------------------------ using

interface Cursor {
  rows(): AsyncIterable<Row>;
  end(): Promise<void>;
}
declare function openCursor(): Promise<Cursor>;

const rows = AsyncStream.using(
  (context) => {
    expectTypeOf(context).toEqualTypeOf<Context>();
    return openCursor();
  },
  (cursor, context) => {
    expectTypeOf(cursor).toEqualTypeOf<Cursor>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return cursor.rows();
  },
  (cursor) => {
    expectTypeOf(cursor).toEqualTypeOf<Cursor>();
    return cursor.end();
  },
);
expectTypeOf(rows).toEqualTypeOf<AsyncStream<Row>>();
declare function connect(): Promise<Cursor & { close(): void }>;
expectTypeOf(AsyncStream.using(connect, async (cursor) => [cursor.end, 1])).toEqualTypeOf<
  AsyncStream<number | (() => Promise<void>)>
>();
expectTypeOf(AsyncStream.using(connect, () => body)).toEqualTypeOf<AsyncStream<Uint8Array<ArrayBuffer>>>();
expectTypeOf(AsyncStream.using(connect, () => either)).toEqualTypeOf<AsyncStream<string | number>>();
expectTypeOf(AsyncStream.using(connect, () => anything, undefined, { settle: true })).toEqualTypeOf<
  AsyncStream<unknown>
>();
// @ts-expect-error what `use` makes must be a source
AsyncStream.using(connect, () => 5);
// @ts-expect-error it is not made by a function
AsyncStream.using(connect, () => () => [1]);
// @ts-expect-error without `close`, the resource must say how it is closed
AsyncStream.using(openCursor, (cursor) => cursor.rows());
expectTypeOf(
  AsyncStream.using(
    () => ({ [Symbol.asyncDispose]: async () => undefined }),
    () => [1],
  ),
).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(
  AsyncStream.using(
    () => readable,
    () => [1],
  ),
).toEqualTypeOf<AsyncStream<number>>();

// -------------------------------------------------------------------------------------- create, channel, fromEvent

const created = AsyncStream.create<string>((push, context) => {
  expectTypeOf(push).toEqualTypeOf<Push<string>>();
  expectTypeOf(push('x')).toEqualTypeOf<boolean | Promise<boolean>>();
  expectTypeOf(context).toEqualTypeOf<Context>();
  // @ts-expect-error
  void push(1);
  return () => push.end();
});
expectTypeOf(created).toEqualTypeOf<AsyncStream<string>>();
AsyncStream.create(async (push: Push<number>) => {
  for (let n = 0; await push(n); n++);
});
AsyncStream.create(async () => async () => undefined, { buffer: 0, overflow: 'block' });
// @ts-expect-error a subscription is no cleanup: it would never be called
AsyncStream.create(() => ({ unsubscribe: () => undefined }));
// @ts-expect-error
AsyncStream.create(() => undefined, { overflow: 'drop' });

// Where no type says what is pushed, nothing can be.
const untyped = AsyncStream.channel();
expectTypeOf(untyped.stream).toEqualTypeOf<AsyncStream<ElementTypeNeeded>>();
// @ts-expect-error
untyped.push(1);
AsyncStream.create((push) => {
  // @ts-expect-error
  push(1);
});
// A type that is wanted says it.
const wanted: AsyncStream<number> = AsyncStream.create((push) => void push(1));
const fed = [0].concat(await AsyncStream.create<number>((push) => push.end()).toArray());
void [wanted, fed];

const piped = AsyncStream.channel<number>();
expectTypeOf(piped.stream).toEqualTypeOf<AsyncStream<number>>();
// @ts-expect-error
void piped.push('x');
expectTypeOf(piped.end).toEqualTypeOf<() => void>();
expectTypeOf(piped.fail).toEqualTypeOf<(error: unknown) => void>();
// A push for more takes less.
expectTypeOf<Push<string | number>>().toExtend<Push<string>>();
expectTypeOf<Push<string>>().not.toExtend<Push<string | number>>();

declare const target: EventTarget;
declare const controllerSignal: AbortSignal;
declare const emitter: EventEmitter;
declare const socket: Readable;
expectTypeOf(AsyncStream.fromEvent(target, 'x')).toEqualTypeOf<AsyncStream<Event>>();
expectTypeOf(AsyncStream.fromEvent(controllerSignal, 'abort', { eager: true })).toEqualTypeOf<AsyncStream<Event>>();
declare const button: HTMLElement;
declare const webSocket: WebSocket;
declare const server: Server;
declare const own: {
  on(event: 'pair', listener: (x: number, y: string) => void): unknown;
  on(event: 'flag' | 'toggle', listener: (z: boolean) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  off(event: string, listener: unknown): unknown;
};
interface JobEvents {
  done: [id: number, at: Date];
  idle: [];
}
declare const jobs: EventEmitter<JobEvents>;
declare const queue: JobQueue;
declare class JobQueue extends EventEmitter<JobEvents> {}
/** What Node's types from version 25 on give each emitter: one method for all of its events. */
declare const generic: {
  on<E extends keyof JobEvents>(event: E, listener: (...args: JobEvents[E]) => void): unknown;
  off<E extends keyof JobEvents>(event: E, listener: (...args: JobEvents[E]) => void): unknown;
};
/** The socket of `ws`: listened to as an `EventTarget`. */
declare const both: {
  onmessage: ((event: { data: string }) => void) | null;
  addEventListener(name: 'message', listener: (event: { data: string }) => void): void;
  removeEventListener(name: 'message', listener: (event: { data: string }) => void): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  off(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
};
AsyncStream.fromEvent(button, 'click') satisfies AsyncStream<MouseEvent>;
expectTypeOf(AsyncStream.fromEvent(button, 'keydown')).toEqualTypeOf<AsyncStream<KeyboardEvent>>();
AsyncStream.fromEvent(button, 'click', { select: (event) => event.clientX }) satisfies AsyncStream<number>;
expectTypeOf(AsyncStream.fromEvent(webSocket, 'close')).toEqualTypeOf<AsyncStream<CloseEvent>>();
expectTypeOf(AsyncStream.fromEvent(webSocket, 'message', { select: (event) => event.lastEventId })).toEqualTypeOf<
  AsyncStream<string>
>();
expectTypeOf(AsyncStream.fromEvent(server, 'connection')).toEqualTypeOf<AsyncStream<Socket>>();
expectTypeOf(AsyncStream.fromEvent(own, 'pair')).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.fromEvent(own, 'toggle')).toEqualTypeOf<AsyncStream<boolean>>();
expectTypeOf(AsyncStream.fromEvent(own, 'close')).toEqualTypeOf<AsyncStream<undefined>>();
expectTypeOf(AsyncStream.fromEvent(own, 'other')).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(AsyncStream.fromEvent(own, 'pair', { select: (x, y) => [x, y] as const })).toEqualTypeOf<
  AsyncStream<readonly [number, string]>
>();
expectTypeOf(AsyncStream.fromEvent(jobs, 'done')).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.fromEvent(jobs, 'idle')).toEqualTypeOf<AsyncStream<undefined>>();
expectTypeOf(AsyncStream.fromEvent(jobs, 'other')).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(AsyncStream.fromEvent(jobs, 'done', { select: (id, at) => [id, at] as const })).toEqualTypeOf<
  AsyncStream<readonly [number, Date]>
>();
expectTypeOf(AsyncStream.fromEvent(emitter, 'length')).toEqualTypeOf<AsyncStream<unknown>>();
// Neither tells which event has which arguments.
expectTypeOf(AsyncStream.fromEvent(queue, 'done')).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(AsyncStream.fromEvent(generic, 'done')).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(AsyncStream.fromEvent(queue as EventEmitter<JobEvents>, 'done')).toEqualTypeOf<AsyncStream<number>>();
expectTypeOf(AsyncStream.fromEvent(both, 'message')).toEqualTypeOf<AsyncStream<{ data: string }>>();
expectTypeOf(AsyncStream.fromEvent<MessageEvent>(target, 'message')).toEqualTypeOf<AsyncStream<MessageEvent>>();
expectTypeOf(AsyncStream.fromEvent(target, 'x', { select: (event) => event.type })).toEqualTypeOf<
  AsyncStream<string>
>();
const selected = AsyncStream.fromEvent(target, 'message', { select: (event: MessageEvent<string>) => event.data });
expectTypeOf(selected).toEqualTypeOf<AsyncStream<string>>();
expectTypeOf(AsyncStream.fromEvent(emitter, 'x', { end: ['end', 'close'] })).toEqualTypeOf<AsyncStream<unknown>>();
expectTypeOf(AsyncStream.fromEvent<Buffer>(socket, 'data', { end: 'end' })).toEqualTypeOf<AsyncStream<Buffer>>();
expectTypeOf(
  AsyncStream.fromEvent(emitter, Symbol.iterator, { select: (a: string, b: number) => `${a}${b}` }),
).toEqualTypeOf<AsyncStream<string>>();
// @ts-expect-error events cannot wait
AsyncStream.fromEvent(emitter, 'x', { overflow: 'block' });
// @ts-expect-error
AsyncStream.fromEvent({}, 'x');
// @ts-expect-error
AsyncStream.fromEvent(emitter, ['x']);

expectTypeOf<FromEventOptions>().toEqualTypeOf<Readonly<FromEventOptions>>();
expectTypeOf(AsyncStream.interval(5, { immediate: true })).toEqualTypeOf<AsyncStream<number>>();

const polled = AsyncStream.poll(
  async (index, context) => {
    expectTypeOf(index).toEqualTypeOf<number>();
    expectTypeOf(context).toEqualTypeOf<Context>();
    return { state: 'queued' };
  },
  { every: 5, until: (value) => value.state === 'done' },
);
expectTypeOf(polled).toEqualTypeOf<AsyncStream<{ state: string }>>();
// @ts-expect-error
AsyncStream.poll(() => 1);
// ------------------------------------------------------------------------------------------------------ asCompleted

expectTypeOf(AsyncStream.asCompleted([1, Promise.resolve('a')])).toEqualTypeOf<AsyncStream<number | string>>();
expectTypeOf(AsyncStream.asCompleted(new Set([openCursor()]))).toEqualTypeOf<AsyncStream<Cursor>>();
// @ts-expect-error
AsyncStream.asCompleted(Promise.resolve([1]));
// @ts-expect-error
AsyncStream.asCompleted('abc');
// @ts-expect-error
AsyncStream.asCompleted(AsyncStream.of(1));
