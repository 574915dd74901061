import { wrongKind } from '../errors.ts';

/** The name of an event. */
export type EventName = string | symbol;

type Listener = (...args: unknown[]) => void;

/** The part of an `EventTarget` that is used. */
export interface EventTargetLike<E> {
  addEventListener(name: string, listener: (event: E) => void): unknown;
  removeEventListener(name: string, listener: (event: E) => void): unknown;
}

/** The part of an `EventEmitter` that is used. */
export type EventEmitterLike =
  | {
      on(name: string, listener: (...args: unknown[]) => void): unknown;
      off(name: string, listener: (...args: unknown[]) => void): unknown;
    }
  | {
      addListener(name: string, listener: (...args: unknown[]) => void): unknown;
      removeListener(name: string, listener: (...args: unknown[]) => void): unknown;
    };

/** The argument of the handler property of an event, such as `onclick`; never if there is none. */
type Handled<T, N> = N extends string
  ? T extends Readonly<Record<`on${N}`, infer Handler>>
    ? NonNullable<Handler> extends (event: infer E) => unknown
      ? E
      : never
    : never
  : never;

/** The method that adds a listener, if its overloads name events. */
type Adding<T> = T extends { on: infer On } ? On : T extends { addListener: infer Add } ? Add : never;

// More overloads than the emitters of Node have. The overloads that a type lacks are inferred as unknown.
type Overloads<F> = F extends {
  (name: infer N1, listener: infer L1): unknown;
  (name: infer N2, listener: infer L2): unknown;
  (name: infer N3, listener: infer L3): unknown;
  (name: infer N4, listener: infer L4): unknown;
  (name: infer N5, listener: infer L5): unknown;
  (name: infer N6, listener: infer L6): unknown;
  (name: infer N7, listener: infer L7): unknown;
  (name: infer N8, listener: infer L8): unknown;
  (name: infer N9, listener: infer L9): unknown;
  (name: infer N10, listener: infer L10): unknown;
  (name: infer N11, listener: infer L11): unknown;
  (name: infer N12, listener: infer L12): unknown;
}
  ? | [N1, L1]
    | [N2, L2]
    | [N3, L3]
    | [N4, L4]
    | [N5, L5]
    | [N6, L6]
    | [N7, L7]
    | [N8, L8]
    | [N9, L9]
    | [N10, L10]
    | [N11, L11]
    | [N12, L12]
  : never;

/** The arguments of the overload that names the event; never if none does. */
type Emitted<Overload, N> = Overload extends [infer Name, (...args: infer A) => unknown]
  ? N extends Name
    ? string extends Name
      ? never
      : Told<A>
    : never
  : never;

// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore Where the types of Node are not loaded, or their `EventEmitter` is not generic, it is `any`. */
type NodeEmitter<M extends Record<keyof M, unknown[]>> = import('node:events').EventEmitter<M>; // eslint-disable-line @typescript-eslint/consistent-type-imports

/** The arguments of an event of an `EventEmitter<Map>`; never if there is no such event. */
type Mapped<T, N> = T extends NodeEmitter<infer M> ? (N extends keyof M ? Told<M[N]> : never) : never;

/** The arguments, if they are those of one event: a generic method gives a union of all, and one without types `any[]`. */
type Told<A, All = A> = A extends readonly unknown[]
  ? unknown[] extends A
    ? never
    : [All] extends [A]
      ? A
      : never
  : never;

/** The arguments of an event, if the type of the target tells them, and never otherwise. */
export type KnownEvent<T, N> = T extends { addEventListener: unknown }
  ? [Handled<T, N>] extends [never]
    ? never
    : [event: Handled<T, N>]
  : Emitted<Overloads<Adding<T>>, N> | Mapped<T, N>;

/** The first argument of an event. */
export type FirstOf<A extends readonly unknown[]> = A extends readonly [] ? undefined : A[0];

/** The differences between an `EventTarget` and an emitter, in one place. */
export interface Events {
  /** Returns a function that removes the listener. */
  listen(name: EventName, listener: Listener): () => void;
  /** The error that an event tells of. */
  errorOf(argument: unknown): unknown;
  /** The event that reports an error, if it is always the same. */
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
      // An emitter throws for an error without a listener, also if it is an `EventTarget` too.
      failing: isTarget && typeof methods['on'] !== 'function' ? undefined : 'error',
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
