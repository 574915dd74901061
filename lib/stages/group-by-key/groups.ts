import { GroupStalledError } from '../../errors.ts';
import type { Producer, Receiver } from '../../engine/background/producer.ts';
import { Channel } from '../../engine/background/channel.ts';
import { Supplier } from '../../engine/background/supplier.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Sink } from '../../engine/core/sink.ts';
import { closing } from '../../engine/core/part.ts';
import type { Source } from '../../engine/core/source.ts';
import { type Call, traced } from '../../engine/core/trace.ts';
import type { Answer } from '../../engine/core/answer.ts';
import { Queue } from '../../engine/structures/queue.ts';
import { mayStandStill, now } from '../../engine/time/clock.ts';
import { Deadline } from '../support/deadline.ts';
import { STALLED_AFTER, Timer } from '../../engine/time/timer.ts';
import { fairTurn } from '../../engine/time/turns.ts';
import { Oldest } from '../../oldest.ts';
import { once } from '../../once.ts';

/** An element and its key. */
export interface KeyedValue<T, K> {
  readonly value: T;
  readonly key: K;
}

/** Milliseconds for which a full group that the consumer has taken may stay unread, while it waits for something else. */
const UNREAD_AFTER = 60_000;

interface GroupLimits {
  readonly buffer: number;
  readonly maxKeys: number;
  readonly idle: number | undefined;
}

/**
 * Emits each element to the group of its key, and each new group to the consumer, as a pair of its key and its stream.
 */
export class Groups<T, K, S> extends Supplier<[K, S]> implements Receiver<KeyedValue<T, K>> {
  /** The groups that wait to be taken. */
  readonly #new = new Queue<Group<T, K>>();
  /** How many groups may wait to be taken: enough for the oldest of them to make room for another one. */
  readonly #size: number;
  readonly #limits: GroupLimits;
  readonly #scope: Scope;
  readonly #call: Call | undefined;
  readonly #toStream: (group: Source<T>) => S;
  /** The open groups. With `maxKeys` or `idle`, the one without an element for the longest time comes first. */
  readonly #open = new Map<K, Group<T, K>>();
  readonly #oldest = new Oldest(this.#open);
  readonly #timer: Timer | undefined;
  /** Not before the time that the timer has waited for: the clock may stand still. */
  #now = 0;
  #due = 0;
  /** The group of the latest element. If it is full, or too many groups wait to be taken, the source stands still. */
  #latest: Group<T, K> | undefined;
  /** Groups that the consumer has taken and not left. */
  #taken = 0;
  /** A consumer may be busy with something else before it takes the next group, or reads one. */
  readonly #patience: Deadline;
  /** Whether it has been waited for longer, as the consumer has not begun to read a group. */
  #doubted = false;

  constructor(limits: GroupLimits, scope: Scope, toStream: (group: Source<T>) => S) {
    super();
    const { buffer, maxKeys } = limits;
    this.#size = maxKeys === Infinity ? buffer : Math.max(buffer, maxKeys);
    this.#limits = limits;
    this.#scope = scope;
    this.#call = scope.call;
    this.#toStream = toStream;
    // A consumer that waits for the same macrotask, as one does every so often, continues first.
    this.#patience = new Deadline(scope, () => void fairTurn(scope).then(() => this.#checkStalled()));
    this.#timer = limits.idle === undefined ? undefined : new Timer(scope, () => this.#expire());
  }

