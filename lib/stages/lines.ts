import { checkCount, checkObject } from '../engine/arguments.ts';
import type { Sink, Stage } from '../engine/sink.ts';
import { type Bytes, Cutter } from '../engine/text.ts';

export interface LinesOptions {
  /** How long a line may be, in UTF-16 code units. A longer one is a RangeError. Default Infinity. */
  readonly maxLength?: number;
}

export function lines(options: LinesOptions = {}): Stage<string | Bytes, string> {
  checkObject('lines: options', options);
  const { maxLength = Infinity } = options;
  checkCount('lines: maxLength', maxLength, 1, Infinity);
  return (next) => new Lines(next, maxLength);
}

class Lines extends Cutter {
  readonly #maxLength: number;
  /** The chunk, how far it has been cut, and where the next LF and the next CR stand in it, or -1. */
  #text = '';
  #start = 0;
  #lf = -1;
  #cr = -1;
  /** The beginning of the next line, from earlier chunks. */
  #rest = '';
  /** The text so far ends with CR. Its line has been given, and an LF would only belong to it. */
  #afterCR = false;

  constructor(next: Sink<string>, maxLength: number) {
    super(next, 'lines');
    this.#maxLength = maxLength;
  }

  protected add(text: string): void {
    if (text === '') return;
    this.#text = text;
    this.#start = this.#afterCR && text.startsWith('\n') ? 1 : 0;
    this.#lf = text.indexOf('\n', this.#start);
    this.#cr = text.indexOf('\r', this.#start);
    this.#afterCR = text.endsWith('\r');
  }

  protected take(): string | undefined {
    const text = this.#text;
    const start = this.#start;
    const lf = this.#lf;
    const cr = this.#cr;
    if (lf < 0 && cr < 0) {
      this.#rest = this.#checked(this.#rest + text.slice(start));
      this.#text = '';
      this.#start = 0;
      return undefined;
    }
    const atCR = lf < 0 || (cr >= 0 && cr < lf);
    const end = atCR ? cr : lf;
    let line = text.slice(start, end);
    if (this.#rest !== '') {
      line = this.#rest + line;
      this.#rest = '';
    }
    let following = end + 1;
    if (atCR) {
      this.#cr = text.indexOf('\r', following);
      if (lf === following) following++;
    }
    if (lf >= 0 && lf < following) this.#lf = text.indexOf('\n', following);
    this.#start = following;
    return this.#checked(line);
  }

  protected rest(): string | undefined {
    return this.#rest === '' ? undefined : this.#rest;
  }

  #checked(line: string): string {
    if (line.length <= this.#maxLength) return line;
    throw new RangeError(`lines: a line is longer than ${this.#maxLength} characters`);
  }
}
