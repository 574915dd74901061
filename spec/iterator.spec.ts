// Reading by hand: `iterator()`, and disposing of streams.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError, type StreamIterator } from '../lib/index.ts';
import { refusal } from './support/failures.ts';
import { DONE } from './support/iterators.ts';
import { KINDS, kinds, Probe } from './support/probe.ts';
import { idle, microtasks, outcomeOf, turnsUntilSettled, until } from './support/turns.ts';

const value = (value: unknown) => ({ done: false, value });
const oneShot = KINDS.filter((kind) => 'oneShot' in kinds[kind]);

describe('iterator', () => {
  test('gives element by element, and then a default', async () => {
    const iterator = AsyncStream.of(1, undefined).iterator();
    expect(await iterator.next()).toEqual(value(1));
    expect(await iterator.nextOr('none')).toBe(undefined);
    expect([await iterator.nextOr('none'), await iterator.nextOr(0), await iterator.next()]).toEqual(['none', 0, DONE]);
  });

  test('opens nothing before it is read, and reads no more than it is asked for', async () => {
    const probe = new Probe();
    const iterator = probe.stream.iterator();
    await idle();
    expect(probe.log).toEqual([]);
    expect(await iterator.pull(0)).toEqual([]);
    expect(await iterator.pull(2)).toEqual([1, 2]);
    expect(await iterator.peek()).toEqual(value(3));
    await idle();
    expect(probe.pulled).toBe(3);
    await iterator.return();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('shows the next element, and the end, as often as it is asked, and gives it then', async () => {
    const iterator = AsyncStream.of('a').iterator();
    expect(await Promise.all([iterator.peek(), iterator.peek(), iterator.next()])).toEqual(Array(3).fill(value('a')));
    expect([await iterator.peek(), await iterator.peek(), await iterator.next()]).toEqual([DONE, DONE, DONE]);
  });

  test('shows an error before it is told', async () => {
    const iterator = new Probe({ failAt: 1, error: 'source' }).stream.iterator();
    expect(await outcomeOf(() => iterator.peek())).toEqual({ error: 'source' });
    expect(await outcomeOf(() => iterator.next())).toEqual({ error: 'source' });
    expect([await iterator.next(), await iterator.peek()]).toEqual([DONE, DONE]);
  });

  test('pulls as many as there are, and tells the next call of an error that comes after some', async () => {
    expect(await AsyncStream.of(1, 2).iterator().pull(5)).toEqual([1, 2]);
    for (const error of [new Error('source'), undefined]) {
      const iterator = new Probe({ failAt: 3, error }).stream.iterator();
      expect(await iterator.pull(5)).toEqual([1, 2]);
      expect(await outcomeOf(() => iterator.pull(1))).toStrictEqual({ error });
      expect(await iterator.pull(1)).toEqual([]);
    }
  });

  test('says nothing of an error that nobody asks for any more', async () => {
    const iterator = new Probe({ failAt: 2 }).stream.iterator();
    expect(await iterator.pull(2)).toEqual([1]);
    expect(await iterator.return()).toEqual(DONE);
    await idle();
  });

  test('answers calls that do not wait for each other in their order', async () => {
    const iterator = new Probe({ length: 8 }).stream.iterator();
    const calls = [
      iterator.pull(2),
      iterator.next(),
      iterator.pull(2),
      iterator.peek(),
      iterator.nextOr(0),
      iterator.pull(9),
    ];
    expect(await Promise.all(calls)).toEqual([[1, 2], value(3), [4, 5], value(6), 6, [7, 8]]);
    expect(await iterator.next()).toEqual(DONE);
  });

  test.each([-1, 1.5, NaN, Infinity, '2', undefined])('refuses to pull %p', (count) => {
    const kind = typeof count === 'number' ? 'RangeError' : 'TypeError';
    const described = typeof count === 'string' ? `'${count}'` : String(count);
    expect(
      refusal(() =>
        AsyncStream.of(1)
          .iterator()
          .pull(count as number),
      ),
    ).toBe(`${kind}: pull: count must be a non-negative integer, got ${described}`);
  });

  test('answers a call after those that a pull() holds up, in whatever microtask it is made', async () => {
    for (let turns = 0; turns < 16; turns++) {
      const iterator = AsyncStream.range(0).iterator();
      const calls: Promise<unknown>[] = [iterator.pull(1), iterator.next(), iterator.peek()];
      await microtasks(turns);
      calls.push(iterator.next(), iterator.pull(2), iterator.next());
      const values = (await Promise.all(calls)).map((result) => (result as { value?: unknown }).value ?? result);
      expect([turns, values]).toEqual([turns, [[0], 1, 2, 2, [3, 4], 5]]);
    }
  });

  test('waits until all is closed, also when it is left a second time meanwhile', async () => {
    const log: string[] = [];
    const iterator = new Probe({ log, close: () => idle().then(idle) }).stream.iterator();
    await iterator.next();
    void iterator.return();
    await iterator.return();
    expect(log.slice(-2)).toEqual(['close', 'closed']);
  });

  test('can be left at once while the source is stuck: pull() gives what there is', async () => {
    const probe = new Probe({ stuckAt: 2 });
    const iterator = probe.stream.iterator();
    const calls = [iterator.pull(3), iterator.next(), iterator.peek()];
    await until(() => probe.stuck);
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
    expect(await Promise.all(calls)).toEqual([[1], DONE, DONE]);
    probe.late!.reject(new Error('late'));
    await idle();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('names what was given in the error of a second run over its rest', async () => {
    const given = (async function* () {
      yield* [1, 2, 3];
    })();
    const stream = AsyncStream.from(given);
    const iterator = stream.iterator({ close: false });
    await iterator.next();
    await iterator.return();
    const again = stream[Symbol.asyncIterator]();
    expect(await again.next()).toEqual(value(2));
    const { error } = (await outcomeOf(() => stream.toArray())) as { error: StreamConsumedError };
    expect(error).toBeInstanceOf(StreamConsumedError);
    expect(error.source).toBe(given);
    await again.return!();
  });

  describe('rest', () => {
    test('gives what is left, also what was shown, and closes the source', async () => {
      const probe = new Probe();
      const iterator = probe.stream.iterator();
      await iterator.pull(2);
      await iterator.peek();
      const rest = iterator.rest().map((x) => x * 10);
      expect(probe.closed).toBe(0);
      expect(await rest.take(2).toArray()).toEqual([30, 40]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('ends the iterator, whose return() and break then close nothing', async () => {
      const probe = new Probe({ length: 4 });
      const iterator = probe.stream.iterator();
      let rest!: AsyncStream<unknown>;
      for await (const x of iterator) {
        if (x !== 2) continue;
        rest = iterator.rest();
        break;
      }
      expect([await iterator.next(), await iterator.peek(), await iterator.pull(1)]).toEqual([DONE, DONE, []]);
      expect(probe.closed).toBe(0);
      expect(await rest.toArray()).toEqual([3, 4]);
      expect(probe.faults()).toEqual([]);
    });

    test('is nothing where the iterator has come to its end', async () => {
      const probe = new Probe({ length: 1 });
      const iterator = probe.stream.iterator();
      await iterator.pull(2);
      await iterator.return();
      await iterator[Symbol.asyncDispose]();
      expect(await iterator.rest().toArray()).toEqual([]);
      expect([probe.closed, probe.faults()]).toEqual([0, []]);
    });

    test.each<[string, (iterator: StreamIterator<unknown>) => unknown]>([
      ['returned', (iterator) => iterator.return()],
      ['disposed of', (iterator) => iterator[Symbol.asyncDispose]()],
      [
        'returned by a break',
        async (iterator) => {
          for await (const x of iterator) if (x === 2) break;
        },
      ],
      ['disposed of before it began', (iterator) => iterator[Symbol.asyncDispose]()],
    ])('is refused, and not empty, where the iterator was %s', async (when, close) => {
      const probe = new Probe();
      const iterator = probe.stream.iterator();
      if (when !== 'disposed of before it began') await iterator.next();
      await close(iterator);
      expect(await outcomeOf(() => iterator.rest().toArray())).toEqual({ error: expect.any(StreamConsumedError) });
      expect(probe.faults()).toEqual([]);
    });

    test('is refused where it was made before the iterator was disposed of, and not begun', async () => {
      const make = async (stream: AsyncStream<unknown>) => {
        await using iterator = stream.iterator();
        await iterator.next();
        return iterator.rest();
      };
      const rest = await make(new Probe().stream);
      expect(await outcomeOf(() => rest.toArray())).toEqual({ error: expect.any(StreamConsumedError) });
    });

    test('can be run once', async () => {
      const iterator = AsyncStream.of(1, 2).iterator();
      await iterator.next();
      expect(await iterator.rest().toArray()).toEqual([2]);
      expect(await outcomeOf(() => iterator.rest().toArray())).toEqual({ error: expect.any(StreamConsumedError) });
    });

    test('closes the source where nothing of it is wanted', async () => {
      const probe = new Probe();
      const iterator = probe.stream.iterator();
      await iterator.next();
      await iterator.rest().take(0).drain();
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });

    test('is closed with the iterator where that is disposed of', async () => {
      const probe = new Probe({ stuckAt: 2 });
      const iterator = probe.stream.iterator({ close: false });
      await iterator.next();
      const pending = iterator.rest().toArray();
      await until(() => probe.stuck);
      await iterator[Symbol.asyncDispose]();
      expect(await pending).toEqual([]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });
  });

  test('costs no more where rests are taken from rests', async () => {
    const turns = async (rests: number, stream: AsyncStream<unknown>, next: (reader: Reader) => Promise<Reader>) => {
      let reader = stream.iterator({ close: false });
      for (let count = 0; count < rests; count++) {
        expect(await reader.next()).toEqual(value(count + 1));
        reader = await next(reader);
      }
      const read = reader.next();
      const turns = await turnsUntilSettled(read);
      expect(await read).toEqual(value(rests + 1));
      return turns;
    };
    type Reader = ReturnType<AsyncStream<unknown>['iterator']>;
    const ofRest = async (reader: Reader) => reader.rest().iterator({ close: false });
    for (const kind of KINDS) {
      expect(await turns(50, new Probe({ kind }).stream, ofRest)).toBe(
        await turns(2, new Probe({ kind }).stream, ofRest),
      );
    }
    for (const kind of oneShot) {
      const turnsOf = (rests: number) => {
        const { stream } = new Probe({ kind });
        return turns(rests, stream, async (reader) => (await reader.return(), stream.iterator({ close: false })));
      };
      expect(await turnsOf(50)).toBe(await turnsOf(2));
    }
  });

  describe('rest of a rest', () => {
    const restOf = async (probe: Probe) => {
      const first = probe.stream.iterator({ close: false });
      await first.next();
      const stream = first.rest();
      return { first, stream, second: stream.iterator({ close: false }) };
    };

    test('gives what was shown to the reader before', async () => {
      const probe = new Probe();
      const { second } = await restOf(probe);
      expect(await second.peek()).toEqual(value(2));
      expect(await second.rest().iterator().pull(2)).toEqual([2, 3]);
    });

    test('is given to one reader only', async () => {
      const { stream, second } = await restOf(new Probe());
      const other = stream.iterator();
      expect(await other.next()).toEqual(value(2));
      expect(await outcomeOf(() => second.next())).toEqual({ error: expect.any(StreamConsumedError) });
    });

    test.each(['first', 'stream', 'second'] as const)('is closed when the %s of them is disposed of', async (which) => {
      for (const read of [true, false]) {
        const probe = new Probe();
        const all = await restOf(probe);
        if (read) await all.second.next();
        await all[which][Symbol.asyncDispose]();
        const next = outcomeOf(() => all.second.next());
        const refused = which === 'first' && !read;
        expect(await next).toEqual(refused ? { error: expect.any(StreamConsumedError) } : { value: DONE });
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
      }
    });

    test('is closed by a reader that leaves without having read', async () => {
      const probe = new Probe();
      const { stream } = await restOf(probe);
      await stream.iterator().return();
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    });
  });

  describe('with close: false', () => {
    test.each([
      ['that can be run again', (probe: Probe) => probe.stream],
      ['with stages', (probe: Probe) => probe.stream.flatMap((x) => [x, x]).drop(1)],
      ['that reads ahead', (probe: Probe) => probe.stream.buffer(2).flatMap((x) => [x, x])],
    ] as const)('leaves a source open when the loop breaks off, and rest() goes on: %s', async (_what, build) => {
      const expected = await build(new Probe({ length: 6 })).toArray();
      const probe = new Probe({ length: 6 });
      const iterator = build(probe).iterator({ close: false });
      const seen: unknown[] = [];
      for await (const x of iterator) {
        seen.push(x);
        if (seen.length === 3) break;
      }
      await idle();
      expect([probe.closed, await iterator.next(), await iterator.return()]).toEqual([0, DONE, DONE]);
      expect([...seen, ...(await iterator.rest().toArray())]).toEqual(expected);
      expect([probe.closed, probe.faults()]).toEqual([0, []]);
    });

    test.each(oneShot)('lets the next run over the same source go on: %s', async (kind) => {
      const probe = new Probe({ kind, length: 7 });
      const stream = probe.stream;
      const first = stream.iterator({ close: false });
      expect(await first.pull(2)).toEqual([1, 2]);
      await first.peek();
      await first.return();
      const second = stream.iterator({ close: false });
      expect(await second.next()).toEqual(value(3));
      await second.return();
      expect(await AsyncStream.from(probe.input).take(2).toArray()).toEqual([4, 5]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
      expect(await outcomeOf(() => stream.toArray())).toEqual({ error: expect.any(StreamConsumedError) });
      expect(await outcomeOf(() => first.rest().toArray())).toEqual({ error: expect.any(StreamConsumedError) });
    });

    test.each(oneShot)('lets the next run go on, also past a reader that has read nothing: %s', async (kind) => {
      const probe = new Probe({ kind, length: 3 });
      const { stream } = probe;
      await stream.iterator({ close: false }).return();
      const second = stream.iterator({ close: false });
      expect(await second.next()).toEqual(value(1));
      await second.return();
      await stream.iterator({ close: false }).return();
      expect(await stream.toArray()).toEqual([2, 3]);
      expect(probe.faults()).toEqual([]);
    });

    test('lets a stream that can be run again start anew', async () => {
      const stream = AsyncStream.of(1, 2, 3);
      const iterator = stream.iterator({ close: false });
      await iterator.next();
      await iterator.return();
      expect([await stream.toArray(), await iterator.rest().toArray()]).toEqual([
        [1, 2, 3],
        [2, 3],
      ]);
    });

    test('refuses another run where a stage stands between: what the stage holds would be lost', async () => {
      const probe = new Probe({ kind: 'async generator', length: 4 });
      const chunks = probe.stream.chunks(2);
      const iterator = chunks.iterator({ close: false });
      await iterator.next();
      await iterator.return();
      expect(await outcomeOf(() => chunks.toArray())).toEqual({ error: expect.any(StreamConsumedError) });
      expect(await iterator.rest().toArray()).toEqual([[3, 4]]);
    });

    test.each(['pull', 'peek'] as const)(
      'refuses another run, and gives no empty one, when the borrowed source has come to its end: by %s',
      async (way) => {
        const probe = new Probe({ kind: 'async generator', length: 1 });
        const iterator = probe.stream.iterator({ close: false });
        await iterator.next();
        await iterator[way](1);
        await iterator.return();
        expect(await outcomeOf(() => probe.stream.toArray())).toEqual({ error: expect.any(StreamConsumedError) });
      },
    );

    test('gives an element that is on its way to whom has asked for it', async () => {
      const probe = new Probe({ stuckAt: 1, length: 2 });
      const iterator = probe.stream.iterator({ close: false });
      const pending = iterator.next();
      await until(() => probe.stuck);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(10);
      const rest = iterator.rest().toArray();
      probe.late!.resolve('late');
      expect([await pending, await rest]).toEqual([value('late'), [2]]);
      expect(probe.faults()).toEqual([]);
    });

    test.each(['the iterator', 'the stream'])('is closed for good when %s is disposed of', async (what) => {
      for (const kind of ['async iterable', 'async generator', 'ReadableStream'] as const) {
        const probe = new Probe({ kind });
        const stream = probe.stream;
        const iterator = stream.iterator({ close: false });
        await iterator.next();
        await iterator.return();
        await (what === 'the stream' ? stream : iterator)[Symbol.asyncDispose]();
        expect([probe.closed, probe.faults()]).toEqual([1, []]);
        expect(await outcomeOf(() => iterator.rest().toArray())).toEqual({ error: expect.any(StreamConsumedError) });
        await iterator[Symbol.asyncDispose]();
        expect(probe.closed).toBe(1);
      }
    });

    test('lets an error of the source come as ever', async () => {
      const probe = new Probe({ failAt: 2, error: 'source' });
      const iterator = probe.stream.iterator({ close: false });
      expect(await iterator.next()).toEqual(value(1));
      await iterator.return();
      expect(await outcomeOf(() => iterator.rest().toArray())).toEqual({ error: 'source' });
      expect(probe.faults()).toEqual([]);
    });
  });
});

describe('a stream that is disposed of', () => {
  test.each(oneShot)('closes what it was given and never opened, once: %s', async (kind) => {
    const probe = new Probe({ kind });
    const stream = probe.stream.map((x) => x);
    expect(await stream[Symbol.asyncDispose]()).toBe(undefined);
    await stream[Symbol.asyncDispose]();
    expect(probe.log).toEqual(['close', 'closed']);
  });

  test('closes what its stages were given', async () => {
    const [probe, other] = [new Probe({ kind: 'given async iterator' }), new Probe({ kind: 'async generator' })];
    await probe.stream.concat(other.input).merge([1])[Symbol.asyncDispose]();
    expect([probe.pulled, probe.closed, other.pulled, other.closed]).toEqual([0, 1, 0, 1]);
  });

  test('opens nothing, and can be run afterwards where its source can', async () => {
    const probe = new Probe({ length: 2 });
    const stream = probe.stream;
    await stream[Symbol.asyncDispose]();
    expect(probe.log).toEqual([]);
    expect(await stream.toArray()).toEqual([1, 2]);
  });

  test('ends all runs of its iterators that are open, at once, and waits until they are closed', async () => {
    const log: string[] = [];
    const open = (name: string) => new Probe({ name, log, close: idle }).stream;
    const names = Array.from({ length: 20 }, (_, index) => `run ${index}`);
    const left = [...names];
    const stream = AsyncStream.from(() => open(left.shift()!));
    const iterators = names.map((_, index) => (index % 2 ? stream.iterator() : stream[Symbol.asyncIterator]()));
    for (const iterator of iterators) await iterator.next();
    for (const iterator of iterators.slice(0, 10)) await iterator.return();
    log.length = 0;
    await stream[Symbol.asyncDispose]();
    log.push('disposed');
    expect(log.slice(0, 10)).toEqual(names.slice(10).map((name) => `${name} close`));
    expect(log.at(-1)).toBe('disposed');
    expect(log.length).toBe(21);
    for (const iterator of iterators) expect(await iterator.next()).toEqual(DONE);
  });

  test('ends a loop that waits for a stuck source', async () => {
    const probe = new Probe({ kind: 'async generator', stuckAt: 2 });
    const stream = probe.stream;
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const x of stream) seen.push(x);
    })();
    await until(() => probe.stuck);
    expect(await turnsUntilSettled(stream[Symbol.asyncDispose]())).toBeLessThan(20);
    await loop;
    expect([seen, probe.closed, probe.faults()]).toEqual([[1], 1, []]);
  });

  test('fails with what closing fails with', async () => {
    const error = new Error('close');
    const close = async () => {
      throw error;
    };
    const stream = new Probe({ close }).stream;
    await stream.iterator().next();
    expect(await outcomeOf(() => stream[Symbol.asyncDispose]())).toStrictEqual({ error });
    await stream[Symbol.asyncDispose]();
  });

  test('does not wait for ever to remember iterators that have ended', async () => {
    let opened = 0;
    const closed: number[] = [];
    const stream = AsyncStream.from(() => {
      const name = opened++;
      return new Probe({ close: () => closed.push(name) }).stream;
    });
    for (let run = 0; run < 100; run++) for await (const _value of stream) break;
    await stream[Symbol.asyncDispose]();
    expect(closed).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test('is held by await using', async () => {
    const probe = new Probe({ kind: 'async generator' });
    {
      await using stream = probe.stream;
      expect(await stream.iterator().next()).toEqual(value(1));
    }
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });
});
