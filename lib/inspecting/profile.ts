import { checkFunction, checkInterval, optionsOf } from '../arguments.ts';
import { after, type Answer } from '../engine/core/answer.ts';
import type { BufferOptions } from '../stages/buffer.ts';
import type { Call } from '../engine/core/trace.ts';
import { callbackOf, present } from './names.ts';
import { isThenable } from '../engine/core/promises.ts';
import { type Failure, type Sink, type Stage, Through } from '../engine/core/sink.ts';
import type { Source } from '../engine/core/source.ts';
import { feedApart } from '../stages/support/relay.ts';
import { Paced, Reporter } from './reporter.ts';

/** The options of {@link AsyncStream.profile | profile}. */
export interface ProfileOptions {
  /** Milliseconds between two reports. Default: one report, when the run is over. */
  readonly every?: number | undefined;
}

/** The source or one stage of a profiled stream. Times are in milliseconds. */
export interface StageProfile {
  /** The method of `AsyncStream` that made it. */
  readonly method: string;
  /** The name of its callback, or the start of its code if it has no name. */
  readonly callback?: string;
  /** The number of elements that it has taken. */
  readonly in: number;
  /** The number of elements that it has emitted. */
  readonly out: number;
  /** The time that its callbacks took, added up: with `concurrency`, more than has elapsed. */
  readonly inCallbacks: number;
  /** How many callbacks run now. */
  readonly inFlight: number;
  /** How many callbacks ran at once at most. */
  readonly mostInFlight: number;
  /** The time in which it waited for its source or the stages before it. */
  readonly waitingUpstream: number;
  /** The time in which it waited for the stages after it. */
  readonly waitingDownstream: number;
  /** For a `buffer`: how many elements it holds. */
  readonly held?: number;
  /** For a `buffer`: how many elements it held at most. */
  readonly mostHeld?: number;
  /** For a `buffer`: how full it was on average, from 0 to 1. */
  readonly fullness?: number;
  /**
   * The part of the elapsed time, from 0 to 1, in which it was at work: it neither waited for the stages before it, nor for
   * those after it. The bottleneck has the most.
   */
  readonly busy: number;
}

/** The figures of a run, stage by stage. */
export interface Profile {
  /** Milliseconds since the run started. */
  readonly elapsed: number;
  /** Whether the run is over. */
  readonly done: boolean;
  /** The source, and then the stages in the order in which elements pass them. */
  readonly stages: readonly StageProfile[];
  /** The name of the stage that limits the throughput, such as `'map(fetchUser)'`, or `'downstream'` for the consumer. */
  readonly bottleneck: string;
}

/** Makes the stream of the calls again, with each callback replaced by what `wrap` returns and a stage after each call. */
export type Rebuild = (
  calls: readonly Call[],
  wrap: (index: number, args: readonly unknown[]) => readonly unknown[],
  meter: (index: number) => Stage<unknown, unknown>,
) => Source<unknown>;

export function profile<T>(
  above: Source<T>,
  call: Call,
  rebuild: Rebuild,
  report: (profile: Profile) => unknown,
  options?: ProfileOptions,
): Source<T> {
  checkFunction('profile: report', report);
  const { every } = optionsOf('profile', options, { every: checkInterval });
  return {
    feed: (next, scope) =>
      feedApart(above, next, scope, (sink, run) => {
        const profiler = new Profiler(callsOf(call));
        const source = profiler.metered(rebuild);
        const reporter = new Reporter(report, (over) => profiler.profile(over), every, run);
        return reporter.during(() => {
          reporter.begin();
          return source.feed(every === undefined ? sink : new Paced(sink, run), run);
        });
      }),
    discard: () => above.discard(),
    once: above.once,
  };
}

/** From the call that can be run anew, which is a source or a shared stream, to the last one. */
function callsOf(last: Call): Call[] {
  const calls: Call[] = [];
  let call: Call | undefined = last;
  while (call !== undefined) {
    if (call.method !== 'named') calls.unshift(call);
    call = call.origin === undefined ? call.upstream : undefined;
  }
  return calls;
}

