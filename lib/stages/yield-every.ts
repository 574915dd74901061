import { checkAmount } from '../arguments.ts';
import { macrotask } from '../engine/time/turns.ts';
import type { Stage } from '../engine/core/sink.ts';
import { step } from '../engine/core/fused-steps.ts';

export function yieldEvery<T>(milliseconds = 5): Stage<T, T> {
  checkAmount('yieldEvery: milliseconds', milliseconds);
  return step('tap', (scope) => {
    let last = performance.now();
    return () => {
      if (performance.now() - last <= milliseconds) return undefined;
      return macrotask(scope).then(() => {
        last = performance.now();
      });
    };
  });
}
