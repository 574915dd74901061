import { traced } from '../engine/core/trace.ts';
import { isSignal } from '../arguments.ts';
import { Producer, type Receiver } from '../engine/background/producer.ts';
import { Channel } from '../engine/background/channel.ts';
import { sourceOf } from '../engine/feeding/input.ts';
import { fewMicrotasks, ignore, isThenable } from '../engine/core/promises.ts';
import { onAbort } from '../signals.ts';
import { markShared, untilClosed } from '../engine/core/tether.ts';
import type { Scope, Within } from '../engine/core/scope.ts';
import { Part } from '../engine/core/part.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import { whenReady } from '../engine/core/answer.ts';
import type { Input, SignalLike } from '../types.ts';

/** Ends a stream: by an abort, a fulfilled promise, or an element. */
export type Stop = SignalLike | PromiseLike<unknown> | Input<unknown>;

export function takeUntil<T>(stop: Stop): Transform<T, T> {
  const notifier = notifierOf(stop);
  return {
    discard: () => notifier.discard(),
    feed(above, next, scope) {
      return new Part(scope, { together: true }).during((part) => {
        const until = new Until<T>(part);
        // Before any wait, so that it is closed with the run.
        const source = new Producer(above, part, until);
        return whenReady(notifier.listen(until, part), () => {
          // If it has already stopped, the source is not opened.
          if (!until.closed) source.go();
          return until.supply(next, scope);
        });
      });
    },
  };
}

class Until<T> extends Channel<T> {
  readonly timed = true;
  readonly #part: Scope;

  constructor(part: Scope) {
    super(0);
    this.#part = part;
  }

  /** Closes the source now, even if the consumer is still busy with an element. */
  stop(within?: Within): void {
    this.end();
    this.#part.cancel(undefined, within)?.catch(ignore);
  }
}

/** Waits beside a run, and is closed with it. */
interface Notifier extends Pick<Source<unknown>, 'discard'> {
  /** Returns a promise if it cannot be known at once whether it has already stopped. */
  listen(until: Until<unknown>, part: Scope): void | Promise<void>;
}

function notifierOf(stop: Stop): Notifier {
  if (isSignal(stop)) return { listen: listenTo(stop), discard: ignore };
  if (isThenable(stop)) {
    markShared(stop);
    return { listen: waitFor(stop), discard: ignore };
  }
  const source = sourceOf(stop, 'takeUntil: stop', 'an AbortSignal, a promise or an iterable');
  return {
    listen(until, part) {
      new Producer(source, part, first(until)).go();
      return fewMicrotasks();
    },
    discard: () => source.discard(),
  };
}

function listenTo(signal: SignalLike): Notifier['listen'] {
  return (until, part) => {
    if (signal.aborted) until.stop();
    else onAbort(signal, part, (within) => until.stop(within));
  };
}

/** One reaction for a whole run. */
function waitFor(promise: PromiseLike<unknown>): Notifier['listen'] {
  return (until, part) => {
    const { call } = part;
    Promise.resolve(untilClosed(promise, part)).then(
      () => until.stop(),
      (error: unknown) => until.fail(traced(error, call)),
    );
    return fewMicrotasks();
  };
}

/** Stops it with the first element. An end without any is none. */
function first(until: Until<unknown>): Receiver<unknown> {
  return {
    prompt: true,
    receive() {
      until.stop();
      return false;
    },
    ended: ignore,
    failed: (error, notifier) => until.fail(notifier.placed(error)),
  };
}
