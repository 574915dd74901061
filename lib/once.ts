import type { OneShot, Source } from './engine/core/source.ts';
import { StreamConsumedError } from './errors.ts';

/** A source that rejects a second run. */
export function once<T>(source: Source<T>, given: object, name: string, advice: string): Source<T> {
  const oneShot: OneShot = { given, name, advice };
  let consumed = false;
  return {
    once: oneShot,
    feed(next, scope) {
      if (consumed) throw new StreamConsumedError(given, name, advice);
      consumed = true;
      return source.feed(next, scope);
    },
    discard() {
      // Another reader is responsible for closing it.
      if (consumed) return undefined;
      consumed = true;
      return source.discard();
    },
  };
}
