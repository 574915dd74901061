import { checkString } from '../../arguments.ts';
import { wrongAmount } from '../../errors.ts';
import type { Stage } from '../../engine/core/sink.ts';
import type { Bytes } from '../../bytes.ts';
import { Cutter } from './text.ts';

/** The pieces are those of `String.prototype.split`, except that an empty text has none. */
export function split(delimiter: string): Stage<string | Bytes, string> {
  checkString('split: delimiter', delimiter);
  if (delimiter === '') throw wrongAmount('split: delimiter', 'a non-empty string', delimiter);
  return (next, scope) => new Cutter(next, scope, 'split', delimiter);
}
