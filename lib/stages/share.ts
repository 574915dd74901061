import { type Checks, countFrom } from '../arguments.ts';
import { type Buffering, BUFFERING, bufferingOf } from '../buffering.ts';
import { Multicast } from '../engine/sharing/multicast.ts';
import { type Answer, whenReady } from '../engine/core/answer.ts';
import { bare } from '../engine/core/plan.ts';
import { fewMicrotasks } from '../engine/core/promises.ts';
import { type Failure, Through } from '../engine/core/sink.ts';
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
  const plan = bare(source);
  let multicast: Multicast<T> | undefined;
  return {
    feed(next, scope) {
      if (!multicast?.open) {
        const link: typeof plan.link = (last, run) => plan.link(new Joining(last), run);
        multicast = new Multicast({ ...plan, link }, buffering, replay);
      }
      return multicast.join().feed(next, scope);
    },
    // Other readers are responsible for closing it, also one that begins in the same turn.
    discard: () => Promise.resolve().then(() => (multicast?.open ? undefined : source.discard())),
  };
}

/**
 * Lets the streams of one stage join before the first element, the end or an error. It may open them one by one: `takeUntil`
 * waits for a few microtasks in between, and such stages may be within each other.
 */
class Joining<T> extends Through<T, T> {
  #joined: Promise<void> | undefined = fewMicrotasks(16);

  push(value: T): Answer {
    if (this.#joined === undefined) return this.next.push(value);
    return whenReady(this.#joined, () => {
      this.#joined = undefined;
      return this.next.push(value);
    });
  }

  override end(): Answer {
    return whenReady(this.#joined, () => this.next.end());
  }

  override fail(failure: Failure): Answer {
    return whenReady(this.#joined, () => this.next.fail(failure));
  }

  override flushes(): boolean {
    return true;
  }
}
