import { checkBoolean, checkString, optionsOf } from '../../arguments.ts';
import { wrongAmount } from '../../errors.ts';
import { type Sink, type Stage, Scoped } from '../../engine/core/sink.ts';
import { flush } from '../support/flush.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Answer } from '../../engine/core/answer.ts';
import type { Call } from '../../engine/core/trace.ts';
import type { Bytes } from '../../bytes.ts';
import { Decoder } from './text.ts';

/** The options of {@link AsyncStream.decode | decode}. */
export interface DecodeOptions {
  /** Whether invalid bytes are a TypeError. Otherwise they become U+FFFD. Default false. */
  readonly fatal?: boolean | undefined;
  /** Whether a byte order mark at the start is kept as a character. Default false. */
  readonly ignoreBOM?: boolean | undefined;
}

export function decode(encoding = 'utf-8', options?: DecodeOptions): Stage<Bytes, string> {
  checkString('decode: encoding', encoding);
  const { fatal, ignoreBOM } = optionsOf('decode', options, { fatal: checkBoolean, ignoreBOM: checkBoolean });
  const make = (call?: Call) => new Decoder('decode: each chunk', call, encoding, fatal, ignoreBOM);
  try {
    make();
  } catch {
    throw wrongAmount('decode: encoding', 'one that TextDecoder knows', encoding);
  }
  return (next, scope) => new Decode(next, scope, make(scope.call));
}

class Decode extends Scoped<Bytes, string> {
  readonly #decoder: Decoder;

  constructor(next: Sink<string>, scope: Scope, decoder: Decoder) {
    super(next, scope);
    this.#decoder = decoder;
  }

  push(chunk: Bytes): Answer {
    return this.#emit(this.#decoder.decode(chunk));
  }

  override end(): Answer {
    return flush(this.next, this.scope, () => this.#emit(this.#decoder.end()));
  }

  #emit(text: string): Answer {
    return text === '' || this.next.push(text);
  }
}
