import { checkCount } from '../engine/core/arguments.ts';
import { type Buffering, bufferingOf } from '../engine/background/buffering.ts';
import { Hub } from '../engine/sharing/multicast.ts';
import { bare } from '../engine/core/run.ts';
import type { Source } from '../engine/core/source.ts';

export interface ShareOptions extends Buffering {
  /** How many of the last elements a consumer gets that comes later; `Infinity` is allowed. Default 0. */
  readonly replay?: number;
}

export function share<T>(source: Source<T>, options: ShareOptions = {}): Source<T> {
  const buffering = bufferingOf('share', options);
  const { replay = 0 } = options;
  checkCount('share: replay', replay, 0, Infinity);
  let hub: Hub<T> | undefined;
  return {
    feed(next, scope) {
      if (!hub?.running) hub = new Hub(bare(source), buffering, replay);
      return hub.join().feed(next, scope);
    },
    // What others are reading is theirs to close.
    discard: () => (hub?.running ? undefined : source.discard()),
  };
}
