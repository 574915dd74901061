import type { Fn } from '../../types.ts';
import type { Collector } from './collector.ts';
import { andThen } from '../../engine/core/promises.ts';
import { fold } from './fold.ts';

/** An element, in an array of its own: else one that is a promise would be waited for. */
type Hit<T> = readonly [value: T, index: number];

/** A collector that stops at the first element of which the callback says what is wanted. */
export function search<T, R>(
  fn: Fn<T, unknown>,
  finish: (value: T, index: number) => R,
  missing: R,
  wanted = true,
): Collector<T, R> {
  return fold({
    start: (): Hit<T> | undefined => undefined,
    take: (_, value, index, context) =>
      andThen(fn(value, index, context), (said) => (!said === wanted ? undefined : [value, index])),
    until: (hit) => hit !== undefined,
    finish: (hit) => (hit === undefined ? missing : finish(...hit)),
  });
}
