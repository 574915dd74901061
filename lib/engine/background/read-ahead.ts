import { Producer, Branches } from './producer.ts';
import type { Channel } from './channel.ts';
import { closing, type Transform } from '../core/source.ts';

/**
 * Reads the source beside the consumer, into a channel that `open` makes for each run. What that opens itself, such as
 * timers, is a part as the source is: they are closed all at once.
 */
export function readAhead<In, Out, Held>(open: (parts: Branches) => Channel<Out, Held, In>): Transform<In, Out> {
  return {
    feed(above, next, scope) {
      const parts = new Branches(scope);
      return closing(scope, parts, () => {
        const channel = open(parts);
        new Producer(above, parts, channel).go();
        return channel.feed(next, scope);
      });
    },
  };
}
