import { checkCount, checkObject } from '../engine/arguments.ts';
import type { Stage } from '../engine/sink.ts';
import { type Bytes, cutting } from '../engine/text.ts';

export interface LinesOptions {
  /** How long a line may be, in UTF-16 code units. A longer one is a RangeError. Default Infinity. */
  readonly maxLength?: number;
}

export function lines(options: LinesOptions = {}): Stage<string | Bytes, string> {
  checkObject('lines: options', options);
  const { maxLength = Infinity } = options;
  checkCount('lines: maxLength', maxLength, 1, Infinity);
  return cutting('lines', '\n', unifying, maxLength, false);
}

/** Makes LF of each CRLF and CR. */
function unifying(): (text: string) => string {
  let afterCR = false;
  return (text) => {
    if (text === '') return text;
    // A line that ends with CR is given at once, and an LF that comes with the next chunk belongs to it.
    const rest = afterCR && text.startsWith('\n') ? text.slice(1) : text;
    afterCR = text.endsWith('\r');
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest;
  };
}
