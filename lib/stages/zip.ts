import { type Check, checkArray, oneOf, optionsOf } from '../arguments.ts';
import { combine, Combinator, type Opening } from '../engine/combining/combinator.ts';
import type { Source } from '../engine/core/source.ts';

/** The options of {@link AsyncStream.zip | zip} and {@link AsyncStream.zipKeyed | zipKeyed}. */
export interface ZipOptions<Padding = readonly unknown[]> {
  /**
   * When the rows end: with the first input that ends (`'shortest'`), or with the last one (`'longest'`); or all must
   * end together, and the run fails if they do not (`'strict'`). Default `'shortest'`.
   */
  readonly mode?: 'shortest' | 'longest' | 'strict' | undefined;
  /** With `'longest'`, the values in a row for inputs that have ended. Default undefined for each. */
  readonly padding?: Padding | undefined;
}

type Mode = NonNullable<ZipOptions['mode']>;

export const checkMode: Check = oneOf('shortest', 'longest', 'strict');

export function zip<T>(sources: readonly Source<T>[], options?: ZipOptions): Source<T[]> {
  const { mode = 'shortest', padding = [] } = optionsOf('zip', options, { mode: checkMode, padding: checkArray });
  return rows(sources, { method: 'zip', mode, padding: [...padding] as T[], shape: (row) => row });
}

/** One element of each, all of them read at the same time, when the consumer asks for a row. */
export function rows<T, R>(sources: readonly Source<T>[], zipping: Zipping<T, R>): Source<R> {
  return combine(sources, (opening) => new Zip(opening, zipping));
}

/** The options, checked and complete. */
interface Zipping<T, R> {
  readonly method: string;
  readonly mode: Mode;
  readonly padding: readonly T[];
  readonly shape: (row: T[]) => R;
}

class Zip<T, R> extends Combinator<T, R> {
  readonly #zipping: Zipping<T, R>;

  constructor(opening: Opening<T>, zipping: Zipping<T, R>) {
    super(opening);
    this.#zipping = zipping;
  }

  override ready(): boolean {
    return this.pending === 0 && this.remaining > 0 && !this.closed;
  }

  override take(): R {
    const { padding, shape } = this.#zipping;
    return shape(this.slots.map((slot) => (slot.over ? padding[slot.index]! : this.consume(slot))));
  }

  protected override onArrival(): void {
    if (this.#zipping.mode === 'strict' && this.remaining < this.slots.length) this.#differ();
  }

  protected override onEnd(): void {
    const { mode } = this.#zipping;
    if (mode === 'shortest') this.end();
    // Not only when all inputs have settled: one of them may never do so.
    else if (mode === 'strict' && this.remaining > this.pending + this.blocked.length) this.#differ();
  }

  #differ(): void {
    this.fail(new TypeError(`${this.#zipping.method}: inputs must have equally many elements in mode 'strict'`));
  }
}
