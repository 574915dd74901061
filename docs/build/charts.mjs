import { existsSync, readFileSync } from 'node:fs';

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

/**
 * The curves of bench/curves.json, which `node bench/curves.mjs` writes: nanoseconds per element, both axes logarithmic.
 * Nothing if they have not been measured.
 */
export function curvesOf(file) {
  if (!existsSync(file)) return '';
  const { node, date, curves } = JSON.parse(readFileSync(file, 'utf8'));
  return `<p>Written by node bench/curves.mjs on ${date} with Node ${node}.</p>\n\n${curves.map(curveChart).join('\n')}\n`;
}

function curveChart({ title, quantity, points, series }) {
  const [left, right, top, bottom] = [52, 306, 12, 150];
  const all = series.flatMap(({ ns }) => ns);
  const low = Math.floor(Math.log10(Math.min(...all)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...all))));
  const x = (index) => (left + ((right - left) * index) / (points.length - 1)).toFixed(1);
  const y = (ns) => (bottom - ((bottom - top) * (Math.log10(ns) - low)) / (high - low)).toFixed(1);
  const shapes = [];
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power);
    shapes.push(
      `<path class="grid" d="M${left} ${at}H${right}"/>`,
      `<text class="value" x="${left - 6}" y="${at}" dy="4" text-anchor="end">${power < 3 ? `${10 ** power} ns` : `${10 ** (power - 3)} µs`}</text>`,
    );
  }
  points.forEach((point, index) => {
    const text = point >= 1000 ? `10^${Math.log10(point)}` : point;
    shapes.push(`<text class="value" x="${x(index)}" y="${bottom + 18}" text-anchor="middle">${text}</text>`);
  });
  series.forEach(({ name, ns }, index) => {
    const kind = index === 0 ? 'hand' : 'ours';
    const line = ns.map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${y(value)}`).join('');
    shapes.push(
      `<path class="curve ${kind}" d="${line}"/>`,
      ...ns.map((value, i) => `<circle class="bar ${kind}" cx="${x(i)}" cy="${y(value)}" r="3"/>`),
      `<rect class="bar ${kind}" x="${left + index * 100}" y="${bottom + 30}" width="10" height="10" rx="2"/>`,
      `<text x="${left + index * 100 + 15}" y="${bottom + 39}">${escape(name)}</text>`,
    );
  });
  const told = series.map(({ name, ns }) => `${name} ${ns.map((value, i) => `${points[i]}: ${value} ns`).join(', ')}`);
  return (
    `<figure class="chart curves"><figcaption>${escape(title)}</figcaption>` +
    `<svg role="img" viewBox="0 0 320 ${bottom + 46}">` +
    `<title>${escape(`${title}, by ${quantity}: ${told.join('; ')}`)}</title>${shapes.join('')}</svg></figure>`
  );
}

/** The sizes in bench/sizes.json, which `node bench/sizes.mjs` writes, as two bar charts. */
export function sizesOf(file) {
  const { date, esbuild, task, sizes } = JSON.parse(readFileSync(file, 'utf8'));
  const chartOf = (title, key) =>
    barChart(
      title,
      sizes
        .filter((size) => size[key] !== undefined)
        .map(({ name, version, [key]: bytes }) => ({
          name: `${name} ${version}`,
          value: bytes,
          label: `${(bytes / 1000).toFixed(1)} kB`,
          kind: name === 'asyncstream' ? 'ours' : '',
        })),
    );
  return (
    `<p>Written by node bench/sizes.mjs on ${date} with esbuild ${esbuild}.</p>\n\n` +
    chartOf(`A program with one pipeline: ${task}`, 'pipeline') +
    chartOf('The whole package', 'whole')
  );
}

/** The table of the memory check in bench/results.md. */
export function memoryOf(file) {
  const text = readFileSync(file, 'utf8');
  const start = text.indexOf('## Memory\n');
  return start < 0 ? '' : text.slice(start + '## Memory\n'.length).trim();
}

/**
 * The picture of the README: each row of the first two speed tables as the ratio to the loop by hand. It stands alone, so
 * that it brings its colors, light and dark.
 */
export function pictureOf(file) {
  const rows = tablesIn(readFileSync(file, 'utf8'))
    .filter(({ header }) => header[0].startsWith('ns per element') && header.includes('by hand'))
    .slice(0, 2)
    .flatMap(({ header, rows: body }) => {
      const ours = header.indexOf('asyncstream');
      return body.map((cells) => ({ name: cells[0], ratio: Number(/\(([\d.]+)\)/.exec(cells[ours])?.[1]) }));
    })
    .map(({ name, ratio }) => ({ name: name.replaceAll('`', '').replace(/ \(by hand.*\)$/, ''), ratio }))
    .filter(({ ratio }) => ratio > 0)
    .toSorted((a, b) => a.ratio - b.ratio);
  const [left, bar, row, width] = [370, 330, 24, 760];
  const scale = bar / Math.max(...rows.map(({ ratio }) => ratio), 1);
  const bars = rows.map(({ name, ratio }, index) => {
    const y = index * row;
    const long = ratio * scale;
    // Not across the line of the loop by hand.
    const beside = left + long + 6;
    const at = beside < left + scale && beside + 32 > left + scale ? left + scale + 6 : beside;
    return (
      `<text x="${left - 10}" y="${y + 16}" text-anchor="end">${escape(name)}</text>` +
      `<rect x="${left}" y="${y + 4}" width="${long.toFixed(1)}" height="${row - 8}" rx="3"/>` +
      `<text x="${at.toFixed(1)}" y="${y + 16}">${ratio.toFixed(2)}</text>`
    );
  });
  const height = rows.length * row + 20;
  const one = left + scale;
  const style =
    'text{font:13px system-ui,sans-serif;fill:#1f2328}rect{fill:#0a7ea4}path{stroke:#c2410c;stroke-dasharray:4 3}' +
    '@media (prefers-color-scheme:dark){text{fill:#e6edf3}rect{fill:#38bdf8}path{stroke:#fb923c}}';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
    `<title>${escape(rows.map(({ name, ratio }) => `${name}: ${ratio}`).join(', '))}</title><style>${style}</style>${bars.join('')}` +
    `<path d="M${one.toFixed(1)} 0V${height - 18}"/><text x="${one.toFixed(1)}" y="${height - 4}" text-anchor="middle">by hand = 1.0</text></svg>\n`
  );
}