  receive({ value, key }: KeyedValue<T, K>, source: Producer<KeyedValue<T, K>>, waited: boolean): boolean {
    let group = this.#open.get(key);
    if (group !== undefined) this.#use(group, value);
    else {
      if (this.#open.size === this.#limits.maxKeys) this.#end(this.#oldest.take());
      group = new Group(key, this.#limits.buffer, this);
      this.#use(group, value);
      this.#add(group, waited);
    }
    this.#latest = group;
    if (this.hasRoom()) return this.#limits.buffer !== Infinity || source.hurry(waited);
    this.#hold(source);
    this.#wait();
    return false;
  }

  override end(): void {
    for (const group of this.#open.values()) this.#end(group);
    super.end();
  }

  override fail(error: unknown): void {
    for (const group of this.#open.values()) group.fail(error);
    super.fail(error);
  }

  override leave(): void {
    super.leave();
    this.#new.clear();
    this.#timer?.stop();
    this.#patience.stop();
    const { reason } = this.#scope;
    const left = () => new Error('groupByKey: the stream of groups was closed before this group ended');
    if (this.#open.size > 0) this.fail(reason === undefined ? left() : reason);
    this.#open.clear();
  }

  /** Its consumer has left. The source is read on only if another consumer waits for an element. */
  left(group: Group<T, K>): void {
    this.#forget(group);
    this.#taken--;
    if (this.#isAwaited()) this.resume();
  }

  /** Resumes the source if there is room. */
  resume(): void {
    if (this.blocked.length === 0) return;
    if (this.hasRoom()) this.refill();
    else this.#wait();
  }

  override ready(): boolean {
    return this.#new.length > 0;
  }

  /** It may have left a full group while it was busy. */
  override demand(): void {
    this.resume();
  }

  override take(): [K, S] {
    const group = this.#new.shift();
    this.resume();
    group.taken = true;
    this.#taken++;
    return [group.key, this.#toStream(once(group, group, 'a group of groupByKey()', 'tee() it'))];
  }

  /** Not if groups end by themselves: that lets their consumer continue. */
  #wait(): void {
    this.#doubted = false;
    if (this.#timer === undefined) this.#patience.set(STALLED_AFTER);
  }

  /**
   * Fails if the source waits for a consumer that waits for the source: for an element of a group, or for another group,
   * and does not read the groups that block it.
   */
  #checkStalled(): void {
    if (this.blocked.length === 0 || this.hasRoom() || this.#taken === 0) return;
    const open = Array.from(this.#open.values());
    const awaited = open.filter((group) => group.awaited);
    const unread = open.filter((group) => !group.opened);
    const unopened = unread.filter((group) => group.taken).length;
    // It is busy with the elements of a group.
    if (awaited.length + unopened < this.#taken) return;
    // It takes another group, or is busy before it reads one.
    if (unopened === 0 ? this.awaited : !this.awaited && awaited.length === 0) return;
    if (unopened > 0 && !this.#doubted) {
      this.#doubted = true;
      return this.#patience.set(UNREAD_AFTER);
    }
    const keys = (groups: Group<T, K>[]) => groups.map(({ key }) => key);
    this.fail(traced(new GroupStalledError(keys(unread), keys(awaited), this.#limits.buffer), this.#call));
  }

  /** By a promise: called by the consumer that makes room, the source would get its async context. */
  #hold(source: Producer<KeyedValue<T, K>>): void {
    void new Promise<void>((resolve) => this.blocked.push({ go: resolve })).then(() => source.go());
  }

  protected override hasRoom(): boolean {
    return this.#new.length < this.#size && !this.#latest!.full;
  }

  #add(group: Group<T, K>, waited: boolean): void {
    if (this.closed) return;
    this.#new.push(group);
    this.wake(waited);
  }

  #use(group: Group<T, K>, value: T): void {
    const { maxKeys, idle } = this.#limits;
    // Without `waited`: its consumer must not continue here, in the asynchronous context of another run.
    group.put(value);
    if (idle !== undefined) {
      group.used = this.#timer!.running && mayStandStill() ? this.#due : this.#reach(now());
      if (!this.#timer!.running) this.#startTimer(idle);
    }
    if (idle !== undefined || maxKeys < Infinity) this.#forget(group);
    this.#open.set(group.key, group);
  }

  #isAwaited(): boolean {
    if (this.awaited) return true;
    for (const group of this.#open.values()) if (group.awaited) return true;
    return false;
  }

  #forget(group: Group<T, K>): void {
    if (this.#open.get(group.key) !== group) return;
    this.#open.delete(group.key);
    this.#oldest.deleted();
  }

  #end(group: Group<T, K>): void {
    group.end();
    this.#forget(group);
    this.resume();
  }

  /** Ends all that have had no element for too long, and waits for the next one that may. */
  #expire(): void {
    this.#reach(mayStandStill() ? this.#due : Math.max(this.#due, now()));
    for (const group of this.#open.values()) {
      const rest = group.used + this.#limits.idle! - this.#now;
      if (rest > 0) return this.#startTimer(rest);
      this.#end(group);
    }
  }

  #startTimer(milliseconds: number): void {
    this.#due = this.#now + milliseconds;
    this.#timer!.start(milliseconds);
  }

  #reach(time: number): number {
    return (this.#now = Math.max(this.#now, time));
  }
}

/** The elements of one key. */
class Group<T, K> extends Channel<T> implements Source<T> {
  readonly key: K;
  /** When it had its last element. */
  used = 0;
  /** The consumer has it, and has not left it. */
  taken = false;
  /** The consumer has begun to read it. */
  opened = false;
  readonly #groups: Groups<T, K, unknown>;
  #left = false;

  constructor(key: K, size: number, groups: Groups<T, K, unknown>) {
    super(size);
    this.key = key;
    this.#groups = groups;
  }

  get full(): boolean {
    return this.held.length >= this.size && !this.closed;
  }

  feed(next: Sink<T>, scope: Scope): Answer {
    this.opened = true;
    const leave = () => this.leave();
    // As soon as the run of its consumer has ended: what that has opened may take long to close.
    return closing(scope, { ending: leave, close: leave }, () => this.supply(next, scope));
  }

  discard(): void {
    this.leave();
  }

  override leave(): void {
    if (this.#left) return;
    this.#left = true;
    super.leave();
    this.#groups.left(this);
  }

  override demand(): void {
    this.#groups.resume();
  }

  override take(): T {
    const value = super.take();
    this.#groups.resume();
    return value;
  }
}
