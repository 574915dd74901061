// Stages that each break one law, in the ways in which published libraries have broken it.
import type { Call, StageLaw, StageOptions } from '../../lib/testing/index.ts';
import { microtasks } from './turns.ts';

type Source = AsyncIterable<any>;
type Options = StageOptions<any, any>;

export interface WrongStage {
  readonly name: string;
  /** The law that it breaks first. */
  readonly law: StageLaw;
  /** Laws that it breaks as a consequence. */
  readonly also?: readonly StageLaw[];
  readonly stage: (source: Source, call: Call) => AsyncIterable<any>;
  readonly options?: Options;
}

const identity: Options = { model: (all) => all };
const DONE = { done: true as const, value: undefined };
const iterate = (source: Source) => source[Symbol.asyncIterator]();

/** A map that is written by hand, correct as it stands. */
function handWritten(
  source: Source,
  change: (correct: Required<Hand>, inner: AsyncIterator<any>) => Hand,
  call: (value: any) => unknown = (value) => value,
): Source {
  return {
    [Symbol.asyncIterator]() {
      const inner = iterate(source);
      let queue: Promise<unknown> = Promise.resolve();
      let state: 'made' | 'open' | 'over' | 'left' = 'made';
      const now = () => state;
      let leave: (() => void) | undefined;
      const read = async () => {
        const result = await inner.next();
        if (result.done || now() === 'left') return result;
        try {
          return { done: false, value: await call(result.value) };
        } catch (error) {
          if (now() !== 'left') {
            state = 'over';
            await inner.return!().catch(() => undefined);
          }
          throw error;
        }
      };
      const pull = async () => {
        if (state === 'over' || state === 'left') return DONE;
        state = 'open';
        const leaving = new Promise<typeof DONE>((resolve) => (leave = () => resolve(DONE)));
        try {
          const result = await Promise.race([read(), leaving]);
          if (result.done && now() === 'open') state = 'over';
          return result;
        } catch (error) {
          if (now() === 'left') return DONE;
          state = 'over';
          throw error;
        }
      };
      const correct: Required<Hand> = {
        next() {
          const result = queue.then(pull, pull);
          queue = result.catch(() => undefined);
          return result;
        },
        async return() {
          const was = state;
          state = 'left';
          leave?.();
          if (was === 'open') await inner.return?.();
          return DONE;
        },
      };
      return { ...correct, ...change(correct, inner) };
    },
  };
}

interface Hand {
  next?(): Promise<any>;
  return?(): Promise<any>;
}

/** The stages that pass every law: without them, a check that refuses everything would look right. */
export const correctStages: readonly Omit<WrongStage, 'law' | 'also'>[] = [
  {
    name: 'a generator that passes everything on',
    options: identity,
    async *stage(source) {
      yield* source;
    },
  },
  {
    name: 'an iterator that is written by hand',
    stage: (source) => handWritten(source, () => ({})),
    options: identity,
  },
  {
    name: 'a generator with a callback',
    options: { model: (all) => all.map((x) => [x]) },
    async *stage(source, call) {
      for await (const value of source) yield await call([value]);
    },
  },
  {
    name: 'a map that is written by hand',
    stage: (source, call) => handWritten(source, () => ({}), call),
    options: identity,
  },
  {
    name: 'a generator that asks a callback which elements it emits',
    options: { model: (all) => all.filter((x) => x % 2 === 0) },
    async *stage(source, call) {
      for await (const value of source) if (await call(value % 2 === 0)) yield value;
    },
  },
  {
    name: 'a generator that fails without an element, as its model does',
    options: { model: (all) => [all.reduce((sum: number, x: number) => sum + x)] },
    async *stage(source) {
      let sum: { value: number } | undefined;
      for await (const value of source as AsyncIterable<number>) sum = { value: sum ? sum.value + value : value };
      if (!sum) throw new RangeError('empty');
      yield sum.value;
    },
  },
  {
    name: 'a generator whose model takes no falsy values',
    options: { model: (all) => all.map((x) => x.toFixed(1)) },
    async *stage(source) {
      for await (const value of source) yield Number(value).toFixed(1);
    },
  },
  {
    name: 'a generator that emits again and again while the source is silent',
    options: identity,
    async *stage(source) {
      const iterator = iterate(source);
      let isOver = false;
      const read = async () => {
        isOver = true;
        const result = await iterator.next();
        isOver = result.done === true;
        return result;
      };
      try {
        for (let reading = read(); ;) {
          let timer: any;
          const beat = new Promise<'beat'>((resolve) => (timer = setTimeout(resolve, 1000, 'beat')));
          const result = await Promise.race([reading, beat]).finally(() => clearTimeout(timer));
          if (result === 'beat') {
            isOver = false;
            yield result;
          } else {
            if (result.done) return;
            yield result.value;
            reading = read();
          }
        }
      } finally {
        if (!isOver) await iterator.return!();
      }
    },
  },
  {
    name: 'a generator that takes two',
    options: { model: (all) => all.slice(0, 2), endsAfter: 2 },
    async *stage(source) {
      let count = 0;
      for await (const value of source) {
        yield value;
        if (++count === 2) return;
      }
    },
  },
];

