import { type Journal, show } from './journal.ts';
import { type ProbeOptions, ProbeSource } from './probe.ts';
import type { World } from './world.ts';

export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'pending' }
  | { readonly kind: 'garbage'; readonly value: unknown };

/** Reads the iterator of a stage or a source, step by step, and writes down what happens. */
export class Reader {
  readonly journal: Journal;
  readonly results: unknown[] = [];
  readonly iterator: AsyncIterator<unknown>;
  readonly #world: World;
  /** The call of `next()` that has not settled yet. */
  #pending: Promise<unknown> | undefined;
  #isDropped = false;

  constructor(world: World, iterable: AsyncIterable<unknown>, journal: Journal) {
    this.#world = world;
    this.journal = journal;
    this.iterator = iterable[Symbol.asyncIterator]();
  }

  /** An `async function*` cannot be closed while it waits: the language does not allow it. */
  get isGenerator(): boolean {
    return Object.prototype.toString.call(this.iterator) === '[object AsyncGenerator]';
  }

  /** Waits for the pending call of `next()`, or calls it. */
  async next(time: 'now' | 'later' = 'later'): Promise<Outcome> {
    this.#pending ??= this.start('next');
    const outcome = await this.outcome(this.#pending, time);
    if (outcome.kind !== 'pending') this.#pending = undefined;
    return outcome;
  }

  async leave(): Promise<Outcome> {
    return this.outcome(this.start('return'));
  }

  /** Calls the method, and waits for nothing. An iterator without `return()` is just not called again. */
  start(method: 'next' | 'return'): Promise<unknown> {
    this.#isDropped ||= method === 'return' && this.iterator.return === undefined;
    this.journal.add('consumer', this.#isDropped ? `no ${method}` : method);
    const result = this.#call(method);
    // It is looked at later, perhaps after it has rejected.
    result.catch(() => undefined);
    return result;
  }

  async #call(method: 'next' | 'return'): Promise<unknown> {
    try {
      const result = this.#isDropped ? { done: true, value: undefined } : await this.iterator[method]!();
      if ((Object(result) as IteratorResult<unknown>).done) this.ended();
      return result;
    } catch (error) {
      this.ended();
      throw error;
    }
  }

  /** Called as soon as the consumer learns that the run is over. */
  ended(): void {}

  async outcome(pending: unknown, time: 'now' | 'later' = 'later'): Promise<Outcome> {
    const settled = await this.#world.settled(pending, time);
    const outcome = outcomeOf(settled);
    if (outcome.kind === 'value') this.results.push(outcome.value);
    if (outcome.kind !== 'pending') this.journal.add('consumer', `→ ${showOutcome(outcome)}`);
    return outcome;
  }

  /** Pulls until there is no further result, or there are `count` of them. Returns the last outcome. */
  async pull(count: number, time: 'now' | 'later' = 'later'): Promise<Outcome> {
    let outcome: Outcome;
    do outcome = await this.next(time);
    while (outcome.kind === 'value' && this.results.length < count);
    return outcome;
  }
}

function outcomeOf(settled: { value: unknown } | { error: unknown } | undefined): Outcome {
  if (settled === undefined) return { kind: 'pending' };
  if ('error' in settled) return { kind: 'error', error: settled.error };
  const { value } = settled;
  if (Object(value) !== value) return { kind: 'garbage', value };
  const result = value as IteratorResult<unknown>;
  return result.done ? { kind: 'end' } : { kind: 'value', value: result.value };
}

export function showOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'value':
      return show(outcome.value);
    case 'error':
      return `error ${show(outcome.error)}`;
    case 'garbage':
      return `no result object but ${show(outcome.value)}`;
    default:
      return outcome.kind;
  }
}

/** A probe that writes in the journal. */
export class JournaledSource extends ProbeSource<unknown> {
  readonly #journal: Journal;

  constructor(journal: Journal, elements: readonly unknown[], options: ProbeOptions) {
    const element = (pull: number) => {
      const value = elements[pull - 1];
      journal.add('source', `→ ${show(value)}`);
      return value;
    };
    super(element, elements.length, options);
    this.#journal = journal;
  }

  override note(entry: string): void {
    super.note(entry);
    this.#journal.add('source', entry === 'exhausted' ? '→ end' : entry === 'failed' ? '→ error' : entry);
  }
}

export type CallMode = 'sync' | 'async';

/** The callback of a stage: counts its calls, and fails or hangs at one of them. */
export class Calls {
  count = 0;
  running = 0;
  most = 0;
  /** From the end of the run on. A call is then late. */
  isOver = false;
  late = 0;
  readonly #world: Journal;
  readonly #mode: CallMode;
  readonly #failAt: number | undefined;
  readonly #error: unknown;
  readonly #hangAt: number | undefined;
  #release: (() => void) | undefined;

  constructor(journal: Journal, mode: CallMode, faults: { failAt?: number; error?: unknown; hangAt?: number }) {
    this.#world = journal;
    this.#mode = mode;
    this.#failAt = faults.failAt;
    this.#error = faults.error;
    this.#hangAt = faults.hangAt;
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }

  readonly call = <V>(value: V): V | Promise<V> => {
    const call = ++this.count;
    if (this.isOver) this.late++;
    this.#world.add('callback', `call(${show(value)})`);
    this.most = Math.max(this.most, ++this.running);
    if (this.#mode === 'async' || call === this.#hangAt) return this.#later(value, call);
    this.running--;
    if (call === this.#failAt) throw this.#error;
    return value;
  };

  async #later<V>(value: V, call: number): Promise<V> {
    try {
      if (call === this.#hangAt) await new Promise<void>((resolve) => (this.#release = resolve));
      else await new Promise<void>((resolve) => setTimeout(resolve, 1));
      if (call === this.#failAt) throw this.#error;
      return value;
    } finally {
      this.running--;
    }
  }
}
