import { checkBoolean, checkSignal, optionsOf } from '../arguments.ts';
import { Producer } from '../engine/background/producer.ts';
import { ignore } from '../engine/core/promises.ts';
import { Part } from '../engine/core/part.ts';
import type { Transform } from '../engine/core/source.ts';
import { checkDestination, type Destination, writerOf, Outcome, Writing } from './writing/writing.ts';
import type { Ending } from '../types.ts';

/** The options of {@link AsyncStream.pipeTo | pipeTo}. */
export interface PipeToOptions extends Ending {
  /** Leaves the destination open at the end of the stream, once all elements have been written. Default false. */
  readonly preventClose?: boolean | undefined;
  /** Leaves the destination as it is when the stream fails or is aborted. Default false. */
  readonly preventAbort?: boolean | undefined;
}

/** Emits nothing: it ends when the destination has finished. */
export function pipeTo<T>(destination: Destination<T>, options?: PipeToOptions): Transform<T, never> {
  checkDestination('pipeTo: destination', destination);
  const { preventClose, preventAbort, signal } = optionsOf('pipeTo', options, {
    preventClose: checkBoolean,
    preventAbort: checkBoolean,
    signal: checkSignal,
  });
  return {
    async discard() {
      if (preventAbort) return;
      const writer = writerOf(destination, 'pipeTo', ignore);
      try {
        await writer.abort(signal?.reason);
      } finally {
        writer.release();
      }
    },
    feed(above, next, scope) {
      return new Part(scope, { together: true }).during((part) => {
        const outcome = new Outcome<never>();
        const writing = new Writing<T>(part, outcome, { preventClose, preventAbort });
        writing.open(destination, 'pipeTo', new Producer(above, part, writing));
        writing.start();
        return outcome.supply(next, scope);
      });
    },
  };
}
