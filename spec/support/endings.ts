import type { AsyncStream } from '../../lib/index.ts';
import { thrown } from './iterators.ts';
import { outcomeOf } from './turns.ts';

/** The ways in which a consumer ends a run before its source has ended. */
export const EARLY: readonly ((stream: AsyncStream<unknown>) => Promise<unknown>)[] = [
  (stream) => stream.take(2).toArray(),
  (stream) => stream.first(),
  (stream) => outcomeOf(() => stream.forEach(() => thrown(new Error('later')))),
  async (stream) => {
    for await (const _value of stream) break;
  },
];
