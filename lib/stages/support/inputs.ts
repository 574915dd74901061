import { checkObject } from '../../arguments.ts';
import { wrongKind } from '../../errors.ts';
import type { Source } from '../../engine/core/source.ts';
import { sourceOf } from '../../engine/feeding/input.ts';
import type { Input } from '../../types.ts';

export function sourcesOf<T>(method: string, inputs: readonly Input<T>[]): Source<T>[] {
  // A copy: `map` skips holes. Not by `Array.from`, which would take a tenth of a short run (`bench`, short runs).
  return [...inputs].map((input) => sourceOf(input, `${method}: input`));
}

/** The inputs of a method that takes them in one array, and another argument after it. */
export function listedSourcesOf<T>(method: string, inputs: readonly Input<T>[], second: unknown): Source<T>[] {
  const advice = `pass the inputs as in ${method}([a, b])`;
  if (!Array.isArray(inputs)) throw wrongKind(`${method}: inputs`, 'an array', inputs, advice);
  if (Array.isArray(second)) throw wrongKind(`${method}: the second argument`, 'no array', second, advice);
  return sourcesOf(method, inputs as readonly Input<T>[]);
}

/** Inputs by their names. */
export function namedSourcesOf<T>(
  method: string,
  inputs: Readonly<Record<string, Input<T>>>,
): { keys: string[]; sources: Source<T>[] } {
  checkObject(`${method}: inputs`, inputs, 'an object of inputs');
  const keys = Object.keys(inputs);
  return { keys, sources: keys.map((key) => sourceOf(inputs[key]!, `${method}: input '${key}'`)) };
}
