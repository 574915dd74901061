import { all } from '../engine/core/scope.ts';

export interface OpenRun {
  readonly open: boolean;
  return(): Promise<unknown>;
}

/** The runs of a stream that are pulled by iterators. */
export class OpenRuns {
  /** Held weakly: an iterator that is dropped without `return()` is not kept by its stream. */
  #runs: WeakRef<OpenRun>[] = [];
  #limit = 8;

  add(run: OpenRun): void {
    // Runs that have ended are dropped now and then: dropping each one when it ends would cost every run.
    if (this.#runs.length === this.#limit) {
      this.#runs = this.#runs.filter((run) => run.deref()?.open);
      this.#limit = 8 + 2 * this.#runs.length;
    }
    this.#runs.push(new WeakRef(run));
  }

  /** Ends the open runs, and waits until all is closed. */
  close(): Promise<void> {
    return all(...this.#runs.map((run) => run.deref()?.return()));
  }
}
