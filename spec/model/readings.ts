// The ways to read a stream, of the readers of random graphs and of random chains.
import { isDeepStrictEqual } from 'node:util';
import { Writable } from 'node:stream';
import { type AsyncStream, collectors, type Ending, type Semaphore } from '../../lib/index.ts';

type Stream = AsyncStream<unknown>;

/** Whoever reads. */
export interface Taker {
  readonly reader: { readonly count: number; readonly flag: boolean };
  readonly ending: Ending;
  readonly limiter: Semaphore;
  /** How many elements it wants. */
  readonly most: number;
  /** Whether it wants another element. */
  readonly wants: boolean;
  readonly isLeft: boolean;
  take(value: unknown): void | Promise<void>;
  /** Has it left by this function at a random moment. */
  leaveBy(leave: () => Promise<unknown>): void;
  fault(what: string): void;
}

export interface Reading {
  readonly read: (stream: Stream, taker: Taker) => Promise<unknown>;
  /** It leaves when no more is wanted. */
  readonly breaks?: true;
  /** It goes on while elements are being taken. */
  readonly ahead?: true;
}

async function each(stream: AsyncIterable<unknown>, taker: Taker): Promise<void> {
  for await (const value of stream) {
    const taking = taker.take(value);
    if (!taker.wants) break;
    await taking;
  }
}

/** Takes elements until there are none, or none is wanted. */
async function pull(
  next: () => Promise<IteratorResult<unknown, unknown>>,
  taker: Pick<Taker, 'take' | 'wants'>,
): Promise<void> {
  for (;;) {
    const { done, value } = await next();
    if (done) return;
    const taking = taker.take(value);
    if (!taker.wants) return;
    await taking;
  }
}

