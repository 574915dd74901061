import { wrongKind } from './arguments.ts';
import { flush } from './feed.ts';
import { before, type Stage } from './sink.ts';
import { after, type Answer } from './suspension.ts';

/** Bytes as they come from files, sockets and responses. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

/** Decodes the chunks of one run; without a chunk, what an unfinished character at the end gives. */
export function decoder(encoding = 'utf-8', fatal = false, ignoreBOM = false): (bytes?: Uint8Array) => string {
  const streaming = new TextDecoder(encoding, { fatal, ignoreBOM });
  // For what is complete in itself: with ASCII it is several times as fast, and else slower (`bench`, lines).
  const whole = streaming.encoding === 'utf-8' && new TextDecoder('utf-8', { fatal, ignoreBOM: true });
  let ascii = false;
  return (bytes) => {
    // No character is unfinished after a byte of ASCII. If the chunk before was ASCII, none is unfinished here.
    const complete = whole && bytes && bytes[bytes.length - 1]! < 0x80;
    const text = ascii && complete ? whole.decode(bytes) : streaming.decode(bytes, { stream: bytes !== undefined });
    ascii = complete === true && text.length === bytes.length;
    return text;
  };
}

/** `name` is what the chunk is called in the error message. */
export function bytesOf(chunk: unknown, name: string, rule: string): Uint8Array {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  // Not `instanceof`: it may come from another realm, and it may be a SharedArrayBuffer.
  if (Object.prototype.toString.call(chunk).endsWith('ArrayBuffer]')) return new Uint8Array(chunk as ArrayBuffer);
  throw wrongKind(name, rule, chunk);
}

/**
 * Cuts text into pieces: of strings, or of bytes, which are taken for UTF-8. What comes of each chunk by `preparing`, made
 * for each run, is what is cut.
 */
export function cutting(
  method: string,
  delimiter: string,
  preparing: () => (text: string) => string,
  maxLength: number,
  lastEmpty: boolean,
): Stage<string | Bytes, string> {
  return (next) => {
    const decode = decoder();
    const prepare = preparing();
    let text = '';
    let start = 0;
    /** Of the next piece: no delimiter begins in it, so that it is not searched again when more text comes. */
    let head = '';
    let lastPiece = false;

    /** Piece by piece: gathering those of a chunk in an array first would cost more (`bench`, lines). */
    function give(answer: Answer): Answer {
      while (answer === true) {
        const end = text.indexOf(delimiter, start);
        // Nothing is found: a delimiter may have begun at the end of the text.
        const cut = end < 0 ? Math.max(start, text.length - delimiter.length + 1) : end;
        const piece = head + text.slice(start, cut);
        if (piece.length > maxLength) throw new RangeError(`${method}: a line is longer than ${maxLength} characters`);
        if (end < 0) {
          head = piece;
          text = text.slice(cut);
          start = 0;
          return true;
        }
        head = '';
        start = end + delimiter.length;
        answer = next.push(piece);
      }
      return answer && after(answer, give);
    }

    function add(more: string): Answer {
      lastPiece ||= lastEmpty && more !== '';
      text += prepare(more);
      return give(true);
    }

    return before<string | Bytes>(next, {
      push: (chunk) =>
        add(typeof chunk === 'string' ? chunk : decode(bytesOf(chunk, `${method}: each chunk`, 'a string or bytes'))),
      end: () =>
        after(next.done() || add(decode()), () => {
          const rest = head + text;
          return flush(next, lastPiece || rest !== '' ? [rest] : []);
        }),
    });
  };
}
