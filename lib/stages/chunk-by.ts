import { checkFunction } from '../engine/arguments.ts';
import { ready } from '../engine/asking.ts';
import { same } from '../engine/same.ts';
import type { Stage } from '../engine/sink.ts';
import type { Fn } from '../types.ts';
import { splitting } from './chunk-when.ts';

/** Keys are compared as `Set` does. */
export function chunkBy<T>(key: Fn<T, unknown>): Stage<T, T[]> {
  checkFunction('chunkBy: key', key);
  return splitting(() => {
    let current: unknown;
    return (value, index, context) =>
      ready(key(value, index, context), (said) => {
        const changed = !same(said, current);
        current = said;
        return changed;
      });
  });
}
