import { checkNumber } from '../arguments.ts';

export function range(start: number, end?: number, step = 1): Iterable<number> {
  checkNumber('range: start', start, 'a finite number', Number.isFinite);
  checkNumber('range: step', step, 'a finite number other than 0', (number) => Number.isFinite(number) && number !== 0);
  if (end !== undefined) checkNumber('range: end', end, 'a number', (number) => !Number.isNaN(number));
  const stop = end ?? step * Infinity;
  return { [Symbol.iterator]: () => numbers(start, stop, step) };
}

/** A function of its own: V8 would start without optimized code for one that is made for each range. */
function* numbers(start: number, stop: number, step: number): Generator<number, void> {
  // Multiplied, not added up: no rounding error grows with the count.
  for (let count = 0, value = start; step > 0 ? value < stop : value > stop; value = start + ++count * step)
    yield value;
}
