import { checkBoolean, checkFunction, checkObject } from '../engine/arguments.ts';
import { asking } from '../engine/asking.ts';
import { before, no, type Stage } from '../engine/sink.ts';
import { after } from '../engine/suspension.ts';
import type { Fn } from '../types.ts';

export interface TakeWhileOptions {
  /** Whether the first element for which the predicate does not hold is given too, as the last one. Default false. */
  readonly inclusive?: boolean;
}

export function takeWhile<T>(predicate: Fn<T, unknown>, options: TakeWhileOptions = {}): Stage<T, T> {
  checkFunction('takeWhile: predicate', predicate);
  checkObject('takeWhile: options', options);
  const { inclusive = false } = options;
  checkBoolean('takeWhile: inclusive', inclusive);
  return (next, { context }) => {
    let ended = false;
    return before<T>(next, {
      push: asking(predicate, context, (value, holds) => {
        if (holds) return next.push(value);
        ended = true;
        return inclusive && after(next.push(value), no);
      }),
      done: () => ended || next.done(),
    });
  };
}
