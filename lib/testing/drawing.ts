import { describe } from '../errors.ts';

/** Everything that happens at one step of a drawing. */
export interface Moment {
  readonly values: string[];
  /** `|`, or `^` for the failure that sources draw, or `^(…)` for any other error. */
  end?: string;
}

/** Reads a drawing: each character is one step, and the first one is that of the first pull. */
export function momentsOf(drawing: string): Moment[] {
  const moments: Moment[] = [];
  let group: Moment | undefined;
  const unknown = () => new SyntaxError(`timeline: '${drawing}' is not a drawing`);
  for (const [token, value, failure] of drawing.matchAll(/\(([^()]+)\)|[\^#](\([^()]+\))|[^ ;]/g)) {
    const moment = group ?? { values: [] };
    if (moments.at(-1)?.end !== undefined && token !== ']') throw unknown();
    if (token === ']' && group !== undefined) {
      group = undefined;
      continue;
    }
    if (group === undefined) moments.push(moment);
    if (token === '[' && group === undefined) group = moment;
    else if (token === '|') moment.end = '|';
    else if (token === '^' || token === '#') moment.end = '^';
    else if (failure !== undefined) moment.end = `^${failure}`;
    else if (value !== undefined || /^\w$/.test(token)) moment.values.push(value ?? token);
    else if (token !== '-' || group !== undefined) throw unknown();
  }
  if (group !== undefined) throw unknown();
  return moments;
}

/** The only way to draw a moment. */
function drawMoment({ values, end = '' }: Moment): string {
  const tokens = values.map((value) => (/^\w$/.test(value) ? value : `(${value})`)).join('') + end;
  const alone = values.length + (end === '' ? 0 : 1) === 1;
  return alone ? tokens : tokens === '' ? '-' : `[${tokens}]`;
}

export function draw(moments: readonly Moment[]): string {
  return moments.map(drawMoment).join('');
}

/** An element as it is drawn. An array is drawn as its elements, one after the other. */
export function drawValue(value: unknown): string {
  const text = Array.isArray(value) ? value.map(drawValue).join('') : textOf(value);
  return text.replaceAll(/[()]/g, '') || "''";
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    // Without a prototype, as the groups of a regular expression are.
    return describe(value);
  }
}

/** Lines of moments, one below the other, with each step in a column of its own. */
export function drawAligned(rows: readonly (readonly [name: string, moments: readonly Moment[]])[]): string[] {
  const names = Math.max(...rows.map(([name]) => name.length));
  const steps = Math.max(...rows.map(([, moments]) => moments.length));
  const widths = Array.from({ length: steps }, (_, step) =>
    Math.max(...rows.map(([, moments]) => (moments[step] === undefined ? 0 : drawMoment(moments[step]).length))),
  );
  return rows.map(([name, moments]) => {
    const columns = moments.map((moment, step) => drawMoment(moment).padEnd(widths[step]!));
    return `${name.padEnd(names)}  ${columns.join('')}`.trimEnd();
  });
}
