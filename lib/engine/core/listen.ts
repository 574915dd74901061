import type { SignalLike } from '../../types.ts';
import type { Closable, Scope } from './scope.ts';

/** Calls `use` when the signal aborts, unless the run has ended before: one listener per run, removed at its end. */
export function onAbort(signal: SignalLike, scope: Pick<Scope, 'add'>, use: () => void): Closable {
  const close = () => signal.removeEventListener('abort', use);
  const listening = { close };
  signal.addEventListener('abort', use);
  scope.add(listening);
  return listening;
}
