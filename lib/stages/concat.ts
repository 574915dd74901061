import { flush, sourceOf } from '../engine/feed.ts';
import { before, type Sink, type Stage } from '../engine/sink.ts';
import { hold } from '../engine/source.ts';
import type { Answer } from '../engine/suspension.ts';
import type { Input } from '../types.ts';

export function concat<T>(...others: Input<T>[]): Stage<T, T> {
  const sources = others.map((other) => sourceOf(other, 'concat: input'));
  return (next, scope) => {
    const openings = sources.map((source) => hold(source, scope));
    const opening = before<(next: Sink<T>) => Answer>(next, { push: (open) => open(next) });
    return before<T>(next, { push: next.push, end: () => flush(opening, openings) });
  };
}
