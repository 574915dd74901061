/**
 * @typedef {object} Row
 * @property {string} name short name, for `--rows`
 * @property {string} title as in the table
 * @property {number} [bar] the largest ratio to the baseline that is good enough
 * @property {number} [aim] the ratio to try for
 * @property {string} [baseline] the competitor that bar and aim refer to: by default `by hand`
 * @property {number} [lead] how many times as fast as each peer it should be: by default 1
 * @property {number} [elements] how many elements, or runs, one sample takes: by default `ELEMENTS`
 * @property {Record<string, () => Promise<unknown>>} competitors `by hand`, `asyncstream` and the peers that offer it
 */

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {string} unit the unit of its figures
 * @property {boolean} [alone] whether each row is also measured in a process of its own
 * @property {Row[]} rows
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

/** Fewer, for what needs a turn of the event loop for each. */
export async function* someNumbers() {
  for (let i = 0; i < someNumbers.count; i++) yield i;
}
someNumbers.count = ELEMENTS / 4;

/** What a callback waits for that does nothing but wait. */
export const turn = (x) => new Promise((resolve) => setImmediate(resolve, x));

export const increment = (x) => x + 1;
export const incrementLater = async (x) => x + 1;
export const isEven = (x) => x % 2 === 0;
export const triple = (x) => x * 3;
export const add = (a, b) => a + b;
export const itself = (x) => x;
export const zero = () => 0;
