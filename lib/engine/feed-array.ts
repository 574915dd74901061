import type { Sink } from './sink.ts';
import { after, type Answer, whenReady } from './suspension.ts';

/** Without an iterator, and without any allocation while the sink answers at once. Promises are awaited. */
export function feedArray<T>(array: readonly (T | PromiseLike<T>)[], next: Sink<T>, from = 0): Answer {
  for (let index = from; index < array.length; index++) {
    const answer = whenReady(array[index]!, next.push);
    if (answer !== true) return answer && after(answer, (wanted) => wanted && feedArray(array, next, index + 1));
  }
  return true;
}
