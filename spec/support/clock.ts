import { jest } from '@jest/globals';

/** Lets a number of milliseconds of fake timers go by, and all that follows. */
export const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

/** The outcome under fake timers, however long that takes. */
export async function played<R>(outcome: Promise<R>): Promise<R> {
  outcome.catch(() => undefined);
  await jest.runAllTimersAsync();
  return outcome;
}
