import { countFrom, optionsOf } from '../../arguments.ts';
import type { Stage } from '../../engine/core/sink.ts';
import type { Bytes } from '../../bytes.ts';
import { Cutter } from './text.ts';

/** The options of {@link AsyncStream.lines | lines}. */
export interface LinesOptions {
  /** How long a line may be, in UTF-16 code units. A longer one is a RangeError. Default Infinity. */
  readonly maxLength?: number | undefined;
}

export function lines(options?: LinesOptions): Stage<string | Bytes, string> {
  const { maxLength } = optionsOf('lines', options, { maxLength: countFrom(1, Infinity) });
  return (next, scope) => new Cutter(next, scope, 'lines', '\n', maxLength);
}
