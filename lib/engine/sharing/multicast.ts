import { TeeStalledError } from '../../errors.ts';
import { type BufferingLimits, Channel } from '../background/channel.ts';
import { Driver, GivingSink, UNTIL_DEMAND } from '../core/driver.ts';
import { enter, exit, ignore, resumeInMicrotask } from '../core/promises.ts';
import { Queue } from '../structures/queue.ts';
import { Ring } from '../structures/ring.ts';
import type { Plan } from '../core/plan.ts';
import type { Scope } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import { closing } from '../core/part.ts';
import type { Source } from '../core/source.ts';
import type { Answer } from '../core/answer.ts';
import { traced } from '../core/trace.ts';
import { STALLED_AFTER, Timer } from '../time/timer.ts';
import { fairTurn, TurnCounter } from '../time/turns.ts';

/**
 * One run for several subscribers. It takes an element from its source only when a subscriber wants one that is not
 * there, and when none is full that it has to wait for. It is closed when the last subscriber leaves.
 *
 * It continues in turns of its own, and so do the subscribers. On the stack of another, it or they would see the
 * asynchronous context of that one.
 */
export class Multicast<T> extends Driver<T> {
  readonly #buffering: BufferingLimits;
  #recent: Ring<T> | undefined;
  readonly #subscribers = new Set<Subscriber<T>>();
  /** The subscribers that have taken every element, and want more. */
  readonly #wanting = new Set<Subscriber<T>>();
  /** The subscribers that have no room. */
  readonly #full = new Set<Subscriber<T>>();
  readonly #turns = this.scope.pacedBy(new TurnCounter());
  readonly #patience = new Timer(this.scope, () => this.#checkUnread());
  /** Resumes it. */
  #wake: () => void = () => void Promise.resolve().then(this.#resume);

  constructor(plan: Plan<T>, buffering: BufferingLimits, replay = 0) {
    super(plan);
    this.#buffering = buffering;
    this.#recent = replay > 0 ? new Ring(replay) : undefined;
  }

