import { listen } from './engine/core/listen.ts';
import { ignore } from './engine/core/promises.ts';
import type { SignalLike } from './types.ts';

/**
 * A promise that `start` settles, unless the signal aborts before: then it rejects with the reason, and what `start` has
 * returned is called.
 */
export function unlessAborted<T>(
  signal: SignalLike | undefined,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const settling =
      <A>(settle: (argument: A) => void) =>
      (argument: A) => {
        stop?.();
        settle(argument);
      };
    const refuse = settling(reject);
    let undo = ignore;
    const stop =
      signal &&
      listen(signal, () => {
        undo();
        refuse(signal.reason);
      });
    undo = start(settling(resolve), refuse);
  });
}
