import { checkCount } from '../engine/arguments.ts';
import { Ring } from '../engine/ring.ts';
import { before, type Stage } from '../engine/sink.ts';
import { drop } from './drop.ts';

/** Unlike `drop`, not up to `Infinity`: it has to hold what it counts. */
export function dropLast<T>(count: number): Stage<T, T> {
  checkCount('dropLast: count', count);
  if (count === 0) return drop(0);
  return (next) => {
    const ring = new Ring<T>(count);
    return before<T>(next, {
      push(value) {
        const wasFull = ring.full;
        const oldest = ring.put(value);
        return wasFull ? next.push(oldest as T) : true;
      },
    });
  };
}
