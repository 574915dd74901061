import { checkString, wrongAmount } from '../engine/arguments.ts';
import type { Sink, Stage } from '../engine/sink.ts';
import { type Bytes, Cutter } from '../engine/text.ts';

/** The pieces are those of `String.prototype.split`, but for an empty stream, which has none. */
export function split(delimiter: string): Stage<string | Bytes, string> {
  checkString('split: delimiter', delimiter);
  if (delimiter === '') throw wrongAmount('split: delimiter', 'a non-empty string', delimiter);
  return (next) => new Split(next, delimiter);
}

class Split extends Cutter {
  readonly #delimiter: string;
  /** What has not been cut, but for the head of the next piece. */
  #text = '';
  #start = 0;
  /** The head of the next piece: no delimiter begins in it, and so it is not searched again when more text comes. */
  #head = '';
  #empty = true;

  constructor(next: Sink<string>, delimiter: string) {
    super(next, 'split');
    this.#delimiter = delimiter;
  }

  protected add(text: string): void {
    if (text !== '') this.#empty = false;
    this.#text += text;
  }

  protected take(): string | undefined {
    const text = this.#text;
    const start = this.#start;
    const { length } = this.#delimiter;
    const end = text.indexOf(this.#delimiter, start);
    // Nothing is found: a delimiter may have begun at the end of the text.
    const cut = end < 0 ? Math.max(start, text.length - length + 1) : end;
    const piece = this.#head + text.slice(start, cut);
    if (end >= 0) {
      this.#head = '';
      this.#start = end + length;
      return piece;
    }
    this.#head = piece;
    this.#text = text.slice(cut);
    this.#start = 0;
    return undefined;
  }

  protected rest(): string | undefined {
    return this.#empty ? undefined : this.#head + this.#text;
  }
}
