import { checkFunction } from '../engine/arguments.ts';
import { before, type Stage } from '../engine/sink.ts';
import { whenReady } from '../engine/suspension.ts';

/**
 * Done at the end of the stream above, or else with the closing of the run, when what is above has been closed.
 * (`finally` is a reserved word.)
 */
export function finallyDo<T>(fn: () => unknown): Stage<T, T> {
  checkFunction('finally: fn', fn);
  return (next, scope) => {
    const closable = { close: () => fn() };
    scope.add(closable);
    return before<T>(next, {
      push: next.push,
      end() {
        scope.remove(closable);
        return whenReady(fn(), next.end);
      },
    });
  };
}
