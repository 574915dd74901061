import type { AsyncStream } from '../../lib/index.ts';

/** The result of an iterator that has ended. */
export const DONE = { done: true, value: undefined };

export const iterate = <T>(stream: AsyncStream<T>) => stream[Symbol.asyncIterator]();

export const never = (): Promise<never> => new Promise(() => undefined);

/** Throws as an expression. */
export function thrown(error: unknown): never {
  throw error;
}
