import type { Context, Signal } from '../../types.ts';

/** Not a method: callbacks have the context. */
export let abortContext: (context: RunContext, reason: unknown) => void;

/**
 * The context of a run's callbacks. Separate from its scope: a callback can neither reach into the run nor, if it never
 * settles, keep it. Not a literal with a getter: each would have a hidden class of its own, which V8 keeps, and the run
 * with it, until a full collection.
 */
export class RunContext implements Context {
  static {
    abortContext = (context, reason) => {
      context.#ended = true;
      context.#reason = reason;
      context.#controller?.abort(reason);
    };
  }

  #controller: AbortController | undefined;
  #ended = false;
  #reason: unknown;

  get signal(): Signal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      allowListeners(this.#controller.signal);
      if (this.#ended) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }
}

/**
 * Node takes more than ten listeners for a leak and warns of it, while each of the callbacks that run at once may
 * listen. `getMaxListeners` of Node 20, which the `fetch` of undici calls, throws if the limit is 0. Looked up and not
 * imported, as there is no such module elsewhere.
 */
function allowListeners(signal: Signal): void {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: 'node:events'): NodeEvents | undefined } };
  process?.getBuiltinModule?.('node:events')?.setMaxListeners(Infinity, signal);
}

interface NodeEvents {
  setMaxListeners(count: number, ...targets: unknown[]): void;
}
