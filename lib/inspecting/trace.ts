import { callbackOf, labelOf, present } from './names.ts';
import { type Call, type Place, placeOf, suppressedBy } from '../engine/core/trace.ts';

/** The place that an error came from. */
export interface Trace {
  /** The label that `named()` gave to the stream. */
  readonly name?: string;
  /** The method that made the stream, such as `'paginate'`. */
  readonly source: string;
  /** The method whose callback, or whose own work, failed: that of the source, of a stage, or of the terminal. */
  readonly method: string;
  /** The name of its callback, or the start of its code if it has no name. */
  readonly callback?: string;
  /** How many calls stand upstream of it: 0 for the source, 1 for the first stage. */
  readonly position: number;
  /** The index of the element, as the callback got it. Undefined if it was not about one element. */
  readonly index?: number;
  /** Errors of cleanups that were dropped for this error. */
  readonly suppressed: readonly unknown[];
  /** The place in the stream that ran inside that callback. */
  readonly inner?: Trace;
}

export function traceOf(error: unknown): Trace | undefined {
  const place = placeOf(error);
  return place === undefined ? undefined : traceAt(place, suppressedBy(error));
}

function traceAt({ call, last, index, inner }: Place, suppressed: readonly unknown[]): Trace | undefined {
  if (call === undefined) return undefined;
  let source: Call = call;
  let position = 0;
  while (source.upstream !== undefined) {
    if (source.method !== 'named') position++;
    source = source.upstream;
  }
  return present<Trace>({
    name: labelOf(call) ?? labelOf(last),
    source: source.method,
    method: call.method,
    callback: callbackOf(call),
    position,
    index,
    suppressed,
    inner: inner && traceAt(inner, []),
  });
}
