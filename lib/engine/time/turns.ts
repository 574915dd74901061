import { real, realNow } from './clock.ts';
import type { Scope, Turns } from '../core/scope.ts';
import { type Answer, Awaiting } from '../core/answer.ts';

/** Counts between two turns for timers and I/O: about 100 µs. */
const YIELD_EVERY = 2000;

/** Milliseconds after which a timer gets a turn, if elements cost more. */
const YIELD_AFTER = 10;

/**
 * Counts the elements of a run that may never wait: each one that a source is asked for, since a stage may drop it, and
 * each one that arrives, since a stage may have made many of one.
 */
export class TurnCounter implements Turns {
  readonly #timed: boolean;
  #count = 0;
  #since = Infinity;

  /** `timed`: a timer must not be late, even if elements cost much. */
  constructor(timed = false) {
    this.#timed = timed;
  }

  due(waited = false): boolean {
    return ++this.#count % YIELD_EVERY === 0 || (this.#timed && this.#isLate(waited));
  }

  /** For one count in eight: whether this element and those before it have taken long. */
  #isLate(waited: boolean): boolean {
    if (waited) this.#since = Infinity;
    if (waited || this.#count % 8 > 0) return false;
    const time = realNow();
    const late = time - this.#since >= YIELD_AFTER;
    if (late || this.#since === Infinity) this.#since = time;
    return late;
  }
}

/** For what waits for a timer in this run: from now on, the sources that are opened in it let timers have their turns. */
export function pace(scope: Scope): Turns {
  return scope.turns ?? scope.pacedBy(new TurnCounter());
}

interface Timers {
  setTimeout(callback: () => void, milliseconds?: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Not in browsers. Elsewhere it comes right after the I/O that is ready, and `setTimeout` a millisecond later. */
  readonly setImmediate?: ((callback: () => void) => unknown) | undefined;
  clearImmediate(timer: unknown): void;
  readonly MessageChannel?: (new () => Record<'port1' | 'port2', Port>) | undefined;
  readonly navigator?: { readonly userAgent?: string };
}

interface Port {
  onmessage: () => void;
  postMessage(message: null): void;
  close(): void;
}

/** As they were when the library was loaded: fake timers that are never advanced must not stall a run. */
const REAL = copyOf(globalThis as unknown as Timers);

function copyOf({ setTimeout, clearTimeout, setImmediate, clearImmediate, MessageChannel, navigator }: Timers): Timers {
  // In Cloudflare Workers, messages overtake timers and I/O for ever, and timers are quick.
  const channel = navigator?.userAgent === 'Cloudflare-Workers' ? undefined : MessageChannel;
  return { setTimeout, clearTimeout, setImmediate: real(setImmediate), clearImmediate, MessageChannel: channel };
}

/** Calls it after milliseconds that fake timers do not stop. Returns a function that cancels that. */
export function realTimer(callback: () => void, milliseconds: number): () => void {
  const timer = REAL.setTimeout(callback, milliseconds);
  return () => REAL.clearTimeout(timer);
}

type Resources = Pick<Scope, 'add' | 'remove'>;

/** Resolves when its argument is called by `start`, whose result cancels that. Never settles if the run ends first. */
export function untilCalled(scope: Resources, start: (call: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const pending = {
      close: start(() => {
        scope.remove(pending);
        resolve();
      }),
    };
    scope.add(pending);
  });
}

/** Resumes each run that waits for the next macrotask. */
const waiting = new Set<() => void>();
let cancelTurn: () => void;

/**
 * Waits for a macrotask so that no timer or I/O starves. Never settles if the run ends first. All runs wait for the same
 * one: with one each, the first to be resumed would run on alone.
 */
export function fairTurn(scope: Resources): Promise<void> {
  return untilCalled(scope, (resume) => {
    waiting.add(resume);
    if (waiting.size === 1) cancelTurn = schedule(resumeAll, REAL);
    return () => {
      if (waiting.delete(resume) && waiting.size === 0) cancelTurn();
    };
  });
}

/** Waits for that macrotask before another element is read. */
export function turn(scope: Resources): Answer {
  return new Awaiting(fairTurn(scope), () => true);
}

function resumeAll(): void {
  const ready = Array.from(waiting);
  waiting.clear();
  for (const resume of ready) resume();
}

/** Calls it in a macrotask. Returns a function that cancels that. */
function schedule(
  callback: () => void,
  { setTimeout, clearTimeout, setImmediate, clearImmediate, MessageChannel }: Timers,
): () => void {
  if (setImmediate) {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  }
  if (!MessageChannel || setTimeout !== REAL.setTimeout) {
    const timer = setTimeout(callback);
    return () => clearTimeout(timer);
  }
  // In browsers, such a timer takes 4 ms, and in a hidden page a second or a minute.
  const { port1, port2 } = new MessageChannel();
  const close = () => port1.close();
  port1.onmessage = () => {
    close();
    callback();
  };
  port2.postMessage(null);
  return close;
}

/** Gives timers and I/O a turn. Never settles if the run ends first. */
export function macrotask(scope: Resources): Promise<void> {
  return untilCalled(scope, (call) => schedule(call, globalThis as unknown as Timers));
}
