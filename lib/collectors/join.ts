import { checkString } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';

/** The elements as strings, with the separator between them; null and undefined as empty strings. */
export function join(separator = ','): Collector<unknown, string> {
  checkString('join: separator', separator);
  return fold({
    start: (): string[] => [],
    take(texts, value) {
      // At once: an element may be changed before the last one comes.
      // eslint-disable-next-line @typescript-eslint/no-base-to-string -- as in Array.prototype.join
      texts.push(value == null ? '' : String(value));
      return texts;
    },
    finish: (texts) => texts.join(separator),
  });
}
