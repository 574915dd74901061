import { jest } from '@jest/globals';
import { idle } from './turns.ts';

/** Lets fake time pass until it has settled. */
export async function later<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const note = () => (settled = true);
  promise.then(note, note);
  for (let turns = 0; !settled; turns++) {
    if (turns === 1000) throw new Error('nothing went on');
    await jest.advanceTimersByTimeAsync(10);
    await idle();
  }
  return promise;
}

/** Lets a number of milliseconds of fake timers go by, and all that follows. */
export const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

/** The outcome under fake timers, however long that takes. */
export async function played<R>(outcome: Promise<R>): Promise<R> {
  outcome.catch(() => undefined);
  await jest.runAllTimersAsync();
  return outcome;
}
