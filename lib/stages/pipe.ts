import { checkFunction } from '../engine/core/arguments.ts';
import { feedLater } from '../engine/feeding/input.ts';
import type { Context, Scope } from '../engine/core/scope.ts';
import { closing, type Source, type Transform } from '../engine/core/source.ts';
import type { Streamable } from '../types.ts';

/**
 * What a generator stage makes of the upstream. What the stage opens of the upstream belongs to this run: it is
 * closed when the stage has left it open, and when the stage is stuck in it, so that the stage wakes up and ends too.
 */
export function pipe<S, T, R>(
  toStream: (source: Source<T>) => S,
  stage: (stream: S, context: Context) => Streamable<R> | PromiseLike<Streamable<R>>,
): Transform<T, R> {
  checkFunction('pipe: stage', stage);
  return {
    feed(above, next, scope) {
      const runs = new Set<Scope>();
      let opened = false;
      let closed = false;
      const tracked: Source<T> = {
        discard: () => above.discard(),
        feed(inner, run) {
          // The stage was on its way here when the run ended.
          if (closed) throw scope.signal.reason;
          opened = true;
          if (run !== scope) {
            runs.add(run);
            run.tracked = true;
            if (run.root !== scope.root) run.root.maker = scope;
            run.add({ close: () => runs.delete(run) });
          }
          return above.feed(inner, run);
        },
      };

      async function close(): Promise<void> {
        closed = true;
        await Promise.all(Array.from(runs, async (run) => run.cancel(scope.reason)));
        if (!opened) await above.discard();
      }

      return closing(scope, { close }, () =>
        feedLater(stage(toStream(tracked), scope.context), next, scope, 'pipe: the result of stage'),
      );
    },
  };
}
