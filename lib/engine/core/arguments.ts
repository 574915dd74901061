import type { Ending, SignalLike } from '../../types.ts';
import { isThenable, markHandled } from './promises.ts';

/** Names a value in an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 50)}'`;
  if (Object(value) !== value) return String(value);
  const tag = Object.prototype.toString.call(value);
  return tag === '[object Object]' ? `[object ${classOf(value as object)}]` : tag;
}

/** Without a call of anything of the value. */
function classOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const made: unknown = prototype && Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof made === 'function' && made.name !== '' ? made.name : 'Object';
}

/** `name` says the method and its argument: `map: fn`. */
export function wrongKind(name: string, rule: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${rule}, got ${describe(value)}`);
}

export function wrongAmount(name: string, rule: string, value: unknown): RangeError {
  return new RangeError(`${name} must be ${rule}, got ${describe(value)}`);
}

function checkType(name: string, value: unknown, type: string, rule = `a ${type}`): void {
  if (typeof value !== type || value === null) throw wrongKind(name, rule, value);
}

/** For what a callback answers that may not be asynchronous. */
export function checkNoPromise(name: string, value: unknown): void {
  if (!isThenable(value)) return;
  markHandled(value);
  throw wrongKind(name, 'a value and not a promise', value);
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

export function checkObject(name: string, value: unknown): void {
  checkType(name, value, 'object', 'an object');
}

export function checkArray(name: string, value: unknown): void {
  if (!Array.isArray(value)) throw wrongKind(name, 'an array', value);
}

export function checkNumber(name: string, value: unknown, rule: string, holds: (value: number) => boolean): void {
  checkType(name, value, 'number', rule);
  if (!holds(value as number)) throw wrongAmount(name, rule, value);
}

/** A whole number from `min` on, and with `max` Infinity that too. */
export function checkCount(name: string, value: unknown, min = 0, max?: number): void {
  const rule = `a ${min > 0 ? 'positive' : 'non-negative'} integer${max === undefined ? '' : ' or Infinity'}`;
  checkNumber(name, value, rule, (number) => number >= min && (Number.isInteger(number) || number === max));
}

/** How many milliseconds a timer takes at most: with more, it would fire at once. */
export const MAX_TIMEOUT = 2 ** 31 - 1;

export function checkDuration(name: string, value: unknown, min = 0): void {
  const rule = `a number of milliseconds from ${min} to ${MAX_TIMEOUT}`;
  checkNumber(name, value, rule, (number) => number >= min && number <= MAX_TIMEOUT);
}

export function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  checkString(name, value);
  if (!choices.includes(value as string)) {
    throw wrongAmount(name, `one of ${choices.map(describe).join(', ')}`, value);
  }
}

export function isSignal(value: unknown): value is SignalLike {
  const { aborted, addEventListener } = Object(value) as Partial<SignalLike>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

export function checkSignal(name: string, value: unknown): void {
  if (!isSignal(value)) throw wrongKind(name, 'an AbortSignal', value);
}

/** What a terminal was given to be ended by. */
export function signalOf(method: string, options: Ending = {}): SignalLike | undefined {
  checkObject(`${method}: options`, options);
  const { signal } = options;
  if (signal !== undefined) checkSignal(`${method}: signal`, signal);
  return signal;
}
