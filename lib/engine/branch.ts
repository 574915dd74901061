import { Driver } from './driver.ts';
import { Outlet } from './outlet.ts';
import { all, type Closable, type Parent, type Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';

/** What becomes of what branches give. It may not let a branch go on before it has answered. */
export interface Receiver<T> {
  /**
   * `waited`: the branch had to wait for it. Answers whether the branch is to go on. Else it stands still until it is
   * told to.
   */
  receive(value: T, branch: Branch<T>, waited: boolean): boolean;
  /** It has come to its natural end. */
  ended(branch: Branch<T>): void;
  failed(error: unknown, branch: Branch<T>): void;
}

/**
 * A source that runs beside the run which has made it, and gives its values to a receiver. It starts with the first `go`,
 * in the context of whoever calls it, and is closed with the run.
 */
export class Branch<T> extends Driver<T> implements Closable {
  readonly #parent: Parent;
  readonly #receiver: Receiver<T>;
  readonly #outlet = new Outlet<T>();

  constructor(source: Source<T>, parent: Parent, receiver: Receiver<T>) {
    super({ source, link: (last) => last });
    this.#parent = parent;
    this.#receiver = receiver;
    this.scope.parent = parent;
    parent.add(this);
  }

  /** Starts it, or lets it go on where it stands still. */
  go(): void {
    this.advance(undefined, false);
  }

  close(): void | Promise<void> {
    // Kept, so that who closes it a second time waits for the same.
    if (!this.over) this.closing = this.cancel(this.#parent.reason);
    return this.closing;
  }

  protected last(): Sink<T> {
    return this.#outlet;
  }

  protected deliver(waited: boolean): boolean {
    return this.#receiver.receive(this.#outlet.take(), this, waited);
  }

  protected ended(): void {
    this.#parent.remove(this);
    this.#receiver.ended(this);
  }

  protected failed(error: unknown): void {
    this.#parent.remove(this);
    this.#receiver.failed(error, this);
  }
}

/** Branches that are closed all at once, so that none waits behind another. */
export class Branches implements Closable, Parent {
  readonly #scope: Scope;
  readonly #open = new Set<Closable>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get reason(): unknown {
    return this.#scope.reason;
  }

  aborting(reason: unknown): void {
    this.#scope.aborting(reason);
  }

  add(branch: Closable): void {
    this.#open.add(branch);
  }

  remove(branch: Closable): void {
    this.#open.delete(branch);
  }

  close(): void | Promise<void> {
    if (this.#open.size > 0) return all(...Array.from(this.#open, (branch) => branch.close(false)));
  }
}
