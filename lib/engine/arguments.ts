/** Names a value in an error message: what it is, and short. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `a string of ${value.length} characters` : `'${value}'`;
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const name = tag === 'Object' ? (value.constructor as { name?: string } | undefined)?.name : tag;
  return name && name !== 'Object' ? `an object of type ${name}` : 'an object';
}

export function wrongKind(name: string, rule: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${rule}, got ${describe(value)}`);
}

export function wrongAmount(name: string, rule: string, value: unknown): RangeError {
  return new RangeError(`${name} must be ${rule}, got ${describe(value)}`);
}

/** `name` says the method and its argument: `map: fn`. */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongKind(name, 'a function', value);
}

export function checkOptionalFunction(name: string, value: unknown): void {
  if (value !== undefined) checkFunction(name, value);
}

export function checkCount(name: string, value: unknown, { min = 0, orInfinity = false } = {}): void {
  const rule = `${min === 0 ? 'a non-negative' : 'a positive'} integer${orInfinity ? ' or Infinity' : ''}`;
  checkNumber(
    name,
    value,
    rule,
    (number) => number >= min && (Number.isInteger(number) || (orInfinity && number === Infinity)),
  );
}

export function checkNumber(name: string, value: unknown, rule: string, holds: (value: number) => boolean): void {
  if (typeof value !== 'number') throw wrongKind(name, rule, value);
  if (!holds(value)) throw wrongAmount(name, rule, value);
}

export function checkObject(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw wrongKind(name, 'an object', value);
}

export function checkBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw wrongKind(name, 'a boolean', value);
}

export function checkOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  const rule = allowed.map(describe).join(' or ');
  if (typeof value !== 'string') throw wrongKind(name, rule, value);
  if (!allowed.includes(value)) throw wrongAmount(name, rule, value);
}

/** How many callbacks run at once. */
export interface Concurrency {
  /** Callbacks that run at the same time. This version runs them one after the other: only 1 is accepted. Default 1. */
  readonly concurrency?: number;
}

export function checkConcurrency(method: string, options: Concurrency = {}): void {
  checkObject(`${method}: options`, options);
  const { concurrency = 1 } = options;
  checkCount(`${method}: concurrency`, concurrency, { min: 1, orInfinity: true });
  if (concurrency > 1) throw wrongAmount(`${method}: concurrency`, '1 in this version', concurrency);
}
