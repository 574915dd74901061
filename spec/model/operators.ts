// The operators of random chains, each with a model: slow, obviously right, a plain async generator.
import { AsyncStream } from '../../lib/index.ts';
import { asSpecified } from '../support/for-await.ts';
import { answer, callback, type CallbackSpec, hash, type Recorder, source, type SourceSpec } from './parts.ts';

export type Stream = AsyncStream<any>;
export type Model = () => AsyncIterable<any>;

/** The arguments of an operator, whatever it takes. */
export interface Args {
  readonly count: number;
  readonly flag: boolean;
  readonly fn: CallbackSpec;
  readonly other: SourceSpec;
}

/** What an operator is built with: its name in the record, where everything is noted. */
export class Build {
  readonly args: Args;
  readonly #name: string;
  readonly #record: Recorder;

  constructor(args: Args, name: string, record: Recorder) {
    this.args = args;
    this.#name = name;
    this.#record = record;
  }

  fn(compute: (value: any, index: number) => unknown): (value: any, index?: any) => any {
    return callback(this.args.fn, this.#name, this.#record, compute);
  }

  /** A callback that never fails. */
  safe(compute: (value: any, index: number) => unknown = () => undefined): (value?: any, index?: any) => any {
    return callback({ ...this.args.fn, fails: 0 }, this.#name, this.#record, compute);
  }

  note(step: string): void {
    this.#record.note(`${this.#name} ${step}`);
  }

  other(name = 'other'): () => any {
    return source(this.args.other, `${this.#name} ${name}`, this.#record);
  }
}

export interface Operator {
  /**
   * How much the order of events says. `exact`: all events have the order of the model. `values`: it reads ahead, so only
   * elements and errors do. `bag`: elements may come in another order. `free`: it may also drop some.
   */
  readonly grade: 'exact' | 'values' | 'bag' | 'free';
  readonly lib: (stream: Stream, build: Build) => Stream;
  readonly model: (above: Model, build: Build) => Model;
}

const parity = (value: unknown) => hash(value) % 2;
const within = (mode: Args['fn']['mode'], values: unknown[]) =>
  answer(mode === 'turn' ? 'promise' : mode, () => values);

function operator(
  grade: Operator['grade'],
  lib: Operator['lib'],
  model: (above: Model, build: Build) => AsyncGenerator<any, void, undefined>,
): Operator {
  return { grade, lib, model: (above, build) => () => model(above, build) };
}

/** A stage that passes on what comes, in another way. */
const same = (grade: Operator['grade'], lib: (stream: Stream, args: Args) => Stream): Operator =>
  operator(
    grade,
    (stream, { args }) => lib(stream, args),
    async function* (above) {
      yield* above();
    },
  );

async function* mapped(above: Model, build: Build) {
  const fn = build.fn((value, index) => [value, index]);
  let index = 0;
  for await (const value of above()) yield await fn(value, index++);
}

async function* filtered(above: Model, build: Build) {
  const fn = build.fn(parity);
  let index = 0;
  for await (const value of above()) if (await fn(value, index++)) yield value;
}

async function* flattened(above: Model, build: Build) {
  const fn = build.fn((value) => [value, hash(value)]);
  let index = 0;
  for await (const value of above()) yield* await fn(value, index++);
}

async function* settled(above: Model, build: Build) {
  const fn = build.fn((value) => [value]);
  let index = 0;
  for await (const value of above()) {
    let result: unknown;
    try {
      result = { status: 'fulfilled', value: await fn(value, index++) };
    } catch (reason) {
      result = { status: 'rejected', reason };
    }
    yield result;
  }
}

/** Emits the chunk in hand before an error from upstream. */
async function* chunked(above: Model, isFull: (chunk: any[]) => boolean) {
  let chunk: any[] = [];
  let failure: { error: unknown } | undefined;
  const iterator = above()[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      let result: IteratorResult<any>;
      try {
        result = await iterator.next();
      } catch (error) {
        failure = { error };
        break;
      }
      if (result.done) break;
      chunk.push(result.value);
      if (!isFull(chunk)) continue;
      const full = chunk;
      chunk = [];
      yield full;
    }
    ended = true;
  } finally {
    if (!ended) await iterator.return?.();
  }
  if (chunk.length > 0) yield chunk;
  if (failure !== undefined) throw failure.error;
}

async function* last(above: Model, count: number) {
  const held: any[] = [];
  for await (const value of above()) {
    held.push(value);
    if (held.length > count) held.shift();
  }
  yield* held;
}

const PIECES = ['a', 'bc\n', '\r', '\n', '\r\n', '', 'd\re', 'é;;f;'];
/** Text for any value, in pieces that cut through line ends. */
export function pieceOf(value: unknown, { args }: Build): string | Uint8Array {
  const piece = PIECES[hash(value) % PIECES.length]!;
  return args.flag ? new TextEncoder().encode(piece) : piece;
}

async function* texts(above: Model) {
  for await (const value of above()) yield PIECES[hash(value) % PIECES.length]!;
}

/** Bytes for any value, in pieces that cut through characters. */
const BYTES = new TextEncoder().encode('a€é😀');
const bytesOf = (value: unknown) => BYTES.slice(hash(value) % BYTES.length, (hash(value) % BYTES.length) + 2);

const byHash = (a: unknown, b: unknown) => hash(a) - hash(b);

const children = (value: any) => (Array.isArray(value) && value.length > 2 ? [] : [[value, 1, 1]]);

export const operators = {
  map: operator('exact', (stream, build) => stream.map(build.fn((value, index) => [value, index])), mapped),
  'map, concurrent': operator(
    'values',
    (stream, build) =>
      stream.map(
        build.fn((value, index) => [value, index]),
        { concurrency: build.args.count + 1 },
      ),
    mapped,
  ),
  'map, unordered': operator(
    'bag',
    (stream, build) =>
      stream.map(
        build.fn((value) => [value]),
        { concurrency: build.args.count + 1, ordered: false },
      ),
    async function* (above, build) {
      const fn = build.fn((value) => [value]);
      for await (const value of above()) yield await fn(value);
    },
  ),
  filter: operator('exact', (stream, build) => stream.filter(build.fn(parity)), filtered),
  'filter, concurrent': operator(
    'values',
    (stream, build) => stream.filter(build.fn(parity), { concurrency: build.args.count + 1 }),
    filtered,
  ),
  mapSettled: operator('exact', (stream, build) => stream.mapSettled(build.fn((value) => [value])), settled),
  'mapSettled, concurrent': operator(
    'values',
    (stream, build) =>
      stream.mapSettled(
        build.fn((value) => [value]),
        { concurrency: build.args.count + 1 },
      ),
    settled,
  ),
  flatMap: operator('exact', (stream, build) => stream.flatMap(build.fn((value) => [value, hash(value)])), flattened),
  'flatMap, concurrent': operator(
    'values',
    (stream, build) =>
      stream.flatMap(
        build.fn((value) => [value, hash(value)]),
        { concurrency: build.args.count + 1 },
      ),
    flattened,
  ),
  'flatMap to sources': operator(
    'exact',
    (stream, build) => stream.flatMap((value) => (parity(value) ? build.other()() : [])),
    async function* (above, build) {
      for await (const value of above()) if (parity(value)) yield* asSpecified(build.other()());
    },
  ),
  flat: operator(
    'exact',
    (stream, { args }) => stream.map((value) => within(args.fn.mode, [value, value])).flat(),
    async function* (above) {
      for await (const value of above()) yield* [value, value];
    },
  ),
  compact: operator(
    'exact',
    (stream) => stream.compact(),
    async function* (above) {
      for await (const value of above()) if (value !== null && value !== undefined) yield value;
    },
  ),
  entries: operator(
    'exact',
    (stream) => stream.entries(),
    async function* (above) {
      let index = 0;
      for await (const value of above()) yield [index++, value];
    },
  ),
  tap: operator(
    'exact',
    (stream, build) => stream.tap(build.fn(() => 'ignored')),
    async function* (above, build) {
      const fn = build.fn(() => 'ignored');
      let index = 0;
      for await (const value of above()) {
        await fn(value, index++);
        yield value;
      }
    },
  ),
  take: operator(
    'exact',
    (stream, { args }) => stream.take(args.count),
    async function* (above, { args }) {
      if (args.count === 0) return;
      let taken = 0;
      for await (const value of above()) {
        yield value;
        if (++taken === args.count) return;
      }
    },
  ),
  drop: operator(
    'exact',
    (stream, { args }) => stream.drop(args.count),
    async function* (above, { args }) {
      let index = 0;
      for await (const value of above()) if (index++ >= args.count) yield value;
    },
  ),
  takeWhile: operator(
    'exact',
    (stream, build) =>
      stream.takeWhile(
        build.fn((value) => hash(value) % 4 > 0),
        { inclusive: build.args.flag },
      ),
    async function* (above, build) {
      const fn = build.fn((value) => hash(value) % 4 > 0);
      let index = 0;
      for await (const value of above()) {
        const wanted = await fn(value, index++);
        if (wanted || build.args.flag) yield value;
        if (!wanted) return;
      }
    },
  ),
  dropWhile: operator(
    'exact',
    (stream, build) => stream.dropWhile(build.fn(parity)),
    async function* (above, build) {
      const fn = build.fn(parity);
      let dropping = true;
      let index = 0;
      for await (const value of above()) {
        if (dropping && (await fn(value, index++))) continue;
        dropping = false;
        yield value;
      }
    },
  ),
  takeLast: operator(
    'exact',
    (stream, { args }) => stream.takeLast(args.count + 1),
    (above, { args }) => last(above, args.count + 1),
  ),
  dropLast: operator(
    'exact',
    (stream, { args }) => stream.dropLast(args.count),
    async function* (above, { args }) {
      const held: any[] = [];
      for await (const value of above()) {
        held.push(value);
        if (held.length > args.count) yield held.shift();
      }
    },
  ),
  distinct: operator(
    'exact',
    (stream, build) => stream.distinct(build.fn((value) => hash(value) % 5)),
    async function* (above, build) {
      const fn = build.fn((value) => hash(value) % 5);
      const seen = new Set<unknown>();
      let index = 0;
      for await (const value of above()) {
        const key: unknown = await fn(value, index++);
        if (seen.has(key)) continue;
        seen.add(key);
        yield value;
      }
    },
  ),
  distinctUntilChanged: operator(
    'exact',
    (stream, build) => stream.distinctUntilChanged(build.fn(parity)),
    async function* (above, build) {
      const fn = build.fn(parity);
      let before: unknown = undefined;
      let index = 0;
      for await (const value of above()) {
        const key: unknown = await fn(value, index++);
        if (key === before) continue;
        before = key;
        yield value;
      }
    },
  ),
  scan: operator(
    'exact',
    (stream, build) => {
      const fn = build.fn(hash);
      return stream.scan((sum: any, value, index) => Promise.resolve(fn(value, index)).then((n) => [sum, n]), 0);
    },
    async function* (above, build) {
      const fn = build.fn(hash);
      let sum: unknown = 0;
      let index = 0;
      for await (const value of above()) yield (sum = [sum, await fn(value, index++)]);
    },
  ),
  prepend: operator(
    'exact',
    (stream, { args }) => stream.prepend('first', args.count),
    async function* (above, { args }) {
      yield* ['first', args.count];
      yield* above();
    },
  ),
  append: operator(
    'exact',
    (stream, { args }) => stream.append('last', args.count),
    async function* (above, { args }) {
      yield* above();
      yield* ['last', args.count];
    },
  ),
  intersperse: operator(
    'exact',
    (stream) => stream.intersperse('-'),
    async function* (above) {
      let first = true;
      for await (const value of above()) {
        if (!first) yield '-';
        first = false;
        yield value;
      }
    },
  ),
  defaultIfEmpty: operator(
    'exact',
    (stream) => stream.defaultIfEmpty('none'),
    async function* (above) {
      let empty = true;
      for await (const value of above()) {
        empty = false;
        yield value;
      }
      if (empty) yield 'none';
    },
  ),
  lines: operator(
    'exact',
    (stream, build) => stream.map((value) => pieceOf(value, build)).lines(),
    async function* (above) {
      let line = '';
      let [afterReturn, begun] = [false, false];
      for await (const text of texts(above)) {
        for (const character of text) {
          const isRest = afterReturn && character === '\n';
          afterReturn = character === '\r';
          if (isRest) continue;
          begun = character !== '\n' && character !== '\r';
          if (begun) line += character;
          else {
            yield line;
            line = '';
          }
        }
      }
      if (begun) yield line;
    },
  ),
  split: operator(
    'exact',
    (stream, build) => stream.map((value) => pieceOf(value, build)).split(';'),
    async function* (above) {
      let [piece, empty] = ['', true];
      for await (const text of texts(above)) {
        // A text without a character has no pieces, as an empty stream.
        if (text !== '') empty = false;
        for (const character of text) {
          if (character !== ';') piece += character;
          else {
            yield piece;
            piece = '';
          }
        }
      }
      if (!empty) yield piece;
    },
  ),
  decode: operator(
    'exact',
    (stream) => stream.map(bytesOf).decode(),
    async function* (above) {
      const decoder = new TextDecoder();
      for await (const value of above()) {
        const text = decoder.decode(bytesOf(value), { stream: true });
        if (text !== '') yield text;
      }
      const rest = decoder.decode();
      if (rest !== '') yield rest;
    },
  ),
  mergeSorted: operator(
    'values',
    (stream) =>
      stream.pipe((above) => {
        // Wrapped, since a sort puts undefined last whatever the comparison returns.
        const sorted = above.map((value) => [value]).toSorted(byHash);
        return AsyncStream.mergeSorted([sorted, ['x', 'yy'].sort(byHash)], byHash);
      }),
    async function* (above) {
      const all: any[] = [];
      for await (const value of above()) all.push([value]);
      // Stable: of equal elements, the one of the earlier input comes first.
      yield* [...all, 'x', 'yy'].sort(byHash);
    },
  ),
  pipeTo: operator(
    'values',
    (stream) =>
      stream.pipe(async function* (above) {
        const all: any[] = [];
        await above.pipeTo(new WritableStream({ write: (value) => void all.push(value) }));
        yield* all;
      }),
    async function* (above) {
      const all: any[] = [];
      for await (const value of above()) all.push(value);
      yield* all;
    },
  ),
  partition: operator(
    'bag',
    (stream, build) =>
      stream.pipe((above) => {
        const [matching, rest] = above.partition(build.fn(parity));
        return matching.map((value) => [value, 1]).merge(rest.map((value) => [value, 0]));
      }),
    async function* (above, build) {
      const fn = build.fn(parity);
      let index = 0;
      for await (const value of above()) yield [value, (await fn(value, index++)) ? 1 : 0];
    },
  ),
  tee: operator(
    'bag',
    (stream) =>
      stream.pipe((above) => {
        const [one, other] = above.tee(2);
        return one.merge(other);
      }),
    async function* (above) {
      for await (const value of above()) yield* [value, value];
    },
  ),
  repeat: operator(
    'exact',
    (stream, { args }) => stream.repeat(args.count % 3),
    async function* (above, { args }) {
      for (let times = 0, emitted = true; emitted && times < args.count % 3; times++) {
        emitted = false;
        for await (const value of above()) {
          emitted = true;
          yield value;
        }
      }
    },
  ),
  toSorted: operator(
    'exact',
    (stream) => stream.toSorted((a, b) => hash(a) - hash(b)),
    async function* (above) {
      const all: any[] = [];
      for await (const value of above()) all.push(value);
      yield* all.sort((a, b) => hash(a) - hash(b));
    },
  ),
  concat: operator(
    'exact',
    (stream, build) => stream.concat(() => build.other()()),
    async function* (above, build) {
      yield* above();
      yield* asSpecified(build.other()());
    },
  ),
  chunks: operator(
    'exact',
    (stream, { args }) => stream.chunks(args.count + 1),
    (above, { args }) => chunked(above, ({ length }) => length === args.count + 1),
  ),
  'chunks, in time': operator(
    'values',
    (stream, { args }) => stream.chunks(args.count + 1, { within: 100_000 }),
    (above, { args }) => chunked(above, ({ length }) => length === args.count + 1),
  ),
  chunkBy: operator(
    'exact',
    (stream, build) => stream.chunkBy(build.fn(parity)),
    (above, build) => {
      const fn = build.fn(parity);
      let key: unknown;
      return cut(above, async (value, index) => {
        const before = key;
        key = await fn(value, index);
        return key !== before;
      });
    },
  ),
  chunkWhen: operator(
    'exact',
    (stream, build) => {
      const fn = build.fn(parity);
      return stream.chunkWhen((_previous, value, index) => fn(value, index));
    },
    (above, build) => {
      const fn = build.fn(parity);
      return cut(above, (value, index) => index > 0 && fn(value, index));
    },
  ),
  windows: operator(
    'exact',
    (stream, { args }) => stream.windows(args.count + 1),
    async function* (above, { args }) {
      const held: any[] = [];
      for await (const value of above()) {
        held.push(value);
        if (held.length > args.count + 1) held.shift();
        if (held.length === args.count + 1) yield [...held];
      }
    },
  ),
  catch: operator(
    'exact',
    (stream, build) =>
      stream.catch((error) => build.safe(() => (build.args.flag ? ['caught'] : build.other()()))(error)),
    async function* (above, build) {
      const iterator = above()[Symbol.asyncIterator]();
      let ended = false;
      try {
        for (;;) {
          let result: IteratorResult<any>;
          try {
            result = await iterator.next();
          } catch (error) {
            ended = true;
            yield* asSpecified(await build.safe(() => (build.args.flag ? ['caught'] : build.other()()))(error));
            return;
          }
          if (result.done) break;
          yield result.value;
        }
        ended = true;
      } finally {
        if (!ended) await iterator.return?.();
      }
    },
  ),
  retry: operator(
    'exact',
    (stream, build) => stream.retry({ times: build.args.count % 3, when: build.safe(() => true) }),
    async function* (above, build) {
      for (let attempt = 1; ; attempt++) {
        const iterator = above()[Symbol.asyncIterator]();
        let ended = false;
        let failure: { error: unknown } | undefined;
        try {
          for (;;) {
            let result: IteratorResult<any>;
            try {
              result = await iterator.next();
            } catch (error) {
              failure = { error };
              break;
            }
            if (result.done) break;
            yield result.value;
          }
          ended = true;
        } finally {
          if (!ended) await iterator.return?.();
        }
        if (failure === undefined) return;
        if (attempt > build.args.count % 3) throw failure.error;
        await build.safe(() => true)(failure.error);
      }
    },
  ),
  finally: operator(
    'exact',
    // Not recorded: it is called for each run, also for one that never opens its source.
    (stream, { args }) => stream.finally(() => answer(args.fn.mode, () => 'ignored')),
    async function* (above) {
      yield* above();
    },
  ),
  expand: operator(
    'exact',
    (stream, build) => stream.expand(build.fn(children), { maxDepth: 2 }),
    async function* (above, build) {
      const fn = build.fn(children);
      const frontier: { value: any; depth: number }[] = [];
      for await (const value of above()) {
        frontier.push({ value, depth: 0 });
        yield value;
      }
      for (let node = frontier.shift(); node !== undefined; node = frontier.shift()) {
        if (node.depth === 2) continue;
        for (const value of await fn(node.value, node.depth)) {
          frontier.push({ value, depth: node.depth + 1 });
          yield value;
        }
      }
    },
  ),
  'expand, depth first': operator(
    'exact',
    (stream, build) => stream.expand(build.fn(children), { maxDepth: 2, order: 'depth' }),
    async function* (above, build) {
      const fn = build.fn(children);
      async function* descend(value: any, depth: number): AsyncGenerator<any> {
        yield value;
        if (depth < 2) for (const child of await fn(value, depth)) yield* descend(child, depth + 1);
      }
      for await (const value of above()) yield* descend(value, 0);
    },
  ),
  interleave: operator(
    'exact',
    (stream) => stream.interleave(['x', 'y']),
    async function* (above) {
      const others = ['x', 'y'];
      for await (const value of above()) {
        yield value;
        if (others.length > 0) yield others.shift();
      }
      yield* others;
    },
  ),
  zip: operator(
    'values',
    (stream) => stream.zip(AsyncStream.range(0)),
    async function* (above) {
      let index = 0;
      for await (const value of above()) yield [value, index++];
    },
  ),
  withLatestFrom: operator(
    'values',
    (stream) => stream.withLatestFrom(['x']),
    async function* (above) {
      for await (const value of above()) yield [value, 'x'];
    },
  ),
  groupByKey: operator(
    'bag',
    (stream) => stream.groupByKey(parity).flatMap(([, group]) => group, { concurrency: Infinity, ordered: false }),
    async function* (above) {
      yield* above();
    },
  ),
  merge: operator(
    'bag',
    (stream, build) => stream.merge(() => build.other()()),
    async function* (above, build) {
      yield* above();
      yield* asSpecified(build.other()());
    },
  ),
  mergeKeyed: operator(
    'bag',
    (stream, build) => stream.pipe((above) => AsyncStream.mergeKeyed<any>({ above, other: () => build.other()() })),
    async function* (above, build) {
      for await (const value of above()) yield ['above', value];
      for await (const value of asSpecified(build.other()())) yield ['other', value];
    },
  ),
  zipKeyed: operator(
    'values',
    (stream) =>
      stream
        .pipe((above) => AsyncStream.zipKeyed<any>({ above, index: AsyncStream.range(0) }))
        .map((row: any) => [row.above, row.index]),
    async function* (above) {
      let index = 0;
      for await (const value of above()) yield [value, index++];
    },
  ),
  'debounce for long': operator(
    'values',
    (stream) => stream.debounce(100_000),
    (above) => flushed(above),
  ),
  'throttle for long': operator(
    'values',
    (stream) => stream.throttle(100_000, { leading: false }),
    (above) => flushed(above),
  ),
  'sample for long': operator(
    'values',
    (stream) => stream.sample(100_000),
    (above) => flushed(above),
  ),
  pipe: operator(
    'exact',
    (stream) =>
      stream.pipe(async function* (above) {
        for await (const value of above) yield value;
      }),
    async function* (above) {
      yield* above();
    },
  ),
  'pipe to a terminal': operator(
    'exact',
    (stream) =>
      stream.pipe(async function* (above) {
        yield* await above.toArray();
      }),
    async function* (above) {
      const all: any[] = [];
      for await (const value of above()) all.push(value);
      yield* all;
    },
  ),
  buffer: same('values', (stream, { count }) => stream.buffer(count + 1)),
  delay: same('exact', (stream) => stream.delay(0)),
  yieldEvery: same('exact', (stream) => stream.yieldEvery(0)),
  named: same('exact', (stream) => stream.named('x')),
  profile: same('exact', (stream) => stream.profile(() => undefined)),
  progress: same('exact', (stream) => stream.progress(() => undefined)),
  iterator: same('exact', (stream) => stream.pipe((above) => above.iterator())),
  rest: same('exact', (stream) => stream.pipe((above) => above.iterator().rest())),
  share: same('values', (stream) => stream.share({ replay: Infinity })),
  takeUntil: same('values', (stream) => stream.takeUntil(new AbortController().signal)),
  timeout: same('values', (stream) => stream.timeout(100_000)),
  heartbeat: same('values', (stream) => stream.heartbeat(100_000, 'beat')),
  rateLimit: same('values', (stream) => stream.rateLimit({ limit: 1000, interval: 1 })),
  withSignal: same('exact', (stream) => stream.withSignal(new AbortController().signal)),
  race: same('values', (stream) => stream.race([])),
  toReadableStream: same('values', (stream) => stream.pipe((above) => above.toReadableStream())),
  pipeThrough: same('values', (stream) => stream.pipeThrough(() => new TransformStream())),
  switchMap: operator(
    'free',
    (stream, build) => stream.switchMap(build.fn((value) => [value])),
    async function* (above, build) {
      const fn = build.fn((value) => [value]);
      for await (const value of above()) yield* await fn(value);
    },
  ),
  exhaustMap: operator(
    'free',
    (stream, build) => stream.exhaustMap(build.fn((value) => [value])),
    async function* (above, build) {
      const fn = build.fn((value) => [value]);
      for await (const value of above()) yield* await fn(value);
    },
  ),
  combineLatest: operator(
    'free',
    (stream) => stream.combineLatest(['x', 'y']),
    async function* (above) {
      for await (const value of above())
        yield* [
          [value, 'x'],
          [value, 'y'],
        ];
    },
  ),
} satisfies Record<string, Operator>;

/** Emits the chunk in hand before an error, also one of `starts`, which says whether an element starts a new chunk. */
async function* cut(above: Model, starts: (value: any, index: number, previous: any) => any) {
  let chunk: any[] = [];
  let failure: { error: unknown } | undefined;
  let [index, previous]: [number, unknown] = [0, undefined];
  const iterator = above()[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      let [result, begins]: [IteratorResult<any> | undefined, unknown] = [undefined, false];
      try {
        result = await iterator.next();
      } catch (error) {
        failure = { error };
        break;
      }
      if (result.done) break;
      try {
        begins = await starts(result.value, index, previous);
      } catch (error) {
        // Not an error from upstream, which is closed after what it has emitted is consumed.
        if (chunk.length > 0) yield chunk;
        throw error;
      }
      index++;
      previous = result.value;
      if (begins && chunk.length > 0) {
        const full = chunk;
        chunk = [];
        yield full;
      }
      chunk.push(result.value);
    }
    ended = true;
  } finally {
    if (!ended) await iterator.return?.();
  }
  if (chunk.length > 0) yield chunk;
  if (failure !== undefined) throw failure.error;
}

/** The last element, which is emitted before an error from upstream. */
async function* flushed(above: Model) {
  let all: any[] = [];
  let failure: { error: unknown } | undefined;
  try {
    for await (const value of above()) all = [value];
  } catch (error) {
    failure = { error };
  }
  yield* all;
  if (failure !== undefined) throw failure.error;
}

export type OperatorName = keyof typeof operators;
