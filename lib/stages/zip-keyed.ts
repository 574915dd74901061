import { checkObject, optionsOf } from '../arguments.ts';
import { namedSourcesOf } from './support/inputs.ts';
import type { Source } from '../engine/core/source.ts';
import type { Input } from '../types.ts';
import { checkMode, rows, type ZipOptions } from './zip.ts';

export function zipKeyed<T>(
  inputs: Readonly<Record<string, Input<T>>>,
  options?: ZipOptions<Readonly<Record<string, T>>>,
): Source<Record<string, T>> {
  const { keys, sources } = namedSourcesOf('zipKeyed', inputs);
  const checks = { mode: checkMode, padding: checkObject };
  const { mode = 'shortest', padding = {} } = optionsOf('zipKeyed', options, checks);
  return rows(sources, {
    method: 'zipKeyed',
    mode,
    padding: keys.map((key) => (Object.hasOwn(padding, key) ? padding[key] : undefined) as T),
    shape(row) {
      // Without a prototype, as in TC39's: a key may be `__proto__`.
      const keyed = Object.create(null) as Record<string, T>;
      row.forEach((value, index) => (keyed[keys[index]!] = value));
      return keyed;
    },
  });
}
