import { checkCount } from '../engine/arguments.ts';
import { feedIterator } from '../engine/feed-iterator.ts';
import { before, yes } from '../engine/sink.ts';
import type { Source } from '../engine/source.ts';
import { whenReady } from '../engine/suspension.ts';

export function repeat<T>(source: Source<T>, count = Infinity): Source<T> {
  checkCount('repeat: count', count, 0, Infinity);
  const discard = () => source.discard();
  return {
    discard,
    feed(next, scope) {
      if (count === 0) return whenReady(discard(), yes);
      let empty: boolean;

      function* passes(): Generator<undefined, undefined> {
        for (let pass = 0; pass < count; pass++) {
          empty = true;
          yield;
          // Else repeating an empty stream for ever would never give a turn to anything else.
          if (empty) return;
        }
      }

      const counted = before<T>(next, {
        push(value) {
          empty = false;
          return next.push(value);
        },
      });
      const pass = before<undefined>(next, { push: () => source.feed(counted, scope) });
      return feedIterator(passes(), pass, scope, true);
    },
  };
}
