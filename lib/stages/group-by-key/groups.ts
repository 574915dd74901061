import { GroupStalledError, StreamConsumedError } from '../../errors.ts';
import type { Producer } from '../../engine/background/producer.ts';
import { Channel } from '../../engine/background/channel.ts';
import type { Scope } from '../../engine/core/scope.ts';
import type { Sink } from '../../engine/core/sink.ts';
import { closing, type Source } from '../../engine/core/source.ts';
import type { Answer } from '../../engine/core/answer.ts';
import { Timer } from '../../engine/time/timer.ts';

/** An element and its key. */
export interface KeyedValue<T, K> {
  readonly value: T;
  readonly key: K;
}

interface GroupLimits {
  readonly buffer: number;
  readonly maxKeys: number;
  readonly idle: number | undefined;
}

/**
 * Emits each element to the group of its key, and each new group to the consumer, as a pair of its key and its stream.
 */
export class Groups<T, K, S> extends Channel<[K, S], Group<T, K>, KeyedValue<T, K>> {
  /** How many groups may wait to be taken: enough for the oldest of them to make room for another one. */
  readonly #size: number;
  readonly #limits: GroupLimits;
  readonly #scope: Scope;
  readonly #toStream: (group: Source<T>) => S;
  /** The open groups. With `maxKeys` or `idle`, the one without an element for the longest time comes first. */
  readonly #open = new Map<K, Group<T, K>>();
  // Kept: a new iterator would walk over the places of all that were deleted before it comes to the oldest.
  readonly #oldest = this.#open.values();
  readonly #timer: Timer | undefined;
  /** Resumes the source, which is blocked because this group is full, or too many groups wait to be taken. */
  #release: (() => void) | undefined;
  #latest: Group<T, K> | undefined;
  /** Groups that the consumer has taken and not left. */
  #taken = 0;
  /** Another turn of the event loop in which a consumer may still continue. */
  readonly #patience: Timer;

  constructor(limits: GroupLimits, scope: Scope, toStream: (group: Source<T>) => S) {
    const size = limits.maxKeys === Infinity ? limits.buffer : Math.max(limits.buffer, limits.maxKeys);
    super(size);
    this.#size = size;
    this.#limits = limits;
    this.#scope = scope;
    this.#toStream = toStream;
    this.#patience = new Timer(scope, () => this.#checkStalled());
    this.#timer = limits.idle === undefined ? undefined : new Timer(scope, () => this.#expire());
  }

  override receive({ value, key }: KeyedValue<T, K>, source: Producer<KeyedValue<T, K>>, waited: boolean): boolean {
    let group = this.#open.get(key);
    if (group !== undefined) this.#use(group, value);
    else {
      if (this.#open.size === this.#limits.maxKeys) this.#end(this.#oldest.next().value!);
      group = new Group(key, this.#limits.buffer, this);
      this.#use(group, value);
      this.put(group, waited);
    }
    this.#latest = group;
    if (this.#hasRoom) return this.#limits.buffer !== Infinity || source.hurry(waited);
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

  /** The consumer has left, or all has come to its end. */
  close(): void {
    this.#timer?.stop();
    this.#patience.stop();
    const { reason } = this.#scope;
    const left = () => new Error('groupByKey: the stream of groups was left before this group was at its end');
    if (this.#open.size > 0) this.fail(reason === undefined ? left() : reason);
    this.#open.clear();
  }

  /** Its consumer has left. The source is read on only if another consumer waits for an element. */
  left(group: Group<T, K>): void {
    this.#forget(group);
    if (group.taken) this.#taken--;
    if (this.#release !== undefined && this.#isAwaited()) this.resume();
  }

  /** Resumes the source if there is room. */
  resume(): void {
    const release = this.#release;
    if (release === undefined) return;
    if (!this.#hasRoom) return this.#wait();
    this.#release = undefined;
    release();
  }

  override demand(): void {
    this.resume();
  }

  protected override refill(): void {
    this.resume();
  }

  override take(): [K, S] {
    const group = this.held.shift();
    this.resume();
    group.taken = true;
    this.#taken++;
    return [group.key, this.#toStream(group)];
  }

  /** Not if groups end by themselves: that lets their consumer continue. */
  #wait(): void {
    if (this.#timer === undefined && !this.#patience.running) this.#patience.start(0);
  }

  /**
   * Whether the source waits for a consumer that waits for the source: it has taken groups, waits for elements of each
   * of them, and takes no other group before.
   */
  #isStalled(): boolean {
    if (this.#release === undefined || this.#hasRoom || this.awaited || this.#taken === 0) return false;
    return this.#awaitedGroups().length === this.#taken;
  }

  #awaitedGroups(): Group<T, K>[] {
    return Array.from(this.#open.values()).filter((group) => group.awaited);
  }

  #checkStalled(): void {
    if (!this.#isStalled()) return;
    const unread = Array.from(this.#open.values()).filter((group) => !group.taken);
    const keys = (groups: Group<T, K>[]) => groups.map(({ key }) => key);
    this.fail(new GroupStalledError(keys(unread), keys(this.#awaitedGroups()), this.#limits.buffer));
  }

  /** By a promise: called by the consumer that makes room, the source would get its async context. */
  #hold(source: Producer<KeyedValue<T, K>>): void {
    void new Promise<void>((resolve) => (this.#release = resolve)).then(() => source.go());
  }

  get #hasRoom(): boolean {
    return this.held.length < this.#size && !this.#latest!.full;
  }

  #use(group: Group<T, K>, value: T): void {
    const { maxKeys, idle } = this.#limits;
    group.give(value);
    if (idle !== undefined) {
      group.used = performance.now();
      if (!this.#timer!.running) this.#timer!.start(idle);
    }
    if (idle !== undefined || maxKeys < Infinity) this.#open.delete(group.key);
    this.#open.set(group.key, group);
  }

  #isAwaited(): boolean {
    if (this.awaited) return true;
    for (const group of this.#open.values()) if (group.awaited) return true;
    return false;
  }

  #forget(group: Group<T, K>): void {
    if (this.#open.get(group.key) === group) this.#open.delete(group.key);
  }

  #end(group: Group<T, K>): void {
    group.end();
    this.#forget(group);
    this.resume();
  }

  /** Ends all that have had no element for too long, and waits for the next one that may. */
  #expire(): void {
    for (const group of this.#open.values()) {
      const rest = group.used + this.#limits.idle! - performance.now();
      if (rest > 0) return this.#timer!.start(rest);
      this.#end(group);
    }
  }
}

/** The elements of one key. */
class Group<T, K> extends Channel<T> implements Source<T> {
  readonly key: K;
  /** When it had its last element. */
  used = 0;
  /** The consumer has it, and has not left it. */
  taken = false;
  readonly #size: number;
  readonly #groups: Groups<T, K, unknown>;
  #opened = false;
  #left = false;

  constructor(key: K, size: number, groups: Groups<T, K, unknown>) {
    super(size);
    this.key = key;
    this.#size = size;
    this.#groups = groups;
  }

  get full(): boolean {
    return this.held.length >= this.#size && !this.closed;
  }

  /** Its consumer must not continue from here: it may belong to another run, and to another async context. */
  give(value: T): void {
    this.put(value, false);
  }

  override feed(next: Sink<T>, scope: Scope): Answer {
    if (this.#opened) throw new StreamConsumedError(this);
    this.#opened = true;
    return closing(scope, { close: () => this.leave() }, () => super.feed(next, scope));
  }

  discard(): void {
    if (!this.#opened) this.leave();
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

  protected override refill(): void {
    this.#groups.resume();
  }
}
