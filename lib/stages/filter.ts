import { checkFunction } from '../arguments.ts';
import { type Concurrency, limitsOf } from './support/concurrency.ts';
import { andThen } from '../engine/core/promises.ts';
import { concurrentMap } from '../engine/concurrency/concurrent-map.ts';
import { type Stage, Through } from '../engine/core/sink.ts';
import type { Transform } from '../engine/core/source.ts';
import { step } from '../engine/core/fused-steps.ts';
import type { Answer } from '../engine/core/answer.ts';
import type { Fn } from '../types.ts';

export function filter<T>(predicate: Fn<T, unknown>, options?: Concurrency<T>): Stage<T, T> | Transform<T, T> {
  checkFunction('filter: predicate', predicate);
  const limits = limitsOf('filter', options);
  if (limits === undefined) return step('filter', () => predicate);
  const judge: Fn<T, Judged<T>> = (value, index, context) =>
    andThen(predicate(value, index, context), (kept) => ({ value, kept }));
  const judged = concurrentMap(judge, limits);
  return { feed: (above, next, scope) => judged.feed(above, new Keep(next), scope) };
}

interface Judged<T> {
  readonly value: T;
  readonly kept: unknown;
}

class Keep<T> extends Through<Judged<T>, T> {
  push({ value, kept }: Judged<T>): Answer {
    return !kept || this.next.push(value);
  }
}
