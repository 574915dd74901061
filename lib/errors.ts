import { markHandled } from './engine/core/promises.ts';

/** Names a value in an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 50)}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Object(value) !== value) return String(value);
  try {
    const tag = Object.prototype.toString.call(value);
    return tag === '[object Object]' ? `[object ${classOf(value as object)}]` : tag;
  } catch {
    // It refuses to say what it is.
    return '[object Object]';
  }
}

/** Without a call of anything of the value. */
function classOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const made: unknown = prototype && Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof made === 'function' && made.name !== '' ? made.name : 'Object';
}

/** A property of what was thrown, which may be anything: undefined if it cannot be read. */
export function detailOf(error: unknown, name: string): unknown {
  try {
    return (Object(error) as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/**
 * `name` says the method and its argument: `map: fn`. A refused promise is marked as handled: nothing else may hold the
 * promise that a callback has returned.
 */
export function wrongKind(name: string, rule: string, value: unknown, advice = ''): TypeError {
  markHandled(value);
  return new TypeError(`${name} must be ${rule}, got ${describe(value)}${advice && `: ${advice}`}`);
}

export function wrongAmount(name: string, rule: string, value: unknown): RangeError {
  return new RangeError(`${name} must be ${rule}, got ${describe(value)}`);
}

const PAGE = 'https://github.com/asyncstream/asyncstream/blob/main/docs/error-messages.md';

/** The message, and where it is written what to do: the page has a section for each error that has a name. */
export const documented = (name: string, message: string): string => `${message} (see ${PAGE}#${name.toLowerCase()})`;

/** Advice for something that can be run only once. */
export const makeNew = (example: string): string => `pass a function that makes a new one, as in ${example}`;

export const MAKE_NEW: string = makeNew('AsyncStream.from(() => source())');

/** A stream over a one-shot source (an iterator, a generator object, a `ReadableStream`) was run a second time. */
export class StreamConsumedError extends Error {
  override readonly name = 'StreamConsumedError';
  /** The source that had been consumed. */
  readonly source: object;

  constructor(source: object, name: string = describe(source), advice: string = MAKE_NEW) {
    super(documented('StreamConsumedError', `${name} can be run only once: ${advice}`));
    this.source = source;
  }
}

/** More elements wait to be consumed than a buffer holds, and their producer does not wait for room. */
export class OverflowError extends Error {
  override readonly name = 'OverflowError';
  /** How many elements may wait: the size of the buffer, and with `overflow: 'block'` 1024 more. */
  readonly size: number;

  constructor(size: number) {
    super(
      documented('OverflowError', `more than ${size} elements wait to be consumed: raise the buffer, or drop elements`),
    );
    this.size = size;
  }
}

/** A branch that was never read holds up the other branches: they fail with this, and the source is closed. */
export class TeeStalledError extends Error {
  override readonly name = 'TeeStalledError';
  /** The index of the branch that was never read. */
  readonly branch: number;
  /** The number of elements that wait for it: the size of its buffer. */
  readonly size: number;

  constructor(branch: number, size: number) {
    super(
      documented(
        'TeeStalledError',
        `branch ${branch} is never read, and ${size} elements wait for it: ` +
          'read all branches at the same time, close unwanted ones, or raise the buffer',
      ),
    );
    this.branch = branch;
    this.size = size;
  }
}

/**
 * The source of `groupByKey` waits for room in groups that the consumer does not read, and the consumer waits for the
 * source. All groups fail with this.
 */
export class GroupStalledError extends Error {
  override readonly name = 'GroupStalledError';
  /** The keys of the groups that the consumer has not taken, or has not begun to read. */
  readonly unread: readonly unknown[];
  /** The keys of the groups whose next element the consumer waits for. */
  readonly awaited: readonly unknown[];
  /** How many elements are held for a group. */
  readonly size: number;

  constructor(unread: readonly unknown[], awaited: readonly unknown[], size: number) {
    super(
      documented(
        'GroupStalledError',
        `groupByKey: the consumer waits for ${awaited.length > 0 ? named(awaited) : 'another group'} and does not read ${named(unread)}, which block ` +
          `the source at ${size} elements: read all groups at the same time, or raise the buffer`,
      ),
    );
    this.unread = unread;
    this.awaited = awaited;
    this.size = size;
  }
}

/** A few groups by their keys. */
function named(keys: readonly unknown[]): string {
  const more = keys.length > 5 ? [`${keys.length - 5} more`] : [];
  return `${keys.length === 1 ? 'group' : 'groups'} ${[...keys.slice(0, 5).map(describe), ...more].join(', ')}`;
}

/** A stream that was written to closed before all elements were written: an HTTP client that has gone, for example. */
export class DestinationClosedError extends Error {
  override readonly name = 'DestinationClosedError';

  constructor() {
    super(documented('DestinationClosedError', 'the destination closed before all elements were written'));
  }
}
