import type { Call } from '../engine/core/trace.ts';

/** The label that `named()` gave last. */
export function labelOf(call: Call | undefined): string | undefined {
  for (; call !== undefined; call = call.upstream) if (call.method === 'named') return call.args[0] as string;
  return undefined;
}

/** The fields that have a value. */
export function present<R extends object>(fields: { readonly [Name in keyof R]: R[Name] | undefined }): R {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as R;
}

const LONGEST_CALLBACK = 40;

/** The name of a callback, or its shortened source if it has none. */
export function callbackOf({ args }: Pick<Call, 'args'>): string | undefined {
  const fn = args.find((arg) => typeof arg === 'function');
  if (fn === undefined) return undefined;
  if (fn.name !== '') return fn.name;
  const source = Function.prototype.toString.call(fn).replace(/\s+/g, ' ');
  return source.length > LONGEST_CALLBACK ? `${source.slice(0, LONGEST_CALLBACK - 1)}…` : source;
}
