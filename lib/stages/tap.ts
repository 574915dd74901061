import { checkFunction, checkObject, checkOptionalFunction } from '../engine/arguments.ts';
import type { Context } from '../engine/scope.ts';
import type { Stage } from '../engine/sink.ts';
import { step } from '../engine/step.ts';
import type { Fn } from '../types.ts';

/** What is told of a stream's run. Each function is awaited. */
export interface Observer<in T> {
  /** Before the source is opened. */
  readonly start?: (context: Context) => unknown;
  /** Before an element goes on. */
  readonly next?: Fn<T, unknown>;
  /** The stream above has failed. The error then goes on. */
  readonly error?: (error: unknown) => unknown;
  /** The stream above has come to its natural end. */
  readonly complete?: () => unknown;
  /** The run is over, however it ended: after `error` or `complete`, or alone when the consumer has left. */
  readonly close?: () => unknown;
}

export function tap<T>(fn: Fn<T, unknown>): Stage<T, T> {
  checkFunction('tap: fn', fn);
  return step('tap', () => fn);
}

/** All of an observer but its `next`. */
export function observe<T>(observer: Observer<T>): (source: AsyncIterable<T>, context: Context) => AsyncIterable<T> {
  checkObject('tap: observer', observer);
  const { start, error: fail, complete, close } = observer;
  for (const name of ['start', 'next', 'error', 'complete', 'close'] as const) {
    checkOptionalFunction(`tap: ${name}`, observer[name]);
  }
  return async function* (source, context) {
    try {
      await start?.(context);
      try {
        yield* source;
      } catch (error) {
        if (!context.signal.aborted) await fail?.(error);
        throw error;
      }
      await complete?.();
    } finally {
      await close?.();
    }
  };
}
