import { checkCount } from '../engine/arguments.ts';
import { flush } from '../engine/feed.ts';
import { before, type Stage } from '../engine/sink.ts';

export function chunks<T>(size: number): Stage<T, T[]> {
  checkCount('chunks: size', size, 1);
  return (next) => {
    let chunk: T[] = [];
    return before<T>(next, {
      push(value) {
        if (chunk.push(value) < size) return true;
        const full = chunk;
        chunk = [];
        return next.push(full);
      },
      end: () => flush(next, chunk.length > 0 ? [chunk] : []),
    });
  };
}
