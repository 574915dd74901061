/** The tables of the Markdown sources as data: the names that others use, and the table of decisions. */

/**
 * @param {string} text - Markdown
 * @returns {{ heading: string, header: string[], rows: string[][] }[]} its tables, with the heading above each
 */
export function tablesIn(text) {
  const tables = [];
  let heading = '';
  let current;
  for (const line of text.replaceAll(/^```.*?^```$/gms, '').split('\n')) {
    const title = /^#+ (.+)$/.exec(line);
    if (title !== null) heading = title[1];
    if (!line.startsWith('|')) {
      current = undefined;
      continue;
    }
    // A `\|` is no end of a cell.
    const cells = line
      .slice(1, line.trimEnd().endsWith('|') ? line.trimEnd().length - 1 : undefined)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
    if (current === undefined) tables.push((current = { heading, header: cells, rows: [] }));
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) current.rows.push(cells);
  }
  return tables;
}

/** The pieces of code in a cell. */
export const codesIn = (cell) => Array.from(cell.matchAll(/`+([^`]+)`+/g), ([, code]) => code.trim());

/**
 * The names that a piece of code calls: `AsyncStream.of(1).map(fn).take(2)` calls `of`, `map` and `take`. Nothing within
 * parentheses counts, which is code of the reader.
 */
export function callsIn(code) {
  let depth = 0;
  let outside = '';
  for (const character of code) {
    if (character === '(' && depth++ === 0) outside += '(';
    if (character === ')') depth--;
    else if (depth === 0) outside += character;
  }
  const calls = Array.from(outside.matchAll(/(?:^|\.)(\w+)\(/g), ([, name]) => name);
  return calls.length > 0
    ? calls
    : Array.from(outside.matchAll(/^(?:AsyncStream\.|collectors\.|\.)?([a-z]\w*)$/g), ([, name]) => name);
}

/** The name that a reader looks for, from what stands in the first column: `Stream.mapEffect(f)` is `mapEffect`. */
export function nameIn(code) {
  const [word] = /[\w$.]+/.exec(code.replace(/^(?:await|await using|for await|async|import)\s+/, '')) ?? [];
  const name = word?.split('.').filter(Boolean).at(-1);
  return name && /[a-z]{2}/i.test(name) ? name : undefined;
}
