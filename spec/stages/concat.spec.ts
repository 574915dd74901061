import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { type KindName, Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

const ONE_SHOT: KindName[] = [
  'given async iterator',
  'given sync iterator',
  'hand-written async iterator',
  'async generator',
  'sync generator',
  'ReadableStream',
];

describe('concat', () => {
  test('gives the elements of the inputs after those of the stream, in their order', async () => {
    const stream = AsyncStream.of(1).concat([2, 3], new Set([4]), AsyncStream.of(5), [6].values(), async () => [7]);
    expect(await stream.toArray()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('gives the stream alone without inputs', async () => {
    expect(await AsyncStream.of(1, 2).concat().toArray()).toEqual([1, 2]);
  });

  test('gives nothing of what is empty', async () => {
    expect(await AsyncStream.of<number>().concat([], AsyncStream.of<number>(), []).toArray()).toEqual([]);
    expect(await AsyncStream.of<number>().concat([], [1], []).toArray()).toEqual([1]);
  });

  test('gives falsy elements, and awaits promises', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    const stream = AsyncStream.from(values).concat(values, [Promise.resolve('later')]);
    expect(await stream.toArray()).toEqual([...values, ...values, 'later']);
  });

  test('takes the same input twice, where it can be run twice', async () => {
    const stream = AsyncStream.of(1, 2);
    expect(await stream.concat(stream, stream).toArray()).toEqual([1, 2, 1, 2, 1, 2]);
  });

  test('refuses the same iterator twice, after its elements', async () => {
    const iterator = [1, 2].values();
    const { seen, error } = await seenOf(AsyncStream.of(0).concat(iterator, iterator));
    expect(seen).toEqual([0, 1, 2]);
    expect(error).toBeInstanceOf(StreamConsumedError);
    expect(error).toMatchObject({ source: iterator });
  });

  test('puts later stages on all of them, counting through, and earlier ones on the stream alone', async () => {
    const stream = AsyncStream.of('a', 'b')
      .map((x) => x.toUpperCase())
      .concat(['c'])
      .map((x, index) => `${index}${x}`);
    expect(await stream.toArray()).toEqual(['0A', '1B', '2c']);
  });

  test('opens each only when the one before is at its end', async () => {
    const log: string[] = [];
    const probe = (name: string) => new Probe({ log, name, length: 1 });
    const made = () => {
      log.push('b made');
      return probe('b').input as AsyncIterable<number>;
    };
    await probe('a').stream.concat(made, probe('c').input).drain();
    const read = (name: string) => [`${name} next`, `${name} next`, `${name} exhausted`];
    expect(log).toEqual([...read('a'), 'b made', ...read('b'), ...read('c')]);
  });

  test('opens none for which there is no need', async () => {
    const other = new Watched(3);
    let made = 0;
    const stream = AsyncStream.of(1, 2).concat(other, () => {
      made++;
      return [4];
    });
    expect(await stream.take(2).toArray()).toEqual([1, 2]);
    expect(await stream.take(0).toArray()).toEqual([]);
    expect([other.log, made]).toEqual([[], 0]);
  });

  test('goes on with the inputs when a stage above them has had enough, and closes what was above it', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).take(1).concat([9]).toArray()).toEqual([1, 9]);
    expect(source.log).toEqual(['open', 'next', 'return']);
  });

  test('gives a function the context of the run', async () => {
    const calls: unknown[][] = [];
    const stream = AsyncStream.of(1).concat((...args) => {
      calls.push(args);
      return [2];
    });
    await stream.drain();
    expect(calls).toEqual([[aContext]]);
  });

  test.each(failures)('fails with the same error when a function %s', async (_how, fail, error) => {
    expect(await seenOf(AsyncStream.of(1).concat(fail))).toStrictEqual({ seen: [1], error });
  });

  test('fails with the error of an input, after the elements before it, and does not open those after it', async () => {
    for (const error of [new Error('other'), undefined, 0]) {
      const after = new Watched(3);
      const stream = AsyncStream.of(1).concat(new Probe({ failAt: 2, error }).stream, after);
      expect(await seenOf(stream)).toStrictEqual({ seen: [1, 1], error });
      expect(after.log).toEqual([]);
    }
  });

  test('opens none when the one before it aborts the run at its end', async () => {
    let controller = new AbortController();
    const reason = new Error('abort');
    let made = 0;
    const other = () => [++made];
    const aborting = function* () {
      yield 1;
      controller.abort(reason);
    };
    for (const stream of [AsyncStream.from(aborting).concat(other), AsyncStream.of(0).concat(aborting, other)]) {
      controller = new AbortController();
      expect(await outcomeOf(() => stream.toArray({ signal: controller.signal }))).toStrictEqual({ error: reason });
    }
    expect(made).toBe(0);
  });

  describe('closes given inputs that are never reached, without starting them', () => {
    const ways: Record<string, (stream: AsyncStream<unknown>) => unknown> = {
      take: (stream) => stream.take(1).drain(),
      'take(0)': (stream) => stream.take(0).drain(),
      'return() before next()': (stream) => stream[Symbol.asyncIterator]().return(),
      break: async (stream) => {
        for await (const _value of stream) break;
      },
      'an error': (stream) => outcomeOf(() => stream.forEach(() => Promise.reject(new Error('later')))),
      'an end that is enough': (stream) => stream.first(),
    };

    test.each(Object.keys(ways))('on %s', async (way) => {
      for (const kind of ONE_SHOT) {
        const others = [new Probe({ kind }), new Probe({ kind })];
        await ways[way]!(AsyncStream.of(1, 2).concat(...others.map(({ input }) => input)));
        expect(others.map(({ pulled, closed }) => [kind, pulled, closed])).toEqual([
          [kind, 0, 1],
          [kind, 0, 1],
        ]);
      }
    });

    test('also where the stream above fails, whose error counts', async () => {
      const close = () => {
        throw new Error('close');
      };
      const other = new Probe({ kind: 'given async iterator', close });
      const stream = new Probe({ failAt: 1, error: 'above' }).stream.concat(other.input);
      expect(await outcomeOf(() => stream.drain())).toEqual({ error: 'above' });
      expect([other.pulled, other.closed]).toEqual([0, 1]);
    });

    test('before the stream that they are in goes on', async () => {
      const log: string[] = [];
      const stream = AsyncStream.of('a', 'b').flatMap((x) => {
        const other = new Probe({ kind: 'given async iterator', log, name: x });
        return AsyncStream.of(x).concat(other.input).take(1);
      });
      await stream.forEach((x) => log.push(String(x)));
      expect(log).toEqual(['a', 'a close', 'a closed', 'b', 'b close', 'b closed']);
    });

    const unopened: Record<string, (stream: AsyncStream<unknown>) => unknown> = {
      'put after another stream': (stream) => AsyncStream.of(0).concat(stream).first(),
      'put into a stage of its own': (stream) =>
        stream
          .pipe((above) => above)
          .take(0)
          .drain(),
      'left before its start, with a stage of its own': (stream) => {
        const iterator = stream.pipe((above) => above)[Symbol.asyncIterator]();
        return iterator.return();
      },
      'put into a stage that does not open it': (stream) => stream.pipe(() => []).drain(),
      caught: (stream) =>
        stream
          .catch(() => [])
          .take(0)
          .drain(),
      observed: (stream) =>
        stream
          .tap({ start() {} })
          .take(0)
          .drain(),
      'repeated 0 times': (stream) => stream.repeat(0).drain(),
      repeated: (stream) => stream.repeat(2).take(0).drain(),
      'come too late': async (stream) => {
        let come!: (stream: AsyncStream<unknown>) => void;
        const later = AsyncStream.from(() => new Promise<AsyncStream<unknown>>((resolve) => (come = resolve)));
        const iterator = later[Symbol.asyncIterator]();
        void iterator.next();
        await iterator.return();
        come(stream);
        await idle();
      },
    };

    test.each(Object.keys(unopened))('also where the stream that they were put on is never opened: %s', async (how) => {
      const [other, last] = [new Probe({ kind: 'given async iterator' }), new Probe({ kind: 'ReadableStream' })];
      const source = new Watched(1);
      await unopened[how]!(AsyncStream.from(source).concat(other.input).map(String).concat(last.input));
      expect([source.log, other.pulled, other.closed, last.pulled, last.closed]).toEqual([[], 0, 1, 0, 1]);
    });

    test('and waits for that, and fails where it fails', async () => {
      const error = new Error('close');
      const close = async () => {
        await idle();
        throw error;
      };
      const other = new Probe({ kind: 'given async iterator', close });
      expect(await outcomeOf(() => AsyncStream.of(1).concat(other.input).first())).toStrictEqual({ error });
    });
  });
});

describe('AsyncStream.concat', () => {
  test('gives the elements of one input after the other, and nothing without inputs', async () => {
    const stream = AsyncStream.concat([1], AsyncStream.of(2, 3), async () => [4]);
    expect(await stream.toArray()).toEqual([1, 2, 3, 4]);
    expect(await AsyncStream.concat().toArray()).toEqual([]);
  });

  test('opens each only when its turn comes, and closes given ones whose turn never comes', async () => {
    const [first, given] = [new Watched(1, 2), new Probe({ kind: 'given async iterator' })];
    expect(await AsyncStream.concat(first, given.input).take(1).toArray()).toEqual([1]);
    expect([first.log, given.pulled, given.closed]).toEqual([['open', 'next', 'return'], 0, 1]);
  });
});
