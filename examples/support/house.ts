// Stands in for the sensors of a house, which emit 'reading' whenever something happens.
import { EventEmitter } from 'node:events';
import { setImmediate as aWhile } from 'node:timers/promises';

export const sensors = {
  door: new EventEmitter<{ reading: [string] }>(),
  kitchen: new EventEmitter<{ reading: [string] }>(),
  stairs: new EventEmitter<{ reading: [string] }>(), // emits nothing
};

/** Lets the sensors emit what happens in the house. */
export async function live(): Promise<void> {
  const readings = [
    ['kitchen', '19°'],
    ['door', 'opened'],
    ['door', 'closed'],
    ['kitchen', '18°'],
    ['door', 'locked'],
    ['kitchen', '17°'],
  ] as const;
  for (const [name, reading] of readings) {
    await aWhile();
    sensors[name].emit('reading', reading);
  }
}