class Profiler {
  readonly #meters: readonly Meter[];
  readonly #start = performance.now();

  constructor(calls: readonly Call[]) {
    let upstream: Meter | undefined;
    this.#meters = calls.map((call) => (upstream = new Meter(call, this.#start, upstream)));
  }

  /** The source of the calls, with a meter after each of them. */
  metered(rebuild: Rebuild): Source<unknown> {
    const meters = this.#meters;
    return rebuild(
      meters.map(({ call }) => call),
      (index, args) => meters[index]!.timedArguments(args),
      (index) => (sink) => new Metering(sink, meters[index]!),
    );
  }

  profile(done: boolean): Profile {
    const now = performance.now();
    const elapsed = now - this.#start;
    const stages = this.#meters.map((meter) => meter.profile(now, elapsed));
    return { elapsed, done, stages, bottleneck: this.#bottleneck(now, elapsed, stages) };
  }

  #bottleneck(now: number, elapsed: number, stages: readonly StageProfile[]): string {
    let most = this.#meters.at(-1)!.blocked.total(now) / elapsed;
    let name = 'downstream';
    for (const [index, { busy }] of stages.entries()) {
      if (busy <= most) continue;
      most = busy;
      name = this.#meters[index]!.name;
    }
    return name;
  }
}

/** How long something has lasted, added up. */
class Stopwatch {
  #total = 0;
  #since = -1;

  set(running: boolean, now: number): void {
    if (running === this.running) return;
    if (!running) this.#total += now - this.#since;
    this.#since = running ? now : -1;
  }

  get running(): boolean {
    return this.#since >= 0;
  }

  total(now: number): number {
    return this.#total + (this.#since < 0 ? 0 : now - this.#since);
  }
}

type Callback = (...args: unknown[]) => unknown;

/** The arguments that are elements: the method, and the position. */
const ELEMENTS = /^(?:append|prepend|intersperse|defaultIfEmpty|heartbeat|scan1)/;

/** The figures of one call in one run. */
class Meter {
  readonly call: Call;
  readonly blocked = new Stopwatch();
  readonly #upstream: Meter | undefined;
  following: Meter | undefined;
  /** It has not ended, and nothing that it has emitted waits to be consumed. */
  readonly idle = new Stopwatch();
  /** It is idle, though its source waits for it or has ended: it is in a callback, a pause or an inner stream. */
  readonly #working = new Stopwatch();
  /** How many elements a `buffer` may hold. */
  readonly #size: number | undefined;
  /** It drops what it has no room for. */
  readonly #drops: boolean;
  #dropped = 0;
  readonly #full = new Stopwatch();
  readonly #empty = new Stopwatch();
  in = 0;
  out = 0;
  #mostHeld = 0;
  #heldTime = 0;
  #heldSince: number;
  #held = 0;
  #inFlight = 0;
  #mostInFlight = 0;
  #inCallbacks = 0;

  constructor(call: Call, now: number, upstream: Meter | undefined) {
    this.call = call;
    this.#upstream = upstream;
    if (upstream !== undefined) upstream.following = this;
    this.#size = call.method === 'buffer' ? (call.args[0] as number) : undefined;
    this.#drops = String((call.args[1] as BufferOptions | undefined)?.overflow).startsWith('drop');
    this.#heldSince = now;
    this.idles(true, now);
    this.#empty.set(true, now);
  }

  get name(): string {
    return `${this.call.method}(${callbackOf(this.call) ?? ''})`;
  }

  /** The arguments, with callbacks that are timed. A function that is an element or a seed is not called by the stage. */
  timedArguments(args: readonly unknown[]): readonly unknown[] {
    return args.map((arg, at) =>
      typeof arg === 'function' && !ELEMENTS.test(this.call.method + String(at)) ? this.#timed(arg as Callback) : arg,
    );
  }

