import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';

/** The only element. None, or more than one, is a RangeError. */
export function single<T>(): Collector<T, T> {
  return fold({
    start: (): T[] => [],
    take(_, value, index) {
      if (index > 0) throw new RangeError('single: the stream has more than one element');
      return [value];
    },
    finish([value], count) {
      if (count === 0) throw new RangeError('single: the stream has no element');
      return value as T;
    },
  });
}