let shared = 0;
let emitted = 0;

export const wrongStages: readonly WrongStage[] = [
  {
    name: 'starts to read when it is called',
    law: 'lazy',
    also: ['after-end', 'closes', 'ends', 'prompt'],
    stage(source) {
      const iterator = iterate(source);
      let first: Promise<any> | undefined = iterator.next();
      first.catch(() => undefined);
      return handWritten({ [Symbol.asyncIterator]: () => iterator }, (correct) => ({
        next() {
          const result = first ?? correct.next();
          first = undefined;
          return result;
        },
      }));
    },
  },
  {
    name: 'never closes the source',
    law: 'closes',
    async *stage(source) {
      const iterator = iterate(source);
      for (let result = await iterator.next(); !result.done; result = await iterator.next()) yield result.value;
    },
  },
  {
    name: 'leaves the source open when it ends at undefined',
    law: 'closes',
    options: { model: (all) => [...all, undefined].slice(0, [...all, undefined].indexOf(undefined)) },
    async *stage(source) {
      const iterator = iterate(source);
      let isOver = true;
      try {
        for (;;) {
          const { done, value } = await iterator.next();
          if (done || value === undefined) return;
          isOver = false;
          yield value;
          isOver = true;
        }
      } finally {
        if (!isOver) await iterator.return!();
      }
    },
  },
  {
    name: 'leaves the source open when its callback throws',
    law: 'closes',
    async *stage(source, call) {
      const iterator = iterate(source);
      let failed = false;
      let over = false;
      try {
        for (;;) {
          const result = await iterator.next().catch((error: unknown) => {
            over = true;
            throw error;
          });
          over = result.done === true;
          if (over) return;
          failed = true;
          const value = await call(result.value);
          failed = false;
          yield value;
        }
      } finally {
        if (!over && !failed) await iterator.return!();
      }
    },
  },
  {
    name: 'closes the source twice',
    law: 'closes-once',
    also: ['settles'],
    async *stage(source) {
      const iterator = iterate(source);
      let isOver = false;
      try {
        for await (const value of { [Symbol.asyncIterator]: () => iterator }) yield value;
        isOver = true;
      } catch (error) {
        isOver = true;
        throw error;
      } finally {
        if (!isOver) await iterator.return!();
      }
    },
  },
  {
    name: 'closes a source that has ended',
    law: 'closes-once',
    async *stage(source) {
      const iterator = iterate(source);
      let failed = false;
      try {
        for (;;) {
          const result = await iterator.next().catch((error: unknown) => {
            failed = true;
            throw error;
          });
          if (result.done) return;
          yield result.value;
        }
      } finally {
        if (!failed) await iterator.return!();
      }
    },
  },
  {
    name: 'closes a source that has failed',
    law: 'closes-once',
    async *stage(source) {
      const iterator = iterate(source);
      let isOver = false;
      try {
        for (;;) {
          const result = await iterator.next();
          isOver = result.done === true;
          if (isOver) return;
          yield result.value;
        }
      } finally {
        if (!isOver) await iterator.return!();
      }
    },
  },
  {
    name: 'does not wait for the source to be closed',
    law: 'closes-in-time',
    stage: (source) =>
      handWritten(source, (correct) => ({
        return: async () => {
          void correct.return().catch(() => undefined);
          return DONE;
        },
      })),
    options: { except: ['close-error'] },
  },
  {
    name: 'swallows an error of closing',
    law: 'close-error',
    stage: (source) => handWritten(source, (correct) => ({ return: () => correct.return().catch(() => DONE) })),
  },
  {
    name: 'pulls one too many',
    law: 'pulls',
    also: ['ends'],
    stage: (source) =>
      handWritten(source, (correct) => {
        let ahead: Promise<any> | undefined;
        return {
          next() {
            const result = ahead ?? correct.next();
            ahead = correct.next();
            ahead.catch(() => undefined);
            return result;
          },
        };
      }),
  },
  {
    name: 'takes two, and pulls a third',
    law: 'pulls',
    options: { endsAfter: 2 },
    async *stage(source) {
      let count = 0;
      for await (const value of source) {
        if (count++ === 2) return;
        yield value;
      }
    },
  },
  {
    name: 'reads the whole source first',
    law: 'pulls',
    options: { pulls: [1, 2, 3] },
    async *stage(source) {
      const all: unknown[] = [];
      for await (const value of source) all.push(value);
      yield* all;
    },
  },
  {
    name: 'loses an error',
    law: 'errors',
    async *stage(source) {
      let failed = false;
      const iterator = iterate(source);
      const safe = {
        next: () =>
          iterator.next().catch(() => {
            failed = true;
            return DONE;
          }),
        return: () => (failed ? Promise.resolve(DONE) : iterator.return!()),
      };
      yield* { [Symbol.asyncIterator]: () => safe };
    },
  },
  {
    name: 'wraps an error',
    law: 'errors',
    stage: (source) =>
      handWritten(source, (correct) => ({
        next: () =>
          correct.next().catch((error: unknown) => {
            throw new Error('stage failed', { cause: error });
          }),
      })),
  },
  {
    name: 'swallows falsy errors',
    law: 'falsy-errors',
    stage: (source) =>
      handWritten(source, (correct) => ({
        next: () =>
          correct.next().catch((error: unknown) => {
            if (error) throw error;
            return DONE;
          }),
      })),
  },
  {
    name: 'loses an error while a callback is pending',
    law: 'errors',
    async *stage(source, call) {
      const iterator = iterate(source);
      let isOver = false;
      const read = async (isPending: boolean): Promise<any> => {
        try {
          const result = await iterator.next();
          isOver = result.done === true;
          return result;
        } catch (error) {
          isOver = true;
          if (isPending) return DONE;
          throw error;
        }
      };
      try {
        for (let ahead = read(false); ;) {
          const { done, value } = await ahead;
          if (done) return;
          const result = call(value);
          ahead = read(result instanceof Promise);
          ahead.catch(() => undefined);
          yield await result;
        }
      } catch (error) {
        if (!isOver) await iterator.return!().catch(() => undefined);
        isOver = true;
        throw error;
      } finally {
        if (!isOver) await iterator.return!();
      }
    },
    options: { readAhead: 1 },
  },
  {
    name: 'takes null for the end',
    law: 'falsy-values',
    options: identity,
    async *stage(source) {
      for await (const value of source) {
        if (value == null) return;
        yield value;
      }
    },
  },
  {
    name: 'loses the last element',
    law: 'values',
    options: identity,
    async *stage(source) {
      let last: { value: unknown } | undefined;
      for await (const value of source) {
        if (last) yield last.value;
        last = { value };
      }
    },
  },
  {
    name: 'fails without an element, and its model does not',
    law: 'values',
    options: identity,
    async *stage(source) {
      let isEmpty = true;
      for await (const value of source) {
        isEmpty = false;
        yield value;
      }
      if (isEmpty) throw new RangeError('empty');
    },
  },
  {
    name: 'emits a result where its model fails',
    law: 'values',
    options: { model: (all) => [all.reduce((sum: number, x: number) => sum + x)] },
    async *stage(source) {
      let sum = 0;
      for await (const value of source as AsyncIterable<number>) sum += value;
      yield sum;
    },
  },
  {
    name: 'lets an error overtake values',
    law: 'errors-in-order',
    also: ['pulls', 'concurrent-next'],
    stage(source) {
      return {
        [Symbol.asyncIterator]() {
          const iterator = iterate(source);
          const buffer: unknown[] = [];
          let failed: { error: unknown } | undefined;
          let over = false;
          async function fill(): Promise<void> {
            while (buffer.length < 4 && !over) {
              await iterator.next().then(
                (result) => {
                  if (result.done) over = true;
                  else buffer.push(result.value);
                },
                (error: unknown) => {
                  over = true;
                  failed = { error };
                },
              );
            }
          }
          return {
            async next() {
              const filling = fill();
              for (let turn = 0; turn < 100 && buffer.length < 4 && !over; turn++) await null;
              if (over) await filling;
              if (failed) {
                const { error } = failed;
                failed = undefined;
                buffer.length = 0;
                throw error;
              }
              return buffer.length === 0 ? DONE : { done: false, value: buffer.shift() };
            },
            async return() {
              const was = over;
              over = true;
              buffer.length = 0;
              if (!was) await iterator.return!();
              return DONE;
            },
          };
        },
      };
    },
    options: { readAhead: 4, except: ['lazy', 'closes-once', 'after-end', 'one-pull', 'ends'] },
  },
  {
    name: 'pulls twice at the same time',
    law: 'one-pull',
    stage: (source) =>
      handWritten(source, (_correct, inner) => {
        const waiting: Promise<any>[] = [];
        return {
          next() {
            while (waiting.length < 2) {
              const result = inner.next();
              result.catch(() => undefined);
              waiting.push(result);
            }
            return waiting.shift()!;
          },
        };
      }),
    options: { readAhead: 1, except: ['after-end', 'closes', 'ends', 'prompt'] },
  },
  {
    name: 'pulls a source that has ended',
    law: 'after-end',
    also: ['one-pull'],
    stage: (source) =>
      handWritten(source, (correct, inner) => {
        let pulled = false;
        return {
          async next() {
            const result = await correct.next();
            if (result.done && pulled) await inner.next().catch(() => undefined);
            pulled = true;
            return result;
          },
        };
      }),
  },
  {
    name: 'opens the source twice',
    law: 'opens-once',
    also: ['settles', 'closes'],
    async *stage(source) {
      for await (const _value of source) break;
      yield* source;
    },
    options: { except: ['pulls', 'closes-once', 'errors'] },
  },
  {
    name: 'never ends',
    law: 'settles',
    async *stage(source) {
      yield* source;
      await new Promise(() => undefined);
    },
  },
  {
    name: 'never settles after a callback that takes its time',
    law: 'settles',
    also: ['closes', 'callback-errors'],
    async *stage(source, call) {
      for await (const value of source) {
        const result = call(value);
        if (result instanceof Promise) await result.finally(() => new Promise(() => undefined));
        yield result;
      }
    },
  },
  {
    name: 'never stops after a single element',
    law: 'settles',
    async *stage(source) {
      let count = 0;
      for await (const value of source) {
        count++;
        yield value;
      }
      while (count === 1) yield 'more';
    },
  },
  {
    name: 'resolves return() with no object',
    law: 'result-objects',
    stage: (source) => handWritten(source, (correct) => ({ return: () => correct.return().then(() => undefined) })),
  },
  {
    name: 'resolves return() with no object after its end',
    law: 'result-objects',
    stage: (source) =>
      handWritten(source, (correct) => {
        let isOver = false;
        return {
          next: () =>
            correct.next().then((result) => {
              isOver = result.done;
              return result;
            }),
          return: () => correct.return().then((result) => (isOver ? null : result)),
        };
      }),
  },
  {
    name: 'has no return()',
    law: 'closes',
    also: ['ends', 'prompt'],
    stage: (source) => handWritten(source, () => ({ return: undefined }) as any),
  },
  {
    name: 'resolves with no object',
    law: 'result-objects',
    stage: (source) =>
      handWritten(source, (correct) => ({
        next: () => correct.next().then((result) => (result.done ? null : result)),
      })),
  },
  {
    name: 'emits after its end',
    law: 'ends',
    stage: (source) =>
      handWritten(source, (correct) => {
        let ended = 0;
        return {
          async next() {
            const result = await correct.next();
            return result.done && ++ended === 2 ? { done: false, value: 'more' } : result;
          },
        };
      }),
    options: { except: ['concurrent-next'] },
  },
  {
    name: 'answers overlapping calls in any order',
    law: 'concurrent-next',
    stage: (source) =>
      handWritten(source, (correct) => {
        let pending = 0;
        return {
          async next() {
            pending++;
            try {
              const before = pending;
              const result = await correct.next();
              return before > 1 ? DONE : result;
            } finally {
              pending--;
            }
          },
        };
      }),
  },
  {
    name: 'cannot be left while the source is silent',
    law: 'prompt',
    also: ['ends'],
    stage: (source) =>
      handWritten(source, (correct) => {
        let pending: Promise<unknown> | undefined;
        return {
          next() {
            const result = correct.next();
            pending = result.catch(() => undefined);
            return result;
          },
          async return() {
            await pending;
            return correct.return();
          },
        };
      }),
  },
  {
    name: 'shares its state between runs',
    law: 'independent',
    also: ['concurrent-next'],
    async *stage(source) {
      for await (const value of source) yield [shared++, value];
    },
  },
  {
    name: 'emits less in later runs',
    law: 'independent',
    also: ['concurrent-next'],
    async *stage(source) {
      for await (const value of source) {
        if (emitted++ >= 60) return;
        yield value;
      }
    },
  },
  {
    name: 'calls its callback after its error',
    law: 'callbacks-stop',
    stage: (source, call) =>
      handWritten(
        source,
        (correct) => {
          let failed = false;
          return {
            async next() {
              if (failed) await Promise.resolve(call(0)).catch(() => undefined);
              return correct.next().catch((error: unknown) => {
                failed = true;
                throw error;
              });
            },
          };
        },
        call,
      ),
  },
  {
    name: 'calls its callback after its end',
    law: 'callbacks-stop',
    stage: (source, call) =>
      handWritten(
        source,
        (correct) => ({
          async next() {
            const result = await correct.next();
            if (result.done) setTimeout(() => void Promise.resolve(call(0)).catch(() => undefined), 0);
            return result;
          },
        }),
        call,
      ),
    options: { except: ['timers', 'callback-errors'] },
  },
  {
    name: 'goes on to call its callback when it has failed',
    law: 'callbacks-stop',
    stage: (source, call) =>
      handWritten(
        source,
        (correct) => ({
          next: () =>
            correct.next().catch((error: unknown) => {
              void (async () => {
                await microtasks(10);
                await call(0);
              })().catch(() => undefined);
              throw error;
            }),
        }),
        call,
      ),
  },
  {
    name: 'calls its callback after return()',
    law: 'callbacks-stop',
    stage: (source, call) =>
      handWritten(
        source,
        () => ({}),
        async (value) => call(await call(value)),
      ),
  },
  {
    name: 'loses the error of a callback',
    law: 'callback-errors',
    async *stage(source, call) {
      for await (const value of source) {
        try {
          yield await call(value);
        } catch {
          return;
        }
      }
    },
    options: { except: ['close-error'] },
  },
  {
    name: 'lets an error of closing replace that of a callback',
    law: 'first-error',
    async *stage(source, call) {
      const iterator = iterate(source);
      let isOver = false;
      try {
        for (;;) {
          isOver = true;
          const result = await iterator.next();
          if (result.done) return;
          isOver = false;
          yield await call(result.value);
        }
      } finally {
        if (!isOver) await iterator.return!();
      }
    },
  },
  {
    name: 'runs all callbacks at once',
    law: 'sequential',
    async *stage(source, call) {
      const all: unknown[] = [];
      for await (const value of source) all.push((async () => call(value))());
      yield* await Promise.all(all);
    },
    options: { readAhead: Infinity, except: ['callbacks-stop', 'callback-errors', 'prompt', 'rejections'] },
  },
  {
    name: 'leaves a timer',
    law: 'timers',
    async *stage(source) {
      const timer = setTimeout(() => undefined, 60_000);
      for await (const value of source) yield value;
      clearTimeout(timer);
    },
  },
];
