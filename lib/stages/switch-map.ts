import { checkFunction } from '../arguments.ts';
import { Channel } from '../engine/background/channel.ts';
import { Producer } from '../engine/background/producer.ts';
import { feedLater } from '../engine/feeding/input.ts';
import { ignore, isThenable } from '../engine/core/promises.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Part } from '../engine/core/part.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import type { Fn, Streamable } from '../types.ts';

export function switchMap<T, R>(fn: Fn<T, Streamable<R>>): Transform<T, R> {
  return oneAtATime('switchMap', fn);
}

export function exhaustMap<T, R>(fn: Fn<T, Streamable<R>>): Transform<T, R> {
  return oneAtATime('exhaustMap', fn);
}

function oneAtATime<T, R>(method: 'switchMap' | 'exhaustMap', fn: Fn<T, Streamable<R>>): Transform<T, R> {
  checkFunction(`${method}: fn`, fn);
  return {
    feed(above, next, scope) {
      const inners = new Switch(above, method, fn, scope);
      return inners.part.during(() => inners.start().supply(next, scope));
    },
  };
}

/** An element whose inner stream will be opened. */
interface Turn<T> {
  readonly value: T;
  readonly index: number;
}

/** The inner stream of the latest element: at most one of its values, and nothing of those before it. */
class Switch<T, R> extends Channel<R> {
  /** The part of the run in which the inner streams are read. */
  readonly part: Part;
  readonly #outer: Producer<T>;
  readonly #method: 'switchMap' | 'exhaustMap';
  readonly #fn: Fn<T, Streamable<R>>;
  readonly #scope: Scope;
  #count = 0;
  /** The latest element, until its inner stream is opened. */
  #turn: Turn<T> | undefined;
  #inner: Producer<R> | undefined;
  /** The index of its element. */
  #index = 0;
  #closing = false;
  #ended = false;

  constructor(above: Source<T>, method: 'switchMap' | 'exhaustMap', fn: Fn<T, Streamable<R>>, scope: Scope) {
    super(0);
    this.#method = method;
    this.#fn = fn;
    this.#scope = scope;
    this.#outer = new Producer(above, scope, {
      receive: (value, outer, waited) => this.#receive(value, outer, waited),
      ended: () => {
        this.#ended = true;
        this.#endIfDone();
      },
      failed: (error) => this.fail(error),
    });
    // After the outer one: the inner streams are closed before it.
    this.part = new Part(scope);
  }

  start(): this {
    this.#outer.go();
    return this;
  }

  #receive(value: T, outer: Producer<T>, waited: boolean): boolean {
    if (this.closed) return false;
    const index = this.#count++;
    if (this.#method === 'switchMap' || this.#inner === undefined) this.#turnTo({ value, index });
    // An inner stream that emits synchronously still has to let the consumer run.
    return outer.hurry(waited);
  }

  #turnTo(turn: Turn<T>): void {
    this.#turn = turn;
    this.held.clear();
    if (!this.#closing) this.#leave(this.#inner);
  }

  /** Opens the next inner stream when this one is closed, which takes no time if it is stuck. */
  #leave(inner: Producer<R> | undefined): void {
    const closed = inner?.close();
    if (!isThenable(closed)) return this.#open(inner);
    this.#closing = true;
    closed.then(
      () => {
        this.#closing = false;
        this.#open(inner);
      },
      (error: unknown) => this.fail(error),
    );
  }

  #open(left: Producer<R> | undefined): void {
    if (left !== undefined) this.part.remove(left);
    this.#inner = undefined;
    const turn = this.#turn;
    if (turn === undefined || this.closed || this.#scope.over) return;
    this.#turn = undefined;
    this.#index = turn.index;
    this.#inner = new Producer(this.#source(turn), this.part, this);
    this.#inner.go();
  }

  #source({ value, index }: Turn<T>): Source<R> {
    const fn = this.#fn;
    return {
      // The context is that of the inner stream: its signal aborts when another one takes its place.
      feed: (next, scope) =>
        feedLater(fn(value, index, scope.context), next, scope, `${this.#method}: the result of fn`),
      discard: ignore,
    };
  }

  /** The inner stream has ended. */
  override ended(): void {
    this.#inner = undefined;
    this.#endIfDone();
  }

  override failed(error: unknown): void {
    this.fail(this.#inner!.placed(error, this.#index));
  }

  #endIfDone(): void {
    if (this.#ended && this.#inner === undefined && !this.#closing) this.end();
  }
}
