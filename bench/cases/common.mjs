/**
 * @typedef {object} Row
 * @property {string} name short name, for `--rows`
 * @property {string} title as in the table
 * @property {number} bar at most so many times the hand-written loop
 * @property {number} aim what to try for
 * @property {Record<string, () => Promise<unknown>>} competitors `by hand`, `asyncstream` and the peers that offer it
 */

export const ELEMENTS = 200_000;
export const PAGE = 100;

export async function* numbers() {
  for (let i = 0; i < ELEMENTS; i++) yield i;
}

/** Pages as a server would answer them: each one a new array, made when it is asked for. */
export async function* pages() {
  for (let start = 0; start < ELEMENTS; start += PAGE) {
    const page = [];
    for (let i = 0; i < PAGE; i++) page.push(start + i);
    yield page;
  }
}

export const increment = (x) => x + 1;
export const incrementLater = async (x) => x + 1;
export const isEven = (x) => x % 2 === 0;
export const triple = (x) => x * 3;
export const add = (a, b) => a + b;
export const itself = (x) => x;
export const zero = () => 0;
