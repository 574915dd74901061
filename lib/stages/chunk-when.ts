import { checkFunction } from '../engine/arguments.ts';
import { asking } from '../engine/asking.ts';
import { flush } from '../engine/feed.ts';
import type { Context } from '../engine/scope.ts';
import { before, type Stage } from '../engine/sink.ts';
import type { Fn } from '../types.ts';

export function chunkWhen<T>(
  predicate: (previous: T, next: T, index: number, context: Context) => unknown,
): Stage<T, T[]> {
  checkFunction('chunkWhen: predicate', predicate);
  return splitting(() => {
    let previous!: T;
    return (value, index, context) => {
      const starts = index > 0 && predicate(previous, value, index, context);
      previous = value;
      return starts;
    };
  });
}

/** Starts a new chunk with each value for which the callback, made for each run, says so. */
export function splitting<T>(create: () => Fn<T, unknown>): Stage<T, T[]> {
  return (next, { context }) => {
    let chunk: T[] = [];
    return before<T>(next, {
      push: asking(create(), context, (value, starts) => {
        const full = chunk;
        if (!starts || full.length === 0) {
          full.push(value);
          return true;
        }
        chunk = [value];
        return next.push(full);
      }),
      end: () => flush(next, chunk.length > 0 ? [chunk] : []),
    });
  };
}
