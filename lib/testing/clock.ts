/** The parts of the platform that know the time, as far as virtual time replaces them. */
interface Platform {
  setTimeout(callback: () => void, milliseconds?: number): unknown;
  MessageChannel?: new () => { port1: Port; port2: Port };
  setImmediate?(callback: () => void): unknown;
  performance: { now(): number };
  AbortSignal: { timeout?(milliseconds: number): AbortSignal };
  Date: DateConstructor;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  close(): void;
}

type Callback = (...args: unknown[]) => unknown;
type Kind = 'setTimeout' | 'setInterval' | 'setImmediate';

const platform = globalThis as unknown as Platform;

/** As they were when the kit was loaded. Timers that another library has faked by then never fire by themselves. */
const { setImmediate, setTimeout, MessageChannel } = platform;
const faked = 'clock' in setTimeout;

/** Virtual dates begin here, so that every run sees the same ones. */
const EPOCH = Date.UTC(2000, 0, 1);

/** Waits for a real macrotask: until then, every microtask that is ready runs, and every one that follows from it. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (!faked && setImmediate !== undefined) return void setImmediate(resolve);
    if (MessageChannel === undefined) return void setTimeout(resolve, 0);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A timer in virtual time. In place of the object that Node returns, and of the number that browsers return. */
export class VirtualTimer {
  readonly id: number;
  readonly kind: Kind;
  readonly delay: number;
  readonly call: () => unknown;
  due: number;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, id: number, kind: Kind, delay: number, call: () => unknown) {
    this.#clock = clock;
    this.id = id;
    this.kind = kind;
    this.delay = delay;
    this.call = call;
    this.due = clock.now + delay;
  }

  refresh(): this {
    this.due = this.#clock.now + this.delay;
    this.#clock.timers.delete(this.id);
    this.#clock.timers.set(this.id, this);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  close(): this {
    this.#clock.timers.delete(this.id);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }
}

/**
 * Virtual time. While it is installed, `setTimeout`, `setInterval`, `setImmediate`, `Date`, `performance.now` and
 * `AbortSignal.timeout` follow it, and it moves only when a timer is fired.
 */
export class VirtualClock {
  /** Milliseconds since it was installed. */
  now = 0;
  /** Pending timers by id, in the order in which they were set. */
  readonly timers = new Map<number, VirtualTimer>();
  static #installed: VirtualClock | undefined;
  readonly #replaced: [object: object, key: string, was: PropertyDescriptor | undefined][] = [];
  #ids = 0;

  /** Replaces the timers of the platform until `uninstall()`. `caller` names the function that needs them. */
  install(caller: string): void {
    if (VirtualClock.#installed !== undefined) {
      throw new Error(`${caller}: another run in virtual time is in progress: await it first`);
    }
    VirtualClock.#installed = this;
    const add =
      (kind: Kind) =>
      (callback: Callback, delay?: unknown, ...args: unknown[]) =>
        this.#add(kind, callback, Math.max(Math.trunc(Number(delay)) || 0, 1), args);
    const clear = (timer: unknown) => void this.timers.delete(Number(timer ?? NaN));
    const origin = Math.ceil(platform.performance.now());
    this.#replace(globalThis, 'setTimeout', add('setTimeout'));
    this.#replace(globalThis, 'setInterval', add('setInterval'));
    this.#replace(globalThis, 'clearTimeout', clear);
    this.#replace(globalThis, 'clearInterval', clear);
    if (platform.setImmediate !== undefined) {
      const immediate = (callback: Callback, ...args: unknown[]) => this.#add('setImmediate', callback, 0, args);
      this.#replace(globalThis, 'setImmediate', immediate);
      this.#replace(globalThis, 'clearImmediate', clear);
    }
    this.#replace(
      globalThis,
      'Date',
      virtualDate(platform.Date, () => EPOCH + this.now),
    );
    this.#replace(platform.performance, 'now', () => origin + this.now);
    if (platform.AbortSignal.timeout !== undefined) {
      this.#replace(platform.AbortSignal, 'timeout', (milliseconds: number) => {
        const controller = new AbortController();
        const abort = () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError'));
        this.#add('setTimeout', abort, milliseconds, []);
        return controller.signal;
      });
    }
  }

  uninstall(): void {
    VirtualClock.#installed = undefined;
    for (const [object, key, was] of this.#replaced.splice(0)) {
      if (was === undefined) Reflect.deleteProperty(object, key);
      else Object.defineProperty(object, key, was);
    }
  }

  /** Starts anew: at 0, without a timer. */
  reset(): void {
    this.now = 0;
    this.timers.clear();
    this.#ids = 0;
  }

  /** Ids grow in the order in which timers are set. */
  nextId(): number {
    return ++this.#ids;
  }

  /** Lets every microtask run that is ready, and every real macrotask that a library has set itself. */
  async settle(): Promise<void> {
    await macrotask();
    await macrotask();
  }

  /** The timer that is due first, and was set first among those due at the same time. */
  first(): VirtualTimer | undefined {
    let first: VirtualTimer | undefined;
    for (const timer of this.timers.values()) if (first === undefined || timer.due < first.due) first = timer;
    return first;
  }

  /** Moves the time to that of the timer, unless it is past, and calls it. */
  fire(timer: VirtualTimer): void {
    this.now = Math.max(this.now, timer.due);
    if (timer.kind === 'setInterval') timer.refresh();
    else this.timers.delete(timer.id);
    timer.call();
  }

  /** Fires every timer that is due until then, one after the other, and lets follow what follows from each. */
  async advanceTo(time: number): Promise<void> {
    await this.settle();
    for (let timer = this.first(); timer !== undefined && timer.due <= time; timer = this.first()) {
      this.fire(timer);
      await this.settle();
    }
    this.now = Math.max(this.now, time);
  }

  #add(kind: Kind, callback: Callback, delay: number, args: readonly unknown[]): VirtualTimer {
    const timer = new VirtualTimer(this, this.nextId(), kind, delay, () => callback(...args));
    this.timers.set(timer.id, timer);
    return timer;
  }

  #replace(object: object, key: string, value: unknown): void {
    this.#replaced.push([object, key, Object.getOwnPropertyDescriptor(object, key)]);
    Object.defineProperty(object, key, { value, configurable: true, writable: true, enumerable: true });
  }
}

function virtualDate(Real: DateConstructor, now: () => number): DateConstructor {
  return new Proxy(Real, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver): unknown => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}
