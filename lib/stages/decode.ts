import { checkBoolean, checkObject, checkString, wrongAmount } from '../engine/arguments.ts';
import { before, type Stage } from '../engine/sink.ts';
import { after, type Answer } from '../engine/suspension.ts';
import { type Bytes, bytesOf, decoder } from '../engine/text.ts';

export interface DecodeOptions {
  /** Whether invalid bytes are a TypeError. Otherwise they become U+FFFD. Default false. */
  readonly fatal?: boolean;
  /** Whether a byte order mark at the start is kept as a character. Default false. */
  readonly ignoreBOM?: boolean;
}

export function decode(encoding = 'utf-8', options: DecodeOptions = {}): Stage<Bytes, string> {
  checkString('decode: encoding', encoding);
  checkObject('decode: options', options);
  const { fatal = false, ignoreBOM = false } = options;
  checkBoolean('decode: fatal', fatal);
  checkBoolean('decode: ignoreBOM', ignoreBOM);
  const make = () => decoder(encoding, fatal, ignoreBOM);
  try {
    make();
  } catch {
    throw wrongAmount('decode: encoding', 'one that TextDecoder knows', encoding);
  }
  return (next) => {
    const decodeChunk = make();
    const give = (text: string): Answer => text === '' || next.push(text);
    return before<Bytes>(next, {
      push: (chunk) => give(decodeChunk(bytesOf(chunk, 'decode: each chunk', 'bytes'))),
      end: () => after(next.done() || give(decodeChunk()), next.end),
    });
  };
}