function chart(name, columns, cells) {
  const bars = columns
    .map((column, index) => ({ column, cell: cells[index] ?? '' }))
    .filter(({ column, cell }) => column === 'by hand' || /^[\d.]+ \([\d.]+\)$/.test(cell))
    .map(({ column, cell }) => {
      const value = Number.parseFloat(cell);
      const ratio = /\(([\d.]+)\)/.exec(cell)?.[1];
      return {
        name: column,
        value,
        label: ratio === undefined ? `${value} ns` : `${value} ns · ${ratio} ×`,
        kind: column === 'asyncstream' ? 'ours' : column === 'by hand' ? 'hand' : '',
      };
    });
  return barChart(name.replaceAll('`', ''), bars);
}

const ROW = 32;

/** Bars with their names and values above them. Lengths are percentages: a chart is as wide as its page. */
function barChart(title, bars) {
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ name, value, label, kind }, index) => {
    const y = index * ROW;
    const width = Math.max(0.5, (value / most) * 100);
    return (
      `<text x="0" y="${y + 13}"${kind === 'ours' ? ' class="marble-result"' : ''}>${escape(name)}</text>` +
      `<text class="value" x="100%" y="${y + 13}" text-anchor="end">${label}</text>` +
      `<rect class="track" x="0" y="${y + 18}" width="100%" height="7" rx="3.5"/>` +
      `<rect class="bar ${kind}" x="0" y="${y + 18}" width="${width.toFixed(1)}%" height="7" rx="3.5"/>`
    );
  });
  return (
    `<figure class="chart"><figcaption>${escape(title)}</figcaption>` +
    `<svg role="img" width="100%" height="${bars.length * ROW}">` +
    `<title>${escape(`${title}: ${bars.map(({ name, label }) => `${name} ${label}`).join(', ')}`)}</title>${rows.join('')}</svg></figure>\n`
  );
}
