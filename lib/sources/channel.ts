import { type Buffering, bufferingOf } from '../buffering.ts';
import { PushChannel, type Push } from './push-channel.ts';
import { once } from '../once.ts';
import type { Source } from '../engine/core/source.ts';

export function channel<T>(options: Buffering = {}): { readonly source: Source<T>; readonly push: Push<T> } {
  const pushed = new PushChannel<T>(bufferingOf('channel', options, 0));
  const { push } = pushed;
  const source: Source<T> = {
    feed: (next, scope) => pushed.supply(next, scope),
    discard: () => pushed.leave(),
  };
  return { source: once(source, push, 'the stream of a channel', 'make another channel'), push };
}
