import { describe as group, expect, test } from '@jest/globals';
import {
  checkBoolean,
  checkCount,
  checkDefault,
  checkDuration,
  checkFunction,
  checkNumber,
  checkObject,
  checkOptionalFunction,
  checkSignal,
  checkString,
} from '../lib/arguments.ts';
import { describe, wrongAmount, wrongKind } from '../lib/errors.ts';
import { refusal } from './support/failures.ts';

const NAME = 'method: argument';
const values: readonly unknown[] = [undefined, null, true, 0, NaN, 1n, '', Symbol('s'), {}, [], () => 1, Map];

/** Which of the values are let through. */
const accepted = (check: (value: unknown) => void) =>
  values.filter((value) => refusal(() => check(value)) === 'not refused');

group('describe', () => {
  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [-1.5, '-1.5'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [5n, '5n'],
    [Symbol('s'), 'Symbol(s)'],
    ['', "''"],
    ['2', "'2'"],
    ['x'.repeat(50), `'${'x'.repeat(50)}'`],
    [{}, '[object Object]'],
    [Object.create(null), '[object Object]'],
    [Object.create(function Cursor() {}.prototype), '[object Cursor]'],
    [Object.create((() => function () {})().prototype), '[object Object]'],
    [new AbortController(), '[object AbortController]'],
    [[], '[object Array]'],
    [(function* () {})(), '[object Generator]'],
    [new Date(NaN), '[object Date]'],
    [() => 1, '[object Function]'],
  ])('names %p', (value, name) => {
    expect(describe(value)).toBe(name);
  });

  test('keeps it short', () => {
    expect(describe('x'.repeat(10_000)).length).toBeLessThan(100);
    expect(describe({ text: 'x'.repeat(10_000) }).length).toBeLessThan(100);
    expect(describe(Array(10_000).fill(1)).length).toBeLessThan(100);
  });

  test('calls nothing of the value', () => {
    const touchy = {
      toString() {
        throw new Error('toString');
      },
      toJSON() {
        throw new Error('toJSON');
      },
      get constructor(): never {
        throw new Error('constructor');
      },
    };
    expect(describe(touchy)).toBe('[object Object]');
  });

  test('names also what refuses to say what it is', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(describe(proxy)).toBe('[object Object]');
  });
});

group('an argument error', () => {
  test('says whose argument it is, what it must be, and what it was', () => {
    expect(String(wrongKind(NAME, 'a function', 5))).toBe('TypeError: method: argument must be a function, got 5');
    expect(String(wrongAmount(NAME, 'less than 5', 5))).toBe('RangeError: method: argument must be less than 5, got 5');
  });

  test('is one of those that everybody knows', () => {
    expect(wrongKind(NAME, 'a function', 5)).toBeInstanceOf(TypeError);
    expect(wrongAmount(NAME, 'less than 5', 5)).toBeInstanceOf(RangeError);
  });
});

group.each<[kind: string, check: (name: string, value: unknown) => void, taken: unknown[], rule: string]>([
  ['checkFunction', checkFunction, values.slice(-2), 'a function'],
  ['checkOptionalFunction', checkOptionalFunction, [undefined, ...values.slice(-2)], 'a function'],
  ['checkBoolean', checkBoolean, [true], 'a boolean'],
  ['checkString', checkString, [''], 'a string'],
  ['checkObject', checkObject, [values[8]], 'an object'],
])('%s', (_kind, check, taken, rule) => {
  test('takes only these', () => {
    expect(accepted((value) => check(NAME, value))).toEqual(taken);
  });

  test('refuses others with a TypeError', () => {
    expect(refusal(() => check(NAME, null))).toBe(`TypeError: method: argument must be ${rule}, got null`);
    expect(refusal(() => check(NAME, 5))).toBe(`TypeError: method: argument must be ${rule}, got 5`);
  });
});

group('checkNumber', () => {
  const check = (value: unknown) => checkNumber(NAME, value, 'a positive number', (number) => number > 0);

  test('takes numbers for which the rule holds', () => {
    expect(refusal(() => check(0.5))).toBe('not refused');
  });

  test('refuses other numbers with a RangeError', () => {
    expect(refusal(() => check(0))).toBe('RangeError: method: argument must be a positive number, got 0');
    expect(refusal(() => check(NaN))).toBe('RangeError: method: argument must be a positive number, got NaN');
  });

  test('refuses what is no number with a TypeError, and asks nothing of it', () => {
    expect(refusal(() => check('1'))).toBe("TypeError: method: argument must be a positive number, got '1'");
    expect(refusal(() => check(null))).toBe('TypeError: method: argument must be a positive number, got null');
    expect(refusal(() => check({ valueOf: () => 1 }))).toBe(
      'TypeError: method: argument must be a positive number, got [object Object]',
    );
    expect(refusal(() => check(1n))).toMatch(/^TypeError: method: argument must be a positive number, got 1/);
  });
});

group('checkCount', () => {
  const numbers = [-Infinity, -1, -0.5, -0, 0, 0.5, 1, 2 ** 53, Infinity, NaN];

  test.each<[rule: string, limits: [min?: number, max?: number], taken: number[]]>([
    ['a non-negative integer', [], [-0, 0, 1, 2 ** 53]],
    ['a positive integer', [1], [1, 2 ** 53]],
    ['a non-negative integer or Infinity', [0, Infinity], [-0, 0, 1, 2 ** 53, Infinity]],
    ['a positive integer or Infinity', [1, Infinity], [1, 2 ** 53, Infinity]],
  ])('takes %s', (rule, limits, taken) => {
    const verdicts = numbers.map((number) => refusal(() => checkCount(NAME, number, ...limits)));
    expect(verdicts).toEqual(
      numbers.map((number) =>
        taken.includes(number) ? 'not refused' : `RangeError: method: argument must be ${rule}, got ${number}`,
      ),
    );
    expect(refusal(() => checkCount(NAME, '1', ...limits))).toBe(
      `TypeError: method: argument must be ${rule}, got '1'`,
    );
    expect(refusal(() => checkCount(NAME, undefined, ...limits))).toBe(
      `TypeError: method: argument must be ${rule}, got undefined`,
    );
  });
});

test('checkDuration takes what a timer can wait for', () => {
  const verdicts = [0, 2 ** 31 - 1, 2 ** 31, -1].map((number) => refusal(() => checkDuration(NAME, number)));
  const rule = 'must be a number of milliseconds from 0 to 2147483647';
  expect(verdicts).toEqual([
    'not refused',
    'not refused',
    `RangeError: ${NAME} ${rule}, got 2147483648`,
    `RangeError: ${NAME} ${rule}, got -1`,
  ]);
});

test('checkSignal advises to pass the signal of a controller', () => {
  const refused = `TypeError: ${NAME} must be an AbortSignal, got`;
  const values = [new AbortController().signal, new AbortController(), { aborted: false }];
  expect(values.map((value) => refusal(() => checkSignal(NAME, value)))).toEqual([
    'not refused',
    `${refused} [object AbortController]: pass its signal`,
    `${refused} [object Object]`,
  ]);
});

test('checkDefault refuses what holds a signal and nothing else', () => {
  const { signal } = new AbortController();
  const values = [{ signal }, { signal, body: 1 }, { signal: 1 }, null, 'signal'];
  expect(values.map((value) => refusal(() => checkDefault('first', value)))).toEqual([
    'TypeError: first: options must be the second argument, got [object Object]',
    ...Array<string>(4).fill('not refused'),
  ]);
});
