import { checkFunction } from '../engine/core/arguments.ts';
import { Producer, type Receiver } from '../engine/background/producer.ts';
import { Supplier } from '../engine/background/supplier.ts';
import { feedLater } from '../engine/feeding/input.ts';
import { ignore, isThenable, resumeInMicrotask } from '../engine/core/promises.ts';
import { Queue } from '../engine/structures/queue.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Part, type Source, type Transform } from '../engine/core/source.ts';
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
class Switch<T, R> extends Supplier<R> implements Receiver<T> {
  /** The part of the run in which the inner streams are read. */
  readonly part: Part;
  readonly #outer: Producer<T>;
  readonly #held = new Queue<R>();
  readonly #method: 'switchMap' | 'exhaustMap';
  readonly #fn: Fn<T, Streamable<R>>;
  readonly #scope: Scope;
  readonly #inners: Receiver<R> = {
    receive: (value, producer, waited) => this.#receive(value, producer, waited),
    ended: () => this.#innerEnded(),
    failed: (error, producer) => this.fail(producer.placed(error, this.#index)),
  };
  #count = 0;
  /** The latest element, until its inner stream is opened. */
  #turn: Turn<T> | undefined;
  #inner: Producer<R> | undefined;
  /** The index of its element. */
  #index = 0;
  #closing = false;
  #ended = false;

  constructor(above: Source<T>, method: 'switchMap' | 'exhaustMap', fn: Fn<T, Streamable<R>>, scope: Scope) {
    super();
    this.#method = method;
    this.#fn = fn;
    this.#scope = scope;
    this.#outer = new Producer(above, scope, this);
    // After the outer one: the inner streams are closed before it.
    this.part = new Part(scope);
  }

  start(): this {
    this.#outer.go();
    return this;
  }

  receive(value: T, outer: Producer<T>, waited: boolean): boolean {
    if (this.closed) return false;
    const index = this.#count++;
    if (this.#method === 'switchMap' || this.#inner === undefined) this.#turnTo({ value, index });
    // An inner stream that emits synchronously still has to let the consumer run.
    if (!waited) resumeInMicrotask(outer);
    return waited;
  }

  #turnTo(turn: Turn<T>): void {
    this.#turn = turn;
    this.#held.clear();
    if (!this.#closing) this.#leave(this.#inner);
  }

  override ended(): void {
    this.#ended = true;
    this.#endIfDone();
  }

  override ready(): boolean {
    return this.#held.length > 0;
  }

  override take(): R {
    return this.#held.shift();
  }

  override demand(): void {
    this.refill();
  }

  override leave(): void {
    super.leave();
    this.#held.clear();
  }

  protected override hasRoom(): boolean {
    return this.#held.length === 0;
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
    this.#inner = new Producer(this.#source(turn), this.part, this.#inners);
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

  #receive(value: R, producer: Producer<R>, waited: boolean): boolean {
    if (this.closed) return false;
    this.#held.push(value);
    this.wake(waited);
    if (this.hasRoom() && this.awaited) return true;
    // It does not go on if another one takes its place meanwhile: it is then closed.
    this.stand(producer);
    return false;
  }

  #innerEnded(): void {
    this.#inner = undefined;
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#ended && this.#inner === undefined && !this.#closing) this.end();
  }
}
