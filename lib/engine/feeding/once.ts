import { StreamConsumedError } from '../../errors.ts';
import type { Source } from '../core/source.ts';

/** A source that is run once. `given`, its name and `advice` are for the error of a second run. */
export function once<T>(source: Source<T>, given: object, name: string, advice: string): Source<T> {
  let consumed = false;
  return {
    feed(next, scope) {
      if (consumed) throw new StreamConsumedError(given, name, advice);
      consumed = true;
      return source.feed(next, scope);
    },
    discard() {
      // What somebody else is reading is theirs to close.
      if (consumed) return undefined;
      consumed = true;
      return source.discard();
    },
  };
}