  /** Another subscriber, of all that comes from now on, and of what is replayed. */
  join(): Subscriber<T> {
    const subscriber = new Subscriber<T>(this, this.#subscribers.size, this.#buffering, this.#recent?.toArray() ?? []);
    this.#subscribers.add(subscriber);
    return subscriber;
  }

  /** Passes an element to the given subscribers. The run is suspended until one of them wants another. */
  give(value: T, subscribers: Iterable<Subscriber<T>> = this.#subscribers): Answer {
    this.#recent?.put(value);
    for (const subscriber of subscribers) {
      this.#wanting.delete(subscriber);
      if (subscriber.accept(value)) this.#full.add(subscriber);
      // An overflow has ended this subscriber, and the others continue.
      if (subscriber.closed) this.dismiss(subscriber)?.catch(ignore);
    }
    return UNTIL_DEMAND;
  }

  readonly #resume = (): void => this.advance(undefined);

  readonly #untilWanted = (): Promise<void> =>
    new Promise((resolve) => {
      this.#wake = resolve;
      this.#goOn();
    });

  want(subscriber: Subscriber<T>): void {
    this.#wanting.add(subscriber);
    this.#goOn();
  }

  freed(subscriber: Subscriber<T>): void {
    if (this.#full.delete(subscriber)) this.#goOn();
  }

  /**
   * The run of the subscriber has ended, and may take long to close: the others continue. Without others, the source is
   * read no more, and is closed in its turn.
   */
  leaving(subscriber: Subscriber<T>, reason: unknown): void {
    if (this.#forget(subscriber)) return;
    // Its source may be the branch of another one: more of them than the stack takes, in long chains.
    if (!enter()) return resumeInMicrotask({ go: () => this.ending(reason) });
    this.ending(reason);
    exit();
  }

  /** Continues without the subscriber, or closes the source with the last one. */
  dismiss(subscriber: Subscriber<T>): void | Promise<void> {
    if (!this.#forget(subscriber)) return this.close();
  }

  /** Continues with the other subscribers. Returns whether there are any. */
  #forget(subscriber: Subscriber<T>): boolean {
    this.#subscribers.delete(subscriber);
    this.#wanting.delete(subscriber);
    this.#full.delete(subscriber);
    this.#goOn();
    return this.#subscribers.size > 0;
  }

  #goOn(): void {
    if (this.over || this.#wanting.size === 0) return;
    if (this.#full.size > 0) return this.#wait();
    const wake = this.#wake;
    this.#wake = ignore;
    wake();
  }

  /** A subscriber that starts to read meanwhile is in time. */
  #wait(): void {
    if (!this.#patience.running && this.#unread() !== undefined) this.#patience.start(STALLED_AFTER);
  }

  /** A subscriber that is full and was never read. */
  #unread(): Subscriber<T> | undefined {
    for (const subscriber of this.#full) if (!subscriber.started) return subscriber;
    return undefined;
  }

  #checkUnread(): void {
    const [waiting] = this.#wanting;
    const unread = this.#unread();
    if (waiting !== undefined && unread !== undefined) this.scope.interrupt(waiting.stalledBy(unread));
  }

  protected last(): Sink<T> {
    return new GivingSink(this);
  }

  /** Continues in a turn of its own, when another element is wanted. */
  protected deliver(): boolean {
    const wanted = this.#turns.due() ? fairTurn(this.scope).then(this.#untilWanted) : this.#untilWanted();
    void wanted.then(this.#resume);
    return false;
  }

  /** Frees the replay buffer: no consumer can join any more. */
  protected override leave(): void {
    super.leave();
    this.#recent = undefined;
  }

  protected ended(): void {
    for (const subscriber of this.#subscribers) subscriber.end();
  }

  protected failed(error: unknown): void {
    for (const subscriber of this.#subscribers) subscriber.fail(error);
  }
}

/** The queue of a multicast for one consumer. The elements themselves are not copied. */
export class Subscriber<T> extends Channel<T> implements Source<T> {
  readonly index: number;
  readonly #multicast: Multicast<T>;
  readonly #size: number;
  /** Taken first, and beyond the buffer: a consumer that has just joined is not slow. */
  readonly #replayed = new Queue<T>();
  #run: Scope | undefined;

  constructor(multicast: Multicast<T>, index: number, { buffer, overflow }: BufferingLimits, replayed: readonly T[]) {
    super(buffer, overflow);
    this.index = index;
    this.#multicast = multicast;
    this.#size = overflow === 'block' ? buffer : Infinity;
    for (const value of replayed) this.#replayed.push(value);
  }

  get started(): boolean {
    return this.#run !== undefined;
  }

  stalledBy({ index }: Subscriber<T>): Error {
    return traced(new TeeStalledError(index, this.#size), this.call);
  }

  /** Returns whether it is full, so that the others must wait for it. */
  accept(value: T): boolean {
    this.put(value);
    return this.held.length >= this.#size;
  }

  feed(next: Sink<T>, scope: Scope): Answer {
    this.#run = scope;
    this.call = scope.call;
    const subscription = {
      ending: (reason: unknown) => {
        this.leave();
        this.#multicast.leaving(this, reason);
      },
      close: () => this.discard(),
    };
    return closing(scope, subscription, () => this.supply(next, scope));
  }

  discard(): void | Promise<void> {
    this.leave();
    return this.#multicast.dismiss(this);
  }

  override leave(): void {
    super.leave();
    this.#replayed.clear();
  }

  override ready(): boolean {
    return this.#replayed.length > 0 || super.ready();
  }

  override demand(): void {
    if (!this.ready() && !this.closed) this.#multicast.want(this);
  }

  override take(): T {
    if (this.#replayed.length > 0) return this.#replayed.shift();
    const value = super.take();
    this.#multicast.freed(this);
    return value;
  }

  /** An abort of the run that is read is one of the run that reads, so it must not be caught there either. */
  override exhausted(): boolean {
    try {
      return super.exhausted();
    } catch (error) {
      if (this.#multicast.scope.isAbort(error)) this.#run!.aborting(error);
      throw error;
    }
  }
}
