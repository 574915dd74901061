/**
 * Time drawings, as in the comments of lib/ and in ```drawing blocks, and the marble diagrams made of them. The specs run
 * each drawing in virtual time and compare it, so a diagram shows a real run.
 */

/** One line of a drawing: its label (a source or an expression), and the moments after it. */
const LINE = /^(\S.*?) +(\S+)$/;
/** The last word of each line of a drawing has only these characters. */
const DRAWN = /^[\p{L}\p{N}_()[\]|^#;-]+$/u;

const STEP = 26;
const LEFT = 18;
const RADIUS = 11;
const LINE_HEIGHT = 18;
/** The width of a character of a label. */
const CHARACTER = 7.9;

/**
 * @param {string} text - lines of a drawing
 * @param {number} [least] - the number of rows that it has at least
 * @returns {{ label: string, drawing: string }[] | undefined} its rows; undefined if it is something else
 */
export function rowsOf(text, least = 2) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.map((line) => LINE.exec(line.trim())).filter((match) => match !== null && DRAWN.test(match[2]));
  if (rows.length < least || rows.length < lines.length || !rows.some(([, label]) => label.endsWith(')')))
    return undefined;
  return rows.map(([, label, drawing]) => ({ label, drawing }));
}

/** @param {string} drawing - moments, such as `a-[bc]-|` */
export function momentsOf(drawing) {
  const moments = [];
  let group;
  for (const [token] of drawing.replaceAll(';', '').matchAll(/\([^()]+\)|./g)) {
    if (token === ']') {
      group = undefined;
      continue;
    }
    const moment = group ?? { values: [], end: undefined };
    if (group === undefined) moments.push(moment);
    if (token === '[') group = moment;
    else if (token === '|') moment.end = 'end';
    else if (token === '^' || token === '#') moment.end = 'error';
    else if (token !== '-') moment.values.push(token.replaceAll(/[()]/g, ''));
  }
  return moments;
}

/**
 * An SVG that takes its colors from the page.
 *
 * @param {string} text - lines of a drawing
 * @param {{ label: string, drawing: string }[]} rows - the same, parsed
 */
export function diagramOf(text, rows) {
  const parsed = rows.map(({ label, drawing }) => ({ label, moments: momentsOf(drawing) }));
  const steps = Math.max(...parsed.map(({ moments }) => moments.length));
  const wide = Math.max(...parsed.flatMap(({ moments }) => moments.flatMap(({ values }) => values.map(widthOf))));
  const step = Math.max(STEP, wide + 4);
  const labels = new Map(parsed.map(({ label }) => [label, linesOf(label, Math.max(40, (steps * step) / CHARACTER))]));
  const longest = Math.max(
    ...Array.from(labels.values())
      .flat()
      .map((line) => line.length),
  );
  const width = Math.max(LEFT * 2 + steps * step, longest * CHARACTER + 16);
  const shapes = [];
  let y = 0;
  for (const { label, moments } of parsed) {
    const isResult = label.endsWith(')');
    const depth = Math.max(1, ...moments.map(({ values }) => values.length));
    for (const line of labels.get(label)) {
      const kind = isResult ? 'marble-result' : 'marble-source';
      shapes.push(`<text class="${kind}" x="8" y="${y + 13}" xml:space="preserve">${escape(line)}</text>`);
      y += LINE_HEIGHT;
    }
    const axis = y + 4 + RADIUS;
    const ended = moments.findIndex(({ end }) => end !== undefined);
    const last = LEFT + (ended < 0 ? steps : ended) * step;
    shapes.push(`<path class="marble-axis" d="M${LEFT - 10} ${axis}H${ended < 0 ? last - 4 : last}"/>`);
    if (ended < 0) shapes.push(`<path class="marble-axis" d="m${last - 10} ${axis - 5} 6 5-6 5"/>`);
    moments.forEach(({ values, end }, index) => {
      const x = LEFT + index * step;
      // The end stands to the right of the elements that come at the same time.
      const at = values.length > 0 ? x + Math.max(...values.map(widthOf)) / 2 + 5 : x;
      if (end === 'end') shapes.push(`<path class="marble-end" d="M${at} ${axis - RADIUS}v${2 * RADIUS}"/>`);
      if (end === 'error') shapes.push(`<path class="marble-error" d="m${at - 6} ${axis - 6} 12 12m0-12-12 12"/>`);
      values.forEach((value, stacked) => {
        const w = widthOf(value);
        const cy = axis + stacked * (2 * RADIUS + 2);
        shapes.push(
          `<rect class="marble m${hue(value)}" x="${x - w / 2}" y="${cy - RADIUS}" width="${w}" height="${2 * RADIUS}" rx="${RADIUS}"/>`,
          `<text class="marble-value" x="${x}" y="${cy + 4.5}">${escape(value)}</text>`,
        );
      });
    });
    y += 4 + depth * (2 * RADIUS + 2) + 10;
  }
  return (
    `<figure class="drawing"><svg role="img" viewBox="0 0 ${Math.ceil(width)} ${y}" width="${Math.ceil(width)}" height="${y}">` +
    `<title>${escape(text.trim())}</title>${shapes.join('')}</svg></figure>\n`
  );
}

/** A label in lines of at most `width` characters, if it can be broken there. */
function linesOf(label, width) {
  const pieces = piecesOf(label, 1).flatMap((piece) => (piece.length > width ? piecesOf(piece, Infinity) : [piece]));
  const lines = [''];
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line.trim() === '' || line.length + piece.trimEnd().length <= width) lines[lines.length - 1] += piece;
    else lines.push(`  ${piece}`);
  }
  return lines;
}

/** A label, broken before calls, and after commas, arrows and braces, that stand within at most `depth` parentheses. */
function piecesOf(label, depth) {
  const pieces = [];
  let from = 0;
  let open = 0;
  for (const { 0: text, index } of label.matchAll(/[([{]|[)\]}]|, |=> |\.(?=[a-z]\w*\()/g)) {
    if (/[([{]/.test(text)) open++;
    else if (/[)\]}]/.test(text)) open--;
    else if (open <= depth) {
      const at = text === '.' ? index : index + text.length;
      pieces.push(label.slice(from, at));
      from = at;
    }
  }
  return [...pieces, label.slice(from)].filter(Boolean);
}

const widthOf = (value) => Math.max(2 * RADIUS, value.length * 8.4 + 10);
const hue = (value) => value.charCodeAt(0) % 6;
export const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
