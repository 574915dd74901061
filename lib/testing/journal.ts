import { describe } from '../errors.ts';

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

/** Arrays inside each other that are shown. An array may also contain itself. */
const MOST_DEPTH = 4;

/** A value in a message: short. It may be any value of the user, whose getters and `toJSON` are called, and may throw. */
export function show(value: unknown, depth = 0): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Object(value) !== value) return String(value);
  try {
    if (Array.isArray(value) && depth < MOST_DEPTH) {
      return `[${value.map((element) => show(element, depth + 1)).join(', ')}]`;
    }
    if (value instanceof Error || Object.prototype.toString.call(value) === '[object Error]') {
      const { name, message } = value as Error;
      return `${name}: ${message}`;
    }
    return JSON.stringify(value) ?? describe(value);
  } catch {
    return describe(value);
  }
}
