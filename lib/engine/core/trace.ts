import { isThenable } from './promises.ts';

/** The place where an error was thrown: kept beside the error, never in it. */
export interface Place {
  /** Undefined for the terminal, until the run knows its name. */
  readonly call: Call | undefined;
  /** The index of the element, as the callback got it. */
  readonly index: number | undefined;
  /** The last call of the run that the error has left. */
  readonly last?: Call;
  /** The place in a stream that ran inside the callback, or inside the stage. */
  readonly inner: Place | undefined;
  /** How many places had been noted by then. */
  readonly at: number;
}

const places = new WeakMap<object, Place>();
const suppressions = new WeakMap<object, Map<unknown, number>>();
let noted = 0;

/** For a run that starts now: a place noted before is none of this run, although the error object is the same. */
export function placesNoted(): number {
  return noted;
}

/** Notes the place of an error, and returns the error. Only objects can have a place. */
export function traced<E>(error: E, call: Call | undefined, index?: number): E {
  if (Object(error) === error) {
    const inner = innerOf(places.get(error as object), call);
    places.set(error as object, { call, index, inner, at: ++noted });
  }
  return error;
}

/** An error object that is thrown again and again does not get a longer and longer way inwards. */
function innerOf(place: Place | undefined, call: Call | undefined): Place | undefined {
  for (let at = place; at !== undefined; at = at.inner) if (at.call === call) return at.inner;
  return place;
}

/** Notes that an error came from a stream inside a stage, unless it came from downstream of that stage. */
export function enclosed<E>(error: E, call: Call | undefined, index?: number): E {
  const place = placeOf(error);
  if (place !== undefined && (place.call === undefined || isDownstream(place.call, call))) return error;
  return traced(error, call, index);
}

/**
 * Notes where an error came from that leaves a stream inside a stage, unless it came from downstream of that stage. Its
 * last call is `last`, and it started when `since` places had been noted.
 */
export function left<E>(error: E, last: Call, since: number): E {
  if (Object(error) !== error) return error;
  let place = placeOf(error);
  if (place === undefined || place.at <= since) place = atOrigin(last);
  else if (!isDownstream(last, place.call)) return error;
  places.set(error as object, { ...place, last });
  return error;
}

/** The function, with its errors placed at the call. */
export function placing<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  call: Call | undefined,
): (...args: A) => R | Promise<Awaited<R>> {
  return (...args) => {
    try {
      const result = fn(...args);
      return isThenable(result) ? Promise.resolve(result as R).catch(placer(call)) : result;
    } catch (error) {
      throw traced(error, call);
    }
  };
}

/** A function of its own: a promise that never settles must keep nothing else of what uses it. */
function placer(call: Call | undefined): (error: unknown) => never {
  return (error) => {
    throw traced(error, call);
  };
}

function isDownstream(one: Call | undefined, call: Call | undefined): boolean {
  for (; one !== undefined; one = one.upstream) if (one === call) return true;
  return false;
}

/**
 * Completes the place of an error that leaves a run, or without a call a part of one. `since` is the number of places
 * that had been noted when it started: those of earlier runs are forgotten.
 */
export function attribute(error: unknown, call: Call | undefined, since: number, terminal?: string): void {
  if (Object(error) !== error) return;
  suppressions.get(error as object)?.forEach((at, dropped, all) => at <= since && all.delete(dropped));
  const place = pruned(placeOf(error), since) ?? (call && atOrigin(call));
  if (place === undefined) places.delete(error as object);
  else if (call === undefined) places.set(error as object, place);
  else {
    const ofTerminal = terminal === undefined ? call : { method: terminal, args: [], upstream: call, fused: true };
    places.set(error as object, { ...place, last: call, call: place.call ?? ofTerminal });
  }
}

function pruned(place: Place | undefined, since: number): Place | undefined {
  if (place === undefined || place.at <= since) return undefined;
  return { ...place, inner: pruned(place.inner, since) };
}

/**
 * The place of an error that has none: it came from the source, or from the generator of a `pipe`. An error of the
 * upstream of that, which is a run of its own, has a place by then.
 */
function atOrigin(call: Call): Place {
  while (call.upstream !== undefined && call.method !== 'pipe') call = call.upstream;
  return { call, index: undefined, inner: undefined, at: ++noted };
}

export function placeOf(error: unknown): Place | undefined {
  return places.get(Object(error) as object);
}

/** Notes an error of a cleanup that was dropped for the first error, and the errors that were dropped for that one. */
export function suppress(error: unknown, dropped: unknown): void {
  if (Object(error) !== error) return;
  const suppressed = suppressions.get(error as object) ?? new Map<unknown, number>();
  for (const one of [dropped, ...suppressedBy(dropped)]) if (one !== error) suppressed.set(one, ++noted);
  suppressions.set(error as object, suppressed);
}

export function suppressedBy(error: unknown): readonly unknown[] {
  return Array.from(suppressions.get(Object(error) as object)?.keys() ?? []);
}

/** The method call that made a stream, and the calls upstream of it. It is what a stream knows about itself. */
export interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly upstream: Call | undefined;
  /** Whether it runs in the loop of the stage before it, with no promise in between. */
  readonly fused: boolean;
  /** The stream so far, if it cannot be made again from the calls upstream: of a source, or of a shared stream. */
  readonly origin?: unknown;
}
