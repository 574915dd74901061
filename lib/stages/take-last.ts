import { checkCount } from '../engine/arguments.ts';
import { flush } from '../engine/feed.ts';
import { Ring } from '../engine/ring.ts';
import { before, type Stage } from '../engine/sink.ts';
import { take } from './take.ts';

/** Unlike `take`, not up to `Infinity`: it has to hold what it counts. */
export function takeLast<T>(count: number): Stage<T, T> {
  checkCount('takeLast: count', count);
  // Which opens nothing.
  if (count === 0) return take(0);
  return (next) => {
    const ring = new Ring<T>(count);
    return before<T>(next, {
      push(value) {
        ring.put(value);
        return true;
      },
      end: () => flush(next, ring.toArray()),
    });
  };
}
