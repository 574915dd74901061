import { wrongKind } from '../engine/core/arguments.ts';

export type EventName = string | symbol;

type Listener = (...args: unknown[]) => void;

/** What is used of an `EventTarget`. */
export interface EventTargetLike<E> {
  addEventListener(name: string, listener: (event: E) => void): unknown;
  removeEventListener(name: string, listener: (event: E) => void): unknown;
}

/** What is used of an `EventEmitter`, or of anything like it. */
export type EventEmitterLike =
  | { on(name: string, listener: Listener): unknown; off(name: string, listener: Listener): unknown }
  | {
      addListener(name: string, listener: Listener): unknown;
      removeListener(name: string, listener: Listener): unknown;
    };

/** Says once what is done differently with an `EventTarget` and with an emitter. */
export interface Events {
  /** Answers what removes the listener. */
  listen(name: EventName, listener: Listener): () => void;
  /** The error that an event tells of. */
  errorOf(argument: unknown): unknown;
  /** The event that tells of an error, where it is always the same. */
  readonly failing: EventName | undefined;
}

type Method = (this: unknown, name: EventName, listener: unknown) => unknown;

export function eventsOf(name: string, target: unknown): Events {
  const methods = Object(target) as Record<string, Method | undefined>;
  for (const [add, remove] of WAYS) {
    const { [add]: on, [remove]: off } = methods;
    if (typeof on !== 'function' || typeof off !== 'function') continue;
    const isTarget = add === 'addEventListener';
    return {
      listen(event, listener) {
        on.call(target, event, listener);
        return () => void off.call(target, event, listener);
      },
      errorOf: (argument) => (isTarget ? ((Object(argument) as { error?: unknown }).error ?? argument) : argument),
      failing: isTarget ? undefined : 'error',
    };
  }
  throw wrongKind(name, 'an EventTarget or an EventEmitter', target);
}

const WAYS = [
  ['addEventListener', 'removeEventListener'],
  ['on', 'off'],
  ['addListener', 'removeListener'],
] as const;

/** The names of events, of which one may be given as it is. */
export function namesOf(argument: string, names: EventName | readonly EventName[]): readonly EventName[] {
  const list = Array.isArray(names) ? [...(names as readonly EventName[])] : [names as EventName];
  for (const name of list) {
    if (typeof name !== 'string' && typeof name !== 'symbol') throw wrongKind(argument, 'the name of an event', name);
  }
  return list;
}
