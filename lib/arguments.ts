import { isThenable, markHandled } from './engine/core/promises.ts';
import { describe, detailOf, wrongAmount, wrongKind } from './errors.ts';
import type { Compare, SignalLike } from './types.ts';

function checkType(name: string, value: unknown, type: string, rule = `a ${type}`): void {
  if (typeof value !== type || value === null) throw wrongKind(name, rule, value);
}

/** The result of a callback that must not be asynchronous. */
export function checkNoPromise<T>(name: string, value: T): T {
  if (isThenable(value)) throw wrongKind(name, 'a value and not a promise', value);
  return value;
}

/**
 * A comparison whose result must be a number: promises, booleans and undefined would order nothing, in silence. Neither may
 * it be a function of one element, such as the key for `maxBy`: it compiles.
 */
export function checkedCompare<T>(method: string, compare: Compare<T>): Compare<T> {
  const name = `${method}: compare`;
  checkFunction(name, compare);
  if (compare.length === 1) throw wrongKind(name, 'a function of two elements', compare);
  return (a, b) => {
    const order = compare(a, b);
    if (typeof order !== 'number') throw wrongKind(`${method}: the result of compare`, 'a number', order);
    return order;
  };
}

export function checkFunction(name: string, value: unknown): void {
  checkType(name, value, 'function');
}

export function checkOptionalFunction(name: string, value: unknown): void {
  if (value !== undefined) checkFunction(name, value);
}

export function checkBoolean(name: string, value: unknown): void {
  checkType(name, value, 'boolean');
}

export function checkString(name: string, value: unknown): void {
  checkType(name, value, 'string');
}

/** Not an iterable: the entries of a `Map`, or the elements of a stream, would be ignored in silence. */
export function checkObject(name: string, value: unknown, rule = 'an object'): void {
  checkType(name, value, 'object', rule);
  if (Symbol.iterator in (value as object) || Symbol.asyncIterator in (value as object))
    throw wrongKind(name, rule, value);
}

/** Throws if the value is not as it must be. Errors call it `name`. */
export type Check = (name: string, value: unknown) => void;

/** The check of each option. */
export type Checks<O> = { readonly [Name in keyof O]-?: Check };

/**
 * The options, checked. An option that is undefined is not checked, unless it is `required`. Unknown options are
 * refused: JavaScript would otherwise ignore a misspelled one in silence.
 */
export function optionsOf<O extends object>(
  method: string,
  options: O | undefined,
  checks: Checks<NoInfer<O>>,
  ...required: readonly string[]
): O {
  const read: Record<string, unknown> = {};
  if (options === undefined && required.length === 0) return read as O;
  const name = `${method}: options`;
  // Inherited properties are read: the `concurrency` of a limiter would be a limit of this stage alone.
  if (isSignal(options) || 'acquire' in Object(options))
    throw wrongKind(name, 'an object', options, 'pass it as an option');
  checkObject(name, options);
  const names = Object.keys(checks);
  for (const key of Object.keys(options!)) {
    // All names: the nearest one in spelling is often not the one that was meant, such as `times` for `retries`.
    if (!names.includes(key))
      throw new TypeError(`${method}: unknown option ${describe(key)}, known: ${names.join(', ')}`);
  }
  for (const name of names) {
    const value: unknown = options![name as keyof O];
    if (value === undefined && !required.includes(name)) continue;
    checks[name as keyof O](`${method}: ${name}`, value);
    read[name] = value;
  }
  return read as O;
}

/**
 * A default, marked as handled if it is a promise. One that holds nothing but a signal is refused: it stands in the place of
 * options, and its signal would never end the run.
 */
export function checkDefault(method: string, value: unknown): void {
  markHandled(value);
  // The signal first: a default may have very many properties, or refuse to list them.
  if (isSignal(detailOf(value, 'signal')) && Object.keys(value as object).length === 1)
    throw wrongKind(`${method}: options`, 'the second argument', value);
}

export function checkArray(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw wrongKind(name, 'an array', value);
}

export function checkNumber(name: string, value: unknown, rule: string, holds: (value: number) => boolean): void {
  checkType(name, value, 'number', rule);
  if (!holds(value as number)) throw wrongAmount(name, rule, value);
}

export function checkAmount(name: string, value: unknown, rule = 'a non-negative number'): void {
  checkNumber(name, value, rule, (number) => number >= 0);
}

/** A whole number from `min` on, and with `max` Infinity that too. */
export function checkCount(name: string, value: unknown, min = 0, max?: number): void {
  // Without the message first: checks are part of each short run (`bench`, short runs).
  if (Number.isInteger(value) ? (value as number) >= min : value === max && max !== undefined) return;
  const rule = `a ${min > 0 ? 'positive' : 'non-negative'} integer${max === undefined ? '' : ' or Infinity'}`;
  checkNumber(name, value, rule, () => false);
}

export function countFrom(min: number, max?: number): Check {
  return (name, value) => checkCount(name, value, min, max);
}

/** How many milliseconds a timer takes at most: with more, it would fire at once. */
export const MAX_TIMEOUT = 2 ** 31 - 1;

export function checkDuration(name: string, value: unknown, min = 0): void {
  const rule = `a number of milliseconds from ${min} to ${MAX_TIMEOUT}`;
  checkNumber(name, value, rule, (number) => number >= min && number <= MAX_TIMEOUT);
}

/** A duration that a timer can repeat without keeping the process busy. */
export function checkInterval(name: string, value: unknown): void {
  checkDuration(name, value, 1);
}

export function oneOf(...choices: readonly string[]): Check {
  return (name, value) => {
    checkString(name, value);
    if (!choices.includes(value as string))
      throw wrongAmount(name, `one of ${choices.map(describe).join(', ')}`, value);
  };
}

export function isSignal(value: unknown): value is SignalLike {
  const { aborted, addEventListener } = Object(value) as Partial<SignalLike>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

export function checkSignal(name: string, value: unknown): void {
  if (isSignal(value)) return;
  const { signal } = Object(value) as { signal?: unknown };
  throw wrongKind(name, 'an AbortSignal', value, isSignal(signal) ? 'pass its signal' : '');
}
