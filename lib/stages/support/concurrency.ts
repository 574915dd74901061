import type { Limiter, Limits } from '../../engine/concurrency/task-pool.ts';
import {
  checkBoolean,
  checkCount,
  checkFunction,
  checkNoPromise,
  type Checks,
  countFrom,
  optionsOf,
} from '../../arguments.ts';

/** The number of callbacks that run at once, and the order of their results. */
export interface Concurrency<in T = unknown> {
  /** How many callbacks may run at the same time: a number (`Infinity` is allowed) or a limiter. Default 1. */
  readonly concurrency?: number | Limiter | undefined;
  /**
   * Emits results in source order, and an error after the results before it. Otherwise as they settle. Default true.
   */
  readonly ordered?: boolean | undefined;
  /**
   * How many results may wait to be consumed before no more callbacks start. Default `concurrency`; 16 for a limiter; 0
   * for one callback at a time, which then reads no element ahead, or with `settle` one.
   */
  readonly buffer?: number | undefined;
  /**
   * Callbacks for elements of the same key run one after the other, in their order. Keys are the same as in a `Map`; a
   * promise of one is a TypeError in the run. Default: none.
   */
  readonly key?: ((value: T) => unknown) | undefined;
  /**
   * Structured concurrency: the run settles only after every callback in flight has settled, and with `flatMap` and
   * `flat` also every inner stream that is producing an element. An error, an early exit or an abort still aborts the
   * signal of the callbacks at once. A callback that never settles then holds up its run, and so does one that awaits
   * the `return()` of that run. Default false: callbacks in flight are abandoned.
   */
  readonly settle?: boolean | undefined;
}

export const CONCURRENCY: Checks<Concurrency> = {
  concurrency(name, value) {
    if (typeof value === 'object' && value !== null) checkFunction(`${name}.acquire`, (value as Limiter).acquire);
    else checkCount(name, value, 1, Infinity);
  },
  ordered: checkBoolean,
  buffer: countFrom(0, Infinity),
  key: checkFunction,
  settle: checkBoolean,
};

/**
 * Returns undefined if callbacks run one after the other, as without any options. `checks` are for a method that has more
 * options.
 */
export function limitsOf<T>(method: string, options?: Concurrency<T>, checks = CONCURRENCY): Limits<T> | undefined {
  if (options === undefined) return undefined;
  const given = optionsOf(method, options, checks);
  const { concurrency = 1, ordered = true, key, settle = false } = given;
  const limiter = typeof concurrency === 'object' ? concurrency : undefined;
  const most = typeof concurrency === 'object' ? Infinity : concurrency;
  // One at a time, `settle` is to read no further than one element ahead.
  const { buffer = limiter !== undefined ? 16 : most === 1 ? 0 : most } = given;
  if (most === 1 && buffer === 0 && !settle) return undefined;
  const keyOf = key && ((value: T) => checkNoPromise(`${method}: the result of key`, key(value)));
  return { concurrency: most, limiter, ordered, buffer, key: keyOf, settle };
}
