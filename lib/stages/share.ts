import { type Checks, countFrom } from '../arguments.ts';
import { type Buffering, BUFFERING, bufferingOf } from '../buffering.ts';
import { Multicast } from '../engine/sharing/multicast.ts';
import { bare } from '../engine/core/plan.ts';
import type { Source } from '../engine/core/source.ts';

/** The options of {@link AsyncStream.share | share}. */
export interface ShareOptions extends Buffering {
  /** How many of the last elements a consumer gets that joins later; `Infinity` is allowed. Default 0. */
  readonly replay?: number | undefined;
}

const CHECKS: Checks<ShareOptions> = { ...BUFFERING, replay: countFrom(0, Infinity) };

export function share<T>(source: Source<T>, options: ShareOptions = {}): Source<T> {
  const buffering = bufferingOf('share', options, 1, CHECKS);
  const { replay = 0 } = options;
  let multicast: Multicast<T> | undefined;
  return {
    feed(next, scope) {
      if (!multicast?.open) multicast = new Multicast(bare(source), buffering, replay);
      return multicast.join().feed(next, scope);
    },
    // Other readers are responsible for closing it, also one that begins in the same turn.
    discard: () => Promise.resolve().then(() => (multicast?.open ? undefined : source.discard())),
  };
}
