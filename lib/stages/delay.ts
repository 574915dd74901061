import { checkDuration } from '../arguments.ts';
import { step } from '../engine/core/fused-steps.ts';
import type { Stage } from '../engine/core/sink.ts';
import { sleep } from '../engine/time/timer.ts';

export function delay<T>(milliseconds: number): Stage<T, T> {
  checkDuration('delay: milliseconds', milliseconds);
  return step('tap', (scope) => () => sleep(milliseconds, scope));
}
