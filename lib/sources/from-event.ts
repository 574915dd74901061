import { checkBoolean, checkFunction, checkSignal, countFrom, oneOf, optionsOf } from '../arguments.ts';
import { Channel, type OverflowPolicy } from '../engine/background/channel.ts';
import { type EventName, type Events, eventsOf, namesOf } from './events.ts';
import { ignore } from '../engine/core/promises.ts';
import { onAbort } from '../signals.ts';
import { once } from '../once.ts';
import { closing } from '../engine/core/part.ts';
import type { Source } from '../engine/core/source.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Sink } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import type { SignalLike } from '../types.ts';

/** The options of {@link AsyncStream.fromEvent | fromEvent}. */
export interface FromEventOptions {
  /** The event, or events, that end the stream. Default: none. */
  readonly end?: EventName | readonly EventName[] | undefined;
  /**
   * The event, or events, that fail the stream with their first argument; for an `EventTarget`, with the `error` of the
   * event, or with the event itself. Default: `'error'` for emitters, unless it is the streamed event; also if the
   * emitter is an `EventTarget` as well, such as the socket of `ws`. For any other `EventTarget`, none.
   */
  readonly error?: EventName | readonly EventName[] | undefined;
  /** Listens from the call on, and not from the first pull on. Such a stream can be run once. Default false. */
  readonly eager?: boolean | undefined;
  /** How many elements may wait to be consumed; `Infinity` is allowed. Default 1024. */
  readonly buffer?: number | undefined;
  /**
   * The policy for an event that arrives when the buffer is full: the stream fails with an `OverflowError` after the
   * buffered ones, or an event is dropped. Events cannot wait. Default `'error'`.
   */
  readonly overflow?: Exclude<OverflowPolicy, 'block'> | undefined;
  /** Ends the stream at once when it aborts, with `signal.reason`. */
  readonly signal?: SignalLike | undefined;
}

type Select = (...args: unknown[]) => unknown;

/** The options, checked and complete. */
interface Listening {
  readonly events: Events;
  readonly name: readonly EventName[];
  readonly end: readonly EventName[];
  readonly error: readonly EventName[];
  readonly buffer: number;
  readonly overflow: OverflowPolicy;
  readonly select: Select;
}

export function fromEvent<T>(
  target: object,
  name: EventName,
  options?: FromEventOptions & { readonly select?: Select },
): Source<T> {
  const events = eventsOf('fromEvent: target', target);
  const {
    end = [],
    error = events.failing === name ? [] : (events.failing ?? []),
    select = first,
    eager,
    buffer = 1024,
    overflow = 'error',
    signal,
  } = optionsOf('fromEvent', options, {
    select: checkFunction,
    eager: checkBoolean,
    buffer: countFrom(1, Infinity),
    overflow: oneOf('error', 'drop-oldest', 'drop-newest'),
    signal: checkSignal,
    end: ignore,
    error: ignore,
  });
  const listening: Listening = {
    events,
    name: namesOf('fromEvent: name', [name]),
    end: namesOf('fromEvent: end', end),
    error: namesOf('fromEvent: error', error),
    buffer,
    overflow,
    select,
  };
  if (!eager) return { feed: (next, scope) => new Subscription<T>(listening).feed(next, scope), discard: ignore };
  const subscription = new Subscription<T>(listening);
  if (!signal?.aborted) subscription.open(signal);
  return once(subscription, target, 'an eager stream of events', 'listen once more');
}

/** The listeners of one run. They are removed as soon as no more events are needed, and at the latest with the run. */
class Subscription<T> extends Channel<T> implements Source<T> {
  readonly #listening: Listening;
  #opened = false;
  readonly #removals: (() => void)[] = [];

  constructor(listening: Listening) {
    super(listening.buffer, listening.overflow);
    this.#listening = listening;
  }

  open(signal?: SignalLike): void {
    const { name, end, error, events } = this.#listening;
    this.#opened = true;
    try {
      // First, if one event is both an element and the end.
      this.#listen(name, (...args) => this.#give(args));
      this.#listen(end, () => this.end());
      this.#listen(error, (reason) => this.fail(events.errorOf(reason)));
      if (signal !== undefined) onAbort(signal, this, () => this.discard());
    } catch (failure) {
      this.#remove();
      throw failure;
    }
    // It may have been told of its end by now.
    if (this.closed) this.#remove();
  }

  feed(next: Sink<T>, scope: Scope): Answer {
    return closing(scope, { close: () => this.discard() }, () => {
      if (!this.#opened) this.open();
      return this.supply(next, scope);
    });
  }

  discard(): void {
    this.leave();
    this.#remove();
  }

  add(listener: { close(): void }): void {
    this.#removals.push(() => listener.close());
  }

  #listen(names: readonly EventName[], use: (...args: unknown[]) => void): void {
    const listener = (...args: unknown[]) => {
      use(...args);
      if (this.closed) this.#remove();
    };
    for (const name of names) this.#removals.push(this.#listening.events.listen(name, listener));
  }

  /** An error belongs to the stream, and not to the sender of the event. */
  #give(args: unknown[]): void {
    try {
      this.put(this.#listening.select(...args) as T);
    } catch (error) {
      this.fail(error);
    }
  }

  #remove(): void {
    while (this.#removals.length > 0) this.#removals.pop()!();
  }
}

function first(value: unknown): unknown {
  return value;
}
