import { checkCount, wrongKind } from '../engine/arguments.ts';
import { flush } from '../engine/feed.ts';
import { Ring } from '../engine/ring.ts';
import { before, type Stage } from '../engine/sink.ts';

/** What becomes of a stream that is shorter than one window: nothing, or one window that is as short as the stream. */
export type Undersized = 'only-full' | 'allow-partial';

export function windows<T>(size: number, undersized: Undersized = 'only-full'): Stage<T, T[]> {
  checkCount('windows: size', size, 1);
  if (undersized !== 'only-full' && undersized !== 'allow-partial') {
    throw wrongKind('windows: undersized', "'only-full' or 'allow-partial'", undersized);
  }
  return (next) => {
    const ring = new Ring<T>(size);
    return before<T>(next, {
      push(value) {
        ring.put(value);
        return ring.full ? next.push(ring.toArray()) : true;
      },
      end() {
        const rest = undersized === 'allow-partial' && !ring.full ? ring.toArray() : [];
        return flush(next, rest.length > 0 ? [rest] : []);
      },
    });
  };
}