  /** It keeps its name for `explain` and `traceOf`. */
  #timed(fn: Callback): Callback {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the function below has a `this` of its own
    const meter = this;
    const timed = function (this: unknown, ...args: unknown[]): unknown {
      const start = performance.now();
      meter.#mostInFlight = Math.max(meter.#mostInFlight, ++meter.#inFlight);
      let pending = false;
      try {
        const result = fn.apply(this, args);
        pending = isThenable(result);
        return pending ? Promise.resolve(result).finally(() => meter.#ran(start)) : result;
      } finally {
        if (!pending) meter.#ran(start);
      }
    };
    return Object.defineProperty(timed, 'name', { value: callbackOf({ args: [fn] }) });
  }

  #ran(start: number): void {
    this.#inCallbacks += performance.now() - start;
    this.#inFlight--;
  }

  takes(now: number): void {
    this.in++;
    this.#holds(now);
  }

  /** It emits an element, and stands still until that has been consumed. */
  emits(now: number): void {
    this.out++;
    this.blocked.set(true, now);
    this.idles(false, now);
    this.#holds(now);
    this.following?.takes(now);
  }

  goesOn(wanted: boolean, now: number): void {
    this.blocked.set(false, now);
    this.idles(wanted, now);
  }

  idles(idle: boolean, now: number): void {
    this.idle.set(idle, now);
    this.works(now);
    this.following?.works(now);
  }

  works(now: number): void {
    this.#working.set(this.idle.running && this.#upstream?.idle.running !== true, now);
  }

  #holds(now: number): void {
    if (this.#size === undefined) return;
    this.#heldTime += this.#held * (now - this.#heldSince);
    this.#heldSince = now;
    const held = this.in - this.out - this.#dropped;
    // A buffer that blocks drops nothing: one element more than its size is on its way downstream.
    if (this.#drops) this.#dropped += Math.max(0, held - this.#size);
    this.#held = Math.min(this.#size, Math.max(0, held));
    this.#mostHeld = Math.max(this.#mostHeld, this.#held);
    this.#full.set(this.#held >= this.#size, now);
    this.#empty.set(this.#held === 0, now);
  }

  profile(now: number, elapsed: number): StageProfile {
    const size = this.#size;
    const heldTime = this.#heldTime + this.#held * (now - this.#heldSince);
    return present<StageProfile>({
      method: this.call.method,
      callback: callbackOf(this.call),
      in: this.in,
      out: this.out,
      inCallbacks: this.#inCallbacks,
      inFlight: this.#inFlight,
      mostInFlight: this.#mostInFlight,
      waitingUpstream: this.#upstream?.idle.total(now) ?? 0,
      waitingDownstream: this.blocked.total(now),
      ...(size !== undefined && { held: this.#held, mostHeld: this.#mostHeld, fullness: heldTime / elapsed / size }),
      busy: this.#busyTime(now) / elapsed,
    });
  }

  #busyTime(now: number): number {
    if (this.#size === undefined) return this.#working.total(now);
    // Too small a buffer is full for a part of the time and empty for another one: each side waits for the other in turn.
    return 2 * Math.min(this.#full.total(now), this.#empty.total(now));
  }
}

/** Stands after a stage, and before the next one. */
class Metering extends Through<unknown, unknown> {
  readonly #meter: Meter;

  constructor(next: Sink<unknown>, meter: Meter) {
    super(next);
    this.#meter = meter;
  }

  push(value: unknown): Answer {
    this.#meter.emits(performance.now());
    return after(this.next.push(value), (wanted) => {
      this.#meter.goesOn(wanted, performance.now());
      return wanted;
    });
  }

  /** A source that is run again, as by `repeat`, starts once more. */
  override start(): Answer {
    this.#meter.idles(true, performance.now());
    return this.next.start();
  }

  override end(): Answer {
    this.#meter.idles(false, performance.now());
    return this.next.end();
  }

  override fail(failure: Failure): Answer {
    this.#meter.idles(false, performance.now());
    return this.next.fail(failure);
  }
}
