import { checkDuration, checkFunction, countFrom, optionsOf } from '../../arguments.ts';
import { Producer } from '../../engine/background/producer.ts';
import { Decider } from '../support/decider.ts';
import { Groups, type KeyedValue } from './groups.ts';
import type { Source, Transform } from '../../engine/core/source.ts';
import type { Answer } from '../../engine/core/answer.ts';
import type { Fn } from '../../types.ts';

/** The options of {@link AsyncStream.groupByKey | groupByKey}. */
export interface GroupByKeyOptions {
  /**
   * How many elements of a group may wait to be consumed before the source has to wait, and how many groups may wait to
   * be taken (`maxKeys`, if that is more). Default 16.
   */
  readonly buffer?: number | undefined;
  /**
   * How many groups are open at most. To make room for another one, the group ends whose last element is the oldest;
   * the elements that it holds can still be read. Default `Infinity`.
   */
  readonly maxKeys?: number | undefined;
  /** After how many milliseconds without an element a group ends. Default: not before the source does. */
  readonly idle?: number | undefined;
}

export function groupByKey<T, K, S>(
  key: Fn<T, K>,
  options: GroupByKeyOptions | undefined,
  toStream: (group: Source<T>) => S,
): Transform<T, [key: K, group: S]> {
  checkFunction('groupByKey: key', key);
  const checks = { buffer: countFrom(1, Infinity), maxKeys: countFrom(1, Infinity), idle: checkDuration };
  const { buffer = 16, maxKeys = Infinity, idle } = optionsOf('groupByKey', options, checks);
  return {
    feed(above, next, scope) {
      const groups = new Groups<T, K, S>({ buffer, maxKeys, idle }, scope, toStream);
      const keyed: Source<KeyedValue<T, K>> = {
        feed: (inner, run) => above.feed(new WithKey(inner, run, key), run),
        discard: () => above.discard(),
      };
      new Producer(keyed, scope, groups).go();
      return groups.supply(next, scope);
    },
  };
}

class WithKey<T, K> extends Decider<T, K, KeyedValue<T, K>> {
  protected override decide(value: T, key: K): Answer {
    return this.next.push({ value, key });
  }
}
