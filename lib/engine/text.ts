import { wrongKind } from './arguments.ts';
import { flush } from './feed.ts';
import { type Sink, Through } from './sink.ts';
import { after, type Answer } from './suspension.ts';

/** Bytes as they come from files, sockets and responses. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

/** A TextDecoder for the chunks of one run. */
export class Decoder {
  readonly #streaming: TextDecoder;
  /** For what is complete in itself: with ASCII it is several times as fast, and else slower (`bench`, lines). */
  readonly #whole: TextDecoder | undefined;
  #ascii = false;

  constructor(encoding = 'utf-8', { fatal = false, ignoreBOM = false }: TextDecoderOptions = {}) {
    this.#streaming = new TextDecoder(encoding, { fatal, ignoreBOM });
    if (this.#streaming.encoding === 'utf-8') this.#whole = new TextDecoder('utf-8', { fatal, ignoreBOM: true });
  }

  decode(bytes: Uint8Array): string {
    // No character is unfinished after a byte of ASCII. The chunk before was ASCII, so none is unfinished here.
    const complete = bytes[bytes.length - 1]! < 0x80;
    const text = this.#ascii && complete ? this.#whole!.decode(bytes) : this.#streaming.decode(bytes, { stream: true });
    this.#ascii = this.#whole !== undefined && complete && text.length === bytes.length;
    return text;
  }

  /** What an unfinished character at the end gives. */
  end(): string {
    return this.#streaming.decode();
  }
}

/** `method` is whose chunk it is, for the error message. */
export function bytesOf(chunk: unknown, method: string, rule: string): Uint8Array {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  // Not `instanceof`: it may come from another realm, and it may be a SharedArrayBuffer.
  if (Object.prototype.toString.call(chunk).endsWith('ArrayBuffer]')) return new Uint8Array(chunk as ArrayBuffer);
  throw wrongKind(`${method}: each chunk`, rule, chunk);
}

/** Cuts text into pieces: of strings, or of bytes, which are taken for UTF-8. */
export abstract class Cutter extends Through<string | Bytes, string> {
  readonly #method: string;
  readonly #decoder = new Decoder();

  constructor(next: Sink<string>, method: string) {
    super(next);
    this.#method = method;
  }

  /** More text has come. All pieces that were complete before it have been taken. */
  protected abstract add(text: string): void;

  /** The next piece that is complete. Gathering all of a chunk in an array first would cost more (`bench`, lines). */
  protected abstract take(): string | undefined;

  /** The last piece, if the text does not end with the end of one. */
  protected abstract rest(): string | undefined;

  push(chunk: string | Bytes): Answer {
    this.add(
      typeof chunk === 'string' ? chunk : this.#decoder.decode(bytesOf(chunk, this.#method, 'a string or bytes')),
    );
    return this.#give(true);
  }

  override end(): Answer {
    if (this.next.done()) return this.next.end();
    this.add(this.#decoder.end());
    return after(this.#give(true), () => {
      const rest = this.rest();
      return flush(this.next, rest === undefined ? [] : [rest]);
    });
  }

  #give(wanted: boolean): Answer {
    let answer: Answer = wanted;
    while (answer === true) {
      const piece = this.take();
      if (piece === undefined) return true;
      answer = this.next.push(piece);
    }
    return answer === false ? false : after(answer, this.#goOn);
  }

  readonly #goOn = (wanted: boolean): Answer => this.#give(wanted);
}
