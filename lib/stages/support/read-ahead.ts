import { Producer, type Receiver } from '../../engine/background/producer.ts';
import type { Supplier } from '../../engine/background/supplier.ts';
import type { Scope } from '../../engine/core/scope.ts';
import { Part } from '../../engine/core/part.ts';
import type { Transform } from '../../engine/core/source.ts';

/**
 * Reads the source beside the consumer, into a channel that `open` makes for each run. What that opens itself, such as
 * timers, is a part as the source is: they are closed all at once.
 */
export function readAhead<In, Out>(open: (part: Scope) => Supplier<Out> & Receiver<In>): Transform<In, Out> {
  return {
    feed(above, next, scope) {
      return new Part(scope, { together: true }).during((part) => {
        const channel = open(part);
        new Producer(above, part, channel).go();
        return channel.supply(next, scope);
      });
    },
  };
}
