import { checkCount } from '../engine/arguments.ts';
import { before, no, type Stage } from '../engine/sink.ts';
import { after } from '../engine/suspension.ts';

export function take<T>(count: number): Stage<T, T> {
  checkCount('take: count', count, 0, Infinity);
  return (next) => {
    let left = count;
    return before<T>(next, {
      push(value) {
        left--;
        const answer = next.push(value);
        // No with the last value, and not at the next one: the source is not asked for one too many.
        return left > 0 ? answer : after(answer, no);
      },
      done: () => left <= 0 || next.done(),
    });
  };
}
