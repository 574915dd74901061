import { ignore } from '../engine/core/promises.ts';
import { type Check, checkArray, checkCount, checkDuration, checkString, oneOf, optionsOf } from '../arguments.ts';
import { wrongKind } from '../errors.ts';

/** A step of a probe: the nth pull, counted from 1; the call that opens it; the call that closes it. */
export type ProbeStep = number | 'open' | 'close';

/** How the probe behaves. */
export interface ProbeOptions {
  /** The step that fails with `error`. An iterator that has failed at a pull is over. */
  readonly failAt?: ProbeStep | undefined;
  /** Default: an Error with the message `'probe'`. Any value is allowed, also a falsy one. */
  readonly error?: unknown;
  /** The step that does not settle before `release()` is called: a pull, or `'close'`. */
  readonly hangAt?: Exclude<ProbeStep, 'open'> | undefined;
  /** The number of milliseconds that each pull takes. Default 0: it settles at once. */
  readonly delay?: number | undefined;
  /**
   * `'iterator'` (the default) can be closed while a pull is pending. `'generator'` behaves as an `async function*` does:
   * closing waits for the pending pull.
   */
  readonly kind?: 'iterator' | 'generator' | undefined;
  /** The step-numbered log to write to, shared by several probes. Default: one of its own. */
  readonly log?: string[] | undefined;
  /** Precedes each of its entries in the log. */
  readonly name?: string | undefined;
}

/**
 * An async iterable that records how it is used. It can be iterated more than once; the counts are those of all its
 * iterators together.
 */
export interface Probe<T> extends AsyncIterable<T> {
  /** The number of iterators that were pulled at least once. */
  readonly opened: number;
  /** The number of `next()` calls. An exhausted source has been pulled once more than it has elements. */
  readonly pulled: number;
  /** The number of `return()` calls. */
  readonly closed: number;
  /** Whether the step of `hangAt` is pending. */
  readonly hanging: boolean;
  /** Each call and its outcome: `next`, `exhausted`, `failed`, `close`, `closed`. */
  readonly log: readonly string[];
  /** Settles the step of `hangAt`, late: with its element, the end, or the error of `failAt`. */
  release(): void;
  /**
   * Each use that breaks the protocol of iterators: a `next()` while another one is pending or after the end, a `return()`
   * after the end or for the second time; and each iterator that is still open. Empty if the consumer did nothing wrong.
   */
  faults(): string[];
}

/**
 * Returns a source of `elements` that counts how often it is opened, pulled and closed, and that can fail, hang or settle
 * late at any step.
 *
 * @param elements - The elements, or a function of the number of the pull, counted from 1, for a source without an end.
 *   Default: 1, 2, 3 and so on.
 * @throws TypeError if `elements` is neither, or an option has a wrong type; RangeError if there is no such step or kind.
 *
 * @example
 * const source = probe(['a', 'b', 'c']);
 * for await (const value of source) if (value === 'b') break;
 * [source.opened, source.pulled, source.closed]; // => [1, 2, 1]
 * source.faults(); // => []
 */
export function probe<T = number>(
  elements?: Iterable<T> | ((pull: number) => T),
  options: ProbeOptions = {},
): Probe<T> {
  optionsOf('probe', options, {
    failAt: stepOr('open', 'close'),
    error: ignore,
    hangAt: stepOr('close'),
    delay: checkDuration,
    kind: oneOf('iterator', 'generator'),
    log: checkArray,
    name: checkString,
  });
  if (elements === undefined) return new ProbeSource((pull) => pull as T, Infinity, options);
  if (typeof elements === 'function') return new ProbeSource(elements, Infinity, options);
  if ((Object(elements) as Partial<Iterable<T>>)[Symbol.iterator] === undefined) {
    throw wrongKind('probe: elements', 'an iterable or a function', elements);
  }
  const list = Array.from(elements);
  return new ProbeSource((pull) => list[pull - 1]!, list.length, options);
}

