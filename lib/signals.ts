import { ignore } from './engine/core/promises.ts';
import type { Closable, Scope, Within } from './engine/core/scope.ts';
import type { SignalLike } from './types.ts';

/** The one listener that a signal has, however many runs and waiting callers listen to it. */
class AbortListener {
  readonly #signal: SignalLike;
  readonly #callbacks = new Set<() => void>();

  constructor(signal: SignalLike) {
    this.#signal = signal;
  }

  add(use: () => void): void {
    if (this.#callbacks.size === 0) this.#signal.addEventListener('abort', this.#abort);
    this.#callbacks.add(use);
  }

  remove(use: () => void): void {
    if (this.#callbacks.delete(use) && this.#callbacks.size === 0)
      this.#signal.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    for (const use of Array.from(this.#callbacks)) if (this.#callbacks.has(use)) use();
  };
}

const listeners = new WeakMap<SignalLike, AbortListener>();

/**
 * Calls `use` when the signal aborts, and returns what stops that. All share one listener: Node warns of more than ten,
 * and searches through all of them for each that is added.
 */
export function listen(signal: SignalLike, use: () => void): () => void {
  let listener = listeners.get(signal);
  if (listener === undefined) listeners.set(signal, (listener = new AbortListener(signal)));
  const own = () => use();
  listener.add(own);
  return () => listener.remove(own);
}

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

/**
 * Calls `use` when the signal aborts, unless the run has ended before. It must start cleanups by `within`: in the
 * asynchronous context of the run, and not in that of the caller who aborts.
 */
export function onAbort(signal: SignalLike, scope: Pick<Scope, 'add'>, use: (within: Within) => void): Closable {
  const within = contextOf();
  const listening = { close: listen(signal, () => use(within)) };
  scope.add(listening);
  return listening;
}

/** Starts cleanups in the asynchronous context in which this was called, which is kept by a reaction on a promise. */
function contextOf(): Within {
  const cleanups: (() => void)[] = [];
  let wake!: () => void;
  void new Promise<void>((resolve) => (wake = resolve)).then(() => {
    for (const start of cleanups) start();
  });
  return (cleanup) =>
    new Promise((resolve, reject) => {
      cleanups.push(() => void (async () => cleanup())().then(() => resolve(), reject));
      wake();
    });
}
