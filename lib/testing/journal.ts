/** Who does something in a run. */
export type Lane = 'consumer' | 'source' | 'callback';

const LANES: readonly Lane[] = ['consumer', 'callback', 'source'];

/** Everything that happened in a run, in order. */
export class Journal {
  readonly #entries: [lane: Lane, text: string][] = [];

  add(lane: Lane, text: string): void {
    const last = this.#entries.at(-1);
    if (last?.[0] === lane) last[1] += ` ${text}`;
    else this.#entries.push([lane, text]);
  }

  /**
   * A line for each participant; time goes from left to right.
   *
   *     consumer  next          → 1  return        → end
   *     source          next → 1             close
   */
  draw(): string[] {
    const taking = LANES.filter((lane) => this.#entries.some(([of]) => of === lane));
    const name = Math.max(...taking.map((lane) => lane.length));
    return taking.map((lane) => {
      const cells = this.#entries.map(([of, text]) => (of === lane ? text : ' '.repeat(text.length)));
      return `${lane.padEnd(name)}  ${cells.join('  ')}`.trimEnd();
    });
  }
}

/** A value in a message: short, and never by calling anything of it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]') {
    const { name, message } = value as Error;
    return `${name}: ${message}`;
  }
  if (Object(value) !== value || typeof value === 'function') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