/** The number of a pull, or one of the names. A step that does not exist would never fail or hang. */
function stepOr(...names: readonly string[]): Check {
  const check = oneOf(...names);
  return (name, value) => (typeof value === 'string' ? check(name, value) : checkCount(name, value, 1));
}

type State = 'made' | 'open' | 'exhausted' | 'failed' | 'closed';

export class ProbeSource<T> implements Probe<T> {
  opened = 0;
  pulled = 0;
  closed = 0;
  readonly log: string[];
  readonly element: (pull: number) => T;
  readonly length: number;
  readonly options: ProbeOptions;
  readonly #faults: string[] = [];
  readonly #iterators: ProbeIterator<T>[] = [];
  #release: (() => void) | undefined;

  constructor(element: (pull: number) => T, length: number, options: ProbeOptions) {
    this.element = element;
    this.length = length;
    this.options = options;
    this.log = options.log ?? [];
  }

  get hanging(): boolean {
    return this.#release !== undefined;
  }

  release(): void {
    if (this.#release === undefined) throw new Error('probe: no step hangs');
    this.#release();
    this.#release = undefined;
  }

  faults(): string[] {
    const open = this.#iterators.filter(({ state }) => state === 'open');
    return [...this.#faults, ...open.map(() => 'left open')];
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    this.failsAt('open');
    const iterator = new ProbeIterator(this);
    this.#iterators.push(iterator);
    return iterator;
  }

  note(entry: string): void {
    const { name } = this.options;
    this.log.push(name === undefined ? entry : `${name} ${entry}`);
  }

  fault(fault: string): void {
    this.#faults.push(fault);
  }

  failsAt(step: ProbeStep): void {
    if (this.options.failAt === step) throw 'error' in this.options ? this.options.error : new Error('probe');
  }

  hangsAt(step: ProbeStep): Promise<void> | undefined {
    if (this.options.hangAt !== step) return undefined;
    return new Promise((resolve) => (this.#release = resolve));
  }
}

class ProbeIterator<T> implements AsyncIterator<T, undefined> {
  state: State = 'made';
  readonly #source: ProbeSource<T>;
  #pulls = 0;
  #pending: Promise<unknown> | undefined;

  constructor(source: ProbeSource<T>) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const source = this.#source;
    source.note('next');
    source.pulled++;
    if (this.#pending !== undefined) source.fault('next() while another one is pending');
    if (this.state === 'made') {
      source.opened++;
      this.state = 'open';
    } else if (this.state !== 'open') {
      source.fault(`next() when ${this.state}`);
      return Promise.resolve({ done: true, value: undefined });
    }
    const pull = this.#pull(++this.#pulls);
    this.#pending = pull;
    return pull;
  }

  async #pull(pull: number): Promise<IteratorResult<T, undefined>> {
    const source = this.#source;
    const { delay = 0 } = source.options;
    try {
      await source.hangsAt(pull);
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      source.failsAt(pull);
      if (pull > source.length) return this.#end('exhausted', { done: true, value: undefined });
      return { done: false, value: source.element(pull) };
    } catch (error) {
      this.#end('failed', undefined);
      throw error;
    } finally {
      this.#pending = undefined;
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const source = this.#source;
    source.note('close');
    source.closed++;
    if (this.state !== 'made' && this.state !== 'open') source.fault(`return() when ${this.state}`);
    if (source.options.kind === 'generator') await this.#pending?.catch(() => undefined);
    this.state = 'closed';
    try {
      await source.hangsAt('close');
      source.failsAt('close');
    } finally {
      source.note('closed');
    }
    return { done: true, value: undefined };
  }

  /** An iterator that was closed while a pull was pending stays closed. */
  #end<R>(state: State, result: R): R {
    if (this.state === 'open') {
      this.state = state;
      this.#source.note(state);
    }
    return result;
  }
}
