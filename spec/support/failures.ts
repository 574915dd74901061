import { touchy } from './values.ts';

const wanted = new Error('wanted');

/** Callbacks that fail, each in another way, and what they fail with. */
export const failures: [how: string, fail: () => never, error: unknown][] = [
  ['throws an error', thrower(wanted), wanted],
  ['rejects with an error', rejecter(wanted), wanted],
  ['throws undefined', thrower(undefined), undefined],
  ['rejects with undefined', rejecter(undefined), undefined],
  ['throws false', thrower(false), false],
  ['rejects with an empty string', rejecter(''), ''],
  ['throws an object that refuses to say what it is', thrower(touchy), touchy],
];

function thrower(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** Its type is that of the other, so that both fit wherever a callback is taken. */
function rejecter(error: unknown): () => never {
  return (() => Promise.reject(error)) as () => never;
}

/** The error with which a call is refused, as text: `RangeError: take: count must be …`. */
export function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return 'not refused';
}
