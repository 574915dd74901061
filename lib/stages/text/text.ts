import { type Bytes, bytesOf } from '../../bytes.ts';
import { flush } from '../support/flush.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { type Call, traced } from '../../engine/core/trace.ts';
import { type Sink, Scoped } from '../../engine/core/sink.ts';
import { after, type Answer } from '../../engine/core/answer.ts';

/** Decodes the chunks of one run. */
export class Decoder {
  readonly #name: string;
  readonly #call: Call | undefined;
  readonly #streaming: TextDecoder;
  /**
   * For chunks that are complete in themselves: with ASCII it is several times as fast, and otherwise slower (`bench`,
   * lines).
   */
  readonly #whole: TextDecoder;
  #ascii = false;

  /** `name` is what a chunk is called in error messages, which are placed at the call. */
  constructor(name: string, call: Call | undefined, encoding = 'utf-8', fatal = false, ignoreBOM = false) {
    this.#name = name;
    this.#call = call;
    this.#streaming = new TextDecoder(encoding, { fatal, ignoreBOM });
    this.#whole = new TextDecoder('utf-8', { fatal, ignoreBOM: true });
  }

  decode(chunk: unknown, rule = 'bytes'): string {
    const bytes = bytesOf(chunk, this.#name, rule, this.#call);
    try {
      return this.#decode(bytes);
    } catch (error) {
      throw traced(error, this.#call);
    }
  }

  #decode(bytes: Uint8Array): string {
    // No character is unfinished after a byte of ASCII. If the chunk before was ASCII, none is unfinished here.
    const complete = bytes[bytes.length - 1]! < 0x80 && this.#streaming.encoding === 'utf-8';
    const text = this.#ascii && complete ? this.#whole.decode(bytes) : this.#streaming.decode(bytes, { stream: true });
    this.#ascii = complete && text.length === bytes.length;
    return text;
  }

  /** Returns the replacement for an unfinished character at the end. */
  end(): string {
    try {
      return this.#streaming.decode();
    } catch (error) {
      throw traced(error, this.#call);
    }
  }
}

/** Cuts text into pieces: of strings, or of bytes, which are taken for UTF-8. Lines end with CR and CRLF, too. */
export class Cutter extends Scoped<string | Bytes, string> {
  readonly #method: 'lines' | 'split';
  readonly #delimiter: string;
  readonly #maxLength: number;
  readonly #decoder: Decoder;
  #text = '';
  #start = 0;
  /**
   * The positions of the next delimiter and the next CR: the end of the text for none, before the start for unknown.
   */
  #end = 0;
  #cr = 0;
  /** The start of the next piece. It contains no delimiter, so it is not searched again when more text arrives. */
  #head = '';
  #afterCR = false;
  #empty = true;

  constructor(next: Sink<string>, scope: Scope, method: 'lines' | 'split', delimiter: string, maxLength = Infinity) {
    super(next, scope);
    this.#method = method;
    this.#decoder = new Decoder(`${method}: each chunk`, scope.call);
    this.#delimiter = delimiter;
    this.#maxLength = maxLength;
  }

  push(chunk: string | Bytes): Answer {
    return this.#add(typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, 'a string or bytes'));
  }

  override end(): Answer {
    return flush(this.next, this.scope, () =>
      after(this.#add(this.#decoder.end()), (wanted) => wanted && this.#rest()),
    );
  }

  #rest(): Answer {
    const rest = this.#head + this.#text;
    return (this.#method === 'lines' ? rest === '' : this.#empty) || this.next.push(rest);
  }

  #add(more: string): Answer {
    if (more === '') return true;
    const inLines = this.#method === 'lines';
    this.#empty = false;
    this.#text += more;
    // A line that ends with CR is given at once, and an LF that comes with the next chunk belongs to it.
    this.#start = this.#afterCR && more.startsWith('\n') ? 1 : 0;
    this.#afterCR = inLines && more.endsWith('\r');
    this.#end = -1;
    this.#cr = inLines ? -1 : this.#text.length;
    return this.#emit(true);
  }

  /** Piece by piece: gathering those of a chunk in an array first would cost more (`bench`, lines). */
  #emit(answer: Answer): Answer {
    const text = this.#text;
    const delimiter = this.#delimiter;
    while (answer === true && !this.scope.over) {
      const start = this.#start;
      const end = this.#end < start ? (this.#end = find(delimiter, text, start)) : this.#end;
      const cr = this.#cr < start ? (this.#cr = find('\r', text, start)) : this.#cr;
      const found = Math.min(end, cr);
      // If nothing is found, a delimiter may have begun at the end of the text.
      const cut = found < text.length ? found : Math.max(start, text.length - delimiter.length + 1);
      const piece = this.#head + text.slice(start, cut);
      if (piece.length > this.#maxLength) {
        throw traced(new RangeError(`lines: a line is longer than ${this.#maxLength} characters`), this.call);
      }
      if (found === text.length) {
        this.#head = piece;
        this.#text = text.slice(cut);
        return true;
      }
      this.#head = '';
      this.#start = cr + 1 < end ? cr + 1 : end + delimiter.length;
      answer = this.next.push(piece);
    }
    return typeof answer === 'object' && after(answer, this.#goOn);
  }

  readonly #goOn = (wanted: boolean): Answer => this.#emit(wanted);
}

/** The end of the text if it is not found. */
function find(what: string, text: string, start: number): number {
  const at = text.indexOf(what, start);
  return at < 0 ? text.length : at;
}