export const readings = {
  forEach: { read: (stream, taker) => stream.forEach((value) => taker.take(value)) },
  'for await': { breaks: true, read: each },
  'an iterator': {
    breaks: true,
    async read(stream, taker) {
      const iterator = stream[Symbol.asyncIterator]();
      taker.leaveBy(() => iterator.return());
      await pull(() => iterator.next(), taker);
      await iterator.return();
    },
  },
  'overlapping calls': {
    breaks: true,
    async read(stream, taker) {
      const iterator = stream[Symbol.asyncIterator]();
      taker.leaveBy(() => iterator.return());
      const pending: Promise<IteratorResult<unknown>>[] = [];
      let calls = 0;
      const next = async () => {
        while (pending.length <= taker.reader.count && calls++ < taker.most) {
          const result = iterator.next();
          result.catch(() => undefined);
          pending.push(result);
        }
        const result = await pending.shift()!;
        // It may have come before it left.
        return taker.isLeft ? { done: true, value: undefined } : result;
      };
      try {
        await pull(next, taker);
      } finally {
        await iterator.return();
        const rest = await Promise.allSettled(pending);
        const { wants, isLeft } = taker;
        if (wants && !isLeft && !rest.every((one) => one.status === 'fulfilled' && one.value.done === true)) {
          taker.fault('an element or an error after the end');
        }
      }
    },
  },
  'by hand': {
    breaks: true,
    async read(stream, taker) {
      const iterator = stream.iterator();
      taker.leaveBy(() => iterator.return());
      const none = Symbol('none');
      const held: unknown[] = [];
      let [turn, read] = [0, 0];
      const next = async (): Promise<IteratorResult<unknown>> => {
        read++;
        if (held.length > 0) return { done: taker.isLeft, value: held.shift() };
        switch (turn++ % 3) {
          case 0: {
            const ahead = await iterator.peek();
            const result = await iterator.next();
            if (!taker.isLeft && !isDeepStrictEqual(ahead, result)) taker.fault('peek() and next() differ');
            return result;
          }
          case 1:
            held.push(...(await iterator.pull(Math.min(taker.reader.count + 1, taker.most - read + 1))));
            return { done: held.length === 0 || taker.isLeft, value: held.shift() };
          default: {
            const value = await iterator.nextOr(none);
            return { done: value === none, value };
          }
        }
      };
      await pull(next, taker);
      await iterator.return();
    },
  },
  'rests of rests': {
    breaks: true,
    async read(stream, taker) {
      for (let turn = 0; ; turn++) {
        const iterator = stream.iterator({ close: false });
        taker.leaveBy(async () => iterator[Symbol.asyncDispose]());
        if (turn % 2 > 0) void iterator.peek().catch(() => undefined);
        let isOver = true;
        for await (const value of iterator) {
          const taking = taker.take(value);
          isOver = !taker.wants;
          if (isOver) await iterator[Symbol.asyncDispose]();
          else await taking;
          isOver ||= taker.isLeft;
          break;
        }
        if (isOver) return;
        stream = iterator.rest();
      }
    },
  },
  'a web stream': {
    breaks: true,
    async read(stream, taker) {
      const reader = stream.toReadableStream({ highWaterMark: taker.reader.flag ? taker.reader.count : 0 }).getReader();
      taker.leaveBy(() => reader.cancel());
      await pull(() => reader.read(), taker);
      await reader.cancel();
    },
  },
  'a web stream that the platform splits': {
    breaks: true,
    ahead: true,
    async read(stream, taker) {
      const [one, other] = (stream.toReadableStream() as ReadableStream).tee().map((branch) => branch.getReader());
      const leave = () => Promise.all([one!.cancel(), other!.cancel()]);
      taker.leaveBy(leave);
      const next = async () => {
        const [result, same] = await Promise.all([one!.read(), other!.read()]);
        if (!isDeepStrictEqual(result, same)) taker.fault('the readers of the platform differ');
        return result;
      };
      await pull(next, taker);
      // It has perhaps read an error ahead.
      await leave().catch(() => undefined);
    },
  },
  'a web destination': {
    ahead: true,
    read: (stream, taker) =>
      stream.pipeTo(
        new WritableStream<unknown>(
          { write: async (value) => taker.take(value) },
          { highWaterMark: taker.reader.count + 1 },
        ),
        taker.ending,
      ),
  },
  'a Node destination': {
    ahead: true,
    read: (stream, taker) =>
      stream.pipeTo(
        new Writable({
          objectMode: true,
          highWaterMark: taker.reader.count,
          write: (value, _, done) => void Promise.resolve(taker.take(value)).then(() => done()),
        }),
        taker.ending,
      ),
  },
  'forEach, concurrent': {
    ahead: true,
    read: (stream, taker) =>
      stream.forEach((value) => taker.take(value), { concurrency: taker.reader.count + 1, ...taker.ending }),
  },
  'forEach, under a limiter': {
    ahead: true,
    read: (stream, taker) =>
      stream.forEach((value) => taker.take(value), { concurrency: taker.limiter, ordered: taker.reader.flag }),
  },
  'forEach that settles': {
    ahead: true,
    async read(stream, taker) {
      let taking = 0;
      const take = async (value: unknown) => {
        taking++;
        try {
          await taker.take(value);
        } finally {
          taking--;
        }
      };
      const { count, flag } = taker.reader;
      try {
        await stream.forEach(take, { concurrency: flag ? taker.limiter : count + 1, settle: true, ...taker.ending });
      } finally {
        if (taking > 0) taker.fault('forEach has settled, and callbacks are in flight');
      }
    },
  },
  'collectors side by side': {
    async read(stream, taker) {
      const { all, count, last } = await stream.collect(
        {
          all: collectors.toArray(),
          count: collectors.count(),
          last: collectors.last(),
          first: collectors.first(),
          each: collectors.forEach((value) => taker.take(value)),
        },
        taker.ending,
      );
      if (all.length !== count || !Object.is(all.at(-1), last)) taker.fault('collectors differ');
    },
  },
} satisfies Record<string, Reading>;

export type ReadingName = keyof typeof readings;
export const readingOf = (name: ReadingName): Reading => readings[name];
