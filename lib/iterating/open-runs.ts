import { all } from '../engine/core/scope.ts';

export interface OpenRun {
  readonly open: boolean;
  return(): Promise<unknown>;
}

/** The runs of a stream that somebody pulls. */
export class OpenRuns {
  #runs: OpenRun[] = [];
  #limit = 8;

  add(run: OpenRun): void {
    // Those that have ended are left out now and then, and not when they end, which would cost each run something.
    if (this.#runs.length === this.#limit) {
      this.#runs = this.#runs.filter(({ open }) => open);
      this.#limit = 8 + 2 * this.#runs.length;
    }
    this.#runs.push(run);
  }

  /** Ends those that are open, and waits until all is closed. */
  close(): Promise<void> {
    return all(...this.#runs.map((run) => run.return()));
  }
}
