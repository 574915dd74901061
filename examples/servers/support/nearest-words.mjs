// The task of a thread: finds the nearest word of the dictionary for each of some words. It is JavaScript, since a thread
// of Node 20 cannot load TypeScript.
import Tinypool from 'tinypool';

/** @type {readonly string[]} */
const dictionary = Tinypool.workerData;

/** @param {readonly string[]} words */
export default function nearestWords(words) {
  return words.map((word) => ({ word, nearest: nearest(word) }));
}

function nearest(word) {
  let best = '';
  let least = Infinity;
  for (const candidate of dictionary) {
    const edits = distance(word, candidate);
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** The number of characters to insert, delete or replace (Levenshtein). */
function distance(a, b) {
  const row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = Math.min(replaced, diagonal + 1, row[j - 1] + 1);
    }
  }
  return row[b.length];
}
