import { readFileSync } from 'node:fs';

import { escape } from './drawings.mjs';
import { tablesIn } from './tables.mjs';

/**
 * The speed tables of bench/results.md as bar charts, one for each row: nanoseconds per element, less is better. A number
 * that has a ratio in brackets, and the first column, belong to a competitor.
 */
export function chartsOf(file) {
  const text = readFileSync(file, 'utf8');
  const written = /^Written by .+?\.(?= |\n)/m.exec(text)?.[0].replaceAll('`', '') ?? '';
  const charts = tablesIn(text)
    .filter(({ header }) => header[0].startsWith('ns per element') && header.includes('by hand'))
    .flatMap(({ header, rows }) => rows.map(([name, ...cells]) => chart(name, header.slice(1), cells)));
  return `<p>${escape(written)}</p>\n\n${charts.join('\n')}\n`;
}

const [LABEL, BAR, ROW, WIDTH] = [150, 330, 24, 600];

function chart(name, columns, cells) {
  const bars = columns
    .map((column, index) => ({ column, cell: cells[index] ?? '' }))
    .filter(({ column, cell }) => column === 'by hand' || /^[\d.]+ \([\d.]+\)$/.test(cell))
    .map(({ column, cell }) => ({ column, value: Number.parseFloat(cell), ratio: /\(([\d.]+)\)/.exec(cell)?.[1] }));
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ column, value, ratio }, index) => {
    const y = index * ROW;
    const kind = column === 'asyncstream' ? ' ours' : column === 'by hand' ? ' hand' : '';
    const width = Math.max(2, (value / most) * BAR);
    const label = ratio === undefined ? `${value} ns` : `${value} ns · ${ratio} ×`;
    return (
      `<text x="${LABEL - 8}" y="${y + 15}" text-anchor="end">${escape(column)}</text>` +
      `<rect class="bar${kind}" x="${LABEL}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="3"/>` +
      `<text class="value" x="${(LABEL + width + 6).toFixed(1)}" y="${y + 15}">${label}</text>`
    );
  });
  const title = name.replaceAll('`', '');
  return (
    `<figure class="chart"><figcaption>${escape(title)}</figcaption>` +
    `<svg role="img" viewBox="0 0 ${WIDTH} ${bars.length * ROW}" width="${WIDTH}" height="${bars.length * ROW}">` +
    `<title>${escape(`${title}: ${bars.map(({ column, value }) => `${column} ${value} ns`).join(', ')}`)}</title>${rows.join('')}</svg></figure>\n`
  );
}
