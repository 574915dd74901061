// Wrong use is a compile error, and its message says what is wrong. These are the messages that an editor shows.
import { expect, test } from '@jest/globals';

import { typeErrors } from './support/docs.ts';

const WRONG: Readonly<Record<string, string>> = {
  'AsyncStream.of(1).flat();': [
    "The 'this' context of type 'AsyncStream<number>' is not assignable to method's 'this' of type 'AsyncStream<Streamable<unknown>>'.",
    "  Type 'number' is not assignable to type 'Streamable<unknown>'.",
  ].join('\n'),
  "AsyncStream.of('a').sum();": [
    "The 'this' context of type 'AsyncStream<string>' is not assignable to method's 'this' of type 'AsyncStream<number>'.",
    "  Type 'string' is not assignable to type 'number'.",
  ].join('\n'),
  "AsyncStream.of('a').average();": [
    "The 'this' context of type 'AsyncStream<string>' is not assignable to method's 'this' of type 'AsyncStream<number>'.",
    "  Type 'string' is not assignable to type 'number'.",
  ].join('\n'),
  'AsyncStream.of(1).toMap();': [
    "The 'this' context of type 'AsyncStream<number>' is not assignable to method's 'this' of type 'AsyncStream<Pair<unknown, unknown>>'.",
    "  Type 'number' is not assignable to type 'Pair<unknown, unknown>'.",
  ].join('\n'),
  'AsyncStream.of(1).toObject();': [
    "The 'this' context of type 'AsyncStream<number>' is not assignable to method's 'this' of type 'AsyncStream<Pair<PropertyKey, unknown>>'.",
    "  Type 'number' is not assignable to type 'Pair<PropertyKey, unknown>'.",
  ].join('\n'),
  'AsyncStream.of(1).map((x) => [x, x]).toMap();': [
    "The 'this' context of type 'AsyncStream<number[]>' is not assignable to method's 'this' of type 'AsyncStream<Pair<unknown, unknown>>'.",
    "  Type 'number[]' is not assignable to type 'Pair<unknown, unknown>'.",
    '    Target requires 2 element(s) but source may have fewer.',
  ].join('\n'),
  'AsyncStream.of(1).lines();': [
    "The 'this' context of type 'AsyncStream<number>' is not assignable to method's 'this' of type 'AsyncStream<string | ArrayBuffer | ArrayBufferView<ArrayBufferLike>>'.",
    "  Type 'number' is not assignable to type 'string | ArrayBuffer | ArrayBufferView<ArrayBufferLike>'.",
  ].join('\n'),
  "AsyncStream.of('a').decode();": [
    "The 'this' context of type 'AsyncStream<string>' is not assignable to method's 'this' of type 'AsyncStream<ArrayBuffer | ArrayBufferView<ArrayBufferLike>>'.",
    "  Type 'string' is not assignable to type 'ArrayBuffer | ArrayBufferView<ArrayBufferLike>'.",
  ].join('\n'),
  'AsyncStream.of({ size: 1 }).max();': [
    "The 'this' context of type 'AsyncStream<{ size: number; }>' is not assignable to method's 'this' of type 'AsyncStream<Ordered>'.",
    "  Type '{ size: number; }' is not assignable to type 'Ordered'.",
  ].join('\n'),
  'AsyncStream.of({ size: 1 }).top(2);': [
    "The 'this' context of type 'AsyncStream<{ size: number; }>' is not assignable to method's 'this' of type 'AsyncStream<Ordered>'.",
    "  Type '{ size: number; }' is not assignable to type 'Ordered'.",
  ].join('\n'),
  'AsyncStream.from(5);': [
    'No overload matches this call.',
    "  Overload 1 of 2, '(input: Input<unknown>): AsyncStream<unknown>', gave the following error.",
    "    Argument of type 'number' is not assignable to parameter of type 'Input<unknown>'.",
    "  Overload 2 of 2, '(input: Input<unknown>): AsyncStream<unknown>', gave the following error.",
    "    Argument of type 'number' is not assignable to parameter of type 'Input<unknown>'.",
  ].join('\n'),
  'AsyncStream.from(Promise.resolve([1]));': [
    'No overload matches this call.',
    "  Overload 1 of 2, '(input: Input<unknown>): AsyncStream<unknown>', gave the following error.",
    "    Argument of type 'Promise<number[]>' is not assignable to parameter of type 'Input<unknown>'.",
    "  Overload 2 of 2, '(input: Input<unknown>): AsyncStream<unknown>', gave the following error.",
    "    Argument of type 'Promise<number[]>' is not assignable to parameter of type 'Input<unknown>'.",
  ].join('\n'),
  'AsyncStream.create((push) => void push(1));':
    "Argument of type 'number' is not assignable to parameter of type 'ElementTypeNeeded'.",
  'AsyncStream.channel().push(1);':
    "Argument of type 'number' is not assignable to parameter of type 'ElementTypeNeeded'.",
  'AsyncStream.paginate(() => ({ rows: [1] })).take(1);':
    "Property 'take' does not exist on type 'ItemsNeeded<{ rows: number[]; }>'.",
  'AsyncStream.paginate(async () => ({ rows: [1] }), { size: 3 }).take(1);':
    "Property 'take' does not exist on type 'ItemsNeeded<{ rows: number[]; }>'.",
  'AsyncStream.paginate(async () => ({ rows: [1] }), { items: (page) => page.rows, next: (_, { page }) => page + 1 });':
    [
      'No overload matches this call.',
      '  The last overload gave the following error.',
      "    Type '(_: { rows: number[]; }, { page }: PageRequest<string>) => number' is not assignable to type '(page: { rows: number[]; }, request: PageRequest<string>) => string | null | undefined'.",
      "      Type 'number' is not assignable to type 'string'.",
    ].join('\n'),
  'AsyncStream.of(1).map((x) => x.trim());': "Property 'trim' does not exist on type 'number'.",
  'AsyncStream.of(1).map((x) => x, { concurency: 8 });':
    "Object literal may only specify known properties, but 'concurency' does not exist in type 'Concurrency<number>'. Did you mean to write 'concurrency'?",
  'AsyncStream.of(1).flatMap((x) => x);':
    "Type 'number' is not assignable to type 'Streamable<unknown> | PromiseLike<Streamable<unknown>>'.",
  "AsyncStream.of(1).flatMap(() => 'text');":
    "Type 'string' is not assignable to type 'Streamable<unknown> | PromiseLike<Streamable<unknown>>'.",
  "AsyncStream.of(1).buffer(2, { overflow: 'drop' });":
    'Type \'"drop"\' is not assignable to type \'"block" | "error" | "drop-oldest" | "drop-newest" | undefined\'.',
  'AsyncStream.of(1).first(undefined, { signal: new AbortController() });':
    "Type 'AbortController' is missing the following properties from type 'SignalLike': aborted, reason, addEventListener, removeEventListener",
  'AsyncStream.of(1).withSignal(new AbortController());': [
    "Argument of type 'AbortController' is not assignable to parameter of type 'SignalLike'.",
    "  Type 'AbortController' is missing the following properties from type 'SignalLike': aborted, reason, addEventListener, removeEventListener",
  ].join('\n'),
  'AsyncStream.of(1).then(console.log);': "Property 'then' does not exist on type 'AsyncStream<number>'.",
};

// In one program, which takes as long as one for a single statement.
const errors = typeErrors(
  Object.keys(WRONG).map((code) => ({
    file: code,
    name: 'wrong',
    line: 1,
    code: `import { AsyncStream } from 'asyncstream'; ${code}`,
  })),
);

test.each(Object.entries(WRONG))('%s', (code, message) => {
  expect(errors.filter((error) => error.startsWith(`${code}:1: `))).toEqual([`${code}:1: ${message}`]);
});
