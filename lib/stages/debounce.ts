import { checkDuration, optionsOf } from '../arguments.ts';
import { wrongAmount } from '../errors.ts';
import { KeepLatest } from './support/keep-latest.ts';
import { readAhead } from './support/read-ahead.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Transform } from '../engine/core/source.ts';

/** The options of {@link AsyncStream.debounce | debounce}. */
export interface DebounceOptions {
  /** For how many milliseconds a source that is never silent can delay an element. Default: without a limit. */
  readonly maxWait?: number | undefined;
}

export function debounce<T>(milliseconds: number, options?: DebounceOptions): Transform<T, T> {
  checkDuration('debounce: milliseconds', milliseconds);
  const { maxWait } = optionsOf('debounce', options, { maxWait: checkDuration });
  if (maxWait !== undefined && maxWait < milliseconds)
    throw wrongAmount('debounce: maxWait', `at least the ${milliseconds} ms`, maxWait);
  return readAhead((run) => new Debounce(run, milliseconds, maxWait));
}

class Debounce<T> extends KeepLatest<T> {
  readonly #milliseconds: number;
  readonly #maxWait: number | undefined;
  readonly #silence = this.timer(() => this.#due());
  /** Ends the wait if the source is never silent. */
  readonly #patience = this.timer(() => this.#due());

  constructor(run: Scope, milliseconds: number, maxWait: number | undefined) {
    super(run);
    this.#milliseconds = milliseconds;
    this.#maxWait = maxWait;
  }

  protected arrived(value: T): void {
    this.keep(value);
    this.#silence.start(this.#milliseconds);
    if (this.#maxWait !== undefined && !this.#patience.running) this.#patience.start(this.#maxWait);
  }

  #due(): void {
    this.#patience.stop();
    this.emit();
  }
}
