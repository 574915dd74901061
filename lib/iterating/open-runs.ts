import { all } from '../engine/core/scope.ts';

export interface OpenRun {
  readonly open: boolean;
  return(): Promise<unknown>;
}

/** The runs of a stream that are pulled by iterators. */
export class OpenRuns {
  /** Held strongly until another run starts: a `WeakRef` costs more than a short run does (`bench`, short runs). */
  #latest: OpenRun | undefined;
  /** Held weakly: iterators that are dropped without `return()` do not pile up in their stream. */
  #earlier: WeakRef<OpenRun>[] = [];
  #limit = 8;

  add(run: OpenRun): void {
    if (this.#latest?.open) this.#earlier.push(new WeakRef(this.#latest));
    this.#latest = run;
    // Runs that have ended are dropped now and then: dropping each one when it ends would cost every run.
    if (this.#earlier.length < this.#limit) return;
    this.#earlier = this.#earlier.filter((run) => run.deref()?.open);
    this.#limit = 8 + 2 * this.#earlier.length;
  }

  /** Ends the open runs, and waits until all is closed. */
  close(): Promise<void> {
    return all([...this.#earlier.map((run) => run.deref()?.return()), this.#latest?.return()]);
  }
}
